"""Made-up sweeps for the tests of the page, and readers of what a page holds."""

from __future__ import annotations

import base64
import json
import re
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eyas.research import study_statistics
from eyas.sweep.figures import BLOCKS, FIGURES, REFUSED, TRIAL_DTYPE
from eyas.sweep.page import SweepPage
from eyas.sweep.page_verdict import verdict_of

Axes = dict[str, list[Any]]
BARS = 4_000
BARS_PER_YEAR = 2_000.0


def grid(**values: Any) -> Axes:
    """Return every combination of some values, a column for each name."""
    rows = list(product(*values.values()))
    return {name: [row[place] for row in rows] for place, name in enumerate(values)}


def skill_of(axes: Axes) -> NDArray[np.float64]:
    """Return a smooth hill over the numbers of the parameters, from 0 to 1."""
    count = len(next(iter(axes.values()))) if axes else 1
    total = np.zeros(count)
    for place, values in enumerate(axes.values()):
        codes = np.unique(values, return_inverse=True)[1]
        share = codes / max(1, codes.max())
        total += np.cos((share - 0.35 - 0.2 * place) * 2.6)
    return total / max(1, len(axes))


def made_rows(axes: Axes, *, skill: float = 0.02, seed: int = 7) -> NDArray[np.void]:
    """Return rows of trials whose returns are noise, partly shared, and more or less of a drift."""
    count = len(next(iter(axes.values()))) if axes else 1
    random = np.random.default_rng(seed)
    lengths = np.diff(np.arange(BLOCKS + 1) * BARS // BLOCKS)
    shared = random.normal(0, 0.006, (1, BLOCKS)) * np.sqrt(lengths)
    own = random.normal(0, 0.003, (count, BLOCKS)) * np.sqrt(lengths)
    drift = 0.01 * (skill * (skill_of(axes) - 0.55))
    sums = drift[:, None] * lengths + shared * 0.4 + own
    squares = np.full_like(sums, 0.01**2) * lengths + sums**2 / lengths
    rows = np.zeros(count, dtype=TRIAL_DTYPE)
    rows["blocks"] = np.stack([np.broadcast_to(lengths, sums.shape), sums, squares], axis=-1)
    rows["bars"], rows["sum4"] = BARS, 3 * 0.01**4 * BARS
    mean = sums.sum(axis=1) / BARS
    deviation = np.sqrt((squares.sum(axis=1) - BARS * mean**2) / (BARS - 1))
    rows["sharpe"] = mean / deviation * np.sqrt(BARS_PER_YEAR)
    fill_figures(rows, mean, deviation, random)
    rows["digest"] = np.frombuffer(random.bytes(32 * count), dtype="V32")
    return rows


def fill_figures(
    rows: NDArray[np.void],
    mean: NDArray[np.float64],
    deviation: NDArray[np.float64],
    random: np.random.Generator,
) -> None:
    """Fill in the other figures, each in its usual range."""
    count = len(rows)
    rows["total_return"] = np.expm1(mean * BARS)
    rows["annual_return"] = np.expm1(mean * BARS_PER_YEAR)
    rows["volatility"] = deviation * np.sqrt(BARS_PER_YEAR)
    rows["sortino"] = rows["sharpe"] * 1.4
    rows["max_drawdown"] = np.clip(0.35 - mean * 300 + random.normal(0, 0.02, count), 0.02, 0.9)
    rows["calmar"] = rows["annual_return"] / rows["max_drawdown"]
    rows["max_drawdown_bars"] = random.integers(200, 2_000, count)
    rows["exposure"] = random.uniform(0.3, 0.7, count)
    rows["trades"] = random.integers(20, 400, count)
    rows["win_rate"] = random.uniform(0.35, 0.6, count)
    rows["profit_factor"] = np.exp(mean * 900)
    rows["equity_final"] = np.round(10_000 * (1 + rows["total_return"]), 2)
    rows["net_profit"] = rows["equity_final"] - 10_000
    rows["average_trade"] = rows["net_profit"] / rows["trades"]
    rows["fees"] = np.round(rows["trades"] * 3.17, 2)


def spoil(rows: NDArray[np.void], which: slice | list[int], status: int = REFUSED) -> None:
    """Make trials refused or failed."""
    for name in FIGURES:
        rows[name][which] = np.nan
    rows["blocks"][which] = 0
    rows["status"][which] = status


def made_page(axes: Axes | None = None, rows: NDArray[np.void] | None = None, **changes: Any) -> SweepPage:
    """Return the page of a made-up sweep, with any of its parts changed."""
    axes = grid(fast=range(5, 25), slow=range(30, 130, 4)) if axes is None else axes
    rows = made_rows(axes) if rows is None else rows
    scores = np.where(rows["status"] == 0, rows["sharpe"], np.nan)
    best = None if np.isnan(scores).all() else int(np.nanargmax(scores))
    statistics = study_statistics(rows, objective=scores, parameters=axes, best=best)
    centre = statistics.plateau.centre if statistics.plateau else None
    yearly = float(rows["sharpe"][best]) if best is not None else np.nan
    parts: dict[str, Any] = {
        "title": "Cross on BTCUSDT 1h",
        "objective": "sharpe",
        "axes": axes,
        "rows": rows,
        "numbers": np.arange(len(rows)),
        "scores": scores,
        "best": best,
        "subtitle": ["2024-01-01 to 2025-12-31 UTC", "4,000 bars", "compiled", "1.2 s"],
        "verdict": verdict_of(statistics, yearly, centre),
        "settings": [
            ("Search", "grid"),
            ("Objective", "sharpe"),
            ("fee_rate", "0.001"),
            ("Cash at start", "10,000.00"),
        ],
        "python": "eyas.backtest(Cross({parameters}), bars, fee_rate=0.001)",
        "command": "eyas backtest cross.py --data BTCUSDT_1h.csv --fee-rate 0.001 {settings}",
    }
    return SweepPage(**{**parts, **changes})


def data_of(html: str) -> dict[str, Any]:
    """Return the data that a page holds."""
    found = re.search(r'<script type="application/json" id="study">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def read_column(column: dict[str, str]) -> NDArray[Any]:
    """Return a column of the page as numbers."""
    return np.frombuffer(base64.b64decode(column["data"]), dtype=f"<{column['type']}")


def read_axis(axis: dict[str, Any]) -> list[Any]:
    """Return the value of each trial along an axis of the page."""
    return [axis["values"][code] for code in read_column(axis["codes"])]
