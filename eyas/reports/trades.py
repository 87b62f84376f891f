"""Round trips: a fold of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import CAUSES, paid
from eyas.notes import Notes, column, text_of
from eyas.reports.paid import PAID_DTYPE
from eyas.reports.records import money_of

if TYPE_CHECKING:
    import polars as pl

    from eyas.journal import Journal


CAUSE_NAMES = [CAUSES.get(code, "") for code in range(max(CAUSES) + 1)]


def trade_frame(journal: Journal, pricing: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return one row for each closed ticket, in order of closing.

    `profit` is net of all fees of the trade; `profit_rate` is profit over the money entered; prices are
    averages over the trade's fills; `bars` is how many bars (steps of the clock) it lasted. The trades of a
    portfolio have a symbol; where `pricing` names the symbols that price others' money, they have a
    currency too: the name of the one that prices theirs, None for the account's own.
    """
    import polars as pl

    closed = journal.where("closed")
    records = journal.records
    filled = journal.where("filled")
    opened = first_fills(records["ticket"][filled], filled, records["ticket"][closed])
    quantity = journal.column("quantity", closed)
    entry_price = journal.column("reference", closed)
    profit = journal.column("profit", closed)
    costs = np.frombuffer(paid(journal.data)[0], PAID_DTYPE)
    # What a long bought and a short sold is the money that was entered, to the last digit.
    entered = np.where(quantity > 0, money_of(costs, "bought"), money_of(costs, "sold"))
    entry_bar, exit_bar = records["bar"][opened], records["bar"][closed]
    named = journal.symbols_of(closed) if journal.symbols else []
    symbols = {"symbol": pl.Series(named, dtype=pl.String)} if journal.symbols else {}
    if pricing:
        symbols["currency"] = pl.Series([pricing.get(symbol) for symbol in named], dtype=pl.String)
    return pl.DataFrame(
        {
            "ticket": records["ticket"][closed],
            **symbols,
            "direction": named_by(["short", "long"], quantity > 0),
            "quantity": np.abs(quantity),
            "entry_time": pl.Series(records["time_ns"][opened]).cast(pl.Datetime("ns", "UTC")),
            "entry_price": entry_price,
            "exit_time": pl.Series(records["time_ns"][closed]).cast(pl.Datetime("ns", "UTC")),
            "exit_price": journal.column("price", closed),
            "exit_reason": named_by(CAUSE_NAMES, records["cause"][closed]),
            "profit": profit,
            "fee": journal.column("fee", closed),
            "profit_rate": np.divide(profit, entered, out=np.zeros_like(profit), where=entered > 0),
            "bars": exit_bar - entry_bar,
            "entry_bar": entry_bar,
            "exit_bar": exit_bar,
        }
    )


def with_notes(trades: pl.DataFrame, notes: Notes, journal: Journal) -> pl.DataFrame:
    """Return the trades with what was noted for their entries and, by name `exit_note`, for their exits."""
    import polars as pl

    closed = journal.where("closed")
    numbers = {"note": journal.records["ticket"][closed], "exit_note": exit_orders(journal, closed)}
    return trades.with_columns(
        pl.Series(
            name,
            [(text_of(values) or None) if values else None for values in notes.of_orders(journal, orders)],
            dtype=pl.String,
        )
        for name, orders in numbers.items()
    )


def entry_notes(trades: pl.DataFrame, notes: Notes, journal: Journal) -> pl.DataFrame:
    """Return what was noted for the entry of each closed ticket, a column for each name.

    It can stand beside the trades: a name that is a column there has `note_` before it.
    """
    import polars as pl

    found = notes.of_orders(journal, journal.records["ticket"][journal.where("closed")])
    titles = notes.titles(trades.columns)
    return pl.DataFrame({titles[name]: column([values.get(name) for values in found]) for name in titles})


def exit_orders(journal: Journal, closed: np.ndarray) -> np.ndarray:
    """Return for each closed ticket the order that closed it, 0 for levels, time and end."""
    records = journal.records
    filled = journal.where("filled")
    # A ticket's last fill is the one that ends it.
    last = np.zeros(int(records["ticket"][filled].max(initial=0)) + 1, dtype=np.uint64)
    last[records["ticket"][filled]] = records["order"][filled]
    orders: np.ndarray = last[records["ticket"][closed]]
    return orders


def first_fills(tickets: np.ndarray, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the journal row of the first fill of each wanted ticket."""
    # Tickets are numbered from 1 on. Backwards, so that the first of a ticket's fills is written last.
    first = np.zeros(int(tickets.max(initial=0)) + 1, dtype=rows.dtype)
    first[tickets[::-1]] = rows[::-1]
    found: np.ndarray = first[wanted]
    return found


def named_by(names: Sequence[str], codes: np.ndarray) -> pl.Series:
    """Return the name of each code, which is its place among the names."""
    import polars as pl

    return pl.Series(names, dtype=pl.String).gather(pl.Series(codes.astype(np.uint32)))
