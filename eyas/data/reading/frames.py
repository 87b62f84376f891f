"""Take rows from Parquet and Arrow files, frames, mappings and arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.columns import Column, Table
from eyas.data.frames import column_of, pandas_column
from eyas.data.names import Layout
from eyas.data.place import Place
from eyas.data.reading.dialects import Dialect
from eyas.data.reading.raw import Raw
from eyas.data.reading.recognise import Shape, recognise, told_by
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    import polars as pl

Namer = Callable[[Shape, Place, Dialect], Layout]


def read_parquet(path: Path, dialects: Sequence[Dialect], asked: str | None, namer: Namer) -> Raw:
    """Read a Parquet file, and of its columns only those that are needed."""
    import polars as pl

    name = str(path)
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise DataError(f"{name} is not a Parquet file, whatever its name. If it is text, call it .csv.")
        try:
            file.seek(0)
            names = list(pl.read_parquet_schema(file))
            place = Place(name, f'polars.read_parquet("{path}")')
            raw = _understood(names, place, (path.name,), dialects, asked, namer)
            file.seek(0)
            frame = pl.read_parquet(file, columns=[names[at] for at in raw.layout.positions])
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise DataError(f"{name} cannot be read as Parquet: {_reason(error)}. Fetch it again.") from None
    return raw.filled(lambda at: frame[names[at]])


def read_arrow(path: Path, dialects: Sequence[Dialect], asked: str | None, namer: Namer) -> Raw:
    """Read an Arrow IPC file, such as the feather files of freqtrade."""
    import polars as pl

    name = str(path)
    try:
        frame = pl.read_ipc(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DataError(f"{name} cannot be read as Arrow: {_reason(error)}. Fetch it again.") from None
    place = Place(name, f'polars.read_ipc("{path}")')
    raw = _understood(frame.columns, place, (path.name,), dialects, asked, namer)
    return raw.filled(lambda at: frame[frame.columns[at]])


def from_frame(source: Any, dialects: Sequence[Dialect], asked: str | None, namer: Namer) -> Raw:
    """Take a polars or pandas frame, a mapping of columns, an array with named fields, or Arrow."""
    family = type(source).__module__.partition(".")[0]
    if family == "polars" and hasattr(source, "collect_schema"):
        return _of_polars(source.lazy().collect(), Place("the polars frame", "frame"), dialects, asked, namer)
    if family == "pandas" and hasattr(source, "columns"):
        return _of_pandas(source, dialects, asked, namer)
    if isinstance(source, np.ndarray) and source.dtype.names is not None and source.ndim == 1:
        named = {name: source[name] for name in source.dtype.names}
        return from_mapping(named, Place("the numpy array"), dialects, asked, namer)
    if isinstance(source, Mapping):
        return from_mapping(source, Place("the mapping of columns"), dialects, asked, namer)
    if hasattr(source, "__arrow_c_stream__"):
        import polars as pl

        return _of_polars(pl.DataFrame(source), Place("the Arrow table", "frame"), dialects, asked, namer)
    raise UsageError(
        f"rows cannot be read from {type(source).__name__}: pass a path, a folder or a pattern, a frame, or "
        'columns such as {"time": ..., "open": ..., "high": ..., "low": ..., "close": ...}'
    )


def from_mapping(
    columns: Mapping[Any, Any],
    place: Place,
    dialects: Sequence[Dialect],
    asked: str | None,
    namer: Namer,
    files: Sequence[str] = (),
) -> Raw:
    """Take columns by their names, all of one length."""
    names = [str(name) for name in columns]
    if not names:
        raise DataError(f"{place.name} has no columns. It needs time, open, high, low and close.")
    values = list(columns.values())
    raw = _understood(names, place, files, dialects, asked, namer)
    taken = {at: column_of(names[at], values[at], place) for at in raw.layout.positions}
    lengths = {names[at]: len(column) for at, column in taken.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise DataError(
            f"{place.name} has columns of different lengths: {listed}. Give each row all of them."
        )
    return raw.filled(taken.__getitem__)


def _of_polars(
    frame: pl.DataFrame, place: Place, dialects: Sequence[Dialect], asked: str | None, namer: Namer
) -> Raw:
    raw = _understood(frame.columns, place, (), dialects, asked, namer)
    return raw.filled(lambda at: frame[frame.columns[at]])


def _of_pandas(frame: Any, dialects: Sequence[Dialect], asked: str | None, namer: Namer) -> Raw:
    """Take a pandas frame; an index of times, or of symbols and times, becomes columns."""
    place = Place("the pandas frame", "frame", pandas=True)
    if frame.columns.nlevels > 1:
        raise DataError(
            f"{place.name} has columns in {frame.columns.nlevels} levels. Choose one instrument, for example "
            f"frame.xs({frame.columns[0][-1]!r}, axis=1, level=-1)."
        )
    index = frame.index
    is_time = type(index).__name__ == "DatetimeIndex"
    if is_time and index.name is None:
        frame = frame.rename_axis("time")
    if is_time or index.nlevels > 1 or index.name is not None:
        frame = frame.reset_index()
    names = [str(name) for name in frame.columns]
    raw = _understood(names, place, (), dialects, asked, namer)
    return raw.filled(lambda at: pandas_column(frame.iloc[:, at]))


class _Understood:
    """Hold what is known of a table before its columns are taken."""

    def __init__(self, names: Sequence[str], place: Place, found: Layout, raw: Raw) -> None:
        self.names, self.place, self.layout, self.raw = names, place, found, raw

    def filled(self, column_at: Callable[[int], Column]) -> Raw:
        """Return the rows, with their columns."""
        table = Table.of(self.place, self.layout, self.names, column_at)
        at = self.layout.symbol
        return replace(self.raw, table=table, symbols=None if at is None else column_at(at))


def _understood(
    names: Sequence[str],
    place: Place,
    files: Sequence[str],
    dialects: Sequence[Dialect],
    asked: str | None,
    namer: Namer,
) -> _Understood:
    shape = Shape(tuple(names), files=tuple(files))
    dialect = recognise(shape, place, dialects, asked)
    found = namer(shape, place, dialect)
    told = told_by(files, dialect)
    if told.kind == "funding_rate":
        raise DataError(f"{place.name} holds funding rates, not bars. Leave it out.")
    raw = Raw(
        Table(place, (), {}),
        dialect,
        symbol=told.symbol,
        timeframe=told.timeframe,
        adjustment=told.adjustment or dialect.adjustment,
    )
    return _Understood(names, place, found, raw)


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
