"""The crossing on fifty instruments of one account on eyas: its `on_bar` is called for every bar of each."""

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
CASH = 1_000_000


class Cross(eyas.Strategy):
    """Hold one unit of each instrument while its fast average is above its slow one."""

    fast: int = 20
    slow: int = 100

    def on_start(self) -> None:
        """Compute the averages of every instrument."""
        sma = eyas.indicators.sma
        self.averages = {
            symbol: tuple(self.use(sma, "close", period, symbol=symbol) for period in (self.fast, self.slow))
            for symbol in self.symbols
        }

    def on_bar(self, bar: eyas.Bar) -> None:
        """Follow the crossing."""
        fast, slow = self.averages[bar.symbol]
        if fast.crossed_above(slow):
            self.buy(1)
        elif fast.crossed_below(slow):
            self.close()


def run(columns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Run once, timed by step."""
    start, cpu = time.perf_counter(), time.process_time()
    bars = {symbol: eyas.bars(one, symbol=symbol, timeframe="1m") for symbol, one in columns.items()}
    taken = time.perf_counter()
    report = eyas.backtest(Cross(), bars, cash=CASH)
    ran = time.perf_counter()
    trades = report.trades
    told = time.perf_counter()
    figures = report.summary
    end = time.perf_counter()
    return {
        "seconds": {
            "take the bars": taken - start,
            "run": ran - taken,
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
    print(json.dumps({**run(portfolio), "cold": sum(cold["seconds"].values()), "import": IMPORT_S}))
