"""What administrators see of a ticket's process in the engine's UI, and search by."""

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.clocks import ClockReading
    from domain.health import health_of, next_due_at
    from domain.wording import clock_table

from workflows.names import CLOCK_HEALTH, NEXT_DUE_AT


def show(readings: Sequence[ClockReading]) -> None:
    """Show the clocks as a table, and write the search attributes that changed: each write costs."""
    workflow.set_current_details(clock_table(readings) if readings else "No promise covers this ticket.")
    shown = workflow.info().typed_search_attributes
    changes: list[SearchAttributeUpdate[Any]] = []
    if readings and shown.get(CLOCK_HEALTH) != (health := health_of(readings).value):
        changes.append(CLOCK_HEALTH.value_set(health))
    due = next_due_at(readings)
    if shown.get(NEXT_DUE_AT) != due:
        changes.append(NEXT_DUE_AT.value_set(due) if due is not None else NEXT_DUE_AT.value_unset())
    if changes:
        workflow.upsert_search_attributes(changes)
