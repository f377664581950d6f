"""Power of a regression's t test, and its minimum detectable effect."""

from __future__ import annotations

from functools import lru_cache

from scipy import stats
from scipy.optimize import brentq

LEVEL = 0.05
POWER = 0.8


def power(effect: float, std_error: float, df: int, level: float = LEVEL) -> float:
    """Probability that a two-sided t test rejects zero.

    The statistic has a noncentral t distribution with noncentrality effect / std_error (Johnson,
    Kotz & Balakrishnan 1995, ch. 31), if the standard error is correct and its square chi-squared
    on `df` degrees of freedom.

    Args:
        effect: The true coefficient, in the unit of `std_error`.
        std_error: The expected standard error.
        df: Degrees of freedom of the test.
        level: Level of the test.

    """
    return _power(abs(effect) / std_error, df, level)


def minimum_detectable_effect(
    std_error: float, df: int, level: float = LEVEL, power: float = POWER
) -> float:
    """Smallest true coefficient that a two-sided t test detects with the given power.

    Bloom (1995, "Minimum detectable effects", Evaluation Review 19) takes (t_{1-level/2} +
    t_power) x std_error, which is close; here the noncentral t is inverted (see `power`).

    Args:
        std_error: Standard error of the estimate; NaN gives NaN.
        df: Degrees of freedom of the test.
        level: Level of the test.
        power: Probability of rejection, above `level`.

    Returns:
        An absolute value in the unit of `std_error`.

    """
    return std_error * _noncentrality(df, level, power)


def _power(noncentrality: float, df: int, level: float) -> float:
    critical = stats.t.ppf(1 - level / 2, df)
    # Below -critical by reflection: scipy's cdf is NaN far out in its lower tail.
    both = stats.nct.sf(critical, df, [noncentrality, -noncentrality])
    return float(both.sum())


@lru_cache(maxsize=256)
def _noncentrality(df: int, level: float, power: float) -> float:
    critical = float(stats.t.ppf(1 - level / 2, df))
    return brentq(lambda value: _power(value, df, level) - power, 0.0, 4 * critical + 8)
