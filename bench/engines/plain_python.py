"""The strategy as a loop over lists, written by hand for this one strategy: what Python itself costs.

It knows one long position, whole units, a stop, a target and a fee; it checks nothing, keeps no
journal and computes no figures. Nothing that a person would call a backtester fits into less.
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

import numpy as np

CASH, FEE_RATE, FRACTION, FAST, SLOW = 1_000_000_000.0, 0.001, 0.95, 12, 30


def average(values: list[float], period: int) -> list[float]:
    """Return the simple moving average by a running sum."""
    total, result = 0.0, []
    for index, value in enumerate(values):
        total += value - (values[index - period] if index >= period else 0.0)
        result.append(total / period if index >= period - 1 else math.nan)
    return result


def backtest(
    opens: list[float], highs: list[float], lows: list[float], closes: list[float]
) -> tuple[list[float], list[tuple[float, ...]]]:
    """Return the equity after each bar, and entry, exit and quantity of each trade."""
    fast_average, slow_average = average(closes, FAST), average(closes, SLOW)
    cash, quantity, entry, stop, target = CASH, 0, 0.0, 0.0, 0.0
    buying = selling = False
    fast_before = slow_before = math.nan
    equity: list[float] = []
    trades: list[tuple[float, ...]] = []
    for opening, high, low, close, fast, slow in zip(
        opens, highs, lows, closes, fast_average, slow_average, strict=True
    ):
        price = opening if selling else 0.0
        if buying:
            quantity = int(cash * FRACTION // (opening * (1 + FEE_RATE)))
            entry, stop, target = opening, opening * 0.99, opening * 1.02
            cash -= quantity * entry * (1 + FEE_RATE)
        if quantity:
            if not price and low <= stop:
                price = min(opening, stop)
            elif not price and high >= target:
                price = max(opening, target)
            if price:
                cash += quantity * price * (1 - FEE_RATE)
                trades.append((entry, price, quantity))
                quantity = 0
        buying = fast_before <= slow_before and fast > slow
        selling = quantity > 0 and fast_before >= slow_before and fast < slow
        fast_before, slow_before = fast, slow
        equity.append(cash + quantity * close)
    if quantity:
        cash += quantity * closes[-1] * (1 - FEE_RATE)
        trades.append((entry, closes[-1], quantity))
        equity[-1] = cash
    return equity, trades


def run(columns: list[list[float]]) -> dict[str, Any]:
    """Run once, timed."""
    start, cpu = time.perf_counter(), time.process_time()
    equity, trades = backtest(*columns)
    end, used = time.perf_counter(), time.process_time() - cpu
    return {"seconds": {"run": end - start}, "cpu": used, "trades": len(trades), "equity_final": equity[-1]}


if __name__ == "__main__":
    loaded = np.load(sys.argv[1])
    lists = [loaded[name].tolist() for name in ("open", "high", "low", "close")]
    run([values[:2_000] for values in lists])
    print(json.dumps(run(lists)))
