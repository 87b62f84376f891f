"""The trades of two runs side by side, as a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eyas.reports.difference.naming import CAUSES
from eyas.reports.difference.trades import Trade, mean_price

if TYPE_CHECKING:
    import polars as pl

    from eyas.reports.difference.difference import Difference

UNIT = 10.0**16
# What is said of each trade: name, how it is found, and its type in a frame.
TOLD: tuple[tuple[str, Callable[[Trade], Any], str], ...] = (
    ("ticket", lambda trade: trade.ticket, "Int64"),
    ("entry_time", lambda trade: trade.entry_ns, "time"),
    ("entry_price", lambda trade: mean_price(trade.entered, trade.quantity) / UNIT, "Float64"),
    ("exit_time", lambda trade: None if trade.is_open else trade.exit_ns, "time"),
    ("exit_price", lambda trade: mean_price(trade.left, trade.quantity) / UNIT, "Float64"),
    ("exit_reason", lambda trade: trade.reason, "String"),
    ("quantity", lambda trade: trade.quantity / UNIT, "Float64"),
    ("fee", lambda trade: trade.fee / UNIT, "Float64"),
    ("profit", lambda trade: trade.value / UNIT, "Float64"),
)


def frame_of(difference: Difference) -> pl.DataFrame:
    """Return one row a pair, in order of entry: name, symbol, direction, what each trade was, money by cause.

    Columns of A end in `_a`, those of B in `_b`, null where a run has no such trade; all numbers are floats
    for the eye, the exact ones are in `Difference.pairs`. Times are UTC.
    """
    import polars as pl

    pairs = difference.pairs
    columns: dict[str, Any] = {
        "name": pl.Series([pair.name for pair in pairs], dtype=pl.String),
        "symbol": pl.Series([pair.known.symbol for pair in pairs], dtype=pl.String),
        "direction": pl.Series(
            ["long" if pair.known.direction > 0 else "short" for pair in pairs], dtype=pl.String
        ),
        "money": pl.Series([pair.units / UNIT for pair in pairs], dtype=pl.Float64),
    }
    for name, told, kind in TOLD:
        for side in ("a", "b"):
            trades = (getattr(pair, side) for pair in pairs)
            values = [None if trade is None else told(trade) for trade in trades]
            columns[f"{name}_{side}"] = (
                pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
                if kind == "time"
                else pl.Series(values, dtype=getattr(pl, kind))
            )
    for cause in CAUSES:
        if any(cause in pair.parts for pair in pairs):
            columns[f"money_{cause}"] = [pair.parts.get(cause, 0) / UNIT for pair in pairs]
    return pl.DataFrame(columns)
