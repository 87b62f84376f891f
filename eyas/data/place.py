"""Say where in a source a row is, and how its owner would mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import DataError
from eyas.model import iso

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class Wrong(NamedTuple):
    """Name the rows of a source that share a fault, and say of each what is wrong and what to do."""

    fault: str
    """Its name, by which it is counted: missing, not_a_number, ohlc …"""
    rows: NDArray[np.intp]
    sentence: Callable[[int], str]
    """From a row (0 is the first) to what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Name a source in messages: a file, a frame or a set of columns."""

    name: str
    """How a message calls it: the path as it was given, or "the polars frame"."""
    frame: str = ""
    """Python that gives the rows as a frame, for advice; empty when the rows are bare columns."""
    pandas: bool = False
    indexed: bool = False
    """Whether the time of a pandas frame is its index."""
    line_of: Callable[[int], int] | None = None
    """From a row (0 is the first) to its line in a text file (1 is the first)."""
    row_of: Callable[[int], int] | None = None
    """From a row to the one that it was in its source (0 is the first), where only some of them are taken."""

    def row(self, row: int, time_ns: int | None = None) -> str:
        """Return `prices.csv row 16 (line 17, 2024-01-03T00:00:00Z)`; `row` counts from 0."""
        notes = []
        if self.line_of is not None:
            notes.append(f"line {self.line_of(row)}")
        if time_ns is not None:
            notes.append(iso(time_ns))
        return f"{self.name} row {self.number(row)}" + (f" ({', '.join(notes)})" if notes else "")

    def number(self, row: int) -> int:
        """Return which row of its source a row is; 1 is the first."""
        return (row if self.row_of is None else self.row_of(row)) + 1

    def refusal(
        self,
        rows: Sequence[int] | NDArray[Any] | pl.Series,
        fault: str,
        time: NDArray[np.int64] | None = None,
    ) -> DataError:
        """Return the error for rows that share a fault: where the first is, the fault, how many more."""
        first, more = int(rows[0]), len(rows) - 1
        where = self.row(first, None if time is None else int(time[first]))
        others = f" {more:,} other rows have the same fault."
        if more == 1:
            others = " One other row has the same fault."
        return DataError(f"{where}: {fault}{others if more else ''}")

    def refuse(self, wrong: Iterable[Wrong], time: NDArray[np.int64] | None = None) -> None:
        """Raise the error for the first fault, if there is any."""
        for one in wrong:
            raise self.refusal(one.rows, one.sentence(int(one.rows[0])), time)

    def sorting(self, time_name: str) -> str:
        """Return the call that loads the same rows in order of time."""
        if not self.frame:
            return f"take `order = numpy.argsort({time_name})` of every column"
        if self.indexed:
            return f"use eyas.bars({self.frame}.sort_index())"
        return f'use eyas.bars({self.frame}.{"sort_values" if self.pandas else "sort"}("{time_name}"))'

    def keeping_last(self, time_name: str) -> str:
        """Return the call that keeps the last of the rows that share a time."""
        if not self.frame:
            return "drop the others"
        if self.indexed:
            return f'use eyas.bars({self.frame}[~{self.frame}.index.duplicated(keep="last")])'
        if self.pandas:
            return f'use eyas.bars({self.frame}.drop_duplicates("{time_name}", keep="last"))'
        return f'use eyas.bars({self.frame}.unique("{time_name}", keep="last", maintain_order=True))'


def plain(number: float | np.floating[Any]) -> str:
    """Return a number as a person would write it.

    >>> plain(101.0), plain(0.1), plain(1e300)
    ('101', '0.1', '1e+300')
    """
    value = float(number)
    if value == 0 or 1e-12 <= abs(value) < 1e16:
        return np.format_float_positional(value, trim="-")
    return repr(value)
