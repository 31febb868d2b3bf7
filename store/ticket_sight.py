"""Which tickets and clocks are a supplier's business: those it had in its hands, and of them the clocks of its contracts."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select

from domain.terms import AgreementKind
from store.entries import entries
from store.tables import ClockRow, TicketRow

tickets, clocks = (table.__table__ for table in (TicketRow, ClockRow))  # type: ignore[union-attr]


def is_customers(customer: str | None) -> ColumnElement[bool]:
    """The condition of a ticket's row that it is a customer's."""
    own: ColumnElement[bool] = tickets.c.customer == customer
    return own


def was_held_by(supplier: str) -> ColumnElement[bool]:
    """The condition of a ticket's row that a supplier has it, or had it."""
    held = clocks.alias("held")
    began = held.c.subject == tickets.c.subject, held.c.started_at.is_not(None), is_of_contract(supplier, held)
    return select(held.c.subject).where(*began).exists()


def is_of_contract(supplier: str, of: FromClause = clocks) -> ColumnElement[bool]:
    """The condition of a clock's row that a contract of the supplier promises it."""
    return of.c.agreement.in_(_contracts_of(supplier))


def _contracts_of(supplier: str) -> Select[Any]:
    """The names on clocks of a supplier's contracts."""
    name = case((entries.c.case_id.is_(None), entries.c.name), else_=func.replace(entries.c.registry_no, "/", "-"))
    return select(name).where(entries.c.provider == supplier, entries.c.kind == AgreementKind.UC.value)
