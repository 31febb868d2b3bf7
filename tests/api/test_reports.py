"""Charts and reports of the bank's April: the numbers of the results, made from a version, the same whenever they are asked for."""

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import event as listened

from connectors.readable.report import readable_report
from connectors.readable.words import Words, phrases_of
from connectors.report_csv import report_csv
from domain.service_report import ServiceReport
from store.database import Database
from store.follow_ups import FollowUpStore
from tests.api.bank_april import OPENED, bank_april, told
from tests.api.browsers import Browser
from tests.api.people import Office
from tests.conftest import EXAMPLES, event
from tests.domain.follow_up_stories import PLAN_CONTENT, FollowUpStory, credit, plan
from tests.schemas import misfits

AGREEMENT = "/registry/SLA-2026-0002"
SECTIONS = ("targets", "breaches", "workload", "supports", "satisfaction", "credits", "trend", "improvement")
SCHEMA = json.loads((EXAMPLES / "report.schema.json").read_text(encoding="utf-8"))


def handed_over(number: int, minutes: int) -> list[dict[str, Any]]:
    """A ticket the desk held for 50 minutes, then the field team until it was answered."""
    name = f"held-{number}"
    created = event("created", OPENED.isoformat(), name, customer="Bank Narew S.A.", service="MPS", site="warsaw", held_by="Service desk")
    handed = event("changed", (OPENED + timedelta(minutes=50)).isoformat(), name, held_by="Field service Warsaw")
    return [created, handed, event("milestone", (OPENED + timedelta(minutes=minutes)).isoformat(), name, milestone="RESPONDED")]


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    """SC-1's April with two tickets more that were handed over, of which one was late."""
    async with bank_april(database, supported=True) as people:
        await people.api.post(*handed_over(1, 260), batch=True)
        await people.api.post(*handed_over(2, 200), batch=True)
        yield people


async def close(people: Office, period: str = "2026-04") -> dict[str, Any]:
    answer = await people.send("M1", f"{AGREEMENT}/periods/{period}/close")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def report(people: Office, period: str = "2026-04", person: str = "M1", **asked: Any) -> dict[str, Any]:
    answer = await people.get(person, f"{AGREEMENT}/reports/{period}", **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def results(people: Office, period: str = "2026-04") -> dict[str, Any]:
    return dict((await people.get("M1", f"{AGREEMENT}/results", period=period)).json())


@pytest.mark.parametrize("is_closed", [True, False])
async def test_a_report_is_as_its_schema_says_and_has_the_numbers_of_the_results(april: Office, is_closed: bool) -> None:  # noqa: FBT001
    if is_closed:
        await close(april)
    found, figures = await report(april), await results(april)

    assert list(misfits(found, SCHEMA, SCHEMA)) == []
    assert set(SECTIONS) <= found.keys()
    assert [{name: each[name] for name in each if name != "tickets"} for each in found["targets"]] == figures["targets"]
    assert found["credits"] == figures["credits"]
    assert found["satisfaction"]["answers"] == figures["satisfaction"]
    assert [each["count"] for each in found["breaches"]] == [figures["targets"][0]["breached"]]
    assert (found["version"] is not None) is is_closed


async def test_the_eight_sections_of_april(april: Office) -> None:
    await close(april)
    found = await report(april)
    [response], [breaches], [support, *_] = found["targets"], found["breaches"], found["supports"]
    late = {each["ticket"]: each for each in breaches["tickets"]}

    assert (response["met"], response["breached"], response["colour"]) == (38, 4, "RED")
    assert late["crm/held-1"]["late_minutes"] == 20
    assert sum(part["over_minutes"] for part in late["crm/held-1"]["parts"]) == 20, "the parts add up"
    assert {part["holder"]: part["over_minutes"] for part in breaches["parts"]}["Service desk"] == 20, "50 of 30 minutes"
    assert late["crm/warsaw-39"]["parts"] == [], "no team was named"
    assert [(each["period"], each["volume"], each["limit"], each["used"]) for each in found["workload"]["volumes"]] == [
        ("2026-04", 42, 120, "35.0 %")
    ]
    assert (support["support"], support["target"], support["met"], support["breached"]) == ("OLA/2026/0001", "triage", 0, 2)
    assert [(each["percent"], each["amount"]) for each in found["credits"]] == [("5 %", "540.00")]
    assert found["trend"]["rows"][0]["cells"][-1]["colour"] == "RED"
    assert found["satisfaction"]["trend"] == [
        {"period": "2026-04", "met": 0, "missed": 1, "satisfaction": found["satisfaction"]["answers"]}
    ]
    assert (support["promised"], support["achieved"], support["verdict"]) == ("95.0000 %", "0.0000 %", "MISSED")
    assert found["penalties"] == []
    assert found["improvement"] == {"plans": [], "reviews": [], "actions": []}


async def test_improvement_of_the_period_stands_in_every_form(april: Office) -> None:
    story = FollowUpStory(plan(registry_no="SLA/2026/0002", period="2026-04", case_id="sip:SLA-2026-0002:response:2026-04"))
    story.act("L1", "describe_plan", "2026-06-02T09:00", content=PLAN_CONTENT)
    await FollowUpStore(april.api.app.state.parts.database).open(story.case)
    found, outside = await report(april), await report(april, person="B1")
    html, table = [(await april.get("M1", f"{AGREEMENT}/reports/2026-04", **{"as": form})).text for form in ("html", "csv")]

    assert list(misfits(found, SCHEMA, SCHEMA)) == []
    assert [(each["name"], each["state"], each["owner"]) for each in found["improvement"]["plans"]] == [
        ("response", "PROPOSED", "SLM_MANAGER")
    ]
    assert [each["name"] for each in found["improvement"]["actions"]] == ["hire two technicians", "plan routes anew"]
    assert outside["improvement"] == {"plans": [], "reviews": [], "actions": []}, "nobody decided on it"
    for text in (html, table):
        assert "hire two technicians" in text
    answer = await april.api.http.get(found["improvement"]["plans"][0]["address"], headers=april._headers("M1"))
    assert answer.status_code == 200


async def test_what_became_of_a_credit_stands_beside_it_and_leads_to_its_case(april: Office) -> None:
    await close(april)
    store, case_id = FollowUpStore(april.api.app.state.parts.database), "credit:SLA-2026-0002:response:2026-04"
    about = {"registry_no": "SLA/2026/0002", "period": "2026-04", "case_id": case_id}
    await store.open(FollowUpStory(credit(amount="540").model_copy(update=about)).case)
    [drafted], hidden = (await report(april))["credit_cases"], (await report(april, person="B1"))["credit_cases"]
    html = (await april.get("M1", f"{AGREEMENT}/reports/2026-04", **{"as": "html", "language": "en"})).text
    told = readable_report(
        ServiceReport.model_validate(await report(april) | {"credit_cases": [drafted | {"state": "APPROVED"}]}),
        Words(phrases_of("pl", "report")),
    )

    assert (drafted["state"], drafted["address"], hidden) == ("DRAFTED", f"/cases/{case_id}", [])
    assert "finance has not decided yet" in html
    assert "zatwierdzono: 540,00 PLN" in str(told)


async def test_penalties_stand_beside_credits_in_every_form(april: Office) -> None:
    said = {
        "target": "response",
        "per_started_hour": "50.00",
        "tickets": 2,
        "of": 4,
        "started_hours": 5,
        "amount": "250.00",
        "currency": "PLN",
    }
    found = ServiceReport.model_validate(await report(april) | {"penalties": [said]})

    assert "250.00 PLN" in str(readable_report(found, Words(phrases_of("en", "report"))))
    assert "2 z 4 przekroczonych" in str(readable_report(found, Words(phrases_of("pl", "report"))))
    assert "penalties,1,amount,250.00" in report_csv(found)


async def test_every_address_of_a_report_leads_somewhere(april: Office) -> None:
    await close(april)
    found = await report(april)
    addresses = [found["targets"][0]["tickets"], found["breaches"][0]["address"], found["trend"]["rows"][0]["cells"][-1]["address"]]
    answers = [await april.api.http.get(address, headers=april._headers("M1")) for address in addresses]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(answers[0].json()["tickets"]) == found["targets"][0]["breached"]


async def test_a_version_gives_the_same_report_whatever_comes_later(april: Office) -> None:
    await close(april)
    first = await report(april)
    again = await close(april)
    late = event("milestone", (OPENED + timedelta(minutes=60)).isoformat(), "warsaw-39", milestone="RESPONDED") | {"id": "late"}
    await april.api.post(late)
    await april.api.post(*told(300, "warsaw", 300), batch=True)
    still = await report(april)
    await close(april)
    await close(april, "2026-03")
    second, kept = await report(april), await report(april, version=1)

    assert again["version"] == 1, "nothing changed, nor does what stands behind it"
    assert still == first
    assert kept == first, "whoever closes what afterwards"
    assert (second["version"]["number"], second["version"]["hash"] != first["version"]["hash"]) == (2, True)
    changes = {(each["target"], each["figure"], each["before"], each["after"]) for each in second["version"]["differences"]}
    assert ("tickets 2026-04", "workload volume", "42", "43") in changes
    assert (await april.get("M1", f"{AGREEMENT}/reports/2026-04", version=3)).status_code == 404


async def test_one_that_is_still_open_does_not_make_a_version_by_being_later_each_day(april: Office) -> None:
    opened = OPENED + timedelta(days=20)
    await april.api.post(event("created", opened.isoformat(), "open", customer="Bank Narew S.A.", service="MPS", site="warsaw"))
    first = await close(april)
    april.api.app.state.parts.now.shift -= timedelta(days=1)
    again = await close(april)

    assert (first["version"], again["version"], again["hash"]) == (1, 1, first["hash"])


async def test_a_running_month_and_a_quarter_have_reports_too(april: Office) -> None:
    await close(april)
    may, quarter = await report(april, "2026-05"), await report(april, "2026-Q2")

    assert (may["is_over"], may["version"], may["credits"]) == (False, None, [])
    assert may["trend"]["months"][-1] == "2026-04", "the running month is left out"
    assert (quarter["targets"], quarter["trend"]["months"][-1]) == ([], "2026-04")
    assert [each["period"] for each in quarter["workload"]["volumes"]] == ["2026-04", "2026-05"], "a limit a month"
    assert list(misfits(quarter, SCHEMA, SCHEMA)) == []


async def test_a_quarter_of_what_is_promised_by_months_leads_to_its_months_and_never_says_that_all_was_kept(april: Office) -> None:
    await close(april)
    quarter, month = await report(april, "2026-Q2"), await report(april)
    html = {each: (await april.get("B1", f"{AGREEMENT}/reports/2026-Q2", **{"as": "html", "language": each})).text for each in ("pl", "en")}
    rows = (await april.get("M1", f"{AGREEMENT}/reports/2026-Q2", **{"as": "csv"})).text

    assert quarter["judged_in"] == [
        {"period": "2026-04", "is_over": True, "version": 1, "colour": "RED", "address": f"{AGREEMENT}/reports/2026-04"},
        {"period": "2026-05", "is_over": False, "version": None, "colour": None, "address": f"{AGREEMENT}/reports/2026-05"},
    ]
    assert month["judged_in"] is None
    assert "Nothing is judged by a period such as 2026-Q2" in html["en"]
    assert "Za okres taki jak 2026-Q2 niczego się nie ocenia" in html["pl"]
    for said in ("breaches_none", "credits_none"):
        assert not any(phrases_of(each, "report")[said] in html[each] for each in html)
    assert "judged_in,1,colour,RED" in rows


async def test_the_pages_of_a_report_lead_to_pages(april: Office) -> None:
    await close(april)
    for person in ("M1", "B1"):
        browser = Browser(april)
        await browser.sign_in(person)
        page = await browser.open("/pages/agreements/SLA-2026-0002/reports/2026-04")
        assert page.links["2026-04"] == "/pages/agreements/SLA-2026-0002/reports/2026-04"
        found = {link: (await browser.open(link)).status for link in page.all_links if link.startswith("/pages/agreements/")}
        assert set(found.values()) == {200}
        quarter = await browser.open("/pages/agreements/SLA-2026-0002/reports/2026-Q2")
        assert quarter.links["2026-05"] == "/pages/agreements/SLA-2026-0002/reports/2026-05"


async def test_a_customer_is_not_told_how_the_provider_works(april: Office) -> None:
    await close(april)
    await april.api.post(*handed_over(3, 250), batch=True)
    await close(april)
    found, inside = await report(april, person="B1"), await report(april)
    pages = [(await april.get("B1", f"{AGREEMENT}/reports/2026-04", **{"as": form})).text for form in ("html", "csv")]
    listed = (await april.get("B1", f"{AGREEMENT}/periods")).text

    assert found["supports"] is None
    assert inside["supports"] != []
    for text in (json.dumps(found), *pages, listed):
        assert not any(name in text for name in ("Service desk", "Field service", "OLA/2026", "OLA-2026"))
    assert found["targets"] == inside["targets"]


@pytest.mark.parametrize("path", ["reports/2026-04", "slam"])
@pytest.mark.parametrize(("person", "status"), [(None, 401), ("K1", 404), ("U1", 404), ("B1", 200), ("M1", 200)])
async def test_reports_are_the_business_of_the_two_sides(april: Office, path: str, person: str | None, status: int) -> None:
    assert (await april.get(person, f"{AGREEMENT}/{path}")).status_code == status


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("reports/April", {}, 422),
        ("reports/2026-04", {"as": "docx"}, 422),
        ("reports/2026-04", {"version": "1"}, 404),
        ("reports/2025-01", {}, 404),
        ("slam", {"until": "2026-Q1"}, 422),
        ("slam", {"as": "pdf"}, 422),
    ],
)
async def test_what_there_is_no_report_of_is_refused(april: Office, path: str, asked: dict[str, str], status: int) -> None:
    assert (await april.get("M1", f"{AGREEMENT}/{path}", **asked)).status_code == status


@pytest.mark.parametrize(("language", "heading"), [("pl", "Uzgodniono i osiągnięto"), ("en", "Agreed and achieved")])
async def test_people_read_it_as_a_page_and_a_file_in_their_language(april: Office, language: str, heading: str) -> None:
    await close(april)
    page, file = [await april.get("M1", f"{AGREEMENT}/reports/2026-04", **{"as": form, "language": language}) for form in ("html", "pdf")]
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(file.content)).pages)

    assert f'<html lang="{language}">' in page.text
    assert heading in page.text
    assert heading.split(maxsplit=1)[0] in text
    assert page.text.count("<h1>") == 1
    assert page.text.count('<th scope="col">') > 20
    assert "<script" not in page.text
    assert "crm/held-1" in text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    again = await april.get("M1", f"{AGREEMENT}/reports/2026-04", **{"as": "pdf", "language": language})
    assert again.content == file.content, "the same version gives the same bytes"


async def test_the_table_for_spreadsheets_has_every_section_and_runs_no_formula(april: Office) -> None:
    created, handed, answered = handed_over(9, 300)
    handed["data"]["held_by"] = "=1+1"
    await april.api.post(created, handed, answered, batch=True)
    await close(april)
    answer = await april.get("M1", f"{AGREEMENT}/reports/2026-04", **{"as": "csv"})
    rows = list(csv.DictReader(StringIO(answer.text)))
    found = {(row["section"], row["figure"]): row["value"] for row in rows}

    assert found["targets", "achieved"] == (await report(april))["targets"][0]["achieved"]
    assert {"report", "targets", "breaches", "workload", "supports", "satisfaction", "credits", "trend"} <= {row["section"] for row in rows}
    assert "'=1+1" in {row["value"] for row in rows}
    assert not any(row["value"].startswith("=") for row in rows)


async def test_the_chart_has_the_last_version_of_each_closed_month(april: Office) -> None:
    await close(april)
    late = event("milestone", (OPENED + timedelta(minutes=60)).isoformat(), "warsaw-39", milestone="RESPONDED") | {"id": "late"}
    await april.api.post(late)
    await close(april)
    chart = (await april.get("B1", f"{AGREEMENT}/slam", until="2026-12")).json()
    cells = {each["period"]: each for each in chart["rows"][0]["cells"]}

    assert chart["months"] == ["2026-01", "2026-02", "2026-03", "2026-04"], "May still runs"
    assert [cells[month]["reason"] for month in chart["months"]] == ["NOT_PROMISED", "NOT_PROMISED", "NOT_CLOSED", None]
    assert (cells["2026-04"]["version"], cells["2026-04"]["achieved"]) == (2, "92.8571 %")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_chart_is_a_picture_and_a_page_too(april: Office, language: str) -> None:
    await close(april)
    picture, page = [await april.get("B1", f"{AGREEMENT}/slam", **{"as": form, "language": language}) for form in ("svg", "html")]

    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert ET.fromstring(picture.text).tag.endswith("svg")  # noqa: S314  (our own text)
    assert picture.text.split("<svg", 1)[1] in page.text
    assert page.text.count('<th scope="row">') == 12


async def test_a_chart_is_one_query_that_looks_at_no_ticket(april: Office) -> None:
    parts = april.api.app.state.parts
    entry = await parts.registry.entry("SLA/2026/0002")
    await close(april)
    asked: list[str] = []
    listened.listen(parts.database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    await parts.reports.slam(entry, None, parts.now())

    [query] = [statement for statement in asked if statement.lstrip().startswith("SELECT")]
    assert "period_result" in query
    assert "ticket" not in query
