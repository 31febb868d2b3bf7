"""What is in the making beside the past: the backtests of a case, an agreement or a move, shown where it is decided."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from api.backtest_views import BacktestView
from api.dependencies import Parts
from api.pages.deciding import AnyCase
from api.pages.visitors import Visitor
from api.replan_views import ReplanView
from api.routes.backtests import ASKERS
from api.routes.registry import the_entry
from connectors.backtest_svg import glance_svg, in_words
from connectors.readable.backtest import words_of_backtests
from domain.backtest.orders import BacktestState
from domain.backtest.report import BacktestReport
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.lifecycle import AgreementState
from domain.replan import ReplanState
from domain.versions import place_of
from store.backtests import About
from store.entries import Entry

_MEASURED_IN = frozenset({AgreementState.FEASIBILITY.value, AgreementState.PRICING.value, AgreementState.NEGOTIATION.value})
"""Stages in which what would have been helps to decide what is promised."""

_LISTED = 5

Fields = Sequence[tuple[str, str]]


class HadItBeen(NamedTuple):
    """Backtests, newest first; the newest report in a sentence for each proposal and as a picture; what the button sends.

    Without fields there is no button.
    """

    backtests: list[BacktestView]
    newest: BacktestView | None
    sentences: list[str]
    chart: str | None
    fields: Fields
    label: str


async def of_case(row: Row[Any], case: AnyCase, parts: Parts, visitor: Visitor) -> HadItBeen | None:
    """For the page of a case or a review; None where it is none of the visitor's business, or says nothing there."""
    if not visitor.someone.has(*ASKERS):
        return None
    if row.kind == "AGREEMENT":
        fields: Fields = [("case", row.case_id)] if row.state in _MEASURED_IN else []
        return await _looked_up(About(case_id=row.case_id), fields, "measure_case", parts, visitor)
    if row.kind == FollowUpKind.REVIEW.value and isinstance(case, FollowUp):
        entry = await the_entry(case.registry_no, parts, visitor.someone)
        fields = [("version", f"{entry.registry_no}@{entry.at(parts.now()).version}")] if entry.terms else []
        return await _looked_up(About(registry_no=entry.registry_no), fields, "measure_year", parts, visitor)
    return None


async def of_move(found: ReplanView, number: str | None, parts: Parts, visitor: Visitor) -> HadItBeen | None:
    """For the page of a dry run: the version tickets leave beside the one they would come to; after it what it said."""
    if not visitor.someone.has(*ASKERS) or number is None:
        return None
    fields: list[tuple[str, str]] = []
    if found.state == ReplanState.COUNTED.value:
        entry = await the_entry(number, parts, visitor.someone)
        versions = [version for version in (_left(found, entry, parts), found.to_version) if version is not None]
        fields = [*(("version", f"{number}@{version}") for version in versions), ("replan", found.replan)]
    return await _looked_up(About(replan=found.confirms or found.replan), fields, "measure_both", parts, visitor)


def _left(found: ReplanView, entry: Entry, parts: Parts) -> str | None:
    """The version that tickets leave: the newest of those named, else the one in force; None where it is the one they come to."""
    versions = sorted((each.version for each in entry.versions if each.version != found.to_version), key=place_of)
    if found.from_version is not None:
        begin = found.from_version.removesuffix("*")
        versions = [version for version in versions if version == begin or (begin.endswith(".") and version.startswith(begin))]
        return versions[-1] if versions else None
    in_force = str(entry.at(parts.now()).version)
    return in_force if in_force != found.to_version else (versions[-1] if versions else None)


async def _looked_up(about: About, fields: Fields, label: str, parts: Parts, visitor: Visitor) -> HadItBeen | None:
    async with parts.database.reading() as connection:
        rows = await parts.backtests.page(connection, about, _LISTED)
        done = next((row for row in rows if row.state == BacktestState.DONE.value), None)
        full = await parts.backtests.backtest(connection, done.backtest) if done is not None else None
    if not rows and not fields:
        return None
    shown = [BacktestView.of(row) for row in rows]
    if full is None:
        return HadItBeen(shown, None, [], None, fields, label)
    report, words = BacktestReport.model_validate(full.report), words_of_backtests(visitor.language)
    sentences = [in_words(each, words) for each in report.proposals]
    return HadItBeen(shown, BacktestView.of(full), sentences, glance_svg(report, words), fields, label)
