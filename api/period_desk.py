"""The desk that says what an agreement came to in a period: counts and measured times from the store, judged by the domain."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from api.clock import BusinessClock
from domain.agreement_life import term_of
from domain.agreement_parts import Period
from domain.availability import Availability, availability_in
from domain.case_messages import Registered
from domain.credits import CreditDraft
from domain.documents import AgreementDocument
from domain.errors import NotFound
from domain.measurements import facts_in
from domain.period_results import credits_of, results_of
from domain.periods import PeriodSpan, kind_of, period_named
from domain.results import Colour, TargetResult, is_chronic, may_be_ended
from domain.spans import Span
from domain.watermelon import OutcomeCount, Satisfaction, WatermelonReason, watermelon
from store.database import Database
from store.feedback import FeedbackStore
from store.measurements import MeasurementStore
from store.period_results import ClosedPeriods
from store.results import Asked, Counted, attainment_of


class PeriodResults(NamedTuple):
    """A period of an agreement as it stands; credits only of one that is over."""

    document: AgreementDocument
    period: PeriodSpan
    is_over: bool
    results: dict[str, TargetResult]
    counted: dict[str, Counted]
    measured: dict[str, Availability]
    drafts: list[CreditDraft]
    satisfaction: Satisfaction
    outcomes: dict[str, OutcomeCount]
    watermelon: tuple[WatermelonReason, ...]
    earlier: dict[str, list[Colour]]
    """By target: the colours of the closed periods before this one, earliest first."""

    def warnings(self, target: str) -> Iterator[str]:
        """What to look at in a target."""
        result = self.results[target]
        if not self.is_over:
            if result.burns_too_fast:
                yield "BURN_RATE"
            return
        colours = [*self.earlier.get(target, []), result.colour]
        if is_chronic(colours):
            yield "CHRONIC"
        if may_be_ended(colours):
            yield "MAY_BE_ENDED"


class PeriodDesk:
    """Looks at periods."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._measurements = MeasurementStore(database)
        self._closed = ClosedPeriods(database)
        self._feedback = FeedbackStore(database)
        self._now = now

    async def results(self, entry: Any, name: str) -> PeriodResults:
        """A period of a registered agreement, by its name, cut to the agreement's term.

        Raises:
            NotFound: the agreement states no shares, or was not in force in the period.
            BadInput: there is no such period.
        """
        if entry.case_id is None:
            raise NotFound(f"{entry.registry_no} came as ready terms: they state no shares to be met")
        document, now = AgreementDocument.model_validate(entry.document), self._now()
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
            stretches = await self._measurements.of(connection, entry.registry_no, span)
            satisfaction, outcomes = await self._feedback.of(connection, entry.registry_no, span)
        measured = {
            target.target: availability_in(span, document.calendar(target.calendar), facts_in(span, stretches[target.target]))
            for target in document.availability
            if target.target in stretches
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
