"""Milestones that were reached, and the digests of those too old to be told one by one."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from domain.effects import MilestoneRecord, Telling
from store.database import Database
from store.tables import MilestoneRow
from store.tickets import milestones, subject_of


class Milestones:
    """Carries out `domain.ports.MilestoneStore`."""

    def __init__(self, database: Database, bucket_of: Callable[[datetime], str]) -> None:
        """Work on a database; `bucket_of` names the digest an old milestone gets into."""
        self._database = database
        self._bucket_of = bucket_of

    async def record(self, milestone: MilestoneRecord) -> None:
        """Write a milestone; the same key a second time changes nothing."""
        values = milestone.model_dump(exclude={"ticket"}) | {
            "subject": subject_of(milestone.ticket),
            "recipients": list(milestone.recipients),
            "digest": self._bucket_of(milestone.detected_at) if milestone.telling is Telling.DIGEST else None,
        }
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(MilestoneRow).on_conflict_do_nothing(), values)
            if milestone.telling is Telling.WITHDRAWN:  # what never happened is not counted in a digest either
                never = milestone.key.removesuffix(":withdrawn")
                await connection.execute(update(milestones).where(milestones.c.key == never).values(digest=None))

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
