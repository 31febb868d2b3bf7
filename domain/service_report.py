"""The service report of an agreement: eight sections about a month, a quarter or a year (R-110). Pure, from a period's figures."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple
from urllib.parse import quote

from pydantic import AwareDatetime, Field

from domain.credit_standing import CreditStanding, told_to_customers
from domain.documents import AgreementDocument
from domain.improvement import ImprovementSection, seen_by_customers
from domain.judged_periods import JudgedPeriod
from domain.penalties import PenaltyFigures, penalty_figures
from domain.period_evidence import PeriodEvidence, SupportFigures, TargetBreaches, WorkloadFigures
from domain.period_figures import (
    CreditFigures,
    FigureChange,
    OutcomeFigures,
    PeriodFigures,
    SatisfactionFigures,
    TargetFigures,
    seen_outside,
)
from domain.periods import kind_of
from domain.registry_numbers import in_addresses
from domain.results import Verdict
from domain.slam import SlamChart
from domain.values import Message
from domain.watermelon import WatermelonReason

Address = Annotated[str, Field(description="where the API shows more")]


class ReportVersion(Message):
    """The version of the closed period a report is made from; the same version gives the same report."""

    number: int
    hash: Annotated[str, Field(description="SHA-256 of the version's figures and what stands behind them")]
    closed_by: str
    closed_at: AwareDatetime
    differences: Annotated[tuple[FigureChange, ...], Field(description="what changed since the version before")]


class ReportedTarget(TargetFigures):
    """A target, agreed and achieved; `tickets` leads to those that were counted, none for one that is measured in time."""

    tickets: Address | None


class ReportedBreaches(TargetBreaches):
    """The breached tickets of a target; `address` leads to all of them as they stand today."""

    address: Address


class WorkloadSection(Message):
    """What came in, beside its limit, and in the months before."""

    volumes: tuple[WorkloadFigures, ...]
    trend: tuple[WorkloadFigures, ...]


class MonthOfGoals(Message):
    """Goals reached and satisfaction side by side, a month (R-121)."""

    period: str
    met: int
    missed: int
    satisfaction: SatisfactionFigures


class SatisfactionSection(Message):
    """What customers say and reach; `watermelon` says why all is green outside and red inside."""

    answers: SatisfactionFigures
    outcomes: tuple[OutcomeFigures, ...]
    watermelon: tuple[WatermelonReason, ...]
    trend: tuple[MonthOfGoals, ...]


class ServiceReport(Message):
    """A report; without a version its period is not closed and its figures are those of `as_of`."""

    registry_no: str
    title: str
    provider: str
    customer: str
    services: tuple[str, ...]
    regions: tuple[str, ...]
    time_zone: str
    period: str
    start: AwareDatetime
    end: AwareDatetime
    is_over: bool
    as_of: AwareDatetime
    version: ReportVersion | None
    judged_in: Annotated[
        tuple[JudgedPeriod, ...] | None, Field(description="none: something is promised by this period; else the periods that are judged")
    ]
    targets: tuple[ReportedTarget, ...]
    breaches: tuple[ReportedBreaches, ...]
    workload: WorkloadSection
    supports: Annotated[tuple[SupportFigures, ...] | None, Field(description="none: not shown to this reader")]
    satisfaction: SatisfactionSection
    credits: tuple[CreditFigures, ...]
    credit_cases: Annotated[
        tuple[CreditStanding, ...], Field(description="what became of the credits, as it stands when the report is read")
    ]
    penalties: tuple[PenaltyFigures, ...]
    trend: SlamChart
    improvement: ImprovementSection


class KnownPeriod(NamedTuple):
    """A period's figures, and what stands behind them."""

    figures: PeriodFigures
    evidence: PeriodEvidence


class ReportParts(NamedTuple):
    """What a report is made of; `months` are the closed months before its end, by name, as they were known then."""

    document: AgreementDocument
    found: KnownPeriod
    as_of: AwareDatetime
    version: ReportVersion | None
    trend: SlamChart
    months: Mapping[str, KnownPeriod]
    improvement: ImprovementSection
    judged_in: tuple[JudgedPeriod, ...] | None
    credit_cases: tuple[CreditStanding, ...]


def service_report(parts: ReportParts) -> ServiceReport:
    """Put a report together."""
    document, figures, evidence = parts.document, parts.found.figures, parts.found.evidence
    months = [parts.months[name] for name in sorted(parts.months)]
    return ServiceReport(
        registry_no=figures.registry_no,
        title=document.title,
        provider=document.provider.name,
        customer=document.customer.name,
        services=document.services,
        regions=document.regions,
        time_zone=document.time_zone,
        period=figures.period,
        start=figures.start,
        end=figures.end,
        is_over=figures.is_over,
        as_of=parts.as_of,
        version=parts.version,
        judged_in=parts.judged_in,
        targets=tuple(_reported(figures, target) for target in figures.targets),
        breaches=tuple(
            ReportedBreaches(**dict(each), address=tickets_address(figures, each.target)) for each in evidence.breaches if each.count
        ),
        workload=WorkloadSection(volumes=evidence.workload, trend=tuple(each for month in months for each in month.evidence.workload)),
        supports=evidence.supports,
        satisfaction=SatisfactionSection(
            answers=figures.satisfaction,
            outcomes=figures.outcomes,
            watermelon=figures.watermelon,
            trend=tuple(_goals(month.figures) for month in months),
        ),
        credits=figures.credits,
        credit_cases=parts.credit_cases,
        penalties=tuple(penalty_figures(document, kind_of(figures.period), evidence.breaches)),
        trend=parts.trend,
        improvement=parts.improvement,
    )


def for_outsiders(report: ServiceReport) -> ServiceReport:
    """The report without what the provider keeps to itself: its OLAs and UCs, in whose hands tickets were, and plans not decided on."""
    version = report.version
    if version is not None:
        version = version.model_copy(update={"differences": tuple(seen_outside(version.differences))})
    breaches = tuple(
        each.model_copy(update={"parts": (), "tickets": tuple(ticket.model_copy(update={"parts": ()}) for ticket in each.tickets)})
        for each in report.breaches
    )
    told = {"improvement": seen_by_customers(report.improvement), "credit_cases": told_to_customers(report.credit_cases)}
    return report.model_copy(update={"version": version, "breaches": breaches, "supports": None, **told})


def tickets_address(figures: PeriodFigures, target: str) -> str:
    """Where the tickets behind a target's figure are listed: those that breached it first."""
    number = in_addresses(figures.registry_no)
    return f"/registry/{number}/results/{quote(target, safe='')}/tickets?period={figures.period}"


def _reported(figures: PeriodFigures, target: TargetFigures) -> ReportedTarget:
    return ReportedTarget(**dict(target), tickets=tickets_address(figures, target.target) if target.met is not None else None)


def _goals(figures: PeriodFigures) -> MonthOfGoals:
    verdicts = [target.verdict for target in figures.targets]
    met, missed = verdicts.count(Verdict.MET), verdicts.count(Verdict.MISSED)
    return MonthOfGoals(period=figures.period, met=met, missed=missed, satisfaction=figures.satisfaction)
