"""How many tickets the next months bring: methods tried on months that are known, and shown only where they beat the plainest guess.

A forecast that is no better than "the same as last month" promises knowledge nobody has, so it is not shown (R-143).
"""

import itertools
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, Protocol

from domain.periods import months_after

SEASON = 12
"""Months of a season: a year."""

FEWEST_MONTHS = 9
"""Whole months below which nothing is forecast from history: six to learn from and three held back (a threshold of ours)."""

HELD_BACK, HELD_BACK_LONG = 3, 6
"""Months held back to try methods on; the longer stretch from two seasons of history on."""

SHORTEST, LONGEST = 3, 12
"""Months a forecast may reach ahead (R-143)."""


class MonthVolume(NamedTuple):
    """Tickets that came in a month, named by its first day."""

    first_on: date
    tickets: int


class ForecastMonth(NamedTuple):
    """Tickets expected in a month, in whole tickets; `low` and `high` hold them in 80 of 100 cases where the method says so."""

    first_on: date
    tickets: int
    low: int | None = None
    high: int | None = None


class Prediction(NamedTuple):
    """What a method says of the next months, one figure each; `low` and `high` as in `ForecastMonth`, empty where it says nothing."""

    volumes: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


class CannotForecast(Exception):
    """A method found no answer for this history; the message says why."""


class ForecastMethod(Protocol):
    """A way to forecast. The same history gives the same answer."""

    @property
    def name(self) -> str:
        """What it is called, stable."""

    @property
    def fewest_months(self) -> int:
        """Months of history, held-back ones among them, below which it is not tried."""

    def predict(self, volumes: Sequence[int], ahead: int) -> Prediction:
        """The next months after some months of history.

        Raises:
            CannotForecast: it finds no answer.
        """


class SameAsLast(NamedTuple):
    """The naive forecast: every month brings what the last one brought."""

    name: str = "NAIVE"
    fewest_months: int = FEWEST_MONTHS

    def predict(self, volumes: Sequence[int], ahead: int) -> Prediction:
        """The last month again and again."""
        return Prediction([volumes[-1]] * ahead)


class SameAsAYearAgo(NamedTuple):
    """The naive forecast of what has seasons: every month brings what the same month brought a year before."""

    name: str = "SEASONAL_NAIVE"
    fewest_months: int = 2 * SEASON

    def predict(self, volumes: Sequence[int], ahead: int) -> Prediction:
        """The last twelve months again."""
        return Prediction([volumes[-SEASON + place % SEASON] for place in range(ahead)])


NAIVE: tuple[ForecastMethod, ...] = (SameAsLast(), SameAsAYearAgo())
"""What every other method has to beat."""


class Outcome(StrEnum):
    """What became of a method that was tried."""

    CHOSEN = "CHOSEN"
    BEATEN = "BEATEN"
    """A better one was found."""
    NOT_BETTER = "NOT_BETTER"
    """It does not beat the naive forecast, so it is not shown."""
    TOO_THIN = "TOO_THIN"
    """It needs more months than there are."""
    FAILED = "FAILED"
    """It found no answer."""


class Trial(NamedTuple):
    """How a method did on the months held back.

    `mae` is the mean absolute error in tickets; `mase` sets it in proportion to the mean change from month to month in what
    came before (Hyndman and Koehler, 2006): below 1 it is better than guessing "as last month" was there; None where nothing changed.
    """

    method: str
    outcome: Outcome
    mae: Fraction | None = None
    mase: Fraction | None = None
    why: str = ""


class Basis(StrEnum):
    """What a forecast rests on."""

    HISTORY = "HISTORY"
    GROWTH = "GROWTH"
    """A planned growth, counted on from the last whole month."""
    NONE = "NONE"
    """History is too thin, and no growth is planned: nothing is guessed."""


class Forecast(NamedTuple):
    """The next months, earliest first, and what the forecast rests on; `trials` are the methods beside each other."""

    basis: Basis
    history_months: int
    months: tuple[ForecastMonth, ...] = ()
    method: str | None = None
    held_back: int = 0
    trials: tuple[Trial, ...] = ()


def forecast(history: Sequence[MonthVolume], ahead: int, methods: Sequence[ForecastMethod] = (), growth: Decimal | None = None) -> Forecast:
    """The months after those of a history.

    Args:
        history: whole months without a gap, earliest first.
        ahead: how many months, 3 to 12.
        methods: what is tried beside the naive forecasts.
        growth: planned growth in per cent a month; stated, it is taken instead of what history says.

    Source: docs/capacity.md.
    """
    volumes = [each.tickets for each in history]
    if growth is not None and history:
        factor = 1 + Fraction(growth) / 100
        return Forecast(Basis.GROWTH, len(history), _months(history, [volumes[-1] * factor**place for place in range(1, ahead + 1)]))
    if len(volumes) < FEWEST_MONTHS:
        return Forecast(Basis.NONE, len(history))
    held_back = HELD_BACK if len(volumes) < 2 * SEASON else HELD_BACK_LONG
    chosen, trials = _compared(volumes, methods, held_back)
    said = chosen.predict(volumes, ahead)
    months = _months(history, [Fraction(each) for each in said.volumes], said)
    return Forecast(Basis.HISTORY, len(history), months, chosen.name, held_back, trials)


def _compared(volumes: Sequence[int], methods: Sequence[ForecastMethod], held_back: int) -> tuple[ForecastMethod, tuple[Trial, ...]]:
    """The method with the smallest error, a naive one unless another beats the better of them; and how each did."""
    naive = {each: _tried(each, volumes, held_back) for each in NAIVE}
    best = min((each for each in NAIVE if naive[each].mae is not None), key=lambda each: naive[each].mae or 0)
    limit = naive[best].mae or Fraction(0)
    others = {each: _tried(each, volumes, held_back, limit) for each in methods}
    better = [each for each, trial in others.items() if trial.mae is not None and trial.outcome is not Outcome.NOT_BETTER]
    chosen = min(better, key=lambda each: others[each].mae or 0, default=best)
    tried = {**naive, **others}
    return chosen, tuple(trial._replace(outcome=Outcome.CHOSEN) if each is chosen else trial for each, trial in tried.items())


def _tried(method: ForecastMethod, volumes: Sequence[int], held_back: int, limit: Fraction | None = None) -> Trial:
    """Forecast the held-back months from what came before, from each of them on (rolling origin), and take the mean of all errors."""
    if len(volumes) < method.fewest_months:
        return Trial(method.name, Outcome.TOO_THIN, why=f"needs {method.fewest_months} months, there are {len(volumes)}")
    errors: list[int] = []
    for origin in range(len(volumes) - held_back, len(volumes)):
        try:
            said = method.predict(volumes[:origin], len(volumes) - origin)
        except CannotForecast as reason:
            return Trial(method.name, Outcome.FAILED, why=str(reason))
        errors += [abs(_whole(Fraction(guess)) - came) for guess, came in zip(said.volumes, volumes[origin:], strict=True)]
    mae = Fraction(sum(errors), len(errors))
    learnt = volumes[: len(volumes) - held_back]
    change = Fraction(sum(abs(after - before) for before, after in itertools.pairwise(learnt)), len(learnt) - 1)
    outcome = Outcome.BEATEN if limit is None or mae < limit else Outcome.NOT_BETTER
    return Trial(method.name, outcome, mae, mae / change if change else None)


def _months(history: Sequence[MonthVolume], volumes: Sequence[Fraction], said: Prediction | None = None) -> tuple[ForecastMonth, ...]:
    low, high = ([_whole(Fraction(each)) for each in bound] for bound in ((said.low, said.high) if said is not None else ((), ())))
    return tuple(
        ForecastMonth(
            months_after(history[-1].first_on, place + 1),
            _whole(volume),
            low[place] if low else None,
            high[place] if high else None,
        )
        for place, volume in enumerate(volumes)
    )


def _whole(volume: Fraction) -> int:
    """To the nearest ticket, a half upwards; fewer than none there cannot be."""
    return max(0, (volume * 2 + 1) // 2)
