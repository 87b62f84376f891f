"""The strategy of examples/cross.py on eyas: its `on_bar` is called for every bar."""

from __future__ import annotations

import json
import runpy
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import eyas

EXAMPLE = Path(__file__).parents[2] / "examples" / "cross.py"
CASH, FEE_RATE = 1_000_000_000, 0.001


def run(columns: dict[str, Any], strategy: eyas.Strategy) -> dict[str, Any]:
    """Run once, timed by step; whole units, because the peer trades no others."""
    start, cpu = time.perf_counter(), time.process_time()
    bars = eyas.bars(columns)
    taken = time.perf_counter()
    report = eyas.backtest(strategy, bars, cash=CASH, fee_rate=FEE_RATE, quantity_step=1)
    ran = time.perf_counter()
    figures = report.summary
    trades = report.trades
    end = time.perf_counter()
    used = time.process_time() - cpu
    return {
        "cpu": used,
        "seconds": {"take the bars": taken - start, "run": ran - taken, "figures and trades": end - ran},
        "trades": len(trades),
        "equity_final": figures.equity_final,
        "refused": sum(figures.refused.values()),
        "exits": trades["exit_price"].tail(3).to_list(),
        "reasons": dict(trades["exit_reason"].value_counts().iter_rows()),
        "digest": report.journal.digest,
    }


if __name__ == "__main__":
    loaded = dict(np.load(sys.argv[1]))
    cross = runpy.run_path(str(EXAMPLE))["Cross"](fast=12)
    run({name: column[:2_000] for name, column in loaded.items()}, cross)
    print(json.dumps(run(loaded, cross)))
