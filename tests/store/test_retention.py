"""Laws of retention, on both databases: what has passed its period goes, nothing else does, in batches."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

import store.retention
from domain.actors import actor_of
from domain.cases import Submission
from domain.retention import RetentionPolicy
from store.case_tables import CaseRow, PersonTokenRow, ScanRow
from store.database import Database
from store.inbox_rows import InboxRows
from store.retention import FORGOTTEN, Retention
from store.survey_tables import SurveyRow
from store.tables import DeliveryRow, InboxRow, MailboxRow, TicketRow
from tests.domain.drafts import catalogue

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


async def wrote(database: Database, table: type[SQLModel], **values: Any) -> None:
    async with database.writing() as connection:
        await connection.execute(database.insert(table), values)


async def pairs(connection: AsyncConnection, table: type[SQLModel], key: str, value: str) -> dict[str, Any]:
    columns = table.__table__.c  # type: ignore[attr-defined]
    return {row[0]: row[1] for row in await connection.execute(select(columns[key], columns[value]))}


async def old_and_new(database: Database) -> None:
    """Of everything that has a period one that has just passed it, and one that passes it tomorrow."""
    for name, days in (("old", 1), ("new", -1)):
        month, year = NOW - timedelta(days=90 + days), NOW - timedelta(days=365 + days)
        three_years = NOW.replace(year=2023) - timedelta(days=days)
        await wrote(database, PersonTokenRow, digest=name, person="B3", made_at=year, revoked_at=month)
        await wrote(database, MailboxRow, message_id=name, subject="x", recipients=["B3"], title="t", body="b", received_at=month)
        effect = {"key": name, "recipients": ["B3"], "body": "b"}
        for channel, state, receiver in (
            ("chat", "PENDING", "B3"),
            ("crm", "PENDING", ""),
            ("mail", "DELIVERED", "B3"),
            ("wait", "WAITING", "B3"),
        ):
            sent = {"key": name, "channel": channel, "state": state, "receiver": receiver, "effect": effect}
            await wrote(database, DeliveryRow, **sent, attempts=1, error="no", first_at=month, last_at=month)
        survey = {"registry_no": "SLA/2026/0001", "customer": "Bank", "language": "pl", "asked_at": year, "expires_at": year}
        await wrote(
            database, SurveyRow, survey=name, ticket=name, person="jan@x.example", score=4, comment="slow", answered_at=year, **survey
        )
        ticket = {"source": "crm", "ticket_id": name, "agreements": [], "clocks": [], "terms_sent": [], "is_open": False}
        attributes = {"requester": "jan@x.example", "priority": "1"}
        await wrote(database, TicketRow, subject=f"crm/{name}", attributes=attributes, updated_at=three_years, **ticket)
        told = {"occurred_at": three_years, "received_at": three_years, "forwarded_at": three_years}
        event = {"kind": "created", "attributes": attributes}
        await wrote(database, InboxRow, source="crm", event_id=name, subject=f"crm/{name}", event=event, **told)
        ended = datetime(2022 if name == "old" else 2023, 12, 31, 12, tzinfo=UTC)
        case = {"kind": "AGREEMENT", "source": "crm", "event_id": name, "customer": "Bank", "opened_at": ended, "entered_at": ended}
        await wrote(database, CaseRow, case_id=name, state="DECLINED", registry_nos=[], document={}, revision=1, **case)
        await wrote(database, ScanRow, case_id=name, digest="d", media_type="image/png", content=b"x", stored_by="B3", stored_at=ended)
        by = actor_of(catalogue(), "B3", NOW.date())
        inbox = InboxRows(database)
        await inbox.keep_deed("cases", name, Submission(key=name, action={"action": "sign"}, by=by), month)
        async with database.reading() as connection:
            [row] = await inbox.waiting(connection, 10)
        await inbox.done(row.id, month)


async def test_what_has_passed_its_period_goes_and_nothing_else(database: Database) -> None:
    await old_and_new(database)
    retention = Retention(database, RetentionPolicy())
    due = await retention.due(NOW)
    done = await retention.run_batch(NOW)

    assert due == done
    assert done == {
        "tokens": 1,
        "letters": 1,
        "deliveries": 2,
        "decisions": 1,
        "surveys": 1,
        "tickets": 1,
        "ticket events": 1,
        "scans": 1,
    }
    assert set((await retention.run_batch(NOW)).values()) == {0}
    async with database.reading() as connection:
        for table, column in (("person_token", "digest"), ("mailbox", "message_id"), ("scan", "case_id")):
            assert list(await connection.scalars(text(f"SELECT {column} FROM {table}"))) == ["new"]  # noqa: S608  (our own names)
        surveys = (await connection.execute(text("SELECT survey, person, comment, score FROM survey ORDER BY survey"))).all()
        attributes = await pairs(connection, TicketRow, "subject", "attributes")
        events = await pairs(connection, InboxRow, "event_id", "event")
        kept = list(await connection.scalars(text("SELECT channel FROM delivery WHERE key = 'old' ORDER BY channel")))
    assert [tuple(row) for row in surveys] == [("new", "jan@x.example", "slow", 4), ("old", FORGOTTEN, None, 4)]
    assert attributes == {"crm/new": {"requester": "jan@x.example", "priority": "1"}, "crm/old": {"priority": "1"}}
    assert events["old"] == {"kind": "created", "attributes": {"priority": "1"}}
    assert events["B3:old"]["deed"]["by"]["name"] == ""
    assert events["B3:new"]["deed"]["by"]["name"] == "Beata Prezes"
    assert kept == ["crm", "wait"], "what is still owed, or waits for its hour"


async def test_a_decision_that_lost_its_name_is_the_same_deed_as_before(database: Database) -> None:
    await old_and_new(database)
    await Retention(database, RetentionPolicy()).run_batch(NOW)
    by = actor_of(catalogue(), "B3", NOW.date())

    await InboxRows(database).keep_deed("cases", "old", Submission(key="old", action={"action": "sign"}, by=by), NOW)


async def test_much_goes_in_batches_until_nothing_is_left(database: Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(store.retention, "BATCH", 3)
    for number in range(7):
        letter = {"subject": "x", "recipients": [], "title": "t", "body": "b", "received_at": NOW - 91 * DAY}
        await wrote(database, MailboxRow, message_id=str(number), **letter)
    retention = Retention(database, RetentionPolicy())

    assert [(await retention.run_batch(NOW))["letters"] for _ in range(4)] == [3, 3, 1, 0]
