"""Made-up runs for the tests of the page, and readers of what a page holds."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from eyas.model import Bars
from eyas.reports.page import Page

MINUTE_NS = 60_000_000_000
START_NS = 1_780_000_020_000_000_000


def made_bars(count: int, *, step_ns: int = MINUTE_NS) -> Bars:
    """Return a random walk with two decimals, always the same one."""
    random = np.random.default_rng(7)
    walk = np.round(60_000 + np.cumsum(random.normal(0, 12, count + 1)), 2)
    opens, closes = walk[:-1], walk[1:]
    return Bars(
        time=START_NS + step_ns * np.arange(count, dtype=np.int64),
        open=opens,
        high=np.round(np.maximum(opens, closes) + random.uniform(0, 9, count), 2),
        low=np.round(np.minimum(opens, closes) - random.uniform(0, 9, count), 2),
        close=closes,
        volume=np.round(random.lognormal(2, 1, count), 5),
        symbol="BTCUSDT",
        timeframe="1m",
    )


def made_trades(bars: Bars, count: int) -> pl.DataFrame:
    """Return trades spread evenly over the bars; what they earn is made up."""
    entry = np.linspace(0, len(bars) - 2, count, dtype=np.int64) if count else np.empty(0, dtype=np.int64)
    leave = entry + 1
    numbers = np.arange(count)
    profit = np.round(np.sin(numbers * 2.3) * 40, 4)
    reasons = ("stop_loss", "take_profit", "close", "end_of_data", "margin_call")
    return pl.DataFrame(
        {
            "ticket": (numbers + 1).astype(np.uint64),
            "direction": pl.Series([("long", "short")[n % 2] for n in numbers], dtype=pl.String),
            "quantity": np.round(0.1 + numbers % 7 / 8, 6),
            "entry_time": pl.Series(bars.time[entry]).cast(pl.Datetime("ns", "UTC")),
            "entry_price": bars.open[entry],
            "exit_time": pl.Series(bars.time[leave]).cast(pl.Datetime("ns", "UTC")),
            "exit_price": bars.open[leave],
            "exit_reason": pl.Series([reasons[n % 5] for n in numbers], dtype=pl.String),
            "profit": profit,
            "fee": np.full(count, 1.25),
            "profit_rate": np.round(profit / 1_000, 6),
            "bars": leave - entry,
            "entry_bar": entry,
            "exit_bar": leave,
        }
    )


def made_page(bars: Bars | None = None, trade_count: int = 30, **changes: Any) -> Page:
    """Return a page of a made-up run, with any of its parts changed."""
    bars = made_bars(600) if bars is None else bars
    parts: dict[str, Any] = {
        "title": "Cross on BTCUSDT 1m",
        "bars": bars,
        "equity": 10_000 + np.round(np.sin(np.arange(len(bars)) / 40) * 250, 2),
        "trades": made_trades(bars, trade_count),
        "figures": [("Return", "+3.42 %"), ("Sharpe", "1.32")],
        "settings": [("fast", "12"), ("slow", "30")],
    }
    return Page(**{**parts, **changes})


def data_of(html: str) -> dict[str, Any]:
    """Return the data that a page holds, as it was written."""
    found = re.search(r'<script type="application/json" id="run">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def read_numbers(column: dict[str, Any]) -> NDArray[np.float64]:
    """Read a column of numbers back, as the page's script does."""
    known = np.array([step is not None for step in column["steps"]], dtype=bool)
    values = np.full(len(known), np.nan)
    sums = np.cumsum([step for step in column["steps"] if step is not None])
    decimals = column["decimals"]
    values[known] = sums / 10.0**decimals if decimals >= 0 else sums * 10.0**-decimals
    return values


def read_times(column: dict[str, Any]) -> NDArray[np.int64]:
    """Read a column of times back, in nanoseconds."""
    nanoseconds = 1_000_000_000
    offsets = np.cumsum(np.array(column["steps"], dtype=np.int64))
    return np.int64(column["start"] * nanoseconds) + offsets * (nanoseconds // column["per_second"])


def read_words(column: dict[str, Any]) -> list[str]:
    """Read a column of words back."""
    return [column["words"][code] for code in column["codes"]]
