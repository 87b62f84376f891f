"""Is the best of many any good? The reality check over the returns of all that were tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.research.bootstrap import block_length, check_length, stationary
from eyas.research.checking import number, numbers, random_of, whole
from eyas.research.table import pairs, wrapped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from eyas.sweep import Sweep

TRIALS_MAX = 2_000
AT_ONCE = 256  # draws that are held at once


@dataclass(frozen=True, eq=False, repr=False)
class RealityCheck:
    """Show how often the best of as many trials without any mean return does as well as the true best.

    `p_value` is White's (2000), `p_value_consistent` Hansen's (2005), which lets trials that do too badly to
    matter out of account. `best` is the place of the trial with the highest mean return.
    """

    trials: int
    bars: int
    best: int
    mean: float
    p_value: float
    p_value_consistent: float
    block: float
    draws: int
    seed: int

    @property
    def sentence(self) -> str:
        """What to make of it, in words."""
        told = "brings more than luck usually would" if self.p_value <= 0.05 else "can well be luck"
        return f"The best of {self.trials:,} trials {told}: p = {self.p_value:.3g}."

    def __str__(self) -> str:
        rows = [
            ("Trials", f"{self.trials:,}"),
            ("Bars", f"{self.bars:,}"),
            ("Best trial", f"{self.best:,}"),
            ("Its mean return a bar", f"{self.mean:.3g}"),
            ("p (White 2000)", f"{self.p_value:.3g}"),
            ("p (Hansen 2005)", f"{self.p_value_consistent:.3g}"),
            ("Draws", f"{self.draws:,} in blocks of {self.block:.0f} bars, seed {self.seed}"),
        ]
        return f"{pairs(rows)}\n\n{wrapped(self.sentence)}"

    def __repr__(self) -> str:
        return f"<RealityCheck of {self.trials:,} trials: p = {self.p_value:.3g}>"


def reality_check(
    returns: ArrayLike, *, draws: int = 1000, block: float | None = None, seed: int = 0
) -> RealityCheck:
    """Test whether the best of all trials has a mean return above 0, paying for having chosen it.

    `returns` is time × trials: what each bar brought each trial (`trial_returns` of a sweep), over what it is
    compared with, if anything. The bars are drawn anew in blocks (Politis and Romano 1994), of the
    best trial's optimal length where none is said. p = (k + 1) / (n + 1). Raises UsageError for a matrix
    that lies on its side.

    >>> noise = np.random.default_rng(0).standard_normal((400, 5)) / 100
    >>> reality_check(noise, draws=200).p_value > 0.05
    True
    """
    if hasattr(returns, "rerun"):
        raise UsageError("returns is a sweep, but must be what its trials brought: trial_returns(sweep)")
    matrix = numbers("returns", returns)
    check_matrix(matrix)
    whole("draws", draws)
    bars, trials = matrix.shape
    mean = matrix.mean(axis=0)
    best = int(mean.argmax())
    length = block_length(matrix[:, best]) if block is None else number("block", block)
    check_length(length, bars)
    # A trial is let out of account when it is worse than chance lets a good one be (Hansen 2005, eq. 9).
    spread = drawn_means(matrix, length, draws, random_of(seed)) - mean
    deviation = spread.std(axis=0)
    matters = mean >= -deviation * np.sqrt(2 * np.log(np.log(bars)))
    white = spread.max(axis=1)
    hansen = (spread + np.where(matters, 0.0, mean)).max(axis=1)
    return RealityCheck(
        trials,
        bars,
        best,
        float(mean[best]),
        float(((white >= mean[best]).sum() + 1) / (draws + 1)),
        float(((hansen >= mean[best]).sum() + 1) / (draws + 1)),
        length,
        draws,
        seed,
    )


def drawn_means(
    matrix: NDArray[np.float64], length: float, draws: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Return the mean of each column over drawn rows: shape (draws, trials)."""
    bars = len(matrix)
    parts = []
    for first in range(0, draws, AT_ONCE):
        times = [
            np.bincount(stationary(bars, length, random), minlength=bars)
            for _ in range(min(AT_ONCE, draws - first))
        ]
        parts.append(np.array(times, dtype=np.float64) @ matrix / bars)
    return np.concatenate(parts)


def check_matrix(matrix: NDArray[np.float64]) -> None:
    """Refuse what is no matrix of numbers, time × trials."""
    if matrix.ndim != 2 or matrix.shape[0] < 10 or matrix.shape[1] < 1:
        raise UsageError(f"returns has shape {matrix.shape}, but must be time × trials, of at least 10 bars")
    if not np.isfinite(matrix).all():
        raise UsageError("returns must be finite numbers: leave out trials that came to nothing")
    if matrix.shape[1] > matrix.shape[0]:
        raise UsageError(
            f"returns has {matrix.shape[0]} rows and {matrix.shape[1]} columns, but rows are bars and "
            "columns trials: turn it round"
        )


def trial_returns(sweep: Sweep) -> NDArray[np.float64]:
    """Run every trial of a sweep again, and return what each bar brought each: time × trials.

    Trials that came to nothing are left out. Raises UsageError above 2,000 trials: the matrix would be large.
    """
    if not hasattr(sweep, "rows"):
        raise UsageError(f"sweep is {sweep!r}, but must be what eyas.sweep returns")
    places = np.flatnonzero(sweep.rows["status"] == 0)
    if len(places) > TRIALS_MAX:
        raise UsageError(
            f"{len(places):,} trials are more than {TRIALS_MAX:,}: sweep fewer, or judge by statistics"
        )
    columns: list[Any] = []
    for place in places.tolist():
        report = sweep.trials.report(sweep.parameters(int(sweep.numbers[place])))
        curve = np.concatenate([[report.summary.cash], report.curve])
        columns.append(np.diff(curve) / curve[:-1])
    return np.column_stack(columns) if columns else np.empty((len(sweep.time), 0))
