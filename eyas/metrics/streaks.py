"""Trades that won or lost one after the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.metrics.definition import metric
from eyas.metrics.trades import known, mean_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GROUP = "Streaks and holding"


class Streaks(NamedTuple):
    """Hold runs of trades of one outcome, in order: sign (+1 won, −1 lost), length, sum of their values."""

    sign: NDArray[np.int8]
    length: NDArray[np.int64]
    total: NDArray[np.float64]

    def of(self, sign: int) -> Streaks:
        """Return only the winning (1) or the losing (−1) ones."""
        is_one = self.sign == sign
        return Streaks(self.sign[is_one], self.length[is_one], self.total[is_one])


def streaks_of(values: ArrayLike) -> Streaks:
    """Return the runs of values above and below zero; one that is zero ends both.

    >>> streaks_of([2.0, 1.0, 0.0, 3.0, -1.0]).length.tolist()
    [2, 1, 1]
    """
    found = known(values)
    if not len(found):
        return Streaks(np.empty(0, np.int8), np.empty(0, np.int64), np.empty(0))
    sign = np.sign(found).astype(np.int8)
    starts = np.concatenate([[0], np.flatnonzero(sign[1:] != sign[:-1]) + 1])
    lengths = np.diff(np.concatenate([starts, [len(found)]]))
    totals = np.add.reduceat(found, starts)
    is_decided = sign[starts] != 0
    return Streaks(sign[starts][is_decided], lengths[is_decided], totals[is_decided])


def longest(profit: ArrayLike | Streaks, sign: int) -> float:
    """Return the length of the longest winning (1) or losing (−1) streak; NaN without trades."""
    if not isinstance(profit, Streaks):
        if not len(known(profit)):
            return math.nan
        profit = streaks_of(profit)
    return float(profit.of(sign).length.max(initial=0))


def average(profit: ArrayLike | Streaks, sign: int) -> float:
    """Return the mean length of the winning (1) or losing (−1) streaks; NaN without any."""
    found = profit if isinstance(profit, Streaks) else streaks_of(profit)
    return mean_of(found.of(sign).length)


@metric("Longest winning streak", "count", group=GROUP, higher_is_better=True)
def longest_winning_streak(profit: ArrayLike | Streaks) -> float:
    """Return how many trades at most won one after the other.

    Formula: max length of the runs of profit > 0.
    Unit: count.
    Convention: in the order in which trades ended; one that ends at nothing ends the streak.
    Source: lifecycle specification P21; as quantstats (consecutive_wins).
    None when: there are no trades.

    >>> longest_winning_streak([1.0, 2.0, -1.0, 3.0])
    2.0
    """
    return longest(profit, 1)


@metric("Longest losing streak", "count", group=GROUP, higher_is_better=False)
def longest_losing_streak(profit: ArrayLike | Streaks) -> float:
    """Return how many trades at most lost one after the other.

    Formula: max length of the runs of profit < 0.
    Unit: count.
    Convention: in the order in which trades ended; one that ends at nothing ends the streak.
    Source: lifecycle specification P21; as quantstats (consecutive_losses).
    None when: there are no trades.

    >>> longest_losing_streak([1.0, -2.0, 0.0, -1.0])
    1.0
    """
    return longest(profit, -1)


@metric("Average winning streak", "count", group=GROUP, higher_is_better=True)
def average_winning_streak(profit: ArrayLike | Streaks) -> float:
    """Return how many trades on average won one after the other.

    Formula: mean length of the runs of profit > 0.
    Unit: count.
    Convention: in the order in which trades ended; one that ends at nothing ends the streak.
    Source: lifecycle specification P17 and P21.
    None when: no trade won.

    >>> average_winning_streak([1.0, 2.0, -1.0, 3.0])
    1.5
    """
    return average(profit, 1)


@metric("Average losing streak", "count", group=GROUP, higher_is_better=False)
def average_losing_streak(profit: ArrayLike | Streaks) -> float:
    """Return how many trades on average lost one after the other.

    Formula: mean length of the runs of profit < 0.
    Unit: count.
    Convention: in the order in which trades ended; one that ends at nothing ends the streak.
    Source: lifecycle specification P17 and P21.
    None when: no trade lost.

    >>> average_losing_streak([1.0, -2.0, -1.0, 3.0])
    2.0
    """
    return average(profit, -1)
