"""Trades by side, hour, weekday, month, reason of the exit, or symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from eyas.metrics.trades import Trades

By: TypeAlias = Literal["side", "hour", "weekday", "month", "exit_reason", "symbol"]
SIDES = ("long", "short")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
HOUR_NS, DAY_NS = 3_600_000_000_000, 86_400_000_000_000
THURSDAY = 3
"""The weekday of the first day of 1970, counted from Monday."""


def grouped(trades: Trades, by: By) -> pl.DataFrame:
    """Return the figures of the trades of each group that has any, one row a group.

    Columns: the group (called `by`; its text, an hour a number 0–23), `count`, `win_rate`, `profit`,
    `mean_rate`, `profit_factor` (∞ without a loss, null without either), `expectancy` (mean profit). Hours,
    weekdays and months are those of the entry, UTC; they, and the sides, come in their own order, reasons
    and symbols by the alphabet. Small groups say little: look at `count` first. Raises UsageError for
    another `by`, and for "symbol" where trades do not name any.

    >>> from eyas.metrics.trades import Trades
    >>> none = [0] * 3
    >>> trades = Trades([5, -2, 1], [0.05, -0.02, 0.01], [1, -1, 1], none, none, none, none, [""] * 3)
    >>> grouped(trades, "side").select("side", "count", "profit").rows()
    [('long', 2, 6.0), ('short', 1, -2.0)]
    """
    import polars as pl

    if by not in get_args(By):
        raise UsageError(f"by is {by!r}, but must be one of {', '.join(map(repr, get_args(By)))}")
    names, numbers = groups_of(trades, by)
    keys = pl.Series(by, names, dtype=pl.Int64() if by == "hour" else pl.String())
    frame = pl.DataFrame({"group": numbers, "profit": trades.profit, "rate": trades.rate})
    won, lost = pl.col("profit").filter(pl.col("profit") > 0), pl.col("profit").filter(pl.col("profit") < 0)
    figures = (
        frame.group_by("group")
        .agg(
            pl.len().cast(pl.Int64).alias("count"),
            (pl.col("profit") > 0).mean().alias("win_rate"),
            pl.col("profit").sum(),
            pl.col("rate").mean().alias("mean_rate"),
            (won.sum() / lost.sum().abs()).fill_nan(None).alias("profit_factor"),
            pl.col("profit").mean().alias("expectancy"),
        )
        .sort("group")
    )
    return figures.select(keys.gather(figures["group"]), pl.exclude("group"))


def groups_of(trades: Trades, by: By) -> tuple[list[str] | list[int], np.ndarray]:
    """Return the names of the groups in order, and the number of each trade's group among them."""
    entry = trades.entry_ns
    if by == "side":
        return list(SIDES), (trades.direction < 0).astype(np.uint32)
    if by == "hour":
        return list(range(24)), (entry % DAY_NS // HOUR_NS).astype(np.uint32)
    if by == "weekday":
        return list(WEEKDAYS), ((entry // DAY_NS + THURSDAY) % 7).astype(np.uint32)
    if by == "month":
        months = entry.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64) % 12
        return list(MONTHS), months.astype(np.uint32)
    if by == "symbol" and trades.symbol is None:
        raise UsageError(
            "these trades name no symbol: they are of one instrument; group them by another column"
        )
    texts = trades.reason if by == "exit_reason" else trades.symbol or []
    names = sorted(set(texts))
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([place[text] for text in texts], dtype=np.uint32)
