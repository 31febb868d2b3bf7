"""Raising changes: what the CRM or a person asks for becomes a change, or belongs to the one that is open, before anybody is answered."""

from collections.abc import Sequence

from api.case_intake import Opened
from api.clock import BusinessClock
from domain.follow_ups.triggers import ChangeAsked
from domain.timer_policy import TimerPolicy
from store.changes import ChangeStore
from store.database import Database
from store.directory import Directory
from store.inbox_rows import InboxRows


class ChangeIntake:
    """Raises changes, each once."""

    def __init__(self, database: Database, now: BusinessClock, policy: TimerPolicy) -> None:
        """Work on a database, by the business's clock; new changes get this policy."""
        self._database = database
        self._changes = ChangeStore(database)
        self._rows = InboxRows(database)
        self._directory = Directory(database)
        self._now = now
        self._policy = policy

    async def take(self, asked: Sequence[ChangeAsked]) -> list[Opened]:
        """Raise what is asked for, all or none; gives the change each belongs to, and whether it was asked for just now.

        Raises:
            NotFound: an agreement that is not there, or no catalogue yet.
            BadInput: a support, or a corporate document that is changed again without a reason.
            Conflict: an agreement that has ended, or is about to.
        """
        if not asked:
            return []
        at, opened = self._now(), []
        async with self._database.writing() as connection:
            await self._changes.hold(connection, [each.registry_no for each in asked])
            calendar = (await self._directory.current(connection)).calendar
            for each in asked:
                known = await self._rows.case_of(connection, each.source, each.event)
                if known is None:
                    raised = await self._changes.raise_within(connection, each, (calendar, self._policy, at))
                    await self._rows.keep_change(connection, each, raised.case_id, raised.news, at)
                opened.append(Opened(known or raised.case_id, is_new=known is None))
        return opened
