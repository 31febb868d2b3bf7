"""The database: SQLite for the first command, PostgreSQL for everything bigger; the same statements for both."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import SQLModel

from domain.errors import BadInput

_DRIVERS = {"sqlite+aiosqlite": True, "postgresql+asyncpg": False}
"""The kinds of database we know, and whether it is SQLite."""

_BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another process on the same SQLite file."""


class Database:
    """Hands out transactions; one request or one activity step is one."""

    def __init__(self, url: str) -> None:
        """Connect on first use.

        Raises:
            BadInput: the address is none, or that of another kind of database.
        """
        self.url = url
        self.is_sqlite = _DRIVERS[_address(url).drivername]
        self.engine = _sqlite_engine(url) if self.is_sqlite else create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
        # SQLite has one writer: within a process they queue here instead of trying again and again at the file.
        self._one_writer = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write; committed at the end, rolled back on an error."""
        turn: AbstractAsyncContextManager[Any] = self._one_writer or nullcontext()
        async with turn, self.engine.connect() as connection:
            await connection.execution_options(servanda_writes=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    async def hold(self, connection: AsyncConnection, *names: str) -> None:
        """Keep others who hold one of these names waiting until the transaction ends. SQLite has one writer anyway.

        Several are taken in the order given: callers sort them, so that no two wait for each other.
        """
        if not self.is_sqlite and names:
            held = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
            await connection.execute(held, {"names": list(names)})

    def insert(self, table: type[SQLModel]) -> Any:
        """An INSERT that knows ON CONFLICT, which both databases spell alike and the common form lacks."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def upsert(self, table: type[SQLModel], keys: Sequence[str]) -> Any:
        """An INSERT that replaces the row with the same keys."""
        statement = self.insert(table)
        columns = [name for name in table.model_fields if name not in keys]
        return statement.on_conflict_do_update(index_elements=list(keys), set_={name: statement.excluded[name] for name in columns})

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()


def _address(url: str) -> URL:
    # The message keeps the address to itself: there may be a password in it.
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = None
    if address is None or address.drivername not in _DRIVERS:
        raise BadInput("SERVANDA_DATABASE_URL: write sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST:5432/NAME")
    return address


def _sqlite_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # The driver must not begin transactions by itself: it would take the write lock only at the first write, and
        # two readers that both go on to write would block each other for good.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={_BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("servanda_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
