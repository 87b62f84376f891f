"""Made-up pages that have everything a page can have."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from eyas.data.quality.check import check
from eyas.metrics.definition import Definition
from eyas.model import Bars
from eyas.reports.benchmark import Benchmark
from eyas.reports.page import Page, Shown
from eyas.reports.sections import Section
from tests.reports.pages import made_bars, made_page, made_trades

PICTURE = "<svg viewBox='0 0 1 1'><title>a month</title></svg>"
LEVEL_TYPES = {
    "trade": pl.Int64,
    "level": pl.String,
    "from_bar": pl.Int64,
    "to_bar": pl.Int64,
    "price": pl.Float64,
}


def with_extras(trades: pl.DataFrame) -> pl.DataFrame:
    """Return trades that also say how far they ran and what was noted; what they say is made up."""
    numbers = np.arange(len(trades))
    ran = np.round(np.abs(np.sin(numbers * 1.7)) / 50, 5)
    notes = [
        f"rsi {20 + n * 1.37:.2f} · fast {60_000 + n * 0.25:.2f} · why {'dip' if n % 3 else 'breakout'}"
        for n in numbers
    ]
    return trades.with_columns(
        mfe_rate=pl.Series(ran),
        mae_rate=pl.Series(-ran / 2),
        note=pl.Series(notes, dtype=pl.String),
        exit_note=pl.Series([None if n % 4 else "crossed back" for n in numbers], dtype=pl.String),
    )


def made_levels(trades: pl.DataFrame) -> pl.DataFrame:
    """Return for each trade a stop that moves once, while it is open, and a target that does not."""
    rows: list[tuple[int, str, int, int, float]] = []
    names = ("entry_bar", "exit_bar", "entry_price", "direction")
    for trade, (first, last, price, direction) in enumerate(trades.select(names).iter_rows()):
        side = 1 if direction == "long" else -1
        rows.append((trade, "stop_loss", first, first, round(price - side * 50, 2)))
        rows.append((trade, "stop_loss", min(last, first + 1), last, round(price - side * 20, 2)))
        rows.append((trade, "take_profit", first, last, round(price + side * 80, 2)))
    return pl.DataFrame(rows, schema=LEVEL_TYPES, orient="row")


def made_definition(label: str = "Sharpe ratio") -> Definition:
    """Return a definition with all of its parts."""
    return Definition(
        name="sharpe",
        label=label,
        unit="ratio",
        group="Risk-adjusted",
        higher_is_better=True,
        sentence="Return the mean over `risk`.",
        formula="mean(r) / std(r) × √n",
        convention="Sample deviation.",
        source="Sharpe (1994).",
        none_when="fewer than 30 days",
    )


def full_page(bars: Bars | None = None, trade_count: int = 30, **changes: Any) -> Page:
    """Return a page of a made-up run that has everything a page can have."""
    bars = made_bars(600) if bars is None else bars
    trades = with_extras(made_trades(bars, trade_count))
    shown = Shown("Sharpe ratio", "1.32", made_definition())
    parts: dict[str, Any] = {
        "trades": trades,
        "levels": made_levels(trades),
        "benchmark": Benchmark(
            "Buy and hold BTCUSDT", np.round(10_000 * bars.close / bars.close[:1], 2), bars.time
        ),
        "figures": [("Return", "+3.42 %"), shown],
        "groups": [("Return", [Shown("Return", "-3.42 %")]), ("Risk-adjusted", [shown])],
        "basis": "Returns of bars.",
        "sections": [
            Section("monthly", "Months", PICTURE, "A note.", wide=True),
            Section("trades-by-hour", "Hours", "<p>No trade was made.</p>"),
        ],
        "verdicts": {"BTCUSDT": check(bars)},
        "settings_groups": [
            ("Parameters", [("fast", "12")]),
            ("Digests", [("journal", "0123456789abcdef" * 4)]),
        ],
        "bounds": "Equity at the end lies between 9,900.00 and 10,100.00.",
    }
    return made_page(bars, trade_count, **{**parts, **changes})
