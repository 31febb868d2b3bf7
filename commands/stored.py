"""This installation's database, for commands that look into it or write to it and end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import BadInput
from settings import load_settings
from store.database import Database


@asynccontextmanager
async def open_database() -> AsyncIterator[Database]:
    """The database, closed at the end.

    Raises:
        BadInput: it is not there, or not migrated.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    database = Database(load_settings().database)
    try:
        yield database
    except (SQLAlchemyError, OSError) as failure:
        raise BadInput(f"the database does not take it ({type(failure).__name__}); run servanda migrate or servanda up first") from failure
    finally:
        await database.close()
