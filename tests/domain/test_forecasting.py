"""Volumes of the next months: what history says is shown where it beats the naive forecast, and nothing is guessed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.forecasting import Basis, CannotForecast, Forecast, MonthVolume, Outcome, Prediction, forecast
from domain.periods import months_after


def months(*volumes: int, first: date = date(2025, 1, 1)) -> list[MonthVolume]:
    return [MonthVolume(months_after(first, place), volume) for place, volume in enumerate(volumes)]


class Line:
    """A method of a test: it goes on in steps of the last change."""

    name = "LINE"
    fewest_months = 9

    def predict(self, volumes: Sequence[int], ahead: int) -> Prediction:
        step = volumes[-1] - volumes[-2]
        said = [volumes[-1] + step * place for place in range(1, ahead + 1)]
        return Prediction(said, [each - 5 for each in said], [each + 5 for each in said])


class Lost(Line):
    name = "LOST"

    def predict(self, volumes: Sequence[int], ahead: int) -> Prediction:
        raise CannotForecast(f"{ahead} months after {len(volumes)}")


def outcomes(found: Forecast) -> dict[str, str]:
    return {trial.method: trial.outcome.value for trial in found.trials}


def test_planned_growth_is_counted_on_from_the_last_month_in_whole_tickets() -> None:
    found = forecast(months(1200), 3, growth=Decimal(3))

    assert found.basis is Basis.GROWTH
    assert [each.tickets for each in found.months] == [1236, 1273, 1311], "1,200 x 1.03 ^ 3 = 1,311.27 (R-143)"
    assert found.months[-1].first_on == date(2025, 4, 1)


def test_a_history_of_eight_months_is_too_thin_and_nothing_is_guessed() -> None:
    found = forecast(months(*[100] * 8), 3, [Line()])

    assert (found.basis, found.months, found.trials, found.history_months) == (Basis.NONE, (), (), 8)
    assert forecast([], 3, growth=Decimal(3)).basis is Basis.NONE, "there is no month to grow from"


def test_a_method_that_beats_the_naive_one_is_shown_with_its_interval() -> None:
    found = forecast(months(*range(100, 190, 10)), 3, [Line()])

    assert (found.basis, found.method, found.held_back) == (Basis.HISTORY, "LINE", 3)
    assert [(each.tickets, each.low, each.high) for each in found.months] == [(190, 185, 195), (200, 195, 205), (210, 205, 215)]
    naive, seasonal, line = found.trials
    assert (naive.mae, naive.mase) == (Fraction(50, 3), Fraction(5, 3)), "errors 10 20 30, 10 20, 10 beside changes of 10"
    assert (line.mae, line.mase) == (Fraction(0), Fraction(0))
    assert outcomes(found) == {"NAIVE": "BEATEN", "SEASONAL_NAIVE": "TOO_THIN", "LINE": "CHOSEN"}
    assert seasonal.why == "needs 24 months, there are 9"


def test_a_method_that_does_not_beat_the_naive_one_is_not_shown() -> None:
    found = forecast(months(100, 110, 100, 110, 100, 110, 100, 110, 100), 3, [Line(), Lost()])

    assert (found.method, [each.tickets for each in found.months]) == ("NAIVE", [100, 100, 100])
    assert outcomes(found) == {"NAIVE": "CHOSEN", "SEASONAL_NAIVE": "TOO_THIN", "LINE": "NOT_BETTER", "LOST": "FAILED"}
    assert found.trials[-1].why == "3 months after 6"


def test_what_comes_back_every_year_is_seen_from_24_months_on() -> None:
    year = [100, 90, 110, 120, 80, 60, 50, 55, 130, 140, 120, 90]
    found = forecast(months(*year, *year), 12)

    assert (found.method, found.held_back) == ("SEASONAL_NAIVE", 6)
    assert [each.tickets for each in found.months] == year
    assert found.months[0].first_on == date(2027, 1, 1)


def test_months_without_change_give_no_proportion_and_no_fault() -> None:
    found = forecast(months(*[7] * 9), 4, [Line()])

    assert [(trial.mae, trial.mase) for trial in found.trials if trial.mae is not None] == [(Fraction(0), None), (Fraction(0), None)]
    assert (found.method, found.trials[-1].outcome) == ("NAIVE", Outcome.NOT_BETTER)


def test_there_are_never_fewer_than_no_tickets() -> None:
    found = forecast(months(90, 80, 70, 60, 50, 40, 30, 20, 10), 3, [Line()])

    assert [(each.tickets, each.low) for each in found.months] == [(0, 0), (0, 0), (0, 0)]


@pytest.mark.parametrize("growth", [Decimal(0), Decimal(-50)])
def test_growth_may_be_none_or_a_fall(growth: Decimal) -> None:
    assert forecast(months(1000), 3, growth=growth).months[2].tickets == (1000 if growth == 0 else 125)
