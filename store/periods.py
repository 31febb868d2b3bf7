"""What an agreement came to in a period: counts and measured times from the store, judged by the domain."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.agreement_life import term_of
from domain.agreement_parts import Period
from domain.availability import availability_in
from domain.case_messages import Registered
from domain.documents import AgreementDocument
from domain.errors import NotFound
from domain.measurements import facts_in
from domain.period_results import PeriodResults, credits_of, results_of
from domain.periods import PeriodSpan, kind_of, period_named
from domain.results import Colour
from domain.spans import Span
from domain.watermelon import watermelon
from store.condensed import Wanted
from store.database import Database
from store.feedback import FeedbackStore
from store.measurements import MeasurementStore
from store.period_results import ClosedPeriods
from store.results import Asked, attainment_of


class Periods:
    """Looks at periods."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._measurements = MeasurementStore(database)
        self._closed = ClosedPeriods(database)
        self._feedback = FeedbackStore(database)

    async def results(self, entry: Any, name: str, now: datetime) -> PeriodResults:
        """A period of a registered agreement, by its name, cut to the agreement's term.

        Raises:
            NotFound: the agreement states no shares, or was not in force in the period.
            BadInput: there is no such period.
        """
        if entry.case_id is None:
            raise NotFound(f"{entry.registry_no} came as ready terms: they state no shares to be met")
        document = AgreementDocument.model_validate(entry.document)
        zone = ZoneInfo(document.time_zone)
        kind, whole = period_named(name, zone)
        term = term_of(Registered.model_validate(entry, from_attributes=True))
        period = whole.cut_to(Span(term.begins, term.ends or whole.end))
        if period is None:
            raise NotFound(f"{entry.registry_no} is not in force in {name}")
        span = Span(period.start, min(period.end, max(now, period.start)))
        async with self._database.reading() as connection:
            asked = Asked(entry.registry_no.replace("/", "-"), zone, document.workload_limits or ())
            counted = await attainment_of(connection, asked, span, now)
            stretches = {
                target.target: await self._measurements.of(connection, Wanted(entry.registry_no, target.target, span))
                for target in document.availability
            }
            satisfaction, outcomes = await self._feedback.of(connection, entry.registry_no, span)
        measured = {
            target.target: availability_in(span, document.calendar(target.calendar), facts_in(span, stretches[target.target]))
            for target in document.availability
            if stretches[target.target]
        }
        within = {target: each.within for target, each in counted.items()}
        results = results_of(document, kind, within, measured)
        colours = [each.colour for each in results_of(document, None, within, measured).values()]
        inside = watermelon(colours, satisfaction, outcomes.values())
        is_over = now >= period.end
        drafts = credits_of(document, results) if is_over else []
        earlier = await self._earlier(entry.registry_no, kind, period)
        return PeriodResults(document, period, is_over, results, counted, measured, drafts, satisfaction, outcomes, inside, earlier)

    async def _earlier(self, registry_no: str, kind: Period, period: PeriodSpan) -> dict[str, list[Colour]]:
        """Colours of closed periods of the same kind, each by its last version."""
        rows = {row.period: row for row in await self._closed.versions(registry_no)}
        colours: dict[str, list[Colour]] = {}
        for name in sorted(rows):
            if name < period.name and kind_of(name) is kind:
                for target in rows[name].content["targets"]:
                    colours.setdefault(target["target"], []).append(Colour(target["colour"]))
        return colours
