"""How the figures of a run changed while it went on: each of the last so many days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.of_curve import aligned
from eyas.metrics.sample import NOISE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.curve import Curve

WINDOWS = ((504, 126), (126, 63), (42, 21))
"""From how many returns on how many of them are looked at each time; below the least there is nothing."""

POINTS_MAX = 5_000
DAYS_NS = 2 * 86_400_000_000_000
FEWEST = WINDOWS[-1][0]


@dataclass(frozen=True, eq=False, slots=True)
class Rolling:
    """Hold figures of the last `window` daily returns up to each `time` (int64, nanoseconds, UTC).

    `total_return` is what the window gained; `volatility`, `sharpe` and `sortino` are scaled to a year as the
    figures of the whole are; `beta` is against the benchmark, None without one. NaN where a figure cannot be
    said. `unit` is "days", or "bars" where these are longer. `sentence` says why there is nothing, or is
    empty.
    """

    window: int
    unit: str
    time: NDArray[np.int64]
    total_return: NDArray[np.float64]
    volatility: NDArray[np.float64]
    sharpe: NDArray[np.float64]
    sortino: NDArray[np.float64]
    beta: NDArray[np.float64] | None
    sentence: str = ""

    @property
    def name(self) -> str:
        """What the window is called: 63 days."""
        return f"{self.window} {self.unit}"


def rolling(curve: Curve, benchmark: Curve | None = None, window: int | None = None) -> Rolling:
    """Return the rolling figures of a curve's daily returns.

    Without a `window` it is 126 days from 504 on, 63 from 126 on, 21 from 42 on; with less there is nothing.
    Of more than 5,000 windows every so-manieth is looked at, the last always.
    """
    daily = curve.by_day()
    returns, is_known = daily.returns_by_row, np.isfinite(daily.returns_by_row)
    unit = "days" if len(daily) < 2 or daily.spacing_ns <= DAYS_NS else "bars"
    count = int(is_known.sum())
    chosen = window or next((length for least, length in WINDOWS if count >= least), 0)
    sentence = _silence(curve, count, chosen, unit)
    if sentence:
        none = np.empty(0)
        return Rolling(chosen, unit, np.empty(0, np.int64), none, none, none, none, None, sentence)
    returns, time = returns[is_known], daily.time[is_known]
    ends = _ends(count, chosen)
    parts = np.lib.stride_tricks.sliding_window_view(returns, chosen)[ends]
    yearly = math.sqrt(daily.periods_per_year) if daily.periods_per_year > 0 else math.nan
    deviation = _flat_to_zero(parts.std(axis=1, ddof=1)) if chosen > 1 else np.zeros(len(ends))
    mean = parts.mean(axis=1)
    short = np.minimum(parts, 0.0)
    beta = None
    if benchmark is not None and np.isfinite(benchmark.equity).any():
        others = _benchmark_returns(curve, benchmark, daily)[is_known]
        beta = _betas(parts, np.lib.stride_tricks.sliding_window_view(others, chosen)[ends])
    return Rolling(
        window=chosen,
        unit=unit,
        time=time[ends + chosen - 1],
        total_return=np.prod(1 + parts, axis=1) - 1,
        volatility=deviation * yearly,
        sharpe=_over(mean, deviation) * yearly,
        sortino=_over(mean, _flat_to_zero(np.sqrt((short * short).mean(axis=1)))) * yearly,
        beta=beta,
    )


def _silence(curve: Curve, count: int, window: int, unit: str) -> str:
    if len(curve.restarts):
        return "The symbols ran one after the other, so nothing rolls over the whole run."
    if not window:
        return f"Rolling figures take {FEWEST} {unit} with a return at least; there are {count:,}."
    return f"The window of {window} {unit} is longer than the run of {count:,}." if count < window else ""


def _ends(count: int, window: int) -> NDArray[np.intp]:
    """Return the numbers of the windows that are looked at."""
    windows = count - window + 1
    return np.arange(windows)[:: -max(1, -(-windows // POINTS_MAX))][::-1]


def _benchmark_returns(curve: Curve, benchmark: Curve, daily: Curve) -> NDArray[np.float64]:
    """Return the returns of a benchmark over the days of a curve."""
    other = aligned(curve, benchmark).by_day()
    return other.returns_by_row if len(other) == len(daily) else np.full(len(daily), np.nan)


def _betas(own: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    away = others - others.mean(axis=1, keepdims=True)
    shared = ((own - own.mean(axis=1, keepdims=True)) * away).mean(axis=1)
    spread = _flat_to_zero(np.sqrt((away * away).mean(axis=1)))
    return _over(shared, spread * spread)


def _flat_to_zero(deviation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return deviations, 0 where they are but the rounding of floats."""
    return np.where(deviation <= NOISE, 0.0, deviation)


def _over(amounts: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quotients, NaN where it would be divided by nothing."""
    found = np.full(len(amounts), np.nan)
    np.divide(amounts, by, out=found, where=np.abs(by) > 0)
    return found
