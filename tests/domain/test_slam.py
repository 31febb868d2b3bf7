"""The SLAM chart from closed periods: which months are columns, how far a quarter reaches, why a cell is grey."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.errors import BadInput
from domain.in_force import Term
from domain.period_figures import PeriodFigures
from domain.slam import Closed, SlamFrame, SlamRow, months_until, slam_chart
from tests.domain.drafts import bank_draft, changed

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
TERM = Term(datetime(2026, 3, 16, tzinfo=WARSAW), None)


def figures(period: str, **targets: tuple[str, str | None]) -> Closed:
    """A closed period; each target with its colour and what it came to."""
    verdicts = {"RED": "MISSED", "GREY": "NO_DATA"}
    value: dict[str, Any] = {
        "registry_no": "SLA/2026/0002",
        "period": period,
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-02-01T00:00:00Z",
        "is_over": True,
        "credits": (),
        "satisfaction": {"content": 0, "answers": 0, "share": None},
        "outcomes": (),
        "watermelon": (),
        "targets": [
            {
                "target": name,
                "promised": "95.0000 %",
                "achieved": achieved,
                "allowance_used": None,
                "verdict": verdicts.get(colour, "MET"),
                "colour": colour,
                "warnings": (),
            }
            for name, (colour, achieved) in targets.items()
        ],
    }
    return Closed(2, PeriodFigures.model_validate(value))


def rows(until: str | None, *closed: Closed, now: datetime = NOW, **fields: Any) -> list[SlamRow]:
    document = changed(bank_draft().named("warsaw"), **fields)
    frame = SlamFrame("SLA/2026/0002", document, TERM, months_until(until, WARSAW, now))
    return list(slam_chart(frame, {each.figures.period: each for each in closed}).rows)


@pytest.mark.parametrize(
    ("until", "months"),
    [
        (None, ["2025-11", "2026-10"]),
        ("2026-10", ["2025-11", "2026-10"]),
        ("2026-12", ["2026-01", "2026-10"]),
        ("2026-02", ["2025-03", "2026-02"]),
        ("2027-12", []),
    ],
)
def test_columns_are_the_twelve_months_that_are_over(until: str | None, months: list[str]) -> None:
    found = [each.name for each in months_until(until, WARSAW, NOW)]

    assert [found[0], found[-1]] == months if found else months == []
    assert found == sorted(found)


@pytest.mark.parametrize("until", ["2026", "2026-Q4", "October", "2026-13"])
def test_what_is_no_month_is_refused(until: str) -> None:
    with pytest.raises(BadInput, match="2026"):
        months_until(until, WARSAW, NOW)


def test_a_month_ends_with_its_last_minute_in_warsaw() -> None:
    turn = datetime(2026, 10, 31, 23, tzinfo=UTC)  # midnight: summer time is over

    assert months_until(None, WARSAW, turn)[-1].name == "2026-10"
    assert months_until("2026-10", WARSAW, turn.replace(hour=22))[-1].name == "2026-09"


def test_each_month_has_its_colour_or_says_why_it_is_grey() -> None:
    closed = (figures("2026-04", response=("RED", "92.5000 %")), figures("2026-05", response=("GREY", None)), figures("2026-06"))
    [row] = rows("2026-07", *closed)
    shown = {cell.period: (cell.colour.value, cell.reason and cell.reason.value, cell.achieved, cell.version) for cell in row.cells}

    assert len(shown) == 12
    assert shown["2025-12"] == ("GREY", "NOT_PROMISED", None, None), "before the first day"
    assert shown["2026-03"] == ("GREY", "NOT_CLOSED", None, None), "in force for half a month"
    assert shown["2026-04"] == ("RED", None, "92.5000 %", 2)
    assert shown["2026-05"] == ("GREY", "NO_DATA", None, 2)
    assert shown["2026-06"] == ("GREY", "NOT_PROMISED", None, None), "closed, when this target was not promised"
    assert row.cells[-1].address == "/registry/SLA-2026-0002/results?period=2026-07"


def test_a_quarter_fills_its_months_and_one_that_goes_on_is_left_out() -> None:
    target = bank_draft().named("warsaw").model_dump(mode="json")["targets"][0] | {"period": "QUARTER"}
    [row] = rows("2026-08", figures("2026-Q2", response=("GREEN", "99.0000 %")), targets=[target])

    assert [(cell.period, cell.first_month, cell.columns) for cell in row.cells] == [
        ("2025-Q3", "2025-09", 1),
        ("2025-Q4", "2025-10", 3),
        ("2026-Q1", "2026-01", 3),
        ("2026-Q2", "2026-04", 3),
    ]
    assert row.cells[-1].colour.value == "GREEN"


def test_a_target_that_is_promised_no_more_keeps_its_row() -> None:
    found = rows("2026-07", figures("2026-04", response=("RED", "90.0000 %"), repair=("AMBER", "95.1000 %")))

    assert [row.target for row in found] == ["response", "repair"]
    assert [cell.colour.value for cell in found[1].cells if cell.reason is None] == ["AMBER"]
