"""Hold columns as their source had them, and turn them into numbers without losing what was wrong."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np

from eyas.data.place import Place, Wrong
from eyas.errors import DataError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.data.names import Layout

Column: TypeAlias = "NDArray[Any] | pl.Series"

EPOCH = datetime.datetime(1970, 1, 1)
INT64 = range(-(2**63), 2**63)
VOID = ("null", "none", "na", "n/a", "-")
"""What others write where there is no number."""
MISSING_TYPES = ("NoneType", "NAType", "NaTType")


@dataclass(frozen=True, slots=True)
class Table:
    """Hold the columns that make bars, before any check, each with its own name."""

    place: Place
    time: tuple[tuple[str, Column], ...]
    """One column, or a date and a time of day."""
    numbers: dict[str, tuple[str, Column]]
    """By what they are: open, high, low, close and perhaps volume, given and funding."""

    @classmethod
    def of(
        cls, place: Place, found: Layout, names: Sequence[str], column_at: Callable[[int], Column]
    ) -> Table:
        """Return a table of the columns that a layout has found."""
        time = tuple((names[at], column_at(at)) for at in found.time)
        return cls(place, time, {field: (names[at], column_at(at)) for field, at in found.numbers.items()})


def typed(values: Any) -> Column:
    """Return values as a column with a type: numbers or times in numpy, text in polars.

    Missing values become NaN, NaT or null. Numbers mixed with text become text, so that the text
    can be shown to its owner.
    """
    array = np.asarray(values)
    if array.dtype.kind == "U":
        return text(array.tolist())
    if array.dtype.kind == "S":
        return text([item.decode("utf-8", "replace") for item in array.tolist()])
    if array.dtype.kind != "O" or array.ndim != 1:
        return array
    items = [None if _is_missing(item) else item for item in array.tolist()]
    present = [item for item in items if item is not None]
    if all(isinstance(item, datetime.date) for item in present) and present:
        return _datetimes(items)
    if all(isinstance(item, np.datetime64) for item in present) and present:
        return np.array([np.datetime64("NaT") if item is None else item for item in items])
    if len(present) == len(items) and all(_is_whole(item) for item in present):
        return np.array(present, dtype=np.int64)
    if all(_is_number(item) for item in present):
        return np.array([np.nan if item is None else float(item) for item in items], dtype=np.float64)
    return text([None if item is None else str(item) for item in items])


def text(items: Sequence[str | None]) -> pl.Series:
    """Return items as a polars column of text."""
    import polars as pl

    return pl.Series(items, dtype=pl.String)


def floats(
    name: str, column: Column, place: Place, time: NDArray[np.int64], *, gaps: bool = False
) -> NDArray[np.float64]:
    """Return a column as float64, sharing memory only with what nobody can change.

    Missing numbers become NaN; wrong text is a DataError that shows it, and so is empty text unless
    the column may have gaps.
    """
    values, wrong = sifted_floats(name, column, place, gaps=gaps)
    place.refuse(wrong, time)
    return values


def is_floats(column: Column) -> TypeGuard[NDArray[np.float64]]:
    """Tell whether a column is one of float64 in numpy, which needs no conversion."""
    if not isinstance(column, np.ndarray):
        return False
    return column.dtype == np.float64 and column.dtype.isnative and column.flags.aligned


def sifted_floats(
    name: str, column: Column, place: Place, *, gaps: bool = False
) -> tuple[NDArray[np.float64], list[Wrong]]:
    """Return a column as float64, NaN where it is no number, and the rows whose text is wrong."""
    import polars as pl

    if isinstance(column, pl.Series):
        if column.dtype in (pl.String, pl.Categorical, pl.Enum):
            plain = column.cast(pl.String).str.strip_chars()
            return _floats_of_text(name, plain.replace("", "nan") if gaps else plain, gaps=gaps)
        if column.dtype.is_numeric() or column.dtype == pl.Null:
            return column.cast(pl.Float64).to_numpy(), []
    elif column.dtype.kind in "iuf":
        return np.array(column, dtype=np.float64), []
    kind = f"the column {name} holds {column.dtype}, not numbers"
    raise DataError(f"{place.name}: {kind}. Convert it to numbers first.")


def _floats_of_text(name: str, column: pl.Series, *, gaps: bool) -> tuple[NDArray[np.float64], list[Wrong]]:
    import polars as pl

    parsed = column.cast(pl.Float64, strict=False)
    if not parsed.null_count():
        return parsed.to_numpy(), []
    unread = parsed.is_null()
    empty = (column == "").fill_null(value=True) & unread
    void = column.str.to_lowercase().is_in(VOID).fill_null(value=False) & unread
    wrong = []
    for fault, rows in (("not_a_number", unread & ~empty & ~void), ("missing", void)):
        if rows.any():
            at = rows.arg_true().to_numpy().astype(np.intp)
            wrong.append(Wrong(fault, at, lambda row: _not_a_number(name, column[row])))
    if empty.any() and not gaps:
        at = empty.arg_true().to_numpy().astype(np.intp)
        wrong.append(Wrong("missing", at, lambda _: f"{name} is empty. Fill it in or drop the row."))
    wrong.sort(key=lambda one: int(one.rows[0]))
    return parsed.to_numpy(), wrong


def _not_a_number(name: str, value: str) -> str:
    advice = "Correct it or drop the row."
    if "," in value:
        advice = "Write a point for decimals and nothing between thousands."
    return f"{name} is '{value}', which is not a number. {advice}"


def _is_missing(item: object) -> bool:
    missing = type(item).__name__ in MISSING_TYPES
    return missing or (isinstance(item, float | np.datetime64) and bool(item != item))


def _is_whole(item: Any) -> bool:
    return isinstance(item, int | np.integer) and not isinstance(item, bool) and int(item) in INT64


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float | np.number | Decimal) and not isinstance(item, bool)


def in_utc(times: NDArray[Any]) -> pl.Series:
    """Return datetime64 as a polars column that says that they are UTC."""
    import polars as pl

    return pl.Series(times).dt.replace_time_zone("UTC")


def _datetimes(items: Sequence[datetime.date | None]) -> Column:
    """Return Python dates and times as days, as times in UTC, or as times of nobody's clock."""
    if not any(isinstance(item, datetime.datetime) for item in items):
        return np.array([np.datetime64("NaT") if item is None else item for item in items], "datetime64[D]")
    times = _whole_datetimes(items)
    zoned = any(isinstance(item, datetime.datetime) and item.tzinfo is not None for item in items)
    return in_utc(times) if zoned else times


def _whole_datetimes(items: Sequence[datetime.date | None]) -> NDArray[Any]:
    """Return Python dates and times as datetime64, aware ones in UTC; nanoseconds where they fit."""
    whole = [None if item is None else _since_1970_ns(item) for item in items]
    if all(item is None or abs(item) < 2**63 for item in whole):
        return np.array([np.datetime64("NaT") if item is None else item for item in whole], "datetime64[ns]")
    coarse = [np.datetime64("NaT") if item is None else item // 1000 for item in whole]
    return np.array(coarse, "datetime64[us]")


def _since_1970_ns(item: datetime.date) -> int:
    if not isinstance(item, datetime.datetime):
        return (item.toordinal() - EPOCH.toordinal()) * 86_400_000_000_000
    offset = item.utcoffset() or datetime.timedelta(0)
    since = item.replace(tzinfo=None) - EPOCH - offset
    nanosecond = int(getattr(item, "nanosecond", 0))  # of a pandas Timestamp
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000 + nanosecond
