"""1,225 pairs of averages over 10,000 bars by `eyas.sweep`, in each of its ways, with all of its figures."""

from __future__ import annotations

import json
import resource
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np

import eyas

CASH, FEE_RATE = 1_000_000, 0.0002
WINDOWS = range(5, 105, 2)
WARM_RUNS = 3
WORKERS = 2


class Crossing(eyas.Strategy):
    """Hold one unit while the fast average is above the slow one, said up front."""

    fast: int = 10
    slow: int = 50

    def signals(self, bars: eyas.Bars) -> eyas.Signals:
        """Say where they cross."""
        fast = eyas.indicators.sma(bars.close, self.fast)
        slow = eyas.indicators.sma(bars.close, self.slow)
        return eyas.Signals(
            entries=eyas.indicators.crossed_above(fast, slow),
            exits=eyas.indicators.crossed_below(fast, slow),
            quantity=1,
        )


class Cross(eyas.Strategy):
    """The same, decided bar by bar."""

    fast: int = 10
    slow: int = 50

    def on_start(self) -> None:
        """Compute the averages."""
        self.quick = self.use(eyas.indicators.sma, "close", self.fast)
        self.late = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:  # noqa: ARG002 - it looks at the averages alone
        """Follow their crossing."""
        if self.quick.crossed_above(self.late):
            self.buy(1)
        elif self.quick.crossed_below(self.late):
            self.close()


def run(strategy: type[eyas.Strategy], bars: eyas.Bars, **words: Any) -> dict[str, Any]:
    """Run all pairs once."""
    words.setdefault("workers", WORKERS)
    start, cpu = time.perf_counter(), time.process_time()
    found = eyas.sweep(
        strategy,
        bars,
        fast=WINDOWS,
        slow=WINDOWS,
        where=lambda p: p.fast < p.slow,
        cash=CASH,
        fee_rate=FEE_RATE,
        **words,
    )
    seconds = time.perf_counter() - start
    rows = found.rows
    return {
        "seconds": seconds,
        "cpu": time.process_time() - cpu,
        "engine": found.engine,
        "combinations": len(rows),
        "trades": int(rows["trades"].sum()),
        "equity": float(rows["equity_final"].sum()),
        "digest": zlib.crc32(rows["digest"].tobytes()),
    }


def best_of(runs: int, strategy: type[eyas.Strategy], bars: eyas.Bars, **words: Any) -> dict[str, Any]:
    """Return the best of some runs after a first one, with the first."""
    cold = run(strategy, bars, **words)
    warm = [run(strategy, bars, **words) for _ in range(runs)]
    return {**min([cold, *warm], key=lambda one: one["seconds"]), "cold": cold["seconds"]}


def peak() -> int:
    """Return the most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(path: str) -> dict[str, Any]:
    """Run each way; the peak is read before the slow one."""
    bars = eyas.bars(dict(np.load(Path(path))))
    arrays = best_of(WARM_RUNS, Crossing, bars)
    compiled = best_of(WARM_RUNS, Cross, bars)
    result = {"arrays": arrays, "compiled": compiled, "peak": peak()}
    alone = run(Cross, bars, engine="python", workers=1)
    return {**result, "python_1": alone, "python_2": run(Cross, bars, engine="python", workers=WORKERS)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
