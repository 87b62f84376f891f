"""Race over a million bars where no Python runs for a bar: vectorbt, a hand-written numba loop, eyas."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.markdown import markdown
from bench.race import EQUITY_TOLERANCE, WITHOUT_PYTHON, Round, run

PEER, LOOP, EYAS = "vectorbt_arrays", "numba_loop", "eyas_fast"
Reading = Callable[[Round], dict[str, Any]]

WAYS: dict[str, Reading] = {
    "eyas, orders as arrays, from columns": lambda one: one[EYAS]["arrays"],
    "eyas, `on_bar` compiled, from bars": lambda one: one[EYAS]["compiled"],
    "eyas, `on_bar` in Python, from bars": lambda one: one[EYAS]["per_bar"],
    "vectorbt, Rust wherever it has it": lambda one: one[PEER]["auto"],
    "vectorbt, numba": lambda one: one[PEER]["numba"],
    "a hand-written numba loop, signals given, no figures": lambda one: one[LOOP],
}


def race(bars: Path, rounds: int) -> list[Round]:
    """Return what each engine printed, for every round."""
    results = []
    for number in range(1, rounds + 1):
        print(f"Without Python, round {number} of {rounds}", flush=True)
        results.append({engine: run(engine, bars) for engine in WITHOUT_PYTHON})
    return results


def different_work(one: Round) -> list[str]:
    """Return in what the engines of a round differ; nothing when they did the same."""
    ours, found = one[EYAS]["arrays"], []
    for name, reading in WAYS.items():
        theirs = reading(one)
        if theirs["trades"] != ours["trades"]:
            found.append(f"{name} made {theirs['trades']:,} trades, eyas {ours['trades']:,}")
        if abs(theirs["equity_final"] / ours["equity_final"] - 1) > EQUITY_TOLERANCE:
            found.append(f"{name} ended with {theirs['equity_final']:,.4f}, not {ours['equity_final']:,.4f}")
        if theirs.get("digest", ours["digest"]) != ours["digest"]:
            found.append(f"the journals of {name} and of eyas by arrays differ")
    return found


def seconds(one: dict[str, Any]) -> float:
    """Return an engine's seconds, all steps together."""
    return float(sum(one["seconds"].values()))


def median(rounds: list[Round], reading: Callable[[Round], float]) -> float:
    """Return the median of a figure over the rounds."""
    return float(statistics.median(map(reading, rounds)))


def figures(bars: int, rounds: list[Round]) -> list[tuple[Any, ...]]:
    """Return the figures that have a limit: what, value, the most, the least, decimals."""
    arrays = median(rounds, lambda one: seconds(one[EYAS]["arrays"]))
    compiled = median(rounds, lambda one: seconds(one[EYAS]["compiled"]))
    against = median(rounds, lambda one: seconds(one[PEER]["auto"]) / seconds(one[EYAS]["arrays"]))
    loop = median(rounds, lambda one: one[EYAS]["pump"] / seconds(one[LOOP]))
    compiling = median(rounds, lambda one: one[EYAS]["compiling"])
    return [
        ("arrays, from columns to figures: bars/s", bars / arrays, None, 40_000_000, 0),
        ("arrays: times vectorbt, warm", against, None, 4),
        ("arrays, the loop: times a numba loop's time", loop, 4),
        ("compiled `on_bar`: bars/s", bars / compiled, None, 20_000_000, 0),
        ("compiling: s", compiling, 2, None, 3),
    ]


def table(bars: int, rounds: list[Round]) -> str:
    """Return how long each way took, warm and cold, and where the time went."""
    rows = []
    for name, reading in WAYS.items():
        taken = statistics.median(seconds(reading(one)) for one in rounds)
        cold = statistics.median(reading(one)["cold"] for one in rounds)
        ratio = statistics.median(seconds(one[PEER]["auto"]) / seconds(reading(one)) for one in rounds)
        steps = reading(rounds[0])["seconds"]
        parts = (
            f"{step} {1_000 * statistics.median(reading(one)['seconds'][step] for one in rounds):.1f}"
            for step in steps
        )
        rows.append(
            (
                name,
                f"{1_000 * taken:,.1f}",
                f"{bars / taken:,.0f}",
                f"{ratio:.2f}",
                f"{1_000 * cold:,.0f}",
                ", ".join(parts),
            )
        )
    heads = ("way", "ms, warm", "bars/s", "times vectorbt", "ms, the first run", "of it, ms")
    return markdown(heads, rows)
