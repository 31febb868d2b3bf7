"""Tickets as they were recorded, read one after another: what proposals are measured on."""

from collections.abc import AsyncIterator
from typing import NamedTuple, Self

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from domain.backtest.proposals import Whose
from domain.backtest.question import Question
from domain.events import TicketEvent
from domain.measurements import Measured
from domain.registry_numbers import in_registry
from domain.spans import Span
from store.condensed import Wanted as WantedSamples
from store.database import Database
from store.measurements import MeasurementStore
from store.tickets import TicketStore, tickets

_AT_ONCE = 500
"""Tickets that one pair of queries reads."""


class Wanted(NamedTuple):
    """Tickets created in a span that are, as they stand now, of these customers, or of these services; of none named: all."""

    span: Span
    customers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @classmethod
    def by(cls, question: Question, span: Span) -> Self:
        """Those a question may be about: whether its proposals cover them says the fold."""
        documents = [each for proposal in question.proposals for each in proposal.promising]
        if question.whose is Whose.THE_CUSTOMER:
            return cls(span, customers=tuple(sorted({each.customer.name for each in documents})))
        return cls(span, services=tuple(sorted({service for each in documents for service in each.services})))

    def condition(self) -> ColumnElement[bool]:
        """As SQL."""
        found = [tickets.c.created_at >= self.span.start, tickets.c.created_at < self.span.end]
        if self.customers:
            found.append(tickets.c.customer.in_(self.customers))
        if self.services:
            found.append(tickets.c.service.in_(self.services))
        return and_(*found)


class RecordStore:
    """Reads tickets' stories, and what was measured."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._tickets = TicketStore(database)
        self._samples = MeasurementStore(database)

    async def count(self, wanted: Wanted) -> int:
        """How many tickets there are."""
        async with self._database.reading() as connection:
            return int(await connection.scalar(select(func.count()).select_from(tickets).where(wanted.condition())) or 0)

    async def stories(self, wanted: Wanted) -> AsyncIterator[list[list[TicketEvent]]]:
        """The events of each ticket, in the order in which they were created, some hundred tickets at a time."""
        place = tickets.c.created_at, tickets.c.subject
        query = select(*place).where(wanted.condition()).order_by(*place).limit(_AT_ONCE)
        after = None
        while True:
            async with self._database.reading() as connection:
                rows = (await connection.execute(query if after is None else query.where(tuple_(*place) > after))).all()
                found = await self._tickets.events_of(connection, [row.subject for row in rows])
            if rows:
                yield [found[row.subject] for row in rows if row.subject in found]
            if len(rows) < _AT_ONCE:
                return
            after = (rows[-1].created_at, rows[-1].subject)

    async def samples(self, question: Question, registry_no: str, span: Span) -> dict[str, list[Measured]]:
        """What was measured under an agreement of the availability targets that the proposals name; of others nothing is known."""
        documents = [each for proposal in question.proposals for each in proposal.promising]
        targets = sorted({each.target for document in documents for each in document.availability})
        wanted = {target: WantedSamples(in_registry(registry_no), target, span) for target in targets}
        async with self._database.reading() as connection:
            found = await self._samples.of_all(connection, list(wanted.values()))
        return {target: found[each] for target, each in wanted.items() if found[each]}
