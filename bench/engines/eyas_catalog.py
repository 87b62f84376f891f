"""How long a catalog takes to add and to load bars, beside Polars reading the same files.

Everything is in the system's cache: the files were just written. Catalog and Polars take turns, so that
whatever else the machine does hits both alike.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import eyas
from eyas.data.catalog import Catalog

ROUNDS = 15
MINUTE_NS = 60_000_000_000


def main(path: str) -> dict[str, Any]:
    """Return milliseconds."""
    with np.load(path) as columns:
        whole = columns["time"] // MINUTE_NS * MINUTE_NS  # hours are made of whole minutes
        bars = eyas.Bars(**{**columns, "time": whole}, symbol="BTCUSDT", timeframe="1m")
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(folder)
        adding = ms(lambda: catalog.add(bars, venue="parquet"))
        again = ms(lambda: catalog.add(bars, venue="parquet"))
        catalog.add(bars, venue="mapped", format="mapped")
        files = sorted((Path(folder) / "parquet").rglob("*.parquet"))
        month = {"start": int(bars.time[len(bars) // 2]), "end": int(bars.time[len(bars) // 2 + 43_200])}
        turns: dict[str, Callable[[], Any]] = {
            "read_parquet": lambda: pl.read_parquet(files),
            "load": lambda: catalog.load("BTCUSDT", "1m", venue="parquet"),
            "load_mapped": lambda: catalog.load("BTCUSDT", "1m", venue="mapped"),
            "load_mapped_and_touch": lambda: touched(catalog.load("BTCUSDT", "1m", venue="mapped")),
            "load_month": lambda: catalog.load("BTCUSDT", "1m", venue="parquet", **month),
            "load_hours": lambda: catalog.load("BTCUSDT", "1h", venue="parquet"),
        }
        for turn in turns.values():
            turn()
        taken = [{name: ms(turn) for name, turn in turns.items()} for _ in range(ROUNDS)]
        found = catalog.load("BTCUSDT", "1m", venue="parquet")
        assert all(getattr(found, name).tobytes() == getattr(bars, name).tobytes() for name in bars.columns)
    return {
        "bars": len(bars),
        "files": len(files),
        "add": adding,
        "add_again": again,
        "ratio": statistics.median(one["load"] / one["read_parquet"] for one in taken),
        **{name: statistics.median(one[name] for one in taken) for name in turns},
        "load_best": min(one["load"] for one in taken),
    }


def touched(bars: eyas.Bars) -> float:
    """Read every number once."""
    return float(sum(getattr(bars, name).sum() for name in bars.columns))


def ms(work: Callable[[], Any]) -> float:
    """Return the milliseconds that something takes."""
    start = time.perf_counter()
    work()
    return 1_000 * (time.perf_counter() - start)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
