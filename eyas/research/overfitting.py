"""The probability of backtest overfitting: what the best of one half of the time is in the other half.

Combinatorially symmetric cross-validation (CSCV) of Bailey, Borwein, López de Prado and Zhu, "The
Probability of Backtest Overfitting" (2017), Journal of Computational Finance 20(4): cut the time into S
blocks, take every half of them as in-sample, choose the trial with the best Sharpe ratio there, and look at
its rank among all trials in the other half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.research.checking import numbers, whole
from eyas.research.moments import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Remainder = Literal["drop", "spread"]

MOST_BLOCKS = 20  # 184,756 halves; each block more than that nearly doubles the work
AT_ONCE = 32_768  # Sharpe ratios computed at a time: they stay in the processor's cache


@dataclass(frozen=True, slots=True, repr=False)
class BacktestOverfitting:
    """Hold what choosing the best of one half of the time brought in the other half.

    `probability` is the share of halves whose best trial came no further than the median of the other half
    (a logit of 0 or less). `logits` has one value per half, in the order of itertools.combinations;
    `in_sample` and `out_of_sample` are the chosen trial's Sharpe ratios per bar. `slope` is that of the
    line through them: it falls even for pure noise, since the two halves share what the whole time brought.
    `loss_probability` is the share of halves in which the chosen trial lost money out of sample.
    """

    probability: float
    logits: NDArray[np.float64]
    in_sample: NDArray[np.float64]
    out_of_sample: NDArray[np.float64]
    slope: float
    loss_probability: float
    mean_rank: float
    trials: int
    blocks: int
    bars: int

    @property
    def halves(self) -> int:
        """Return how many halves were tried."""
        return len(self.logits)

    def __str__(self) -> str:
        return (
            f"probability of backtest overfitting {self.probability:.3f}: {self.trials:,} trials, "
            f"{self.halves:,} halves of {self.blocks} blocks, loss out of sample {self.loss_probability:.3f}"
        )

    __repr__ = __str__


def probability_of_backtest_overfitting(
    returns: ArrayLike,
    blocks: int = 16,
    *,
    remainder: Remainder = "drop",
    more_trials_than_bars: bool = False,
) -> BacktestOverfitting:
    """Return how often the trial that is best in one half of the time is below the median in the other.

    `returns` is time × trials: a row per bar, oldest first, and a column per trial. A matrix with more
    columns than rows is refused unless more_trials_than_bars says that it is meant. When the bars are not a
    multiple of `blocks` (even, 2 to 20), remainder="drop" leaves out the newest, as ffn 1.4.1 does, and
    "spread" makes some blocks a bar longer, as a sweep does. Ranks of equal trials are averaged, the first
    of equally good trials is chosen, and a stretch without any movement has the Sharpe ratio 0.

    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (800, 40))
    >>> found = probability_of_backtest_overfitting(noise, 8)
    >>> found.halves, 0.2 < found.probability < 0.8
    (70, True)
    """
    matrix = checked_matrix(returns, more_trials_than_bars)
    checked_blocks(blocks)
    bars = len(matrix)
    if remainder not in ("drop", "spread"):
        raise UsageError(f"remainder={remainder!r}: take 'drop' or 'spread'")
    if remainder == "drop":
        bars -= bars % blocks
    edges = np.arange(blocks + 1) * bars // blocks
    if bars < 2 * blocks:
        raise DataError(f"{len(matrix)} bars in {blocks} blocks: give two bars or more for each block")
    sums = np.empty((3, blocks, matrix.shape[1]))
    for block, (first, end) in enumerate(pairwise(edges.tolist())):
        part = matrix[first:end]
        sums[0, block] = end - first
        sums[1, block] = part.sum(axis=0)
        sums[2, block] = (part**2).sum(axis=0)
    return halved(sums)


def overfitting_of_blocks(blocks: ArrayLike) -> BacktestOverfitting:
    """Return the same from sums: trials × blocks × (count, sum, sum of squares) of the returns.

    That is what every row of a sweep holds of its trial, in 16 equal stretches; it equals the matrix with
    remainder="spread".
    """
    sums = numbers("blocks", blocks)
    if sums.ndim != 3 or sums.shape[2] != 3:
        raise UsageError(f"blocks have the shape {sums.shape}: give trials × blocks × 3")
    if len(sums) < 2:
        raise UsageError(f"{len(sums)} trial: the best of one is no choice; give two or more")
    checked_blocks(sums.shape[1])
    wrong = np.flatnonzero(~np.isfinite(sums).all(axis=(1, 2)))
    if len(wrong):
        raise DataError(f"trial {wrong[0]} has no sums: leave out trials that did not run")
    if sums[..., 0].min() < 2:
        raise DataError(f"{sums[..., 0].min():.0f} bars in a block: give two bars or more for each block")
    return halved(np.ascontiguousarray(sums.transpose(2, 1, 0)))


def halved(sums: NDArray[np.float64]) -> BacktestOverfitting:
    """Try every half of the blocks; `sums` is 3 × blocks × trials."""
    blocks, trials = sums.shape[1:]
    chosen = halves(blocks)
    pairs = len(chosen) // 2  # the second half of the list is the complements of the first, backwards
    low, high = subset_sums(sums[:, : blocks // 2]), subset_sums(sums[:, blocks // 2 :])
    low_full, high_full = len(low[0]) - 1, len(high[0]) - 1
    logits, inside, outside = np.empty((3, len(chosen)))
    ranks = np.empty(len(chosen))
    step = max(1, AT_ONCE // trials)
    for start in range(0, pairs, step):
        here = np.arange(start, min(start + step, pairs))
        below, above = chosen[here] & low_full, chosen[here] >> (blocks // 2)
        train = sharpe_ratios(low[:, below] + high[:, above])
        test = sharpe_ratios(low[:, low_full - below] + high[:, high_full - above])
        there = len(chosen) - 1 - here
        for where, one, other in ((here, train, test), (there, test, train)):
            rows, winner = np.arange(len(here)), one.argmax(axis=1)
            inside[where], outside[where] = one[rows, winner], other[rows, winner]
            value = outside[where][:, None]
            no_worse = np.count_nonzero(other <= value, axis=1)
            worse = np.count_nonzero(other < value, axis=1)
            ranks[where] = (worse + no_worse + 1) / 2
    share = ranks / (trials + 1)
    logits[:] = np.log(share / (1 - share))
    spread = float(inside.var())
    slope = (
        float(((inside - inside.mean()) * (outside - outside.mean())).mean()) / spread if spread else math.nan
    )
    return BacktestOverfitting(
        probability=float((logits <= 0).mean()),
        logits=logits,
        in_sample=inside,
        out_of_sample=outside,
        slope=slope,
        loss_probability=float((outside < 0).mean()),
        mean_rank=float(share.mean()),
        trials=trials,
        blocks=blocks,
        bars=int(sums[0, :, 0].sum()),
    )


@lru_cache(maxsize=16)
def halves(blocks: int) -> NDArray[np.int64]:
    """Return every half of the blocks as a number whose bits are the blocks, in lexicographic order."""
    return np.array([sum(1 << block for block in half) for half in combinations(range(blocks), blocks // 2)])


def subset_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums over every set of blocks: 3 × 2^blocks × trials, the set being the bits of the index.

    Column by column in the same order, so that trials that are equal stay equal to the last bit: a matrix
    product would round some columns otherwise than others, and tell equals apart.
    """
    kinds, blocks, trials = sums.shape
    found = np.zeros((kinds, 1 << blocks, trials))
    for block in range(blocks):
        size = 1 << block
        np.add(found[:, :size], sums[:, block, None], out=found[:, size : 2 * size])
    return found


def sharpe_ratios(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Sharpe ratios per bar of (count, sum, sum of squares); 0 where nothing moved."""
    count, total, squares = sums
    mean = total / count
    apart = squares - total * mean
    still = ~moves(sums)
    if still.any():
        mean = np.where(still, 0.0, mean)
        apart = np.where(still, 1.0, apart)
    ratios: NDArray[np.float64] = mean / np.sqrt(apart / (count - 1))
    return ratios


def moves(sums: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell where returns vary by more than rounding, from (count, sum, sum of squares)."""
    count, total, squares = sums
    varies: NDArray[np.bool_] = squares - total * (total / count) > ROUNDING * squares
    return varies


def checked_matrix(returns: ArrayLike, more_trials_than_bars: bool) -> NDArray[np.float64]:
    """Return a matrix time × trials of finite numbers, or say what is wrong."""
    matrix = numbers("returns", returns)
    if matrix.ndim != 2:
        raise UsageError(f"returns have the shape {matrix.shape}: give a matrix, time × trials")
    bars, trials = matrix.shape
    if trials < 2:
        raise UsageError(f"{trials} trial: the best of one is no choice; give two columns or more")
    if trials > bars and not more_trials_than_bars:
        raise UsageError(
            f"{bars} rows and {trials} columns: that looks like trials × time, and it must be time × trials. "
            "Turn it round (returns.T), or pass more_trials_than_bars=True if it is so"
        )
    wrong = np.argwhere(~np.isfinite(matrix))
    if len(wrong):
        row, column = wrong[0]
        raise DataError(f"return {matrix[row, column]} in row {row} of trial {column}: give finite numbers")
    return matrix


def checked_blocks(blocks: int) -> None:
    """Refuse a number of blocks that has no halves, or too many."""
    if whole("blocks", blocks, 2) % 2 or not 2 <= blocks <= MOST_BLOCKS:
        raise UsageError(f"{blocks} blocks: take an even number from 2 to {MOST_BLOCKS}")
