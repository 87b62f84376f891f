"""Run one strategy with many sets of parameters, and say how far the best of them can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from eyas.sweep.axes import Between, between

if TYPE_CHECKING:
    from pathlib import Path

    from eyas.data.quality import Quality
    from eyas.engine import Engine
    from eyas.rules import Number, Rules
    from eyas.strategy import Strategy
    from eyas.sweep.objective import OfReport
    from eyas.sweep.result import Sweep, Trial
    from eyas.sweep.study import Progress

__all__ = ["Between", "Sweep", "Trial", "between", "of_report", "sweep"]


def sweep(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy],
    bars: Any,
    *,
    where: Callable[[Any], object] | None = None,
    objective: Any = "sharpe",
    search: Literal["grid", "random", "tpe", "cmaes", "nsga3"] = "grid",
    trials: int | None = None,
    seed: int = 0,
    constraints: Any = (),
    store: str | Path | None = None,
    storage: str | None = None,
    study: str = "eyas",
    engine: Engine = "auto",
    workers: int | None = None,
    cluster: str | None = None,
    top: int = 10,
    cash: Number | str = 10_000,
    rules: Rules | str | None = None,
    finer: Any = None,
    extra: Mapping[str, Any] | None = None,
    clock: Literal["merged", "sequential"] = "merged",
    quality: Quality = None,
    progress: Progress | None = None,
    **words: Any,
) -> Sweep:
    """Run a strategy with many sets of parameters over the same bars, and return them all, best first.

    Each parameter by its name: a range, a list, an array, one value, or `eyas.between(low, high)`; `where`
    keeps the combinations for which it is true: `where=lambda p: p.fast < p.slow`. A name that is no
    parameter is a rule; rules and the words from `cash` to `quality` are those of `eyas.backtest`. `search`
    is "grid", "random" for `trials` of them by `seed`, or guided: "tpe", "cmaes", "nsga3". `objective` is a
    figure ("-name" for the lowest of it), a function of a row or of a Report (see `of_report`), or a list;
    `constraints` are functions of a row that must be true of the best. A sweep that was stopped goes on in
    its `store`, a file. `storage` is the database that machines share in a guided search, `study` its name
    there. `workers` are processes, or threads where trials need no Python; `cluster` is a Ray cluster.
    `progress` is called with trials done, in all (None: not known) and the best so far.

    A set that the strategy refuses, or on which it fails, is a row that says so; Ctrl-C keeps what is done.
    Raises UsageError and DataError. docs/sweep.md explains every word.

    >>> import eyas
    >>> class Dip(eyas.Strategy):
    ...     days: int = 5
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if self.is_flat and bar.index % self.days == 0:
    ...             self.buy(take_profit=0.02)
    >>> eyas.sweep(Dip, eyas.sample("AAPL", "1d"), days=range(2, 8)).best.parameters
    {'days': 4}
    """
    from eyas.sweep.ground import Ground, study_of
    from eyas.sweep.study import Plan

    plan = Plan(search, trials, seed, store, storage, study, workers, cluster, top, progress)
    ground = Ground(bars, finer, extra, clock, quality, cash, rules, engine)
    return study_of(strategy, ground, words, where, (objective, constraints), plan).run()


def of_report(function: Callable[[Any], float]) -> OfReport:
    """Let a sweep look for what a function makes of each trial's Report; it is slower than a figure.

    >>> of_report(lambda report: report.summary.trades).function.__name__
    '<lambda>'
    """
    from eyas.sweep.objective import of_report as made

    return made(function)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import the result's classes when they are first asked for."""
        if name in ("Sweep", "Trial"):
            from eyas.sweep import result

            return getattr(result, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
