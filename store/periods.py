"""What an agreement came to in a period: counts and measured times from the store, judged by the domain."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import AvailabilityTarget, Period
from domain.attainment import Counted
from domain.availability import Availability, AvailabilityFacts, availability_in, outages_in
from domain.documents import AgreementDocument
from domain.duties import duty_counts
from domain.early_warning import recent_window
from domain.instants import span_us
from domain.measurements import Measured, facts_in
from domain.period_results import PeriodResults, credits_of, results_of
from domain.periods import PeriodSpan, kind_of, period_at
from domain.results import Colour, TargetResult
from domain.spans import Span
from domain.versions import part_named
from domain.watermelon import watermelon
from store.condensed import Wanted
from store.database import Database
from store.duties import DutyStore
from store.entries import Entry
from store.feedback import FeedbackStore
from store.follow_ups import FollowUpStore
from store.measurements import MeasurementStore
from store.period_results import ClosedPeriods
from store.results import Asked, attainment_of
from store.stated import Stated


class PeriodFrame(NamedTuple):
    """A period of a registered agreement: its text, the kind and the span that is looked at, and which clocks belong to it."""

    registry_no: str
    document: AgreementDocument
    kind: Period
    period: PeriodSpan
    asked: Asked
    supports: tuple[str, ...] = ()

    @property
    def share(self) -> Fraction:
        """How much of the whole period it is, where a change of versions split that; what is paid for it is that much."""
        if "@" not in self.period.name:
            return Fraction(1)
        whole = period_at(self.kind, self.period.start, self.asked.zone)
        return Fraction(span_us(self.period.end - self.period.start), span_us(whole.end - whole.start))

    def so_far(self, now: datetime) -> Span:
        """The part of the period that is gone."""
        return Span(self.period.start, min(self.period.end, max(now, self.period.start)))

    def is_over(self, now: datetime) -> bool:
        """Has its last instant passed?"""
        return now >= self.period.end


def frame_of(entry: Entry, name: str) -> PeriodFrame:
    """A period of a registered agreement, by its name, cut to the agreement's term; with the text that was in force in it.

    Raises:
        NotFound: the agreement states no shares, or was not in force in the period.
        BadInput: there is no such period.
    """
    kind, period, stage = part_named(name, entry.stages, Stated.of(entry).zone)
    version = entry.within(stage, period.end)
    stated = Stated.of(version)
    return PeriodFrame(entry.registry_no, stated.document, kind, period, stated.asked, tuple(version.supports))


class Periods:
    """Looks at periods."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._measurements = MeasurementStore(database)
        self._closed = ClosedPeriods(database)
        self._feedback = FeedbackStore(database)
        self._duties = DutyStore(database)
        self._follow_ups = FollowUpStore(database)

    async def results(self, entry: Entry, name: str, now: datetime) -> PeriodResults:
        """A period of a registered agreement as it stands.

        Raises:
            NotFound: the agreement states no shares, or was not in force in the period.
            BadInput: there is no such period.
        """
        return await self.within(frame_of(entry, name), now)

    async def within(self, frame: PeriodFrame, now: datetime) -> PeriodResults:
        """What a period that was found comes to."""
        document, kind, period, span = frame.document, frame.kind, frame.period, frame.so_far(now)
        is_over = frame.is_over(now)
        async with self._database.reading() as connection:
            counted, stretches = await self._facts(connection, frame, span, now)
            satisfaction, outcomes = await self._feedback.of(connection, frame.registry_no, span)
            duties = duty_counts(document.obligations, await self._duties.of(connection, frame.registry_no, span))
            disputes = await self._follow_ups.disputes(connection, frame.registry_no, period.name)
            credited = await self._follow_ups.credited(connection, frame.registry_no, period.name)
        measured = availability_of(document, span, stretches)
        results = results_of(document, kind, counted, measured)
        every = results_of(document, None, counted, measured)
        contested = {
            each.about: [*stretches.get(each.about, []), *(Measured(part.kind, Span(part.start, part.end)) for part in each.account)]
            for each in disputes
        }
        disputed = results_of(document, kind, {}, availability_of(document, span, contested)) if contested else {}
        return PeriodResults(
            document=document,
            period=period,
            is_over=is_over,
            results=results,
            every=every,
            counted=counted,
            measured=measured,
            drafts=credits_of(document, results, credited, frame.share) if is_over else [],
            satisfaction=satisfaction,
            outcomes=outcomes,
            watermelon=watermelon([each.colour for each in every.values()], satisfaction, outcomes.values()),
            duties=duties,
            earlier=await self._earlier(frame.registry_no, kind, period),
            disputed={name: each for name, each in disputed.items() if name in contested},
            recent=await self._recent(frame, span, now) if not is_over else {},
            outages=outages_of(document, span, stretches),
        )

    async def _recent(self, frame: PeriodFrame, so_far: Span, now: datetime) -> dict[str, TargetResult]:
        """What a running period came to of late, by target."""
        window = recent_window(so_far)
        async with self._database.reading() as connection:
            counted, stretches = await self._facts(connection, frame, window, now)
        return results_of(frame.document, frame.kind, counted, availability_of(frame.document, window, stretches))

    async def _facts(
        self, connection: AsyncConnection, frame: PeriodFrame, span: Span, now: datetime
    ) -> tuple[dict[str, Counted], dict[str, Sequence[Measured]]]:
        """Clocks and measured stretches of a time, by target."""
        counted = await attainment_of(connection, frame.asked, span, now)
        of = {
            each.target: await self._measurements.of(connection, Wanted(frame.registry_no, each.target, span))
            for each in frame.document.availability
        }
        return counted, {target: found for target, found in of.items() if found}

    async def _earlier(self, registry_no: str, kind: Period, period: PeriodSpan) -> dict[str, list[Colour]]:
        """Colours of closed periods of the same kind, each by its last version."""
        rows = {row.period: row for row in await self._closed.versions(registry_no)}
        colours: dict[str, list[Colour]] = {}
        for name in sorted(rows):
            if name < period.name and kind_of(name) is kind:
                for target in rows[name].content["targets"]:
                    colours.setdefault(target["target"], []).append(Colour(target["colour"]))
        return colours


def availability_of(document: AgreementDocument, span: Span, stretches: Mapping[str, Sequence[Measured]]) -> dict[str, Availability]:
    """The availability of each target something was measured of."""
    found = _facts(document, span, stretches)
    return {target.target: availability_in(span, document.calendar(target.calendar), facts) for target, facts in found}


def outages_of(document: AgreementDocument, span: Span, stretches: Mapping[str, Sequence[Measured]]) -> dict[str, int]:
    """How often each of them was down."""
    found = _facts(document, span, stretches)
    return {target.target: outages_in(span, document.calendar(target.calendar), facts) for target, facts in found}


def _facts(
    document: AgreementDocument, span: Span, stretches: Mapping[str, Sequence[Measured]]
) -> list[tuple[AvailabilityTarget, AvailabilityFacts]]:
    return [(target, facts_in(span, stretches[target.target])) for target in document.availability if target.target in stretches]
