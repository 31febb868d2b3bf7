"""The stretches that reach into a period, condensed by the database.

A month may hold a sample a minute, and almost all of them say UP. Those only tell that something is known, so only the
gaps in what is known are looked for: in the order of their ends, a gap lies before a stretch if all that end sooner
have ended before any other begins.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Row, Select, func, or_, select

from domain.measurements import LONGEST, MeasurementKind
from domain.spans import Span
from store.period_tables import MeasurementRow

stretches = MeasurementRow.__table__  # type: ignore[attr-defined]

UP = MeasurementKind.UP.value


class Wanted(NamedTuple):
    """Which stretches: those of a target, in a period."""

    registry_no: str
    target: str
    period: Span

    @property
    def latest(self) -> datetime:
        """Stretches that reach into the period end before this, as none is longer than the longest."""
        return self.period.end + LONGEST

    def of_target(self, table: FromClause) -> tuple[ColumnElement[bool], ...]:
        """The condition that a stretch is the target's and begins before the period ends."""
        return table.c.registry_no == self.registry_no, table.c.target == self.target, table.c.starts_at < self.period.end

    def reaching(self, table: FromClause = stretches) -> tuple[ColumnElement[bool], ...]:
        """The condition that a stretch reaches into the period."""
        return *self.of_target(table), table.c.ends_at > self.period.start, table.c.ends_at < self.latest


def by_window(wanted: Wanted) -> Select[Any]:
    """All that is not UP, the last stretch, and each before a gap, with the gap (`gap_start`, `gap_end`); the first one too.

    Without a gap `gap_end` is still the start of a stretch, the earliest of those that end later.
    """
    backwards = stretches.c.ends_at.desc(), stretches.c.starts_at.desc()
    reached = func.min(stretches.c.starts_at).over(order_by=backwards, rows=(None, -1)).label("gap_end")
    each = select(stretches.c.kind, stretches.c.starts_at, stretches.c.ends_at, reached).where(*wanted.reaching()).subquery()
    first = select(func.min(stretches.c.ends_at)).where(*wanted.reaching()).scalar_subquery()
    is_edge = or_(each.c.kind != UP, each.c.gap_end.is_(None), each.c.ends_at < each.c.gap_end, each.c.ends_at == first)
    return select(each, each.c.ends_at.label("gap_start")).where(is_edge)


def by_neighbours(wanted: Wanted) -> Select[Any]:
    """The same from look-ups in the index, which SQLite does in half the time of a window over every stretch.

    A stretch with another one that ends within it and reaches back to its start, or beyond, cannot follow a gap. What is left
    are few, and only before those the gap is looked for.
    """
    other = stretches.alias()
    of_target = wanted.of_target(other)
    joins = other.c.ends_at >= stretches.c.starts_at, other.c.ends_at < stretches.c.ends_at, other.c.starts_at <= stretches.c.starts_at
    last = select(func.max(other.c.ends_at)).where(*wanted.reaching(other)).scalar_subquery()
    is_edge = or_(
        stretches.c.kind != UP,
        stretches.c.starts_at <= wanted.period.start,  # what it joins may end before the period
        stretches.c.ends_at == last,
        ~select(1).where(*of_target, *joins).exists(),
    )
    following = func.lead(stretches.c.ends_at).over(order_by=stretches.c.ends_at).label("following")
    columns = stretches.c.kind, stretches.c.starts_at, stretches.c.ends_at
    edge = select(*columns, following).where(*wanted.reaching(), is_edge).subquery()
    sooner = other.c.ends_at > wanted.period.start, other.c.ends_at < edge.c.ends_at
    up_to_next = other.c.ends_at >= edge.c.ends_at, other.c.ends_at < func.coalesce(edge.c.following, wanted.latest)
    gap_start = select(func.max(other.c.ends_at)).where(*of_target, *sooner).scalar_subquery().label("gap_start")
    begin = select(func.min(other.c.starts_at)).where(*of_target, *up_to_next).scalar_subquery().label("begin")
    found = select(edge.c.kind, edge.c.starts_at, edge.c.ends_at, gap_start, begin).subquery()
    return select(found, func.min(found.c.begin).over(order_by=found.c.ends_at.desc()).label("gap_end"))


def known(edges: Sequence[Row[Any]]) -> list[Span]:
    """The stretches of which anything is known, between the gaps."""
    gaps = sorted((row.gap_start, row.gap_end) for row in edges if row.gap_start and row.gap_end and row.gap_start < row.gap_end)
    first = min(at for row in edges for at in (row.starts_at, row.gap_end) if at is not None)
    last = max(row.ends_at for row in edges)
    starts, ends = [first, *(end for _, end in gaps)], [*(start for start, _ in gaps), last]
    return list(map(Span, starts, ends))
