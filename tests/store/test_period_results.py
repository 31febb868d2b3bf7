"""Whose closed month needs a look first."""

from datetime import UTC, datetime, timedelta

import pytest

from store.database import Database
from store.period_results import ClosedPeriods, Closing

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("colours", "worst"),
    [
        ({"A": "GREEN", "B": "RED", "C": "AMBER"}, "B"),
        ({"A": "AMBER", "B": "GREEN", "C": "GREY"}, "A"),
        ({"A": "GREEN", "B": "GREEN", "C": "GREY"}, "C"),
        ({"A": "RED", "B": "RED", "C": "AMBER"}, "B"),
    ],
)
async def test_red_comes_before_amber_and_then_what_was_closed_last(database: Database, colours: dict[str, str], worst: str) -> None:
    periods = ClosedPeriods(database)
    for place, (number, colour) in enumerate(colours.items()):
        at = AT + timedelta(minutes=place)
        await periods.close(Closing(number, "2026-10", {"targets": [{"colour": colour}, {"colour": "GREEN"}]}, "system", at))

    assert await periods.most_in_need("2026-10", None) == worst
    assert await periods.most_in_need("2026-10", ["A"]) == "A"
    assert await periods.most_in_need("2026-09", None) is None


async def test_the_last_version_of_a_month_counts(database: Database) -> None:
    periods = ClosedPeriods(database)
    for place, (number, colour) in enumerate([("A", "RED"), ("B", "AMBER"), ("A", "GREEN")]):
        await periods.close(Closing(number, "2026-10@2.0", {"targets": [{"colour": colour}]}, "system", AT + timedelta(minutes=place)))

    assert await periods.most_in_need("2026-10", None) == "B"
