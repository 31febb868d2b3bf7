"""All that an agreement's page shows, gathered from what the API answers; each part as far as the visitor may see it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from api.case_views import ListedCaseView, concerns
from api.dependencies import Parts
from api.pages.visitors import Visitor
from api.promises import Carried, carried, signed_together
from api.routes.follow_ups import DISPUTE_MEASUREMENTS, RAISE_CHANGES, PlannedReviewView, list_follow_ups, list_planned_reviews
from api.routes.reports import show_slam
from api.routes.results import ResultsView, show_results
from api.routes.terminations import TerminationView, list_terminations
from api.routes.work_packages import WorkPackageView
from connectors.alignment_svg import alignment_svg, level_said, margin_said
from connectors.readable.blocks import Block
from connectors.readable.changes import Change, changes_said
from connectors.readable.chapter import Chapter
from connectors.readable.expectations import Expectation, expectations
from connectors.readable.scope import calendars
from connectors.readable.words import Language, Words, phrases_of
from connectors.slam_svg import slam_svg
from domain.agreement_parts import Price
from domain.alignment_chains import Chain
from domain.catalogue import Catalogue
from domain.differences import differences
from domain.documents import AgreementDocument, EffectiveTerm, effective_terms
from domain.errors import BadInput, NotFound
from domain.slam import SlamChart
from domain.terms import SUPPORT_KINDS
from domain.versions import name_at
from store.entries import Entry
from store.neglect import Neglected

ON_SITE_PROCESS = "FIELD_SERVICE"
"""Who is consulted before a service is promised on site; so a service that consults it is given on site."""

_MOST_VERSIONS = 20
_MOST_FOLLOW_UPS = 30


class ShownVersion(NamedTuple):
    """A version, what changed in it since the one before, and whether it is in force now."""

    row: Row[Any]
    is_in_force: bool
    changes: list[Change] | None


class DrawnChain(NamedTuple):
    """A chain as a picture, and the words of its table."""

    chain: Chain
    picture: str
    promise: str
    margin: str
    limits: tuple[str | None, ...]


class Sheet(NamedTuple):
    """What an agreement's page shows beside its entry."""

    text: AgreementDocument
    terms: tuple[EffectiveTerm, ...]
    titles: dict[str, str]
    expected: tuple[Expectation, ...]
    hours: list[Block]
    price: Price | None
    versions: list[ShownVersion]
    together: list[Entry]
    resting: list[Entry]
    results: list[ResultsView]
    chart: str | None
    follow_ups: list[ListedCaseView]
    reviews: list[PlannedReviewView]
    terminations: list[TerminationView]
    drawn: list[DrawnChain]
    work: list[WorkPackageView]
    silent: dict[str, Neglected]
    has_case: bool
    may_raise: bool
    may_dispute: bool


async def sheet_of(entry: Entry, parts: Parts, visitor: Visitor) -> Sheet:
    """Everything about a version of an agreement; figures and follow-ups are those of the agreement."""
    number, now, someone = entry.registry_no, parts.now(), visitor.someone
    draft, text = await signed_together(entry, parts), entry.text
    full = draft.in_full(text)
    plain = Words(phrases_of(visitor.language, "plain"))
    found = await carried(entry, parts, now) if visitor.is_inside else None
    chart = await _chart(number, parts, visitor)
    together = await parts.registry.signed_with(entry) if entry.case_id is not None else []
    work, silent = await _work(entry, parts, visitor)
    return Sheet(
        text=text,
        terms=effective_terms(draft, text),
        titles={each.document: each.title for each in draft.documents},
        expected=expectations(full, plain, is_on_site=is_on_site(text, someone.catalogue)),
        hours=list(calendars(Chapter(draft, text, Words(phrases_of(visitor.language)), is_regulated=False))) if text.calendars else [],
        price=full.price,
        versions=_versions(entry, now, visitor.language),
        together=[each for each in together if each.registry_no != number],
        resting=await parts.registry.resting_on(number) if visitor.is_inside and entry.kind in SUPPORT_KINDS else [],
        results=[each for name in running_periods(entry, text, now) if (each := await _results(number, name, parts, visitor)) is not None],
        chart=slam_svg(chart, Words(phrases_of(visitor.language, "report"))) if chart is not None and chart.months and chart.rows else None,
        follow_ups=await list_follow_ups(number, parts, someone, None, _MOST_FOLLOW_UPS),
        reviews=await list_planned_reviews(number, parts, someone),
        terminations=await list_terminations(number, parts, someone),
        drawn=drawn(found, visitor, text.document) if found is not None else [],
        work=work,
        silent=silent,
        has_case=await _has_case(entry, parts, visitor),
        may_raise=someone.has(*RAISE_CHANGES),
        may_dispute=someone.has(*DISPUTE_MEASUREMENTS) and bool(text.availability),
    )


async def _work(entry: Entry, parts: Parts, visitor: Visitor) -> tuple[list[WorkPackageView], dict[str, Neglected]]:
    """The work packages of a version, and by obligation what nobody reported; the provider's business alone."""
    if not visitor.is_inside:
        return [], {}
    [work] = await parts.work.of([entry])
    silent = {each.owed.obligation.obligation: each for each in await parts.neglect.of([work], parts.now())}
    return [WorkPackageView.of(work, each, visitor.someone) for each in work.packages], silent


def is_on_site(text: AgreementDocument, catalogue: Catalogue) -> bool:
    """Is the service of a document given at the customer's place?"""
    services = [found for each in text.services if (found := catalogue.service_named(each)) is not None]
    return any(ON_SITE_PROCESS in each.consults for each in services)


def drawn(found: Carried, visitor: Visitor, name: str) -> list[DrawnChain]:
    """The chains of a document, each as a picture of its own name."""
    words = Words(phrases_of(visitor.language, "plain"))
    return [
        DrawnChain(
            each,
            alignment_svg(each, words, f"chain-{name}-{place}"),
            level_said(each.level, words),
            margin_said(each, words),
            tuple(level_said(link.level, words) if link.level is not None else None for link in each.links),
        )
        for place, each in enumerate(found.chains, start=1)
    ]


def _versions(entry: Entry, now: datetime, language: Language) -> list[ShownVersion]:
    """All versions, the newest first, each beside the one before it."""
    in_force = entry.at(now).version
    ordered = [entry.of_version(row.version) for row in sorted(entry.versions, key=lambda row: tuple(map(int, row.version.split("."))))]
    texts = [each.text for each in ordered[-_MOST_VERSIONS:]]
    found = []
    for place, (each, text) in enumerate(zip(ordered[-_MOST_VERSIONS:], texts, strict=True)):
        changes = changes_said(differences(texts[place - 1], text), phrases_of(language)) if place else None
        found.append(ShownVersion(each.row, each.version == in_force, changes))
    return found[::-1]


def running_periods(entry: Entry, text: AgreementDocument, now: datetime) -> Sequence[str]:
    """The periods its shares are judged by that run now; before its first day the first ones, after its end the last."""
    if entry.case_id is None or not text.periods:
        return ()
    terms = entry.stages
    first, last = terms[0].begins, terms[-1].ends
    at = max(first, now if last is None else min(now, last - timedelta(microseconds=1)))
    try:
        return tuple(name_at(kind, at, terms, ZoneInfo(text.time_zone)) for kind in text.periods)
    except StopIteration:  # ended before its first day: no period was ever its own
        return ()


async def _has_case(entry: Entry, parts: Parts, visitor: Visitor) -> bool:
    """Is the case that made it there, and the visitor's business?"""
    if entry.case_id is None:
        return False
    async with parts.database.reading() as connection:
        row = await parts.cases.case(connection, entry.case_id)
    return row is not None and concerns(row, visitor.someone)


async def _results(number: str, period: str, parts: Parts, visitor: Visitor) -> ResultsView | None:
    try:
        return await show_results(number, parts, visitor.someone, period)
    except (NotFound, BadInput):
        return None


async def _chart(number: str, parts: Parts, visitor: Visitor) -> SlamChart | None:
    """The last twelve months; None of ready terms, which state no shares."""
    try:
        found = await show_slam(number, parts, visitor.someone, None, "json", None)
    except NotFound:
        return None
    return found if isinstance(found, SlamChart) else None
