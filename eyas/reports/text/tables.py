"""A table of anything: rows by name, and columns that a person chooses; as Markdown or JSON Lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.reports.text.columns import Column, Columns, Row, chosen, keys_of
from eyas.reports.text.json_lines import append_json_lines, write_json_lines
from eyas.reports.text.markdown import table_text

if TYPE_CHECKING:
    import polars as pl

PIECE_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class Table:
    """Hold a table: its name and title, its columns, and its rows as mappings from names to values.

    `rows` makes them anew each time it is called; `count` is how many there are. `empty` is the sentence that
    stands in place of a table without rows.

    >>> columns = [Column("name"), Column("legs", format="count")]
    >>> table = table_of_rows("pets", columns, [{"name": "cat", "legs": 4}])
    >>> print(table.markdown(columns=["legs", "name"]))
    | legs | name |
    | ---: | :--- |
    |    4 | cat  |
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Callable[[], Iterable[Row]]
    count: int
    empty: str = "Nothing to list."

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"<Table {self.name}: {self.count:,} rows, {', '.join(one.name for one in self.columns)}>"

    def markdown(self, *, columns: Columns | None = None, rows_max: int | None = None) -> str:
        """Return the table as Markdown, with the columns that are asked for.

        Beyond `rows_max` rows a sentence says how many there are.
        """
        shown = chosen(columns, self.columns)
        limit = checked_limit(rows_max)
        if not self.count:
            return self.empty
        texts = [[one.text(one.of(row)) for one in shown] for row in islice(self.rows(), limit)]
        found = table_text([one.heading for one in shown], texts, [one.is_text for one in shown])
        return (
            found
            if len(texts) == self.count
            else f"{found}\n\n{len(texts):,} of {self.count:,} rows are shown."
        )

    def objects(self, *, columns: Columns | None = None) -> Iterator[dict[str, Any]]:
        """Yield each row as a plain mapping: all columns, or those that are asked for, under their keys."""
        wanted = keys_of(columns, self.columns)
        for row in self.rows():
            yield {key: one.of(row) for key, one in wanted}

    def json_lines(self, path: str | Path, *, columns: Columns | None = None, append: bool = False) -> Path:
        """Write the table to a file, an object a line (`append`: behind what it holds); return its path."""
        write = append_json_lines if append else write_json_lines
        return write(self.objects(columns=columns), path)


def table_of_rows(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    title: str = "",
    empty: str = "Nothing to list.",
) -> Table:
    """Return a table of rows that are there already."""
    return Table(name, title or name.replace("_", " ").capitalize(), columns, lambda: rows, len(rows), empty)


def table_of_frame(
    name: str,
    columns: Sequence[Column],
    frame: pl.DataFrame,
    *,
    title: str = "",
    empty: str = "Nothing to list.",
) -> Table:
    """Return a table of a frame; what it has beside the known columns comes behind them, not shown by itself.

    Columns that the frame does not have, and that are not computed, are left out.
    """
    known = [one for one in columns if one.value is not None or one.name in frame.columns]
    named = {one.name for one in known}
    more = [
        Column(one, format=format_of(frame.schema[one]), visible=False)
        for one in frame.columns
        if one not in named
    ]
    heading = title or name.replace("_", " ").capitalize()
    return Table(name, heading, [*known, *more], lambda: rows_of(frame), len(frame), empty)


def rows_of(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of a frame; times are datetime64 to the nanosecond."""
    names = frame.columns
    for piece in frame.iter_slices(PIECE_ROWS):
        for values in zip(*(values_of(column) for column in piece.get_columns()), strict=True):
            yield dict(zip(names, values, strict=True))


def values_of(column: pl.Series) -> list[Any]:
    """Return the values of a column; what Python's own times would round stays exact."""
    if column.dtype.is_temporal() and str(column.dtype).startswith(("Datetime", "Duration")):
        return list(column.to_numpy())
    return column.to_list()


def format_of(kind: pl.DataType) -> str:
    """Return the format that fits a type of column."""
    if kind.is_integer():
        return "count"
    if kind.is_numeric():
        return "quantity"
    return "text"


def checked_limit(rows_max: Any) -> int | None:
    """Return how many rows to show, None for all; raises UsageError for what is no number of rows."""
    if rows_max is None:
        return None
    if not isinstance(rows_max, int) or rows_max < 1:
        raise UsageError(
            f"rows_max is {rows_max!r}, but must be a number of rows, 1 or more, or None for all"
        )
    return int(rows_max)
