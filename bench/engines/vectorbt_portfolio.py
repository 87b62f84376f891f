"""The crossing on fifty instruments of one account in vectorbt (open edition), as its documentation says."""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
STARTED = time.perf_counter()
import vectorbt  # type: ignore[import-not-found]  # noqa: E402  # it has an environment of its own

IMPORT_S = time.perf_counter() - STARTED
CASH, FAST, SLOW = 1_000_000, 20, 100
WARM_RUNS = 5


def run(close: pd.DataFrame, opening: pd.DataFrame) -> dict[str, Any]:
    """Run once, timed by step; what is decided at a close is an order at the next open."""
    start, cpu = time.perf_counter(), time.process_time()
    fast, slow = vectorbt.MA.run(close, FAST), vectorbt.MA.run(close, SLOW)
    entries, exits = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
    entries.columns = exits.columns = close.columns
    known = time.perf_counter()
    portfolio = vectorbt.Portfolio.from_signals(
        close,
        entries.vbt.fshift(1),
        exits.vbt.fshift(1),
        price=opening,
        size=1,
        init_cash=CASH,
        cash_sharing=True,
        group_by=True,
        freq="1min",
    )
    ran = time.perf_counter()
    equity, trades = portfolio.value(), portfolio.trades.records_readable
    told = time.perf_counter()
    figures = portfolio.stats()
    end = time.perf_counter()
    assert figures["Total Trades"] == len(trades)
    return {
        "seconds": {
            "averages and crossings": known - start,
            "run": ran - known,
            "equity and trades": told - ran,
            "figures": end - told,
        },
        "cpu": time.process_time() - cpu,
        "trades": len(trades),
        "equity_final": float(equity.iloc[-1]),
    }


if __name__ == "__main__":
    loaded = np.load(sys.argv[1])
    index = pd.to_datetime(loaded["time"])
    symbols = [f"S{place:02}" for place in range(len(loaded["close"]))]
    frames = [pd.DataFrame(loaded[name].T, index=index, columns=symbols) for name in ("close", "open")]
    cold = run(*frames)
    best = min((run(*frames) for _ in range(WARM_RUNS)), key=lambda one: sum(one["seconds"].values()))
    print(json.dumps({**best, "cold": sum(cold["seconds"].values()), "import": IMPORT_S}))
