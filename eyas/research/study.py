"""What every study's report prints without being asked: the statistics that tell luck from skill.

All of it comes from the rows that a sweep leaves behind (eyas.sweep's table), a part of them at a time, so a
study of a million trials needs no more memory than its table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.research.checking import numbers, random_of, whole
from eyas.research.decay import WalkForwardDecay, walk_forward_decay
from eyas.research.moments import Moments
from eyas.research.overfitting import BacktestOverfitting, moves, overfitting_of_blocks, sharpe_ratios
from eyas.research.plateau import Plateau, plateau
from eyas.research.sharpe import (
    deflated_sharpe_ratio,
    deflated_sharpe_ratio_2025,
    deviation_of,
    expected_maximum_sharpe,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from eyas.research.trials import average_correlation, effective_by_correlation, standardised
from eyas.research.verdict import FEWEST_BARS, Judgement, Verdict, judge

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

AT_ONCE = 16_384  # trials read at a time: 6 MB of blocks
MOST_FOR_OVERFITTING = 2_000  # trials; the probability of overfitting of more is that of a sample of them
DONE = 0


@dataclass(frozen=True, kw_only=True, repr=False)
class StudyStatistics:
    """Hold the statistics of a study; it prints as a table with a verdict.

    Sharpe ratios are per bar. `trials` counts those with a Sharpe ratio: what failed, was refused or never
    traded could not have been chosen and is no trial; what broke a constraint is one, for it was looked at.
    `best` and `plateau.centre` are rows, `centre` the parameters in the middle of the best plateau.
    `market_sharpe` is that of holding the bars, `best_stretch` the share of the best trial's summed returns
    that the best sixteenth of its time brought, `newest_half` that of the second half; NaN when it earned
    nothing.
    What cannot be said is NaN or None, and `unknown` says why, by the name of the attribute.
    """

    trials: int
    never_traded: int
    failed: int
    best: int | None
    bars: int = 0
    trades: float = math.nan
    sharpe_ratio: float = math.nan
    expected_maximum: float = math.nan
    probabilistic_sharpe: float = math.nan
    deflated_sharpe: float = math.nan
    deflated_sharpe_2025: float = math.nan
    track_record_bars: float = math.nan
    market_sharpe: float = math.nan
    best_stretch: float = math.nan
    newest_half: float = math.nan
    correlation: float = math.nan
    effective_trials: float = math.nan
    overfitting: BacktestOverfitting | None = None
    sampled: int | None = None
    anchored: WalkForwardDecay | None = None
    rolling: WalkForwardDecay | None = None
    plateau: Plateau | None = None
    centre: Mapping[str, Any] = field(default_factory=dict)
    unknown: Mapping[str, str]

    @cached_property
    def judgement(self) -> Judgement:
        """Return the verdict and its reasons."""
        return judge(self)

    @property
    def verdict(self) -> Verdict:
        """Return "luck", "unproven" or "holds"."""
        return self.judgement.verdict

    @property
    def sentence(self) -> str:
        """Return the verdict in words, with its first reason."""
        return self.judgement.sentence

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why the verdict is what it is, the weightiest first."""
        return self.judgement.reasons

    def rows(self, scale: float = math.nan) -> list[tuple[str, str]]:
        """Return label and text of every figure, in reading order.

        `scale` is the root of the bars in a year: with it, Sharpe ratios are said by the year as well.
        """
        from eyas.research.printing import study_rows

        return study_rows(self, scale)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and texts, None for what is not known."""
        from eyas.research.printing import study_dict

        return study_dict(self)

    def __str__(self) -> str:
        from eyas.research.printing import study_text

        return study_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from eyas.research.printing import study_html

        return study_html(self)


def study_statistics(
    rows: NDArray[Any],
    *,
    objective: ArrayLike | None = None,
    parameters: Mapping[str, Sequence[Any]] | None = None,
    best: int | None = None,
    seed: int = 0,
    autocorrelation: float = 0.0,
    market: ArrayLike | None = None,
) -> StudyStatistics:
    """Return the statistics of a study from its trials' rows.

    `rows` is a structured array with a row per trial and the fields `blocks` (16 × count, sum, sum of
    squares of the returns per bar), `sum3`, `sum4`, `bars`, and where they are known `trades` and `status`.
    `objective` is what was searched for, larger is better, NaN for what may not be best (default: the
    Sharpe ratio); `best` is the row that was chosen (default: the first with the largest objective).
    `parameters` has a value per row for each name, for the plateau. `autocorrelation` is that of the best
    trial's returns, for the form of 2025. `market` has the returns per bar of holding what was traded: a best
    that does no better is in doubt. `seed` draws the sample when there are more than 2,000 trials.
    """
    whole("seed", seed, 0)
    names = getattr(getattr(rows, "dtype", None), "names", None) or ()
    if not {"blocks", "sum3", "sum4"} <= set(names):
        raise UsageError("rows have no blocks: give the structured array of a sweep (sweep.rows)")
    table = Table(rows)
    wanted = table.sharpe if objective is None else numbers("objective", objective)
    if len(wanted) != len(rows):
        raise UsageError(f"{len(wanted)} objectives for {len(rows)} rows")
    usable = np.where(np.isnan(table.sharpe), np.nan, wanted)
    if best is None:
        if np.isnan(usable).all():
            return without_best(table, f"none of the {len(rows):,} trials traded and may be best")
        best = int(np.nanargmax(usable))
    if not 0 <= whole("best", best, 0) < len(rows):
        raise UsageError(f"best={best}: there are {len(rows):,} rows")
    if math.isnan(table.sharpe[best]):
        return without_best(table, "the best by this objective never traded")
    held = math.nan if market is None else Moments.of(market).sharpe_ratio
    return with_best(table, best, usable, parameters, (seed, autocorrelation, held))


def without_best(table: Table, reason: str) -> StudyStatistics:
    """Return what is left to say of a study that has no best trial to judge."""
    return StudyStatistics(
        trials=len(table.traded),
        never_traded=table.never_traded,
        failed=table.failed,
        best=None,
        unknown={"best": reason},
    )


def with_best(
    table: Table,
    best: int,
    objective: NDArray[np.float64],
    parameters: Mapping[str, Sequence[Any]] | None,
    given: tuple[int, float, float],
) -> StudyStatistics:
    """Return the statistics of a study whose best trial is known.

    `given` is seed, autocorrelation, and the market's Sharpe ratio.
    """
    seed, autocorrelation, market_sharpe = given
    moments, ratios = table.moments(best), table.sharpe[table.traded]
    correlation = average_correlation(standardised(part[..., 1]) for part in table.means())
    effective = effective_by_correlation(len(ratios), correlation)
    unknown: dict[str, str] = {}
    deflated = deflated_sharpe_ratio(moments, ratios)
    if math.isnan(deflated):
        unknown["deflated_sharpe"] = (
            "the returns of the best are too skewed, or too few, for a deflated Sharpe ratio"
        )
    overfitting, sampled = table.overfitting(moments.count, seed, unknown)
    anchored, rolling = table.decays(moments.count, unknown)
    stretches = table.shares(best)
    around, parameters = None, parameters or {}
    if parameters and not math.isnan(objective[best]):
        around = plateau(parameters, objective, best)
    if around is None:
        unknown["plateau"] = "no parameter with an order was varied, or the best has no neighbours"
    return StudyStatistics(
        trials=len(ratios),
        never_traded=table.never_traded,
        failed=table.failed,
        best=best,
        bars=moments.count,
        trades=table.trades(best),
        sharpe_ratio=moments.sharpe_ratio,
        expected_maximum=expected_maximum_sharpe(len(ratios), deviation_of(ratios)),
        probabilistic_sharpe=probabilistic_sharpe_ratio(moments),
        deflated_sharpe=deflated,
        deflated_sharpe_2025=deflated_sharpe_ratio_2025(
            moments, ratios, autocorrelation=autocorrelation, correlation=min(max(correlation, 0.0), 1.0)
        ),
        track_record_bars=minimum_track_record_length(moments),
        market_sharpe=market_sharpe,
        best_stretch=stretches[0],
        newest_half=stretches[1],
        correlation=correlation,
        effective_trials=effective,
        overfitting=overfitting,
        sampled=sampled,
        anchored=anchored,
        rolling=rolling,
        plateau=around,
        centre={name: column[around.centre] for name, column in parameters.items()} if around else {},
        unknown=unknown,
    )


class Table:
    """Read the rows of a study, a part at a time; `traded` are the rows that have a Sharpe ratio."""

    def __init__(self, rows: NDArray[Any]) -> None:
        self.rows = rows
        names = rows.dtype.names or ()
        status = rows["status"] if "status" in names else np.zeros(len(rows), np.uint8)
        self.sharpe = np.full(len(rows), np.nan)
        still = 0
        for first in range(0, len(rows), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            sums = rows["blocks"][part].sum(axis=1).T
            ran = (status[part] == DONE) & np.isfinite(sums).all(axis=0) & (sums[0] > 1)
            moved = np.zeros(len(ran), bool)
            moved[ran] = moves(sums[:, ran])
            found = np.full(len(ran), np.nan)
            found[moved] = sharpe_ratios(sums[:, moved])
            still += int((ran & ~moved).sum())
            self.sharpe[part] = found
        self.traded = np.flatnonzero(~np.isnan(self.sharpe))
        self.never_traded = still
        self.failed = len(rows) - len(self.traded) - still

    def part(self, first: int, end: int) -> NDArray[np.float64]:
        """Return the blocks of some of the trials that traded: trials × blocks × 3."""
        found: NDArray[np.float64] = self.rows["blocks"][self.traded[first:end]]
        return found

    def means(self) -> Iterator[NDArray[np.float64]]:
        """Yield the mean return of every block of the trials that traded, in the place of the sums."""
        for first in range(0, len(self.traded), AT_ONCE):
            part = self.part(first, first + AT_ONCE)
            part[..., 1] /= np.maximum(part[..., 0], 1)
            yield part

    def moments(self, row: int) -> Moments:
        """Return the moments of a trial's returns."""
        count, first, second = self.rows["blocks"][row].sum(axis=0)
        return Moments.of_sums(count, first, second, self.rows["sum3"][row], self.rows["sum4"][row])

    def shares(self, row: int) -> tuple[float, float]:
        """Return what the best block, and the second half, brought of a trial's gain; NaN without a gain."""
        sums = self.rows["blocks"][row, :, 1]
        total = float(sums.sum())
        if not total > 0:
            return math.nan, math.nan
        return float(sums.max()) / total, float(sums[len(sums) // 2 :].sum()) / total

    def trades(self, row: int) -> float:
        """Return how many trades a trial made; NaN where the rows do not say."""
        return float(self.rows["trades"][row]) if "trades" in (self.rows.dtype.names or ()) else math.nan

    def decays(
        self, bars: int, unknown: dict[str, str]
    ) -> tuple[WalkForwardDecay | None, WalkForwardDecay | None]:
        """Return what the best so far brought on the block that followed, anchored and rolling."""
        anchored = rolling = None
        if bars >= FEWEST_BARS:
            anchored = walk_forward_decay(self.part, len(self.traded), "anchored", AT_ONCE)
            rolling = walk_forward_decay(self.part, len(self.traded), "rolling", AT_ONCE)
        if anchored is None:
            unknown["walk_forward"] = f"{bars:,} bars are too few to walk forward ({FEWEST_BARS} are needed)"
        return anchored, rolling

    def overfitting(
        self, bars: int, seed: int, unknown: dict[str, str]
    ) -> tuple[BacktestOverfitting | None, int | None]:
        """Return the probability of overfitting, and of how many trials drawn at random if not of all.

        The sample is blind. If the best of all were put into it, it would be the best of most halves, in
        sample as out of sample, merely because it was taken for its whole: noise would look like skill.
        """
        count = len(self.traded)
        if count < 2:
            unknown["overfitting"] = "a single trial was no choice, so nothing is known of how choosing does"
            return None, None
        if bars < FEWEST_BARS:
            unknown["overfitting"] = f"{bars:,} bars are too few for 16 blocks ({FEWEST_BARS} are needed)"
            return None, None
        if count <= MOST_FOR_OVERFITTING:
            return overfitting_of_blocks(self.part(0, count)), None
        drawn = random_of(seed).choice(count, MOST_FOR_OVERFITTING, replace=False)
        drawn.sort()
        return overfitting_of_blocks(self.rows["blocks"][self.traded[drawn]]), MOST_FOR_OVERFITTING
