"""Whether trades have an edge: how sure it is, how much to stake on it, how far they ran either way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.definition import metric
from eyas.metrics.trades import GROUP, LARGEST, average_loss, average_win, known

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NOISE = 1e-12
"""A deviation below this part of the largest value is the rounding of floats: all are alike."""


@metric("System quality (SQN)", "ratio", group=GROUP, higher_is_better=True)
def sqn(profit: ArrayLike) -> float:
    """Return how many standard errors the mean profit of a trade is above zero.

    Formula: √n · mean profit / standard deviation of profit.
    Unit: ratio.
    Convention: standard deviation of a sample (n − 1); profits in money, as no risk is known that would make
    R multiples of them; n is not capped at 100.
    Source: Van Tharp, Definitive Guide to Position Sizing (2008); as vectorbt.
    None when: there are fewer than two trades, or all earned the same; in a report also below 10.

    >>> round(sqn([5.0, -2.0, 3.0, 1.0]), 6)
    1.172106
    """
    amounts = known(profit)
    if len(amounts) < 2:
        return math.nan
    deviation = float(amounts.std(ddof=1))
    if deviation <= NOISE * float(np.abs(amounts).max()):
        return math.nan
    return math.sqrt(len(amounts)) * float(amounts.mean()) / deviation


@metric("Kelly fraction", "rate", group=GROUP, higher_is_better=True)
def kelly(rate: ArrayLike) -> float:
    """Return the fraction of the money that the past of the trades would have had at stake.

    Formula: W − (1 − W) / R, with W = wins / (wins + losses) and R = average win / abs(average loss).
    Unit: rate.
    Convention: of profit over the money entered; trades that end at nothing do not count; below zero: none.
    Source: Kelly, A New Interpretation of Information Rate (1956); as quantstats (kelly_criterion).
    None when: there is no winner or no loser; in a report also below 10 trades.

    >>> round(kelly([0.02, 0.02, -0.01]), 6)
    0.5
    """
    rates = known(rate)
    wins, losses = int((rates > 0).sum()), int((rates < 0).sum())
    if not wins or not losses:
        return math.nan
    share = wins / (wins + losses)
    return share - (1 - share) * -average_loss(rates) / average_win(rates)


@metric("Edge ratio", "ratio", group=GROUP, higher_is_better=True)
def edge_ratio(mfe_rate: ArrayLike, mae_rate: ArrayLike) -> float:
    """Return how far trades ran in their favour on average, over how far they ran against it.

    Formula: mean of maximum favourable / abs(mean of maximum adverse excursion).
    Unit: ratio.
    Convention: excursions before fees, over the money entered (not over an average true range).
    Source: Faith, Way of the Turtle (2007); excursions after Sweeney (1997).
    None when: no excursions are known, or none went against a trade; in a report also below 10 trades.

    >>> edge_ratio([0.5, 0.25], [-0.125, -0.25])
    2.0
    """
    best, worst = np.asarray(mfe_rate, dtype=np.float64), np.asarray(mae_rate, dtype=np.float64)
    is_known = (np.abs(best) < LARGEST) & (np.abs(worst) < LARGEST)
    if not is_known.any():
        return math.nan
    against = -float(worst[is_known].mean())
    return float(best[is_known].mean()) / against if against > 0 else math.nan
