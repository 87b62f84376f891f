"""Race over many runs: 1,225 pairs of averages on the same bars, with five figures of each or more."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.markdown import markdown
from bench.race import EQUITY_TOLERANCE, Round, run

ROUNDS_MAX = 3
RAY_S = 60
EYAS = "eyas_sweep"
PEERS = ("auto", "numba")
Reading = Callable[[Round], dict[str, Any]]

WAYS: dict[str, Reading] = {
    "eyas, signals as arrays": lambda one: one[EYAS]["arrays"],
    "eyas, `on_bar` compiled": lambda one: one[EYAS]["compiled"],
    "eyas, `on_bar` in Python, 2 workers": lambda one: one[EYAS]["python_2"],
    "eyas, `on_bar` in Python, 1 worker": lambda one: one[EYAS]["python_1"],
    "vectorbt, Rust wherever it has it": lambda one: one["vectorbt_auto"],
    "vectorbt, numba": lambda one: one["vectorbt_numba"],
}


def race(bars: Path, rounds: int) -> list[Round]:
    """Return what each engine printed, for every round."""
    results = []
    for number in range(1, rounds + 1):
        print(f"Sweeps, round {number} of {rounds}", flush=True)
        found = {EYAS: run(EYAS, bars)}
        results.append(found | {f"vectorbt_{one}": run("vectorbt_sweep", bars, one) for one in PEERS})
    return results


def different_work(one: Round) -> list[str]:
    """Return in what the engines of a round differ; nothing when they did the same."""
    ours, found = one[EYAS]["arrays"], []
    for name, reading in WAYS.items():
        theirs = reading(one)
        found += [
            f"{name}: {theirs[what]:,} {what} in the sweep, eyas {ours[what]:,}"
            for what in ("combinations", "trades")
            if theirs[what] != ours[what]
        ]
        if abs(theirs["equity"] / ours["equity"] - 1) > EQUITY_TOLERANCE:
            found.append(f"{name} ended with {theirs['equity']:,.4f} in all, not {ours['equity']:,.4f}")
    return found


def peer_seconds(one: Round) -> float:
    """Return the seconds of the faster of the peer's engines in a round."""
    return float(min(one[f"vectorbt_{peer}"]["seconds"] for peer in PEERS))


def median(rounds: list[Round], reading: Callable[[Round], float]) -> float:
    """Return the median of a figure over the rounds."""
    return float(statistics.median(map(reading, rounds)))


def figures(rounds: list[Round]) -> list[tuple[Any, ...]]:
    """Return the figures that have a limit: what, value, the most, the least, decimals."""
    rate = median(rounds, lambda one: one[EYAS]["arrays"]["combinations"] / one[EYAS]["arrays"]["seconds"])
    event = median(
        rounds, lambda one: one[EYAS]["compiled"]["combinations"] / one[EYAS]["compiled"]["seconds"]
    )
    against = median(rounds, lambda one: peer_seconds(one) / one[EYAS]["arrays"]["seconds"])
    workers = median(rounds, lambda one: one[EYAS]["python_1"]["seconds"] / one[EYAS]["python_2"]["seconds"])
    peak = median(rounds, lambda one: one[EYAS]["peak"] / 1e6)
    return [
        ("sweep, arrays: combinations/s", rate, None, 10_000, 0),
        ("sweep, arrays: times vectorbt", against, None, 50),
        ("sweep, `on_bar` compiled: combinations/s", event, None, 10_000, 0),
        ("sweep, `on_bar` in Python: two workers against one", workers, None, 1.8, 2),
        ("sweep: peak memory, MB", peak, 400, None, 0),
    ]


def table(rounds: list[Round]) -> str:
    """Return how long each way took, warm and cold."""
    rows = []
    for name, reading in WAYS.items():
        taken = median(rounds, lambda one, reading=reading: reading(one)["seconds"])  # type: ignore[misc]
        cold = median(rounds, lambda one, reading=reading: reading(one).get("cold", reading(one)["seconds"]))  # type: ignore[misc]
        ratio = median(rounds, lambda one, reading=reading: peer_seconds(one) / reading(one)["seconds"])  # type: ignore[misc]
        count = reading(rounds[0])["combinations"]
        peaks = [one[EYAS]["peak"] if name.startswith("eyas") else reading(one)["peak"] for one in rounds]
        rows.append(
            (
                name,
                f"{taken:,.3f}",
                f"{count / taken:,.0f}",
                f"{ratio:,.1f}",
                f"{cold:,.2f}",
                f"{statistics.median(peaks) / 1e6:,.0f}",
            )
        )
    return markdown(("way", "s", "combinations/s", "times vectorbt", "s, the first", "peak, MB"), rows)


def ray(taken: dict[str, Any]) -> str:
    """Return how long the same sweep took in two processes, and on two Ray nodes with one core each."""
    processes, nodes = (taken["seconds"][name] for name in ("processes", "ray"))
    rows = [
        ("two processes", f"{min(processes):,.1f}", "1.00"),
        ("two Ray nodes on this machine", f"{min(nodes):,.1f}", f"{taken['ratio']:.2f}"),
    ]
    return markdown(
        (f"{taken['trials']:,} runs of {taken['bars']:,} bars", "s", "of the processes' speed"), rows
    )
