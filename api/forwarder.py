"""Telling the engine of tickets: starting their processes, and sending them events."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.clock import BusinessClock
from api.forwarding import Forwarding
from domain.announcements import needs_process
from domain.clocks import read_clocks
from domain.effects import TicketRef
from domain.events import EventKind
from domain.terms import Agreement, Alert
from domain.ticket_messages import TicketNews, TicketOrder
from store.agreements import AgreementStore
from store.database import Database
from store.tickets import TicketStore, Waiting
from workflows.names import RPC_TIMEOUT, ticket_workflow_id
from workflows.starting import start_ticket
from workflows.ticket import Ticket

_log = logging.getLogger(__name__)

_AT_ONCE = 100
"""Tickets read from the inbox in one look."""
_SIDE_BY_SIDE = 16
"""Calls to the engine under way at the same time."""


class Forwarder(Forwarding):
    """Sends waiting events to the tickets' processes. An event sent twice is taken once, as the process knows the keys it has."""

    def __init__(self, database: Database, tickets: TicketStore, agreements: AgreementStore, client: Client, now: BusinessClock) -> None:
        """Work on a database and an engine, by the business's clock."""
        super().__init__()
        self._database = database
        self._tickets = tickets
        self._agreements = agreements
        self._client = client
        self._now = now
        self.written_to: frozenset[str] = frozenset()
        """Sources that hear of due times, warnings and kept promises too."""
        self._gate = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def _send_waiting(self) -> bool:
        while True:
            async with self._database.reading() as connection:
                waiting = await self._tickets.waiting(connection, _AT_ONCE)
            if not waiting:
                return True
            outcomes = await asyncio.gather(*(self._send(each) for each in waiting))
            forwarded = [row_id for each, sent in zip(waiting, outcomes, strict=True) if sent for row_id in each.row_ids]
            if forwarded:
                async with self._database.writing() as connection:
                    await self._tickets.mark_forwarded(connection, forwarded, self._now())
            if not all(outcomes):
                return False

    async def _send(self, waiting: Waiting) -> bool:
        async with self._gate:
            try:
                await self._send_ticket(waiting)
            except (RPCError, OSError, RuntimeError) as failure:
                _log.warning("the engine did not take %s: %s", waiting.subject, failure)
                return False
            except Exception:  # noqa: BLE001  (whatever is wrong with it, other tickets are sent; it is tried again)
                _log.exception("%s cannot be sent", waiting.subject)
                return False
            return True

    async def _send_ticket(self, waiting: Waiting) -> None:
        async with self._database.reading() as connection:
            row = await self._tickets.ticket(connection, waiting.subject)
            assert row is not None
            agreements = await self._agreements.of(connection, row.agreements)
        ticket = TicketRef(source=row.source, ticket_id=row.ticket_id)
        alert = Alert(row.alert) if row.alert else None
        if row.started_at is None:
            await self._start(ticket, row, agreements, alert, again=False)
        elif not await self._signal(ticket, row, waiting, agreements, alert):
            await self._start_again_if_needed(ticket, row, waiting, agreements, alert)

    async def _signal(self, ticket: TicketRef, row: Any, waiting: Waiting, agreements: Sequence[Agreement], alert: Alert | None) -> bool:
        """Send news to a running process; False if it has ended."""
        moved = list(row.agreements) != list(row.terms_sent)
        news = TicketNews(events=waiting.events, agreements=tuple(agreements) if moved else None, alert=alert)
        handle = self._client.get_workflow_handle_for(Ticket.run, ticket_workflow_id(ticket))
        try:
            await handle.signal(Ticket.ticket_news, news, rpc_timeout=RPC_TIMEOUT)
        except RPCError as failure:
            if failure.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        if moved:
            await self._mark_started(row)
        return True

    async def _start_again_if_needed(
        self, ticket: TicketRef, row: Any, waiting: Waiting, agreements: Sequence[Agreement], alert: Alert | None
    ) -> None:
        """The process has ended: a reopening, or a late fact that changes what was told, begins another run."""
        async with self._database.reading() as connection:
            events = await self._tickets.events(connection, row.subject)
            told = await self._tickets.told(connection, ticket, ticket_workflow_id(ticket))
        reopened = any(event.kind is EventKind.REOPENED for event in waiting.events)
        if reopened or needs_process(read_clocks(agreements, events, self._now()), told, self._now()):
            await self._start(ticket, row, agreements, alert, again=True)

    async def _start(self, ticket: TicketRef, row: Any, agreements: Sequence[Agreement], alert: Alert | None, *, again: bool) -> None:
        """Start the ticket's process with everything known of it, so that nothing has to be sent after."""
        async with self._database.reading() as connection:
            events = await self._tickets.events(connection, row.subject)
            told = await self._tickets.told(connection, ticket, ticket_workflow_id(ticket))
        order = TicketOrder(
            ticket=ticket,
            agreements=tuple(agreements),
            events=tuple(events),
            alert=alert,
            told=told,
            time_shift=self._now.shift,
            writes_back=ticket.source in self.written_to,
        )
        try:
            await start_ticket(self._client, order, self._now(), again=again)
        except WorkflowAlreadyStartedError:
            # A former attempt started it and died before it could say so; the events may be newer than that start.
            news = TicketNews(events=tuple(events), agreements=tuple(agreements), alert=alert)
            handle = self._client.get_workflow_handle_for(Ticket.run, ticket_workflow_id(ticket))
            try:
                await handle.signal(Ticket.ticket_news, news, rpc_timeout=RPC_TIMEOUT)
            except RPCError as failure:
                if failure.status is not RPCStatusCode.NOT_FOUND:
                    raise
        await self._mark_started(row)

    async def _mark_started(self, row: Any) -> None:
        async with self._database.writing() as connection:
            await self._tickets.mark_started(connection, row.subject, self._now(), row.agreements)
