"""Run the engines in turn, round by round, each in a fresh process, and compare what they did."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

from bench.environments import ROOT, output_of, python_of

ENGINES = {
    "eyas_per_bar": "eyas",
    "backtesting_py": "peers",
    "eyas_arrays": "eyas",
    "plain_python": "eyas",
}
"""Each engine, and the environment it runs in."""

PORTFOLIO = {
    "eyas_portfolio_arrays": "eyas",
    "vectorbt_portfolio": "second-opinion",
    "eyas_portfolio_per_bar": "eyas",
    "backtrader_portfolio": "second-opinion",
}
"""The same for the race over a portfolio."""

WITHOUT_PYTHON = {"vectorbt_arrays": "second-opinion", "numba_loop": "second-opinion", "eyas_fast": "eyas"}
WITH_EXTRAS = ("eyas_ray",)
SWEEPS = {"vectorbt_sweep": "second-opinion", "eyas_sweep": "eyas"}
"""The same where no Python runs for a bar, and for many runs at once."""

PEER = "backtesting_py"

Round = dict[str, dict[str, Any]]
EQUITY_TOLERANCE = 1e-9
"""Floats on the other side: fifteen thousand trades keep about twelve digits."""


def race(bars: Path, rounds: int) -> list[Round]:
    """Return what each engine printed, for every round; load hits the engines of a round alike."""
    results = []
    for number in range(1, rounds + 1):
        print(f"Round {number} of {rounds}", flush=True)
        results.append({engine: run(engine, bars) for engine in ENGINES})
    return results


def run(engine: str, bars: Path, *words: str, **environment: str) -> dict[str, Any]:
    """Run one engine's script in its environment."""
    script = ROOT / "bench" / "engines" / f"{engine}.py"
    known = {**ENGINES, **PORTFOLIO, **WITHOUT_PYTHON, **SWEEPS}
    # What needs one of eyas's extras runs in the environment of the tests, which has them all.
    python = Path(sys.executable) if engine in WITH_EXTRAS else python_of(known.get(engine, "eyas"))
    result: dict[str, Any] = json.loads(output_of((python, "-I", script, bars, *words), **environment))
    return result


def different_work(one: Round) -> list[str]:
    """Return in what the engines of a round differ; nothing when they did the same."""
    eyas, found = one["eyas_per_bar"], []
    trades, equity = eyas["trades"], eyas["equity_final"]
    for engine, result in one.items():
        if result["trades"] != trades:
            found.append(f"{engine} made {result['trades']:,} trades, eyas {trades:,}")
        if abs(result["equity_final"] / equity - 1) > EQUITY_TOLERANCE:
            found.append(f"{engine} ended with {result['equity_final']:,.4f}, eyas with {equity:,.4f}")
    if one["eyas_arrays"]["digest"] != eyas["digest"]:
        found.append("the journals of eyas by arrays and of eyas bar by bar differ")
    if eyas["refused"]:
        found.append(f"eyas refused {eyas['refused']:,} orders")
    return found


def seconds(rounds: list[Round], engine: str) -> list[float]:
    """Return an engine's seconds from its native bars in memory to its results, round by round."""
    return [sum(one[engine]["seconds"].values()) for one in rounds]


def ratios(rounds: list[Round], engine: str) -> dict[str, list[float]]:
    """Return how many times faster than the peer an engine was in each round, by the clock and by the CPU."""
    clock = zip(seconds(rounds, PEER), seconds(rounds, engine), strict=True)
    return {
        "clock": [theirs / ours for theirs, ours in clock],
        "cpu": [one[PEER]["cpu"] / one[engine]["cpu"] for one in rounds],
    }


def step_seconds(rounds: list[Round], engine: str) -> dict[str, float]:
    """Return the median seconds of each step of an engine."""
    steps = rounds[0][engine]["seconds"]
    return {step: statistics.median(one[engine]["seconds"][step] for one in rounds) for step in steps}
