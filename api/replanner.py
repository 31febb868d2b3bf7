"""Re-planning: what a move would bring, listed without touching a ticket; and the moves themselves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import BusinessClock
from api.inbox import Inbox, Receipt
from domain.clocks import NOT_PROMISED
from domain.replan import MoveState, PageMoved, PageOrder, ReplanState, Route, TicketMove, event_of, plan_move
from domain.terms import Agreement
from store.agreements import AgreementStore
from store.database import Database
from store.replans import Counts, ReplanStore, move_of, route_of
from store.tickets import TicketStore, subject_of

_LISTED_AT_ONCE = 200
_MOST_AT_ONCE = 50
"""Tickets of one transaction: others write in between."""


class Replanner:
    """Carries out `domain.ports.Replans`, and lists what a dry run would move."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._now = now
        self._tickets = TicketStore(database)
        self._agreements = AgreementStore(database)
        self._replans = ReplanStore(database)
        self._inbox = Inbox(database, self._tickets, self._agreements, now)

    async def list_moves(self, row: Any) -> None:
        """Write down what a dry run finds, page by page; no ticket is touched."""
        async with self._database.writing() as connection:
            await self._replans.forget(connection, row.replan)
        after, is_last = "", False
        while not is_last:
            async with self._database.reading() as connection:
                found = await self._replans.open_tickets(connection, route_of(row), after, _LISTED_AT_ONCE)
                planned = await self._plan(connection, route_of(row), await self._terms(connection, row), found)
            async with self._database.writing() as connection:
                await self._replans.write(connection, row.replan, planned, MoveState.LISTED)
            after, is_last = found[-1].subject if found else after, len(found) < _LISTED_AT_ONCE
        async with self._database.writing() as connection:
            await self._replans.note(connection, row.replan, state=ReplanState.COUNTED.value, ended_at=self._now())

    async def move(self, order: PageOrder) -> AsyncIterator[PageMoved]:
        """Move the tickets of a page in chunks. Each is written down before its fact is, so that a crash between finds it."""
        async with self._database.reading() as connection:
            row = await self._replans.replan(connection, order.replan)
        assert row is not None
        chunk = max(1, min(_MOST_AT_ONCE, int(order.rate / 2)))
        after, made, looked, is_last = order.after, await self._carry_out(row, order.after), 0, False
        while looked < order.limit and not is_last:
            async with self._database.reading() as connection:
                found = await self._replans.open_tickets(connection, route_of(row), after, chunk)
                planned = await self._plan(connection, route_of(row), await self._terms(connection, row), found)
            async with self._database.writing() as connection:
                await self._replans.write(connection, row.replan, planned, MoveState.PLANNED)
            after, looked, is_last = found[-1].subject if found else after, looked + len(found), len(found) < chunk
            made += await self._carry_out(row, after)
            async with self._database.reading() as connection:
                total = await self._replans.moved(connection, row.replan)
            yield PageMoved(after=after, made=made, moved=total, is_last=is_last)

    async def finish(self, replan: str) -> None:
        """Note that the re-plan has come to its end."""
        async with self._database.writing() as connection:
            await self._replans.note(connection, replan, state=ReplanState.DONE.value, ended_at=self._now())

    async def foresee(self, route: Route, to: Agreement) -> Counts:
        """What moving open tickets to a version that may not be published yet would bring, counted and written nowhere."""
        moved = unchanged = breaches = 0
        soonest: datetime | None = None
        after, is_last = "", False
        while not is_last:
            async with self._database.reading() as connection:
                found = await self._replans.open_tickets(connection, route, after, _LISTED_AT_ONCE)
                planned = await self._plan(connection, route, to, found)
            moved += len(planned)
            unchanged += sum(not each.changes for each in planned)
            breaches += sum(each.breaches for each in planned)
            soonest = min((at for at in (soonest, *(each.new_due_at for each in planned)) if at is not None), default=None)
            after, is_last = found[-1].subject if found else after, len(found) < _LISTED_AT_ONCE
        return Counts(moved, unchanged, breaches, soonest)

    async def _terms(self, connection: AsyncConnection, row: Any) -> Agreement:
        [to] = await self._agreements.of(connection, [row.terms])
        return to

    async def _plan(self, connection: AsyncConnection, route: Route, to: Agreement, found: Sequence[Row[Any]]) -> list[TicketMove]:
        """What moving these tickets now brings. Reckoned beside the event loop: people's requests come in between."""
        events = await self._tickets.events_of(connection, [each.subject for each in found])
        terms = [await self._agreements.of(connection, each.agreements) for each in found]
        at = self._now()

        def _reckon() -> list[TicketMove]:
            planned = (plan_move(mine, events[each.subject], route, to, at) for each, mine in zip(found, terms, strict=True))
            return [move for move in planned if move is not None]

        return await asyncio.to_thread(_reckon)

    async def _carry_out(self, row: Any, after: str) -> int:
        """Make the facts of the moves that are written down and not made, up to `after`; gives how many tickets were moved."""
        made = 0
        while True:
            async with self._database.reading() as connection:
                planned = [move_of(each) for each in await self._replans.planned(connection, row.replan, _MOST_AT_ONCE)]
            receipts = await self._inbox.accept([event_of(row.replan, each, route_of(row), row.reason) for each in planned])
            moved = [subject_of(each.ticket) for each in receipts if _is_moved(each, row)]
            closed = [subject_of(each.ticket) for each in receipts if not _is_moved(each, row)]
            async with self._database.writing() as connection:
                await self._replans.settle(connection, row.replan, moved, MoveState.MOVED)
                await self._replans.settle(connection, row.replan, closed, MoveState.CLOSED)
                await self._replans.note(connection, row.replan, after=after)
            made += len(moved)
            if len(planned) < _MOST_AT_ONCE:
                return made


def _is_moved(receipt: Receipt, row: Any) -> bool:
    """Was it open, or is it promised nothing any more by the move? Else it was closed a moment before its turn."""
    mine = [each for each in receipt.readings if each.agreement == row.agreement]
    return any(each.is_open or each.version == row.to_version or each.reason == NOT_PROMISED for each in mine)
