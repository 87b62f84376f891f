"""What a search would have chosen as time went on, and what that brought next.

From the sums per block that every trial of a sweep leaves behind, so nothing is run again. A walk-forward
that does run again, bar by bar, is eyas.research.walk_forward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from eyas.research.overfitting import sharpe_ratios

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Kind = Literal["anchored", "rolling"]

FIRST_BLOCKS = 4  # of 16: a quarter of the time is the least to choose on, and the length that rolls


@dataclass(frozen=True, slots=True)
class WalkForwardDecay:
    """Hold what was chosen on the past and what it brought on the next block, over all steps.

    `in_sample` is the mean Sharpe ratio per bar of what was chosen, where it was chosen; `out_of_sample`
    that of the blocks that followed, taken together. `chosen` are the trials, step by step.
    """

    kind: Kind
    steps: int
    in_sample: float
    out_of_sample: float
    losing_steps: int
    chosen: tuple[int, ...]

    @property
    def kept(self) -> float:
        """Return out-of-sample / in-sample Sharpe ratio; NaN if nothing good was chosen in sample."""
        return self.out_of_sample / self.in_sample if self.in_sample > 0 else math.nan


def walk_forward_decay(
    part: Callable[[int, int], NDArray[np.float64]], trials: int, kind: Kind, at_once: int
) -> WalkForwardDecay | None:
    """Choose the best trial on the blocks so far, look at it on the next block, and go on.

    `part(first, end)` gives the blocks of those trials, trials × blocks × (count, sum, sum of squares);
    `at_once` trials are held at a time. "anchored" chooses on all blocks so far, "rolling" on the last 4.
    The choice is by Sharpe ratio; what never moved there is not chosen. None when nothing ever was.
    """
    blocks = part(0, 1).shape[1]
    ends = range(FIRST_BLOCKS, blocks)
    best, which = np.full(len(ends), -np.inf), np.full(len(ends), -1)
    next_block = np.zeros((len(ends), 3))
    for first in range(0, trials, at_once):
        sums = part(first, min(first + at_once, trials))
        for step, end in enumerate(ends):
            begin = 0 if kind == "anchored" else end - FIRST_BLOCKS
            past = sums[:, begin:end].sum(axis=1).T
            ratios = np.where(past[2] > 0, sharpe_ratios(past), -np.inf)
            winner = int(ratios.argmax())
            if ratios[winner] > best[step]:
                best[step], which[step], next_block[step] = ratios[winner], first + winner, sums[winner, end]
    chosen = np.isfinite(best)
    if not chosen.any():
        return None
    after = next_block[chosen].sum(axis=0)
    return WalkForwardDecay(
        kind=kind,
        steps=int(chosen.sum()),
        in_sample=float(best[chosen].mean()),
        out_of_sample=float(sharpe_ratios(after[:, None])[0]),
        losing_steps=int((next_block[chosen, 1] < 0).sum()),
        chosen=tuple(which[chosen].tolist()),
    )
