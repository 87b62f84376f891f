"""Take bars from Parquet files, frames, mappings and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.columns import Column, Table, in_utc, typed
from eyas.data.names import layout
from eyas.data.place import Place
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    import polars as pl


def read_parquet(path: Path, name: str, prefix: str = "") -> Table:
    """Read a Parquet file, and of its columns only those that are needed.

    With a `prefix` such as "adj_" the numbers are taken from the columns that start with it.
    """
    import polars as pl

    with path.open("rb") as file:
        head = file.read(4)
        if not head:
            raise DataError(f"{name} is empty. It needs columns and a row for each bar.")
        if head != b"PAR1":
            raise DataError(f"{name} is not a Parquet file, whatever its name. If it is text, call it .csv.")
        try:
            file.seek(0)
            names = list(pl.read_parquet_schema(file))
            place = Place(name, f'polars.read_parquet("{path}")')
            found = layout([_without(prefix, column) for column in names] if prefix else names, place)
            file.seek(0)
            frame = pl.read_parquet(file, columns=[names[at] for at in found.positions])
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise DataError(f"{name} cannot be read as Parquet: {_reason(error)}. Fetch it again.") from None
    return Table.of(place, found, names, lambda at: frame[names[at]])


def from_polars(frame: pl.DataFrame | pl.LazyFrame) -> Table:
    """Take the columns of a polars frame, without copying; of a lazy one only those that are needed."""
    import polars as pl

    place = Place("the polars frame", "frame")
    try:
        names = frame.collect_schema().names()
        found = layout(names, place)
        table = frame.lazy().select([names[at] for at in found.positions]).collect()
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{place.name} cannot be collected: {_reason(error)}.") from None
    return Table.of(place, found, names, lambda at: table[names[at]])


def from_pandas(frame: Any) -> Table:
    """Take the columns of a pandas frame; its index is the time if it holds times or is named so."""
    place = Place("the pandas frame", "frame", pandas=True)
    if frame.columns.nlevels > 1:
        raise DataError(
            f"{place.name} has columns in {frame.columns.nlevels} levels. Choose one instrument, for example "
            f"frame.xs({frame.columns[0][-1]!r}, axis=1, level=-1)."
        )
    names = [str(name) for name in frame.columns]
    index = frame.index
    index_is_time = type(index).__name__ == "DatetimeIndex" or (index.name is not None and index.nlevels == 1)
    found = layout(names, place, time_elsewhere=index_is_time)
    if type(index).__name__ == "DatetimeIndex" and found.time:
        raise DataError(
            f"{place.name} has times in its index and in the column '{names[found.time[0]]}'. "
            f"Drop one: frame.drop(columns={names[found.time[0]]!r}) or frame.reset_index(drop=True)."
        )
    table = Table.of(place, found, names, lambda at: pandas_column(frame.iloc[:, at]))
    if found.time:
        return table
    time = ((str(index.name or "index"), pandas_column(index.to_series())),)
    return replace(table, place=replace(place, indexed=True), time=time)


def from_mapping(columns: Mapping[Any, Any], place_name: str = "the mapping of columns") -> Table:
    """Take a mapping of column names to arrays, lists or series of one length."""
    place = Place(place_name)
    names = [str(name) for name in columns]
    found = layout(names, place)
    values = list(columns.values())
    taken = {at: column_of(names[at], values[at], place) for at in found.positions}
    lengths = {names[at]: len(column) for at, column in taken.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        differ = f"{place_name} has columns of different lengths: {listed}"
        raise DataError(f"{differ}. Give every column a value for each bar.")
    return Table.of(place, found, names, taken.__getitem__)


def from_array(array: np.ndarray[Any, Any]) -> Table:
    """Take a numpy array with named fields; one without names is refused, with the way to name them."""
    if array.dtype.names is not None and array.ndim == 1:
        return from_mapping({name: array[name] for name in array.dtype.names}, "the numpy array")
    raise UsageError(
        f"a numpy array of shape {array.shape} does not say which column is which. Pass a mapping: "
        'eyas.bars({"time": a[:, 0], "open": a[:, 1], "high": a[:, 2], "low": a[:, 3], "close": a[:, 4]})'
    )


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def _without(prefix: str, name: str) -> str:
    """Return the name by which a prefixed column is known; its plain twin gets a name that is not."""
    if name.startswith(prefix):
        return name.removeprefix(prefix)
    return name if name in ("time", "ts", "date") else f"plain {name}"


def column_of(name: str, values: Any, place: Place) -> Column:
    """Return one value of a mapping as a column."""
    family = type(values).__module__.partition(".")[0]
    if family == "polars" and hasattr(values, "null_count"):
        column: Column = values
    elif family == "pandas":
        column = pandas_column(values.to_series() if hasattr(values, "to_series") else values)
    else:
        try:
            column = typed(values)
        except ValueError:
            raise DataError(f"{place.name}: the column {name} is not a plain list of values.") from None
    if isinstance(column, np.ndarray) and column.ndim != 1:
        raise DataError(f"{place.name}: the column {name} has {column.ndim} dimensions; a column has one.")
    return column


def pandas_column(series: Any) -> Column:
    """Return a pandas Series in numpy, times in UTC; nothing here imports pandas."""
    kind = getattr(series.dtype, "kind", "O")
    if kind == "M":
        if getattr(series.dt, "tz", None) is None:
            return typed(series.to_numpy())
        return in_utc(series.dt.tz_convert(None).to_numpy())
    if kind in "iu" and not series.isna().any():
        return typed(series.to_numpy(dtype=f"{kind}8"))
    if kind in "iuf":
        return typed(series.to_numpy(dtype=np.float64, na_value=np.nan))
    return typed(series.to_numpy(dtype=object))
