"""Race over a portfolio: fifty instruments that share the cash of one account."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bench.market import INSTRUMENTS, PORTFOLIO_BARS
from bench.race import EQUITY_TOLERANCE, PORTFOLIO, Round, run

ARRAYS, PEER, SLOW = "eyas_portfolio_arrays", "vectorbt_portfolio", "backtrader_portfolio"


def race(bars: Path, rounds: int) -> list[Round]:
    """Return what each engine printed, for every round; the slow one runs in the first round alone."""
    results = []
    for number in range(1, rounds + 1):
        print(f"Portfolio, round {number} of {rounds}", flush=True)
        engines = [engine for engine in PORTFOLIO if engine != SLOW or number == 1]
        results.append({engine: run(engine, bars) for engine in engines})
    return results


def different_work(one: Round) -> list[str]:
    """Return in what the engines of a round differ; nothing when they did the same."""
    trades, equity = one[ARRAYS]["trades"], one[ARRAYS]["equity_final"]
    found = []
    for engine, result in one.items():
        if result["trades"] != trades:
            found.append(f"{engine} made {result['trades']:,} trades, eyas {trades:,}")
        if abs(result["equity_final"] / equity - 1) > EQUITY_TOLERANCE:
            found.append(f"{engine} ended with {result['equity_final']:,.4f}, eyas with {equity:,.4f}")
    return found


def seconds(one: dict[str, Any], *, figures: bool = True) -> float:
    """Return an engine's seconds from its bars in memory to its trades, or to its figures too."""
    steps: dict[str, float] = one["seconds"]
    return sum(taken for step, taken in steps.items() if figures or step != "figures")


def rate(rounds: list[Round], engine: str) -> float:
    """Return an engine's bars a second, from bars in memory to figures: the median over the rounds."""
    taken = statistics.median(seconds(one[engine]) for one in rounds if engine in one)
    return INSTRUMENTS * PORTFOLIO_BARS / taken


def ratio(rounds: list[Round], engine: str, *, figures: bool = True) -> float:
    """Return how many times faster than the peer, warm too, an engine was: the median over the rounds."""
    return statistics.median(
        seconds(one[PEER], figures=figures) / seconds(one[engine], figures=figures)
        for one in rounds
        if engine in one
    )


def ratio_by_cpu(rounds: list[Round], engine: str) -> float:
    """Return the same ratio, figures included, by the processor's seconds."""
    return float(statistics.median(one[PEER]["cpu"] / one[engine]["cpu"] for one in rounds if engine in one))


def ratio_cold(rounds: list[Round], engine: str) -> float:
    """Return how many times faster than the peer an engine was in the first run of a fresh process."""
    colds = ((one[PEER]["cold"], one[engine]) for one in rounds if engine in one)
    return float(statistics.median(theirs / ours.get("cold", seconds(ours)) for theirs, ours in colds))
