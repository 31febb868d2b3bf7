"""Forecasts by exponential smoothing, from statsmodels: an extra (`pip install servanda[forecast]`), as most of it is SciPy and pandas."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import NamedTuple

from domain.forecasting import HELD_BACK, HELD_BACK_LONG, SEASON, CannotForecast, ForecastMethod, Prediction

LIBRARY = "statsmodels"

OUTSIDE = 0.2
"""Share of months that fall outside low and high: 80 % intervals, those that planners use; 95 % of so few months would say nothing."""


class ExponentialSmoothing(NamedTuple):
    """Level, damped trend and perhaps a season, each learnt with weights that fade (Holt and Winters, as the state space model ETS)."""

    name: str
    fewest_months: int
    is_seasonal: bool

    def predict(self, volumes: Sequence[int], ahead: int) -> Prediction:
        """The next months with an 80 % interval.

        Raises:
            CannotForecast: the fit does not converge.
        """
        return _fitted(tuple(volumes), ahead, is_seasonal=self.is_seasonal)


METHODS: tuple[ForecastMethod, ...] = (
    # The library begins its search from ten months; three more are held back.
    ExponentialSmoothing("DAMPED_TREND", 10 + HELD_BACK, is_seasonal=False),
    # A season is seen twice before the months that are held back.
    ExponentialSmoothing("SEASONAL_SMOOTHING", 2 * SEASON + HELD_BACK_LONG, is_seasonal=True),
)


def installed_methods() -> tuple[ForecastMethod, ...]:
    """What can be tried beside the naive forecasts: nothing where the extra is not installed. The library itself is not loaded yet."""
    return METHODS if find_spec(LIBRARY) is not None else ()


@lru_cache(maxsize=1024)
def _fitted(volumes: tuple[int, ...], ahead: int, *, is_seasonal: bool) -> Prediction:
    # Whole months do not change: what was fitted once is known until a month ends.
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415  (a second to load, and only who looks at capacity needs it)
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # noqa: PLC0415

    season = {"seasonal": "add", "seasonal_periods": SEASON} if is_seasonal else {}
    try:
        # Where every month is the same, the likelihood is infinite: numpy says so, and what counts is whether the fit converged.
        with np.errstate(all="ignore"):
            # Begun from a rough look at the first months, a fit takes milliseconds; to learn the beginning of each season, a second.
            model = ETSModel(
                pd.Series(volumes, dtype=float), error="add", trend="add", damped_trend=True, initialization_method="heuristic", **season
            )
            fitted = model.fit(disp=False, warn_convergence=False)
            said = fitted.get_prediction(start=len(volumes), end=len(volumes) + ahead - 1).summary_frame(alpha=OUTSIDE)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as wrong:
        raise CannotForecast(f"{LIBRARY}: {wrong}") from wrong
    if not fitted.mle_retvals["converged"] or not np.isfinite(said["mean"]).all():
        raise CannotForecast("the fit does not converge")
    if not np.isfinite(said[["pi_lower", "pi_upper"]]).all(axis=None):
        return Prediction(tuple(said["mean"]))
    return Prediction(*(tuple(said[column]) for column in ("mean", "pi_lower", "pi_upper")))
