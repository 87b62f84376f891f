"""Turn times of any kind into nanoseconds since 1970 UTC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.columns import Column
from eyas.data.epochs import SECOND, epochs
from eyas.data.place import Place
from eyas.errors import DataError
from eyas.model import iso

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

HOUR_NS = 3600 * SECOND
DAY_NS = 24 * HOUR_NS
FIRST_DAY, END_DAY = -25_567, 47_847  # 1900-01-01 and 2101-01-01, from 1970
A_DAY = {"D": 1, "s": 86_400, "ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": DAY_NS}

WRITTEN = re.compile(
    r"\d{4}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2}"
    r"(?:(?P<gap>[T ])\d{1,2}:\d\d(?P<second>:\d\d(?P<part>[.]\d+)?)?"
    r"(?P<zone> ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?)?"
)
YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
CLOCK = r"^\s*\d{1,2}:\d\d(:\d\d(\.\d+)?)?\s*$"
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
ADVICE = "Write times as 2024-01-31T09:30:00Z, as 2024-01-31, or as an epoch number."
MISSING = "is missing. Fill it in or drop the row."


def nanoseconds(columns: tuple[tuple[str, Column], ...], place: Place) -> NDArray[np.int64]:
    """Return the times of one column, or of a date and a time of day, in nanoseconds since 1970 UTC.

    Text without a zone and times without a zone count as UTC. Raises DataError for a missing time,
    for text that is no time, and for one outside 1900–2100 (epoch numbers: 1990–2100).
    """
    import polars as pl

    name, column = columns[0] if len(columns) == 1 else _joined(columns, place)
    if isinstance(column, pl.Series):
        return _of_series(name, column, place)
    kind = column.dtype.kind
    if kind in "iuf":
        return epochs(name, column, place)
    if kind != "M":
        raise DataError(f"{place.name}: the column {name} holds {column.dtype}, not times. {ADVICE}")
    missing = np.flatnonzero(np.isnat(column))
    if len(missing):
        raise place.refusal(missing, f"{name} {MISSING}")
    unit, step = np.datetime_data(column.dtype)
    if unit not in A_DAY or step != 1:
        column, unit = column.astype("datetime64[s]"), "s"
    return _of_parts(name, column.view(np.int64), unit, place)


def _of_series(name: str, column: pl.Series, place: Place) -> NDArray[np.int64]:
    import polars as pl

    if column.null_count():
        raise place.refusal(column.is_null().arg_true(), f"{name} {MISSING}")
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _of_text(name, column.cast(pl.String).str.strip_chars(), place)
    if column.dtype == pl.Date:
        return _of_parts(name, column.to_physical().cast(pl.Int64).to_numpy(), "D", place)
    if isinstance(column.dtype, pl.Datetime):
        return _of_parts(name, column.to_physical().to_numpy(), column.dtype.time_unit, place)
    if column.dtype.is_integer():
        return epochs(name, column.to_numpy(), place)
    if column.dtype.is_numeric():
        return epochs(name, column.cast(pl.Float64).to_numpy(), place)
    raise DataError(f"{place.name}: the column {name} holds {column.dtype}, not times. {ADVICE}")


def _of_parts(name: str, parts: NDArray[np.int64], unit: str, place: Place) -> NDArray[np.int64]:
    """Return whole numbers of a unit as nanoseconds, refusing years that no market has seen."""
    a_day = A_DAY[unit]
    outside = np.flatnonzero((parts < FIRST_DAY * a_day) | (parts >= END_DAY * a_day))
    if len(outside):
        value = np.array(parts[outside[0]]).view(f"datetime64[{unit}]")
        fault = f"{name} {value} is outside the years 1900 to 2100"
        raise place.refusal(outside, f"{fault}. Was it made from an epoch number in another unit?")
    time = np.array(parts) if unit == "ns" else parts * (DAY_NS // a_day)
    if len(time) and 0 <= time[0] <= 48 * DAY_NS:
        _refuse_the_dawn_of_1970(name, time, place)
    return time


def _refuse_the_dawn_of_1970(name: str, time: NDArray[np.int64], place: Place) -> None:
    """Refuse a column that lies wholly in the first weeks of 1970 and between the hours.

    So look milliseconds read as microseconds, or seconds read as milliseconds, up to the year 2100.
    """
    if time.min() < 0 or time.max() > 48 * DAY_NS or bool((time % HOUR_NS == 0).all()):
        return
    raise DataError(
        f"{place.row(0)}: {name} {iso(time[0])} and every other time is in the first weeks of 1970, so epoch "
        "numbers were read in a wrong unit, such as milliseconds as microseconds. "
        "Pass the numbers themselves, or convert them in their own unit."
    )


def _of_text(name: str, column: pl.Series, place: Place) -> NDArray[np.int64]:
    if re.match(NUMBER, column[0]):
        return _of_digits(name, column, place)
    # Years are compared as text, because beyond 2262 nanoseconds would silently wrap.
    strange = (column < "1900") | (column >= "2101")
    if strange.any():
        raise _not_a_time(name, column, strange.arg_true(), place)
    time = np.empty(len(column), np.int64)
    rows = np.arange(len(column))  # those still to be read
    part = column
    while len(rows):
        written = WRITTEN.fullmatch(part[0])
        if written is None:
            raise _not_a_time(name, column, rows[:1], place)
        parsed = part.str.to_datetime(_format(written), time_unit="ns", strict=False)
        if part is column and not parsed.null_count():
            return parsed.to_physical().to_numpy()
        known = parsed.is_not_null().to_numpy()
        if not known[0]:
            raise _not_a_time(name, column, rows[:1], place)
        time[rows[known]] = parsed.drop_nulls().to_physical().to_numpy()
        rows = rows[~known]
        part = column.gather(rows)
    return time


def _of_digits(name: str, column: pl.Series, place: Place) -> NDArray[np.int64]:
    import polars as pl

    whole = column.cast(pl.Int64, strict=False)
    parsed = column.cast(pl.Float64, strict=False) if whole.null_count() else whole
    if parsed.null_count():
        raise _not_a_time(name, column, parsed.is_null().arg_true(), place)
    return epochs(name, parsed.to_numpy(), place)


def _format(written: re.Match[str]) -> str:
    """Return the chrono format of a time that WRITTEN has matched."""
    mark, zone = written["mark"], written["zone"] or ""
    date = f"%Y{mark}%m{mark}%d"
    if not written["gap"]:
        return date
    second = (":%S" if written["second"] else "") + ("%.f" if written["part"] else "")
    if zone.strip(" +-0123456789:"):
        return f"{date}{written['gap']}%H:%M{second}{zone}"
    space = " " if zone.startswith(" ") else ""
    return f"{date}{written['gap']}%H:%M{second}{space}{'%#z' if zone else ''}"


def _not_a_time(name: str, column: pl.Series, rows: pl.Series | NDArray[np.int64], place: Place) -> DataError:
    value = column[int(rows[0])]
    if not value:
        return place.refusal(rows, f"{name} {MISSING}")
    advice = ADVICE
    if YEAR_LAST.match(value):
        advice = f"The year comes first, so that day and month cannot be mixed up. {ADVICE}"
    elif WRITTEN.fullmatch(value) and not "1900" <= value < "2101":
        advice = "The years 1900 to 2100 are accepted."
    return place.refusal(rows, f"{name} '{value}' is not a time that eyas can read. {advice}")


def _joined(columns: tuple[tuple[str, Column], ...], place: Place) -> tuple[str, pl.Series]:
    """Return the name and the text of a date and a time of day together."""
    import polars as pl

    (date_name, date), (clock_name, clock) = columns
    if isinstance(date, pl.Series) and date.dtype == pl.Date:
        date = date.dt.strftime("%Y-%m-%d")
    if isinstance(clock, pl.Series) and clock.dtype == pl.Time:
        clock = clock.dt.strftime("%H:%M:%S%.f")
    if (
        isinstance(date, pl.Series)
        and isinstance(clock, pl.Series)
        and date.dtype == clock.dtype == pl.String
        and bool(clock.drop_nulls().head(1).str.contains(CLOCK).all())
    ):
        return f"{date_name} {clock_name}", date.str.strip_chars() + " " + clock.str.strip_chars()
    raise DataError(
        f"{place.name} has several columns that could be the time: '{date_name}' and '{clock_name}'. "
        "Rename or drop all but one."
    )
