"""The crossing on fifty feeds of one broker in backtrader, as its documentation writes one."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import pandas as pd

STARTED = time.perf_counter()
import backtrader  # type: ignore[import-not-found]  # noqa: E402  # it has an environment of its own

IMPORT_S = time.perf_counter() - STARTED
CASH = 1_000_000


class Cross(backtrader.Strategy):  # type: ignore[misc]  # the library has no types
    """Hold one unit of each instrument while its fast average is above its slow one."""

    params = (("fast", 20), ("slow", 100))

    def __init__(self) -> None:
        average, crossing = backtrader.indicators.SMA, backtrader.indicators.CrossOver
        self.crossings = [
            crossing(average(data.close, period=self.p.fast), average(data.close, period=self.p.slow))
            for data in self.datas
        ]
        self.closed = 0

    def next(self) -> None:
        """Decide at the close of a step."""
        for data, crossing in zip(self.datas, self.crossings, strict=True):
            if crossing[0] > 0:
                self.buy(data=data, size=1)
            elif crossing[0] < 0 and self.getposition(data).size:
                self.close(data=data)

    def notify_trade(self, trade: Any) -> None:
        """Count the trades that are over."""
        self.closed += trade.isclosed


def run(frames: list[pd.DataFrame]) -> dict[str, Any]:
    """Run once, timed by step; a trade still open at the end counts, as it does for the others."""
    start, cpu = time.perf_counter(), time.process_time()
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.broker.setcash(CASH)
    for place, frame in enumerate(frames):
        cerebro.adddata(backtrader.feeds.PandasData(dataname=frame), name=f"S{place:02}")
    cerebro.addstrategy(Cross)
    taken = time.perf_counter()
    strategy = cerebro.run()[0]
    end = time.perf_counter()
    held = sum(strategy.getposition(data).size != 0 for data in strategy.datas)
    return {
        "seconds": {"take the bars": taken - start, "run": end - taken},
        "cpu": time.process_time() - cpu,
        "trades": strategy.closed + held,
        "equity_final": cerebro.broker.getvalue(),
        "import": IMPORT_S,
    }


if __name__ == "__main__":
    loaded = np.load(sys.argv[1])
    index = pd.to_datetime(loaded["time"])
    names = ("open", "high", "low", "close", "volume")
    portfolio = [
        pd.DataFrame({name: loaded[name][place] for name in names}, index=index)
        for place in range(len(loaded["close"]))
    ]
    print(json.dumps(run(portfolio)))
