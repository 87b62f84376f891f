"""Could it be luck? The same strategy where there is nothing to find, and random entries where there is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.backtest import own_copy
from eyas.errors import UsageError
from eyas.research.checking import random_of, report_of, whole
from eyas.research.distribution import Distribution
from eyas.research.late import judged, with_parameters
from eyas.research.measures import Asked, Objective, text_of
from eyas.research.placing import placed_of
from eyas.research.running import Progress, Runner, Terms, bars_once, failed_note, gathered
from eyas.research.searching import Words
from eyas.research.searching import search as search_bars
from eyas.research.synthetic import made, markets_of
from eyas.research.table import table, wrapped

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports import Report
    from eyas.strategy import Strategy

RARE, SELDOM = 0.05, 0.10
ONE = (int, float, str, bool, np.generic)  # one value of a parameter, not several


@dataclass(frozen=True, eq=False, repr=False)
class Permutation:
    """Show how a score compares with what luck alone brings; `p_value` is how often luck does as well.

    p = (k + 1) / (n + 1), where k of n runs score at least what was scored really (Davison and Hinkley 1997);
    a run whose score cannot be said counts among the k. So p is never 0, and a small one needs many runs.
    """

    title: str
    method: str
    objective: Objective
    seed: int
    scores: Distribution
    failures: list[str] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs of luck there were."""
        return len(self.scores.values)

    @property
    def p_value(self) -> float:
        """Probability that luck alone scores at least as well."""
        return p_value(self.scores.actual, self.scores.values)

    @property
    def verdict(self) -> str:
        """What to make of it: "edge", "weak" or "luck"."""
        return "edge" if self.p_value <= RARE else "weak" if self.p_value <= SELDOM else "luck"

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        told = {
            "edge": "Luck alone seldom does as well",
            "weak": "Luck alone does as well now and then: weak evidence",
            "luck": "Luck alone does as well often enough: no evidence of an edge",
        }[self.verdict]
        least = 1 / (self.runs + 1)
        more = f" (the least that {self.runs:,} runs can say is {least:.3g})" if self.p_value == least else ""
        return f"{told}: p = {self.p_value:.3g}{more}."

    def frame(self) -> pl.DataFrame:
        """Return the score of each run of luck."""
        import polars as pl

        return pl.DataFrame({"run": np.arange(self.runs), "score": self.scores.values})

    def __str__(self) -> str:
        head = f"{self.title}: {self.runs:,} runs, {self.method}, seed {self.seed}"
        notes = [*failed_note(self.failures), *map(wrapped, self.remarks)]
        return "\n\n".join(
            [head, table(Distribution.HEAD, [self.scores.as_row()]), *notes, wrapped(self.sentence)]
        )

    def __repr__(self) -> str:
        return f"<Permutation of {self.title}: p = {self.p_value:.3g}, {self.runs:,} runs>"


def p_value(actual: float, values: NDArray[np.float64]) -> float:
    """Return (k + 1) / (n + 1) for k of n values not below the actual one; NaN counts as not below.

    >>> p_value(2.0, np.array([1.0, 3.0, 0.5]))
    0.5
    """
    reached = int((~(values < actual)).sum())
    return (reached + 1) / (len(values) + 1)


def bars(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy],
    bars: Any,
    *,
    runs: int = 200,
    objective: Asked = "total_return",
    keep: int = 1,
    seed: int = 0,
    engine: str = "auto",
    cash: Any = 10_000,
    rules: Any = None,
    quality: Any = None,
    progress: Progress | None = None,
    **words: Any,
) -> Permutation:
    """Compare a strategy with itself on the same market put out of order (Masters 2018; Aronson 2006).

    Gaps between bars and shapes of bars are permuted, each among themselves, after the first `keep` bars: the
    trend from beginning to end stays, and whatever hangs together in time goes. Where `words` give
    parameters several values, as `eyas.sweep` takes them, the whole search is repeated on each market, and
    its best is compared with the best of the true search: this also pays for having searched. The bars of a
    portfolio, which must have the same times, are permuted together.
    Raises UsageError where the true run has no score, DataError for prices that are not above 0.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         if bar.index == 0:
    ...             self.buy()
    >>> test = eyas.research.permutation.bars(Hold, eyas.sample("AAPL", "1d", adjusted=True), runs=50)
    >>> 0 < test.p_value <= 1
    True
    """
    whole("runs", runs)
    aim = Objective(objective)
    bars = bars_once(bars)
    said = Words.of(strategy, words)
    terms = Terms.of(rules, cash, engine, said.rules)
    remarks = judged(bars, terms.rules, None, None, "merged", quality)
    shapes = markets_of(bars, whole("keep", keep))
    length = len(next(iter(shapes.values())))
    random = random_of(seed)
    markets = (made(shapes, random.permutation(length), random.permutation(length)) for _ in range(runs))
    how, failures = "bars put out of order", list[str]()
    if any(not isinstance(value, ONE) for value in said.parameters.values()):
        how += ", the search repeated on each"
        settled = {"objective": objective, "seed": seed, "engine": engine, "cash": cash, "rules": rules}
        options = {**settled, "quality": "off", **words}
        actual = known(best_score(strategy, bars, options), aim)
        scores = (best_score(strategy, market, options) for market in markets)
        found, note = gathered(scores, runs, progress)
    else:
        runner = Runner(with_parameters(strategy, said.parameters), terms, objective)
        actual = known(runner.actual(bars)["score"], aim)
        found = runner.all(markets, runs, progress)["score"].tolist()
        failures, note = runner.failures, runner.interrupted
    drawn = Distribution(aim.name, np.array(found), actual, aim.sign)
    notes = tuple(filter(None, [*remarks, note]))
    title = f"{type(own_copy(strategy)).__name__} by {aim.name}"
    return Permutation(title, how, aim, seed, drawn, failures, notes)


def best_score(strategy: Strategy | type[Strategy], bars: Any, options: Mapping[str, Any]) -> float:
    """Return the best score of a search; NaN where no trial can be judged."""
    found = search_bars(strategy, {"bars": bars, "finer": None}, options)
    if found.interrupted:
        raise KeyboardInterrupt
    return math.nan if found.best is None else float(found.scores[found.best])


def known(actual: float, objective: Objective) -> float:
    """Return the score of the true run, or raise UsageError where it cannot be said."""
    if math.isnan(actual):
        raise UsageError(
            f"the true run has no {objective.name} to compare (it is too short, or did not trade): choose "
            "another objective"
        )
    return actual


def entries(
    report: Report,
    *,
    runs: int = 500,
    objective: Asked = "total_return",
    seed: int = 0,
    progress: Progress | None = None,
) -> Permutation:
    """Compare the times of a run's trades with random ones: as many, as long, in the same directions.

    All are run by the kernel as market orders under the run's own rules, each with all free cash: the true
    times too, so that only their times differ. So this judges the entries, not stops, limits or sizes.
    Raises UsageError for a portfolio, and where trades overlap: they cannot be put one after another.

    >>> import eyas
    >>> class Turn(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         self.buy() if self.is_flat else self.close()
    >>> test = eyas.research.permutation.entries(eyas.backtest(Turn, eyas.sample("AAPL", "1d")), runs=50)
    >>> test.runs
    50
    """
    whole("runs", runs)
    aim = Objective(objective)
    placed = placed_of(report_of(report))
    actual = known(placed.score(placed.first, placed.order, aim), aim)
    random = random_of(seed)
    found, note = gathered((placed.score(*placed.draw(random), aim) for _ in range(runs)), runs, progress)
    scores = Distribution(aim.name, np.array(found), actual, aim.sign)
    own = text_of(aim.figure, aim.sign * aim.of_report(report))
    remark = f"The run itself, with its own orders and sizes: {own}."
    how = f"{len(placed.order)} trades at random times"
    return Permutation(
        f"Entries of {report.title} by {aim.name}",
        how,
        aim,
        seed,
        scores,
        [],
        (remark, *filter(None, [note])),
    )
