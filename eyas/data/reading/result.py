"""Hold what a reading gave: the good rows, every row that was put aside, and what was understood."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eyas.model import Bars
    from eyas.ticks import Books, Trades

SHOWN = 5
EXPLAINED = {
    "bad_time": "no time that eyas can read",
    "columns": "more values than the header has",
    "conflicting": "another row has the same time and other values: the last one was kept",
    "crossed": "the best bid above the best ask",
    "duplicate": "another row has the same time and values: one was kept",
    "file": "a whole file that could not be read",
    "forming": "a bar that is not over yet: left out of the catalog",
    "funding": "a funding rate that cannot be",
    "given": "a given price that cannot be",
    "local_time": "a time that the clocks skipped when summer time began",
    "missing": "an empty cell",
    "not_a_number": "text where a number should be",
    "not_json": "a line that is no JSON",
    "not_above_zero": "a price of zero or below",
    "ohlc": "open or close outside of low and high",
    "out_of_order": "later rows came before it: sorted in",
    "quantity": "a quantity that cannot be",
    "side": "a side that is neither buy nor sell",
    "too_large": "a price too large to count",
    "volume": "a volume that cannot be",
}
"""What each fault's name means, for people; a reading counts by these names."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was put aside: where it is, what is wrong with it, what to do, and what it says."""

    file: str
    row: int
    """1 is the first row of data; 0 stands for the file as a whole."""
    line: int
    """1 is the first line of the file; 0 where there are no lines."""
    time: str
    """As the source has it."""
    fault: str
    sentence: str
    raw: str

    def __str__(self) -> str:
        if not self.row:
            return self.sentence
        line = f" (line {self.line})" if self.line else ""
        return f"{self.file} row {self.row}{line}: {self.sentence}"


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """Hold what every reading has: what was counted, put aside and understood."""

    rows: int
    """How many rows the source has."""
    kept: int
    rejects: tuple[Reject, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many rows have each fault, by its name; those that were mended are counted too."""
    dialect: str = "usual"
    time_zone: str = "UTC"
    """Whose clock the times showed; they are UTC now."""
    stamp: str = "open"
    """Whether the source stamps bars when they open or close; they are at their open now."""
    adjustment: str = "unknown"
    notes: tuple[str, ...] = ()
    """What was assumed or changed on the way, in sentences."""
    files: tuple[str, ...] = ()

    def write_rejects(self, path: str | os.PathLike[str]) -> Path:
        """Write the rejects as CSV (file, row, line, time, fault, sentence, raw): all of it or nothing."""
        return write_rejects(path, self.rejects)

    def _listed(self) -> list[str]:
        lines = [
            f"  {name:<15}{count:>10,}  {EXPLAINED.get(name, '')}" for name, count in self.counts.items()
        ]
        lines += [f"  note: {note}" for note in self.notes]
        if self.rejects:
            lines.append("  first rejects:")
            lines += [f"    {reject}" for reject in self.rejects[:SHOWN]]
            more = len(self.rejects) - SHOWN
            if more > 0:
                lines.append(f"    … and {more:,} more: reading.rejects, or reading.write_rejects(path)")
        return lines

    def _shown(self, what: object) -> str:
        told = [f"dialect {self.dialect}", f"times {self.time_zone}"]
        if self.stamp == "close":
            told.append("stamped at the close")
        if self.adjustment != "unknown":
            told.append(f"prices {self.adjustment}")
        put_aside = len(self.rejects)
        head = f"{what!r}\n  {self.rows:,} rows read, {self.kept:,} kept, {put_aside:,} put aside"
        return "\n".join([f"{head}; {', '.join(told)}", *self._listed()])


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Reading(Outcome):
    """Hold the bars of a source, every row that was put aside, and what was understood of it."""

    bars: Bars

    def __repr__(self) -> str:
        return self._shown(self.bars)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class TradesReading(Outcome):
    """Hold the trades of a source, every row that was put aside, and what was understood of it."""

    trades: Trades

    def __repr__(self) -> str:
        return self._shown(self.trades)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class BooksReading(Outcome):
    """Hold the snapshots of a source, every row that was put aside, and what was understood of it."""

    books: Books

    def __repr__(self) -> str:
        return self._shown(self.books)


def write_rejects(path: str | os.PathLike[str], rejects: Iterable[Reject]) -> Path:
    """Write rejects as CSV: the old file or the whole new one, never half of it."""
    target = Path(path)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("file", "row", "line", "time", "fault", "sentence", "raw"))
    for one in rejects:
        writer.writerow((one.file, one.row, one.line, one.time, one.fault, one.sentence, one.raw))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target
