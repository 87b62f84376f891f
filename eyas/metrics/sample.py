"""What figures of returns share, each worked out once: mean, spread, tails."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TAIL = 0.05
"""Which part of the returns is a tail: the worst twentieth, as value at risk of 95 % has it."""

PROBES, PROBE_MARGIN = 2_000, 0.03
"""How many values are asked where a tail may begin, and how much further it is then looked for."""

NOISE = 1e-14
"""What is less is the rounding of a float: returns are ratios near one, less one."""

LARGEST, NOTHING = 1e60, 1e-60
"""What is larger is no number, and an equity that is smaller is nothing."""

Returns: TypeAlias = Union["ArrayLike", "Sample"]


@dataclass(frozen=True, eq=False)
class Sample:
    """Hold returns that are all finite, and what figures of them share. Make one with `sample_of`."""

    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        """Mean; NaN of none."""
        return float(self.values.mean()) if len(self) else math.nan

    @cached_property
    def away(self) -> NDArray[np.float64]:
        """Each value less the mean."""
        return self.values - self.mean

    @cached_property
    def squares(self) -> NDArray[np.float64]:
        """Square of each value less the mean."""
        return self.away * self.away

    def moment(self, power: int) -> float:
        """Return the mean of a power (2, 3 or 4) of the values less their mean; NaN of none."""
        if not len(self):
            return math.nan
        by_power = {2: None, 3: self.away, 4: self.squares}[power]
        total = float(self.squares.sum()) if by_power is None else product(self.squares, by_power)
        return total / len(self)

    @cached_property
    def variance(self) -> float:
        """Variance of a population (over n); 0 where values differ by the rounding of floats alone."""
        found = self.moment(2)
        return 0.0 if math.sqrt(found) <= NOISE else found

    @property
    def deviation(self) -> float:
        """Standard deviation of a sample (over n − 1), 0 where values do not differ; NaN below two."""
        return math.sqrt(self.variance * len(self) / (len(self) - 1)) if len(self) > 1 else math.nan

    def downside(self, required: float = 0.0) -> float:
        """Return the root of the mean square of what falls short of a return a period, over all periods."""
        if not len(self):
            return math.nan
        short = np.minimum(self.values - required if required else self.values, 0.0)
        found = math.sqrt(product(short, short) / len(self))
        return found if found > NOISE else 0.0

    def sums(self, threshold: float = 0.0) -> tuple[float, float]:
        """Return how much all values together are above a threshold, and how much below it (above zero)."""
        beyond = self.values - threshold if threshold else self.values
        return float(np.maximum(beyond, 0.0).sum()), -float(np.minimum(beyond, 0.0).sum())

    @cached_property
    def lowest(self) -> NDArray[np.float64]:
        """Hold the values up to the lower tail and the one after it, those two last; there are any."""
        return smallest(self.values, int((len(self) - 1) * TAIL) + 2)

    @cached_property
    def highest(self) -> NDArray[np.float64]:
        """Hold the values from the upper tail on; the two lowest of them stand last."""
        return -smallest(-self.values, len(self) - int((len(self) - 1) * (1 - TAIL)))

    def quantile(self, share: float) -> float:
        """Return the value below which a share of the values lies, interpolated linearly; NaN of none."""
        if len(self) < 2 or share not in (TAIL, 1 - TAIL):
            return float(np.quantile(self.values, share)) if len(self) else math.nan
        place = (len(self) - 1) * share
        first, second = self.lowest[-2:] if share == TAIL else self.highest[:-3:-1]
        return float(first + (second - first) * (place - int(place)))

    def worst(self, share: float) -> NDArray[np.float64]:
        """Return the values up to and including that at the quantile of a share, in any order."""
        if share == TAIL and len(self) > 1:
            return self.lowest[:-1]
        last = int((len(self) - 1) * share)
        return np.partition(self.values, last)[: last + 1]

    def has_tail(self, share: float) -> bool:
        """Whether there are values enough for one of them to be a tail."""
        return len(self) * share >= 1 - 1e-9


def sample_of(returns: Returns) -> Sample:
    """Return the finite ones of some returns, with what figures of them share; a Sample is taken as it is.

    >>> len(sample_of([0.01, float("nan"), -0.02]))
    2
    """
    return returns if isinstance(returns, Sample) else Sample(finite(returns))


def finite(values: ArrayLike) -> NDArray[np.float64]:
    """Return the values that are numbers, as a flat array of floats; without copying where all are.

    A number of more than 60 digits is none: no float would hold its fourth power. Raises UsageError for what
    is no series of numbers.
    """
    found = series_of(values)
    return found if are_numbers(found) else found[np.abs(found) < LARGEST]


def series_of(values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers as a flat array of floats; raises UsageError for text and for a table of many columns.

    >>> series_of([[0.01], [-0.02]])
    array([ 0.01, -0.02])
    """
    try:
        found = np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise UsageError(f"a figure takes a series of numbers, oldest first, but: {error}") from None
    if found.ndim > 1 and max(found.shape[1:]) > 1:
        raise UsageError(f"a figure takes one series of numbers, not a table of shape {found.shape}")
    return found.reshape(-1)


def are_numbers(values: NDArray[np.float64]) -> bool:
    """Whether all values are numbers."""
    return not len(values) or bool(values.min() > -LARGEST and values.max() < LARGEST)


def period_rate(yearly: float, periods_per_year: float) -> float:
    """Return the rate a period that compounds to a yearly one; NaN where there is none.

    >>> round(period_rate(0.05, 252), 9)
    0.000193631
    """
    if yearly == 0:
        return 0.0
    if yearly <= -1 or not periods_per_year > 0:
        return math.nan
    return math.expm1(math.log1p(yearly) / periods_per_year)


def compounded(total: float, years: float) -> float:
    """Return the yearly rate that compounds to a total over some years.

    NaN where all is lost, where no time passed, or where no float holds it.

    >>> round(compounded(0.21, 2.0), 12)
    0.1
    """
    if not (total > -1 and years > 0):
        return math.nan
    try:
        return float((1 + total) ** (1 / years) - 1)
    except OverflowError:
        return math.nan


def over(amount: float, by: float) -> float:
    """Return a quotient; NaN where it would be divided by nothing."""
    found = amount / by if abs(by) > 0 else math.nan
    return found if math.isfinite(found) else math.nan


def product(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the sum of the products of two columns, in one thread: BLAS would wake others for it."""
    return float(np.einsum("i,i->", first, second))


def smallest(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the smallest values, at least two of them; the two largest of these stand last, in order.

    Of many values those are looked at first that are below what every so-many-th says; where these are too
    few, all are.
    """
    stride = len(values) // PROBES
    if stride > 1:
        probes = values[::stride]
        place = min(len(probes) - 1, int(len(probes) * (count / len(values) + PROBE_MARGIN)))
        below = values[values <= np.partition(probes, place)[place]]
        values = below if len(below) >= count else values
    return np.partition(values, [count - 2, count - 1])[:count]
