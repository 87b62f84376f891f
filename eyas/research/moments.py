"""What the statistics of a Sharpe ratio need to know of a run's returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.research.checking import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Convention = Literal["population", "sample"]

# Below this share of the mean square, a variance is what rounding left of equal numbers.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Moments:
    """Hold count, mean, standard deviation (n - 1), skewness and kurtosis of a run's returns.

    Skewness is m3 / m2^1.5 and kurtosis m4 / m2² (3 for a normal distribution), both with the moments of
    the population (divided by n). What does not vary has a deviation of 0, and no skewness or kurtosis.
    """

    count: int
    mean: float
    deviation: float
    skewness: float
    kurtosis: float

    @classmethod
    def of(cls, returns: ArrayLike) -> Moments:
        """Return the moments of returns, one per bar."""
        values = checked_returns(returns)
        mean = float(values.mean())
        apart = values - mean
        second = float((apart**2).mean())
        if second <= ROUNDING * float((values**2).mean()):
            return cls(len(values), mean, 0.0, math.nan, math.nan)
        third, fourth = float((apart**3).mean()), float((apart**4).mean())
        return cls.of_central(len(values), mean, second, third, fourth)

    @classmethod
    def of_sums(cls, count: float, first: float, second: float, third: float, fourth: float) -> Moments:
        """Return the moments from a count and the sums of the first four powers, about 0."""
        mean, square = first / count, second / count
        variance = square - mean**2
        if variance <= ROUNDING * square:
            return cls(int(count), mean, 0.0, math.nan, math.nan)
        cube = third / count - 3 * mean * square + 2 * mean**3
        power = fourth / count - 4 * mean * third / count + 6 * mean**2 * square - 3 * mean**4
        return cls.of_central(int(count), mean, variance, cube, power)

    @classmethod
    def of_central(cls, count: int, mean: float, second: float, third: float, fourth: float) -> Moments:
        """Return the moments from the mean and the central moments of the population."""
        deviation = math.sqrt(second * count / (count - 1))
        return cls(count, mean, deviation, third / second**1.5, fourth / second**2)

    @property
    def sharpe_ratio(self) -> float:
        """Return mean / standard deviation per bar, not annualised; NaN for returns that do not vary."""
        return self.mean / self.deviation if self.deviation > 0 else math.nan

    def shape(self, convention: Convention) -> tuple[float, float]:
        """Return skewness and kurtosis as the convention has them.

        "population" takes the moments as they are (SciPy's bias=True, skfolio, vectorbt's default,
        ml4t-diagnostic); "sample" corrects them for the size of the sample (bias=False, pandas, ffn).
        """
        if convention == "population":
            return self.skewness, self.kurtosis
        if convention != "sample":
            raise UsageError(f"moments={convention!r}: take 'population' or 'sample'")
        n = self.count
        if n < 4:
            return math.nan, math.nan
        skewness = self.skewness * math.sqrt(n * (n - 1)) / (n - 2)
        excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (self.kurtosis - 3) + 6)
        return skewness, excess + 3


def moments_of(returns: ArrayLike | Moments) -> Moments:
    """Return the moments of returns, or those that were given."""
    return returns if isinstance(returns, Moments) else Moments.of(returns)


def checked_returns(returns: ArrayLike) -> NDArray[np.float64]:
    """Return one run's returns as an array of two or more finite numbers, or say what is wrong."""
    values = numbers("returns", returns)
    if values.ndim != 1:
        raise UsageError(f"returns have the shape {values.shape}: one run's returns are a row of numbers")
    if len(values) < 2:
        raise UsageError(f"{len(values)} returns: a Sharpe ratio needs two or more")
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise DataError(f"return {wrong[0]} is {values[wrong[0]]}: leave out bars without a return")
    return values


def autocorrelation(returns: ArrayLike) -> float:
    """Return the correlation of each return with the one before it; 0 when there is nothing to correlate.

    >>> round(autocorrelation([0.01, -0.01, 0.01, -0.01, 0.01]), 2)
    -1.0
    """
    values = checked_returns(returns)
    before, after = values[:-1] - values[:-1].mean(), values[1:] - values[1:].mean()
    size = math.sqrt(float(before @ before) * float(after @ after))
    return float(before @ after) / size if size > 0 else 0.0
