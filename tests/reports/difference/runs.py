"""Pairs of runs that differ in one thing or several, for the tests of differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import eyas
from eyas.reports import Report
from tests.test_portfolio import DiceOnSeveral, walk
from tests.test_session import coarse_bars
from tests.test_wild import Wild

# What a run may have; a pair draws two of each.
RULES: tuple[dict[str, Any], ...] = (
    {},
    {"fee_rate": 0.001},
    {"fee_rate": 0.0004, "maker_fee_rate": -0.0001},
    {"fee_fixed": 1, "fee_minimum": 2},
    {"slippage": 0.001},
    {"spread": 0.1, "price_decimals": 4},
    {"tie": "target"},
    {"latency_bars": 1},
    {"funding_rate": 0.0003, "borrow_rate": 0.0001},
    {"account": "cash", "short": False},
    {"leverage": 5},
    {"end_policy": "mark_only"},
    {"holding": "net"},
    {"market_fill": "close", "price_decimals": 2},
)
CASH = (10_000, 10_000, 2_500)


def revised(bars: eyas.Bars, how: int) -> eyas.Bars:
    """Return bars as they are, with closes moved inside their ranges, or without the last or a middle one."""
    if how == 1:
        close = bars.close.copy()
        close[3::7] = bars.low[3::7]
        return replace(bars, close=close)
    if how == 2:
        return bars[: len(bars) - 3]
    if how == 3:
        keep = np.arange(len(bars)) != len(bars) // 2
        return replace(bars, **{name: getattr(bars, name)[keep] for name in bars.columns})
    return bars


def wild_run(seed: int, rules: Mapping[str, Any], cash: int, how: int = 0, count: int = 60) -> Report:
    """Return a run that asks for anything: shorts, ladders, averaging, parts, all kinds of orders."""
    return eyas.backtest(Wild(seed=seed), revised(coarse_bars(seed, count), how), cash=cash, **rules)


def portfolio_run(seed: int, symbols: str, rules: Mapping[str, Any]) -> Report:
    """Return a run over several symbols, each with a walk of its own."""
    bars = {
        name: walk(seed + place, 40, step=1 + place % 2)
        for place, name in enumerate("ABCD")
        if name in symbols
    }
    return eyas.backtest(DiceOnSeveral(seed=seed), bars, **rules)


def listed(bars: eyas.Bars | dict[str, eyas.Bars], table: Mapping[int, Any], **options: Any) -> Report:
    """Return a run that does what a table says: by bar, functions that are given the strategy."""

    class Told(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            for act in table.get(bar.index, ()):
                act(self)

    return eyas.backtest(Told(), bars, **options)


def flat_bars(*prices: float, symbol: str = "ABC") -> eyas.Bars:
    """Return bars of a minute that stand at one price each."""
    price = np.array(prices, dtype=np.float64)
    time = 1_700_000_040_000_000_000 + 60_000_000_000 * np.arange(len(price))
    columns = {"time": time, "open": price, "high": price, "low": price, "close": price}
    return eyas.bars(columns, symbol=symbol, timeframe="1m")
