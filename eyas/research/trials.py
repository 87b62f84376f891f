"""How many trials a search really made, when many of them are nearly the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from eyas.errors import UsageError
from eyas.research.moments import ROUNDING
from eyas.research.overfitting import checked_matrix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

Method = Literal["average_correlation", "entropy", "participation"]


def effective_trials(
    returns: ArrayLike, method: Method = "average_correlation", *, more_trials_than_bars: bool = False
) -> float:
    """Return the number of independent trials that differ as much as these, from 1 to their number.

    `returns` is time × trials; columns that never move are no trials. The methods:

    - "average_correlation": ρ + (1 - ρ) N with the average correlation ρ of two trials. Bailey and López de
      Prado, "The Deflated Sharpe Ratio" (2014), appendix. The one for the hurdle of the deflated Sharpe
      ratio: the common part of all trials has left the spread of their Sharpe ratios already.
    - "entropy": exp(-Σ p log p) of the correlations' eigenvalues, p = λ / N: Roy and Vetterli, "The
      Effective Rank" (2007); López de Prado, Lipton and Zoonekynd (2025).
    - "participation": N² / Σ λ² of the eigenvalues.

    The last two say how many directions there are, and come out near 1 when all trials share one: with them
    the hurdle would count the same correlation twice (docs/research.md).

    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (1000, 10))
    >>> twice = np.hstack([noise, noise])
    >>> round(effective_trials(noise, "entropy"), 1), round(effective_trials(twice, "entropy"), 1)
    (10.0, 10.0)
    """
    scaled = standardised(checked_matrix(returns, more_trials_than_bars).T)
    count = len(scaled)
    if count < 2:
        return float(count)
    if method == "average_correlation":
        correlation = average_correlation([scaled])
        return effective_by_correlation(count, correlation)
    if method not in ("entropy", "participation"):
        raise UsageError(f"method={method!r}: take 'average_correlation', 'entropy' or 'participation'")
    # The smaller of the two products has the same eigenvalues but zeros.
    small = scaled if count <= scaled.shape[1] else scaled.T
    values = np.linalg.eigvalsh(small @ small.T)
    shares = values[values > 1e-12] / count
    if method == "participation":
        return float(1 / (shares @ shares))
    return math.exp(-float(shares @ np.log(shares)))


def standardised(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the series (trials × time) about their means and of length 1, without those that never move."""
    apart = series - series.mean(axis=1, keepdims=True)
    squares = (apart**2).sum(axis=1)
    moving = squares > ROUNDING * (series**2).sum(axis=1)
    scaled: NDArray[np.float64] = apart[moving] / np.sqrt(squares[moving])[:, None]
    return scaled


def average_correlation(parts: Iterable[NDArray[np.float64]]) -> float:
    """Return the average correlation of two different trials, from parts of standardised series.

    The length of the sum of all series says it, so that a million trials need no matrix. 0 for one trial.
    """
    count, total = 0, np.zeros(1)
    for part in parts:
        count += len(part)
        total = total + part.sum(axis=0)
    if count < 2:
        return 0.0
    return float((total @ total - count) / (count * (count - 1)))


def effective_by_correlation(count: int, correlation: float) -> float:
    """Return ρ + (1 - ρ) N; trials that are against each other on the whole are all counted."""
    rho = min(max(correlation, 0.0), 1.0)
    return rho + (1 - rho) * count
