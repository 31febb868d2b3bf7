"""Bringing a database to the form this release expects."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

from store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Apply every migration the database has not had; safe to run again, and by several processes at once."""
    async with database.writing() as connection:
        if not database.is_sqlite:
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(733101)")
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def is_current(database: Database) -> bool:
    """Has the database had every migration of this release?"""
    async with database.reading() as connection:
        found = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return found == ScriptDirectory.from_config(_config()).get_current_head()


async def differences(database: Database) -> list[object]:
    """What the tables in code have that the migrated database has not, or the other way round."""
    async with database.reading() as connection:
        return await connection.run_sync(lambda sync: list(compare_metadata(MigrationContext.configure(sync), SQLModel.metadata)))


async def add_migration(database: Database, number: str, message: str) -> None:
    """Write a new migration from what the tables in code have more than the database; `number` reads 0002."""
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.revision(_config(sync), message=message, rev_id=number, autogenerate=True))
