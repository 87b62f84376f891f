"""How far an equity curve fell below its highest, how often, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.curve import Curve
from eyas.metrics.definition import metric
from eyas.metrics.falls import Equity, falls_of
from eyas.metrics.sample import over, product

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP = "Drawdown"


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall below the highest equity so far, and the way back.

    `start_ns` is the time of that highest equity (of the first row, where it is the opening), `bottom_ns`
    that of the lowest after it, `recovery_ns` that of the first that is as high again: None while under
    water. `depth` is a fraction of the highest. `bars` counts those below it, `bars_down` those until the
    lowest, `bars_up` those from there to the recovery (None while under water). `length_ns` goes from the
    highest to the recovery, or to the end.
    """

    start_ns: int
    bottom_ns: int
    recovery_ns: int | None
    depth: float
    bars: int
    bars_down: int
    bars_up: int | None
    length_ns: int

    @property
    def recovery_length_ns(self) -> int | None:
        """Time from the lowest to the recovery; None while under water."""
        return None if self.recovery_ns is None else self.recovery_ns - self.bottom_ns


def drawdown_series(equity: Equity) -> NDArray[np.float64]:
    """Return how far each finite value is below the highest so far, as a fraction of it (0 at a high).

    NaN where the first value is not above zero: nothing can be said of a fraction of that.

    >>> drawdown_series([100, 120, 90, 130]).tolist()
    [0.0, 0.0, 0.25, 0.0]
    """
    return falls_of(equity).series


def worst_drawdowns(curve: Curve, count: int = 10) -> list[Drawdown]:
    """Return the deepest falls of a curve, deepest first; of equal ones the earlier first.

    >>> curve = Curve(np.arange(4), np.array([120.0, 90.0, 130.0, 117.0]), 100.0)
    >>> [(round(one.depth, 6), one.bars, one.recovery_ns) for one in worst_drawdowns(curve)]
    [(0.25, 1, 2), (0.1, 1, None)]
    """
    time, falls = curve.known_time, curve.falls
    shift = len(falls.values) - len(time)
    starts, ends = falls.stretches
    order = np.argsort(-falls.depths, kind="stable")[:count]
    last = len(time) - 1
    found = []
    for start, end, depth in zip(starts[order], ends[order], falls.depths[order], strict=True):
        bottom = int(start) + int(np.argmax(falls.series[start:end]))
        is_over = end < len(falls.values)
        peak_ns = int(time[max(0, start - 1 - shift)])
        end_ns = int(time[min(last, end - shift)])
        found.append(
            Drawdown(
                start_ns=peak_ns,
                bottom_ns=int(time[bottom - shift]),
                recovery_ns=end_ns if is_over else None,
                depth=float(depth),
                bars=int(end - start),
                bars_down=bottom - int(start) + 1,
                bars_up=int(end) - bottom if is_over else None,
                length_ns=end_ns - peak_ns,
            )
        )
    return found


@metric("Deepest drawdown", "rate", group=GROUP, higher_is_better=False)
def max_drawdown(equity: Equity) -> float:
    """Return the deepest fall of an equity curve below its highest so far, as a fraction of that.

    Formula: max over t of (highest up to t − equity at t) / highest up to t.
    Unit: rate.
    Convention: positive; the cash at the start counts as an equity; more than 1 where equity went below zero.
    Source: Magdon-Ismail and Atiya, Maximum Drawdown, Risk 17 (2004).
    None when: there is no equity, or the first is not above zero.

    >>> max_drawdown([100, 120, 90, 130])
    0.25
    """
    falls = falls_of(equity)
    return float(falls.series.max()) if falls.is_known else math.nan


@metric("Average drawdown", "rate", group=GROUP, higher_is_better=False)
def average_drawdown(equity: Equity) -> float:
    """Return the mean depth of all stretches below the highest equity so far.

    Formula: mean of the depth of each stretch between two highs.
    Unit: rate.
    Convention: each stretch counts once, however long; the last one also while it is under water.
    Source: as ffn has it.
    None when: equity never fell.

    >>> round(average_drawdown([100, 120, 90, 130, 117]), 12)
    0.175
    """
    depths = falls_of(equity).depths
    return float(depths.mean()) if len(depths) else math.nan


@metric("Longest drawdown in bars", "bars", group=GROUP, higher_is_better=False)
def max_drawdown_bars(equity: Equity) -> float:
    """Return the longest stretch of bars below the highest equity so far.

    Formula: max of the number of bars between two highs.
    Unit: bars.
    Convention: bars below the highest; one as high as it is no longer below; the last stretch ends with the
        curve.
    Source: as the kernel counts (kernel/src/curve.rs).
    None when: there is no equity, or the first is not above zero.

    >>> max_drawdown_bars([100, 120, 90, 95, 130])
    2.0
    """
    falls = falls_of(equity)
    starts, ends = falls.stretches
    return float((ends - starts).max(initial=0)) if falls.is_known else math.nan


@metric("Share of time under water", "rate", group=GROUP, higher_is_better=False)
def time_under_water(equity: Equity) -> float:
    """Return the share of values that are below the highest before them.

    Formula: number of values below the highest so far / number of values after the first.
    Unit: rate.
    Convention: counted in periods, not in time.
    Source: the usual one.
    None when: there are fewer than two values, or the first is not above zero.

    >>> time_under_water([100, 120, 90, 95, 130])
    0.5
    """
    falls = falls_of(equity)
    starts, ends = falls.stretches
    return over(float((ends - starts).sum()), len(falls.values) - 1) if falls.is_known else math.nan


@metric("Longest drawdown", "duration", group=GROUP, higher_is_better=False)
def longest_drawdown(curve: Curve) -> float:
    """Return the longest time from a high to the next equity as high, in nanoseconds.

    Formula: max of (time of the recovery − time of the high).
    Unit: duration.
    Convention: time as it passes, nights and weekends too; the last one runs to the end of the curve.
    Source: as quantstats and ffn list them, in days.
    None when: equity never fell.

    >>> longest_drawdown(Curve(np.arange(4), np.array([120.0, 90.0, 95.0, 130.0]), 100.0))
    3.0
    """
    lengths = lengths_ns(curve)
    return float(lengths.max()) if len(lengths) else math.nan


@metric("Average length of drawdowns", "duration", group=GROUP, higher_is_better=False)
def average_drawdown_length(curve: Curve) -> float:
    """Return the mean time from a high to the next equity as high, in nanoseconds.

    Formula: mean of (time of the recovery − time of the high).
    Unit: duration.
    Convention: each stretch counts once; the last one runs to the end of the curve.
    Source: as ffn has it, which starts at the first equity below the high and counts whole days.
    None when: equity never fell.

    >>> average_drawdown_length(Curve(np.arange(4), np.array([120.0, 90.0, 95.0, 130.0]), 100.0))
    3.0
    """
    lengths = lengths_ns(curve)
    return float(lengths.mean()) if len(lengths) else math.nan


@metric("Recovery of the deepest drawdown", "duration", group=GROUP, higher_is_better=False)
def max_drawdown_recovery(curve: Curve) -> float:
    """Return the time from the bottom of the deepest drawdown to the equity that was as high again.

    Formula: time of the recovery − time of the bottom.
    Unit: duration.
    Convention: time as it passes; of equally deep drawdowns the first.
    Source: the usual one.
    None when: equity never fell, or has not recovered by the end.

    >>> max_drawdown_recovery(Curve(np.arange(4), np.array([120.0, 90.0, 95.0, 130.0]), 100.0))
    2.0
    """
    worst = worst_drawdowns(curve, 1)
    length = worst[0].recovery_length_ns if worst else None
    return math.nan if length is None else float(length)


@metric("Ulcer index", "rate", group=GROUP, higher_is_better=False)
def ulcer_index(equity: Equity) -> float:
    """Return the root of the mean square of the drawdowns: deep and long ones both weigh.

    Formula: √(Σ d² / n), d the fraction that each value is below the highest so far.
    Unit: rate.
    Convention: n counts all values, the cash at the start too; a fraction where Martin writes percent.
    Source: Martin and McCann, The Investor's Guide to Fidelity Funds (1989).
    None when: there is no equity, or the first is not above zero.

    >>> ulcer_index([100, 120, 90, 130])
    0.125
    """
    falls = falls_of(equity)
    if not falls.is_known:
        return math.nan
    return math.sqrt(product(falls.series, falls.series) / len(falls.values))


def lengths_ns(curve: Curve) -> NDArray[np.int64]:
    """Return the time from the high before each stretch below it to its recovery, or to the end."""
    time, falls = curve.known_time, curve.falls
    shift = len(falls.values) - len(time)
    starts, ends = falls.stretches
    if not len(starts):
        return np.empty(0, np.int64)
    peaks = np.maximum(0, starts - 1 - shift)
    return time[np.minimum(len(time) - 1, ends - shift)] - time[peaks]
