"""What a run was given beside its bars, for its record: finer bars and extras, named by rows and hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.quality.verdict import hash_of, hash_of_columns
from eyas.model import Bars, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.data.quality.verdict import Verdict
    from eyas.sight import Outside

SIDES = ("bid_price", "bid_quantity", "ask_price", "ask_quantity")


@dataclass(frozen=True, eq=False, repr=False)
class Beside:
    """Name one thing that a run was given beside its bars: what it is, its rows, range and hash.

    `kind` is bars, columns or books; `given` is what was given, as the run took it. `quality` is
    the verdict over it where it is bars, None where it is not or was not checked.
    """

    kind: str
    given: Bars | Outside
    quality: Verdict | None = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.given.time)

    @property
    def first(self) -> int | None:
        """Earliest time that one of its rows is of, in nanoseconds UTC; None without rows."""
        return int(self.given.time.min()) if self.rows else None

    @property
    def last(self) -> int | None:
        """Latest time that one of its rows is of."""
        return int(self.given.time.max()) if self.rows else None

    @property
    def source(self) -> str:
        """Where it came from: a file, or nothing where it was made in memory."""
        books = getattr(self.given, "books", None)
        return str(getattr(books or self.given, "source", ""))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of its columns as hexadecimal text; of bars the one that their verdict has."""
        return hash_of(self.given) if isinstance(self.given, Bars) else hash_of_outside(self.given)

    def __str__(self) -> str:
        span = "" if self.first is None or self.last is None else f", {iso(self.first)} to {iso(self.last)}"
        whence = f" of {self.source}" if self.source else ""
        rows = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        return f"{self.kind}{whence}, {rows}{span}, SHA-256 {self.hash}"

    def __repr__(self) -> str:
        return f"<Beside {self}>"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for machines."""
        return {
            "kind": self.kind,
            "source": self.source,
            "rows": self.rows,
            "first": None if self.first is None else iso(self.first),
            "last": None if self.last is None else iso(self.last),
            "hash": self.hash,
            "quality": None if self.quality is None else self.quality.as_json(),
        }


def finer_beside(finer: Mapping[str, Bars], verdicts: Mapping[str, Verdict]) -> dict[str, Beside]:
    """Return the record of the finer bars by symbol."""
    return {symbol: Beside("bars", bars, verdicts.get(symbol)) for symbol, bars in finer.items()}


def extra_beside(
    extra: Mapping[str, Outside], as_bars: Mapping[str, Bars], verdicts: Mapping[str, Verdict]
) -> dict[str, Beside]:
    """Return the record of the extras by name; `as_bars` are those of them that are bars."""
    return {
        name: Beside("bars", as_bars[name], verdicts.get(name))
        if name in as_bars
        else Beside("columns" if one.books is None else "books", one)
        for name, one in extra.items()
    }


def hash_of_outside(given: Outside) -> str:
    """Return the SHA-256 of the times and numbers that a strategy can see, in order of their names.

    When a row was known counts too: the same values, known later, are other data.
    """
    columns: dict[str, NDArray[Any]] = dict(given.columns)
    if given.books is not None:
        columns = {name: getattr(given.books, name) for name in SIDES}
    numbers = {name: np.where(np.isnan(one), np.nan, one + 0.0) for name, one in sorted(columns.items())}
    return hash_of_columns({"time": given.time, "known": given.known} | numbers)
