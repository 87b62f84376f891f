"""One backtest, from its first bar to its report; and whose fault it is when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from eyas import model
from eyas.errors import DataError, EyasError, StrategyError, UsageError
from eyas.journal import Journal
from eyas.market import Market
from eyas.model import iso
from eyas.reports import Report
from eyas.reports.origin import origin_of
from eyas.rules import Rules
from eyas.session import Session
from eyas.signals import Signals
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from eyas.data.quality import Verdict
    from eyas.data.quality.beside import Beside
    from eyas.model import Bars

Progress = Callable[[int, int], object]
FIRST_CHUNK_BARS = 8
CHUNK_S = 0.05  # between two calls of `progress`, about


class Checked(NamedTuple):
    """Hold the verdicts over the bars of a run by symbol, and what it was given beside them."""

    quality: Mapping[str, Verdict]
    finer: Mapping[str, Beside]
    extra: Mapping[str, Beside]


class Run:
    """Carry one backtest from its first bar to its report; `strategy` is the run's own."""

    def __init__(
        self,
        strategy: Strategy,
        signals: Signals | None,
        market: Market,
        rules: Rules,
        cash: str,
        checked: Checked,
        engine: str = "python",
    ) -> None:
        if (signals or engine == "arrays") and any(market.finer):
            raise UsageError("Signals do not walk through finer bars: write a Strategy, or leave finer out")
        if (signals or engine == "arrays") and market.extra:
            raise UsageError(
                "Signals are decided before the run and see no extra: write a Strategy, or leave extra out"
            )
        self.name = signals.name if signals else type(strategy).__name__
        self.asked: Strategy | Signals = signals or strategy
        self.signals = signals
        self.engine = engine
        self.session = Session(strategy, market, rules, cash)
        self.market = market
        self.parameters = strategy.parameters
        self.rules = rules
        self.cash = cash
        self.checked = checked

    def to_the_end(self, progress: Progress | None) -> Report:
        """Run every bar and return the report."""
        self.to_the_last_bar(progress)
        return self.report(len(self.market))

    def to_the_last_bar(self, progress: Progress | None = None) -> Session:
        """Run every bar, and return the session as it ended."""
        session = self.session
        with self.blaming():
            if self.engine == "arrays" and not self.signals:
                self.signals = signals_of(session.strategy, market_bars(self.market))
            session.start()
        if self.signals:
            with self.blaming():
                self.pump_signals(self.signals)
        elif self.engine == "compiled":
            self.pump_program(progress)
        else:
            self.pump(progress)
        with self.blaming():
            session.finish()
        return session

    def pump(self, progress: Progress | None) -> None:
        """Run every bar, calling the strategy's hooks."""
        count = len(self.market)
        for first, last in chunks(count) if progress else [(0, count)]:
            with self.blaming():
                self.session.run(first, last)
            if progress:
                progress(last, count)

    def pump_program(self, progress: Progress | None) -> None:
        """Run every bar on the program that `on_bar` was compiled to."""
        from eyas.compiled import compiled

        session, count = self.session, len(self.market)
        bound = compiled(session.strategy).bind(session.strategy, session)
        for first, last in chunks(count) if progress else [(0, count)]:
            with self.blaming():
                model.pump_program(session.account, session.history, session.equity, bound, first, last)
            if progress:
                progress(last, count)
        # Nobody listens to a program, so nothing that has happened is left to be handed on.
        session.delivered = session.account.event_count

    def pump_signals(self, signals: Signals) -> None:
        """Run every bar on arrays."""
        session, market = self.session, self.market
        asked = signals.columns(market.symbols, [len(one) for one in market.bars])
        for part in market.parts:
            own = asked if part.instrument < 0 else [asked[part.instrument]]
            model.pump_signals(session.account, part.source, session.equity[part.start : part.end], own)
            # Nobody listens to arrays, so nothing that has happened is left to be handed on.
            session.delivered = session.account.event_count
            session.end_of(part)

    @contextmanager
    def blaming(self) -> Iterator[None]:
        """Say of an error inside whose fault it is: the data's or the strategy's."""
        try:
            yield
        except model.BarError as error:
            raise DataError(f"{self.sources_now()}: {error}") from None
        except Exception as error:
            raise self.failure(error) from error

    def sources_now(self) -> str:
        """Return where the bars of the step come from that the kernel has just refused."""
        market = self.market
        time = market.time[min(self.session.account.bar_index + 1, len(market) - 1)]
        now = [
            one.source or symbol or "the data"
            for symbol, one, closes in zip(market.symbols, market.bars, market.closes, strict=True)
            if not market.is_portfolio or time in closes
        ]
        return " or ".join(now)

    def failure(self, error: Exception) -> EyasError:
        """Return the error that says on which bar the strategy failed, with the report so far."""
        session, name = self.session, self.name
        now = session.account.bar_index
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        if (self.signals or self.engine == "arrays") and isinstance(error, EyasError):
            return error
        if now < 0:
            return failed_early(name, error)
        where = f"{'step' if self.market.is_portfolio else 'bar'} {now} ({iso(self.market.time[now])})"
        session.equity[now] = session.account.equity
        return StrategyError(f"{name} failed on {where}: {what}", bar_index=now, report=self.report(now + 1))

    def report(self, count: int) -> Report:
        """Return the report over the first `count` steps."""
        session, market = self.session, self.market
        lengths = [market.count_of(place, count) for place in range(len(market.bars))]
        decimals = [dict(table).get("price_decimals") for table in self.rules.tables(market.symbols)]
        usual = dict(self.rules.texts())["price_decimals"]
        return Report(
            strategy=self.name,
            parameters=self.parameters,
            instruments={
                symbol: one[:length]
                for symbol, one, length in zip(market.symbols, market.bars, lengths, strict=True)
            },
            steps={
                symbol: market.steps(place)[:length]
                for place, (symbol, length) in enumerate(zip(market.symbols, lengths, strict=True))
            }
            if market.is_portfolio
            else None,
            clock=market.clock,
            time=market.time[:count],
            rules=self.rules,
            cash=self.cash,
            journal=Journal(
                session.account.journal(),
                price_decimals=[int(own or usual) for own in decimals],
                symbols=market.symbols if market.is_portfolio else (),
            ),
            curve=session.equity[:count],
            trade_figures=session.account.trade_figures(),
            indicators={name: values[: lengths[0]] for name, values in session.indicators().items()},
            ambiguous_bars=session.account.ambiguous_bars,
            quality=self.checked.quality,
            finer=self.checked.finer,
            extra=self.checked.extra,
            noted=session.sight.notes,
            seed=session.sight.seed,
            origin=origin_of(self.asked, "arrays" if self.signals else self.engine),
        )


def failed_early(name: str, error: Exception) -> StrategyError:
    """Return the error that says that a strategy failed before there was a bar."""
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    return StrategyError(f"{name} failed before the first bar: {what}", bar_index=None, report=None)


def market_bars(market: Market) -> Bars | Mapping[str, Bars]:
    """Return the bars of a run as `Strategy.signals` takes them."""
    return dict(zip(market.symbols, market.bars, strict=True)) if market.is_portfolio else market.bars[0]


def signals_of(strategy: Strategy, bars: Bars | Mapping[str, Bars]) -> Signals:
    """Return what a strategy says up front, or raise UsageError where that is no Signals."""
    signals = strategy.signals(bars)
    if not isinstance(signals, Signals):
        raise UsageError(
            f"{type(strategy).__name__}.signals returned {type(signals).__name__}, but must return "
            "eyas.Signals"
        )
    return signals


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
