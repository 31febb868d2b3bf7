"""Changes of agreements: one is open at a time, and what else asks for a change meanwhile belongs to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar_definitions import CalendarDefinition
from domain.case_telling import record_of
from domain.documents import AgreementLevel
from domain.errors import BadInput, Conflict, NotFound
from domain.follow_ups.change import Change, ChangeState
from domain.follow_ups.follow_up import FollowUpKind, News, follow_up_id
from domain.follow_ups.kinds import has_ended
from domain.follow_ups.triggers import UNPLANNED, ChangeAsked
from domain.periods import months_after
from domain.terms import SUPPORT_KINDS
from domain.timer_policy import TimerPolicy
from store.cases import CaseStore
from store.database import Database
from store.entries import entries
from store.follow_ups import OPENED_BY, FollowUpStore

GOING_ON = frozenset({"REGISTERED", "ACTIVE"})
"""States of a version of an agreement that can still be changed."""

_FRUITLESS = frozenset({ChangeState.NO_CHANGE, ChangeState.WITHDRAWN, ChangeState.FAILED})


class Raised(NamedTuple):
    """The change a trigger belongs to. `news` tell it to one that is open already; none where this trigger opened it, now or before."""

    case_id: str
    is_new: bool
    news: tuple[News, ...] = ()


class ChangeStore:
    """Opens changes, or gives the one that is open."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._cases = CaseStore(database)
        self._follow_ups = FollowUpStore(database)

    async def hold(self, connection: AsyncConnection, numbers: Iterable[str]) -> None:
        """Let nobody else open changes of these agreements until the transaction ends."""
        await self._database.hold(connection, *(f"change:{number}" for number in sorted(set(numbers))))

    async def open(self, change: Change) -> Raised:
        """Open a change that a follow-up leads to; `open_within` in a transaction of its own."""
        async with self._database.writing() as connection:
            await self.hold(connection, [change.registry_no])
            return await self.open_within(connection, change, OPENED_BY)

    async def raise_within(
        self, connection: AsyncConnection, asked: ChangeAsked, times: tuple[CalendarDefinition, TimerPolicy, datetime]
    ) -> Raised:
        """Open the change somebody asks for, in a transaction that holds its agreement.

        Raises:
            NotFound: there is no such agreement.
            BadInput: it is a support, or a corporate document is changed again without a reason.
            Conflict: the agreement has ended, or is about to.
        """
        calendar, policy, at = times
        entry = await self._newest(connection, asked.registry_no)
        if entry is None:
            raise NotFound(f"there is no agreement {asked.registry_no}")
        if entry.kind in SUPPORT_KINDS:
            raise BadInput(f"{asked.registry_no} is a support; its supply manager agrees on another one with its partner")
        trigger = asked.trigger(ZoneInfo(entry.time_zone), at)
        change = Change(
            case_id=follow_up_id(FollowUpKind.CHANGE, asked.registry_no, trigger.key),
            calendar=calendar,
            policy=policy,
            entered_at=at,
            last_at=at,
            registry_no=asked.registry_no,
            customer=entry.customer,
            about=asked.code.value,
            triggers=(trigger,),
            why=asked.why,
        )
        return await self.open_within(connection, change, asked.source)

    async def open_within(self, connection: AsyncConnection, change: Change, source: str) -> Raised:
        """Open a change, or tell its trigger to the one that is open, in a transaction that holds its agreement.

        Raises:
            Conflict: AGREEMENT_TERMINATING, AGREEMENT_ENDED.
            BadInput: REASON_NEEDED, where a corporate document is changed again within twelve months.
        """
        trigger = change.triggers[0]
        known = [
            each for each in await self._follow_ups.of(connection, change.registry_no, FollowUpKind.CHANGE) if isinstance(each, Change)
        ]
        for each in known:
            if each.case_id == change.case_id or each.knows(trigger):
                return Raised(each.case_id, is_new=False)
        await self._refuse_ended(connection, change.registry_no)
        if (is_open := next((each for each in known if not has_ended(each)), None)) is not None:
            news = News(name="trigger", about=is_open.case_id, content=trigger.model_dump(mode="json"), at=trigger.at)
            return Raised(is_open.case_id, is_new=True, news=(news,))
        change = await self._with_impact(connection, change, known)
        await self._cases.open(connection, record_of(change), source, change.case_id)
        return Raised(change.case_id, is_new=True)

    async def _refuse_ended(self, connection: AsyncConnection, registry_no: str) -> None:
        states = {state for (state,) in await connection.execute(select(entries.c.state).where(entries.c.registry_no == registry_no))}
        if "TERMINATING" in states:
            raise Conflict("AGREEMENT_TERMINATING", f"{registry_no} is being terminated; it is not changed any more")
        if not states & GOING_ON:
            raise Conflict("AGREEMENT_ENDED", f"{registry_no} has ended; what comes after it is another agreement")

    async def _with_impact(self, connection: AsyncConnection, change: Change, before: Sequence[Change]) -> Change:
        """A change of a corporate document with every agreement below; one planned revision a year needs no reason (R-018)."""
        entry = await self._newest(connection, change.registry_no)
        if entry is None or entry.level != AgreementLevel.CORPORATE.value:
            return change
        impact = await self._below(connection, [change.registry_no])
        at = change.triggers[0].at
        since = months_after(at.date(), -12)
        planned = [each for each in (*before, change) if each.triggers[0].code not in UNPLANNED and each.state not in _FRUITLESS]
        again = [each for each in planned if each is not change and each.triggers[0].at.date() > since]
        if change in planned and again and change.why is None:
            below = f"; below it: {', '.join(impact)}" if impact else ""
            raise BadInput(
                f"reason: {change.registry_no} was changed within twelve months; say why it is changed again{below}", "REASON_NEEDED"
            )
        return change.but(impact=tuple(impact))

    async def _below(self, connection: AsyncConnection, numbers: Sequence[str]) -> list[str]:
        """Every agreement below some, level after level."""
        query = select(entries.c.registry_no).where(entries.c.parent.in_(list(numbers))).distinct().order_by(entries.c.registry_no)
        found = [number for (number,) in await connection.execute(query)]
        return [*found, *(await self._below(connection, found))] if found else []

    async def _newest(self, connection: AsyncConnection, registry_no: str) -> Row[Any] | None:
        rows = (await connection.execute(select(entries).where(entries.c.registry_no == registry_no))).all()
        return max(rows, key=lambda row: tuple(map(int, row.version.split("."))), default=None)
