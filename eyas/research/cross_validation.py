"""Search on the parts of a split that may be learned from, and judge what is found on the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from eyas.backtest import own_copy
from eyas.errors import UsageError
from eyas.model import curve_figures
from eyas.presets import rules_of
from eyas.research.checking import whole
from eyas.research.distribution import Distribution
from eyas.research.evidence import held, missing, probability_of_gain, returns_of
from eyas.research.late import Markets, engine_of_one, judged, run_late, with_parameters
from eyas.research.measures import Objective, after
from eyas.research.pooled import pooled_scores
from eyas.research.searching import Words
from eyas.research.searching import search as search_bars
from eyas.research.splits import CombinatorialPurged, Split
from eyas.research.table import cut, named, table, wrapped
from eyas.sweep.figures import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from numpy.typing import NDArray

    from eyas.strategy import Strategy


LOSING_MOST = 0.25  # of the paths


class Splitter(Protocol):
    """Cut rows into groups, and say which split judges each group on each path."""

    @property
    def paths(self) -> NDArray[np.int64]:
        """Split that judges each group, for each path."""
        ...

    def bounds(self, count: int) -> NDArray[np.int64]:
        """Return where each group begins, and the count."""
        ...

    def split(self, rows: Any) -> Iterator[Split]:
        """Yield the splits of a number of rows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Hold one split: what was found where it may learn, and the scores in and out of sample."""

    number: int
    groups: tuple[int, ...]
    parameters: Mapping[str, Any]
    trials: int
    score_in: float
    score_out: float


class Ran(NamedTuple):
    """Hold what one set of parameters did on one group: its curve as a multiple, its score, its trades."""

    curve: NDArray[np.float64]
    score: float
    trades: int


@dataclass(frozen=True, eq=False, repr=False)
class CrossValidation:
    """Show a cross-validation: the splits, and every path through all bars, none of it learned from.

    `curves` are the paths' equities as multiples of what they began with: shape (paths, bars). The paths are
    of the same bars, so that many of them prove no more than one. `market` is what each bar brought who held
    the one instrument, None for several; `trades` how many each path made.
    """

    strategy: str
    objective: Objective
    splits: tuple[Judged, ...]
    time: NDArray[np.int64]
    curves: NDArray[np.float64]
    trades: NDArray[np.int64]
    market: NDArray[np.float64] | None = None
    remarks: tuple[str, ...] = field(default=())

    @cached_property
    def sharpe(self) -> Distribution:
        """Sharpe ratio of each path, of a year."""
        year = Span.of(self.time).bars_per_year
        return Distribution(
            "sharpe", np.array([curve_figures(1.0, one, year)["sharpe"] for one in self.curves])
        )

    @cached_property
    def total_return(self) -> Distribution:
        """Return of each path."""
        return Distribution("total_return", self.curves[:, -1] - 1)

    @cached_property
    def max_drawdown(self) -> Distribution:
        """Deepest drawdown of each path."""
        found = [curve_figures(1.0, one, 1.0)["max_drawdown"] for one in self.curves]
        return Distribution("max_drawdown", np.array(found))

    @property
    def kept(self) -> float:
        """Mean score out of sample, 0 where nothing moved, over that in sample; NaN for none above 0."""
        inside = sum(one.score_in for one in self.splits)
        outside = sum(one.score_out for one in self.splits if math.isfinite(one.score_out))
        return outside / inside if inside > 0 else math.nan

    @property
    def losing_paths(self) -> float:
        """Share of the paths that lose money."""
        return float((self.curves[:, -1] < 1).mean())

    def frame(self) -> pl.DataFrame:
        """Return a row for each split: its groups, what was found, scores in and out of sample."""
        import polars as pl

        rows = [
            {
                "split": one.number,
                "groups": list(one.groups),
                "trials": one.trials,
                "score_in": one.score_in,
                "score_out": one.score_out,
                **one.parameters,
            }
            for one in self.splits
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    @property
    def sentence(self) -> str:
        """What to make of it, in words."""
        lost = f"{self.losing_paths:.0%} of {len(self.curves)} paths lose money"
        kept = "" if math.isnan(self.kept) else f", and {self.kept:.0%} of the {self.objective.name} was kept"
        told = {
            "holds": "It holds on data it has not seen",
            "unproven": "It makes money on data it has not seen, but this proves little",
            "hardly": "It hardly holds on data it has not seen",
            "loses": "It loses on data it has not seen",
        }[self.verdict]
        doubts = "".join(f"; {one}" for one in self.doubts) if self.verdict == "unproven" else ""
        return f"{told}: {lost}{kept}{doubts}."

    @property
    def verdict(self) -> str:
        """What to make of it: "holds", "unproven", "hardly" or "loses"."""
        if not self.total_return.percentile(50) > 0:
            return "loses"
        if self.losing_paths > LOSING_MOST:
            return "hardly"
        return "unproven" if self.doubts else "holds"

    @property
    def probability(self) -> float:
        """Probability that the true Sharpe ratio of the middle path is above 0; NaN if it stood still."""
        return probability_of_gain(returns_of(1.0, self.curves[self._middle]))

    @property
    def doubts(self) -> list[str]:
        """What the gain lacks to be proof, the weightiest first."""
        place = self._middle
        return missing(returns_of(1.0, self.curves[place]), self.market, float(self.trades[place]))

    @property
    def _middle(self) -> int:
        """Place of the path whose Sharpe ratio is in the middle, the lower of two."""
        ratios = np.nan_to_num(self.sharpe.values, nan=-math.inf)
        return int(np.argsort(ratios, kind="stable")[(len(ratios) - 1) // 2])

    def __str__(self) -> str:
        head = ("split", "judged on", "chosen", "in sample", "out")
        shown = [
            (
                str(one.number + 1),
                ", ".join(str(group + 1) for group in one.groups),
                cut(named(dict(one.parameters)), 40),
                self.objective.shown(one.score_in),
                self.objective.shown(one.score_out),
            )
            for one in self.splits
        ]
        paths = [one.as_row(alone=True) for one in (self.sharpe, self.total_return, self.max_drawdown)]
        return "\n\n".join(
            [
                f"{self.strategy}, cross-validated by {self.objective.name}, paths: {len(self.curves)}",
                table(head, shown, left=3),
                table(Distribution.HEAD_ALONE, paths),
                *map(wrapped, self.remarks),
                wrapped(self.sentence),
            ]
        )

    def __repr__(self) -> str:
        return f"<CrossValidation {self.strategy}: {len(self.splits)} splits, {len(self.curves)} paths>"


def cross_validate(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy],
    bars: Any,
    splits: Splitter | None = None,
    *,
    warmup: int = 0,
    objective: str = "sharpe",
    cash: Any = 10_000,
    rules: Any = None,
    finer: Any = None,
    extra: Mapping[str, Any] | None = None,
    quality: Any = None,
    progress: Callable[[int, int], object] | None = None,
    **words: Any,
) -> CrossValidation:
    """Search on the training rows of each split, judge its best on the others, and put the paths together.

    `splits` cuts the bars: PurgedKFold, or CombinatorialPurged (6 groups, 2 judged, where nothing is said).
    Each stretch of training rows without a hole is a run of its own, and a trial's score is pooled over them:
    the Sharpe ratio over their bars' returns, other figures as their mean weighted by bars. The best runs
    over each judged group by itself, flat at its ends, and sees `warmup` bars before it (let purge + embargo
    be as long as what an indicator looks back on). The other words are those of `eyas.sweep`: parameters,
    rules, and `where`, `search` (grid or random), `trials`, `seed`, `engine`, ….
    Raises UsageError for another search, and where no trial of a split can be judged.

    >>> import eyas
    >>> from eyas.research import CombinatorialPurged
    >>> class Hold(eyas.Strategy):
    ...     wait: int = 1
    ...     def on_bar(self, bar):
    ...         if bar.index % 50 == self.wait:
    ...             self.buy()
    ...         elif bar.index % 50 == self.wait + 20:
    ...             self.close()
    >>> cut = CombinatorialPurged(groups=4, tests=2, purge=5)
    >>> study = cross_validate(Hold, eyas.sample("IBM", "1d"), cut, wait=[1, 10, 25])
    >>> len(study.splits), study.curves.shape
    (6, (3, 3270))
    """
    own, said = own_copy(strategy), Words.of(strategy, words)
    splits = checked_splits(splits)
    whole("warmup", warmup, 0)
    search = said.searching.get("search", "grid")
    if search not in ("grid", "random"):
        raise UsageError(
            f"search is {search!r}, but the same trials are compared on every stretch: grid or random"
        )
    markets = Markets.of(bars, finer)
    chosen = rules_of(rules).changed(**said.rules)
    remarks = judged(bars, chosen, finer, extra, "merged", quality)
    # The data is judged once, as a whole.
    once = {"cash": cash, "extra": extra, "quality": "off"}
    options = {**once, "objective": objective, "rules": rules, **words}
    alone = {**once, "rules": chosen, "engine": engine_of_one(said.searching.get("engine", "auto"))}
    work = Validating(strategy, markets, Objective(objective), options, alone, warmup)
    done, curves, trades = work.all(splits, progress)
    return CrossValidation(
        type(own).__name__, work.objective, done, markets.clock, curves, trades, held(markets.bars), remarks
    )


def checked_splits(splits: Splitter | None) -> Splitter:
    """Return what cuts the bars, six groups of which two are judged where nothing is said."""
    splits = CombinatorialPurged() if splits is None else splits
    if not all(hasattr(splits, name) for name in ("bounds", "paths", "split")):
        raise UsageError(
            f"splits is {splits!r}, but must be CombinatorialPurged or PurgedKFold; windows that roll are "
            "those of eyas.research.walk_forward"
        )
    return splits


class Validating:
    """Carry a cross-validation; a stretch that several splits share is searched, and judged, once."""

    def __init__(
        self,
        strategy: Strategy | type[Strategy],
        markets: Markets,
        objective: Objective,
        options: Mapping[str, Any],
        once: Mapping[str, Any],
        warmup: int,
    ) -> None:
        self.strategy = strategy
        self.markets = markets
        self.objective = objective
        self.options = options
        self.once = once
        self.warmup = warmup
        self.year = Span.of(markets.clock).bars_per_year
        self.searched: dict[tuple[int, int], Any] = {}
        self.ran: dict[tuple[int, int, str], Ran] = {}
        if not objective.is_figure:
            raise UsageError("cross_validate pools figures over stretches: name one as its objective")

    def all(
        self, splitter: Splitter, progress: Callable[[int, int], object] | None
    ) -> tuple[tuple[Judged, ...], NDArray[np.float64], NDArray[np.int64]]:
        """Judge every split, and return the curves of the paths, and how many trades each made."""
        count = len(self.markets.clock)
        bounds, paths = splitter.bounds(count), splitter.paths
        done: list[Judged] = []
        each: dict[tuple[int, int], Ran] = {}
        total = int(paths.max()) + 1
        for number, split in enumerate(splitter.split(count)):
            judged, ran = self.split(number, split, bounds)
            done.append(judged)
            each |= {(number, group): one for group, one in zip(split.groups, ran, strict=True)}
            if progress:
                progress(number + 1, total)
        found = [[each[int(number), group] for group, number in enumerate(path)] for path in paths]
        curves = np.array([chained([one.curve for one in path]) for path in found])
        return tuple(done), curves, np.array([sum(one.trades for one in path) for path in found])

    def split(self, number: int, split: Split, bounds: NDArray[np.int64]) -> tuple[Judged, list[Ran]]:
        """Search the training stretches of one split, and run its best over each judged group."""
        found = [self.search(first, last) for first, last in split.train_stretches if last - first > 1]
        scores = pooled_scores(self.objective, [one.rows for one in found], self.year)
        for one in found:
            scores[one.sweep.broken] = np.nan  # a constraint must be kept on every stretch
        if not np.isfinite(scores).any():
            raise UsageError(
                f"no trial can be judged by {self.objective.name} on what split {number + 1} learns from: "
                "have fewer groups, or choose another objective"
            )
        best = int(np.where(np.isfinite(scores), scores, -np.inf).argmax())
        parameters = found[0].parameters(best)
        ran = [self.run(parameters, int(bounds[group]), int(bounds[group + 1])) for group in split.groups]
        judged = Judged(
            number, split.groups, parameters, len(scores), float(scores[best]), self.score_of(ran)
        )
        return judged, ran

    def search(self, first: int, last: int) -> Any:
        """Search one stretch, once."""
        if (first, last) not in self.searched:
            given = self.markets.between(first, last)
            found = search_bars(self.strategy, given, self.options)
            if found.interrupted:
                raise KeyboardInterrupt  # paths need every split, so there is nothing to keep
            self.searched[first, last] = found
        return self.searched[first, last]

    def run(self, parameters: dict[str, Any], first: int, last: int) -> Ran:
        """Run one set of parameters over one group, once."""
        key = (first, last, repr(sorted(parameters.items())))
        if key not in self.ran:
            rows = (max(0, first - self.warmup), first, last)
            report, step = run_late(with_parameters(self.strategy, parameters), self.markets, rows, self.once)
            part = after(report, step)
            self.ran[key] = Ran(
                part.curve / part.summary.cash, self.objective.of_report(part), part.summary.trades
            )
        return self.ran[key]

    def score_of(self, ran: Sequence[Ran]) -> float:
        """Return the score of several groups together, pooled as the trials' scores are."""
        if self.objective.figure == "sharpe":
            together = chained([one.curve for one in ran])
            return self.objective.sign * curve_figures(1.0, together, self.year)["sharpe"]
        known = [(one.score, len(one.curve)) for one in ran if math.isfinite(one.score)]
        bars = sum(count for _, count in known)
        if not bars:
            return math.nan
        return sum(score * (self.year if self.objective.grows else count) for score, count in known) / bars


def chained(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return curves of multiples as one, each beginning where the one before ended."""
    starts = np.cumprod([1.0, *(float(curve[-1]) for curve in curves)])
    return np.concatenate([curve * start for curve, start in zip(curves, starts, strict=False)])
