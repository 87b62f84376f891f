"""What a run on eyas takes above its input columns, as the kernel of the system counts it.

Linux keeps the peak of a process's resident memory (VmHWM) and sets it back to the present when one
writes 5 to clear_refs: so bars are loaded and everything is warm, the peak is set back, the strategy
runs, and the peak is read. The caller sets MALLOC_MMAP_THRESHOLD_, so that memory freed before was
given back and cannot hide what the run takes.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np

import eyas

EXAMPLE = Path(__file__).parents[2] / "examples" / "cross.py"
MARKET = {"cash": 1_000_000_000, "fee_rate": 0.001, "quantity_step": 1}
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RUNS = 1_000
RUN_BARS = 10_000


def resident(field: str) -> int:
    """Return VmRSS (now) or VmHWM (the peak), in bytes."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def peak_of(strategy: eyas.Strategy, bars: eyas.Bars) -> tuple[int, int]:
    """Return by how many bytes a run and its figures raised the peak, and the bytes of its journal."""
    CLEAR.write_text("5")
    before = resident("VmRSS")
    report = eyas.backtest(strategy, bars, **MARKET)  # type: ignore[arg-type]
    assert report.summary.bars == len(bars)
    return resident("VmHWM") - before, len(report.journal.data)


def growth(strategy: eyas.Strategy, bars: eyas.Bars) -> int:
    """Return by how many bytes a thousand more runs, with figures and trades, made the process grow."""

    def run() -> None:
        report = eyas.backtest(strategy, bars, **MARKET)  # type: ignore[arg-type]
        assert len(report.trades) == report.summary.trades

    for _ in range(10):
        run()
    before = resident("VmRSS")
    for _ in range(RUNS):
        run()
    return resident("VmRSS") - before


def main(path: str) -> dict[str, Any]:
    """Measure, and return bytes by name."""
    example: Any = runpy.run_path(str(EXAMPLE))["Cross"]

    class Watching(example):  # type: ignore[misc]  # found at run time
        """Look at the same averages, and never trade: no journal."""

        def on_bar(self, bar: eyas.Bar) -> None:
            if self.fast_average.crossed_above(self.slow_average):
                self.seen = bar.index
            elif self.fast_average.crossed_below(self.slow_average):
                self.seen = -bar.index

    bars = eyas.bars(dict(np.load(path)))
    peak_of(example(fast=12), bars[:2_000])
    peak_of(Watching(fast=12), bars[:2_000])
    half, _ = peak_of(Watching(fast=12), bars[: len(bars) // 2])
    watching, _ = peak_of(Watching(fast=12), bars)
    trading, journal = peak_of(example(fast=12), bars)
    return {
        "bars": len(bars),
        # The difference of two lengths leaves out what a run takes once, whatever its length.
        "bytes_per_bar": (watching - half) / (len(bars) - len(bars) // 2),
        "watching": watching,
        "trading": trading,
        "journal": journal,
        "growth": growth(example(fast=12), bars[:RUN_BARS]),
        "runs": RUNS,
        "run_bars": RUN_BARS,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
