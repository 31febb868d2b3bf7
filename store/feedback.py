"""Answers and outcomes, each once by its source and name; a period counts them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.feedback import CONTENT_FROM, Feedback
from domain.spans import Span
from domain.watermelon import OutcomeCount, Satisfaction
from store.database import Database
from store.period_tables import FeedbackRow

feedback = FeedbackRow.__table__  # type: ignore[attr-defined]

_SATISFACTION = ""
"""What an answer is about: the service as a whole. Outcomes have names."""


class FeedbackStore:
    """Keeps what was said; nothing is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def add(self, said: Feedback, by: str, at: datetime) -> int:
        """Keep what is new, all or nothing; says how much was."""
        async with self._database.writing() as connection:
            return await self.add_within(connection, said, by, at)

    async def add_within(self, connection: AsyncConnection, said: Feedback, by: str, at: datetime) -> int:
        """`add`, in the caller's transaction."""
        same = {"registry_no": said.number, "source": said.source, "reported_by": by, "received_at": at}
        rows = [same | {"name": each.answer, "about": _SATISFACTION, "value": each.score, "at": each.at} for each in said.answers]
        rows += [same | {"name": each.value, "about": each.outcome, "value": int(each.reached), "at": each.at} for each in said.outcomes]
        statement = self._database.insert(FeedbackRow).on_conflict_do_nothing(index_elements=["source", "name"])
        return len((await connection.execute(statement.returning(feedback.c.id), rows)).all()) if rows else 0

    async def of(self, connection: AsyncConnection, registry_no: str, period: Span) -> tuple[Satisfaction, dict[str, OutcomeCount]]:
        """The answers of a period, and how often each outcome was reached in it."""
        within = feedback.c.registry_no == registry_no, feedback.c.at >= period.start, feedback.c.at < period.end
        good = case((feedback.c.about == _SATISFACTION, feedback.c.value >= CONTENT_FROM), else_=feedback.c.value == 1)
        query = select(feedback.c.about, func.sum(case((good, 1), else_=0)), func.count()).where(*within).group_by(feedback.c.about)
        found = {about: (int(reached), int(every)) for about, reached, every in await connection.execute(query)}
        answers = Satisfaction(*found.pop(_SATISFACTION, (0, 0)))
        return answers, {about: OutcomeCount(*counts) for about, counts in found.items()}

    async def answers(self, connection: AsyncConnection, asked: Sequence[tuple[str, Span]]) -> Satisfaction:
        """The answers of several agreements together, each in its own period."""
        numbers: dict[Span, list[str]] = {}
        for number, span in asked:
            numbers.setdefault(span, []).append(number)
        within = or_(
            *(
                and_(feedback.c.registry_no.in_(each), feedback.c.at >= span.start, feedback.c.at < span.end)
                for span, each in numbers.items()
            )
        )
        content = func.sum(case((feedback.c.value >= CONTENT_FROM, 1), else_=0))
        content_of, every = (await connection.execute(select(content, func.count()).where(feedback.c.about == _SATISFACTION, within))).one()
        return Satisfaction(int(content_of or 0), int(every))
