"""The crossing of two averages on eyas in its fast ways: orders as arrays, and on_bar compiled."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

import eyas
from eyas import model
from eyas.rules import Rules
from eyas.session import Session

CASH, FEE_RATE, FAST, SLOW = 1_000_000_000, 0.001, 10, 50
WARM_RUNS = 5


class Cross(eyas.Strategy):
    """Hold one unit while the fast average is above the slow one."""

    def on_start(self) -> None:
        """Compute the averages."""
        self.fast = self.use(eyas.indicators.sma, "close", FAST)
        self.slow = self.use(eyas.indicators.sma, "close", SLOW)

    def on_bar(self, bar: eyas.Bar) -> None:  # noqa: ARG002 - it looks at the averages alone
        """Follow their crossing."""
        if self.fast.crossed_above(self.slow):
            self.buy(1)
        elif self.fast.crossed_below(self.slow):
            self.close()


def signals_of(close: Any) -> eyas.Signals:
    """Return the same orders as arrays."""
    fast, slow = eyas.indicators.sma(close, FAST), eyas.indicators.sma(close, SLOW)
    return eyas.Signals(
        entries=eyas.indicators.crossed_above(fast, slow),
        exits=eyas.indicators.crossed_below(fast, slow),
        quantity=1,
    )


def arrays(columns: dict[str, Any]) -> dict[str, Any]:
    """Run once as arrays, from columns to figures, timed by step."""
    start, cpu = time.perf_counter(), time.process_time()
    bars = eyas.bars(columns)
    taken = time.perf_counter()
    signals = signals_of(bars.close)
    known = time.perf_counter()
    report = eyas.backtest(signals, bars, cash=CASH, fee_rate=FEE_RATE)
    ran = time.perf_counter()
    figures = report.summary
    end = time.perf_counter()
    steps = {"take the bars": taken - start, "averages and crossings": known - taken}
    steps |= {"run": ran - known, "figures": end - ran}
    return {"seconds": steps, "cpu": time.process_time() - cpu} | outcome(report, figures)


def compiled(columns: dict[str, Any], engine: str) -> dict[str, Any]:
    """Run the strategy once in one of the other ways, from bars to figures."""
    bars = eyas.bars(columns)
    start, cpu = time.perf_counter(), time.process_time()
    report = eyas.backtest(Cross(), bars, cash=CASH, fee_rate=FEE_RATE, engine=engine)  # type: ignore[arg-type]
    ran = time.perf_counter()
    figures = report.summary
    end = time.perf_counter()
    steps = {"run": ran - start, "figures": end - ran}
    return {"seconds": steps, "cpu": time.process_time() - cpu} | outcome(report, figures)


def outcome(report: eyas.Report, figures: eyas.Summary) -> dict[str, Any]:
    """Return what must be equal."""
    return {
        "trades": figures.trades,
        "equity_final": figures.equity_final,
        "digest": report.journal.digest,
    }


def pump(columns: dict[str, Any]) -> float:
    """Return the seconds of the kernel's loop over the bars alone."""
    bars = eyas.bars(columns)
    session = Session(eyas.Strategy(), bars, Rules(fee_rate=FEE_RATE), str(CASH))
    asked = signals_of(bars.close).columns([bars.symbol], [len(bars)])
    start = time.perf_counter()
    model.pump_signals(session.account, session.history, session.equity, asked)
    return time.perf_counter() - start


def best_of(run: Any) -> dict[str, Any]:
    """Return the best of some runs after a first one, with the first."""
    cold = run()
    best: dict[str, Any] = min(
        (run() for _ in range(WARM_RUNS)), key=lambda one: sum(one["seconds"].values())
    )
    return {**best, "cold": sum(cold["seconds"].values())}


def compiling() -> float:
    """Return the seconds that translating the strategy takes, the first time."""
    from eyas.compiled import compiled as translated

    start = time.perf_counter()
    translated(Cross())
    return time.perf_counter() - start


if __name__ == "__main__":
    loaded = dict(np.load(sys.argv[1]))
    print(
        json.dumps(
            {
                "compiling": compiling(),
                "arrays": best_of(lambda: arrays(loaded)),
                "compiled": best_of(lambda: compiled(loaded, "compiled")),
                "per_bar": best_of(lambda: compiled(loaded, "python")),
                "pump": min(pump(loaded) for _ in range(WARM_RUNS)),
            }
        )
    )
