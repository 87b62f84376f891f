"""Record what skfolio, purgedcv and arch say of splits and of resampling, for tests/research/test_splits.py.

Run it in an environment of its own, with skfolio 1.12.2, purgedcv 0.1.11 and arch 8.0.0:

    python tests/research/oracles/record_splits.py > tests/research/oracles/splits.json
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import purgedcv
from arch.bootstrap import (
    SPA,
    CircularBlockBootstrap,
    MovingBlockBootstrap,
    StationaryBootstrap,
    optimal_block_length,
)
from skfolio.model_selection import CombinatorialPurgedCV, WalkForward


def combinatorial() -> list[dict[str, Any]]:
    """Every split and path of skfolio; its groups are equal only where the rows divide."""
    found = []
    for groups, tests, purge, embargo in [
        (4, 2, 0, 0),
        (6, 2, 1, 0),
        (6, 2, 2, 1),
        (5, 3, 0, 2),
        (6, 4, 1, 1),
    ]:
        cut = CombinatorialPurgedCV(groups, tests, purge, embargo)
        count = groups * 7
        splits = [
            {"train": train.tolist(), "tests": [one.tolist() for one in parts]}
            for train, parts in cut.split(np.zeros((count, 1)))
        ]
        found.append(
            {
                "groups": groups,
                "tests": tests,
                "purge": purge,
                "embargo": embargo,
                "count": count,
                "path_count": cut.n_test_paths,
                "paths": cut.recombined_paths.T.tolist(),
                "splits": splits,
            }
        )
    return found


def folds() -> list[dict[str, Any]]:
    """Purged k-fold of purgedcv: a label that lasts purge + 1 bars is purged `purge` rows on both sides.

    Its embargo is a closed span of time from the end of the last label, so one of n rows is n − 1 bars.
    """
    found = []
    for (count, number), purge, embargo in product([(20, 5), (23, 4)], (0, 2), (0, 2)):
        start = pd.Series(pd.date_range("2024-01-01", periods=count, freq="D"))
        cut = purgedcv.PurgedKFold(
            number,
            prediction_times=start,
            evaluation_times=start + pd.Timedelta(days=purge + 1),
            embargo=pd.Timedelta(days=embargo - 1) if embargo else None,
        )
        splits = [[train.tolist(), test.tolist()] for train, test in cut.split(np.zeros((count, 1)))]
        found.append({"count": count, "folds": number, "purge": purge, "embargo": embargo, "splits": splits})
    return found


def rolling() -> list[dict[str, Any]]:
    """Walk forward of skfolio."""
    found = []
    for train, test, gap, anchored in [(5, 2, 0, False), (6, 3, 2, False), (5, 2, 1, True)]:
        cut = WalkForward(test_size=test, train_size=train, purged_size=gap, expand_train=anchored)
        splits = [[one.tolist(), two.tolist()] for one, two in cut.split(np.zeros((24, 1)))]
        found.append({"train": train, "test": test, "gap": gap, "anchored": anchored, "splits": splits})
    return found


def resampled() -> list[dict[str, Any]]:
    """Rows that arch draws with a numpy generator of a known seed, twice in a row."""
    found = []
    kinds = {
        "stationary": StationaryBootstrap,
        "moving": MovingBlockBootstrap,
        "circular": CircularBlockBootstrap,
    }
    for (kind, cls), length in product(kinds.items(), (1, 4, 7)):
        drawn = cls(length, np.arange(30), seed=np.random.default_rng(11))
        rows = [data[0][0].tolist() for data in drawn.bootstrap(2)]
        found.append({"kind": kind, "length": length, "seed": 11, "count": 30, "rows": rows})
    return found


def series() -> dict[str, list[float]]:
    """Return series with more and less memory."""
    random = np.random.default_rng(5)
    noise = random.standard_normal(600)
    found = {"noise": noise}
    for name, memory in (("weak", 0.3), ("strong", 0.8), ("alternating", -0.5)):
        values = noise.copy()
        for place in range(1, len(values)):
            values[place] += memory * values[place - 1]
        found[name] = values
    return {name: np.round(values, 6).tolist() for name, values in found.items()}


def lengths() -> list[dict[str, Any]]:
    """Optimal block lengths (Politis and White 2004, Patton, Politis and White 2009)."""
    found = []
    for name, values in series().items():
        table = optimal_block_length(np.array(values))
        row = {"name": name, "values": values}
        found.append(row | {kind: float(table[kind].iloc[0]) for kind in ("stationary", "circular")})
    return found


def superior() -> dict[str, Any]:
    """Hansen's test of superior predictive ability, whose upper p-value is White's reality check."""
    random = np.random.default_rng(3)
    returns = np.round(0.01 * random.standard_normal((250, 8)) + 0.0006 * np.arange(8) / 4, 8)
    # The test is of losses, so that a return is a loss of its opposite, against a benchmark of nothing.
    spa = SPA(
        np.zeros(250), -returns, block_size=10, reps=2000, seed=np.random.default_rng(17), studentize=False
    )
    spa.compute()
    return {"returns": returns.tolist(), "length": 10, "draws": 2000, "pvalues": spa.pvalues.to_dict()}


def main() -> None:
    """Print all of it as JSON."""
    made = {name: version(name) for name in ("skfolio", "purgedcv", "arch", "numpy")}
    parts = {
        "combinatorial": combinatorial(),
        "folds": folds(),
        "rolling": rolling(),
        "resampled": resampled(),
        "lengths": lengths(),
        "superior": superior(),
    }
    json.dump({"versions": made, **parts}, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
