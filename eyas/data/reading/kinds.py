"""What a file may hold: bars, single trades or order books, and how each is opened and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from eyas.data.reading import books, recognise, trades
from eyas.data.reading.dialects import BARS, BOOKS, TRADES, USUAL, Dialect
from eyas.data.reading.door import reading_of
from eyas.data.reading.raw import Raw
from eyas.data.reading.recognise import Told, told_by_name
from eyas.data.reading.result import BooksReading, Reading, TradesReading
from eyas.data.reading.sources import open_frame, open_path
from eyas.data.reading.text import Namer
from eyas.errors import UsageError

AnyReading: TypeAlias = Reading | TradesReading | BooksReading
OWN_NAME = ("binance-trades", "binance-aggtrades", "histdata-ticks")
"""Dialects whose files bear a name that no file of bars has."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Say how what a file may hold is opened and read."""

    name: str
    dialects: Sequence[Dialect]
    namer: Namer
    narrowest: int
    """How many columns a table needs at least."""
    reading_of: Callable[..., AnyReading]

    def open_path(self, path: Path, dialect: str | None) -> list[Raw]:
        """Return the rows of a file, one part for each table that is packed in it."""
        return open_path(path, self.dialects, dialect, self.namer, self.narrowest)

    def open_frame(self, source: Any, dialect: str | None) -> Raw:
        """Return the rows of a frame, a mapping or an array."""
        return open_frame(source, self.dialects, dialect, self.namer)

    def told(self, path: Path) -> Told:
        """Return what the name of a file tells."""
        return told_by_name(path.name, self.dialects)


KINDS = {
    "bars": Kind("bars", BARS, recognise.laid_out, 5, reading_of),
    "trades": Kind("trades", TRADES, trades.laid_out, 3, trades.trades_of),
    "books": Kind("books", BOOKS, books.laid_out, 3, books.books_of),
}


def kind_named(name: str) -> Kind:
    """Return the kind of a name, or raise UsageError."""
    if name not in KINDS:
        raise UsageError(f"kind={name!r} is not one of {', '.join(KINDS)}")
    return KINDS[name]


def kind_of(path: Path | None, dialect: str | None) -> Kind:
    """Return what a file holds, by the dialect that was asked for or by its name; bars where neither tells.

    >>> kind_of(Path("BTCUSDT-aggTrades-2024-03.zip"), None).name, kind_of(Path("BTCUSDT.csv"), None).name
    ('trades', 'bars')
    """
    for kind in KINDS.values():
        for one in kind.dialects:
            if one is USUAL:
                continue
            named = path is not None and one.name in OWN_NAME and recognise.is_named(path.name, one)
            if one.name == dialect or (dialect is None and named):
                return kind
    return KINDS["bars"]
