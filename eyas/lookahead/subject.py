"""What is checked: a strategy, signals, or a function that makes either from bars; and one run of it."""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from eyas.backtest import backtest, own_copy
from eyas.engine import engine_of
from eyas.errors import EyasError, StrategyError, UsageError
from eyas.lookahead.feed import Feed
from eyas.lookahead.recording import Decision, Recorder, watched
from eyas.lookahead.tables import table_of
from eyas.model import Bars, LookAheadError
from eyas.reports import Report
from eyas.run import signals_of
from eyas.signals import Signals
from eyas.strategy import Strategy

REFUSED = re.compile(
    r"(?P<label>.*) looks ahead: at bar (?P<row>\d+) it gives (?P<full>\S+), but (?P<less>\S+) when"
)
AfterStart = Callable[[Strategy], object]


class Column(NamedTuple):
    """Hold one named column of a run: of which symbol, when each row is known, and when its bar opened.

    `is_judged` where the strategy goes by it: an indicator of `use`, or an array of signals. Others are
    shown, not judged. The lower its `rank`, the nearer it is to a cause.
    """

    name: str
    symbol: str
    values: np.ndarray[Any, Any]
    known: np.ndarray[Any, Any]
    time: np.ndarray[Any, Any]
    is_judged: bool = True
    rank: int = 0


@dataclass
class Trace:
    """Hold what one run asked for and computed; `error` is what ended it early."""

    decisions: list[Decision] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    strategy: Strategy | Signals | None = None
    report: Report | None = None
    error: Exception | None = None
    failed_step: int | None = None

    @property
    def cause(self) -> BaseException | None:
        """The strategy's own error."""
        return self.error.__cause__ or self.error if self.error else None

    @property
    def refusal(self) -> re.Match[str] | None:
        """What eyas said of an indicator that it refused as one that looks ahead."""
        return REFUSED.match(str(self.cause)) if isinstance(self.cause, UsageError) else None

    @property
    def read_the_future(self) -> bool:
        """Whether it was stopped reading a series later than now."""
        return isinstance(self.cause, LookAheadError)


class Subject:
    """Run what is checked, over whatever data, and keep what it asks for."""

    def __init__(self, given: Any, settings: Mapping[str, Any], quality: Any = None) -> None:
        is_class = isinstance(given, type) and issubclass(given, Strategy)
        self.settings = dict(settings)
        if is_class or isinstance(given, Strategy):
            own = own_copy(given)
            if engine_of(own, self.settings.get("engine", "auto")).engine == "arrays":
                given, is_class = UpFront(own), False
                self.settings.pop("engine", None)
        self.given = given
        self.is_factory = not (is_class or isinstance(given, Strategy | Signals))
        if self.is_factory and not callable(given):
            raise UsageError(
                "a check takes a strategy, Signals, or a function that makes either from bars, not "
                f"{type(given).__name__}"
            )
        self.is_arrays = isinstance(given, Signals)
        self.quality = quality
        self.runs = 0

    @property
    def name(self) -> str:
        """What is checked is called so."""
        if isinstance(self.given, Signals):
            return self.given.name
        named = self.given if hasattr(self.given, "__name__") else type(self.given)
        return str(named.__name__)

    def run(self, feed: Feed, *, after_start: AfterStart | None = None, progress: Any = None) -> Trace:
        """Run once; what the strategy raises is in the trace, what is wrong with call or data is raised."""
        self.runs += 1
        # The data were judged once, and whatever is made of them is not judged again.
        self.settings["quality"] = self.quality if self.runs == 1 else "off"
        frame: dict[str, Any] = {}
        try:
            made = self.make(feed, frame)
        except Exception as error:
            if not self.is_factory or isinstance(error, NotMadeError):
                raise
            return Trace(error=error)
        shown = list(columns_in(frame, feed)) if frame else []
        if isinstance(made, Signals):
            return self.run_signals(made, feed, shown)
        recorder = Recorder(after_start)
        strategy = watched(own_copy(made), recorder)
        trace = Trace(strategy=strategy)
        try:
            trace.report = backtest(strategy, **feed.keywords, **self.settings, progress=progress)
        except StrategyError as error:
            trace.error, trace.failed_step, trace.report = error, error.bar_index, error.report
        trace.decisions = recorder.decisions
        trace.strategy = recorder.strategy or strategy
        trace.columns = [*indicators_of(recorder), *shown]
        return trace

    def make(self, feed: Feed, frame: dict[str, Any]) -> Strategy | type[Strategy] | Signals:
        """Return what runs; of a function its local variables go into `frame`."""
        if not self.is_factory:
            return self.given  # type: ignore[no-any-return]
        given = [feed.in_columns if isinstance(self.given, UpFront) else feed.as_given]
        if wanted_count(self.given) > 1:
            given.append(feed.extra or {})
        with locals_of(self.given, frame):
            made = self.given(*given)
        is_class = isinstance(made, type) and issubclass(made, Strategy)
        if not is_class and not isinstance(made, Strategy | Signals):
            raise NotMadeError(
                f"{self.name} returned {type(made).__name__}, but what is checked must make an eyas.Strategy "
                "or eyas.Signals from bars"
            )
        return made  # type: ignore[no-any-return]

    def run_signals(self, signals: Signals, feed: Feed, shown: list[Column]) -> Trace:
        """Return what arrays ask for; the market decides nothing of it, so that only whole data are run."""
        trace = Trace(strategy=signals)
        market = feed.market
        try:
            asked = signals.columns(market.symbols, [len(one) for one in market.bars])
            if self.runs == 1:
                # Arrays are decided before the run: an extra went into them, and not into the run.
                given = feed.keywords
                if self.is_factory:
                    given.pop("extra", None)
                trace.report = backtest(signals, **given, **self.settings)
        except EyasError as error:
            trace.error = error
            return trace
        found: list[Decision] = []
        for place, (symbol, columns) in enumerate(zip(market.symbols, asked, strict=True)):
            if columns is not None:
                found += signal_decisions(columns, symbol, market.steps(place), market.closes[place])
                named = symbol if market.is_portfolio else ""
                trace.columns += signal_columns(columns, named, market.bars[place], market.closes[place])
        trace.decisions = sorted(found, key=lambda one: (one.step, one.verb != "close"))
        trace.columns += shown
        return trace


class UpFront:
    """Call the signals of a strategy that says its orders up front, as a function that is given bars."""

    def __init__(self, strategy: Strategy) -> None:
        self.__name__ = type(strategy).__name__
        self.strategy = strategy
        self.func = strategy.signals

    def __call__(self, bars: Bars | Mapping[str, Bars]) -> Signals:
        """Return what a fresh copy of the strategy says."""
        return signals_of(copy.deepcopy(self.strategy), bars)


class NotMadeError(UsageError):
    """Say that a function made nothing that can be run."""


def signal_decisions(columns: dict[str, Any], symbol: str, steps: Any, known: Any) -> Iterator[Decision]:
    """Yield what arrays ask for, as decisions."""
    count = len(steps)

    def whole(name: str) -> Any:
        return np.broadcast_to(columns[name], (count,))

    entries, exits, size = whole("entries"), whole("exits"), columns["size_name"]
    options = {"sizes": size, "stop_loss": "stop_loss", "take_profit": "take_profit", "rank": "rank"}
    values = {name: whole(name) for name in options}
    for row in np.flatnonzero((entries != 0) | (exits != 0)).tolist():
        at = int(steps[row]), int(known[row]), symbol
        if exits[row]:
            yield Decision(*at, "close", ())
        if entries[row]:
            said = [(word, float(values[name][row])) for name, word in options.items()]
            asked = tuple(
                (word, value) for word, value in said if value == value and (word, value) != ("rank", 0.0)
            )
            yield Decision(*at, "buy" if entries[row] > 0 else "sell", asked)


def signal_columns(columns: dict[str, Any], symbol: str, bars: Bars, known: Any) -> Iterator[Column]:
    """Yield arrays that hold one value a bar; a value that nothing asks for is left out."""
    count = len(bars)
    asked = np.broadcast_to(columns["entries"] != 0, (count,))
    for name in ("entries", "exits", "sizes", "stop_loss", "take_profit", "rank"):
        values = columns[name]
        if len(values) == count:
            is_option = name not in ("entries", "exits")
            judged = np.where(asked, values, np.nan) if is_option else values.astype(np.float64)
            label = columns["size_name"] if name == "sizes" else name
            yield Column(label, symbol, judged, known, bars.time, rank=2)


def indicators_of(recorder: Recorder) -> Iterator[Column]:
    """Yield what `use` computed, of each instrument, timeframe and extra, with the time when it is known."""
    for group in recorder.groups:
        several = not recorder.sight.is_alone and group.place >= 0
        symbol = recorder.sight.symbols[group.place] if several else ""
        prefix = group.prefix.removeprefix(f"{symbol} ") if symbol else group.prefix
        for name, values in group.indicators.items():
            yield Column(prefix + name, symbol, np.asarray(values), group.known, group.time)


def columns_in(frame: Mapping[str, Any], feed: Feed) -> Iterator[Column]:
    """Yield the columns, one value a bar, among named values: local variables, or those of a closure."""
    market = feed.market
    for name, value in frame.items():
        table = None if isinstance(value, Bars) else table_of(value)
        places = [place for place, one in enumerate(market.bars) if table and len(table) == len(one)]
        if table is None or not places:
            continue
        bars, known = market.bars[places[0]], market.closes[places[0]]
        symbol = market.symbols[places[0]] if market.is_portfolio else ""
        for column, values in table.columns.items():
            if tells_nothing(values, bars):
                continue
            inside = column if column.startswith("[") else f"[{column!r}]" if column else ""
            floats = values.astype(np.float64)
            yield Column(name + inside, symbol, floats, known, bars.time, is_judged=False, rank=1)


def tells_nothing(values: np.ndarray[Any, Any], bars: Bars) -> bool:
    """Tell whether a column is one of the bars' own, or numbers of rows: where to look, not what is there."""
    of_bars = (getattr(bars, name) for name in bars.columns)
    if values.dtype.kind not in "biuf" or any(np.array_equal(values, one) for one in of_bars):
        return True
    count = len(values)
    return values.dtype.kind in "iu" and bool(values.min() >= -1 and count // 2 <= values.max() <= count)


def wanted_count(factory: Any) -> int:
    """Return how many positional arguments a function can take."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return 1
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in kinds and (one.default is one.empty or one.name == "extra") for one in parameters)


@contextmanager
def locals_of(factory: Any, frame: dict[str, Any]) -> Iterator[None]:
    """Put the local variables of a function, as they are when it returns, into `frame`."""
    code = code_of(factory)
    before = sys.getprofile()
    if code is None or before is not None:
        yield
        return

    def watch(at: FrameType, event: str, _: Any) -> None:
        if event == "return" and at.f_code is code:
            frame.update(at.f_locals)

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)


def code_of(factory: Any) -> CodeType | None:
    """Return the code of a function, of what a partial calls, or of an object that is called."""
    while hasattr(factory, "func"):
        factory = factory.func
    for one in (factory, vars(type(factory)).get("__call__")):
        code = getattr(inspect.unwrap(one), "__code__", None) if callable(one) else None
        if isinstance(code, CodeType):
            return code
    return None
