"""Whose business a ticket is: the customer's whose it is, the supplier's that held it, and the provider's."""

from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from domain.terms import SUPPORT_KINDS, AgreementKind
from store.entries import entries
from store.tables import ClockRow, TicketRow

tickets, clocks = (table.__table__ for table in (TicketRow, ClockRow))  # type: ignore[union-attr]


class Sight(NamedTuple):
    """A customer, or a supplier, that sees its own; one of the two is given."""

    customer: str | None = None
    supplier: str | None = None

    def of_tickets(self) -> Any:
        """The condition of a ticket's row that it is some of their business."""
        if self.supplier is None:
            return tickets.c.customer == self.customer
        began = clocks.c.subject == tickets.c.subject, clocks.c.started_at.is_not(None), self.of_clocks()
        return select(clocks.c.subject).where(*began).exists()

    def of_clocks(self) -> Any:
        """The condition of a clock's row that it is some of their business, if its ticket is."""
        if self.supplier is None:
            return clocks.c.kind.not_in([kind.value for kind in SUPPORT_KINDS])
        return clocks.c.agreement.in_(_contracts_of(self.supplier))


def _contracts_of(supplier: str) -> Any:
    """The names on clocks of a supplier's contracts, as a query."""
    name = case((entries.c.case_id.is_(None), entries.c.name), else_=func.replace(entries.c.registry_no, "/", "-"))
    return select(name).where(entries.c.provider == supplier, entries.c.kind == AgreementKind.UC.value)
