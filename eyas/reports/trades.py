"""Round trips: a fold of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import CAUSES

if TYPE_CHECKING:
    import polars as pl

    from eyas.journal import Journal


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
    invested = np.abs(quantity) * entry_price
    entry_bar, exit_bar = records["bar"][opened], records["bar"][closed]
    named = journal.symbols_of(closed) if journal.symbols else []
    symbols = {"symbol": pl.Series(named, dtype=pl.String)} if journal.symbols else {}
    if pricing:
        symbols["currency"] = pl.Series([pricing.get(symbol) for symbol in named], dtype=pl.String)
    return pl.DataFrame(
        {
            "ticket": records["ticket"][closed],
            **symbols,
            "direction": pl.Series(quantity > 0).replace_strict(
                {True: "long", False: "short"}, return_dtype=pl.String
            ),
            "quantity": np.abs(quantity),
            "entry_time": pl.Series(records["time_ns"][opened]).cast(pl.Datetime("ns", "UTC")),
            "entry_price": entry_price,
            "exit_time": pl.Series(records["time_ns"][closed]).cast(pl.Datetime("ns", "UTC")),
            "exit_price": journal.column("price", closed),
            "exit_reason": pl.Series(
                [CAUSES[code] for code in records["cause"][closed].tolist()], dtype=pl.String
            ),
            "profit": profit,
            "fee": journal.column("fee", closed),
            "profit_rate": np.divide(profit, invested, out=np.zeros_like(profit), where=invested > 0),
            "bars": exit_bar - entry_bar,
            "entry_bar": entry_bar,
            "exit_bar": exit_bar,
        }
    )


def first_fills(tickets: np.ndarray, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the journal row of the first fill of each wanted ticket."""
    distinct, first = np.unique(tickets, return_index=True)
    found: np.ndarray = rows[first[np.searchsorted(distinct, wanted)]]
    return found
