"""The trades of a run as tables: with our own columns, and with those that the signal lifecycle names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.reports.excursions import excursion_frame
from eyas.reports.levels import ENTRIES, KIND, level_frame, rows_of_trades
from eyas.reports.text.columns import Column
from eyas.reports.text.tables import Table, table_of_frame

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports.report import Report

NO_TRADES = "No trade was closed."
MINUTE_NS = 60_000_000_000
TRADES = (
    Column("trade", "#", "count"),
    Column("symbol"),
    Column("direction", "side"),
    Column("quantity", format="quantity"),
    Column("entry_time", "entry", "time"),
    Column("entry_price", "entry price", "price"),
    Column("exit_time", "exit", "time"),
    Column("exit_price", "exit price", "price"),
    Column("exit_reason", "why it ended", "words"),
    Column("profit", format="money"),
    Column("profit_rate", "profit %", "percent"),
    Column("fee", format="money"),
    Column("currency"),
    Column("bars", format="count"),
    Column("mfe_rate", "best while open", "percent"),
    Column("mae_rate", "worst while open", "percent"),
    Column("note"),
    Column("exit_note", "note at exit"),
)
# The signal lifecycle's own names, in its order. Signals of a run on bars have no multiplier, isolated and
# partialCloses.
SIGNALS = (
    Column("signalId", "Signal", "text"),
    Column("symbol", "Symbol"),
    Column("position", "Position"),
    Column("note", "Note", visible=False),
    Column("openPrice", "Open price", "price"),
    Column("closePrice", "Close price", "price"),
    Column("takeProfit", "Take profit", "price"),
    Column("stopLoss", "Stop loss", "price"),
    Column("originalPriceTakeProfit", "Original take profit", "price"),
    Column("originalPriceStopLoss", "Original stop loss", "price"),
    Column("originalPriceOpen", "Original open price", "price"),
    Column("totalEntries", "Entries", "count"),
    Column("totalPartials", "Partials", "count"),
    Column("pnl", "PnL", "percent_points"),
    Column("pnlCost", "PnL in money", "money"),
    Column("partialExecuted", "Closed in part", "percent_points"),
    Column("closeReason", "Close reason", "words"),
    Column("duration", "Duration", "minutes"),
    Column("openTimestamp", "Opened", "time"),
    Column("closeTimestamp", "Closed", "time"),
    Column("peakPnl", "Peak PnL", "percent_points"),
    Column("fallPnl", "Worst PnL", "percent_points"),
)


def trades_table(report: Report) -> Table:
    """Return the trades of a run, in order of closing, with their excursions and notes."""
    import polars as pl

    trades = with_excursions(report).with_row_index("trade", 1)
    unsaid = [
        name
        for name in ("note", "exit_note")
        if name in trades.columns and trades[name].null_count() == len(trades)
    ]
    columns = [one for one in TRADES if one.name not in unsaid]
    columns += [Column(name, visible=False) for name in unsaid]
    ordered = trades.select(
        pl.col([one.name for one in columns if one.name in trades.columns]),
        pl.exclude([one.name for one in columns]),
    )
    return table_of_frame("trades", columns, ordered, title="Trades", empty=NO_TRADES)


def with_excursions(report: Report) -> pl.DataFrame:
    """Return the trades with how far each ran for and against itself, where they do not have it already."""
    trades, excursions = report.trades, excursion_frame(report)
    return trades.with_columns(
        excursions.get_column(name) for name in ("mfe_rate", "mae_rate") if name not in trades.columns
    )


def signals_table(report: Report) -> Table:
    """Return the trades of a run under the names of the signal lifecycle; rates are in percent."""
    return table_of_frame("backtest", SIGNALS, signal_frame(report), title="Closed signals", empty=NO_TRADES)


def signal_frame(report: Report) -> pl.DataFrame:
    """Return one row for each trade, with the columns of the signal lifecycle that a run on bars has."""
    import polars as pl

    trades = with_excursions(report)
    fills = fills_of_trades(report)
    span = (pl.col("exit_time") - pl.col("entry_time")).dt.total_nanoseconds() / MINUTE_NS
    first, last = levels_of_trades(report, "first"), levels_of_trades(report, "last")
    # With one instrument a trade does not say which.
    symbol = (
        pl.col("symbol")
        if "symbol" in trades.columns
        else pl.lit(report.bars.symbol or None, dtype=pl.String)
    )
    return trades.select(
        signalId=pl.col("ticket").cast(pl.String),
        symbol=symbol,
        position="direction",
        note="note",
        openPrice="entry_price",
        closePrice="exit_price",
        takeProfit=last["take_profit"],
        stopLoss=last["stop_loss"],
        originalPriceTakeProfit=first["take_profit"],
        originalPriceStopLoss=first["stop_loss"],
        originalPriceOpen=fills["price"],
        totalEntries=fills["entries"],
        totalPartials=fills["partials"],
        pnl=pl.col("profit_rate") * 100,
        pnlCost="profit",
        partialExecuted=fills["partial_share"] * 100,
        closeReason="exit_reason",
        duration=span,
        openTimestamp="entry_time",
        closeTimestamp="exit_time",
        peakPnl=pl.col("mfe_rate") * 100,
        fallPnl=pl.col("mae_rate") * 100,
    )


def levels_of_trades(report: Report, which: str) -> dict[str, pl.Series]:
    """Return the first or the last level of each kind that each trade had; null where it had none."""
    import polars as pl

    levels = level_frame(report)
    found = {}
    for level in ("take_profit", "stop_loss"):
        own = levels.filter(pl.col("level") == level).unique(
            "trade", keep="first" if which == "first" else "last", maintain_order=True
        )
        values = np.full(len(report.trades), np.nan)
        values[own["trade"].to_numpy()] = own["price"].to_numpy()
        found[level] = pl.Series(values).fill_nan(None)
    return found


def fills_of_trades(report: Report) -> dict[str, pl.Series]:
    """Return of each trade: its first price, how many fills it took in and out, and what left it early.

    `partials` counts fills that ended a part of it before the last, `partial_share` is what they were of it.
    """
    import polars as pl

    rows, trades = rows_of_trades(report)
    records, count = report.journal.records, len(report.trades)
    is_filled = records["kind"][rows] == KIND["filled"]
    rows, trades = rows[is_filled], trades[is_filled]
    is_entry = np.isin(records["cause"][rows], ENTRIES)
    quantity = np.abs(report.journal.column("quantity", rows))
    price = np.full(count, np.nan)
    entries = np.flatnonzero(is_entry)[::-1]  # backwards, so that the first is written last
    price[trades[entries]] = report.journal.column("price", rows[entries])
    exits = np.flatnonzero(~is_entry)
    out = np.bincount(trades[exits], quantity[exits], count)
    last = np.zeros(count)
    last[trades[exits]] = quantity[exits]
    return {
        "price": pl.Series(price).fill_nan(None),
        "entries": pl.Series(counted(trades[is_entry], count)),
        "partials": pl.Series(np.maximum(0, counted(trades[exits], count) - 1)),
        "partial_share": pl.Series(np.divide(out - last, out, out=np.zeros(count), where=out > 0)),
    }


def counted(trades: NDArray[np.int64], count: int) -> NDArray[Any]:
    """Return how often each of so many trades comes."""
    return np.bincount(trades, minlength=count).astype(np.int64)
