"""Let several strategies loose on one market, and say which did best."""

from __future__ import annotations

import inspect
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.backtest import backtest
from eyas.errors import DataError, EyasError, UsageError
from eyas.presets import rules_of
from eyas.reports.html import write_whole
from eyas.research.measures import Asked, Objective, figures_of, text_of
from eyas.research.running import bars_once
from eyas.research.table import cut, named, table, wrapped
from eyas.research.trade_statistics import TRADE_FIGURES, trade_figures
from eyas.signals import Signals
from eyas.strategy import Strategy
from eyas.sweep.figures import FIGURES

if TYPE_CHECKING:
    import polars as pl

    from eyas.reports import Report
    from eyas.reports.comparison import Comparison
    from eyas.reports.text import Columns, Table

Competitor = Strategy | type[Strategy] | Signals
SHOWN = ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "profit_factor")
TOP = 10
COMPARED_MAX = 12
METRIC = "sharpe_ratio"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Hold one strategy: its report, its score (larger is better, NaN for unknown), or why it failed."""

    name: str
    parameters: Mapping[str, Any]
    score: float
    figures: Mapping[str, float]
    report: Report | None
    failure: str = ""

    @property
    def is_judged(self) -> bool:
        """Whether it came to a score that can be compared."""
        return math.isfinite(self.score)


@dataclass(frozen=True, slots=True)
class Standing:
    """Say how far a walk has come: the entry that has just run, and the best so far (None: no one yet)."""

    done: int
    total: int
    entry: Entry
    best: Entry | None


@dataclass(frozen=True, eq=False, repr=False)
class Walk:
    """Show how strategies did on one market; `entries` are ranked, best first, those without a score last.

    It prints as a table of the ten best, the best marked with a star, and says which failed, and why.
    """

    market: str
    objective: Objective
    entries: tuple[Entry, ...]
    planned: int
    stopped: bool = False

    @property
    def best(self) -> Entry | None:
        """The best entry; None where none has a score."""
        return self.entries[0] if self.entries and self.entries[0].is_judged else None

    @property
    def failures(self) -> dict[str, str]:
        """Why strategies failed, by name."""
        return {one.name: one.failure for one in self.entries if one.failure}

    def __getitem__(self, name: str) -> Entry:
        for one in self.entries:
            if one.name == name:
                return one
        raise KeyError(f"{name!r} did not run; there are {', '.join(one.name for one in self.entries)}")

    def __len__(self) -> int:
        return len(self.entries)

    def frame(self) -> pl.DataFrame:
        """Return a row for each strategy: rank, name, score, figures, its first and last trades."""
        import polars as pl

        rows = []
        for rank, one in enumerate(self.entries, start=1):
            first, last = times(one.report)
            rows.append(
                {
                    "rank": rank if one.is_judged else None,
                    "strategy": one.name,
                    "score": one.score if one.is_judged else None,
                    **{name: None if math.isnan(value) else value for name, value in one.figures.items()},
                    "first_trade": first,
                    "last_trade": last,
                    "failure": one.failure or None,
                }
            )
        when = pl.Datetime("ns", "UTC")
        return pl.DataFrame(rows, infer_schema_length=None).with_columns(
            pl.col("first_trade", "last_trade").cast(when)
        )

    def trades(self) -> pl.DataFrame:
        """Return the closed trades of all strategies, each with its strategy's name."""
        import polars as pl

        frames = [
            one.report.trades.select(pl.lit(one.name).alias("strategy"), pl.all())
            for one in self.entries
            if one.report is not None
        ]
        return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()

    def compare(self, most: int = COMPARED_MAX) -> Comparison:
        """Return the best entries side by side, up to 12: figures, curves on one calendar, settings.

        Those without a score come last, those that failed not at all. Raises UsageError where fewer than two
        ran.
        """
        from eyas.reports.comparison import Comparison

        ran = {one.name: one.report for one in self.entries if one.report is not None}
        if not 2 <= most <= COMPARED_MAX:
            raise UsageError(f"compare shows 2 to {COMPARED_MAX} strategies, not {most}")
        if len(ran) < 2:
            raise UsageError(f"there is nothing to compare: {len(ran)} of {len(self.entries)} strategies ran")
        return Comparison(dict(list(ran.items())[:most]))

    def lifecycle_table(self, metric: str = METRIC) -> Table:
        """Return the strategies ranked by a statistic of their trades, under the signal lifecycle's names.

        `metric` is one of `eyas.metrics.signals`, such as "certainty_ratio". The table writes itself by
        `.markdown(columns=…)` and `.json_lines(path)`. Raises UsageError for a statistic that there is not.
        """
        from eyas.reports.text import walker_table

        return walker_table({one.name: one.report for one in self.entries if one.report is not None}, metric)

    def markdown(self, path: str | Path | None = None, *, columns: Columns | None = None) -> str:
        """Return the ranking as a Markdown table, of all strategies, and write it to `path` if one is given.

        `columns` are names of the frame's, `Column`s and `...`, as in docs/text.md.
        """
        text = self._table().markdown(columns=columns) + "\n"
        if path is not None:
            write_whole(text, Path(path))
        return text

    def json_lines(self, path: str | Path, *, columns: Columns | None = None, append: bool = False) -> Path:
        """Write a line for each strategy as JSON Lines, the best first, and return the path."""
        return self._table().json_lines(path, columns=columns, append=append)

    def _table(self) -> Table:
        from eyas.reports.text import Column, table_of_frame

        shown = self._shown()

        def score_text(value: float | None) -> str:
            return "n/a" if value is None else self.objective.shown(value)

        columns = [
            Column("rank", format="count"),
            Column("strategy"),
            Column("score", self.objective.name, score_text),
            *(
                Column(name, format=partial(figure_text, name), visible=name in shown)
                for name in (*FIGURES, *TRADE_FIGURES)
            ),
            Column("failure", visible=bool(self.failures)),
        ]
        return table_of_frame("walk", columns, self.frame(), title="Strategies", empty="No strategy ran.")

    @property
    def sentence(self) -> str:
        """Who did best, in words."""
        best = self.best
        judged = sum(one.is_judged for one in self.entries)
        if best is None:
            return f"None of {len(self.entries)} strategies has a number for {self.objective.name}."
        among = (
            f"of {judged} strategies that have one" if judged < self.planned else f"of {judged} strategies"
        )
        luck = " Being the best of several is partly luck: see it on data that chose none of them."
        return f"{best.name} is best by {self.objective.name}, {among}.{luck if judged > 1 else ''}"

    def __str__(self) -> str:
        head = (
            "",
            "rank",
            "strategy",
            self.objective.name,
            *(name.replace("_", " ") for name in self._shown()),
        )
        rows = self._rows()
        marked = [("*" if number == 0 and self.best else "", *row) for number, row in enumerate(rows[:TOP])]
        more = [f"and {len(rows) - TOP} more: see .frame()"] if len(rows) > TOP else []
        failed = [wrapped(f"{name} failed: {why}") for name, why in self.failures.items()]
        stopped = [f"Stopped after {len(self.entries)} of {self.planned}."] if self.stopped else []
        title = f"{self.planned} strategies on {self.market}, by {self.objective.name}"
        return "\n\n".join(
            [title, table(head, marked, left=3), *more, *failed, *stopped, wrapped(self.sentence)]
        )

    def __repr__(self) -> str:
        best = self.best
        return f"<Walk of {len(self.entries)} strategies: best {best.name if best else 'none'}>"

    def _shown(self) -> list[str]:
        return [name for name in SHOWN if name != self.objective.name]

    def _rows(self) -> list[list[str]]:
        return [
            [
                str(rank) if one.is_judged else "",
                cut(one.name, 30),
                self.objective.shown(one.score) if one.is_judged else "failed" if one.failure else "n/a",
                *(text_of(name, one.figures.get(name, math.nan)) for name in self._shown()),
            ]
            for rank, one in enumerate(self.entries, start=1)
        ]


def figure_text(name: str, value: float | None) -> str:
    """Return a figure of an entry as text, "n/a" for what is not known."""
    return text_of(name, math.nan if value is None else value)


def walk(
    strategies: Iterable[Competitor] | Mapping[str, Competitor],
    bars: Any,
    *,
    objective: Asked = "sharpe",
    progress: Callable[[Standing], object] | None = None,
    **options: Any,
) -> Walk:
    """Run several strategies on one market, one after the other, and rank them by a figure.

    `strategies` is a list (named by class, and by parameters where names meet) or {name: strategy}.
    `objective` is a figure of a sweep's row, one of the trades (`trade_sharpe`, `certainty_ratio`,
    `recovery_factor`, …), or a function, as in `eyas.sweep`; larger is better, "-fees" asks for the least. A
    score that is no finite number never wins. A strategy that fails is told of, and the rest goes on.
    `progress` is called after each with a Standing; when it returns False, or on Ctrl-C, the walk stops with
    what there is. Everything else is as in `eyas.backtest`. Raises DataError for wrong bars, UsageError where
    there is no strategy or two have one name.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         if bar.index == 0:
    ...             self.buy()
    >>> class Turn(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         self.buy() if self.is_flat else self.close()
    >>> found = walk([Hold, Turn], eyas.sample("IBM", "1d"), objective="total_return")
    >>> found.best.name, len(found)
    ('Turn', 2)
    """
    named_ones = by_name(strategies)
    check_options(options)
    bars = bars_once(bars)
    aim = Objective(objective, more=TRADE_FIGURES)
    done: list[Entry] = []
    best: Entry | None = None
    market, stopped = "", False
    for number, (name, strategy) in enumerate(named_ones.items(), start=1):
        try:
            entry = ran(name, strategy, bars, aim, options)
        except KeyboardInterrupt:
            stopped = True
            break
        done.append(entry)
        if entry.report is not None:
            market = entry.report.title.partition(" on ")[2] or "the bars"
        if entry.is_judged and (best is None or entry.score > best.score):
            best = entry
        if progress and progress(Standing(number, len(named_ones), entry, best)) is False:
            stopped = number < len(named_ones)
            break
    # The first of equals is the better: a stable order.
    ranked = sorted(done, key=lambda one: -one.score if one.is_judged else math.inf)
    return Walk(market or "the bars", aim, tuple(ranked), len(named_ones), stopped)


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse a rule that there is not before any strategy runs: it would make all of them fail."""
    own = inspect.signature(backtest).parameters
    rules = {name: value for name, value in options.items() if name not in own}
    rules_of(options.get("rules")).changed(**rules)


def ran(
    name: str, strategy: Competitor, bars: Any, objective: Objective, options: Mapping[str, Any]
) -> Entry:
    """Run one strategy; one that fails, whoever is at fault but the data, comes back with the reason."""
    parameters = dict(getattr(strategy, "parameters", {})) if not isinstance(strategy, type) else {}
    try:
        report = backtest(strategy, bars, **options)
        figures = figures_of(report) | trade_figures(report)
        score = objective.of_report(report) if objective.of_whole else objective.of_figures(figures)
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - an objective of a user's may raise anything
        why = str(error) if isinstance(error, EyasError) else f"{type(error).__name__}: {error}"
        return Entry(name, parameters, math.nan, {}, None, why)
    return Entry(name, parameters, float(score), figures, report)


def by_name(strategies: Iterable[Competitor] | Mapping[str, Competitor]) -> dict[str, Competitor]:
    """Return strategies by name; raises UsageError for none, for what is none, and for a name twice."""
    if isinstance(strategies, Mapping):
        found = list(strategies.items())
    elif isinstance(strategies, Strategy | Signals | type):
        raise UsageError("walk compares several strategies: give a list of them, or {name: strategy, …}")
    else:
        listed = list(strategies)
        counts = Counter(class_name(one) for one in listed)
        found = [(class_name(one) if counts[class_name(one)] == 1 else full_name(one), one) for one in listed]
    if not found:
        raise UsageError("there is no strategy to compare: give a list of strategies, or {name: strategy, …}")
    for name, one in found:
        if not isinstance(one, Strategy | Signals) and not (
            isinstance(one, type) and issubclass(one, Strategy)
        ):
            raise UsageError(f"{name} is no eyas.Strategy and no eyas.Signals, but {type(one).__name__}")
    for name, count in Counter(name for name, _ in found).items():
        if count > 1:
            raise UsageError(f"two strategies are called {name}: give them names, {{'one': …, 'two': …}}")
    return dict(found)


def class_name(strategy: Any) -> str:
    """Return the name of a strategy's class, or of signals."""
    if isinstance(strategy, Signals):
        return strategy.name
    return strategy.__name__ if isinstance(strategy, type) else type(strategy).__name__


def full_name(strategy: Any) -> str:
    """Return the name of a strategy's class with the parameters."""
    own = {} if isinstance(strategy, Signals | type) else strategy.parameters
    return f"{class_name(strategy)}({named(dict(own))})" if own else class_name(strategy)


def times(report: Report | None) -> tuple[int | None, int | None]:
    """Return when the first trade began and the last one ended, in nanoseconds."""
    if report is None or not len(report.trades):
        return None, None
    journal = report.journal
    filled, closed = journal.where("filled"), journal.where("closed")
    time = journal.records["time_ns"]
    return int(time[filled].min()), int(time[closed].max())
