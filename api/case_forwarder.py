"""Telling the engine of cases: starting their processes, and the deeds no worker had answered."""

import logging
from datetime import datetime
from typing import Any

from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.calendar_desk import CalendarDesk
from api.case_desk import CaseDesk, ended
from api.clock import BusinessClock
from api.forwarding import Forwarding
from domain.agreement_case import AgreementCase
from domain.backtest.orders import BacktestOrder
from domain.case_messages import AgreementOrder, CaseOrder, FollowUpOrder, Registered, SupportOrder
from domain.cases import Submission
from domain.errors import Conflict, ServandaError
from domain.follow_ups.change import Change
from domain.follow_ups.follow_up import FollowUpKind, News
from domain.follow_ups.kinds import has_ended
from domain.replan import ReplanOrder
from domain.support_case import SupportCase
from domain.termination import TerminationNews
from store.backtests import BacktestStore, order_of
from store.cases import CaseStore
from store.changes import ChangeStore
from store.database import Database
from store.entries import LIVING
from store.follow_ups import follow_up_of
from store.inbox_rows import InboxRows
from store.replans import ReplanStore
from store.terminations import TerminationStore
from workflows.processes import signal, tell_agreement, tell_of_supports, tell_termination, tell_version
from workflows.starting import start_agreement, start_backtest, start_case, start_follow_up, start_replan, start_support

_log = logging.getLogger(__name__)

_AT_ONCE = 100

_AWAY = (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, OSError, RuntimeError)
"""How the library says that the engine, or every worker, is away."""


class CaseForwarder(Forwarding):
    """Sends what the inbox holds about cases, each case's rows in their order."""

    def __init__(self, database: Database, client: Client, desk: CaseDesk, now: BusinessClock, calendars: CalendarDesk) -> None:
        """Work on a database and an engine, by the business's clock."""
        super().__init__()
        self._database = database
        self._cases = CaseStore(database)
        self._rows = InboxRows(database)
        self._changes = ChangeStore(database)
        self._replans = ReplanStore(database)
        self._backtests = BacktestStore(database)
        self._terminations = TerminationStore(database)
        self._client = client
        self._desk = desk
        self._calendars = calendars
        self._now = now

    async def _send_waiting(self) -> bool:
        after, is_away = 0, False
        stuck: set[str] = set()
        while True:
            async with self._database.reading() as connection:
                waiting = await self._rows.waiting(connection, _AT_ONCE, after)
            if not waiting:
                return not is_away
            for row in waiting:
                if row.subject in stuck:
                    continue
                try:
                    await self._send(row)
                except _AWAY as failure:
                    _log.warning("the engine did not take %s: %s", row.subject, failure)
                    is_away = True
                    stuck.add(row.subject)
                except Exception:  # noqa: BLE001  (whatever is wrong with it, other cases are sent; it is tried again at each look)
                    _log.exception("row %s of the inbox, about %s, cannot be sent", row.id, row.subject)
                    stuck.add(row.subject)
            if is_away and stuck >= {row.subject for row in waiting}:
                return False
            after = waiting[-1].id

    async def _send(self, row: Any) -> None:
        if "deed" in row.event:
            await self._judge(row)
        elif "agreement" in row.event:
            registered = Registered.model_validate(row.event["agreement"])
            await start_agreement(self._client, AgreementOrder(registered=registered, time_shift=self._now.shift))
        elif "calendar" in row.event:
            await self._calendars.carry_out(row.event["calendar"], row.event["version"])
        elif "supports" in row.event:
            await tell_of_supports(self._client, row.event["registry_no"], row.event["supports"])
        elif "version" in row.event:
            await tell_version(self._client, Registered.model_validate(row.event["version"]))
        elif "termination" in row.event:
            await self._end(row.event["registry_no"], TerminationNews.model_validate(row.event["termination"]))
        elif "news" in row.event:
            await self._tell(News.model_validate(row.event["news"]))
        elif "figures" in row.event:
            await tell_agreement(self._client, row.event["registry_no"], row.event["figures"])
        elif row.event.keys() & {"replan", "backtest"}:
            await self._set_going(row.event)
        else:
            await self._start(row.subject.partition(" ")[2])
        await self._rows.done(row.id, self._now())

    async def _judge(self, row: Any) -> None:
        """Have a deed judged. A refusal is an answer too; who asks again with the same key gets it."""
        said = Submission.model_validate(row.event["deed"])
        case_id = row.subject.partition(" ")[2]
        try:
            await self._desk.deliver(row.event["kind"], case_id, said)
        except (ServandaError, RPCError) as failure:
            async with self._database.reading() as connection:
                case = await self._cases.case(connection, case_id)
            refusal = failure if isinstance(failure, ServandaError) else ended(case, failure)
            if refusal is None:
                raise
            await self._desk.note_refusal(case, said, refusal)

    async def _set_going(self, event: dict[str, str]) -> None:
        """Start what runs once and ends: a re-plan, or a backtest."""
        if "replan" in event:
            await start_replan(self._client, await self._replan(event["replan"]))
        else:
            await start_backtest(self._client, await self._backtest(event["backtest"]))

    async def _replan(self, name: str) -> ReplanOrder:
        async with self._database.reading() as connection:
            row = await self._replans.replan(connection, name)
        assert row is not None
        return ReplanOrder(replan=name, agreement=row.agreement, to_version=row.to_version, rate=row.rate)

    async def _backtest(self, name: str) -> BacktestOrder:
        async with self._database.reading() as connection:
            row = await self._backtests.backtest(connection, name)
        assert row is not None
        return order_of(row)

    async def _tell(self, news: News) -> None:
        """Tell a change of another trigger; where it has ended by now, the trigger asks for the next one."""
        try:
            await signal(self._client, news.about, "news", news)
        except RPCError as failure:
            async with self._database.reading() as connection:
                row = await self._cases.case(connection, news.about)
            assert row is not None
            change = follow_up_of(row.document)
            if failure.status is not RPCStatusCode.NOT_FOUND or not has_ended(change):
                raise
            for each in change.too_late(news).successors:
                assert isinstance(each, Change)
                await self._open(each)

    async def _end(self, registry_no: str, news: TerminationNews) -> None:
        """Tell an agreement of its end; one that has not begun is told when it has, one that is over hears nothing."""
        try:
            await tell_termination(self._client, registry_no, news)
        except RPCError as failure:
            async with self._database.reading() as connection:
                entry = await self._terminations.entry(connection, registry_no)
            if failure.status is not RPCStatusCode.NOT_FOUND or entry is None or entry.standing in LIVING:
                raise

    async def _open(self, change: Change) -> None:
        try:
            raised = await self._changes.open(change)
        except Conflict as ended:
            _log.info("%s is not opened: %s", change.case_id, ended)
            return
        for news in raised.news:
            await signal(self._client, news.about, "news", news)
        if not raised.news:
            await self._start(raised.case_id)

    async def _start(self, case_id: str) -> None:
        async with self._database.reading() as connection:
            row = await self._cases.case(connection, case_id)
        assert row is not None
        try:
            if row.kind in set(FollowUpKind):
                order = FollowUpOrder.model_validate({"case": follow_up_of(row.document), "time_shift": self._now.shift})
                await start_follow_up(self._client, order)
            elif row.kind == "SUPPORT":
                await start_support(self._client, SupportOrder(case=SupportCase.model_validate(row.document), time_shift=self._now.shift))
            else:
                await start_case(self._client, CaseOrder(case=AgreementCase.model_validate(row.document), time_shift=self._now.shift))
        except WorkflowAlreadyStartedError:
            _log.info("%s runs already", case_id)
        at: datetime = self._now()
        async with self._database.writing() as connection:
            await self._cases.mark_started(connection, case_id, at)
