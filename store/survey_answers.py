"""The answers to surveys: each given once, kept with its comment, counted as feedback."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from domain.feedback import Feedback, SurveyAnswer
from domain.spans import Span
from domain.surveys import SOURCE, Survey, SurveyCount, SurveyState
from domain.watermelon import Satisfaction
from store.database import Database
from store.feedback import FeedbackStore
from store.registry import AgreementRegistry
from store.surveys import survey_of, surveys


class SurveyAnswers:
    """Keeps answers and counts them."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._feedback = FeedbackStore(database)
        self._registry = AgreementRegistry(database)

    async def find(self, name: str) -> Survey | None:
        """A survey by its name; None if nobody was asked under it."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(surveys).where(surveys.c.survey == name))).one_or_none()
        entry = await self._registry.entry(row.registry_no) if row is not None else None
        return survey_of(row, entry.title) if row is not None and entry is not None else None

    async def answer(self, survey: Survey, score: int, comment: str, at: datetime) -> SurveyState:
        """Keep an answer, and count it as feedback; says what the survey was before. Only an open one takes an answer."""
        same = surveys.c.survey == survey.survey
        waiting = same, surveys.c.answered_at.is_(None), surveys.c.expires_at > at
        values = {"answered_at": at, "score": score, "comment": comment or None}
        said = SurveyAnswer(answer=survey.survey, score=score, at=at)
        async with self._database.writing() as connection:
            taken = await connection.execute(update(surveys).where(*waiting).values(**values).returning(surveys.c.survey))
            if taken.one_or_none() is None:
                answered_at = await connection.scalar(select(surveys.c.answered_at).where(same))
                return survey._replace(answered_at=answered_at).state(at)
            feedback = Feedback(registry_no=survey.registry_no, source=SOURCE, answers=(said,))
            await self._feedback.add_within(connection, feedback, SOURCE, at)
        return SurveyState.OPEN

    async def counted(self, registry_no: str, period: Span) -> tuple[SurveyCount, Satisfaction]:
        """Surveys of an agreement that were asked in a period, and all answers given in it."""
        asked = surveys.c.registry_no == registry_no, surveys.c.asked_at >= period.start, surveys.c.asked_at < period.end
        async with self._database.reading() as connection:
            counts = (await connection.execute(select(func.count(), func.count(surveys.c.answered_at)).where(*asked))).one()
            satisfaction, _ = await self._feedback.of(connection, registry_no, period)
        return SurveyCount(*counts), satisfaction

    async def comments(self, registry_no: str, period: Span, limit: int) -> Sequence[Row[Any]]:
        """What people wrote in a period, newest first."""
        given = surveys.c.registry_no == registry_no, surveys.c.answered_at >= period.start, surveys.c.answered_at < period.end
        query = select(surveys).where(*given, surveys.c.comment.is_not(None)).order_by(surveys.c.answered_at.desc(), surveys.c.survey)
        async with self._database.reading() as connection:
            return (await connection.execute(query.limit(limit))).all()
