"""Dead letters: listed for administrators only, and sent again with a trace."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from commands.deliveries import app as deliveries_app
from domain.effects import CrmUpdate, Notice, TicketRef
from domain.ports import Attempt, DeliveryState
from store.audit import AuditTrail
from store.database import Database
from store.deliveries import Deliveries
from store.mailbox import Mailbox
from tests.api.people import Office, office, workers

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
NOTICE = Notice(key="case:1:news:0", case_id="case-1", recipients=("L1",), subject="We cannot offer this", body="b", phrase="cannot_offer")
UPDATE = CrmUpdate(
    key="k:crm", ticket=TicketRef(source="crm", ticket_id="T-1"), kind="clock.breached", clock="r", agreement="a", at=AT, text="Breached"
)


async def note(database: Database, *attempts: tuple[str, str, DeliveryState]) -> None:
    log = Deliveries(database)
    for number, (channel, receiver, state) in enumerate(attempts):
        at = AT + timedelta(seconds=number // 2)
        await log.note(Attempt(NOTICE, channel, state, at, "550 no such user", receiver=receiver))


@pytest.fixture
async def people(database: Database) -> AsyncIterator[Office]:
    """Everybody at their desks, without an engine."""
    async with office(database, None) as made:
        yield made


REFUSED, DELIVERED, PENDING = DeliveryState.REFUSED, DeliveryState.DELIVERED, DeliveryState.PENDING


async def test_dead_letters_are_listed_by_state_channel_and_person(people: Office, database: Database) -> None:
    await note(database, ("smtp", "L1", REFUSED), ("smtp", "B1", DELIVERED), ("mailbox", "L1", DELIVERED), ("apprise", "L1", REFUSED))
    refused = (await people.get("X1", "/deliveries", state="REFUSED")).json()["deliveries"]
    of_b1 = (await people.get("X1", "/deliveries", receiver="B1")).json()["deliveries"]
    mailed = (await people.get("X1", "/deliveries", channel="mailbox")).json()["deliveries"]

    assert [(each["channel"], each["receiver"], each["can_be_resent"]) for each in refused] == [
        ("apprise", "L1", True),
        ("smtp", "L1", True),
    ]
    assert (refused[0]["subject"], refused[0]["about"], refused[0]["error"]) == ("We cannot offer this", "case-1", "550 no such user")
    assert [(each["channel"], each["can_be_resent"]) for each in of_b1] == [("smtp", False)]
    assert len(mailed) == 1


async def test_a_list_is_paged_without_losing_any(people: Office, database: Database) -> None:
    await note(database, *(("smtp", f"P{number}", REFUSED) for number in range(7)))
    seen, after = [], None
    while True:
        page = (await people.get("X1", "/deliveries", limit=3, **({"after": after} if after else {}))).json()
        seen += [each["receiver"] for each in page["deliveries"]]
        if (after := page["next"]) is None:
            break

    assert sorted(seen) == [f"P{number}" for number in range(7)]


@pytest.mark.parametrize(("person", "status"), [(None, 401), ("B1", 403), ("U1", 403), ("L1", 403), ("M1", 403), ("X1", 200)])
async def test_an_administrator_looks_after_deliveries_and_nobody_else(
    people: Office, database: Database, person: str | None, status: int
) -> None:
    await note(database, ("smtp", "L1", DELIVERED))
    [row] = (await people.get("X1", "/deliveries")).json()["deliveries"]
    listed = await people.get(person, "/deliveries")
    resent = await people.send(person, f"/deliveries/{row['delivery']}/resend")

    assert (listed.status_code, resent.status_code) == (status, 409 if status == 200 else status)


async def test_what_cannot_be_sent_again_is_refused_with_the_reason(people: Office, database: Database) -> None:
    await note(database, ("smtp", "L1", DELIVERED))
    await Deliveries(database).note(Attempt(UPDATE, "crm-webhook", REFUSED, AT + timedelta(days=1), "answered 422"))
    update, arrived = (await people.get("X1", "/deliveries")).json()["deliveries"]
    codes = [
        (await people.send("X1", f"/deliveries/{name}/resend")).json()["code"]
        for name in (update["delivery"], arrived["delivery"], "bm90aGluZw", "%C4%85", "WyJhIl0")
    ]

    assert codes == ["NOT_A_NOTICE", "ALREADY_DELIVERED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]


async def test_while_the_engine_is_away_it_is_kept_to_be_sent(people: Office, database: Database) -> None:
    await note(database, ("smtp", "L1", REFUSED))
    [row] = (await people.get("X1", "/deliveries")).json()["deliveries"]
    answer = await people.send("X1", f"/deliveries/{row['delivery']}/resend")
    [kept] = (await people.get("X1", "/deliveries")).json()["deliveries"]

    assert (answer.status_code, answer.json()["code"], kept["state"]) == (409, "ENGINE_AWAY", "WAITING")


async def test_a_dead_letter_is_sent_again_and_the_trail_says_by_whom(engine: WorkflowEnvironment, database: Database) -> None:
    async with office(database, engine.client) as made, workers(engine.client, database):
        await note(database, ("mailbox", "L1", PENDING))
        [row] = (await made.get("X1", "/deliveries", state="PENDING")).json()["deliveries"]
        sent = await made.send("X1", f"/deliveries/{row['delivery']}/resend")
        for _ in range(100):
            [after] = (await made.get("X1", "/deliveries", receiver="L1")).json()["deliveries"]
            if after["state"] == "DELIVERED":
                break
    [letter] = await Mailbox(database, lambda: AT).messages(10)
    [event] = await AuditTrail(database).of("delivery:case:1:news:0")

    assert (sent.status_code, after["state"], after["attempts"]) == (200, "DELIVERED", 2)
    assert (letter.receiver, letter.title) == ("L1", "Nie możemy tego zaoferować")
    assert (event.event["actor"], event.event["action"], event.event["from_state"]) == ("X1", "resend", "PENDING")


def test_the_command_has_both_halves() -> None:
    assert [each.name or (each.callback and each.callback.__name__) for each in deliveries_app.registered_commands] == ["list", "resend"]
