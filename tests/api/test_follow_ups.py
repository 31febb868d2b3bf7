"""Follow-ups at the API: who may open one, what is refused, and what nobody may do."""

from collections.abc import AsyncIterator

import pytest

from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.api.test_results import told
from tests.store.test_registry import registration

EXCLUSION = {"because": "DISPUTE_UPHELD", "why": "the whole street was without power"}


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    """The bank's agreement and one of its tickets."""
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-05-04T09:00+02:00") as people:
        await people.api.post(*told(1, "warsaw", 241), batch=True)
        yield people


async def test_nobody_stops_the_watching_of_an_agreement(april: Office) -> None:
    refused = await april.send("M1", "/registry/SLA-2026-0002/stop")

    assert (refused.status_code, refused.json()["code"]) == (403, "TERMINATE_VIA_CRM")


async def test_a_ticket_is_proposed_to_be_left_out_once_for_a_key(april: Office) -> None:
    first = await april.send("L1", "/tickets/crm/warsaw-1/exclusions", "k1", **EXCLUSION)
    again = await april.send("L1", "/tickets/crm/warsaw-1/exclusions", "k1", **EXCLUSION)
    shown = (await april.get("M1", f"/cases/{first.json()['case_id']}")).json()

    assert (first.status_code, first.json()) == (201, again.json())
    assert (shown["kind"], shown["state"], shown["case"]["period"]) == ("EXCLUSION", "PROPOSED", "2026-04")
    assert shown["allowed"] == ["approve_exclusion", "reject_exclusion"]


async def test_what_is_completed_is_taken_out_by_an_upheld_dispute_alone(april: Office) -> None:
    refused = await april.send("L1", "/tickets/crm/warsaw-1/exclusions", **EXCLUSION | {"because": "FORCE_MAJEURE"})

    assert (refused.status_code, refused.json()["code"]) == (409, "TICKET_COMPLETED")


@pytest.mark.parametrize(
    ("person", "ticket", "body", "code"),
    [
        ("S1", "crm/warsaw-1", EXCLUSION, 403),
        ("L1", "crm/nothing", EXCLUSION, 404),
        ("L1", "crm/warsaw-1", EXCLUSION | {"why": "no"}, 422),
        ("L1", "crm/warsaw-1", EXCLUSION | {"because": "BAD_LUCK"}, 422),
    ],
)
async def test_what_is_no_proposal_is_refused(april: Office, person: str, ticket: str, body: dict[str, str], code: int) -> None:
    assert (await april.send(person, f"/tickets/{ticket}/exclusions", **body)).status_code == code


async def test_only_availability_is_disputed_as_a_measurement(april: Office) -> None:
    account = [{"measurement": "ours", "kind": "DOWN", "start": "2026-04-12T00:00:00Z", "end": "2026-04-12T01:30:00Z"}]
    said = {"target": "response", "period": "2026-04", "why": "our printers stood still"}
    refused = await april.send("B1", "/registry/SLA-2026-0002/disputes", account=account, **said)

    assert refused.status_code == 422
    assert "dispute the ticket" in refused.json()["detail"]


async def test_the_review_calendar_shows_the_year(april: Office) -> None:
    planned = (await april.get("B1", "/registry/SLA-2026-0002/reviews")).json()

    assert planned, "a customer sees when reviews are held"
    assert [each["meeting_at"] for each in planned] == sorted(each["meeting_at"] for each in planned)
