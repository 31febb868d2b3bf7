"""The versions of an agreement one after the other, and the periods a switch falls into."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.agreement_parts import Period
from domain.errors import BadInput, NotFound
from domain.in_force import Occasion, OccasionKind, Stage, Switch, next_occasion
from domain.spans import Span
from domain.versions import (
    Validity,
    VersionTerm,
    containing,
    in_force_at,
    newest_in,
    next_major,
    next_minor,
    part_named,
    parts,
    stages_in,
    terms_of,
)
from tests.domain.test_in_force import local, watched

WARSAW = ZoneInfo("Europe/Warsaw")
FIRST = Validity("1.0", date(2026, 3, 16), date(2027, 3, 16))


def terms(*versions: tuple[str, str]) -> tuple[VersionTerm, ...]:
    more = [Validity(version, date.fromisoformat(on), FIRST.until) for version, on in versions]
    return terms_of([*more, FIRST], WARSAW)


def names(kind: Period, found: tuple[VersionTerm, ...], start: str, end: str) -> list[str]:
    return [period.name for period, _ in parts(kind, found, Span(local(start), local(end)), WARSAW)]


def test_a_version_is_in_force_until_the_next_one_is() -> None:
    first, second = terms(("2.0", "2026-09-01"))

    assert (first.ends, second.begins, second.ends) == (local("2026-09-01T00:00"), local("2026-09-01T00:00"), local("2027-03-16T00:00"))
    assert [in_force_at((first, second), local(at)).version for at in ("2026-01-01T00:00", "2026-08-31T23:59", "2026-09-01T00:00")] == [
        "1.0",
        "1.0",
        "2.0",
    ]


def test_a_version_that_another_replaces_on_its_first_day_never_is_in_force() -> None:
    assert [each.version for each in terms(("1.9", "2026-09-01"), ("1.10", "2026-09-01"))] == ["1.0", "1.10"]


def test_a_switch_at_the_end_of_a_month_splits_no_month_and_the_quarter_in_two() -> None:
    found = terms(("2.0", "2026-09-01"))

    assert names(Period.MONTH, found, "2026-08-01T00:00", "2026-10-01T00:00") == ["2026-08", "2026-09"]
    assert names(Period.QUARTER, found, "2026-07-01T00:00", "2026-10-01T00:00") == ["2026-Q3@1.0", "2026-Q3@2.0"]


def test_a_month_into_which_a_switch_falls_is_asked_for_by_version() -> None:
    found = terms(("2.0", "2026-09-15"))
    _, part, term = part_named("2026-09@2.0", found, WARSAW)

    assert (part.start, part.end, term.version) == (local("2026-09-15T00:00"), local("2026-10-01T00:00"), "2.0")
    with pytest.raises(BadInput, match=r"write 2026-09@1\.0 or 2026-09@2\.0"):
        part_named("2026-09", found, WARSAW)
    for name in ("2026-08@1.0", "2026-09@3.0", "2026-02"):
        with pytest.raises(NotFound, match="not in force"):
            part_named(name, found, WARSAW)


def test_a_period_cut_by_the_terms_first_or_last_day_keeps_its_name() -> None:
    found = terms()

    assert names(Period.MONTH, found, "2026-03-01T00:00", "2026-04-01T00:00") == ["2026-03"]
    assert part_named("2026-03", found, WARSAW)[1].start == local("2026-03-16T00:00")


def test_late_facts_of_a_part_concern_the_parts_that_begin_with_it() -> None:
    found = terms(("2.0", "2026-09-15"))

    assert containing("2026-09@2.0", (Period.QUARTER,), found, WARSAW) == ("2026-09@2.0", "2026-Q3@2.0")
    assert containing("2026-08", (Period.QUARTER,), found, WARSAW) == ("2026-08", "2026-Q3@1.0")


def test_numbers_count_up_by_what_changed() -> None:
    assert [next_major("1.7"), next_minor("1.9")] == ["2.0", "1.10"]


def every(stages: list[Stage], until: datetime, *switches: Switch) -> list[Occasion]:
    found: list[Occasion] = []
    while (following := next_occasion(stages, WARSAW, found[-1] if found else None, switches)) is not None and following.at < until:
        found.append(following)
    return found


def test_nothing_is_looked_at_twice_or_not_at_all_when_versions_switch() -> None:
    """The occasions of 15 months with a switch in the middle of a month are those without it, but for the split month."""
    alone = [Stage(VersionTerm("1.0", local("2026-03-16T00:00"), None), watched(Period.MONTH))]
    switch = local("2026-09-15T00:00")
    both = [
        Stage(VersionTerm("1.0", local("2026-03-16T00:00"), switch), watched(Period.MONTH)),
        Stage(VersionTerm("2.0", switch, None), watched(Period.MONTH)),
    ]
    one, other = every(alone, local("2027-06-01T00:00")), every(both, local("2027-06-01T00:00"), Switch(switch, "2.0"))
    same = [each for each in other if "@" not in each.name and each.kind is not OccasionKind.SWITCH]

    assert [each for each in one if each.name != "2026-09"] == same
    split = [(each.kind, each.name, each.at.astimezone(WARSAW)) for each in other if "@" in each.name and each.kind is OccasionKind.CLOSE]
    assert split == [
        (OccasionKind.CLOSE, "2026-09@1.0", local("2026-09-15T00:05")),
        (OccasionKind.CLOSE, "2026-09@2.0", local("2026-10-01T00:05")),
    ]
    assert [each.name for each in other if each.kind is OccasionKind.SWITCH] == ["2.0"]


def test_minor_versions_split_nothing_and_move_the_end() -> None:
    renewed = Validity("1.1", date(2027, 3, 16), date(2028, 3, 16))
    second = Validity("2.0", date(2027, 9, 1), date(2028, 3, 16))
    found = terms_of([FIRST, renewed, second], WARSAW)
    stages = stages_in(found)

    assert [(each.version, each.ends) for each in stages] == [("1.0", local("2027-09-01T00:00")), ("2.0", local("2028-03-16T00:00"))]
    assert names(Period.MONTH, stages, "2027-03-01T00:00", "2027-04-01T00:00") == ["2027-03"]
    assert [newest_in(found, stages[0], local(at)) for at in ("2026-04-01T00:00", "2027-04-01T00:00")] == ["1.0", "1.1"]
