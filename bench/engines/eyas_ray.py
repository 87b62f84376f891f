"""The same sweep in two processes and on a Ray cluster of two nodes with one CPU each, in turn.

`eyas_ray.py bars.npz [seconds] [rounds]`: two cores have work for about `seconds`. The cluster runs before
the clock does; what counts is a call of eyas.sweep: connecting, asking the nodes which eyas they have, the
work there, starting workers, and every row back. It needs the extra eyas[cluster].
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # last: eyas is the one that is installed

import eyas  # noqa: E402
from eyas.indicators import sma  # noqa: E402
from eyas.sweep import sweep  # noqa: E402
from tools.ray_cluster import Cluster  # noqa: E402

BARS = 100_000
WORKERS = 2
SLOW = 30
CALIBRATION = 4


class Cross(eyas.Strategy):
    """Buy when the fast average is above the slow one, bar by bar in Python."""

    fast: int = 10
    slow: int = 60

    def on_start(self) -> None:
        """Compute both averages."""
        self.quick, self.calm = self.use(sma, "close", self.fast), self.use(sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:  # noqa: ARG002
        """Follow the trend."""
        above = self.quick[-1] > self.calm[-1]
        if above and self.is_flat:
            self.buy(fraction=0.5)
        elif not above and not self.is_flat:
            self.close()


def main(path: str, seconds: str = "60", rounds: str = "1") -> dict[str, Any]:
    """Return the seconds of both in each round, and processes by Ray: 1 when Ray costs nothing."""
    with np.load(path) as columns:
        bars = eyas.bars({name: columns[name][:BARS] for name in columns.files})
    one_s = timed(bars, CALIBRATION, workers=1)[0] / CALIBRATION
    trials = max(2 * WORKERS, round(WORKERS * float(seconds) / one_s))
    taken: dict[str, list[float]] = {"processes": [], "ray": []}
    started = time.perf_counter()
    with Cluster() as cluster:
        start_s = time.perf_counter() - started
        os.environ.update(
            {name: cluster.env[name] for name in cluster.env if name.startswith(("RAY_", "HOME"))}
        )
        same = []
        for _ in range(int(rounds)):
            here_s, here = timed(bars, trials, workers=WORKERS)
            there_s, there = timed(bars, trials, cluster=f"127.0.0.1:{cluster.port}")
            taken["processes"].append(here_s)
            taken["ray"].append(there_s)
            same.append(here == there)
    ratios = [here / there for here, there in zip(taken["processes"], taken["ray"], strict=True)]
    return {
        "trials": trials,
        "bars": len(bars),
        "seconds": taken,
        "ratio": max(ratios),
        "ratios": ratios,
        "cluster_start": start_s,
        "same_rows": all(same),
    }


def timed(bars: eyas.Bars, trials: int, **where: Any) -> tuple[float, bytes]:
    """Return how long a sweep takes, and its rows."""
    slow = range(SLOW, SLOW + max(1, -(-trials // 20)))
    started = time.perf_counter()
    found = sweep(
        Cross,
        bars,
        fast=range(5, 25),
        slow=slow,
        search="random",
        trials=trials,
        engine="python",
        fee_rate=0.001,
        **where,
    )
    return time.perf_counter() - started, found.rows.tobytes()


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
