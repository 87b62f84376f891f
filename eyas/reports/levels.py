"""Where the stop and the target of each trade stood, and when: segments for a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.model import CAUSES, EVENT_KINDS
from eyas.reports.trades import named_by

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports.report import Report

KIND = {name: code for code, name in EVENT_KINDS.items()}
CAUSE = {name: code for code, name in CAUSES.items()}
ENTRIES = (CAUSE["entry"], CAUSE["average"])
# A stop that had followed the price: where it stood is known again as it fills.
MOVED = (CAUSE["trailing_stop"], CAUSE["breakeven"])
LEVELS = ("stop_loss", "take_profit")


def level_frame(report: Report) -> pl.DataFrame:
    """Return the levels of `report.trades`, a row for each time that one stood: from when to when, where.

    `trade` is the row of the trade, `level` "stop_loss" or "take_profit"; `from_bar`, `to_bar` are steps of
    the clock, `from_time`, `to_time` those of the events. A level is known from entries and from amendments.
    A stop that trails is shown where it was set, and where it was filled (from and to the same): the journal
    does not hold its way. What comes after a target of a ladder is not known before an amendment.

    >>> import eyas
    >>> bars = eyas.sample("AAPL", "1d")[:20]
    >>> report = eyas.backtest(eyas.Signals(entries=[1] + [0] * 19, quantity=1, stop_loss=0.5), bars)
    >>> level_frame(report).select("trade", "level", "from_bar", "to_bar").rows()
    [(0, 'stop_loss', 1, 19)]
    """
    import polars as pl

    rows, trades = rows_of_trades(report)
    parts = [segments(report, rows, trades, level) for level in LEVELS]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((found["first"], found["level"], found["trade"]))
    found = {name: values[order] for name, values in found.items()}
    records, instant = report.journal.records, pl.Datetime("ns", "UTC")
    columns: dict[str, Any] = {"trade": found["trade"], "ticket": records["ticket"][found["first"]]}
    if report.journal.symbols:
        columns["symbol"] = pl.Series(report.journal.symbols_of(found["first"]), dtype=pl.String)
    return pl.DataFrame(
        columns
        | {
            "level": named_by(LEVELS, found["level"]),
            "price": found["price"],
            "from_bar": records["bar"][found["first"]],
            "to_bar": records["bar"][found["last"]],
            "from_time": pl.Series(records["time_ns"][found["first"]]).cast(instant),
            "to_time": pl.Series(records["time_ns"][found["last"]]).cast(instant),
        }
    )


def rows_of_trades(report: Report) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the journal's rows of closed tickets, trade by trade, and of which trade each is."""
    journal = report.journal
    records = journal.records
    closed = journal.where("closed")
    amended = journal.where("amended")
    amended = amended[records["order"][amended] == 0]
    rows = np.sort(np.concatenate([journal.where("filled"), amended, closed]))
    tickets = records["ticket"][rows]
    trade = np.full(int(tickets.max(initial=0)) + 1, -1, dtype=np.int64)
    trade[records["ticket"][closed]] = np.arange(len(closed))
    trades = trade[tickets]
    rows, trades = rows[trades >= 0], trades[trades >= 0]
    order = np.argsort(trades, kind="stable")
    return rows[order], trades[order]


def segments(
    report: Report, rows: NDArray[np.intp], trades: NDArray[np.int64], level: str
) -> dict[str, NDArray[Any]]:
    """Return from which row of the journal to which one level stood, and where."""
    journal = report.journal
    records = journal.records
    kind, cause = records["kind"][rows], records["cause"][rows]
    is_filled = kind == KIND["filled"]
    is_said = (kind == KIND["amended"]) | (is_filled & np.isin(cause, ENTRIES))
    is_closed = kind == KIND["closed"]
    price = np.where(is_said, journal.column(level, rows), 0.0)
    if level == "take_profit":
        is_said |= is_filled & (cause == CAUSE["take_profit"])
    else:
        is_moved = is_filled & np.isin(cause, MOVED)
        price[is_moved] = journal.column("reference", rows[is_moved])
        is_said |= is_moved
    kept = is_said | is_closed
    rows, trades, price, is_closed = rows[kept], trades[kept], price[kept], is_closed[kept]
    # What says the same as before of the same trade changes nothing.
    again = (price[1:] == price[:-1]) & (trades[1:] == trades[:-1]) & ~is_closed[1:]
    kept = np.concatenate([[True] * min(1, len(rows)), ~again]).astype(np.bool_)
    rows, trades, price = rows[kept], trades[kept], price[kept]
    # A closed ticket ends what stood; no row of it follows.
    first = np.flatnonzero(price > 0)
    return {
        "trade": trades[first],
        "level": np.full(len(first), LEVELS.index(level)),
        "price": price[first],
        "first": rows[first],
        "last": rows[np.minimum(first + 1, len(rows) - 1)],
    }
