"""What the API shows of capacity: figures as rounded text, verdicts read from the exact ones."""

from datetime import date
from fractions import Fraction

from pydantic import AwareDatetime, BaseModel

from domain.capacity import OVER, UNDER, Advice, CapacityAdvice, Load, PoolPlan, Use, WhatIf, people_needed
from domain.expected_volumes import PipelineVolume
from domain.figures import rounded
from domain.forecasting import FEWEST_MONTHS, Basis, Forecast, Outcome, Trial
from domain.reach import Reach, ReachVerdict
from domain.results import Colour
from store.expected_volumes import Statement


def month_named(first_on: date) -> str:
    """A month by its name: 2026-06."""
    return f"{first_on:%Y-%m}"


def percent(share: Fraction | None) -> str | None:
    """A share as people read it: 104.2 %."""
    return f"{rounded(share * 100, 1)} %" if share is not None else None


class LoadView(BaseModel):
    """A month of a pool; `tickets` came or are forecast, `pipeline` are tickets expected from agreements not signed yet."""

    month: str
    is_over: bool
    tickets: int
    low: int | None
    high: int | None
    pipeline: str
    hours: str
    utilisation: str | None
    use: Use
    colour: Colour

    @classmethod
    def of(cls, load: Load) -> "LoadView":
        """A load as it is shown."""
        same = {name: getattr(load, name) for name in ("is_over", "tickets", "low", "high", "use", "colour")}
        figures = {"pipeline": rounded(load.pipeline, 1), "hours": rounded(load.hours, 2), "utilisation": percent(load.utilisation)}
        return cls(month=month_named(load.first_on), **same, **figures)


class TrialView(BaseModel):
    """How a method did on the months held back: mean absolute error in tickets, and in proportion to the usual change (MASE)."""

    method: str
    outcome: Outcome
    mae: str | None
    mase: str | None
    why: str

    @classmethod
    def of(cls, trial: Trial) -> "TrialView":
        """A trial as it is shown."""
        mae, mase = (rounded(each, 2) if each is not None else None for each in (trial.mae, trial.mase))
        return cls(method=trial.method, outcome=trial.outcome, mae=mae, mase=mase, why=trial.why)


class ForecastView(BaseModel):
    """What a forecast rests on; NONE where history has fewer whole months than `fewest_months` and no growth is planned."""

    basis: Basis
    method: str | None
    history_months: int
    fewest_months: int = FEWEST_MONTHS
    held_back: int
    trials: list[TrialView]

    @classmethod
    def of(cls, said: Forecast) -> "ForecastView":
        """A forecast as it is shown."""
        same = {name: getattr(said, name) for name in ("basis", "method", "history_months", "held_back")}
        return cls(**same, trials=[TrialView.of(each) for each in said.trials])


class AdviceView(BaseModel):
    """INVEST, HOLD or DIVEST, the month it is read from, and why in words."""

    advice: Advice
    month: str
    months: int
    utilisation: str | None
    why: str

    @classmethod
    def of(cls, found: CapacityAdvice, ahead: int) -> "AdviceView":
        """An advice as it is shown."""
        month, share = month_named(found.fullest.first_on), percent(found.fullest.utilisation)
        said = share or "work for nobody"
        over, under = percent(OVER), percent(UNDER)
        why = {
            Advice.INVEST: f"above {over} in {found.months} of {ahead} months, most in {month}: {said}",
            Advice.DIVEST: f"below {under} in all {ahead} months, most in {month}: {said}",
            Advice.HOLD: f"never above {over}, below {under} in {found.months} of {ahead} months, most in {month}: {said}",
        }
        return cls(advice=found.advice, month=month, months=found.months, utilisation=share, why=why[found.advice])


class PipelineView(BaseModel):
    """Tickets that an agreement not signed yet would bring, and those expected by its probability."""

    case_id: str
    customer: str
    service: str
    region: str
    tickets: int
    probability: str
    likely: str

    @classmethod
    def of(cls, each: PipelineVolume) -> "PipelineView":
        """A statement that counts, as it is shown."""
        volume = each.volume
        same = {name: getattr(volume, name) for name in ("service", "region", "tickets")}
        figures = {"probability": f"{volume.probability:f} %", "likely": rounded(volume.likely, 1)}
        return cls(case_id=each.case_id, customer=each.customer, **same, **figures)


class PoolView(BaseModel):
    """A pool, how it was and will be used, and what follows. People are full-time equivalents for the fullest month ahead."""

    pool: str
    name: str
    services: list[str]
    regions: list[str]
    people: str
    hours_per_person: str
    minutes_per_ticket: str
    observed: list[LoadView]
    forecast: ForecastView
    ahead: list[LoadView]
    people_at_full: str | None
    people_at_limit: str | None
    recommended: int | None
    gap: str | None
    advice: AdviceView | None
    pipeline: list[PipelineView]

    @classmethod
    def of(cls, plan: PoolPlan) -> "PoolView":
        """A plan as it is shown."""
        pool, found = plan.pool, plan.advice
        hours = found.fullest.hours if found is not None else None
        return cls(
            pool=pool.pool,
            name=pool.name,
            services=list(pool.services),
            regions=list(pool.regions),
            people=f"{pool.people:f}",
            hours_per_person=f"{pool.hours_per_person:f}",
            minutes_per_ticket=f"{pool.minutes_per_ticket:f}",
            observed=[LoadView.of(each) for each in plan.observed],
            forecast=ForecastView.of(plan.forecast),
            ahead=[LoadView.of(each) for each in plan.ahead],
            people_at_full=rounded(people_needed(hours, pool), 2) if hours is not None else None,
            people_at_limit=rounded(people_needed(hours, pool, OVER), 2) if hours is not None else None,
            recommended=plan.recommended,
            gap=rounded(plan.gap, 2) if plan.gap is not None else None,
            advice=AdviceView.of(found, len(plan.ahead)) if found is not None else None,
            pipeline=[PipelineView.of(each) for each in plan.pipeline],
        )


class WithoutPoolView(BaseModel):
    """Tickets of the last whole month that no pool works on."""

    service: str | None
    region: str | None
    tickets: int


class CapacityView(BaseModel):
    """All pools. `over` and `under` are the limits of utilisation; `note` says what this installation cannot do."""

    over: str
    under: str
    pools: list[PoolView]
    without_pool: list[WithoutPoolView]
    note: str | None


class ChangedPoolView(BaseModel):
    """What signing asks of a pool: hours a month, and people at full use; its month before and after."""

    pool: str
    name: str
    hours: str
    people: str
    before: LoadView | None
    after: LoadView | None

    @classmethod
    def of(cls, found: WhatIf) -> "ChangedPoolView":
        """An effect as it is shown."""
        before, after = (LoadView.of(each) if each is not None else None for each in (found.before, found.after))
        figures = {"hours": rounded(found.added, 2), "people": f"+{rounded(found.people, 2)}"}
        return cls(pool=found.pool.pool, name=found.pool.name, before=before, after=after, **figures)


class ReachView(BaseModel):
    """Whether a region has technicians enough for the sites there within the limit asked; advice, no decision."""

    requirement: str
    region: str
    limit_hours: str
    people: str
    sites: int
    pools: list[str]
    verdict: ReachVerdict
    why: str

    @classmethod
    def of(cls, found: Reach) -> "ReachView":
        """A reach as it is shown."""
        same = {name: getattr(found, name) for name in ("requirement", "region", "sites", "verdict", "why")}
        return cls(limit_hours=rounded(found.limit_hours, 1), people=f"{found.people:f}", pools=list(found.pools), **same)


class WhatIfView(BaseModel):
    """What signing a case's agreement would ask of people, and what the region's people allow."""

    case_id: str
    said: str
    people: str
    pools: list[ChangedPoolView]
    reach: list[ReachView]


class StatementView(BaseModel):
    """A statement of expected tickets, who made it and when; `counts` unless a later one replaced it."""

    service: str
    region: str
    tickets: int
    minutes_per_ticket: str | None
    probability: str
    source: str
    stated_by: str
    stated_at: AwareDatetime
    counts: bool

    @classmethod
    def of(cls, each: Statement) -> "StatementView":
        """A statement as it is shown."""
        volume, minutes = each.volume, each.volume.minutes_per_ticket
        same = {name: getattr(volume, name) for name in ("service", "region", "tickets", "source")}
        kept = {name: getattr(each, name) for name in ("stated_by", "stated_at", "counts")}
        return cls(
            minutes_per_ticket=f"{minutes:f}" if minutes is not None else None, probability=f"{volume.probability:f}", **same, **kept
        )
