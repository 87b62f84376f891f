"""Read what others wrote, leniently: a bad row is put aside and explained, and never stops the others."""

from __future__ import annotations

from eyas.data.reading.books import read_books
from eyas.data.reading.dialects import BARS, BOOKS, TRADES, Dialect
from eyas.data.reading.door import read
from eyas.data.reading.result import BooksReading, Reading, Reject, TradesReading, write_rejects
from eyas.data.reading.trades import read_trades

DIALECTS = (*BARS, *TRADES[:-1], *BOOKS[:-1])
"""Every vendor's format that is known, by name."""

__all__ = [
    "DIALECTS",
    "BooksReading",
    "Dialect",
    "Reading",
    "Reject",
    "TradesReading",
    "read",
    "read_books",
    "read_trades",
    "write_rejects",
]
