"""The strategy on backtesting.py, as its documentation writes one."""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy  # type: ignore[import-not-found]  # it has an environment of its own
from backtesting.lib import crossover  # type: ignore[import-not-found]

CASH, FEE_RATE = 1_000_000_000, 0.001


def average(values: Any, period: int) -> Any:
    """Return the simple moving average."""
    return pd.Series(values).rolling(period).mean()


class Cross(Strategy):  # type: ignore[misc]  # the library has no types
    """Follow the crossing of two moving averages."""

    def init(self) -> None:
        """Compute the averages over whole columns."""
        self.fast_average = self.I(average, self.data.Close, 12)
        self.slow_average = self.I(average, self.data.Close, 30)

    def next(self) -> None:
        """Decide at the close of a bar."""
        if crossover(self.fast_average, self.slow_average):
            close = self.data.Close[-1]
            # Levels with 8 decimals, as eyas keeps them: a touch must not hang on the 16th digit.
            self.buy(size=0.95, tp=round(close * 1.02, 8), sl=round(close * 0.99, 8))
        elif crossover(self.slow_average, self.fast_average):
            self.position.close()


def run(frame: pd.DataFrame) -> dict[str, Any]:
    """Run once, timed by step."""
    start, cpu = time.perf_counter(), time.process_time()
    backtest = Backtest(frame, Cross, cash=CASH, commission=FEE_RATE, finalize_trades=True)
    made = time.perf_counter()
    figures = backtest.run()
    end = time.perf_counter()
    return {
        "seconds": {"take the bars": made - start, "run and figures": end - made},
        "cpu": time.process_time() - cpu,
        "trades": int(figures["# Trades"]),
        "equity_final": float(figures["Equity Final [$]"]),
        "exits": [float(price) for price in figures["_trades"]["ExitPrice"].tail(3)],
    }


if __name__ == "__main__":
    # It warns of trades that stay open and of orders it drops: neither may happen here.
    warnings.simplefilter("error", UserWarning)
    columns = np.load(sys.argv[1])
    bars = pd.DataFrame(
        {name.capitalize(): columns[name] for name in ("open", "high", "low", "close", "volume")},
        index=pd.to_datetime(columns["time"]),
    )
    run(bars.iloc[:2_000])
    print(json.dumps(run(bars)))
