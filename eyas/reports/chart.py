"""Turn a run into what its page draws: compact columns, downsampled for the eye and never for the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.reports import columns
from eyas.reports.downsample import bucket_width, envelope, merge_bars

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from eyas.model import Bars
    from eyas.reports.benchmark import Benchmark

PRICE_NAMES = ("open", "high", "low", "close")
WORD_NAMES = ("direction", "exit_reason")
TIME_NAMES = ("entry_time", "exit_time")
INTEGER_NAMES = ("ticket", "bars", "entry_bar", "exit_bar")
NUMBER_NAMES = ("quantity", "entry_price", "exit_price", "profit", "fee", "profit_rate")
RATE_NAMES = ("mfe_rate", "mae_rate")
NOTE_NAMES = ("note", "exit_note")
TRADE_NAMES = (*WORD_NAMES, *TIME_NAMES, *INTEGER_NAMES, *NUMBER_NAMES)
"""What every trade has; `RATE_NAMES` and `NOTE_NAMES` it may have."""

ROW_NAMES = ("entry_row", "exit_row")
"""Of a portfolio's trades: at which bars of the drawn symbol, -1 for trades of another."""

LEVELS = ("stop_loss", "take_profit")
LEVEL_NAMES = ("trade", "level", "from_bar", "to_bar", "price")
LEVEL_ROW_NAMES = ("from_row", "to_row")
"""Of a portfolio's levels: at which bars of the drawn symbol, -1 for those of another."""

LEVELS_MAX = 50_000

DRAWDOWN_FIGURES = 5
RATE_FIGURES = 5


def chart_data(
    bars: Bars,
    equity: NDArray[np.float64],
    trades: pl.DataFrame,
    indicators: Mapping[str, NDArray[np.float64]],
    opening_cash: float | None = None,
    curve_time: NDArray[np.int64] | None = None,
    benchmark: Benchmark | None = None,
) -> dict[str, Any]:
    """Return the data of a page as plain lists and dictionaries, ready to be written as JSON.

    `curve_time` is the clock of the curve, where that is not the bars'.
    """
    width = bucket_width(len(bars))
    return {
        "bar_count": len(bars),
        "candle_width": width,
        "candles": _candles(merge_bars(bars, width)),
        "curve": {**_curve(equity, opening_cash, curve_time), "benchmark": _benchmark(benchmark)},
        "indicators": [
            {"name": name, "values": columns.numbers(envelope(values, width).last)}
            for name, values in indicators.items()
        ],
        "trades": _trades(trades),
    }


def drawdown(equity: NDArray[np.float64], opening_cash: float | None = None) -> NDArray[np.float64]:
    """Return the fall from the highest equity so far, as a fraction of it (0 or negative).

    The opening cash is the first peak, where it is given. A fall is NaN where there is nothing to fall
    from: no equity yet, or none above zero so far.
    """
    known = np.where(np.isfinite(equity), equity, np.nan)
    first = np.nan if opening_cash is None else opening_cash
    peak = np.fmax.accumulate(np.append(first, known))[1:]
    fall = np.full(len(known), np.nan)
    np.divide(known - peak, peak, out=fall, where=peak > 0)
    return fall


def _curve(
    equity: NDArray[np.float64], opening_cash: float | None, time: NDArray[np.int64] | None
) -> dict[str, Any]:
    width = bucket_width(len(equity))
    fall = envelope(drawdown(equity, opening_cash), width)
    return {
        "time": None if time is None else columns.times(time[::width]),
        "width": width,
        "equity": _envelope(equity, width),
        "drawdown": {
            "low": columns.numbers(fall.low, DRAWDOWN_FIGURES),
            "high": columns.numbers(fall.high, DRAWDOWN_FIGURES) if width > 1 else None,
        },
    }


def _benchmark(benchmark: Benchmark | None) -> dict[str, Any] | None:
    if benchmark is None or not np.any(np.isfinite(benchmark.values)):
        return None
    drawn = envelope(benchmark.values, bucket_width(len(benchmark.values))).last
    return {"name": benchmark.name, "values": columns.numbers(drawn)}


def _candles(bars: Bars) -> dict[str, Any]:
    has_volume = bool(np.any(np.nan_to_num(bars.volume) > 0))
    return {
        "time": columns.times(bars.time),
        **{name: columns.numbers(getattr(bars, name)) for name in PRICE_NAMES},
        "volume": columns.numbers(bars.volume, figures=6) if has_volume else None,
    }


def _envelope(values: NDArray[np.float64], width: int) -> dict[str, columns.Numbers | None]:
    inside = envelope(values, width)
    return {
        "last": columns.numbers(inside.last),
        "low": columns.numbers(inside.low) if width > 1 else None,
        "high": columns.numbers(inside.high) if width > 1 else None,
    }


def _trades(trades: pl.DataFrame) -> dict[str, Any]:
    import polars as pl

    data: dict[str, Any] = {"count": len(trades)}
    for name in WORD_NAMES:
        data[name] = columns.words(trades[name].cast(pl.String).to_list())
    for name in TIME_NAMES:
        data[name] = columns.times(trades[name].dt.epoch("ns").to_numpy())
    for name in INTEGER_NAMES:
        data[name] = columns.integers(trades[name].cast(pl.Int64).to_numpy())
    for name in NUMBER_NAMES:
        data[name] = columns.numbers(trades[name].cast(pl.Float64).to_numpy())
    data.update(_extras(trades))
    if "symbol" in trades.columns:
        data["symbol"] = columns.words(trades["symbol"].to_list())
        for name in ROW_NAMES:
            data[name] = columns.integers(trades[name].cast(pl.Int64).to_numpy())
    return data


def _extras(trades: pl.DataFrame) -> dict[str, Any]:
    """Return what trades need not have: how far they ran, and what was noted, where anything was."""
    import polars as pl

    rates = [name for name in RATE_NAMES if name in trades.columns]
    notes = [name for name in NOTE_NAMES if name in trades.columns and trades[name].count()]
    return {
        **{name: columns.numbers(trades[name].cast(pl.Float64).to_numpy(), RATE_FIGURES) for name in rates},
        **{name: columns.texts(trades[name].fill_null("").to_list()) for name in notes},
    }


def level_data(levels: pl.DataFrame, candle_width: int) -> dict[str, Any]:
    """Return the stop and target prices of trades as columns, over candles in place of bars.

    `levels` has the columns of `LEVEL_NAMES`, of a portfolio those of `LEVEL_ROW_NAMES` too.
    Of the levels that a trade had within one candle the last is kept. Where there are more than the eye
    could follow, each trade keeps the first and the last of each kind.
    """
    import polars as pl

    whose = ["trade", "level"]
    first, last = LEVEL_ROW_NAMES if LEVEL_ROW_NAMES[0] in levels.columns else ("from_bar", "to_bar")
    shown = (
        levels.select(
            pl.col("trade").cast(pl.Int64),
            pl.col("level").cast(pl.String).replace_strict(LEVELS, [0, 1], return_dtype=pl.Int64),
            (pl.col(first).cast(pl.Int64) // candle_width).alias("start"),
            (pl.col(last).cast(pl.Int64) // candle_width).alias("end"),
            pl.col("price").cast(pl.Float64),
        )
        .filter(pl.col("price").is_finite() & (pl.col("start") >= 0))
        .sort(*whose, "start", maintain_order=True)
        .unique([*whose, "end"], keep="last", maintain_order=True)
    )
    if len(shown) > LEVELS_MAX:
        place = pl.int_range(pl.len()).over(whose)
        shown = shown.filter((place == 0) | (place == pl.len().over(whose) - 1))
    return {
        **{name: columns.integers(shown[name].to_numpy()) for name in ("trade", "level", "start")},
        "length": columns.integers((shown["end"] - shown["start"]).to_numpy()),
        "price": columns.numbers(shown["price"].to_numpy()),
    }
