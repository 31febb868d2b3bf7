"""The database, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from domain.errors import BadInput
from store.agreements import AgreementStore
from store.database import Database
from store.migrate import differences, is_current, migrate
from store.tables import MailboxRow
from tests.conftest import example


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that the migrations themselves made, not a copy of one."""
    made = Database(database_url)
    await migrate(made)
    yield made
    await made.close()


async def test_the_migrations_build_exactly_the_tables_in_code(database: Database) -> None:
    assert await is_current(database)
    assert await differences(database) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)

    assert await is_current(database)


async def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)

    assert not await is_current(database)
    await database.close()


async def test_an_instant_comes_back_aware_in_utc_and_a_naive_one_is_refused(database: Database) -> None:
    mailbox = MailboxRow.__table__  # type: ignore[attr-defined]
    row = {"message_id": "m", "subject": "s", "recipients": [], "title": "t", "body": "b"}
    warsaw = datetime(2026, 3, 17, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    async with database.writing() as connection:
        await connection.execute(database.insert(MailboxRow), row | {"received_at": warsaw})
        found = await connection.scalar(select(mailbox.c.received_at))

    assert found == datetime(2026, 3, 17, 9, 30, 0, 123456, tzinfo=UTC)
    assert found.tzinfo is UTC
    with pytest.raises(Exception, match="no time zone"):
        async with database.writing() as connection:
            await connection.execute(database.insert(MailboxRow), row | {"message_id": "n", "received_at": warsaw.replace(tzinfo=None)})


async def test_a_failed_transaction_leaves_nothing_behind(database: Database) -> None:
    mailbox = MailboxRow.__table__  # type: ignore[attr-defined]
    row = {"message_id": "m", "subject": "s", "recipients": [], "title": "t", "body": "b", "received_at": datetime.now(UTC)}
    with pytest.raises(RuntimeError):
        async with database.writing() as connection:
            await connection.execute(database.insert(MailboxRow), row)
            raise RuntimeError("died here")

    async with database.reading() as connection:
        assert (await connection.execute(select(mailbox))).all() == []


async def test_a_published_agreement_version_never_changes(database: Database) -> None:
    store, printers = AgreementStore(database), example("printers-warsaw")
    first = await store.add(printers, datetime.now(UTC))
    again = await store.add(printers, datetime.now(UTC))

    assert (first, again) == (True, False)
    with pytest.raises(BadInput, match="a published version never changes"):
        await store.add(printers.model_copy(update={"title": "other"}), datetime.now(UTC))
