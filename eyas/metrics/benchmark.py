"""How returns went with those of a benchmark, and how far they went beyond it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.definition import metric
from eyas.metrics.growth import annual_return
from eyas.metrics.risk import root
from eyas.metrics.sample import LARGEST, Sample, are_numbers, over, period_rate, product, series_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GROUP = "Against the benchmark"
PAIRS_MIN = 3
"""Two points always lie on a line."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Hold the returns of the same periods, both finite, and what figures of them share.

    Make one with `pair_of`. What needs more than there is, is NaN.
    """

    own: Sample
    other: Sample

    def __len__(self) -> int:
        return len(self.own)

    @cached_property
    def covariance(self) -> float:
        """Covariance of a population (over n)."""
        if len(self) < PAIRS_MIN:
            return math.nan
        return product(self.own.away, self.other.away) / len(self)

    @cached_property
    def active(self) -> Sample:
        """Returns less those of the benchmark."""
        return Sample(self.own.values - self.other.values)

    @property
    def beta(self) -> float:
        """See the function `beta`."""
        return over(self.covariance, self.other.variance)

    @property
    def correlation(self) -> float:
        """See the function `correlation`."""
        found = over(self.covariance, math.sqrt(self.own.variance) * math.sqrt(self.other.variance))
        return max(-1.0, min(1.0, found)) if math.isfinite(found) else math.nan

    def alpha(self, periods_per_year: float, risk_free: float = 0.0) -> float:
        """See the function `alpha`."""
        rate, beta = period_rate(risk_free, periods_per_year), self.beta
        if math.isnan(beta):
            return math.nan
        each = self.own.mean - rate - beta * (self.other.mean - rate)
        return grown(each, periods_per_year)

    def tracking_error(self, periods_per_year: float) -> float:
        """See the function `tracking_error`."""
        return self.active.deviation * root(periods_per_year) if len(self) >= PAIRS_MIN else math.nan

    def information_ratio(self, periods_per_year: float) -> float:
        """See the function `information_ratio`."""
        if len(self) < PAIRS_MIN:
            return math.nan
        return over(self.active.mean, self.active.deviation) * root(periods_per_year)

    def capture(self, is_kept: NDArray[np.bool_], periods_per_year: float) -> float:
        """Return the yearly return of some periods over that of the benchmark in them."""
        count = int(is_kept.sum())
        if not count or not periods_per_year > 0:
            return math.nan
        own, other = (
            grown(geometric_mean(one.values[is_kept]), periods_per_year) for one in (self.own, self.other)
        )
        return over(own, other)


def pair_of(returns: ArrayLike, benchmark: ArrayLike) -> Pair:
    """Return the pairs of returns of which both are known. Raises UsageError for different lengths."""
    own = series_of(returns)
    other = series_of(benchmark)
    if len(own) != len(other):
        raise UsageError(
            f"there are {len(own):,} returns and {len(other):,} of the benchmark: give one for each, NaN "
            "where it is not known"
        )
    if not (are_numbers(own) and are_numbers(other)):
        is_known = (np.abs(own) < LARGEST) & (np.abs(other) < LARGEST)
        own, other = own[is_known], other[is_known]
    return Pair(Sample(own), Sample(other))


def grown(rate: float, periods_per_year: float) -> float:
    """Return what a rate a period compounds to in a year; NaN where no float holds it."""
    if not (rate > -1 and periods_per_year > 0):
        return math.nan
    try:
        return math.expm1(math.log1p(rate) * periods_per_year)
    except OverflowError:
        return math.nan


def geometric_mean(returns: NDArray[np.float64]) -> float:
    """Return the rate a period that compounds to what all returns together compound to."""
    if not len(returns) or returns.min() <= -1:
        return math.nan
    return math.expm1(float(np.log1p(returns).mean()))


@metric("Beta", "ratio", group=GROUP)
def beta(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Return how much returns moved for each move of the benchmark.

    Formula: cov(r, b) / var(b).
    Unit: ratio.
    Convention: simple returns of the same periods, as often as the curve has them.
    Source: Sharpe, Capital Asset Prices, Journal of Finance 19 (1964).
    None when: fewer than three periods are shared, or the benchmark did not move; in a report also below 10.

    >>> round(beta([0.02, -0.02, 0.04], [0.01, -0.01, 0.02]), 12)
    2.0
    """
    return pair_of(returns, benchmark).beta


@metric("Alpha a year", "rate", group=GROUP, higher_is_better=True)
def alpha(
    returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float = 252, risk_free: float = 0.0
) -> float:
    """Return what was earned a year beyond the benchmark's part in it (Jensen's alpha, compounded).

    `risk_free` is a rate a year; each period it is what compounds to that.

    Formula: (1 + mean(r − f) − β · mean(b − f))^(periods a year) − 1, f = (1 + risk-free)^(1 / periods) − 1.
    Unit: rate.
    Convention: compounded to a year, as empyrical and vectorbt; quantstats multiplies by the periods instead.
    Source: Jensen, The Performance of Mutual Funds, Journal of Finance 23 (1968).
    None when: fewer than three periods are shared, or the benchmark did not move; in a report also below
        30 days or 10 periods.

    >>> round(alpha([0.02, -0.02, 0.04], [0.01, -0.01, 0.02]), 12)
    0.0
    """
    return pair_of(returns, benchmark).alpha(periods_per_year, risk_free)


@metric("Correlation", "ratio", group=GROUP)
def correlation(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Return how closely returns went along with the benchmark: −1 to 1.

    Formula: cov(r, b) / √(var(r) · var(b)).
    Unit: ratio.
    Convention: simple returns of the same periods, as often as the curve has them.
    Source: Pearson (1895).
    None when: fewer than three periods are shared, or one of both did not move; in a report also below 10.

    >>> round(correlation([0.02, -0.02, 0.04], [0.01, -0.01, 0.02]), 12)
    1.0
    """
    return pair_of(returns, benchmark).correlation


@metric("R²", "ratio", group=GROUP)
def r_squared(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Return which part of the returns' variance the benchmark explains: 0 to 1.

    Formula: correlation².
    Unit: ratio.
    Convention: of the line through the returns of the same periods, fitted by least squares.
    Source: as quantstats has it.
    None when: fewer than three periods are shared, or one of both did not move; in a report also below 10.

    >>> round(r_squared([0.02, -0.02, 0.04], [0.01, -0.01, 0.02]), 12)
    1.0
    """
    return pair_of(returns, benchmark).correlation ** 2


@metric("Tracking error a year", "rate", group=GROUP, higher_is_better=False)
def tracking_error(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float = 252) -> float:
    """Return the standard deviation of the returns less the benchmark's, scaled to a year.

    Formula: √(Σ(a − mean a)² / (n − 1)) · √(periods a year), a = r − b.
    Unit: rate.
    Convention: standard deviation of a sample; scaled as if returns were independent.
    Source: Grinold and Kahn, Active Portfolio Management (1999), active risk.
    None when: fewer than three periods are shared; in a report also below 30 days or 10 periods.

    >>> round(tracking_error([0.02, -0.02, 0.04], [0.01, -0.01, 0.02], 252), 6)
    0.242487
    """
    return pair_of(returns, benchmark).tracking_error(periods_per_year)


@metric("Information ratio", "ratio", group=GROUP, higher_is_better=True)
def information_ratio(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float = 252) -> float:
    """Return mean over standard deviation of the returns less the benchmark's, scaled to a year.

    Formula: mean a / √(Σ(a − mean a)² / (n − 1)) · √(periods a year), a = r − b.
    Unit: ratio.
    Convention: scaled to a year; quantstats, ffn, empyrical and vectorbt leave it a period's.
    Source: Grinold and Kahn, Active Portfolio Management (1999).
    None when: fewer than three periods are shared, or nothing differs; in a report also below 30 days or 10
        periods.

    >>> round(information_ratio([0.02, -0.02, 0.04], [0.01, -0.01, 0.02], 1), 6)
    0.436436
    """
    return pair_of(returns, benchmark).information_ratio(periods_per_year)


@metric("Up capture, months", "ratio", group=GROUP, higher_is_better=True)
def up_capture(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float = 12) -> float:
    """Return the yearly return over the benchmark's, both of the periods in which the benchmark rose.

    Formula: ((Π(1 + r))^(p / k) − 1) / ((Π(1 + b))^(p / k) − 1) over the k periods with b > 0, p a year.
    Unit: ratio.
    Convention: of calendar months (UTC) in a report, as Morningstar; shorter periods, compounded to a year,
        say little.
    Source: Morningstar, Upside and Downside Capture Ratios (2011); empyrical and vectorbt have the same.
    None when: the benchmark never rose, or all was lost in such a period; in a report also where it rose in
        fewer than three months.

    >>> round(up_capture([0.02, -0.02], [0.01, -0.01], 1), 6)
    2.0
    """
    pair = pair_of(returns, benchmark)
    return pair.capture(pair.other.values > 0, periods_per_year)


@metric("Down capture, months", "ratio", group=GROUP, higher_is_better=False)
def down_capture(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float = 12) -> float:
    """Return the yearly return over the benchmark's, both of the periods in which the benchmark fell.

    Formula: ((Π(1 + r))^(p / k) − 1) / ((Π(1 + b))^(p / k) − 1) over the k periods with b < 0, p a year.
    Unit: ratio.
    Convention: of calendar months (UTC) in a report, as Morningstar; shorter periods, compounded to a year,
        say little.
    Source: Morningstar, Upside and Downside Capture Ratios (2011); empyrical and vectorbt have the same.
    None when: the benchmark never fell, or all was lost in such a period; in a report also where it fell in
        fewer than three months.

    >>> round(down_capture([0.02, -0.02], [0.01, -0.01], 1), 6)
    2.0
    """
    pair = pair_of(returns, benchmark)
    return pair.capture(pair.other.values < 0, periods_per_year)


@metric("Return a year beyond the benchmark", "rate", group=GROUP, higher_is_better=True)
def active_return(equity: ArrayLike, benchmark_equity: ArrayLike, years: float) -> float:
    """Return the yearly return less that of the benchmark.

    Formula: return a year − return a year of the benchmark (both by the calendar).
    Unit: rate.
    Convention: both over the time for which the benchmark is known; a difference, not a quotient.
    Source: Grinold and Kahn, Active Portfolio Management (1999).
    None when: they share no time, or one of both lost all; in a report also below 30 days.

    >>> round(active_return([100, 121], [100, 110], 1.0), 12)
    0.11
    """
    return annual_return(equity, years) - annual_return(benchmark_equity, years)
