"""Statistics of what signals earned: P1–P5, P8–P10, and what a heat map adds (P21)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.signals.definition import EPS, SIGNALS_MIN, mean, statistic

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GROUP = "Profit"
RATIOS = "Ratios"


def column(pnl: ArrayLike) -> NDArray[np.float64]:
    """Return profits as an array."""
    return np.asarray(pnl, dtype=np.float64)


def won(pnl: ArrayLike) -> NDArray[np.float64]:
    """Return the profits above zero."""
    found = column(pnl)
    return found[found > 0]


def lost(pnl: ArrayLike) -> NDArray[np.float64]:
    """Return the profits below zero."""
    found = column(pnl)
    return found[found < 0]


@statistic("Wins", "count", group=GROUP, higher_is_better=True)
def win_count(pnl: ArrayLike) -> int:
    """Return how many signals earned something.

    Formula: count of r > 0.
    Unit: count.
    Convention: a signal that ends at zero is neither a win nor a loss.
    Source: lifecycle specification P1.
    None when: never.
    """
    return len(won(pnl))


@statistic("Losses", "count", group=GROUP, higher_is_better=False)
def loss_count(pnl: ArrayLike) -> int:
    """Return how many signals lost something.

    Formula: count of r < 0.
    Unit: count.
    Convention: a signal that ends at zero is neither a win nor a loss.
    Source: lifecycle specification P1.
    None when: never.
    """
    return len(lost(pnl))


@statistic("Win rate", "percent", group=GROUP, higher_is_better=True)
def win_rate(pnl: ArrayLike) -> float:
    """Return the share of wins among the signals that won or lost, in percent.

    Formula: 100 · wins / (wins + losses).
    Unit: percent.
    Convention: 0 where no signal won or lost; in a heat map it is n/a then.
    Source: lifecycle specification P2.
    None when: there are no signals.

    >>> win_rate([2.0, -1.0, 0.0, 3.0, 1.0])
    75.0
    """
    wins, losses = win_count(pnl), loss_count(pnl)
    if wins + losses:
        return 100 * wins / (wins + losses)
    return 0.0 if len(column(pnl)) else math.nan


@statistic("Average PnL", "percent", group=GROUP, higher_is_better=True)
def avg_pnl(pnl: ArrayLike) -> float:
    """Return what a signal earned on average, in percent.

    Formula: Σr / n.
    Unit: percent.
    Convention: each signal weighs the same, whatever it invested.
    Source: lifecycle specification P3.
    None when: there are no signals.
    """
    return mean(column(pnl))


@statistic("Total PnL", "percent", group=GROUP, higher_is_better=True)
def total_pnl(pnl: ArrayLike) -> float:
    """Return the sum of what signals earned, in percent.

    Formula: Σr.
    Unit: percent.
    Convention: a sum, not compounded.
    Source: lifecycle specification P3.
    None when: there are no signals.
    """
    found = column(pnl)
    return float(found.sum()) if len(found) else math.nan


@statistic("Median PnL", "percent", group=GROUP, higher_is_better=True)
def median_pnl(pnl: ArrayLike) -> float:
    """Return what the signal in the middle earned, in percent.

    Formula: median of r.
    Unit: percent.
    Convention: the mean of the two in the middle of an even number.
    Source: lifecycle specification P3.
    None when: there are no signals.
    """
    found = column(pnl)
    return float(np.median(found)) if len(found) else math.nan


@statistic("Standard deviation", "percent", group=RATIOS, higher_is_better=False)
def std_dev(pnl: ArrayLike) -> float:
    """Return how far what signals earn scatters, in percent.

    Formula: √(Σ(r − mean r)² / (n − 1)).
    Unit: percent.
    Convention: of a sample.
    Source: lifecycle specification P4.
    None when: there are fewer than 10 signals.
    """
    found = column(pnl)
    return float(found.std(ddof=1)) if len(found) >= SIGNALS_MIN else math.nan


@statistic("Sharpe ratio", "ratio", group=RATIOS, higher_is_better=True)
def sharpe_ratio(pnl: ArrayLike) -> float:
    """Return the average profit of a signal over its standard deviation.

    Formula: average PnL / standard deviation.
    Unit: ratio.
    Convention: a signal is the period; risk-free rate 0; not scaled to a year.
    Source: lifecycle specification P5.
    None when: there are fewer than 10 signals, or their standard deviation is at most 1e-9.
    """
    deviation = std_dev(pnl)
    return avg_pnl(pnl) / deviation if deviation > EPS else math.nan


@statistic("Sortino ratio", "ratio", group=RATIOS, higher_is_better=True)
def sortino_ratio(pnl: ArrayLike) -> float:
    """Return the average profit of a signal over the root mean square of the losses.

    Formula: average PnL / √(Σ min(0, r)² / n).
    Unit: ratio.
    Convention: n counts all signals, also those that did not lose.
    Source: lifecycle specification P8.
    None when: there are fewer than 10 signals, no losses, or losses of at most 1e-9.
    """
    found = column(pnl)
    if len(found) < SIGNALS_MIN:
        return math.nan
    downside = math.sqrt(float((np.minimum(0.0, found) ** 2).sum()) / len(found))
    return avg_pnl(found) / downside if downside > EPS else math.nan


@statistic("Certainty ratio", "ratio", group=RATIOS, higher_is_better=True)
def certainty_ratio(pnl: ArrayLike) -> float:
    """Return what a winner earned on average over what a loser lost.

    Formula: average win / abs(average loss).
    Unit: ratio.
    Convention: 0 where no signal won.
    Source: lifecycle specification P9.
    None when: there are fewer than 10 signals, no losses, or an average loss of at most 1e-9.
    """
    average = -avg_loss(pnl)
    if len(column(pnl)) < SIGNALS_MIN or not average > EPS:
        return math.nan
    wins = won(pnl)
    return (mean(wins) if len(wins) else 0.0) / average


@statistic("Expectancy", "percent", group=RATIOS, higher_is_better=True)
def expectancy(pnl: ArrayLike) -> float:
    """Return what a signal earns if wins and losses come as often and as large as they did, in percent.

    Formula: (wins / n) · average win + (losses / n) · average loss.
    Unit: percent.
    Convention: signals that end at zero count in n and add nothing.
    Source: lifecycle specification P10.
    None when: there are fewer than 10 signals.
    """
    count, wins, losses = len(column(pnl)), won(pnl), lost(pnl)
    if count < SIGNALS_MIN:
        return math.nan
    gained = len(wins) / count * mean(wins) if len(wins) else 0.0
    return gained + (len(losses) / count * mean(losses) if len(losses) else 0.0)


@statistic("Profit factor", "ratio", group=RATIOS, higher_is_better=True)
def profit_factor(pnl: ArrayLike) -> float:
    """Return what winners earned over what losers lost.

    Formula: Σ wins / abs(Σ losses).
    Unit: ratio.
    Convention: of percents: each signal weighs the same.
    Source: lifecycle specification P21.
    None when: there are no wins, no losses, or the losses add up to at most 1e-9.
    """
    gained, paid = won(pnl), -float(lost(pnl).sum())
    return float(gained.sum()) / paid if len(gained) and paid > EPS else math.nan


@statistic("Average win", "percent", group=GROUP, higher_is_better=True)
def avg_win(pnl: ArrayLike) -> float:
    """Return what a winner earned on average, in percent.

    Formula: mean of r > 0.
    Unit: percent.
    Convention: each signal weighs the same.
    Source: lifecycle specification P21.
    None when: no signal won.
    """
    return mean(won(pnl))


@statistic("Average loss", "percent", group=GROUP, higher_is_better=True)
def avg_loss(pnl: ArrayLike) -> float:
    """Return what a loser lost on average, in percent, below zero.

    Formula: mean of r < 0.
    Unit: percent.
    Convention: a loss is negative.
    Source: lifecycle specification P21.
    None when: no signal lost.
    """
    return mean(lost(pnl))
