"""Make studies whose truth is known: trials of pure noise, and trials with an edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ROW = np.dtype(
    [
        ("trades", "<f8"),
        ("bars", "<f8"),
        ("sum3", "<f8"),
        ("sum4", "<f8"),
        ("blocks", "<f8", (16, 3)),
        ("status", "u1"),
    ]
)


def rows_of(returns: NDArray[np.float64], trades: float = 1_000) -> NDArray[Any]:
    """Return the rows a sweep would leave of a matrix of returns, time × trials."""
    bars, trials = returns.shape
    rows = np.zeros(trials, ROW)
    edges = np.arange(17) * bars // 16
    rows["blocks"][:, :, 0] = np.diff(edges)
    rows["blocks"][:, :, 1] = np.add.reduceat(returns, edges[:-1], axis=0).T
    rows["blocks"][:, :, 2] = np.add.reduceat(returns**2, edges[:-1], axis=0).T
    rows["sum3"], rows["sum4"] = (returns**3).sum(axis=0), (returns**4).sum(axis=0)
    rows["bars"], rows["trades"] = bars, trades
    return rows


def noise(rng: np.random.Generator, bars: int, trials: int, correlation: float = 0.0) -> NDArray[np.float64]:
    """Return trials without any skill that share a part of what happens to them."""
    own = rng.normal(0, 0.01, (bars, trials))
    shared = rng.normal(0, 0.01, (bars, 1))
    found: NDArray[np.float64] = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    return found


def crossings(
    rng: np.random.Generator, bars: int, drift: float = 0.0, fast: tuple[int, ...] = (5, 8, 12, 18, 26)
) -> tuple[NDArray[np.float64], dict[str, list[int]]]:
    """Return what crossings of two averages earn on a random walk, and their parameters.

    Long while the fast average is above the slow one, else out. A drift is what the walk then has more.
    """
    moves = rng.normal(0, 0.01, bars + 200)
    pairs = [(quick, slow) for quick in fast for slow in range(30, 130, 10)]
    walk = np.cumsum(moves)
    sums = np.concatenate([[0.0], np.cumsum(walk)])
    mean = {n: (sums[n:] - sums[:-n])[-bars - 1 : -1] / n for n in {one for pair in pairs for one in pair}}
    long = np.stack([mean[quick] > mean[slow] for quick, slow in pairs], axis=1)
    returns = long * (moves[-bars:, None] + drift)
    return returns, {"fast": [quick for quick, _ in pairs], "slow": [slow for _, slow in pairs]}
