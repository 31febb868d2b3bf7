"""Every list and report as CSV, by one way, and no list without it."""

import csv
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.app import create_app, routes
from api.listed import listed_by
from api.tables import Tables
from store.registry import AgreementRegistry
from tests.api.people import Office, office, request
from tests.api.test_results import told
from tests.conftest import fresh, settings_for
from tests.store.test_registry import registration

AGREEMENT = "/registry/SLA-2026-0002"
HELD = {"registry_no": "SLA-2026-0002", "target": "response", "period": "2026-04", "case_id": "", "number": "1"}


@pytest.fixture
async def april(tmp_path: Path) -> AsyncIterator[Office]:
    """The bank's agreement and twelve tickets of April, some late; a case that was asked for."""
    database = await fresh(tmp_path)
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-05-04T09:00+02:00") as people:
        for number in range(12):
            await people.api.post(*told(number, "warsaw", 30 if number < 9 else 241), batch=True)
        await people.api.post(request("CRM-1"))
        yield people
    await database.close()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


async def table(people: Office, person: str, path: str, **params: Any) -> list[dict[str, str]]:
    answer = await people.get(person, path, form="csv", **params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"].endswith('.csv"')
    return rows_of(answer.text)


def test_no_list_is_without_its_table(tmp_path: Path) -> None:
    document = create_app(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"), None).openapi()
    lists = {
        path
        for path, verbs in document["paths"].items()
        if "get" in verbs and (content := verbs["get"]["responses"]["200"].get("content", {}).get("application/json"))
        if is_list(content["schema"], document["components"]["schemas"])
    }
    with_table = {
        path
        for path, verbs in document["paths"].items()
        if "text/csv" in verbs.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    }

    assert len(lists) > 15
    assert lists - with_table == set()
    assert all({"form", "part", "bom"} <= {each["name"] for each in document["paths"][path]["get"]["parameters"]} for path in with_table)


def is_list(schema: dict[str, Any], known: dict[str, Any]) -> bool:
    """An answer that is an array of objects, or holds one."""
    schema = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    fields = [schema, *schema.get("properties", {}).values()]
    return any(field.get("type") == "array" and ("$ref" in field["items"] or field["items"].get("type") == "object") for field in fields)


async def test_every_list_the_slm_manager_sees_has_the_rows_of_its_json(april: Office) -> None:
    [case] = (await april.get("M1", "/cases")).json()["cases"]
    names = HELD | {"case_id": case["case_id"]}
    seen = 0
    for route in (each for each in routes() if isinstance(each, APIRoute) and "GET" in (each.methods or ())):
        listed = listed_by(route.endpoint)
        if listed is None or listed.whole is not None:
            continue
        path = route.path_format.format_map(_Filled(names))
        params = {"period": "2026-04"} if "period" in route.endpoint.__annotations__ else {}
        params |= {"agreement": "SLA-2026-0002"} if path == "/replans" else {}
        params |= {"registry_no": "SLA-2026-0002", "target": "response"} if path in {"/kpis", "/measurements"} else {}
        answer = await april.get("M1", path, **params)
        if answer.status_code != 200:
            assert (await april.get("M1", path, **params, form="csv")).status_code == answer.status_code
            continue
        value = answer.json()
        for part in listed.parts if listed.parts is not None else ():
            rows = value[part] if part else value
            found = await table(april, "M1", path, **params, **({"part": part} if part else {}))
            assert len(found) == len(rows), path
            assert all(row.keys() <= {name.partition(".")[0].lstrip("'") for name in found[0]} for row in rows), path
            seen += 1

    assert seen > 25


class _Filled(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "none"


async def test_a_table_is_cut_off_where_it_is_asked_to_be_and_says_so(april: Office) -> None:
    first = await table(april, "M1", "/tickets", limit=5)
    note = first[-1]["ticket"]
    rest = await table(april, "M1", "/tickets", after=note.rpartition("after=")[2])

    assert note.startswith("CUT OFF after 5 rows; the rest, if there is more: after=")
    assert len({row["ticket"] for row in [*first[:-1], *rest]}) == 12


class Numbered(BaseModel):
    number: int


class NumberPage(BaseModel):
    numbers: list[Numbered]
    next: int | None


@pytest.fixture
async def numbers() -> AsyncIterator[httpx2.AsyncClient]:
    """Lists of 250 numbers: one by pages, one that gives five at most, one that breaks on its second page."""
    router = APIRouter()

    @router.get("/pages")
    async def pages(limit: Annotated[int, Query(ge=1, le=100)] = 50, after: int = 0) -> NumberPage:
        found = [Numbered(number=number) for number in range(after + 1, min(after + limit, 250) + 1)]
        return NumberPage(numbers=found, next=found[-1].number if len(found) == limit else None)

    @router.get("/few")
    async def few(limit: Annotated[int, Query(ge=1, le=5)] = 2) -> list[Numbered]:
        return [Numbered(number=number) for number in range(limit)]

    @router.get("/breaks")
    async def breaks(after: int = 0) -> NumberPage:
        if after:
            raise HTTPException(503)
        return NumberPage(numbers=[Numbered(number=1)], next=1)

    app = FastAPI()
    app.include_router(router)
    app.add_middleware(Tables, routes=router.routes)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http:
        yield http


async def test_all_pages_come_as_one_table(numbers: httpx2.AsyncClient) -> None:
    rows = (await numbers.get("/pages", params={"form": "csv"})).text.split()

    assert rows == ["number", *map(str, range(1, 251))]


@pytest.mark.parametrize(("limit", "last"), [(250, "after=250"), (249, "after=249"), (100, "after=100"), (1, "after=1"), (251, "250")])
async def test_a_table_says_where_it_was_cut_off(numbers: httpx2.AsyncClient, limit: int, last: str) -> None:
    rows = (await numbers.get("/pages", params={"form": "csv", "limit": str(limit)})).text.splitlines()

    assert rows[-1].strip('"').endswith(last)
    assert len(rows) == 1 + min(limit, 250) + ("CUT OFF" in rows[-1])


async def test_a_list_that_cannot_go_on_says_that_there_may_be_more(numbers: httpx2.AsyncClient) -> None:
    full, one = [(await numbers.get("/few", params={"form": "csv", **more})).text.splitlines() for more in ({}, {"limit": "1"})]

    assert full == ["number", "0", "1", "2", "3", "4", '"CUT OFF after 5 rows, the most this list gives; there may be more"']
    assert one == ["number", "0", '"CUT OFF after 1 rows, the most this list gives; there may be more"']


async def test_a_list_that_breaks_on_the_way_breaks_the_answer(numbers: httpx2.AsyncClient) -> None:
    with pytest.raises(RuntimeError, match="does not go on after 1"):
        await numbers.get("/breaks", params={"form": "csv"})


async def test_what_a_customer_sees_as_csv_is_what_they_see(april: Office) -> None:
    assert {row["registry_no"] for row in await table(april, "B1", "/registry")} == {"SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003"}
    assert await table(april, "K1", "/registry") == []
    assert (await april.get("K1", f"{AGREEMENT}/results", period="2026-04", form="csv")).status_code == 404
    assert (await april.get(None, "/registry", form="csv")).status_code == 401
    assert (await april.get("B1", "/coverage", form="csv")).status_code == 403


async def test_cases_of_a_kind_are_a_list_of_their_own(april: Office) -> None:
    assert len(await table(april, "M1", "/cases", kind="AGREEMENT")) == 1
    assert await table(april, "M1", "/cases", kind="CHANGE") == []
    assert await table(april, "B1", "/cases", kind="CHANGE") == []
    assert len(await table(april, "B1", "/cases", kind="AGREEMENT")) == 1


async def test_the_parts_of_an_answer_each_have_a_table(april: Office) -> None:
    [target] = await table(april, "B1", f"{AGREEMENT}/results", period="2026-04")
    [credit] = await table(april, "B1", f"{AGREEMENT}/results", period="2026-04", part="credits")
    wrong = await april.get("B1", f"{AGREEMENT}/results", period="2026-04", part="costs", form="csv")

    assert (target["target"], target["met"], target["breached"]) == ("response", "9", "3")
    assert (credit["target"], credit["currency"]) == ("response", "PLN")
    assert (wrong.status_code, "targets, credits" in wrong.json()["detail"]) == (422, True)


async def test_reports_and_charts_have_tables_of_their_own(april: Office) -> None:
    report = await april.get("M1", f"{AGREEMENT}/reports/2026-04", **{"as": "csv"})
    same = await april.get("M1", f"{AGREEMENT}/reports/2026-04", form="csv")
    chart = await table(april, "M1", f"{AGREEMENT}/slam", until="2026-04")

    assert [row for row in rows_of(report.text) if row["figure"] != "as_of"] == [
        row for row in rows_of(same.text) if row["figure"] != "as_of"
    ]
    assert {row["target"] for row in chart} == {"response"}
    assert "2026-04" in {row["period"] for row in chart}
    assert {row["period"]: row["reason"] for row in chart}["2026-04"] == "NOT_CLOSED"


async def test_a_header_asks_too_and_a_byte_order_mark_comes_where_it_is_wanted(april: Office) -> None:
    headers = {"authorization": f"Bearer {april.tokens['M1']}", "accept": "text/csv"}
    plain = await april.api.http.get("/risks", headers=headers)
    marked = await april.get("M1", "/risks", form="csv", bom="true")
    one = await april.api.http.get(AGREEMENT, headers=headers)

    assert plain.headers["content-type"].startswith("text/csv")
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert one.headers["content-type"] == "application/json", "one thing is no table"
    assert (await april.get("M1", AGREEMENT, form="csv")).status_code == 422
    assert (await april.get("M1", "/risks", form="csv", limit="many")).status_code == 422


async def test_what_the_crm_wrote_runs_nowhere(april: Office) -> None:
    created, answered = told(77, "warsaw", 30)
    created["data"]["priority"] = '=HYPERLINK("http://x")'
    created["data"]["customer"] = "@SUM(1+1)"
    taken = await april.api.post(created, answered, batch=True)
    assert taken.status_code == 202, taken.text
    found = await april.get("M1", "/tickets", form="csv")

    assert "'=HYPERLINK" in found.text
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(StringIO(found.text)) for cell in row)
