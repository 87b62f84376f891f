"""What an equity that nothing was chosen by proves, and what holding the bars would have come to beside it.

Out of sample there is no search to pay for: the probabilistic Sharpe ratio says how sure a gain is. It says
nothing of where the gain came from, so a rising market is looked at too.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from eyas.research.moments import Moments
from eyas.research.printing import percent, whole_percent
from eyas.research.sharpe import probabilistic_sharpe_ratio
from eyas.research.verdict import FEWEST_TRADES, ONE_STRETCH, OVER, PROVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eyas.model import Bars


def returns_of(start: float, curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each step brought an equity that began at `start`, as far as there was something left."""
    before = np.concatenate([[start], curve[:-1]])
    left = before > 0
    found: NDArray[np.float64] = curve[left] / before[left] - 1
    return found


def probability_of_gain(returns: NDArray[np.float64]) -> float:
    """Return the probability that the true Sharpe ratio is above 0; NaN for what never moved.

    >>> probability_of_gain(np.zeros(10))
    nan
    """
    return probabilistic_sharpe_ratio(Moments.of(returns)) if len(returns) > 2 else math.nan


def ratio_of(returns: NDArray[np.float64]) -> float:
    """Return a Sharpe ratio per bar, NaN for what never moved."""
    return Moments.of(returns).sharpe_ratio if len(returns) > 1 else math.nan


def held(instruments: Sequence[Bars] | Mapping[str, Bars]) -> NDArray[np.float64] | None:
    """Return what each bar brought who held the one instrument, 0 for the first.

    None for several, whose shares nobody has said, and for prices that are not above 0.
    """
    found = list(instruments.values()) if hasattr(instruments, "values") else list(instruments)
    if len(found) != 1 or len(found[0]) < 3 or not (found[0].close > 0).all():
        return None
    close = found[0].close
    returns: NDArray[np.float64] = np.concatenate([[0.0], close[1:] / close[:-1] - 1])
    return returns


def best_stretch(returns: NDArray[np.float64]) -> float:
    """Return the share of summed returns that the best of 16 equal stretches brought; NaN without a gain."""
    edges = np.arange(17) * len(returns) // 16
    sums = [float(returns[first:end].sum()) for first, end in pairwise(edges.tolist())]
    return max(sums) / sum(sums) if sum(sums) > 0 else math.nan


def missing(returns: NDArray[np.float64], market: NDArray[np.float64] | None, trades: float) -> list[str]:
    """Return what a gain out of sample lacks to be proof, the weightiest first; nothing where it is."""
    found = []
    sure = probability_of_gain(returns)
    if not sure >= PROVEN:
        found.append(
            f"the Sharpe ratio is above 0 with a probability of {percent(sure)}, a test asks for 95 %"
        )
    if trades < FEWEST_TRADES:
        found.append(f"{trades:,.0f} trades are few, and 30 are asked for")
    share = best_stretch(returns)
    if share >= ONE_STRETCH:
        found.append(f"one sixteenth of the time brought {whole_percent(share)} of the gain")
    gain = float(returns.sum())
    if gain > 0 and (newest := float(returns[len(returns) // 2 :].sum()) / gain) < OVER:
        found.append(f"the second half of the time brought {whole_percent(newest)} of the gain")
    if market is not None and ratio_of(returns) <= ratio_of(market):
        found.append("holding the bars had as good a Sharpe ratio")
    return found
