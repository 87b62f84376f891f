"""A hand-written numba loop that does this one job and no other, in floats and without a journal."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
from numba import njit  # type: ignore[import-not-found]  # it has an environment of its own

CASH, FEE_RATE, FAST, SLOW = 1_000_000_000.0, 0.001, 10, 50
WARM_RUNS = 7


@njit
def loop(
    opening: Any, close: Any, entries: Any, exits: Any, cash: float, fee_rate: float, equity: Any
) -> int:
    """Fill at the next open what was decided at a close, and mark to the close."""
    held, trades, wanted = 0.0, 0, 0
    for row in range(len(close)):
        price = opening[row]
        if wanted == 1 and held == 0.0:
            held = 1.0
            cash -= price + price * fee_rate
        elif wanted == -1 and held == 1.0:
            held = 0.0
            cash += price - price * fee_rate
            trades += 1
        wanted = 1 if entries[row] else (-1 if exits[row] else 0)
        equity[row] = cash + held * close[row]
    if held == 1.0:
        trades += 1
    return trades


def average(values: Any, period: int) -> Any:
    """Return the running mean, NaN before it is known."""
    sums = np.cumsum(np.insert(values, 0, 0.0))
    return np.concatenate((np.full(period - 1, np.nan), (sums[period:] - sums[:-period]) / period))


if __name__ == "__main__":
    loaded = np.load(sys.argv[1])
    close, opening = loaded["close"], loaded["open"]
    above = average(close, FAST) - average(close, SLOW)
    before = np.concatenate(([np.nan], above[:-1]))
    entries, exits = (before <= 0) & (above > 0), (before >= 0) & (above < 0)
    equity = np.empty(len(close))
    start = time.perf_counter()
    trades = loop(opening, close, entries, exits, CASH, FEE_RATE, equity)
    cold, taken = time.perf_counter() - start, []
    for _ in range(WARM_RUNS):
        start = time.perf_counter()
        loop(opening, close, entries, exits, CASH, FEE_RATE, equity)
        taken.append(time.perf_counter() - start)
    print(
        json.dumps(
            {
                "seconds": {"run": min(taken)},
                "cold": cold,
                "trades": trades,
                "equity_final": float(equity[-1]),
            }
        )
    )
