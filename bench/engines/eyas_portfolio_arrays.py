"""The crossing on fifty instruments of one account on eyas, its orders known up front as arrays."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

STARTED = time.perf_counter()
import eyas  # noqa: E402  # its import is timed
import eyas.indicators  # noqa: E402

IMPORT_S = time.perf_counter() - STARTED
CASH, FAST, SLOW = 1_000_000, 20, 100
WARM_RUNS = 5


def signals_of(bars: dict[str, eyas.Bars]) -> eyas.Signals:
    """Return entries where the fast average crosses above the slow one, exits where it crosses below."""
    entries, exits = {}, {}
    for symbol, one in bars.items():
        above = eyas.indicators.sma(one.close, FAST) - eyas.indicators.sma(one.close, SLOW)
        before = np.concatenate(([np.nan], above[:-1]))
        entries[symbol] = (before <= 0) & (above > 0)
        exits[symbol] = (before >= 0) & (above < 0)
    return eyas.Signals(entries=entries, exits=exits, quantity=1)


def run(columns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Run once, timed by step."""
    start, cpu = time.perf_counter(), time.process_time()
    bars = {symbol: eyas.bars(one, symbol=symbol, timeframe="1m") for symbol, one in columns.items()}
    taken = time.perf_counter()
    signals = signals_of(bars)
    known = time.perf_counter()
    report = eyas.backtest(signals, bars, cash=CASH)
    ran = time.perf_counter()
    trades = report.trades
    told = time.perf_counter()
    figures = report.summary
    end = time.perf_counter()
    return {
        "seconds": {
            "take the bars": taken - start,
            "averages and crossings": known - taken,
            "run": ran - known,
            "equity and trades": told - ran,
            "figures": end - told,
        },
        "cpu": time.process_time() - cpu,
        "trades": len(trades),
        "equity_final": figures.equity_final,
        "digest": report.journal.digest,
    }


if __name__ == "__main__":
    loaded = dict(np.load(sys.argv[1]))
    times = loaded.pop("time")
    portfolio = {
        f"S{place:02}": {"time": times, **{name: column[place] for name, column in loaded.items()}}
        for place in range(len(loaded["close"]))
    }
    cold = run(portfolio)
    best = min((run(portfolio) for _ in range(WARM_RUNS)), key=lambda one: sum(one["seconds"].values()))
    print(json.dumps({**best, "cold": sum(cold["seconds"].values()), "import": IMPORT_S}))
