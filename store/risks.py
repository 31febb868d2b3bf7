"""The risk list: which agreements may be lost, by what is known of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.business_risk import BusinessRisk, Standing, business_risk
from domain.documents import AgreementDocument
from domain.results import Colour
from domain.spans import Span
from store.database import Database
from store.entries import PROMISES, Entry
from store.feedback import FeedbackStore
from store.period_results import ClosedPeriods
from store.registry import AgreementRegistry

ASKED_DAYS = timedelta(days=90)
"""Customers' answers of so long ago still say how content they are (a threshold of ours: a quarter)."""


class AtRisk(NamedTuple):
    """An agreement with its risk."""

    entry: Entry
    risk: BusinessRisk


class Risks:
    """Judges every agreement that was signed here and has not ended."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._registry = AgreementRegistry(database)
        self._closed = ClosedPeriods(database)
        self._feedback = FeedbackStore(database)

    async def at(self, now: datetime) -> list[AtRisk]:
        """All of them, the highest risk first, then in the order of their numbers."""
        living = [each for kind in PROMISES for each in await self._registry.living(kind.value)]
        found = [AtRisk(each, await self._risk(each, now)) for each in living]
        levels = list(type(found[0].risk.level)) if found else []
        return sorted(found, key=lambda each: (-levels.index(each.risk.level), each.entry.registry_no))

    async def _risk(self, entry: Entry, now: datetime) -> BusinessRisk:
        async with self._database.reading() as connection:
            satisfaction, _ = await self._feedback.of(connection, entry.registry_no, Span(now - ASKED_DAYS, now))
        last = {row.period: row.content for row in await self._closed.versions(entry.registry_no)}
        document = AgreementDocument.model_validate(entry.document)
        notice = document.termination.notice_days if document.termination is not None else 0
        until = document.effective_until
        standing = Standing(_colours(last), satisfaction, until - timedelta(days=notice) if until is not None else None)
        return business_risk(standing, now.astimezone(ZoneInfo(entry.time_zone)).date())


def _colours(periods: Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]]) -> dict[str, list[Colour]]:
    """By target the colours of closed periods, earliest first."""
    found: dict[str, list[Colour]] = {}
    for name in sorted(periods):
        for target in periods[name]["targets"]:
            found.setdefault(target["target"], []).append(Colour(target["colour"]))
    return found
