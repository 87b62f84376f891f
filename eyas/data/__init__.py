"""Bring market data in, checked: files and frames, the catalog, databases, and the bundled samples.

What a plain backtest does not need is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from eyas.data.bundled import sample, samples
from eyas.data.load import bars

if TYPE_CHECKING:
    from eyas.data.aggregation import aggregate
    from eyas.data.catalog import Catalog
    from eyas.data.database import Database
    from eyas.data.importing import import_files
    from eyas.data.joining import as_of, join
    from eyas.data.quality.check import check
    from eyas.data.quality.gaps import gaps
    from eyas.data.quality.verdict import Verdict
    from eyas.data.reading import DIALECTS, read, read_books, read_trades
    from eyas.ticks import Books, Trades
    from eyas.timeframes import Session, resample

__all__ = [
    "DIALECTS",
    "Books",
    "Catalog",
    "Database",
    "Session",
    "Trades",
    "Verdict",
    "aggregate",
    "as_of",
    "bars",
    "check",
    "gaps",
    "import_files",
    "join",
    "read",
    "read_books",
    "read_trades",
    "resample",
    "sample",
    "samples",
]

LATER = {
    "eyas.data.aggregation": ("aggregate",),
    "eyas.data.catalog": ("Catalog",),
    "eyas.data.database": ("Database",),
    "eyas.data.importing": ("import_files",),
    "eyas.data.joining": ("as_of", "join"),
    "eyas.data.quality": ("Verdict", "check", "gaps"),
    "eyas.data.reading": ("DIALECTS", "read", "read_books", "read_trades"),
    "eyas.ticks": ("Books", "Trades"),
    "eyas.timeframes": ("Session", "resample"),
}
HOME = {name: module for module, names in LATER.items() for name in names}

# A type checker sees the names above, and so finds a misspelt one.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a name of this package when it is first asked for."""
        if name not in HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(HOME[name]), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
