"""How long trades lasted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.definition import metric
from eyas.metrics.streaks import GROUP
from eyas.metrics.trades import known, mean_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@metric("Average holding time", "duration", group=GROUP)
def average_holding(holding_ns: ArrayLike) -> float:
    """Return how long a trade lasted on average, in nanoseconds.

    Formula: mean of exit time − entry time.
    Unit: duration.
    Convention: from the first fill to the last, by the calendar: nights and weekends count.
    Source: lifecycle specification P16, there in minutes.
    None when: there are no trades.

    >>> average_holding([60e9, 120e9])
    90000000000.0
    """
    return mean_of(known(holding_ns))


@metric("Median holding time", "duration", group=GROUP)
def median_holding(holding_ns: ArrayLike) -> float:
    """Return how long the trade in the middle lasted, in nanoseconds.

    Formula: median of exit time − entry time.
    Unit: duration.
    Convention: from the first fill to the last, by the calendar.
    Source: lifecycle specification P16, as a median.
    None when: there are no trades.

    >>> median_holding([60e9, 120e9, 600e9])
    120000000000.0
    """
    lengths = known(holding_ns)
    return float(np.median(lengths)) if len(lengths) else math.nan


@metric("Average holding time of winners", "duration", group=GROUP)
def average_holding_won(holding_ns: ArrayLike, profit: ArrayLike) -> float:
    """Return how long a trade that won lasted on average, in nanoseconds.

    Formula: mean of exit time − entry time of the trades with profit > 0.
    Unit: duration.
    Convention: from the first fill to the last, by the calendar.
    Source: lifecycle specification P16, there in minutes.
    None when: no trade won.

    >>> average_holding_won([60e9, 120e9], [1.0, -1.0])
    60000000000.0
    """
    return mean_of(known(np.asarray(holding_ns)[np.asarray(profit) > 0]))


@metric("Average holding time of losers", "duration", group=GROUP)
def average_holding_lost(holding_ns: ArrayLike, profit: ArrayLike) -> float:
    """Return how long a trade that lost lasted on average, in nanoseconds.

    Formula: mean of exit time − entry time of the trades with profit < 0.
    Unit: duration.
    Convention: from the first fill to the last, by the calendar.
    Source: lifecycle specification P16, there in minutes.
    None when: no trade lost.

    >>> average_holding_lost([60e9, 120e9], [1.0, -1.0])
    120000000000.0
    """
    return mean_of(known(np.asarray(holding_ns)[np.asarray(profit) < 0]))


@metric("Average bars held", "bars", group=GROUP)
def average_bars_held(bars: ArrayLike) -> float:
    """Return how many bars a trade lasted on average.

    Formula: mean of exit bar − entry bar.
    Unit: bars.
    Convention: 0 for a trade that ended in the bar it began in.
    Source: the journal's fills.
    None when: there are no trades.

    >>> average_bars_held([1, 4])
    2.5
    """
    return mean_of(known(bars))
