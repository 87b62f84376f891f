"""What it costs to say everything about a run: all figures, the page, the record, the difference of two."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import eyas

SMALL_BARS = 100_000
WINDOWS = {SMALL_BARS: (4, 10), 1_000_000: (7, 15)}  # about 5,000 trades, and 20,000
TIMES = 5
CASH = 1_000_000_000


def report_of(columns: dict[str, Any]) -> eyas.Report:
    """Return a run with many trades."""
    bars = eyas.bars(columns)
    fast, slow = WINDOWS.get(len(bars), (7, 15))
    above = eyas.indicators.sma(bars.close, fast) - eyas.indicators.sma(bars.close, slow)
    before = np.concatenate(([np.nan], above[:-1]))
    signals = eyas.Signals(
        entries=(before <= 0) & (above > 0), exits=(before >= 0) & (above < 0), fraction=0.5, stop_loss=0.02
    )
    return eyas.backtest(signals, bars, cash=CASH, fee_rate=0.0002)


def least(act: Callable[[eyas.Report], object], report: eyas.Report) -> dict[str, float]:
    """Return the least seconds of a few times, by the clock and of the processor, on fresh reports."""
    clock, cpu = [], []
    for _ in range(TIMES):
        fresh = replace(report)
        start, used = time.perf_counter(), time.process_time()
        act(fresh)
        clock.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return {"seconds": min(clock), "cpu": min(cpu)}


def measured(columns: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what each thing takes on a run over some bars."""
    report = report_of(columns)
    page, record = folder / "page.html", folder / "run.eyas"
    found: dict[str, Any] = {
        "bars": len(report.bars),
        "trades": len(report.trades),
        "figures": least(lambda one: one.metrics, report),
        "trade list": least(lambda one: one.trades, report),
        "page": least(lambda one: one.plot(page), report),
        "record, written": least(lambda one: one.save(record), report),
        "record, opened": least(lambda _: eyas.open(record).summary, report),
        "difference of a run and itself": least(lambda one: one.diff(report), report),
    }
    return found | {"page_bytes": page.stat().st_size, "record_bytes": record.stat().st_size}


if __name__ == "__main__":
    loaded = dict(np.load(sys.argv[1]))
    with tempfile.TemporaryDirectory() as name:
        small = measured({key: column[:SMALL_BARS] for key, column in loaded.items()}, Path(name))
        print(json.dumps({"small": small, "large": measured(loaded, Path(name))}))
