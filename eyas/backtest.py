"""Run a strategy over history and report what it did."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation, localcontext
from difflib import get_close_matches
from time import perf_counter
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from eyas import model
from eyas.data import bars as bars_of
from eyas.errors import DataError, EyasError, StrategyError, UsageError
from eyas.journal import Journal
from eyas.model import PRICE_COLUMNS, Bars, iso
from eyas.parameters import check_parameters
from eyas.reports import Report
from eyas.rules import RuleChanges, Rules
from eyas.session import Session, overridden
from eyas.signals import Signals
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from eyas.rules import Number

Progress = Callable[[int, int], object]
HOOK_NAMES = ("on_start", "on_bar", "on_fill", "on_refusal", "on_end")
PRICE_UNITS_MAX = 2**61  # as in kernel/src/number.rs
ROUGH = 1e-3  # of a unit: more than the noise of a float
UNSEEN = 1e-6  # of a price: what rounding may change where there are decimals enough
FIRST_CHUNK_BARS = 8
CHUNK_S = 0.05  # between two calls of `progress`, about
CASH_MIN, CASH_MAX = Decimal("1e-16"), Decimal("1e20")


def backtest(
    strategy: Strategy | type[Strategy] | Signals,
    bars: Any,
    *,
    cash: Number | str = 10_000,
    rules: Rules | None = None,
    progress: Progress | None = None,
    **changes: Unpack[RuleChanges],
) -> Report:
    """Run a strategy over bars and report what it did.

    `bars` is what `eyas.bars` takes: a file, a frame, arrays. `cash` is money to start with. `rules`
    is the market (default rules when None), and every rule can be changed by keyword:
    `fee_rate=0.001`, `tie="target"`. `progress` is called with bars done and bars in all. The strategy
    runs as a copy, so the same object can be run again. Raises DataError, UsageError, and StrategyError
    when the strategy fails (with the report up to there).

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy()
    >>> eyas.backtest(Hold(), eyas.sample("AAPL", "1d")).summary.trades
    1
    """
    columns = bars_of(bars)
    if len(columns) < 2:
        count = "no bars" if not len(columns) else "one bar"
        where = columns.source or "the data"
        raise DataError(f"{where} has {count}: a backtest needs two, since orders fill on the bar after")
    if rules is not None and not isinstance(rules, Rules):
        raise UsageError(f"rules is of type {type(rules).__name__}, but must be an eyas.Rules(...) or None")
    market = (rules or Rules()).changed(**changes)
    if market.matching != "here":
        raise UsageError("a backtest is its own market: matching must be here")
    check_scale(columns, market.price_decimals)
    run = Run(strategy, columns, market, cash_text(cash))
    return run.to_the_end(progress)


def check_scale(bars: Bars, decimals: int) -> None:
    """Refuse prices that do not fit the decimals that the rules keep, or would lose some of theirs."""
    where = bars.source or "the data"
    highest = float(bars.high.max())
    largest = PRICE_UNITS_MAX / 10**decimals
    if highest > largest:
        raise DataError(
            f"{where}: a price of {highest:g} is too large for price_decimals={decimals}, which leaves room "
            f"up to {largest:g}; use fewer decimals"
        )
    fine = decimals >= Rules().price_decimals
    if fine and float(bars.low.min()) * 10.0**decimals * UNSEEN >= 1:
        return  # rounding to the last decimal cannot be seen in any price
    for name in PRICE_COLUMNS:
        scaled = getattr(bars, name) * 10.0**decimals
        rough = np.flatnonzero(np.abs(scaled - np.rint(scaled)) > (scaled * UNSEEN if fine else ROUGH))
        if len(rough):
            row = int(rough[0])
            raise DataError(
                f"{where} bar {row} ({iso(bars.time[row])}): {name} {getattr(bars, name)[row]} has more than "
                f"price_decimals={decimals} decimals; use more decimals, so that no price is rounded"
            )


class Run:
    """Carry one backtest from its first bar to its report."""

    def __init__(
        self, strategy: Strategy | type[Strategy] | Signals, bars: Bars, rules: Rules, cash: str
    ) -> None:
        self.signals = strategy if isinstance(strategy, Signals) else None
        self.session = Session(own_copy(strategy), bars, rules, cash)
        self.parameters = self.session.strategy.parameters
        self.rules = rules
        self.cash = cash

    def to_the_end(self, progress: Progress | None) -> Report:
        """Run every bar and return the report."""
        session = self.session
        count = len(session.bars)
        with self.blaming():
            session.start()
        if self.signals:
            with self.blaming():
                columns = self.signals.columns(count)
                model.pump_signals(session.account, session.history, session.equity, **columns)
                # Nobody listens to arrays, so nothing that has happened is left to be handed on.
                session.delivered = session.account.event_count
        else:
            for first, last in chunks(count) if progress else [(0, count)]:
                with self.blaming():
                    session.run(first, last)
                if progress:
                    progress(last, count)
        with self.blaming():
            session.finish()
        return self.report(count)

    @contextmanager
    def blaming(self) -> Iterator[None]:
        """Say of an error inside whose fault it is: the data's or the strategy's."""
        try:
            yield
        except model.BarError as error:
            raise DataError(f"{self.session.bars.source or 'the data'}: {error}") from None
        except Exception as error:
            raise self.failure(error) from error

    def failure(self, error: Exception) -> EyasError:
        """Return the error that says on which bar the strategy failed, with the report so far."""
        session = self.session
        now = session.history.cursor
        name = type(session.strategy).__name__
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        if self.signals and isinstance(error, EyasError):
            return error
        if now < 0:
            return StrategyError(f"{name} failed before the first bar: {what}", bar_index=None, report=None)
        time = iso(session.bars.time[now])
        session.equity[now] = session.account.equity
        return StrategyError(
            f"{name} failed on bar {now} ({time}): {what}", bar_index=now, report=self.report(now + 1)
        )

    def report(self, count: int) -> Report:
        """Return the report over the first `count` bars."""
        session = self.session
        return Report(
            strategy=self.signals.name if self.signals else type(session.strategy).__name__,
            parameters=self.parameters,
            bars=session.bars[:count],
            rules=self.rules,
            cash=self.cash,
            journal=Journal(session.account.journal(), price_decimals=self.rules.price_decimals),
            curve=session.equity[:count],
            trade_figures=session.account.trade_figures(),
            indicators={name: values[:count] for name, values in session.indicators.items()},
        )


def chunks(count: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of bars that take about CHUNK_S each: progress moves, whether a bar takes long or not."""
    first, size = 0, FIRST_CHUNK_BARS
    while first < count:
        last = min(first + size, count)
        started = perf_counter()
        yield first, last
        took = perf_counter() - started
        if took > CHUNK_S:
            size = max(1, size // 2)
        elif took < CHUNK_S / 2:
            size *= 2
        first = last


def own_copy(strategy: Strategy | type[Strategy] | Signals) -> Strategy:
    """Return a strategy of the run's own, so that no run sees what another left behind."""
    if isinstance(strategy, Signals):
        return Strategy()
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        strategy = strategy()
    if not isinstance(strategy, Strategy):
        raise UsageError(f"a backtest runs an eyas.Strategy or eyas.Signals, not {type(strategy).__name__}")
    check_hooks(strategy)
    # A parameter may have been set by hand since the strategy was made.
    check_parameters(type(strategy).__name__, strategy.parameters_declared, strategy.parameters)
    try:
        return copy.deepcopy(strategy)
    except Exception as error:
        raise UsageError(
            f"{type(strategy).__name__} holds something that cannot be copied ({error}); make it in on_start"
        ) from error


def check_hooks(strategy: Strategy) -> None:
    """Refuse a strategy whose hook bears a name that is only nearly right, so that nothing calls it."""
    name = type(strategy).__name__
    if any(overridden(strategy, hook) for hook in HOOK_NAMES):
        return
    own = [word for word in dir(type(strategy)) if not hasattr(Strategy, word)]
    near = [word for word in own if word == "next" or get_close_matches(word, HOOK_NAMES, n=1, cutoff=0.7)]
    if near:
        raise UsageError(f"{name} has no on_bar, so it would never do anything; is {near[0]} meant to be it?")


def cash_text(cash: Any) -> str:
    """Return an amount of cash as exact decimal text, or raise UsageError."""
    try:
        amount = Decimal(str(cash))
    except (InvalidOperation, ValueError):
        raise UsageError(f"cash is {cash!r}, but must be a number above 0") from None
    if not amount.is_finite() or amount <= 0:
        raise UsageError(f"cash is {cash}, but must be a number above 0")
    if amount > CASH_MAX:
        raise UsageError(f"cash is {cash}, but must be at most 1e20")
    with localcontext(prec=60):
        amount = amount.quantize(CASH_MIN)
    if amount < CASH_MIN:
        raise UsageError(f"cash is {cash}, but must be at least 1e-16")
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".")
