"""Where backtests are asked for: kept at once, measured by a process that the forwarder starts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from api.clock import BusinessClock
from domain.agreement_case import AgreementCase
from domain.backtest.asked import AskedBacktest
from domain.backtest.completing import Known, Remark
from domain.backtest.of_cases import CaseProposals, proposals_of_case
from domain.backtest.orders import BacktestState
from domain.backtest.proposals import Proposal, Whose
from domain.backtest.question import Question
from domain.calendar_changes import CalendarState
from domain.calendar_definitions import CalendarDefinition
from domain.canonical import digest_of
from domain.documents import AgreementDocument, content_of
from domain.errors import Conflict
from domain.spans import Span
from store.backtests import About, BacktestStore
from store.calendars import CalendarStore
from store.database import Database
from store.entries import LIVING, PROMISES, Entries, entries_of
from store.inbox_rows import InboxRows
from store.records import RecordStore, Wanted

_MOST_AGREEMENTS = 200
"""Versions of agreements of a service that promises are completed from."""


class Asked(NamedTuple):
    """What somebody asks, what for, and what was assumed; `key` makes a repeated request the same one."""

    question: AskedBacktest
    about: About
    remarks: Sequence[Remark]
    by: str
    key: str


class BacktestDesk:
    """Takes backtests in."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._now = now
        self._backtests = BacktestStore(database)
        self._calendars = CalendarStore(database)
        self._entries = Entries(database)
        self._records = RecordStore(database)
        self._rows = InboxRows(database)

    async def ask(self, asked: Asked) -> Row[Any]:
        """Keep a backtest, and that its process is to be started; the same key of the same person again is the same one.

        Raises:
            BadInput: a proposal cannot be measured.
            Conflict: KEY_USED, for another question.
        """
        at, question = self._now(), content_of(asked.question)
        asked.question.refuse_unmeasurable(at)
        name = f"backtest-{digest_of([asked.by, asked.key])[:12]}"
        values = {
            "backtest": name,
            "asked_by": asked.by,
            "asked_at": at,
            "question": question,
            "names": [each.proposal for each in asked.question.proposals],
            "remarks": [each.model_dump(mode="json") for each in asked.remarks],
            "since": asked.question.since,
            "until": asked.question.until,
            **asked.about._asdict(),
            "state": BacktestState.RUNNING.value,
        }
        async with self._database.writing() as connection:
            await self._backtests.add(connection, values)
            row = await self._backtests.backtest(connection, name)
            assert row is not None
            if row.question != question:
                raise Conflict("KEY_USED", f"the key was used for {name}, which asks something else")
            await self._rows.keep_backtest(connection, name, at)
            return row

    async def of_case(self, case: AgreementCase) -> CaseProposals:
        """What a case would promise as it stands, completed from what is registered and published."""
        services = dict.fromkeys([*case.request.services, *_services_in(case)])
        agreements = [each for service in services for each in await self._agreements(service, case.request.customer)]
        return proposals_of_case(case, Known(agreements, await self._published()))

    async def whose(self, proposals: Sequence[Proposal], span: Span) -> Whose:
        """Whose tickets tell most: the customer's own; anybody's where it has none."""
        own = await self._records.count(Wanted.by(Question(proposals), span))
        return Whose.THE_CUSTOMER if own else Whose.ANYBODY

    async def _agreements(self, service: str, customer: str) -> list[AgreementDocument]:
        """Promises of a service that have not ended, in their newest versions; those to the customer first, then the newest."""
        rows = await self._entries.search({"service": service}, None, _MOST_AGREEMENTS, None)
        kinds = {each.value for each in PROMISES}
        found = [each for each in entries_of(rows) if each.kind in kinds and each.standing in LIVING]
        newest = sorted(found, key=lambda each: str(each.registry_no), reverse=True)
        return [each.text for each in sorted(newest, key=lambda each: each.customer != customer)]

    async def _published(self) -> dict[str, CalendarDefinition]:
        async with self._database.reading() as connection:
            rows = await self._calendars.all(connection)
        confirmed = [row for row in reversed(rows) if row.state == CalendarState.CONFIRMED.value]
        return {row.calendar: CalendarDefinition.model_validate(row.definition) for row in confirmed}


def _services_in(case: AgreementCase) -> list[str]:
    asked = case.requirements.requirements if case.requirements is not None else ()
    priced = case.proposal.options if case.proposal is not None else ()
    return [*(each.service for each in asked if each.service is not None), *(each.service for each in priced)]
