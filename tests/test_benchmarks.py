"""`make bench`: what it writes, and that our answers are the right ones where a peer's are not."""

import json
from pathlib import Path

import pytest

from benchmarks import calendars, report
from benchmarks.calendar_peers import bare_datetimes, bare_microseconds, servanda
from benchmarks.measuring import interleaved, percentile, side_by_side
from benchmarks.report import Other, Result

FORM = {"name", "value", "unit", "against", "ratio", "aim", "met"}


def test_each_result_has_the_fields_that_machines_read(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    report.write(calendars.measure(full=False, rounds=1), file)

    entries = json.loads(file.read_text(encoding="utf-8"))

    assert {name for entry in entries for name in entry} == FORM | {"note"}
    assert all(set(entry) >= FORM for entry in entries)
    assert {entry["name"] for entry in entries} >= {f"{what}, {peer}" for what in ("due", "elapsed") for peer in ("workclock", "timegrid")}


@pytest.mark.parametrize("case", calendars.CASES, ids=[case.name for case in calendars.CASES])
def test_we_and_both_floors_are_right_in_the_hard_cases(case: calendars.Case) -> None:
    assert [case.ask(build(case.hours)) for build in (servanda, bare_microseconds, bare_datetimes)] == [case.answer] * 3


@pytest.mark.parametrize(
    ("result", "aim", "met"),
    [
        (report.faster("due", 2, "µs", Other("peer", 7), 3), ">= 3 times", True),
        (report.share("lives", 6, "/s", Other("bare", 10), 0.7), ">= 0.7 times", False),
        (report.cost("due", 3, "µs", Other("floor", 1), 2), "<= 2 times", False),
        (report.within("memory", 100, "KiB", 120, Other("bare", 90)), "<= 120 KiB", True),
        (Result("folds", 1000, "/s"), None, None),
    ],
)
def test_an_aim_bounds_the_ratio_or_the_value(result: Result, aim: str | None, met: bool | None) -> None:  # noqa: FBT001
    assert (result.as_json()["aim"], result.as_json()["met"]) == (aim, met)


def test_the_table_has_a_line_for_each_result_and_its_note_below() -> None:
    shown = report.table([report.faster("due", 2, "µs", Other("peer 1.0", 7), 3).noted("the reason")]).splitlines()

    assert shown[1].split() == ["due", "2", "µs", "peer", "1.0", "7", "µs", "3.5", ">=", "3", "times", "met"]
    assert shown[2].strip() == "the reason"


def test_sides_are_measured_in_turns_and_answer_with_their_median() -> None:
    asked: list[str] = []
    times = iter([1.0, 10.0, 3.0, 30.0, 2.0, 20.0])

    def side(name: str) -> float:
        asked.append(name)
        return next(times)

    assert interleaved(3, lambda: side("a"), lambda: side("b")) == [2.0, 20.0]
    assert asked == ["a", "b", "a", "b", "a", "b"]


async def test_jobs_side_by_side_answer_in_their_order() -> None:
    async def job(number: int) -> int:
        return number

    assert await side_by_side(2, [lambda number=number: job(number) for number in range(5)]) == [0, 1, 2, 3, 4]  # type: ignore[misc]


def test_a_percentile_is_a_measured_value() -> None:
    assert [percentile([4, 1, 3, 2], percent) for percent in (50, 99)] == [2, 4]
