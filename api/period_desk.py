"""The desk that says what an agreement came to in a period: counts and measured times from the store, judged by the domain."""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from api.clock import BusinessClock
from domain.agreement_life import term_of
from domain.availability import Availability, availability_in
from domain.case_messages import Registered
from domain.credits import CreditDraft
from domain.documents import AgreementDocument
from domain.errors import NotFound
from domain.measurements import facts_in
from domain.period_results import credits_of, results_of
from domain.periods import PeriodSpan, period_named
from domain.results import TargetResult
from domain.spans import Span
from store.database import Database
from store.measurements import MeasurementStore
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


class PeriodDesk:
    """Looks at periods."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._measurements = MeasurementStore(database)
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
        measured = {
            target.target: availability_in(span, document.calendar(target.calendar), facts_in(span, stretches[target.target]))
            for target in document.availability
            if target.target in stretches
        }
        results = results_of(document, kind, {target: each.within for target, each in counted.items()}, measured)
        is_over = now >= period.end
        drafts = credits_of(document, results) if is_over else []
        return PeriodResults(document, period, is_over, results, counted, measured, drafts)
