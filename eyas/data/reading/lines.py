"""Read text line by line, all lines at once: a line that is no row spoils no other."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.place import Wrong

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

UNUSED = "\x01"  # no text has it, so that a line is one value


class Lines:
    """Hold the values of text by position, and the line of each row; blank lines are no rows."""

    def __init__(self, content: bytes, start: int, separator: str, width: int) -> None:
        import polars as pl

        try:
            every = pl.read_csv(
                content,
                has_header=False,
                skip_lines=start,
                separator=UNUSED,
                quote_char=None,
                schema={"line": pl.String},
                encoding="utf8-lossy",
                truncate_ragged_lines=True,
            )["line"].fill_null("")
        except pl.exceptions.NoDataError:
            every = pl.Series([], dtype=pl.String)
        blank = every.str.strip_chars(" \t\r" + separator) == ""
        kept = ~blank
        self.text = every.filter(kept) if blank.any() else every
        self.lines: NDArray[np.int64] = kept.arg_true().to_numpy().astype(np.int64) + start + 1
        self.columns, self.wrong = _split(self.text, separator, width)


def _split(text: pl.Series, separator: str, width: int) -> tuple[list[pl.Series], list[Wrong]]:
    """Return the values of lines by position, and the lines that have more values than the first."""
    plain = text
    quoted = text.str.contains('"', literal=True)
    if quoted.any():
        plain = text.str.replace_all('"', "", literal=True)
    parts = plain.str.splitn(separator, width + 1).struct.unnest().get_columns()
    columns, rest = list(parts[:width]), parts[width].fill_null("")
    over = rest.str.strip_chars(f" \t\r{separator}") != ""
    if quoted.any() and over.any():
        rows = (quoted & over).arg_true().to_numpy()
        columns, mended = _requoted(columns, text, rows, separator, width)
        if len(mended):
            over = over.scatter(mended, values=False)
    if not over.any():
        return columns, []
    rows = np.flatnonzero(over.to_numpy())
    return columns, [Wrong("columns", rows, lambda row: _too_many(text[row], separator, width))]


def _requoted(
    columns: list[pl.Series], text: pl.Series, rows: NDArray[np.int64], separator: str, width: int
) -> tuple[list[pl.Series], NDArray[np.int64]]:
    """Read again those lines in which a quoted value holds a separator; return the rows that fit now."""
    read = {int(row): next(csv.reader([text[int(row)]], delimiter=separator), []) for row in rows}
    good = {row: cells for row, cells in read.items() if not any(map(str.strip, cells[width:]))}
    at = np.array(list(good), dtype=np.int64)
    if not len(at):
        return columns, at
    filled = [
        column.scatter(at, [(cells + [""] * width)[position] for cells in good.values()])
        for position, column in enumerate(columns)
    ]
    return filled, at


def _too_many(line: str, separator: str, width: int) -> str:
    count = len(next(csv.reader([line], delimiter=separator), []))
    advice = "A comma inside a number does this: write 1234.5, not 1,234.5."
    return f"it has {count} values where the first line has {width}. {advice}"
