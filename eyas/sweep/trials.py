"""Run many parameter sets of one strategy over one market, as fast as the strategy allows."""

from __future__ import annotations

import copy
import hashlib
import pickle
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from eyas import model
from eyas.backtest import own_copy
from eyas.engine import Chosen, fastest_engine_of
from eyas.errors import DataError, StrategyError, UsageError
from eyas.indicators import Memo, shared
from eyas.model import iso
from eyas.parameters import check_parameters
from eyas.run import Run, failed_early, market_bars, signals_of
from eyas.session import Session
from eyas.sight import Sight
from eyas.strategy import Strategy
from eyas.sweep.figures import COUNT, FAILED, REFUSED, Span, blank_rows, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.compiled import NotCompiled
    from eyas.market import Market
    from eyas.model import Account
    from eyas.reports import Report
    from eyas.rules import Rules
    from eyas.run import Checked
    from eyas.signals import Signals

SENTENCE_MAX = 500
IN_PYTHON = "ran in Python"
TOGETHER = 32
SWITCH_S = 0.0002
CONVERTED = (
    "net_profit",
    "average_trade",
    "best_trade",
    "worst_trade",
    "win_rate",
    "profit_factor",
    "fees",
    "charges",
)


@dataclass(slots=True)
class Batch:
    """Hold trials that run together without Python: their places among the rows, accounts and orders."""

    source: Any
    bars_per_year: float
    places: list[int] = field(default_factory=list)
    accounts: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    _stop: model.Stop = field(default_factory=model.Stop)
    _thread: Thread | None = None
    _found: Any = None
    _error: BaseException | None = None

    def begun(self) -> Batch:
        """Run it in a thread of its own."""
        self._thread = Thread(target=self._run)
        self._thread.start()
        return self

    def result(self) -> Any:
        """Return what `run_trials` gave: figures, digests, what failed."""
        if self._thread:
            self._thread.join()
        else:
            self._run()
        if self._error:
            raise self._error
        return self._found

    def stop(self) -> None:
        """End it where it is: nobody waits for it any more."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self._found = model.run_trials(
                self.source,
                self.accounts,
                self.asked,
                bars_per_year=self.bars_per_year,
                stop=self._stop,
            )
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._error = error


@contextmanager
def switching_soon() -> Iterator[None]:
    """Let a thread that has left Python come back soon: it is about to leave again, for much longer."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class Trials:
    """Hold a strategy and its market, and run it with one set of parameters after another.

    `strategy` is a class, or a strategy whose parameters are those that no trial says. `cash` is decimal
    text. `engine` is python, arrays, compiled or auto, the fastest that can be; `engine_reason` says why.
    """

    def __init__(
        self,
        strategy: Strategy | type[Strategy],
        market: Market,
        rules: Rules,
        cash: str,
        checked: Checked,
        engine: str = "auto",
    ) -> None:
        self.strategy = own_copy(strategy)
        self.by_hand = set_by_hand(self.strategy)
        self.declared = self.strategy.parameters_declared
        self.market = market
        self.rules = rules
        self.cash = cash
        self.checked = checked
        self.span = Span.of(market.time)
        self.memo = market.memo = Memo()
        for one in market.bars:
            self.memo.keep(one)
        self.template = Session(Strategy(), market, rules, cash).account
        self.may_run_in_python = engine == "auto"
        self.engine, self.engine_reason = self._chosen(engine)
        self.messages: dict[int, str] = {}

    @property
    def runs_in_threads(self) -> bool:
        """Whether trials need no Python from their first bar to their last."""
        # Money of several currencies is converted where reports are made.
        in_one_go = len(self.market.parts) == 1 and not self.rules.pricing(self.market.symbols)
        return self.engine == "compiled" or (self.engine == "arrays" and in_one_go)

    def run(self, parameters: Sequence[Mapping[str, Any]], *, threads: int = 1) -> NDArray[np.void]:
        """Return a row of TRIAL_DTYPE for each set of parameters; `messages` says why some came to nothing.

        `threads` serve the engines that need no Python on the way. Raises DataError where the bars are wrong.
        """
        self.messages = {}
        with shared(self.memo):
            if self.runs_in_threads:
                return self._run_in_threads(parameters, threads)
            rows = blank_rows(len(parameters), REFUSED)
            for place, given in enumerate(parameters):
                self.run_one(rows, place, given)
        return rows

    def report(self, parameters: Mapping[str, Any]) -> Report:
        """Run one set of parameters and return its whole report."""
        run, _, _ = self.ended(parameters)
        return run.report(len(self.market))

    def ended(self, parameters: Mapping[str, Any]) -> tuple[Run, Session, str]:
        """Run one set of parameters to its last bar; the sentence says why it was in Python after all, or "".

        What a strategy has made at its start may be nothing that a program can hold.
        """
        run = self.whole(self.made(parameters))
        try:
            return run, run.to_the_last_bar(), ""
        except UsageError as error:
            sentence = self._why_in_python(error)
        run = self.whole(self.made(parameters), "python")
        return run, run.to_the_last_bar(), sentence

    def made(self, parameters: Mapping[str, Any]) -> Strategy:
        """Return a strategy of a trial's own; raises UsageError for parameters that it refuses."""
        given = {**self.strategy.parameters, **parameters}
        cls = type(self.strategy)
        if self.by_hand is not None:
            made = cls(**given)
            for name in self.by_hand:
                setattr(made, name, copy.deepcopy(getattr(self.strategy, name)))
            return made
        made = copy.deepcopy(self.strategy)
        for name, value in check_parameters(cls.__name__, self.declared, given).items():
            setattr(made, name, value)
        return made

    def whole(self, strategy: Strategy, engine: str = "") -> Run:
        """Return the run of a trial, before its first bar."""
        way = engine or self.engine
        return Run(strategy, None, self.market.again(), self.rules, self.cash, self.checked, way)

    def row(self, run: Run, session: Session) -> np.void:
        """Return the row of a run that has ended."""
        account = session.account
        figures = model.trial_figures(account, session.equity, self.span.bars_per_year)
        digest = hashlib.sha256(account.journal()).digest()
        row: np.void = rows_of(np.array([figures]), digest, self.span)[0]
        if self.rules.pricing(self.market.symbols):
            summary = run.report(len(self.market)).summary
            for name in CONVERTED:
                value = getattr(summary, name)
                row[name] = np.nan if value is None else value
        return row

    def tell(self, rows: NDArray[np.void], place: int, error: BaseException) -> None:
        """Record why a trial came to nothing: its parameters were refused, or it failed."""
        cause = error.__cause__ if isinstance(error, StrategyError) else error
        early = not isinstance(error, StrategyError) or error.bar_index is None
        rows[place]["status"] = REFUSED if early and isinstance(cause, UsageError) else FAILED
        named = isinstance(error, UsageError | StrategyError)
        # The exit of a strategy is its own: it may not end the sweep.
        text = str(error) if named else f"{type(error).__name__}: {error}"
        self.messages[place] = text[:SENTENCE_MAX]

    def _chosen(self, engine: str) -> Chosen:
        chosen = fastest_engine_of(self.strategy, engine)
        what = "finer bars" if any(self.market.finer) else "an extra" if self.market.extra else ""
        if chosen.engine == "arrays" and what:
            raise UsageError(
                f"signals are decided before the run and see no {what}: write on_bar, or leave it out"
            )
        return self._tried(chosen, engine) if chosen.engine == "compiled" else chosen

    def _tried(self, chosen: Chosen, engine: str) -> Chosen:
        """Bind a program once, since some things are known only when a strategy has started."""
        from eyas.compiled import NotCompiled

        try:
            self._started(self.made({}))
        except NotCompiled as error:
            if engine == "compiled":
                raise
            return Chosen("python", error.sentence)
        except Exception:  # noqa: BLE001 - what a strategy refuses is told of its trials
            return chosen
        return chosen

    def _run_in_threads(self, parameters: Sequence[Mapping[str, Any]], threads: int) -> NDArray[np.void]:
        """Run trials without Python, some at a time on each core; meanwhile the next are prepared."""
        rows = blank_rows(len(parameters), REFUSED)
        size = max(1, min(TOGETHER, -(-len(parameters) // max(1, threads))))
        running: deque[Batch] = deque()
        with switching_soon():
            try:
                for first in range(0, len(parameters), size):
                    last = min(first + size, len(parameters))
                    batch = self._prepared(rows, parameters, range(first, last))
                    # A thread is worth its start where there is something to do meanwhile.
                    alone = not running and last == len(parameters)
                    running.append(batch if alone else batch.begun())
                    self._keep_all_but(threads, rows, running)
                self._keep_all_but(0, rows, running)
            except BaseException:
                for batch in running:
                    batch.stop()
                raise
        return rows

    def _prepared(
        self, rows: NDArray[np.void], parameters: Sequence[Mapping[str, Any]], places: range
    ) -> Batch:
        """Return some trials, ready to run; what is refused before its first bar is told at once."""
        prepare = self._asked if self.engine == "arrays" else self._started
        batch = Batch(self.market.parts[0].source, self.span.bars_per_year)
        for place in places:
            try:
                account, asks = prepare(self.made(parameters[place]))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a strategy may raise anything
                if self.may_run_in_python and is_not_compiled(error):
                    self.run_one(rows, place, parameters[place])
                else:
                    self.tell(rows, place, error)
                continue
            batch.places.append(place)
            batch.accounts.append(account or self.template)
            batch.asked.append(asks)
        return batch

    def _asked(self, strategy: Strategy) -> tuple[None, Any]:
        """Return what a trial asks for up front; it has no account of its own yet."""
        counts = [len(one) for one in self.market.bars]
        columns = self._signals(strategy, market_bars(self.market)).columns(self.market.symbols, counts)
        return None, columns if self.market.is_portfolio else columns[0] or NOTHING_ASKED

    def _started(self, strategy: Strategy) -> tuple[Account, Any]:
        """Let a strategy start, and return its account and its program."""
        from eyas.compiled import Stage, compiled

        # A program moves nothing that Python sees: all trials look at one market, before its first bar.
        account, sight = self.template.copy(), Sight(self.market)
        sight.now = lambda: self.market.first_time
        try:
            strategy.bind(account, sight)
            strategy.on_start()
        except Exception as error:
            raise failed_early(type(strategy).__name__, error) from error
        sight.seal()
        return account, compiled(strategy).bind(strategy, Stage(self.market, self.market.histories[0]))

    def _signals(self, strategy: Strategy, bars: Any) -> Signals:
        """Return the signals of one trial; one that writes into an indicator gets indicators of its own."""
        try:
            return signals_of(strategy, bars)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
        with shared(None):
            return signals_of(strategy, bars)

    def _keep_all_but(self, count: int, rows: NDArray[np.void], running: deque[Batch]) -> None:
        """Wait for the oldest batches until only some are running, and keep their rows."""
        while len(running) > count:
            self._keep(rows, running[0])
            running.popleft()

    def _keep(self, rows: NDArray[np.void], batch: Batch) -> None:
        """Put the rows of trials into their places, once they are there."""
        figures, digests, failed = batch.result()
        places = batch.places
        table = np.frombuffer(figures, dtype=np.float64).reshape(len(places), COUNT)
        rows[places] = rows_of(table, digests, self.span)
        for number, bar, is_bar, why in failed:
            if is_bar:
                raise DataError(f"{self.market.bars[0].source or 'the data'}: bar {bar}: {why}")
            place = places[number]
            rows[place] = blank_rows(1, FAILED)[0]
            name = type(self.strategy).__name__
            when = f"bar {bar} ({iso(self.market.time[bar])})"
            self.messages[place] = f"{name} failed on {when}: {why}"[:SENTENCE_MAX]

    def run_one(self, rows: NDArray[np.void], place: int, given: Mapping[str, Any]) -> Run | None:
        """Run one trial, put its row into its place, and return the run, None where there is none."""
        try:
            run, session, sentence = self.ended(given)
        except DataError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a strategy may raise anything
            self.tell(rows, place, error)
            return None
        rows[place] = self.row(run, session)
        if sentence:
            self.messages[place] = sentence
        return run

    def _why_in_python(self, error: UsageError) -> str:
        """Return why a trial runs in Python after all; raises the error where it may not, or is another."""
        if not (self.may_run_in_python and is_not_compiled(error)):
            raise error
        return f"{IN_PYTHON}: {error.sentence}"[:SENTENCE_MAX]


def is_not_compiled(error: BaseException) -> TypeGuard[NotCompiled]:
    """Whether an error says that a strategy cannot be compiled."""
    from eyas.compiled import NotCompiled

    return isinstance(error, NotCompiled)


def set_by_hand(strategy: Strategy) -> list[str] | None:
    """Return what a strategy holds beside what it makes of its parameters; None where that cannot be told."""
    try:
        made = vars(type(strategy)(**strategy.parameters))
    except Exception:  # noqa: BLE001 - it is made in a way of its own
        return None
    own = {name: value for name, value in vars(strategy).items() if name not in strategy.parameters_declared}
    return [name for name, value in own.items() if name not in made or not is_same(value, made[name])]


def is_same(value: Any, other: Any) -> bool:
    """Whether two attributes are alike; those that cannot say so are told apart by their type."""
    try:
        return type(value) is type(other) and pickle.dumps(value) == pickle.dumps(other)
    except Exception:  # noqa: BLE001 - what cannot be pickled was made by the strategy itself
        return type(value) is type(other)


NOTHING_ASKED = {
    "entries": np.zeros(1, dtype=np.int8),
    "exits": np.zeros(1, dtype=np.int8),
    "size_name": "fraction",
    "sizes": np.full(1, np.nan),
    "stop_loss": np.full(1, np.nan),
    "take_profit": np.full(1, np.nan),
    "rank": np.zeros(1),
}
