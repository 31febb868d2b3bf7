"""Exponential smoothing as the library does it, tried like every other method."""

from datetime import date
from importlib.machinery import ModuleSpec

import pytest

from connectors import forecast_methods
from connectors.forecast_methods import METHODS, installed_methods
from domain.forecasting import SEASON, Basis, CannotForecast, MonthVolume, Outcome, forecast
from domain.periods import months_after

TREND, _ = METHODS


def history(*volumes: int) -> list[MonthVolume]:
    return [MonthVolume(months_after(date(2023, 1, 1), place), volume) for place, volume in enumerate(volumes)]


def test_a_trend_is_found_and_held_in_an_interval() -> None:
    volumes = [1000 + 20 * place + (-1) ** place * 4 for place in range(18)]
    found = forecast(history(*volumes), 3, METHODS)

    assert (found.basis, found.method) == (Basis.HISTORY, "DAMPED_TREND")
    first = found.months[0]
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.tickets < first.high
    assert 1340 <= first.tickets <= 1370, "1,360 if it went on just so"
    assert found.trials[-1].why == "needs 30 months, there are 18"


def test_a_season_on_a_trend_is_found_from_30_months_on() -> None:
    year = (40, 30, 0, 10, -20, -60, -80, -70, 20, 60, 50, 20)
    volumes = [500 + 5 * place + year[place % SEASON] + (-1) ** place * 2 for place in range(33)]
    found = forecast(history(*volumes), 12, METHODS)

    assert found.method == "SEASONAL_SMOOTHING"
    assert {trial.method: trial.outcome for trial in found.trials}["SEASONAL_NAIVE"] is Outcome.BEATEN
    expected = [500 + 5 * place + year[place % SEASON] for place in range(33, 45)]
    assert all(abs(month.tickets - guess) <= 25 for month, guess in zip(found.months, expected, strict=True))


@pytest.mark.parametrize(("volumes", "why"), [([0] * 13, "the fit does not converge"), ([1, 2, 3], "less than 10 observations")])
def test_a_fit_that_finds_nothing_is_no_answer(volumes: list[int], why: str) -> None:
    with pytest.raises(CannotForecast, match=why):
        TREND.predict(volumes, 3)


def test_without_the_extra_there_is_nothing_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> ModuleSpec | None:
        assert name == "statsmodels"
        return None

    assert installed_methods() == METHODS
    monkeypatch.setattr(forecast_methods, "find_spec", none)
    assert installed_methods() == ()
