"""Runs of every kind, to be saved and opened again, and what it means that two reports are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.reports import Report
from tests.test_extra import FIVE, at, books_at
from tests.test_portfolio import walk
from tests.test_session import Dice, coarse_bars

PLAIN = (
    "strategy",
    "parameters",
    "clock",
    "rules",
    "cash",
    "journal",
    "trade_figures",
    "ambiguous_bars",
    "seed",
    "origin",
    "bounds",
    "symbols",
    "title",
    "summary",
)


class Noting(eyas.Strategy):
    """Trade, draw indicators and note why, with parameters and values that are hard to write down."""

    most: float = float("inf")
    label: str = "</script>\u2028 \"'\n"
    count: int = 3
    quick: bool = True

    def on_start(self) -> None:
        for symbol in self.symbols:
            self.use(eyas.indicators.sma, "close", self.count, symbol=symbol)
            self.use(lambda close: np.where(close > 100, -0.0, np.inf), "close", symbol=symbol)

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % 5 == 0:
            self.note("first", price=bar.close, average=float("nan"), far=float("-inf"), none=None)
            self.buy(quantity=1, stop_loss=0.02, take_profit=0.03)
        elif bar.index % 5 == 3 and self.random.random() < 0.7:
            self.note(why="ß\ud7ff", closing=True, bar=bar.index)
            self.close()


class Compiled(eyas.Strategy):
    """Trade in a way that can be compiled."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % 7 == 0:
            self.buy(quantity=1)
        elif bar.index % 7 == 4:
            self.close()


class UpFront(eyas.Strategy):
    """Say its orders up front."""

    every: int = 4

    def signals(self, bars: Any) -> eyas.Signals:
        return eyas.Signals(entries=np.arange(len(bars.close)) % self.every == 1, exits=bars.close > 101)


class Beside(eyas.Strategy):
    """Look at what it was given beside its bars."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if len(self.extra["books"]) and not self.position:
            self.buy(quantity=self.extra["mood"].time and 1)


class Failing(Noting):
    """Fail midway."""

    def on_bar(self, bar: eyas.Bar) -> None:
        super().on_bar(bar)
        if bar.index == 12:
            raise ValueError("no more")


def failed() -> Report:
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Failing(), coarse_bars(3, 40))
    assert caught.value.report is not None
    return caught.value.report


def portfolio() -> dict[str, Any]:
    return {"B/2": walk(1, 30, step=2), "A": walk(2, 60), "Ä 'x'": walk(5, 20, start=70)}


def beside() -> Report:
    extra = {
        "books": books_at(0, 1, 2),
        "mood": {
            "time": at(0, 1, 3),
            "known": at(1, 1, 3),
            "score": [1.0, float("nan"), 2.0],
            "why": list("abc"),
        },
        "bars": walk(3, 5),
        "numbers": {"time": at(1, 2), "time 2": [1, 2], "column 0": [-0.0, 4]},
    }
    return eyas.backtest(Dice(seed=4), FIVE, extra=extra)


def of_signals(symbols: bool = False) -> Report:
    bars = coarse_bars(4, 60)
    if not symbols:
        entries = [1.0 if row % 9 == 2 else -1.0 if row % 9 == 7 else 0.0 for row in range(60)]
        return eyas.backtest(eyas.Signals(entries=entries, stop_loss=0.01, name="Given"), bars)
    rising = np.arange(60) % 9 == 2
    given = eyas.Signals(entries={"A": rising, "B": None}, exits={"A": np.roll(rising, 3)}, quantity=2)
    return eyas.backtest(given, {"A": bars, "B": coarse_bars(5, 60)})


def inside_of_a_function() -> Report:
    every = 4

    class Inner(Compiled):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index % every == np.int64(1):
                self.buy(quantity=1)
            super().on_bar(bar)

    return eyas.backtest(Inner(), coarse_bars(4, 60))


RUNS: dict[str, Callable[[], Report]] = {
    "one instrument": lambda: eyas.backtest(Noting(), coarse_bars(4, 120), fee_rate=0.001, seed=7),
    "a sample": lambda: eyas.backtest(Compiled(), eyas.sample("AAPL", "1d"), cash="12345.67"),
    "everything at once": lambda: eyas.backtest(
        Dice(seed=4),
        coarse_bars(4, 300),
        fee_rate=0.001,
        leverage=5,
        margin_call=1,
        slippage_on={"market", "stop"},
    ),
    "merged portfolio": lambda: eyas.backtest(
        Noting(), portfolio(), fee_rate={"A": 0.001}, price_decimals={"A": 4}
    ),
    "sequential portfolio": lambda: eyas.backtest(Noting(), portfolio(), clock="sequential"),
    "currencies": lambda: eyas.backtest(
        Noting(), {"EURUSD": coarse_bars(1, 80), "SAP": coarse_bars(2, 80)}, currency={"SAP": "EURUSD"}
    ),
    "finer bars": lambda: eyas.backtest(
        Dice(seed=5), eyas.data.resample(walk(4, 60), "5m"), finer=walk(4, 60), tie="finer_bars"
    ),
    "beside": beside,
    "compiled": lambda: eyas.backtest(Compiled(), coarse_bars(4, 120), engine="compiled"),
    "arrays": lambda: eyas.backtest(UpFront(), coarse_bars(4, 120)),
    "signals": of_signals,
    "signals by symbol": lambda: of_signals(symbols=True),
    "unchecked": lambda: eyas.backtest(Noting(), coarse_bars(4, 50), quality="off"),
    "without trades": lambda: eyas.backtest(Compiled(), coarse_bars(4, 20), order_notional_max=1e-6),
    "two bars": lambda: eyas.backtest(Compiled(), coarse_bars(4, 20)[:2]),
    "of an interval": lambda: eyas.interval(Noting(), coarse_bars(4, 60)).stop,
    "failed": failed,
    "inside of a function": inside_of_a_function,
}


def assert_same(one: Report, other: Report) -> None:
    """Fail where anything that a report can say differs."""
    for name in PLAIN:
        left, right = getattr(one, name), getattr(other, name)
        assert left == right or repr(left) == repr(right), name  # NaN is no NaN
    assert [repr(note) for note in one.noted.rows] == [repr(note) for note in other.noted.rows]
    assert one.journal.digest == other.journal.digest
    for name in ("trades", "equity", "notes", "entry_notes"):
        assert getattr(one, name).equals(getattr(other, name), null_equal=True), name
        assert getattr(one, name).schema == getattr(other, name).schema, name
    for name in ("time", "curve"):
        same_bits(getattr(one, name), getattr(other, name))
    assert (one.steps is None) == (other.steps is None)
    for symbol in one.steps or ():
        assert other.steps is not None
        same_bits((one.steps or {})[symbol], other.steps[symbol])
    assert list(one.indicators) == list(other.indicators)
    for name in one.indicators:
        same_bits(one.indicators[name], other.indicators[name])
    for symbol in one.symbols:
        left, right = one.instruments[symbol], other.instruments[symbol]
        assert [left.symbol, left.timeframe, left.source, left.has_volume, left.columns] == [
            right.symbol,
            right.timeframe,
            right.source,
            right.has_volume,
            right.columns,
        ]
        for name in left.columns:
            same_bits(getattr(left, name), getattr(right, name))
    assert said(one) == said(other)


def said(report: Report) -> list[Any]:
    """Return what a report says of itself as text; NaN and NaN are the same text."""
    return [
        repr(report.as_json()),
        report.remarks(),
        report.settings(),
        report.refusals(),
        str(report),
        [str(one) for one in report.quality.values()],
        [str(one) for one in (*report.finer.values(), *report.extra.values())],
    ]


def same_bits(one: Any, other: Any) -> None:
    """Fail where two columns differ in type, shape or any bit."""
    assert (one.dtype, one.shape) == (other.dtype, other.shape)
    assert np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()


def saved(report: Report, folder: Path, name: str = "run.eyas") -> Path:
    return report.save(folder / name)
