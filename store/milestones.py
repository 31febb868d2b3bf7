"""Milestones that were reached, and the digests of those too old to be told one by one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.effects import MilestoneRecord, Telling
from domain.ticket_audit import reached
from store.audit import AuditTrail
from store.database import Database
from store.group_commit import GroupCommit
from store.tables import MilestoneRow
from store.tickets import milestones, subject_of


class Milestones:
    """Carries out `domain.ports.MilestoneStore`."""

    def __init__(self, database: Database, bucket_of: Callable[[datetime], str]) -> None:
        """Work on a database; `bucket_of` names the digest an old milestone gets into."""
        self._database = database
        self._bucket_of = bucket_of
        self._audit = AuditTrail(database)
        self._records = GroupCommit(self._record)

    async def record(self, noticed: Sequence[MilestoneRecord]) -> None:
        """Write milestones; the same key a second time changes nothing."""
        await self._records.take(noticed)

    async def _record(self, noticed: Sequence[MilestoneRecord]) -> list[None]:
        never = [each.key.removesuffix(":withdrawn") for each in noticed if each.telling is Telling.WITHDRAWN]
        async with self._database.writing() as connection:
            await connection.execute(
                self._database.insert(MilestoneRow).on_conflict_do_nothing(), [self._values(milestone) for milestone in noticed]
            )
            await self._audit.append(connection, [reached(milestone) for milestone in noticed])
            if never:  # what never happened is not counted in a digest either
                await connection.execute(update(milestones).where(milestones.c.key.in_(never)).values(digest=None))
        return [None for _ in noticed]

    def _values(self, milestone: MilestoneRecord) -> dict[str, Any]:
        return milestone.model_dump(exclude={"ticket"}) | {
            "subject": subject_of(milestone.ticket),
            "recipients": list(milestone.recipients),
            "digest": self._bucket_of(milestone.detected_at) if milestone.telling is Telling.DIGEST else None,
        }

    async def digest_counts(self, bucket: str) -> dict[str, dict[str, int]]:
        """Counts by receiver and kind of what the bucket holds and no digest has told."""
        counts: dict[str, dict[str, int]] = {}
        async with self._database.reading() as connection:
            rows = await connection.execute(select(milestones.c.kind, milestones.c.recipients).where(milestones.c.digest == bucket))
            for kind, recipients in rows:
                for receiver in recipients:
                    by_kind = counts.setdefault(receiver, {})
                    by_kind[kind] = by_kind.get(kind, 0) + 1
        return counts

    async def close_digest(self, bucket: str) -> None:
        """The bucket's milestones were told."""
        async with self._database.writing() as connection:
            await connection.execute(update(milestones).where(milestones.c.digest == bucket).values(digest=None))
