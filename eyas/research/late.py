"""Run a strategy that knows the past from its first bar on, and decides only from a later one.

What it has computed in `on_start` is warm then, since it was computed over the history too; what it would
have gathered in `on_bar` is not, since `on_bar` is first called for the first bar that it may decide on.
Nothing later than the last bar is handed over at all, so nothing can leak from there.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from eyas.backtest import backtest, checked_of
from eyas.errors import UsageError
from eyas.loading import instruments_of, market_of
from eyas.model import Bars
from eyas.parameters import check_parameters
from eyas.reports.remarks import remarks_on_data
from eyas.session import overridden
from eyas.signals import Signals
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.journal import Journal
    from eyas.reports import Report
    from eyas.rules import Rules

ASKING = ("on_bar", "on_step", "signals")
END = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Markets:
    """Hold the bars of a study by symbol, and the clock over them: when any bar opens."""

    bars: Mapping[str, Bars]
    finer: Mapping[str, Bars]
    clock: NDArray[np.int64]

    @classmethod
    def of(cls, bars: Any, finer: Any = None) -> Markets:
        """Read what a backtest takes as bars, and as finer bars."""
        found = instruments_of(bars)
        if not found:
            raise UsageError("there are no bars to study: give bars, or {symbol: bars, …}")
        alone = next(iter(found)) if len(found) == 1 else None
        inside = {} if finer is None else instruments_of(finer)
        if alone is not None and len(inside) == 1:
            inside = {alone: next(iter(inside.values()))}
        times = [one.time for one in found.values()]
        clock = times[0] if len(times) == 1 else np.unique(np.concatenate(times))
        return cls(found, inside, clock)

    def time(self, row: int) -> int:
        """Return when a row of the clock begins; the row after the last never does."""
        return int(self.clock[row]) if row < len(self.clock) else int(END)

    def between(self, first: int, last: int) -> dict[str, Any]:
        """Return the bars of rows [first, last) of the clock, as a backtest takes them.

        A symbol that has fewer than two bars there is left out.
        """
        start, end = self.time(first), self.time(last)
        found = {symbol: within(one, start, end) for symbol, one in self.bars.items()}
        kept = {symbol: one for symbol, one in found.items() if len(one) > 1}
        if not kept:
            raise UsageError(f"there are no two bars between rows {first:,} and {last:,} of the data")
        inside = {symbol: within(self.finer[symbol], start, end) for symbol in kept if symbol in self.finer}
        bars = next(iter(kept.values())) if len(self.bars) == 1 else kept
        return {"bars": bars, "finer": inside or None}


def within(bars: Bars, start: int, end: int) -> Bars:
    """Return the bars that open from `start` on and before `end`."""
    first, last = np.searchsorted(bars.time, (start, end)).tolist()
    return bars[first:last]


def run_late(
    strategy: Strategy, markets: Markets, rows: tuple[int, int, int], options: Mapping[str, Any]
) -> tuple[Report, int]:
    """Run a strategy over rows [history, end) that decides from row `first` on: (history, first, end).

    Return its report and the step at which it began to decide. Raises UsageError for a strategy that has
    traded before, by an order in `on_start`: what the history brought would count as if it were not known.
    """
    history, first, end = rows
    begin = markets.time(first)
    given = markets.between(history, end)
    late = deciding_from(strategy, begin) if first > history else strategy
    report = backtest(late, given["bars"], finer=given["finer"], **options)
    # The steps of a portfolio are named by their closes.
    side: Literal["left", "right"] = "left" if report.steps is None else "right"
    step = int(np.searchsorted(report.time, begin, side=side))
    if (report.journal.records["bar"][report.journal.where("filled")] < step).any():
        raise UsageError(
            f"{type(strategy).__name__} trades before the bars that it is judged on, by an order in on_start:"
            " order in on_bar, or give warmup=0"
        )
    return report, step


def deciding_from(strategy: Strategy, begin: int) -> Strategy:
    """Return a copy of a strategy that is not asked before the bars that open at `begin` (nanoseconds)."""
    cls = type(strategy)
    asked = [name for name in ASKING if overridden(strategy, name)]
    for name in asked:
        if name in vars(strategy):
            raise UsageError(f"{cls.__name__}.{name} was set on the strategy itself: write it in its class")
    own = {name: LATE[name](getattr(cls, name), begin) for name in asked}
    late = copy.copy(strategy)
    made: Any = type(cls)
    late.__class__ = made(cls.__name__, (cls,), {"__module__": cls.__module__, **own})
    return late


def late_on_bar(hook: Callable[..., Any], begin: int) -> Callable[..., Any]:
    """Return a hook that is called for the bars alone that open from `begin` on."""

    def on_bar(self: Strategy, bar: Any) -> None:
        if bar.time >= begin:
            hook(self, bar)

    return on_bar


def late_on_step(hook: Callable[..., Any], begin: int) -> Callable[..., Any]:
    """Return a hook that is called for the steps alone that close after `begin`."""

    def on_step(self: Strategy, step: Any) -> None:
        if step.time > begin:
            hook(self, step)

    return on_step


def late_signals(hook: Callable[..., Signals], begin: int) -> Callable[..., Signals]:
    """Return a way to say orders up front that asks for nothing before `begin`."""

    def signals(self: Strategy, bars: Any) -> Signals:
        said: Any = hook(self, bars)
        if not isinstance(said, Signals):
            return cast("Signals", said)  # what runs it says what is wrong
        by_symbol = {"": bars} if isinstance(bars, Bars) else bars
        rows = {symbol: int(np.searchsorted(one.time, begin)) for symbol, one in by_symbol.items()}
        counts = {symbol: len(one) for symbol, one in by_symbol.items()}
        return replace(
            said, entries=blanked(said.entries, rows, counts), exits=blanked(said.exits, rows, counts)
        )

    return signals


LATE: Mapping[str, Callable[..., Any]] = {
    "on_bar": late_on_bar,
    "on_step": late_on_step,
    "signals": late_signals,
}


def blanked(asked: Any, rows: Mapping[str, int], counts: Mapping[str, int]) -> Any:
    """Return what is asked for, with nothing in the first rows of each symbol."""
    if asked is None or asked is False:
        return asked
    if isinstance(asked, Mapping):
        return {
            symbol: blanked(one, {"": rows[symbol]}, {"": counts[symbol]}) for symbol, one in asked.items()
        }
    if len(rows) > 1:  # one number for all of a portfolio
        return {symbol: blanked(asked, {"": rows[symbol]}, {"": counts[symbol]}) for symbol in rows}
    (first,), (count,) = rows.values(), counts.values()
    values = np.asarray(asked)
    values = np.broadcast_to(values, count).copy() if values.size == 1 else values.copy()
    values[:first] = 0
    return values


def judged(
    bars: Any, rules: Rules, finer: Any, extra: Mapping[str, Any] | None, clock: str, quality: Any
) -> tuple[str, ...]:
    """Judge the data of a study once, and return what a reader should know of it; raises DataError."""
    market = market_of(bars, finer, clock, rules, extra)
    found = remarks_on_data(dict(checked_of(market, extra or {}, quality).quality))
    return tuple(remark.replace("report.quality", "eyas.data.check") for remark in found)


def engine_of_one(engine: str) -> str:
    """Return the engine of one late run of what was searched by `engine`: its trades are the same in all.

    What decides late is wrapped, so that it is not compiled.
    """
    return "python" if engine == "compiled" else engine


def with_parameters(strategy: Strategy | type[Strategy], parameters: Mapping[str, Any]) -> Strategy:
    """Return a strategy of its own with other parameters; raises UsageError for what it has not."""
    if isinstance(strategy, type):
        return strategy(**parameters)
    made = copy.deepcopy(strategy)
    values = {**strategy.parameters, **parameters}
    for name, value in check_parameters(
        type(strategy).__name__, strategy.parameters_declared, values
    ).items():
        setattr(made, name, value)
    return made


def cash_at_the_end(journal: Journal) -> str:
    """Return the cash after the last event of a run as exact decimal text: the sum of what moved it.

    At the end of a run nothing is open, so that this is its equity too.
    """
    moved = np.flatnonzero((journal.records["cash_low"] != 0) | (journal.records["cash_high"] != 0))
    total = sum((journal.event(int(row))["cash"] for row in moved), Decimal(0))
    return f"{total:f}"
