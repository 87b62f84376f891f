"""The trades of a run as columns, and what they won and lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.definition import metric

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GROUP = "Trades"
LARGEST = 1e100
"""No amount and no rate of a trade is larger: its square is still a number."""


@dataclass(frozen=True, eq=False)
class Trades:
    """Hold round trips, one row each, in the order in which they ended.

    `profit` is net of all fees, in the money of the account; `rate` is profit over the money entered (a
    fraction); `direction` +1 long, −1 short; `entry_ns`, `exit_ns` nanoseconds since 1970 UTC; `bars` how
    many bars it lasted; `fee` what it paid; `reason` why it ended; `symbol` what was traded (None: one
    instrument). `mfe_rate` and `mae_rate` are its best and worst running profit over the money entered (NaN
    where not known; None: not known of any). Raises UsageError for columns of different lengths.

    >>> trades = Trades(
    ...     profit=[5, -2], rate=[0.05, -0.02], direction=[1, -1], entry_ns=[0, 2], exit_ns=[1, 3],
    ...     bars=[1, 1], fee=[0, 0], reason=["target", "stop"],
    ... )
    >>> len(trades), profit_factor(trades.profit)
    (2, 2.5)
    """

    profit: NDArray[np.float64]
    rate: NDArray[np.float64]
    direction: NDArray[np.int8]
    entry_ns: NDArray[np.int64]
    exit_ns: NDArray[np.int64]
    bars: NDArray[np.int64]
    fee: NDArray[np.float64]
    reason: Sequence[str]
    symbol: Sequence[str] | None = None
    mfe_rate: NDArray[np.float64] | None = None
    mae_rate: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for name, dtype in DTYPES.items():
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, np.asarray(given, dtype=dtype))
        lengths = {
            one.name: len(getattr(self, one.name))
            for one in fields(self)
            if getattr(self, one.name) is not None
        }
        wrong = [name for name, length in lengths.items() if length != len(self)]
        if wrong:
            raise UsageError(
                f"{wrong[0]} has {lengths[wrong[0]]} rows, but profit has {len(self)}: one for each trade"
            )

    def __len__(self) -> int:
        return len(self.profit)

    def __repr__(self) -> str:
        return f"<Trades: {len(self):,} round trips>"

    @cached_property
    def holding_ns(self) -> NDArray[np.int64]:
        """How long each lasted, in nanoseconds."""
        return self.exit_ns - self.entry_ns


DTYPES = {
    "profit": np.float64,
    "rate": np.float64,
    "direction": np.int8,
    "entry_ns": np.int64,
    "exit_ns": np.int64,
    "bars": np.int64,
    "fee": np.float64,
    "mfe_rate": np.float64,
    "mae_rate": np.float64,
}


def known(values: ArrayLike) -> NDArray[np.float64]:
    """Return the values that are numbers: neither NaN nor without bound.

    >>> known([1.0, float("nan"), 3.0]).tolist()
    [1.0, 3.0]
    """
    found = np.asarray(values, dtype=np.float64)
    is_number = np.abs(found) < LARGEST
    return found if is_number.all() else found[is_number]


def mean_of(values: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """Return the mean; NaN of none."""
    return float(values.mean()) if len(values) else math.nan


@metric("Trades", "count", group=GROUP)
def trade_count(profit: ArrayLike) -> float:
    """Return how many round trips ended.

    Formula: n.
    Unit: count.
    Convention: one for each closed ticket; what is still open when the data ends is closed there, and counts.
    Source: the journal's closed events.
    None when: never.

    >>> trade_count([5.0, -2.0, 0.0])
    3.0
    """
    return float(len(known(profit)))


@metric("Won", "rate", group=GROUP, higher_is_better=True)
def win_rate(profit: ArrayLike) -> float:
    """Return the share of the trades that earned something after fees.

    Formula: wins / n.
    Unit: rate.
    Convention: a trade that ends at exactly nothing is no win, and counts in n.
    Source: as vectorbt; quantstats leaves those that end at nothing out of n.
    None when: there are no trades.

    >>> win_rate([5.0, -2.0, 0.0, 1.0])
    0.5
    """
    amounts = known(profit)
    return int((amounts > 0).sum()) / len(amounts) if len(amounts) else math.nan


@metric("Profit factor", "ratio", group=GROUP, higher_is_better=True)
def profit_factor(profit: ArrayLike) -> float:
    """Return what the winners earned over what the losers lost.

    Formula: Σ profit of winners / abs(Σ profit of losers).
    Unit: ratio.
    Convention: after fees; without bound (∞) when nothing was lost and something was won.
    Source: Schwager, Stock Market Wizards (2001); as quantstats and vectorbt.
    None when: nothing was won and nothing was lost.

    >>> profit_factor([5.0, -2.0, 0.0])
    2.5
    """
    amounts = known(profit)
    won, lost = float(amounts[amounts > 0].sum()), -float(amounts[amounts < 0].sum())
    if lost:
        return won / lost
    return math.inf if won else math.nan


@metric("Expectancy", "money", group=GROUP, higher_is_better=True)
def expectancy(profit: ArrayLike) -> float:
    """Return what a trade earned on average, in money.

    Formula: (wins / n) · average win + (losses / n) · average loss, which is the mean profit.
    Unit: money.
    Convention: after fees; trades that end at nothing count in n.
    Source: Van Tharp, Trade Your Way to Financial Freedom (1998); as vectorbt.
    None when: there are no trades; in a report also below 10.

    >>> expectancy([5.0, -2.0, 0.0])
    1.0
    """
    return mean_of(known(profit))


@metric("Expectancy, of the money entered", "rate", group=GROUP, higher_is_better=True)
def expectancy_rate(rate: ArrayLike) -> float:
    """Return what a trade earned on average, as a fraction of the money it entered with.

    Formula: mean of profit / money entered.
    Unit: rate.
    Convention: each trade weighs the same, whatever its size; after fees.
    Source: lifecycle specification P3 and P10, as fractions.
    None when: there are no trades; in a report also below 10.

    >>> round(expectancy_rate([0.05, -0.02, 0.0]), 6)
    0.01
    """
    return mean_of(known(rate))


@metric("Median trade", "rate", group=GROUP, higher_is_better=True)
def median_trade(rate: ArrayLike) -> float:
    """Return what the trade in the middle earned of the money it entered with.

    Formula: median of profit / money entered.
    Unit: rate.
    Convention: the mean of the two in the middle of an even number.
    Source: lifecycle specification P3, as a fraction.
    None when: there are no trades.

    >>> median_trade([0.05, -0.02, 0.0])
    0.0
    """
    rates = known(rate)
    return float(np.median(rates)) if len(rates) else math.nan


@metric("Payoff", "ratio", group=GROUP, higher_is_better=True)
def payoff(profit: ArrayLike) -> float:
    """Return what a winner earned on average over what a loser lost.

    Formula: average win / abs(average loss).
    Unit: ratio.
    Convention: in money, after fees.
    Source: as quantstats (payoff_ratio); of rates it is the certainty ratio, lifecycle specification P9.
    None when: there is no winner or no loser; in a report also below 10 trades.

    >>> payoff([5.0, 3.0, -2.0])
    2.0
    """
    return average_win(profit) / -average_loss(profit)


@metric("Average win", "money", group=GROUP, higher_is_better=True)
def average_win(profit: ArrayLike) -> float:
    """Return what a winner earned on average.

    Formula: mean profit of the trades above zero.
    Unit: money.
    Convention: after fees.
    Source: as vectorbt and quantstats (avg_win).
    None when: there is no winner.

    >>> average_win([5.0, 3.0, -2.0])
    4.0
    """
    amounts = known(profit)
    return mean_of(amounts[amounts > 0])


@metric("Average loss", "money", group=GROUP, higher_is_better=True)
def average_loss(profit: ArrayLike) -> float:
    """Return what a loser lost on average, below zero.

    Formula: mean profit of the trades below zero.
    Unit: money.
    Convention: after fees; a loss is negative.
    Source: as vectorbt and quantstats (avg_loss).
    None when: there is no loser.

    >>> average_loss([5.0, -1.0, -2.0])
    -1.5
    """
    amounts = known(profit)
    return mean_of(amounts[amounts < 0])


@metric("Best trade", "money", group=GROUP, higher_is_better=True)
def best_trade(profit: ArrayLike) -> float:
    """Return what the best trade earned.

    Formula: max profit.
    Unit: money.
    Convention: after fees; below zero when all lost.
    Source: as vectorbt.
    None when: there are no trades.

    >>> best_trade([5.0, -2.0])
    5.0
    """
    amounts = known(profit)
    return float(amounts.max()) if len(amounts) else math.nan


@metric("Worst trade", "money", group=GROUP, higher_is_better=True)
def worst_trade(profit: ArrayLike) -> float:
    """Return what the worst trade lost, below zero unless all won.

    Formula: min profit.
    Unit: money.
    Convention: after fees; a loss is negative.
    Source: as vectorbt.
    None when: there are no trades.

    >>> worst_trade([5.0, -2.0])
    -2.0
    """
    amounts = known(profit)
    return float(amounts.min()) if len(amounts) else math.nan


@metric("Fees of trades", "money", group=GROUP, higher_is_better=False)
def trade_fees(fee: ArrayLike) -> float:
    """Return what all trades paid in fees.

    Formula: Σ fee.
    Unit: money.
    Convention: entries and exits of the trades that ended; profit is after them.
    Source: the journal's closed events.
    None when: never.

    >>> trade_fees([1.0, 1.5])
    2.5
    """
    return float(known(fee).sum())
