"""Programs and their tokens: what they may do, until when, and what of them is kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import BadInput, NotFound
from domain.scopes import Scope, scopes_of
from store.audit import AuditTrail
from store.database import Database
from store.service_tokens import PREFIX, Done, NewToken, ServiceTokens
from tests.api.people import Office, office
from tests.conftest import created

READS = frozenset({Scope.TICKETS_READ})


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    async with office(database, None) as made:
        yield made


def by_test() -> Done:
    return Done("X1", datetime.now(UTC))


async def asks(bank: Office, token: str, path: str = "/tickets") -> int:
    return (await bank.api.http.get(path, headers={"authorization": f"Bearer {token}"})).status_code


async def test_a_token_opens_what_its_scope_says_until_it_is_revoked(bank: Office, database: Database) -> None:
    tokens = ServiceTokens(database)
    token = await tokens.new(NewToken("helpdesk", READS), by_test())
    while_valid = [await asks(bank, token), await asks(bank, token, "/mailbox"), await asks(bank, token, "/tasks")]
    ended = [await tokens.revoke("helpdesk", by_test()), await tokens.revoke("helpdesk", by_test())]

    assert while_valid == [200, 403, 403]
    assert ended == [True, False]
    assert await asks(bank, token) == 401


async def test_a_token_counts_up_to_its_expiry(database: Database) -> None:
    tokens, now = ServiceTokens(database), datetime.now(UTC)
    token = await tokens.new(NewToken("helpdesk", READS, now + timedelta(days=90)), by_test())
    async with database.reading() as connection:
        before = await tokens.valid(connection, token, now + timedelta(days=90) - timedelta(seconds=1))
        after = await tokens.valid(connection, token, now + timedelta(days=90))

    assert (before is not None, after) == (True, None)


async def test_the_day_of_the_last_use_is_kept_and_the_token_is_not(bank: Office, database: Database) -> None:
    tokens = ServiceTokens(database)
    token = await tokens.new(NewToken("helpdesk", READS), by_test())
    [unused] = await tokens.all()
    await asks(bank, token)
    [used] = await tokens.all()

    assert (unused.last_used_on, used.last_used_on) == (None, datetime.now(UTC).date())
    assert token.startswith(PREFIX)
    assert token not in str(used._mapping)


async def test_who_made_and_ended_a_token_stands_in_its_trail(database: Database) -> None:
    tokens = ServiceTokens(database)
    await tokens.new(NewToken("helpdesk", READS), by_test())
    await tokens.revoke("helpdesk", by_test())
    trail = await AuditTrail(database).of("service-token:helpdesk")

    assert [(row.event["action"], row.event["actor"], row.event["reason"]) for row in trail] == [
        ("make", "X1", "may tickets:read"),
        ("revoke", "X1", None),
    ]


async def test_a_name_is_given_once(database: Database) -> None:
    tokens = ServiceTokens(database)
    await tokens.new(NewToken("helpdesk", READS), by_test())
    await tokens.revoke("helpdesk", by_test())

    with pytest.raises(BadInput, match="was given before"):
        await tokens.new(NewToken("helpdesk", READS), by_test())
    with pytest.raises(BadInput, match="is no name"):
        await tokens.new(NewToken("Help desk", READS), by_test())
    with pytest.raises(BadInput, match="over already"):
        await tokens.new(NewToken("other", READS, datetime.now(UTC)), by_test())
    with pytest.raises(NotFound):
        await tokens.revoke("nobody", by_test())


@pytest.mark.parametrize("names", [[], ["tickets"], ["tickets:read", "all"]])
def test_a_scope_that_does_not_exist_is_refused_with_those_that_do(names: list[str]) -> None:
    with pytest.raises(BadInput, match="tickets:read, tickets:write"):
        scopes_of(names)


async def test_a_program_sends_events_without_a_signature(bank: Office, database: Database) -> None:
    token = await ServiceTokens(database).new(NewToken("helpdesk", frozenset({Scope.EVENTS_WRITE})), by_test())
    event = created("2026-03-16T15:30:00+01:00")
    sent = await bank.api.http.post("/crm/events", json=event, headers={"authorization": f"Bearer {token}"})
    without = await bank.api.http.post("/crm/events", json=event, headers={"authorization": ""})

    assert (sent.status_code, sent.json()["results"][0]["status"]) == (202, "accepted")
    assert (without.status_code, without.json()["code"]) == (401, "BAD_SIGNATURE")


async def test_what_a_program_measured_says_which_one_did(bank: Office, database: Database) -> None:
    token = await ServiceTokens(database).new(NewToken("probe", frozenset({Scope.MEASUREMENTS_WRITE})), by_test())
    headers = {"authorization": f"Bearer {token}"}
    answer = await bank.api.http.post("/feedback", json={"registry_no": "SLA-2026-0001", "source": "probe"}, headers=headers)

    assert answer.status_code in {404, 422}, "let in, and told that there is no such agreement"
