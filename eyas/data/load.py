"""Open the one door through which bars come in: whatever the source, every row is checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data import frames, text
from eyas.data.checks import check_numbers, check_times, taken
from eyas.data.columns import Table, floats, is_floats
from eyas.data.names import symbol_of
from eyas.data.timeframe import check_timeframe, infer
from eyas.data.times import nanoseconds
from eyas.errors import DataError, UsageError
from eyas.model import RARE_COLUMNS, Bars

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Columns: TypeAlias = "Mapping[str, Any] | np.ndarray[Any, Any]"
Source: TypeAlias = "str | Path | Bars | pl.DataFrame | pl.LazyFrame | pd.DataFrame | Columns"

TEXT_FILES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".zip")
PARQUET_FILES = (".parquet", ".pq")


def bars(
    source: Source,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
) -> Bars:
    """Load bars from a file, a frame or columns, and check every row.

    `source` is a path to a CSV file (.csv, .tsv, .txt; also .gz, or one alone in a .zip) or a Parquet
    file; a polars or pandas frame; a mapping of names to columns; or a numpy array with named fields.

    Columns are known by their usual names, in any case: time, timestamp, date, datetime, open_time or
    ts (or a date and a time of day); open, high, low, close and volume or their first letters. Without
    a volume column the volume is zero. A CSV file without a header holds these columns in this order.
    A column `given` or `vwap` is a price that came with the bar, `funding` the rate that a long pays at
    its close; where they are missing or empty there is none. Times are ISO text, dates, or epoch numbers
    in s, ms, us or ns; without a zone they are UTC.

    `symbol` and `timeframe` default to what the file's name and the times say.

    Raises DataError, which names the row, the column, the value and what to do.

    >>> bars({"time": ["2024-01-01"], "open": [2], "high": [3], "low": [1], "close": [2]}, symbol="X")
    <Bars X, 1 rows, 2024-01-01T00:00:00Z to 2024-01-01T00:00:00Z>
    """
    if timeframe is not None:
        check_timeframe(timeframe)
    if isinstance(source, Bars):
        if symbol in (None, source.symbol) and timeframe in (None, source.timeframe):
            return source
        return replace(
            source,
            symbol=source.symbol if symbol is None else symbol,
            timeframe=source.timeframe if timeframe is None else timeframe,
        )
    if symbol is None:
        symbol = symbol_of(str(source)) if isinstance(source, str | os.PathLike) else ""
    return from_table(_table(source), symbol=symbol, timeframe=timeframe)


def from_table(table: Table, *, symbol: str, timeframe: str | None) -> Bars:
    """Check a table row by row and make bars of it."""
    place = table.place
    if not len(table.time[0][1]):
        raise DataError(f"{place.name} has columns but no rows. It needs a row for each bar.")
    time = nanoseconds(table.time, place)
    columns, own = {}, set()
    for field, (name, column) in table.numbers.items():
        if is_floats(column) and field not in RARE_COLUMNS:
            columns[field] = column  # somebody's own, copied below
        else:
            columns[field] = floats(name, column, place, time, gaps=field in RARE_COLUMNS)
            own.add(field)
    numbers, is_right = taken(columns, own)
    columns.update(numbers)
    check_times(time, table.time[0][0], place)
    if not is_right or any(name in columns for name in RARE_COLUMNS):
        check_numbers(columns, {field: name for field, (name, _) in table.numbers.items()}, time, place)
    volume = columns.pop("volume", None)
    return Bars(
        time,
        columns["open"],
        columns["high"],
        columns["low"],
        columns["close"],
        np.zeros(len(time)) if volume is None else volume,
        symbol=symbol,
        timeframe=infer(time) if timeframe is None else timeframe,
        source=place.name.removeprefix("the "),
        given=columns.get("given"),
        funding=columns.get("funding"),
        has_volume=volume is not None,
    )


def _table(source: Any) -> Table:
    """Read a source of any kind as a table."""
    if isinstance(source, str | os.PathLike):
        return _read(Path(source).expanduser(), str(source))
    family = type(source).__module__.partition(".")[0]
    if family == "pandas" and hasattr(source, "columns"):
        return frames.from_pandas(source)
    if family == "polars" and hasattr(source, "collect_schema"):
        return frames.from_polars(source)
    if isinstance(source, np.ndarray):
        return frames.from_array(source)
    if isinstance(source, Mapping):
        return frames.from_mapping(source)
    if hasattr(source, "__arrow_c_stream__"):
        import polars as pl

        return frames.from_polars(pl.DataFrame(source))
    raise UsageError(
        f"bars cannot be made from {type(source).__name__}: pass a path to a CSV or Parquet file, a polars "
        'or pandas frame, or {"time": ..., "open": ..., "high": ..., "low": ..., "close": ...}'
    )


def _read(path: Path, name: str) -> Table:
    """Read a file by its suffix."""
    lower = path.name.lower()
    try:
        if path.is_dir():
            raise DataError(f"{name} is a directory. Name a CSV or Parquet file in it.")
        if not path.exists():
            advice = "" if path.suffix else " For the bundled data use eyas.sample(symbol, timeframe)."
            raise DataError(f"there is no file {name}; it was looked for in {Path.cwd()}.{advice}")
        if lower.endswith(PARQUET_FILES):
            return frames.read_parquet(path, name)
        if lower.endswith(TEXT_FILES):
            return text.read_text(path, name)
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}.") from None
    known = ", ".join((*TEXT_FILES, *PARQUET_FILES))
    raise DataError(f"{name} has an ending that eyas does not know. It reads {known}.")
