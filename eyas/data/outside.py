"""Take what a run is given beside its bars: frames, bars, trades and books, and when each row is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.columns import typed
from eyas.data.names import USUAL, are_of_bars, plain_name
from eyas.data.place import Place
from eyas.data.times import nanoseconds
from eyas.errors import DataError, UsageError
from eyas.model import Bars, iso
from eyas.sight import Outside
from eyas.ticks import Books, Trades
from eyas.timeframes import closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

KNOWN = "known"
NEVER_NS = 2**63 - 1


def outsides(extra: Any) -> dict[str, Outside]:
    """Return what a run is given beside its bars by name, each checked; raises UsageError or DataError."""
    if extra is None:
        return {}
    if not isinstance(extra, Mapping):
        raise UsageError(
            f'extra is {type(extra).__name__}, but must be {{name: frame}}, such as {{"mood": frame}}'
        )
    for name in extra:
        if not isinstance(name, str) or not name.strip():
            raise UsageError(f"extra is {{name: frame, …}}, and {name!r} is no name")
    return {name: outside(name, source) for name, source in extra.items()}


def outside(name: str, source: Any) -> Outside:
    """Return one thing that a run is given beside its bars.

    Bars are known when they close (without a timeframe when the next one opens), trades and books at their
    time. A row of a frame, a mapping of columns or an array with named fields is known at its column `known`,
    or at its column `time` where there is none; one that holds bars needs the former.
    """
    place = Place(f"extra {name!r}")
    if isinstance(source, Bars):
        columns = {column: getattr(source, column) for column in source.columns if column != "time"}
        _check_order(source.time, place, "time")
        known = closes(source)
        if not source.timeframe and len(known):
            known[-1] = NEVER_NS  # how long it lasts nobody knows before the next one
        return Outside(source.time, known, columns)
    if isinstance(source, Trades):
        numbers = ("price", "quantity", "side")
        columns = {column: getattr(source, column).astype(np.float64) for column in numbers}
        _check_order(source.time, place, "time")
        return Outside(source.time, source.time, columns, source=source.source)
    if isinstance(source, Books):
        _check_order(source.time, place, "time")
        return Outside(source.time, source.time, _best(source), source, source=source.source)
    return of_columns(_columns(source, place), place)


def _best(books: Books) -> dict[str, NDArray[np.float64]]:
    """Return the best prices of each snapshot; a book without a level has none."""
    nothing = np.full(len(books), np.nan)
    sides = ("bid_price", "bid_quantity", "ask_price", "ask_quantity")
    bid, bid_quantity, ask, ask_quantity = (
        np.ascontiguousarray(getattr(books, side)[:, 0]) if books.depth else nothing for side in sides
    )
    return {
        "bid": bid,
        "ask": ask,
        "bid_quantity": bid_quantity,
        "ask_quantity": ask_quantity,
        "mid": (bid + ask) / 2,
        "spread": ask - bid,
    }


def _columns(source: Any, place: Place) -> dict[str, Any]:
    """Return the columns of a frame of any kind by name; the index of a pandas frame is its time."""
    family = type(source).__module__.partition(".")[0]
    if family == "pandas" and hasattr(source, "columns"):
        index = source.index
        own = {str(column): source.iloc[:, at] for at, column in enumerate(source.columns)}
        if type(index).__name__ == "DatetimeIndex":
            zoned = index.tz is not None
            return {"time": (index.tz_convert(None) if zoned else index).to_numpy()} | own
        return ({str(index.name): index.to_numpy()} if index.name is not None else {}) | own
    if family != "polars" and hasattr(source, "__arrow_c_stream__"):
        import polars as pl

        source = pl.DataFrame(source)
        family = "polars"
    if family == "polars" and hasattr(source, "collect_schema"):
        frame = source.lazy().collect()
        return {column: frame[column] for column in frame.columns}
    if isinstance(source, np.ndarray) and source.dtype.names is not None:
        return {column: source[column] for column in source.dtype.names}
    if isinstance(source, Mapping):
        return {str(column): values for column, values in source.items()}
    raise UsageError(
        f"{place.name} is {type(source).__name__}, but must be a polars or pandas frame, a mapping of "
        "columns, eyas.Bars, or trades or books of eyas.data"
    )


def of_columns(columns: Mapping[str, Any], place: Place) -> Outside:
    """Return columns with the times at which their rows are known."""
    plain = {plain_name(name): name for name in columns}
    time_name = next((plain[usual] for usual in USUAL["time"] if usual in plain), None)
    if time_name is None:
        raise DataError(
            f"{place.name} has no column time: it has {', '.join(columns) or 'none'}. Rename the one that "
            "says when a row was known to time"
        )
    if KNOWN not in columns and are_of_bars(columns):
        raise DataError(
            f"{place.name} holds bars (open, high, low and close), and a bar is not known at its {time_name} "
            "but when it closes. Give eyas.bars(frame), or a column known that says when each row was known"
        )
    count = len(columns[time_name])
    for name, values in columns.items():
        if len(values) != count:
            raise DataError(
                f"{place.name}: the column {name} has {len(values):,} values for {count:,} times. Give every "
                "column a value for each row"
            )
    time = _times(time_name, columns[time_name], place)
    known = _times(KNOWN, columns[KNOWN], place) if KNOWN in columns else time
    rest = {name: values for name, values in columns.items() if name not in (time_name, KNOWN)}
    numbers = {name: _numbers(values) for name, values in rest.items()}
    found = {name: array for name, array in numbers.items() if array is not None}
    left_out = tuple(name for name in rest if name not in found)
    _check_order(known, place, KNOWN if KNOWN in columns else time_name)
    return Outside(time, known, found, None, left_out)


def _typed(values: Any) -> Any:
    """Return a column of numpy or polars, of whatever it was."""
    family = type(values).__module__.partition(".")[0]
    if family == "polars":
        return values
    if family == "pandas":
        kind = getattr(values.dtype, "kind", "O")
        if kind == "M" and getattr(values.dt, "tz", None) is not None:
            values = values.dt.tz_convert(None)
        if kind in "iufb":
            return values.to_numpy(dtype=np.float64, na_value=np.nan) if kind != "i" else values.to_numpy()
        values = values.to_numpy()
    return typed(values)


def _times(name: str, values: Any, place: Place) -> NDArray[np.int64]:
    if not len(values):
        return np.empty(0, np.int64)
    return nanoseconds(((name, _typed(values)),), place)


def _numbers(values: Any) -> NDArray[np.float64] | None:
    """Return a column as float64, missing values as NaN; None where it does not hold numbers."""
    column = _typed(values)
    if hasattr(column, "null_count"):
        import polars as pl

        if not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)):
            return None
        column = column.cast(pl.Float64).to_numpy()
    if column.ndim != 1 or column.dtype.kind not in "iufb":
        return None
    return np.array(column, dtype=np.float64)


def _check_order(known: NDArray[np.int64], place: Place, name: str) -> None:
    """Raise DataError for the first row that is known before the one above it."""
    falls = np.flatnonzero(known[1:] < known[:-1])
    if len(falls):
        row = int(falls[0]) + 1
        raise DataError(
            f"{place.row(row)}: {name} is {iso(known[row])}, before the row above it "
            f"({iso(known[row - 1])}). Sort the rows by {name}"
        )
