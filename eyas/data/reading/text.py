"""Read a vendor's text: at once when every row is whole, line by line when not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence, Sized
from functools import lru_cache

from eyas.data.columns import Table
from eyas.data.names import Layout, knows_any, layout
from eyas.data.place import Place
from eyas.data.reading.dialects import Dialect
from eyas.data.reading.lines import Lines
from eyas.data.reading.raw import Raw
from eyas.data.reading.recognise import Shape, Told, laid_out, recognise, told_by
from eyas.data.text import first_line, is_values, read_fast
from eyas.errors import DataError

Namer = Callable[[Shape, Place, Dialect], Layout]


def read_text(
    content: bytes,
    name: str,
    files: Sequence[str],
    dialects: Sequence[Dialect],
    asked: str | None,
    *,
    namer: Namer = laid_out,
    narrowest: int = 5,
) -> Raw:
    """Return the rows of text as they are, in the dialect that they look like."""
    place = Place(name)
    start, line = first_line(content, name)
    separator = max(",;\t", key=line.count)
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    headless = _is_headless(cells)
    if len(cells) < narrowest:
        if knows_any(cells) and narrowest > 4:
            layout(cells, place)  # which says what is missing
        raise DataError(
            f"{name}: the first line, '{line[:80]}', is neither a header nor a row. eyas reads times and "
            "numbers, separated by commas, semicolons or tabs."
        )
    shape = Shape(() if headless else tuple(cells), tuple(cells) if headless else (), separator, tuple(files))
    dialect = recognise(shape, place, dialects, asked)
    found = namer(shape, place, dialect)
    names = cells if not headless else _positional_names(found, len(cells))
    told = told_by(files, dialect)
    if dialect.name == "yfinance":
        told, start = _under_tickers(content, start)
    raw = _rows(content, start if headless else start + 1, separator, found, names, place)
    return Raw(
        raw.table,
        dialect,
        raw.raw_of,
        raw.wrong,
        told.symbol,
        told.timeframe,
        told.adjustment or dialect.adjustment,
        symbols=raw.symbols,
    )


def _under_tickers(content: bytes, start: int) -> tuple[Told, int]:
    """Return the ticker in yfinance's second line, and how many lines come before its third and last."""
    lines = content.split(b"\n", start + 3)[start : start + 3]
    second = [cell.strip().decode("utf-8", "replace") for cell in lines[1].split(b",")]
    tickers = set(second[1:]) - {""}
    return Told(tickers.pop() if len(tickers) == 1 else ""), start + 2


def _is_headless(cells: list[str]) -> bool:
    """Return whether a first row is already data: numbers or times, however a vendor writes them."""
    digits = sum(cell[:1].isdigit() or cell[:1] in "-+." for cell in cells if cell)
    return is_values(cells) or digits * 2 > len(cells)


def _positional_names(found: Layout, width: int) -> list[str]:
    names = [f"column {at + 1}" for at in range(width)]
    for field, at in found.numbers.items():
        names[at] = field
    for at, field in zip(found.time, ("time",) if len(found.time) == 1 else ("date", "time"), strict=True):
        names[at] = field
    return names


def _rows(content: bytes, start: int, separator: str, found: Layout, names: list[str], place: Place) -> Raw:
    """Return the needed columns of every row, and where each row is."""
    columns = read_fast(content, start, separator, len(names), found)
    if columns is not None and (b'"' not in content or _count_lines(content) == start + _height(columns)):

        @lru_cache(maxsize=1)
        def split() -> list[bytes]:
            return content.split(b"\n")

        where = Place(place.name, line_of=lambda row: start + row + 1)
        table = Table.of(where, found, names, columns.__getitem__)
        return Raw(
            table,
            raw_of=lambda row: split()[start + row].decode("utf-8", "replace").rstrip("\r"),
            symbols=None if found.symbol is None else columns[found.symbol],
        )
    lines = Lines(content, start, separator, len(names))
    where = Place(place.name, line_of=lambda row: int(lines.lines[row]))
    table = Table.of(where, found, names, lambda at: lines.columns[at])
    return Raw(
        table,
        raw_of=lambda row: str(lines.text[row]).rstrip("\r"),
        wrong=tuple(lines.wrong),
        symbols=None if found.symbol is None else lines.columns[found.symbol],
    )


def _height(columns: Mapping[int, Sized]) -> int:
    return len(next(iter(columns.values())))


def _count_lines(content: bytes) -> int:
    return content.count(b"\n") + (not content.endswith(b"\n"))
