"""Migrated databases: the migrations run once in a process, and each test begins with a copy of what they made."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import make_url

from store.database import Database
from store.migrate import migrate

_MIGRATED: list[bytes] = []
"""The file of a migrated SQLite database, once there is one."""

_MODEL = "migrated"
_MODELS_ON: set[str] = set()
"""The PostgreSQL servers that have the database which others are copied from."""


async def set_up(database: Database) -> None:
    """Bring a new, empty SQLite database to the form this release expects, as `store.migrate` does."""
    if not _MIGRATED:
        with tempfile.TemporaryDirectory(prefix="servanda-model-") as folder:
            path = Path(folder) / "model.db"
            model = Database(f"sqlite+aiosqlite:///{path}")
            await migrate(model)
            await model.close()
            _MIGRATED.append(path.read_bytes())
    name = make_url(database.url).database
    assert name is not None
    path = Path(name)
    assert not path.exists(), "a copy would replace what is in it"
    path.write_bytes(_MIGRATED[0])


async def execute(server: str, *statements: str) -> None:
    """Tell a PostgreSQL server something that is no part of a transaction."""
    address = make_url(server)
    connection = await asyncpg.connect(user=address.username, database=address.database, host=str(address.query["host"]))
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def on(server: str, name: str) -> str:
    """Address of one database of a PostgreSQL server."""
    return server.replace("/postgres?", f"/{name}?")


@asynccontextmanager
async def postgresql_database(server: str, model: str = "template1") -> AsyncIterator[str]:
    """Address of a PostgreSQL database that is a copy of another, while the block runs."""
    name = f"t{uuid4().hex}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY FILE_COPY")
    yield on(server, name)
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def model_on(server: str) -> str:
    """The name of a server's migrated database, which others are copied from; nobody is connected to it."""
    if server not in _MODELS_ON:
        # The server lives as long as the run: nothing in it need outlive the machine's power.
        settings = ("fsync = off", "full_page_writes = off")
        await execute(server, *(f"ALTER SYSTEM SET {each}" for each in settings), "SELECT pg_reload_conf()", f"CREATE DATABASE {_MODEL}")
        model = Database(on(server, _MODEL))
        await migrate(model)
        await model.close()
        _MODELS_ON.add(server)
    return _MODEL
