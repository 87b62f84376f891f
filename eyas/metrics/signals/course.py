"""Statistics of how signals went: how far they ran, how long they took, what came in a row (P15–P17, P21)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.signals.definition import mean, statistic
from eyas.metrics.streaks import streaks_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GROUP = "Course"


def there(values: ArrayLike) -> NDArray[np.float64]:
    """Return the values that are known."""
    found = np.asarray(values, dtype=np.float64)
    return found[np.isfinite(found)]


@statistic("Average peak PnL", "percent", group=GROUP, higher_is_better=True)
def avg_peak_pnl(peak: ArrayLike) -> float:
    """Return the best running profit of a signal on average, in percent.

    Formula: mean of the signals' peak profit.
    Unit: percent.
    Convention: only of signals whose peak is known.
    Source: lifecycle specification P15.
    None when: no peak is known.
    """
    return mean(there(peak))


@statistic("Average fall PnL", "percent", group=GROUP, higher_is_better=True)
def avg_fall_pnl(fall: ArrayLike) -> float:
    """Return the worst running profit of a signal on average, in percent.

    Formula: mean of the signals' worst running profit.
    Unit: percent.
    Convention: only of signals whose worst is known; below zero.
    Source: lifecycle specification P15.
    None when: no worst is known.
    """
    return mean(there(fall))


@statistic("Highest peak PnL", "percent", group=GROUP, higher_is_better=True)
def peak_profit_pnl(peak: ArrayLike) -> float:
    """Return the best running profit that any signal reached, in percent.

    Formula: max of the signals' peak profit.
    Unit: percent.
    Convention: only of signals whose peak is known.
    Source: lifecycle specification P21.
    None when: no peak is known.
    """
    found = there(peak)
    return float(found.max()) if len(found) else math.nan


@statistic("Deepest fall PnL", "percent", group=GROUP, higher_is_better=True)
def max_drawdown_pnl(fall: ArrayLike) -> float:
    """Return the worst running profit that any signal reached, in percent.

    Formula: min of the signals' worst running profit.
    Unit: percent.
    Convention: only of signals whose worst is known; below zero.
    Source: lifecycle specification P21.
    None when: no worst is known.
    """
    found = there(fall)
    return float(found.min()) if len(found) else math.nan


@statistic("Average duration", "minutes", group=GROUP)
def avg_duration(minutes: ArrayLike) -> float:
    """Return how long a signal was open on average, in minutes.

    Formula: mean of (close − opening) / 60,000 ms.
    Unit: minutes.
    Convention: with fractions, by the calendar.
    Source: lifecycle specification P16.
    None when: there are no signals.
    """
    return mean(np.asarray(minutes, dtype=np.float64))


@statistic("Average duration of wins", "minutes", group=GROUP)
def avg_win_duration(minutes: ArrayLike, pnl: ArrayLike) -> float:
    """Return how long a signal that won was open on average, in minutes.

    Formula: mean of (close − opening) / 60,000 ms of the signals with r > 0.
    Unit: minutes.
    Convention: with fractions, by the calendar.
    Source: lifecycle specification P16.
    None when: no signal won.
    """
    return mean(np.asarray(minutes, dtype=np.float64)[np.asarray(pnl) > 0])


@statistic("Average duration of losses", "minutes", group=GROUP)
def avg_loss_duration(minutes: ArrayLike, pnl: ArrayLike) -> float:
    """Return how long a signal that lost was open on average, in minutes.

    Formula: mean of (close − opening) / 60,000 ms of the signals with r < 0.
    Unit: minutes.
    Convention: with fractions, by the calendar.
    Source: lifecycle specification P16.
    None when: no signal lost.
    """
    return mean(np.asarray(minutes, dtype=np.float64)[np.asarray(pnl) < 0])


@statistic("Average PnL of a winning streak", "percent", group=GROUP, higher_is_better=True)
def avg_consecutive_win_pnl(pnl: ArrayLike) -> float:
    """Return what signals that won one after the other earned together on average, in percent.

    Formula: mean over the winning streaks of Σr.
    Unit: percent.
    Convention: in order of closing; a signal that ends at zero ends the streak.
    Source: lifecycle specification P17.
    None when: no signal won.

    >>> avg_consecutive_win_pnl([1.0, 2.0, 0.0, 5.0])
    4.0
    """
    return mean(streaks_of(pnl).of(1).total)


@statistic("Average PnL of a losing streak", "percent", group=GROUP, higher_is_better=True)
def avg_consecutive_loss_pnl(pnl: ArrayLike) -> float:
    """Return what signals that lost one after the other lost together on average, in percent, below zero.

    Formula: mean over the losing streaks of Σr.
    Unit: percent.
    Convention: in order of closing; a signal that ends at zero ends the streak.
    Source: lifecycle specification P17.
    None when: no signal lost.
    """
    return mean(streaks_of(pnl).of(-1).total)


@statistic("Longest winning streak", "count", group=GROUP, higher_is_better=True)
def max_win_streak(pnl: ArrayLike) -> int:
    """Return how many signals at most won one after the other.

    Formula: max length of the runs of r > 0.
    Unit: count.
    Convention: in order of closing; a signal that ends at zero ends the streak.
    Source: lifecycle specification P21.
    None when: never.
    """
    return int(streaks_of(pnl).of(1).length.max(initial=0))


@statistic("Longest losing streak", "count", group=GROUP, higher_is_better=False)
def max_loss_streak(pnl: ArrayLike) -> int:
    """Return how many signals at most lost one after the other.

    Formula: max length of the runs of r < 0.
    Unit: count.
    Convention: in order of closing; a signal that ends at zero ends the streak.
    Source: lifecycle specification P21.
    None when: never.
    """
    return int(streaks_of(pnl).of(-1).length.max(initial=0))
