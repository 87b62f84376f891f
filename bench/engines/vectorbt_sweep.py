"""1,225 pairs of averages over 10,000 bars in vectorbt, with five figures of each."""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
import vectorbt  # type: ignore[import-not-found]  # noqa: E402  # it has an environment of its own

CASH, FEE_RATE = 1_000_000, 0.0002
WINDOWS = list(range(5, 105, 2))
WARM_RUNS = 2
OPEN = 0  # the status of a trade that has no exit yet


def run(close: pd.Series, opening: pd.Series) -> dict[str, Any]:
    """Run all pairs once."""
    start, cpu = time.perf_counter(), time.process_time()
    fast, slow = vectorbt.MA.run_combs(close, WINDOWS, r=2, short_names=["fast", "slow"])
    entries, exits = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
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
    figures = [
        portfolio.total_return(),
        portfolio.sharpe_ratio(),
        portfolio.sortino_ratio(),
        portfolio.max_drawdown(),
        portfolio.trades.count(),
    ]
    end, used = time.perf_counter(), time.process_time() - cpu
    # A unit that is held at the end is marked here, and closed by eyas, at the same price and its fee.
    held = int((portfolio.trades.records["status"] == OPEN).sum())
    return {
        "seconds": end - start,
        "cpu": used,
        "combinations": len(figures[0]),
        "trades": int(figures[4].sum()),
        "equity": float((CASH * (1 + figures[0])).sum()) - held * FEE_RATE * float(close.iloc[-1]),
    }


if __name__ == "__main__":
    loaded = np.load(sys.argv[1])
    index = pd.to_datetime(loaded["time"])
    close, opening = (pd.Series(loaded[name], index=index) for name in ("close", "open"))
    vectorbt.settings["engine"] = sys.argv[2]
    cold = run(close, opening)
    best = min((run(close, opening) for _ in range(WARM_RUNS)), key=lambda one: one["seconds"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**best, "cold": cold["seconds"], "peak": peak}))
