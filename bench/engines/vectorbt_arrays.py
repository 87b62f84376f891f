"""A crossing of two averages over a million bars in vectorbt, engine by engine, as its documentation says."""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
import vectorbt  # type: ignore[import-not-found]  # noqa: E402  # it has an environment of its own

CASH, FEE_RATE, FAST, SLOW = 1_000_000_000, 0.001, 10, 50
WARM_RUNS = 5


def run(close: pd.Series, opening: pd.Series) -> dict[str, Any]:
    """Run once; what is decided at a close is an order at the next open."""
    start, cpu = time.perf_counter(), time.process_time()
    fast, slow = vectorbt.MA.run(close, FAST), vectorbt.MA.run(close, SLOW)
    entries, exits = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
    known = time.perf_counter()
    portfolio = vectorbt.Portfolio.from_signals(
        close,
        entries.vbt.fshift(1),
        exits.vbt.fshift(1),
        price=opening,
        size=1,
        fees=FEE_RATE,
        init_cash=CASH,
        freq="1min",
    )
    ran = time.perf_counter()
    figures = {
        "total_return": portfolio.total_return(),
        "sharpe": portfolio.sharpe_ratio(),
        "sortino": portfolio.sortino_ratio(),
        "max_drawdown": portfolio.max_drawdown(),
        "trades": int(portfolio.trades.count()),
    }
    end = time.perf_counter()
    return {
        "seconds": {"averages and crossings": known - start, "run": ran - known, "figures": end - ran},
        "cpu": time.process_time() - cpu,
        "trades": figures["trades"],
        "equity_final": float(CASH * (1 + figures["total_return"])),
    }


if __name__ == "__main__":
    loaded = np.load(sys.argv[1])
    index = pd.to_datetime(loaded["time"])
    close, opening = (pd.Series(loaded[name], index=index) for name in ("close", "open"))
    found = {}
    for engine in ("auto", "numba"):  # auto is Rust wherever it can be
        vectorbt.settings["engine"] = engine
        cold = run(close, opening)
        best = min(
            (run(close, opening) for _ in range(WARM_RUNS)), key=lambda one: sum(one["seconds"].values())
        )
        found[engine] = {**best, "cold": sum(cold["seconds"].values())}
    print(json.dumps(found))
