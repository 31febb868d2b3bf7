"""Opening cases: a request of the CRM, or the supply manager's need, becomes a case before anybody is answered."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from api.clock import BusinessClock
from domain.case_messages import CaseRecord
from domain.case_requests import AgreementRequested, open_case
from domain.case_telling import record_of
from domain.errors import Conflict
from domain.timer_policy import TimerPolicy
from store.cases import CaseStore
from store.database import Database
from store.directory import Directory
from store.inbox_rows import InboxRows

OPENED_BY_PEOPLE = "people"
"""The source of follow-ups that people opened."""


class Opened(NamedTuple):
    """A case, and whether this request opened it or an earlier one of the same name."""

    case_id: str
    is_new: bool


class CaseIntake:
    """Opens cases, each once."""

    def __init__(self, database: Database, now: BusinessClock, policy: TimerPolicy) -> None:
        """Work on a database, by the business's clock; new cases get this policy."""
        self._database = database
        self._cases = CaseStore(database)
        self._rows = InboxRows(database)
        self._directory = Directory(database)
        self._now = now
        self._policy = policy

    async def take(self, asked: Sequence[AgreementRequested]) -> list[Opened]:
        """Open the cases that requests ask for, all or none.

        Raises:
            NotFound: there is no catalogue yet.
        """
        if not asked:
            return []
        at, new = self._now(), set()
        async with self._database.writing() as connection:
            for each in sorted(asked, key=lambda request: request.case_id):  # one order for all, so that no two wait for each other
                if await self._rows.keep_request(connection, each, at):
                    case = open_case(each, await self._directory.current(connection), self._policy, at)
                    await self._cases.open(connection, record_of(case), each.source, each.id)
                    new.add(each.case_id)
        opened = []
        for each in asked:
            opened.append(Opened(each.case_id, is_new=each.case_id in new))
            new.discard(each.case_id)
        return opened

    async def open_support(self, record: CaseRecord, source: str, key: str) -> Opened:
        """Open a support case; the same key of the same person opens it once.

        Raises:
            Conflict: ALREADY_DECIDED, where the key was used for another partner.
        """
        async with self._database.writing() as connection:
            await self._cases.open(connection, record, source, key)
            case_id = await self._cases.case_of_event(connection, source, key)
            assert case_id is not None
            if case_id == record.case_id:
                await self._rows.keep_start(connection, case_id, source, key, self._now())
            known = await self._cases.case(connection, case_id)
        assert known is not None
        if known.document["partner"] != record.case["partner"]:
            raise Conflict("ALREADY_DECIDED", f"{key} was used for a case with {known.document['partner']}")
        return Opened(case_id, is_new=case_id == record.case_id)

    async def open_follow_up(self, record: CaseRecord) -> str:
        """Open a follow-up that its id names; asked for again it is the same, gives its id."""
        async with self._database.writing() as connection:
            if await self._cases.case(connection, record.case_id) is None:
                await self._cases.open(connection, record, OPENED_BY_PEOPLE, record.case_id)
                await self._rows.keep_start(connection, record.case_id, OPENED_BY_PEOPLE, record.case_id, self._now())
        return record.case_id

    async def figures_changed(self, registry_no: str, version: Row[Any]) -> None:
        """Have the agreement's process go on from a version that somebody closed; once for each version."""
        async with self._database.writing() as connection:
            await self._rows.keep_figures(connection, registry_no, version.period, version.version, self._now())
