"""Run a strategy over history and report what it did."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation, localcontext
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, Unpack

from eyas.data.quality.beside import extra_beside, finer_beside
from eyas.data.quality.gate import verdicts_of
from eyas.engine import HOOKS, engine_of
from eyas.errors import UsageError
from eyas.loading import market_of
from eyas.model import Bars
from eyas.parameters import check_parameters
from eyas.presets import rules_of
from eyas.reports import Report
from eyas.reports.bounds import Bounds
from eyas.rules import RuleChanges, Rules
from eyas.run import Checked, Progress, Run
from eyas.session import overridden
from eyas.signals import Signals
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eyas.data.quality import Quality
    from eyas.engine import Engine
    from eyas.market import Market
    from eyas.rules import Number

HOOK_NAMES = (*HOOKS, "signals")
CASH_MIN, CASH_MAX = Decimal("1e-16"), Decimal("1e20")


def backtest(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy] | Signals,
    bars: Any,
    *,
    cash: Number | str = 10_000,
    rules: Rules | str | None = None,
    finer: Any = None,
    extra: Mapping[str, Any] | None = None,
    clock: Literal["merged", "sequential"] = "merged",
    quality: Quality = None,
    engine: Engine = "auto",
    seed: int = 0,
    progress: Progress | None = None,
    **changes: Unpack[RuleChanges],
) -> Report:
    """Run a strategy over bars and report what it did.

    `bars` is what `eyas.bars` takes: a file, a frame, arrays; or a portfolio, {symbol: any of these}, on
    one merged clock, or each to its end before the next (`clock="sequential"`). `finer` are shorter bars
    that are walked through inside the bars, by symbol too. `cash` is money to start with. `rules` is the
    market: a value, the name of a preset ("hawk"), or the default market when None; and every rule can be
    changed by keyword: `fee_rate=0.001`, `tie="target"`. `extra` is what the strategy can see beside the
    bars, as it was known then, by name: a frame with a column time (and known, where that is later), Bars,
    trades or order books. `quality` says how grave each finding of the data's check is (`{"gaps": "fail"}`,
    as `eyas.data.check` takes it, and `{"calendar": "XNYS"}`), or is "off"; what fails stops the run before
    its first bar. `engine` is how the strategy runs: "python" for every bar, as "arrays" if it has
    `signals`, or "compiled" if its `on_bar` can be; the trades are the same, and what cannot be is
    refused. `seed` decides what the strategy's `self.random` draws. `progress` is called with steps done
    and steps in all. The strategy runs as a copy, so the same object can be run again. Raises DataError,
    UsageError, and StrategyError when the strategy fails (with the report up to there).

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy()
    >>> eyas.backtest(Hold(), eyas.sample("AAPL", "1d")).summary.trades
    1
    """
    chosen = rules_of(rules).changed(**changes)
    if chosen.matching != "here":
        raise UsageError("a backtest is its own market: matching must be here")
    market = market_of(bars, finer, clock, chosen, extra)
    signals = strategy if isinstance(strategy, Signals) else None
    checked = checked_of(market, extra or {}, quality)
    own = own_copy(strategy)
    way = "python" if signals else engine_of(own, engine).engine
    run = Run(own, signals, market, chosen, cash_text(cash), checked, way)
    run.session.sight.seed = seed_of(seed)
    return run.to_the_end(progress)


def checked_of(market: Market, extra: Mapping[str, Any], quality: Quality) -> Checked:
    """Judge all the bars that a run is given, and name what it is given beside them."""
    outside = {name: one for name, one in extra.items() if isinstance(one, Bars)}
    verdicts = verdicts_of(dict(zip(market.symbols, market.bars, strict=True)), quality)
    finer = verdicts_of(market.finer_bars, quality, "finer[{!r}]")
    beside = verdicts_of(outside, quality, "extra[{!r}]")
    return Checked(
        verdicts, finer_beside(market.finer_bars, finer), extra_beside(market.extra, outside, beside)
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold the two runs between which a result lies when a bar does not say what it touched first.

    `stop` is the run in which stops come first, `target` the one in which targets do.
    """

    stop: Report
    target: Report

    @property
    def worst(self) -> Report:
        """The run of the two that ends with less equity."""
        return min(self.stop, self.target, key=lambda report: report.summary.equity_final)

    @property
    def best(self) -> Report:
        """The run of the two that ends with more equity."""
        return self.target if self.worst is self.stop else self.stop

    @property
    def ambiguous_bars(self) -> int:
        """On how many bars of either run, at most, the outcome depended on the assumed path."""
        return max(self.stop.ambiguous_bars, self.target.ambiguous_bars)

    def __str__(self) -> str:
        low, high = (run.summary.equity_final for run in (self.worst, self.best))
        return (
            f"Equity at the end between {low:,.2f} and {high:,.2f}; ambiguous bars: {self.ambiguous_bars:,}"
        )


def interval(  # noqa: PLR0913 - the words of a backtest
    strategy: Strategy | type[Strategy] | Signals,
    bars: Any,
    *,
    cash: Number | str = 10_000,
    rules: Rules | str | None = None,
    extra: Mapping[str, Any] | None = None,
    clock: Literal["merged", "sequential"] = "merged",
    quality: Quality = None,
    seed: int = 0,
    **changes: Unpack[RuleChanges],
) -> Interval:
    """Run a strategy twice, with stops first and with targets first, and return both reports.

    It takes what `eyas.backtest` takes, but no finer bars and no tie: those would decide what is asked.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if self.is_flat:
    ...             self.buy(stop_loss=0.01, take_profit=0.01)
    >>> found = eyas.interval(Hold(), eyas.sample("AAPL", "1d"))
    >>> found.worst.summary.equity_final < found.best.summary.equity_final
    True
    """
    if "tie" in changes:
        raise UsageError("an interval runs with both ties: leave tie out")
    if "finer" in changes:
        raise UsageError("an interval is what the bars alone leave open: leave finer out, or use backtest")
    chosen = rules_of(rules).changed(**changes)
    stop, target = chosen.changed(tie="stop"), chosen.changed(tie="target")
    reports = [
        backtest(strategy, bars, cash=cash, rules=one, extra=extra, clock=clock, quality=quality, seed=seed)
        for one in (stop, target)
    ]
    bounds = bounds_of(reports)
    return Interval(*(replace(report, bounds=bounds) for report in reports))


def bounds_of(reports: Sequence[Report]) -> Bounds:
    """Return between which results the runs of both paths lie."""
    worst, best = sorted((one.summary for one in reports), key=lambda summary: summary.equity_final)
    return Bounds(
        worst.equity_final,
        best.equity_final,
        worst.total_return,
        best.total_return,
        max(report.ambiguous_bars for report in reports),
    )


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


def seed_of(seed: Any) -> int:
    """Return a seed, or raise UsageError for what is none."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise UsageError(f"seed is {seed!r}, but must be a whole number from 0 to 2**63 - 1")
    return seed


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
