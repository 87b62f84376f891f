"""Hold a source's rows before any check, and sift the good ones from the bad."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data.columns import Column, Table, sifted_floats
from eyas.data.place import Wrong
from eyas.data.reading.dialects import USUAL, Dialect
from eyas.data.reading.mend import mended
from eyas.data.reading.result import Reject
from eyas.data.reading.words import WORDS, sifted_words
from eyas.data.reading.zones import to_utc
from eyas.data.times import sifted_times
from eyas.model import RARE_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = ("bid_", "ask_")  # of a book: one that has no level there has no number
Floats: TypeAlias = "dict[str, NDArray[Any]]"
Check: TypeAlias = Callable[[Floats, Mapping[str, str]], Iterable[Wrong]]


@dataclass(frozen=True, slots=True)
class Raw:
    """Hold the columns of one source as it has them, where each row is, and what is known of all of them."""

    table: Table
    dialect: Dialect = USUAL
    raw_of: Callable[[int], str] | None = None
    """From a row (0 is the first) to its text."""
    wrong: tuple[Wrong, ...] = ()
    """Rows that are none, found while reading."""
    symbol: str = ""
    timeframe: str = ""
    adjustment: str = "unknown"
    notes: tuple[str, ...] = ()
    symbols: Column | None = None
    """Whose row each is, where one source has several instruments."""

    def __len__(self) -> int:
        return len(self.table.time[0][1])

    def text(self, row: int) -> str:
        """Return the text of a row: its line, or the values of its columns."""
        if self.raw_of is not None:
            return self.raw_of(row)
        cells = [column for _, column in (*self.table.time, *self.table.numbers.values())]
        return ",".join(shown(column[row]) for column in cells)

    def time_texts(self, rows: NDArray[np.intp]) -> list[str]:
        """Return the times of rows as the source has them."""
        parts = [list(gathered(column, rows)) for _, column in self.table.time]
        return [" ".join(map(shown, cells)) for cells in zip(*parts, strict=True)]

    def reject(self, row: int, fault: str, sentence: str, time: str | None = None) -> Reject:
        """Return a row as one that is put aside."""
        place = self.table.place
        line = 0 if place.line_of is None else place.line_of(row)
        name = place.name.removeprefix("the ")
        if time is None:
            time = " ".join(shown(column[row]) for _, column in self.table.time)
        return Reject(name, place.number(row), line, time, fault, sentence, self.text(row))


@dataclass(slots=True)
class Sifted:
    """Hold the rows of a source as numbers, and which of them are wrong."""

    raw: Raw
    time: NDArray[np.int64]
    columns: Floats
    bad: NDArray[np.bool_]
    wrong: list[Wrong] = field(default_factory=list)
    """Every wrong row is in one of them."""
    time_zone: str = "UTC"
    notes: list[str] = field(default_factory=list)
    local: bool = False
    """Whether its times showed a clock without saying whose."""

    def claim(self, wrong: Iterable[Wrong]) -> None:
        """Put rows aside that are not yet."""
        for one in wrong:
            rows = one.rows[~self.bad[one.rows]]
            if len(rows):
                self.bad[rows] = True
                self.wrong.append(one._replace(rows=rows))

    def rejects(self) -> list[Reject]:
        """Return the wrong rows, in order."""
        rows = np.flatnonzero(self.bad)
        said = {row: one for one in self.wrong for row in one.rows.tolist()}
        times = self.raw.time_texts(rows)
        return [
            self.raw.reject(row, said[row].fault, said[row].sentence(row), time)
            for row, time in zip(rows.tolist(), times, strict=True)
        ]

    def refuse(self) -> None:
        """Raise the error for the first wrong row, if there is any."""
        if self.wrong:
            first = min(self.wrong, key=lambda one: int(one.rows[0]))
            blind = first.fault in ("missing", "bad_time", "columns", "local_time", "not_json")
            self.raw.table.place.refuse([first], None if blind else self.time)


def sift(raw: Raw, check: Check, *, time_zone: str | None = None) -> Sifted:
    """Turn a source into numbers and find every row that is wrong, in whatever way."""
    dialect, place = raw.dialect, raw.table.place
    times = sifted_times(raw.table.time, place, written_as=dialect.written_as, own_units=dialect.own_units)
    zone = dialect.time_zone if time_zone is None else time_zone
    found = Sifted(raw, times.time, {}, np.zeros(len(raw), np.bool_), local=times.local is not None)
    found.claim(raw.wrong)
    found.claim(times.wrong)
    if times.local is not None:
        found.time_zone = zone
        found.time, wrong = to_utc(times.time, times.local & ~found.bad, zone, raw.table.time[0][0])
        found.claim(wrong)
    for name, (title, column) in raw.table.numbers.items():
        if name in WORDS:
            found.columns[name], wrong = sifted_words(name, title, column)
        else:
            found.columns[name], wrong = sifted_floats(
                title, column, place, gaps=name in RARE_COLUMNS or name.startswith(LEVEL)
            )
        found.claim(wrong)
    names = {name: title for name, (title, _) in raw.table.numbers.items()}
    found.notes += mended(found.columns)
    found.claim(check(found.columns, {name: names.get(name, name) for name in found.columns}))
    return found


def selected(raw: Raw, rows: NDArray[np.intp]) -> Raw:
    """Return some rows of a source, each still knowing where it came from."""
    table = raw.table
    time = tuple((name, gathered(column, rows)) for name, column in table.time)
    numbers = {key: (name, gathered(column, rows)) for key, (name, column) in table.numbers.items()}
    place, line_of, raw_of = table.place, table.place.line_of, raw.raw_of
    place = replace(
        place,
        line_of=None if line_of is None else lambda row: line_of(int(rows[row])),
        row_of=lambda row: table.place.number(int(rows[row])) - 1,
    )
    where = np.full(len(raw), -1)
    where[rows] = np.arange(len(rows))
    wrong = tuple(_moved(one, where, rows) for one in raw.wrong)
    return replace(
        raw,
        table=Table(place, time, numbers),
        raw_of=None if raw_of is None else lambda row: raw_of(int(rows[row])),
        wrong=tuple(one for one in wrong if len(one.rows)),
        symbols=None if raw.symbols is None else gathered(raw.symbols, rows),
    )


def _moved(wrong: Wrong, where: NDArray[np.intp], rows: NDArray[np.intp]) -> Wrong:
    kept = where[wrong.rows]
    return Wrong(wrong.fault, kept[kept >= 0], lambda row: wrong.sentence(int(rows[row])))


def gathered(column: Column, rows: NDArray[np.intp]) -> Column:
    """Return some rows of a column."""
    return column[rows] if isinstance(column, np.ndarray) else column.gather(rows)


def shown(value: Any) -> str:
    """Return a value of a column as a person would read it."""
    return "" if value is None else str(value)
