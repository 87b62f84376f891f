"""Read whatever holds columns (arrays, frames, mappings, bars), and make it anew with other rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.names import USUAL
from eyas.model import Bars
from eyas.timeframes import closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCHS = ((10**17, 1), (10**14, 10**3), (10**11, 10**6), (0, 10**9))
KNOWN = "known"  # when a row was known, where that is later than what it is of
LABELS_MAX = 20  # whole numbers with no more values than that are labels, not amounts
WIDTH_MAX = 64
DAY_NS = 86_400 * 10**9


class Table:
    """Show a value as named columns of floats, with the time of each row where it has one (nanoseconds UTC).

    `take` and `made` return what the value was, with other rows or other columns.
    """

    def __init__(self, value: Any, columns: dict[str, NDArray[Any]], time: NDArray[np.int64] | None) -> None:
        self.value = value
        self.columns = columns
        self.time = time
        self.count = len(next(iter(columns.values()))) if columns else len(time) if time is not None else 0

    def __len__(self) -> int:
        return self.count

    def take(self, rows: slice | NDArray[np.intp]) -> Any:
        """Return the value with some of its rows."""
        value, kind = self.value, library(self.value)
        if kind == "pandas":
            return value.iloc[rows]
        if isinstance(value, Mapping):
            if is_by_time(value):
                items = list(value.items())
                return dict(items[rows] if isinstance(rows, slice) else [items[row] for row in rows])
            return {name: np.asarray(one)[rows] for name, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(np.asarray(value, dtype=object)[rows])
        if is_dataclass(value) and not isinstance(rows, slice):
            rows = slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0)
        return value[rows]

    def made(self, columns: Mapping[str, NDArray[Any]]) -> Any:
        """Return the value with other numbers in some of its columns."""
        value, kind = self.value, library(self.value)
        whole = self.columns | dict(columns)
        if kind == "pandas":
            return made_pandas(value, columns)
        if kind == "polars":
            return made_polars(value, columns)
        if isinstance(value, np.ndarray):
            return made_array(value, whole, columns)
        if isinstance(value, list | tuple):
            return type(value)(type(old)(new) for old, new in zip(value, whole[""].tolist(), strict=True))
        if isinstance(value, Mapping):
            if is_by_time(value):
                return dict(zip(value, whole[""].tolist(), strict=True))
            return {
                name: as_before(one, columns[name]) if name in columns else one for name, one in value.items()
            }
        return replace(value, **columns)

    def later_than(self, end: int) -> NDArray[np.bool_]:
        """Tell for each row whether it is known only after a moment."""
        time = closes(self.value) if isinstance(self.value, Bars) else self.time
        found: NDArray[np.bool_] = np.asarray(time) > end
        return found

    def with_other_rows(self, rows: NDArray[np.bool_], variant: str = "mirrored", seed: int = 0) -> Any:
        """Return the value with other numbers in some rows: `mirrored`, or all `low`, or all `high`."""
        return self.made(
            {name: other_values(values, rows, variant, seed) for name, values in self.columns.items()}
        )

    def like_bars(self, bars: Bars, first: int) -> Any:
        """Return the rows from `first` on that are `bars`, with their prices."""
        part = table_of(self.take(slice(first, first + len(bars))))
        if part is None or len(part) != len(bars):
            return bars
        named = {field_of(name): name for name in part.columns}
        wanted = {
            named[field]: getattr(bars, field) for field in bars.columns if field in named and field != "time"
        }
        changed = {name: one for name, one in wanted.items() if not np.array_equal(part.columns[name], one)}
        return part.made(changed) if changed else part.value


def table_of(value: Any) -> Table | None:
    """Return a value as a table, or None where it holds no columns of numbers."""
    kind = library(value)
    try:
        if kind == "pandas":
            return pandas_table(value)
        if kind == "polars":
            return polars_table(value)
        if isinstance(value, np.ndarray):
            return array_table(value)
        if isinstance(value, Mapping):
            return mapping_table(value)
        if isinstance(value, list | tuple):
            return Table(value, {"": np.asarray(value)}, None) if is_numbers(value) else None
        if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "time"):
            return dataclass_table(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None


def pandas_table(value: Any) -> Table | None:
    """Return a frame or series of pandas as a table; its time is its index, or a column of times."""
    import pandas as pd

    index = value.index
    time = None
    if isinstance(index, pd.DatetimeIndex):
        plain = index if index.tz is None else index.tz_convert(None)
        time = plain.to_numpy().astype("datetime64[ns]").astype(np.int64)
    if isinstance(value, pd.Series):
        return Table(value, {"": value.to_numpy()}, time) if is_number_kind(value.dtype) else None
    if not isinstance(value, pd.DataFrame):
        return None
    columns = {
        str(name): value[name].to_numpy() for name in value.columns if is_number_kind(value[name].dtype)
    }
    for name in value.columns:
        field = field_of(str(name))
        if field == KNOWN or (time is None and (field == "time" or value[name].dtype.kind == "M")):
            is_zoned = isinstance(value[name].dtype, pd.DatetimeTZDtype)
            time = as_ns((value[name].dt.tz_convert(None) if is_zoned else value[name]).to_numpy())
            columns.pop(str(name), None)
    return Table(value, columns, time) if columns else None


def polars_table(value: Any) -> Table | None:
    """Return a frame or series of polars as a table."""
    import polars as pl

    if isinstance(value, pl.Series):
        return Table(value, {"": value.to_numpy()}, None) if value.dtype.is_numeric() else None
    if not isinstance(value, pl.DataFrame):
        return None
    columns, time = {}, None
    for one in value.iter_columns():
        field = field_of(one.name)
        if field == KNOWN or (time is None and (one.dtype.is_temporal() or field == "time")):
            is_zoned = isinstance(one.dtype, pl.Datetime) and one.dtype.time_zone is not None
            plain = one.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if is_zoned else one
            time = as_ns(plain.to_numpy())
        elif one.dtype.is_numeric() or one.dtype == pl.Boolean:
            columns[one.name] = one.to_numpy()
    return Table(value, columns, time) if columns else None


def array_table(value: NDArray[Any]) -> Table | None:
    """Return an array as a table: one column, one for each second index, or one for each field."""
    if value.dtype.names:
        named = {name: value[name] for name in value.dtype.names}
        columns = {name: one for name, one in named.items() if is_amount(name, one)}
        return Table(value, columns, time_of(named)) if columns else None
    if not is_number_kind(value.dtype) or value.ndim not in (1, 2) or not len(value):
        return None
    if value.ndim == 1:
        return Table(value, {"": value}, None)
    if value.shape[1] > WIDTH_MAX:
        return None
    return Table(value, {f"[:, {place}]": value[:, place] for place in range(value.shape[1])}, None)


def mapping_table(value: Mapping[Any, Any]) -> Table | None:
    """Return a mapping of names to columns, or of times to numbers, as a table."""
    if is_by_time(value):
        numbers = list(value.values())
        return Table(value, {"": np.asarray(numbers)}, as_ns(list(value))) if is_numbers(numbers) else None
    if not value or not all(isinstance(one, np.ndarray | list | tuple) for one in value.values()):
        return None
    arrays = {str(name): np.asarray(one) for name, one in value.items()}
    if len({one.shape for one in arrays.values()}) != 1 or next(iter(arrays.values())).ndim != 1:
        return None
    columns = {name: one for name, one in arrays.items() if is_amount(name, one)}
    return Table(value, columns, time_of(arrays)) if columns else None


def dataclass_table(value: Any) -> Table | None:
    """Return bars, trades or books as a table of their one-dimensional columns."""
    columns = {}
    for field in fields(value):
        one = getattr(value, field.name)
        if (
            field.name != "time"
            and isinstance(one, np.ndarray)
            and one.ndim == 1
            and is_number_kind(one.dtype)
        ):
            columns[field.name] = one
    return Table(value, columns, np.asarray(value.time, dtype=np.int64))


def other_values(values: NDArray[Any], rows: NDArray[np.bool_], variant: str, seed: int) -> NDArray[Any]:
    """Return numbers of which some are others, of about the same size: low, high, or moving the other way."""
    finite = values[np.isfinite(values)]
    if not rows.any() or len(values) != len(rows) or not len(finite):
        return values
    found, old = values.copy(), values[rows]
    labels = np.unique(finite) if values.dtype.kind in "biu" else finite
    is_labels = values.dtype.kind == "b" or (values.dtype.kind in "iu" and len(labels) <= LABELS_MAX)
    least, most = finite.min(), finite.max()
    if is_labels and variant != "mirrored":
        found[rows] = least if variant == "low" else most
    elif is_labels:
        found[rows] = labels[(np.searchsorted(labels, old) + 1) % len(labels)]
    elif variant != "mirrored":
        # Beyond all that there is, so that it falls on the other side of whatever it is compared with; and
        # not all the same, since a column that never moves is no plausible one.
        sign = -1.0 if variant == "low" else 1.0
        reach = max(float(most) - float(least), abs(float(most)) * 0.01)
        steps = 1 + np.arange(len(old)) / max(1, len(old) - 1)
        around = (
            float(least) * 0.99
            if variant == "low" and least > 0
            else float(least if variant == "low" else most)
        )
        room = min(reach * 0.1, around * 0.4) if variant == "low" and least > 0 else reach * 0.1
        found[rows] = around + sign * room * steps
    else:
        order = np.random.default_rng(seed).permutation(len(old))
        anchor = float(finite[-1]) if rows[0] else float(values[int(np.argmax(rows)) - 1])
        anchor = anchor if np.isfinite(anchor) else float(np.median(finite))
        if least > 0:
            found[rows] = np.clip(anchor / old * anchor, least / 3, most * 3)[order]
        else:
            found[rows] = (2 * anchor - old)[order]
    return found


def made_pandas(value: Any, columns: Mapping[str, NDArray[Any]]) -> Any:
    """Return a frame or series of pandas with other numbers."""
    found = value.copy()
    if "" in columns and found.ndim == 1:
        found[:] = columns[""]
        return found
    for name in found.columns:
        if str(name) in columns:
            found[name] = columns[str(name)].astype(value[name].dtype)
    return found


def made_polars(value: Any, columns: Mapping[str, NDArray[Any]]) -> Any:
    """Return a frame or series of polars with other numbers."""
    import polars as pl

    if isinstance(value, pl.Series):
        return pl.Series(value.name, columns.get("", value.to_numpy())).cast(value.dtype)
    return value.with_columns(pl.Series(name, one).cast(value[name].dtype) for name, one in columns.items())


def made_array(
    value: NDArray[Any], whole: Mapping[str, NDArray[Any]], columns: Mapping[str, NDArray[Any]]
) -> NDArray[Any]:
    """Return an array with other numbers."""
    if value.dtype.names:
        found = value.copy()
        for name, one in columns.items():
            found[name] = one
        return found
    if value.ndim == 1:
        return whole[""].astype(value.dtype)
    return np.column_stack(list(whole.values())).astype(value.dtype)


def as_before(old: Any, new: NDArray[Any]) -> Any:
    """Return numbers as the kind of sequence that held them."""
    return new if isinstance(old, np.ndarray) else type(old)(new.tolist())


def library(value: Any) -> str:
    """Return the library that a value is of, by its type's module."""
    return type(value).__module__.partition(".")[0]


def field_of(name: str) -> str:
    """Return which column of bars, or of what is known beside them, a name usually means; or nothing."""
    if name == KNOWN:
        return KNOWN
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    return next((field for field, usual in USUAL.items() if plain in usual), "")


def time_of(named: Mapping[str, NDArray[Any]]) -> NDArray[np.int64] | None:
    """Return when each row was known: by a column of that name, or by the time."""
    fields = {field_of(name): one for name, one in named.items()}
    found = fields.get(KNOWN, fields.get("time"))
    return None if found is None else as_ns(found)


def is_amount(name: str, values: NDArray[Any]) -> bool:
    """Tell whether a column holds numbers, and they are no times."""
    return is_number_kind(values.dtype) and field_of(name) not in ("time", KNOWN)


def is_number_kind(dtype: Any) -> bool:
    """Tell whether a dtype is one of plain numbers or truth values."""
    return getattr(dtype, "kind", "O") in "biuf"


def is_numbers(values: Any) -> bool:
    """Tell whether a sequence holds nothing but numbers, by a look at all."""
    return len(values) > 0 and all(isinstance(one, int | float | np.number | np.bool_) for one in values)


def is_by_time(value: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping's keys are moments."""
    first = next(iter(value), None)
    if isinstance(first, int | np.integer) and not isinstance(first, bool):
        return int(first) > 10**8
    if isinstance(first, str):
        return len(first) >= 8 and first[:4].isdigit() and first[4] == "-"
    return isinstance(first, date | datetime | np.datetime64)


def as_ns(values: Any) -> NDArray[np.int64]:
    """Return moments, however they were said, in nanoseconds UTC; raises ValueError where they are none."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return array.astype("datetime64[ns]").astype(np.int64)
    if array.dtype.kind in "iuf":
        largest = int(np.abs(array).max()) if len(array) else 0
        unit = next(unit for least, unit in EPOCHS if largest >= least)
        return (array * unit).astype(np.int64)
    texts = [one.isoformat() if isinstance(one, date) else str(one) for one in array.tolist()]
    plain = [text.removesuffix("Z").removesuffix("+00:00").replace(" ", "T") for text in texts]
    return np.array(plain, dtype="datetime64[ns]").astype(np.int64)
