"""A credit on pages: why it is owed, what follows from approving it, what the case tells afterwards."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from domain.case_telling import record_of
from store.cases import CaseStore
from store.database import Database
from store.follow_ups import FollowUpStore
from tests.api.bank_april import bank_april
from tests.api.browsers import Browser, Page
from tests.api.people import Office
from tests.domain.follow_up_stories import credit

CASE = "credit:SLA-2026-0002:response:2026-04"
TITLE = "Service credit · SLA/2026/0002 · response · 2026-04"


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    """April with the credit it came to."""
    async with bank_april(database) as people:
        assert (await people.send("M1", "/registry/SLA-2026-0002/periods/2026-04/close")).status_code == 200
        about = {"registry_no": "SLA/2026/0002", "period": "2026-04", "case_id": CASE, "amount": Decimal(540)}
        case = credit().model_copy(update=about)
        await FollowUpStore(database).open(case)
        await CaseStore(database).record(record_of(case.begun().but(revision=1)))
        yield people


async def opened(people: Office, address: str) -> Page:
    finance = Browser(people)
    await finance.sign_in("F1")
    await finance.http.post("/language", data={"language": "en", "next": "/pages"})
    return await finance.open(address)


async def test_who_decides_on_a_credit_reads_why_it_is_owed_and_what_follows(april: Office) -> None:
    page = await opened(april, f"/pages/cases/{CASE}/approve_credit")

    assert TITLE in page.text
    assert "Amount 540.00 PLN" in page.text
    assert "Promised 95 % Achieved 92.5 %" in page.text
    assert "Breached tickets 3 of 40" in page.text
    assert page.links["Report of 2026-04, with the tickets behind it"] == "/pages/agreements/SLA-2026-0002/reports/2026-04"
    assert page.links["SLA/2026/0002"] == "/pages/agreements/SLA-2026-0002"
    assert "Billing is told of the amount at once" in page.text
    assert "hash" not in page.text, "none is shown, and none is claimed"


async def test_a_refused_credit_tells_billing_nothing(april: Office) -> None:
    page = await opened(april, f"/pages/cases/{CASE}/reject_credit")

    assert "Breached tickets 3 of 40" in page.text
    assert "Billing is told" not in page.text


async def test_tasks_name_the_case_in_words(april: Office) -> None:
    page = await opened(april, "/pages/tasks")

    assert TITLE in page.text
    assert CASE not in page.text


async def test_colours_of_a_report_are_seen_and_exact_shares_have_no_idle_zeros(april: Office) -> None:
    page = await opened(april, "/pages/agreements/SLA-2026-0002/reports/2026-04")

    assert '<span class="tag fault">missed</span>' in page.html
    assert "response 95 % 92.5 %" in page.text
    assert "0000 %" not in page.text


async def test_a_promise_that_nothing_carries_is_not_called_broken(april: Office) -> None:
    page = await opened(april, "/pages/agreements/SLA-2026-0002")

    assert "no OLA or UC carries it" in page.text
    assert "✗ broken" not in page.text
