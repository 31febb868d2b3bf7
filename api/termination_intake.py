"""Taking the CRM's orders to end agreements: judged and kept before anybody is answered; the agreement's process hears of it after."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import BusinessClock
from domain.errors import BadInput, NotFound
from domain.registry_numbers import in_registry
from domain.termination import (
    OpenTickets,
    TerminationNews,
    TerminationOrder,
    counts_instead,
    effective_at,
    order_id_of,
    refuse_order,
    refuse_revocation,
)
from domain.termination_events import TerminationOrdered, TerminationRevoked
from store.database import Database
from store.entries import LIVING, Entry
from store.inbox_rows import InboxRows
from store.terminations import OrderState, TerminationStore


class TerminationReceipt(BaseModel):
    """What became of an order or a revocation: the order it is about, and from when on the agreement promises nothing more, if it ends.

    The same event again is answered with the same.
    """

    event_id: str
    registry_no: str
    order: str
    terminates_at: AwareDatetime | None


class TerminationIntake:
    """Takes orders and revocations, each once."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self.store = TerminationStore(database)
        self._rows = InboxRows(database)
        self._now = now

    async def take(self, events: Sequence[TerminationOrdered | TerminationRevoked]) -> list[TerminationReceipt]:
        """Take them in their order, all or none.

        Raises:
            NotFound: an agreement that is not there.
            BadInput: an instant that cannot be meant, or a successor that does not take over.
            Conflict: nothing is left to be ended, or nothing to be revoked; with the state.
        """
        if not events:
            return []
        receipts = []
        async with self._database.writing() as connection:
            await self.store.hold(connection, [in_registry(each.data.registry_no) for each in events])
            for each in events:
                known = await self._rows.termination_answer(connection, each.source, each.id)
                receipts.append(TerminationReceipt.model_validate(known) if known is not None else await self._judge(connection, each))
        return receipts

    async def _judge(self, connection: AsyncConnection, event: TerminationOrdered | TerminationRevoked) -> TerminationReceipt:
        number, at = in_registry(event.data.registry_no), self._now()
        entry = await self.store.entry(connection, number)
        if entry is None:
            raise NotFound(f"there is no agreement {number}")
        if isinstance(event, TerminationOrdered):
            news, receipt = await self._order(connection, event, entry, at)
        else:
            news, receipt = await self._revoke(connection, event, entry, at)
        await self._rows.keep_termination(connection, event.source, number, news, receipt.model_dump(mode="json"))
        return receipt

    async def _order(
        self, connection: AsyncConnection, event: TerminationOrdered, entry: Entry, at: datetime
    ) -> tuple[TerminationNews, TerminationReceipt]:
        refuse_order(entry.registry_no, entry.standing, entry.terms[-1].ends, at)
        standing = await self.store.standing(connection, entry.registry_no)
        order = await self._understood(connection, event, entry, at)
        counts = counts_instead(order, standing)
        await self.store.keep(connection, order, (event.source, event.id), OrderState.STANDING if counts else OrderState.SUPERSEDED)
        if counts and standing is not None:
            await self.store.mark(connection, standing.order_id, OrderState.SUPERSEDED)
        if counts:
            await self.store.end(connection, order, at)
        in_force = order if counts else standing
        assert in_force is not None
        dropped = (standing,) if counts and standing is not None else ()
        news = TerminationNews(key=event.id, standing=in_force, dropped=dropped, at=at, reason=order.legal_ref)
        receipt = TerminationReceipt(
            event_id=event.id, registry_no=entry.registry_no, order=order.order_id, terminates_at=in_force.effective_at
        )
        return news, receipt

    async def _understood(self, connection: AsyncConnection, event: TerminationOrdered, entry: Entry, at: datetime) -> TerminationOrder:
        data = event.data
        instant = effective_at(data.basis, data.effective_at, entry.agreed_terms[0].begins, at)
        order = TerminationOrder(
            order_id=order_id_of(event.source, event.id),
            crm_case=data.crm_case or event.id,
            registry_no=entry.registry_no,
            agreement=entry.name_on_clocks,
            basis=data.basis,
            legal_ref=data.legal_ref,
            requested_by=data.requested_by,
            ordered_at=event.time,
            received_at=at,
            wanted_at=data.effective_at,
            effective_at=instant.astimezone(UTC),
            open_tickets=data.open_tickets,
        )
        if data.open_tickets is OpenTickets.VOID or data.successor is None:
            return order
        successor = await self.store.entry(connection, in_registry(data.successor))
        _refuse_no_successor(entry, data.successor, successor, instant)
        assert successor is not None
        named = {"successor": successor.name_on_clocks, "successor_version": successor.at(instant).version}
        return order.model_copy(update=named)

    async def _revoke(
        self, connection: AsyncConnection, event: TerminationRevoked, entry: Entry, at: datetime
    ) -> tuple[TerminationNews, TerminationReceipt]:
        standing = await self.store.standing(connection, entry.registry_no)
        refuse_revocation(entry.registry_no, entry.standing, standing, at)
        assert standing is not None
        said = {"revoked_at": at, "revoked_by": event.data.requested_by, "revoked_because": event.data.reason}
        await self.store.mark(connection, standing.order_id, OrderState.REVOKED, said)
        await self.store.restore(connection, entry.registry_no)
        news = TerminationNews(key=event.id, standing=None, dropped=(standing,), at=at, reason=event.data.reason)
        receipt = TerminationReceipt(event_id=event.id, registry_no=entry.registry_no, order=standing.order_id, terminates_at=None)
        return news, receipt


def _refuse_no_successor(entry: Entry, named: str, successor: Entry | None, instant: datetime) -> None:
    """Tickets go on only where the same is promised to the same customer then.

    Raises:
        BadInput: NO_SUCCESSOR.
    """
    if successor is None or successor.registry_no == entry.registry_no:
        raise BadInput(f"successor: there is no other agreement {named}", "NO_SUCCESSOR")
    in_force = any(term.begins <= instant and (term.ends is None or instant < term.ends) for term in successor.terms)
    if not in_force or successor.standing not in LIVING:
        raise BadInput(f"successor: {named} is not in force at {instant.isoformat()}", "NO_SUCCESSOR")
    if (successor.customer, successor.service, successor.kind) != (entry.customer, entry.service, entry.kind):
        raise BadInput(f"successor: {named} does not promise {entry.service} to {entry.customer}", "NO_SUCCESSOR")
    if successor.at(instant).row.terms is None:
        raise BadInput(f"successor: {named} promises nothing that tickets are measured by", "NO_SUCCESSOR")
