"""What the end of an agreement makes of its tickets, and what is found to be settled."""

from datetime import datetime

from api.clock import BusinessClock
from api.inbox import Inbox
from domain.ending import Marking, WindingUp
from domain.errors import NotFound
from domain.follow_ups.follow_up import FollowUpKind
from domain.termination import TerminationOrder, leaving, staying
from domain.timer_policy import TimerPolicy
from store.agreements import AgreementStore
from store.database import Database
from store.directory import Directory
from store.entries import LIVING
from store.follow_ups import FollowUpStore
from store.registry import AgreementRegistry
from store.terminations import OrderState, TerminationStore
from store.tickets import TicketStore

_MOOT = (FollowUpKind.REVIEW, FollowUpKind.PLAN, FollowUpKind.CORRECTION, FollowUpKind.HANDOVER)

TICKETS_AT_ONCE = 200
"""Tickets in one transaction: few enough that help desks who send events meanwhile wait no longer than for a batch of their own."""


class TerminationFacts:
    """Carries out `domain.ports.Terminations`."""

    def __init__(self, database: Database, now: BusinessClock, policy: TimerPolicy) -> None:
        """Work on a database, by the business's clock; what is opened gets this policy."""
        self._database = database
        self._store = TerminationStore(database)
        self._registry = AgreementRegistry(database)
        self._follow_ups = FollowUpStore(database)
        self._directory = Directory(database)
        self._tickets, self._agreements = TicketStore(database), AgreementStore(database)
        self._now = now
        self._policy = policy

    async def mark_page(self, marking: Marking, after: str) -> str | None:
        """Mark the tickets after a subject; gives the last one, or None where there were no more. A second time changes nothing.

        Their clocks are read again with what is known now: at the instant itself that is how they end.
        """
        known = [order for order in (marking.leaves, *marking.stays) if order is not None]
        since = min((order.received_at for order in marking.stays), default=None)
        async with self._database.reading() as connection:
            found = await self._store.tickets_under(connection, known[0].agreement, since, TICKETS_AT_ONCE, after)
        facts = [staying(order, ticket, marking.at) for order in marking.stays for ticket, _ in found]
        if marking.leaves is not None:
            facts += [leaving(marking.leaves, ticket, version, marking.at) for ticket, version in found]
        # Our clock may be a moment behind the engine's: at the instant of the end the clocks must be read as of it.
        inbox = Inbox(self._database, self._tickets, self._agreements, lambda: max(self._now(), marking.at))
        await inbox.accept(facts)
        return f"{found[-1][0].source}/{found[-1][0].ticket_id}" if found else None

    async def still_stands(self, order: TerminationOrder) -> bool:
        """Is it the order that counts?"""
        async with self._database.reading() as connection:
            standing = await self._store.standing(connection, order.registry_no)
        return standing is not None and standing.order_id == order.order_id

    async def wind_up(self, order: TerminationOrder) -> WindingUp:
        """The supports nothing else rests on, and the money nobody has decided on yet."""
        entry = await self._registry.entry(order.registry_no)
        assert entry is not None, f"{order.registry_no} has no entry"
        supports = [number for number in entry.supports if not await self._is_shared(number, order)]
        async with self._database.reading() as connection:
            money = tuple(await self._follow_ups.money_of(connection, order.registry_no, entry.supports))
            moot = [each.case_id for each in await self._follow_ups.of(connection, order.registry_no, *_MOOT, is_open=True)]
            try:
                catalogue = await self._directory.current(connection)
            except NotFound:
                return WindingUp(policy=self._policy, money=money, moot=tuple(moot))
        return WindingUp(
            calendar=catalogue.calendar,
            policy=self._policy,
            supports=tuple(supports),
            provider=catalogue.provider,
            money=money,
            moot=tuple(moot),
        )

    async def came_too_late(self, order: TerminationOrder) -> None:
        """Note it at the order."""
        async with self._database.writing() as connection:
            await self._store.mark(connection, order.order_id, OrderState.ALREADY_ENDED)

    async def _is_shared(self, number: str, order: TerminationOrder) -> bool:
        """Does anything else rest on a support, or has it ended itself?"""
        support = await self._registry.entry(number)
        if support is None or support.standing not in LIVING:
            return True
        others = [each for each in await self._registry.resting_on(number) if each.registry_no != order.registry_no]
        return any(each.standing in LIVING and _goes_on(each.row.terminates_at, order.effective_at) for each in others)


def _goes_on(terminates_at: datetime | None, after: datetime) -> bool:
    return terminates_at is None or terminates_at > after
