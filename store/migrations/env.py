"""Runs the migrations on the connection `store.migrate` hands in."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString, SQLModel

from store.tables import Instant


def render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write our types, and SQLModel's text, as a migration can read them without importing more."""
    if kind == "type" and isinstance(item, Instant):
        return "Instant()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table only by copying it
    render_item=render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
