"""The same orders on eyas as arrays, known up front: no Python is called for a bar."""

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

CASH, FEE_RATE = 1_000_000_000, 0.001
RULES = {"fee_rate": FEE_RATE, "quantity_step": 1}


def signals_of(close: Any) -> eyas.Signals:
    """Return entries where the fast average crosses above the slow one, exits where it crosses below."""
    above = eyas.indicators.sma(close, 12) - eyas.indicators.sma(close, 30)
    # Before the averages are known the difference is NaN, and no comparison holds.
    before = np.concatenate(([np.nan], above[:-1]))
    return eyas.Signals(
        entries=(before <= 0) & (above > 0),
        exits=(before >= 0) & (above < 0),
        fraction=0.95,
        take_profit=0.02,
        stop_loss=0.01,
    )


def pump(bars: eyas.Bars, signals: eyas.Signals) -> float:
    """Return the seconds of the loop over the bars alone."""
    session = Session(eyas.Strategy(), bars, Rules(**RULES), str(CASH))  # type: ignore[arg-type]
    asked = signals.columns([bars.symbol], [len(bars)])
    start = time.perf_counter()
    model.pump_signals(session.account, session.history, session.equity, asked)
    return time.perf_counter() - start


def run(columns: dict[str, Any]) -> dict[str, Any]:
    """Run once, timed by step."""
    start, cpu = time.perf_counter(), time.process_time()
    bars = eyas.bars(columns)
    taken = time.perf_counter()
    signals = signals_of(bars.close)
    known = time.perf_counter()
    report = eyas.backtest(signals, bars, cash=CASH, **RULES)  # type: ignore[arg-type]
    ran = time.perf_counter()
    figures = report.summary
    trades = report.trades
    end = time.perf_counter()
    used = time.process_time() - cpu
    return {
        "cpu": used,
        "seconds": {
            "take the bars": taken - start,
            "averages and crossings": known - taken,
            "run": ran - known,
            "figures and trades": end - ran,
        },
        "pump": pump(bars, signals),
        "pump_idle": pump(bars, eyas.Signals(entries=np.zeros(1, dtype=np.int8))),
        "trades": len(trades),
        "equity_final": figures.equity_final,
        "digest": report.journal.digest,
    }


if __name__ == "__main__":
    loaded = dict(np.load(sys.argv[1]))
    run({name: column[:2_000] for name, column in loaded.items()})
    print(json.dumps(run(loaded)))
