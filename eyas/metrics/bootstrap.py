"""How far a figure could have come out otherwise: confidence intervals by the stationary block bootstrap.

Returns are drawn again in blocks of random length, so that what lies close together in time stays together
(Politis and Romano, The Stationary Bootstrap, Journal of the American Statistical Association 89, 1994).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.curve import Curve
from eyas.metrics.of_curve import aligned, curve_figures
from eyas.metrics.sample import series_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RETURNS_MIN = 10
UNKNOWN_MAX = 0.05
"""Which share of the draws may have no figure; the others would not speak for all."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold a figure and between which values it lies: of all draws the middle `confidence` do.

    `low` and `high` are NaN below ten returns, and where the figure cannot be said of one draw in twenty.
    `block` is the mean number of returns in a block. The same seed gives the same interval.
    """

    value: float
    low: float
    high: float
    confidence: float
    draws: int
    block: float
    seed: int


class Options(TypedDict, total=False):
    """What `curve_figures` is told beside the curve."""

    risk_free: float
    benchmark: Curve | None
    periods_per_year: float | None


def confidence_interval(
    figure: Callable[..., float],
    *series: ArrayLike,
    confidence: float = 0.95,
    draws: int = 1_000,
    block: float | None = None,
    seed: int = 0,
) -> Interval:
    """Return the confidence interval of any figure of returns, or of several series drawn together.

    `block` is the mean length of a block in returns; without one it is n^(1/3), at least 1. The interval is
    that between quantiles of the draws (Efron 1979). Raises UsageError for series of different lengths and
    for numbers out of range.

    >>> from eyas.metrics import sharpe
    >>> found = confidence_interval(sharpe, [0.01, -0.005, 0.02, 0.0, -0.01] * 20, draws=200)
    >>> found.low < found.value < found.high
    True
    """
    columns = [series_of(one) for one in series]
    if not columns or any(len(one) != len(columns[0]) for one in columns):
        raise UsageError(
            f"series that are drawn together have one length, not {[len(one) for one in columns]}"
        )
    check(confidence, draws, block)
    if not callable(figure):
        raise UsageError(f"figure is {figure!r}, but must be a function such as eyas.metrics.sharpe")
    count = len(columns[0])
    length = block_length(count) if block is None else float(block)
    value = float(figure(*columns))
    found = np.full(draws, math.nan)
    if count >= RETURNS_MIN:
        for place, rows in enumerate(drawn_rows(count, draws, length, seed)):
            found[place] = figure(*(one[rows] for one in columns))
    low, high = bounds_of(found, confidence)
    return Interval(value, low, high, confidence, draws, length, seed)


def curve_intervals(
    curve: Curve,
    names: Iterable[str] = ("total_return", "sharpe", "sortino", "max_drawdown", "calmar"),
    *,
    confidence: float = 0.95,
    draws: int = 1_000,
    block: float | None = None,
    seed: int = 0,
    **options: Unpack[Options],
) -> dict[str, Interval]:
    """Return the confidence intervals of figures of a curve, by their names in `curve_figures`.

    Each draw is a whole curve: the returns (and those of the benchmark with them) drawn again, compounded
    from the opening, at the times of the curve. Give `curve.by_day()` of a long one: a draw takes as long as
    all figures do. `options` are those of `curve_figures`. Raises UsageError for unknown names.
    """
    value = curve_figures(curve, **options)
    wanted = list(names)
    if unknown := [name for name in wanted if name not in value]:
        raise UsageError(f"{unknown[0]} is no figure of this curve: choose from {', '.join(value)}")
    check(confidence, draws, block)
    rates, others, time = rows_with_returns(curve, options.get("benchmark"))
    if options.get("periods_per_year") is None and curve.periods_per_year > 0:
        options["periods_per_year"] = curve.periods_per_year
    length = block_length(len(rates)) if block is None else float(block)
    found = np.full((draws, len(wanted)), math.nan)
    if len(rates) >= RETURNS_MIN:
        for place, rows in enumerate(drawn_rows(len(rates), draws, length, seed)):
            own = Curve(time, equity_of(rates[rows])[1:], 1.0)
            options["benchmark"] = None if others is None else Curve(time, equity_of(others[rows])[1:], 1.0)
            figures = curve_figures(own, **options)
            found[place] = [figures[name] for name in wanted]
    intervals = {}
    for place, name in enumerate(wanted):
        low, high = bounds_of(found[:, place], confidence)
        intervals[name] = Interval(value[name], low, high, confidence, draws, length, seed)
    return intervals


def equity_of(returns: ArrayLike) -> NDArray[np.float64]:
    """Return the equity that returns compound to, from 1 before the first.

    >>> equity_of([0.5, -0.5]).tolist()
    [1.0, 1.5, 0.75]
    """
    return np.cumprod(np.concatenate([[1.0], 1 + series_of(returns)]))


def block_length(count: int) -> float:
    """Return the mean length of blocks of so many returns: n^(1/3), at least 1.

    The rate at which the best length grows (Hall, Horowitz and Jing, Biometrika 82, 1995).

    >>> block_length(1000)
    10.0
    """
    return max(1.0, float(round(count ** (1 / 3))))


def drawn_rows(count: int, draws: int, block: float, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each draw: blocks that begin anywhere, of geometric length, around the end.

    >>> [rows.tolist() for rows in drawn_rows(4, 1, 1e9, seed=1)]
    [[0, 1, 2, 3]]
    """
    generator = np.random.default_rng(seed)
    places = np.arange(count)
    for _ in range(draws):
        is_first = generator.random(count) < 1 / block
        is_first[:1] = True
        starts = generator.integers(0, count, count)
        first = np.maximum.accumulate(np.where(is_first, places, 0))
        yield (starts[first] + places - first) % count


def rows_with_returns(
    curve: Curve, benchmark: Curve | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.int64]]:
    """Return the returns of the rows that have one, the benchmark's where there is one, and their times."""
    own = curve.returns_by_row
    is_known = np.isfinite(own)
    if benchmark is None:
        return own[is_known], None, curve.time[is_known]
    other = aligned(curve, benchmark).returns_by_row
    is_known &= np.isfinite(other)
    return own[is_known], other[is_known], curve.time[is_known]


def bounds_of(found: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return between which values the middle of the draws lies; NaN where too many of them are not known."""
    known = found[np.isfinite(found)]
    if len(known) < len(found) * (1 - UNKNOWN_MAX):
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def check(confidence: float, draws: int, block: float | None) -> None:
    """Refuse numbers out of range."""
    if not 0 < confidence < 1:
        raise UsageError(f"confidence is {confidence}, but must be between 0 and 1, such as 0.95")
    if draws < 1:
        raise UsageError(f"draws is {draws}, but there must be one at least")
    if block is not None and not block >= 1:
        raise UsageError(f"block is {block}, but a block holds one return at least")
