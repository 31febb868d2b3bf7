"""A month into which a switch of versions falls: each part by its own text, nothing measured twice or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.case_messages import Registration
from domain.documents import content_of
from store.database import Database
from store.registry import AgreementRegistry
from tests.api.bank_april import bank_april
from tests.domain.drafts import bank_draft, changed
from tests.store.test_registry import NUMBERS, registration

WARSAW = "SLA-2026-0002"


async def switched(database: Database) -> None:
    """From 15 April on Warsaw costs more."""
    documents = [
        changed(each, effective_from="2026-04-15", price={"monthly": "12120", "option": "Gold"}) if each.document == "warsaw" else each
        for each in bank_draft().documents
    ]
    made: Registration = registration("case-2", signed_at=datetime(2026, 4, 10, tzinfo=UTC))
    amends = {each.document: number for each, number in zip(documents, NUMBERS, strict=True)}
    text = {"documents": tuple(content_of(each) for each in documents), "amends": amends}
    await AgreementRegistry(database).register(made.model_copy(update=text))


async def read(people: Any, address: str, **asked: str) -> Any:
    answer = await people.get("M1", address, **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_split_month_is_asked_for_by_version(database: Database) -> None:
    async with bank_april(database) as people:
        await switched(database)
        refused = await people.get("M1", f"/registry/{WARSAW}/results", period="2026-04")
        first = await read(people, f"/registry/{WARSAW}/results", period="2026-04@1.0")
        second = await read(people, f"/registry/{WARSAW}/results", period="2026-04@2.0")

    assert (refused.status_code, "write 2026-04@1.0 or 2026-04@2.0" in refused.text) == (422, True)
    [before], [after] = first["targets"], second["targets"]
    assert (before["met"], before["breached"], after["met"], after["breached"]) == (37, 3, 0, 0)
    assert first["end"] == second["start"], "and nothing lies between"


async def test_a_part_gives_back_of_the_fee_that_was_paid_for_it(database: Database) -> None:
    async with bank_april(database) as people:
        await switched(database)
        first = await read(people, f"/registry/{WARSAW}/results", period="2026-04@1.0")

    assert [each["amount"] for each in first["credits"]] == ["252.00"], "5 % of 14 thirtieths of 10,800"


async def test_figures_over_agreements_count_each_ticket_once(database: Database) -> None:
    async with bank_april(database) as people:
        whole = await read(people, "/kpis", registry_no=WARSAW, period="2026-04")
        await switched(database)
        parts = await read(people, "/kpis", registry_no=WARSAW, period="2026-04")

    def shown(found: Any, name: str) -> Any:
        return next(each for each in found["kpis"] if each["kpi"] == name)["value"]

    names = {each["kpi"] for each in whole["kpis"]}
    assert {name: shown(parts, name) for name in names if "attainment" in name} == {
        name: shown(whole, name) for name in names if "attainment" in name
    }


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "not closed"])
async def test_the_chart_shows_the_part_that_came_last(database: Database, closed: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    async with bank_april(database) as people:
        await switched(database)
        for part in ("2026-04@1.0", "2026-04@2.0") if closed else ():
            answer = await people.send("M1", f"/registry/{WARSAW}/periods/{part}/close")
            assert answer.status_code in {200, 201}, answer.text
        chart = await read(people, f"/registry/{WARSAW}/slam", until="2026-04")

    [april] = [cell for row in chart["rows"] for cell in row["cells"] if cell["period"] == "2026-04"]
    assert april["address"].endswith("period=2026-04@2.0" if closed else "period=2026-04")


async def test_every_version_is_read_with_the_hash_it_was_signed_under(database: Database) -> None:
    async with bank_april(database) as people:
        before = await read(people, f"/registry/{WARSAW}")
        await switched(database)
        first, newest = await read(people, f"/registry/{WARSAW}", version="1.0"), await read(people, f"/registry/{WARSAW}")

    assert (first["hash"], first["document"]) == (before["hash"], before["document"])
    assert (newest["version"], newest["hash"] != before["hash"]) == ("2.0", True)
