"""Turn times of any kind into nanoseconds since 1970 UTC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.data.columns import Column
from eyas.data.epochs import MISSING, SECOND, epochs
from eyas.data.place import Place, Wrong
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
LOOK_AT = 100  # rows, to find one that shows how times are written
ADVICE = "Write times as 2024-01-31T09:30:00Z, as 2024-01-31, or as an epoch number."


class Times(NamedTuple):
    """Hold times in nanoseconds since 1970, and what is not yet known or wrong about them."""

    time: NDArray[np.int64]
    """UTC, but for the local rows; anything in the wrong rows."""
    wrong: list[Wrong]
    local: NDArray[np.bool_] | None = None
    """The rows that show a clock without saying whose; None where no row does. Days are no clocks."""


class Reader(NamedTuple):
    """Say how the times of a source are to be read."""

    name: str
    place: Place
    written_as: str = ""
    """The chrono format of text; empty for the usual ways to write a time."""
    own_units: bool = False
    """Whether every epoch number may have a unit of its own."""


def nanoseconds(columns: tuple[tuple[str, Column], ...], place: Place) -> NDArray[np.int64]:
    """Return the times of one column, or of a date and a time of day, in nanoseconds since 1970 UTC.

    Text without a zone and times without a zone count as UTC. Raises DataError for a missing time,
    for text that is no time, and for one outside 1900–2100 (epoch numbers: 1990–2100).
    """
    found = sifted_times(columns, place)
    place.refuse(found.wrong)
    return found.time


def sifted_times(
    columns: tuple[tuple[str, Column], ...],
    place: Place,
    *,
    written_as: str = "",
    own_units: bool = False,
) -> Times:
    """Return the times of one column, or of a date and a time of day, with the rows that have none.

    Raises DataError only where the column as a whole holds no times.
    """
    import polars as pl

    name, column = columns[0] if len(columns) == 1 else _joined(columns, place)
    reader = Reader(name, place, written_as, own_units)
    if isinstance(column, pl.Series):
        return _of_series(column, reader)
    kind = column.dtype.kind
    if kind in "iuf":
        return Times(*epochs(name, column, own_units=own_units))
    if kind != "M":
        raise DataError(f"{place.name}: the column {name} holds {column.dtype}, not times. {ADVICE}")
    unit, step = np.datetime_data(column.dtype)
    if unit not in A_DAY or step != 1:
        column, unit = column.astype("datetime64[s]"), "s"
    return _of_parts(column.view(np.int64), np.isnat(column), unit, reader, is_local=unit != "D")


def _of_series(column: pl.Series, reader: Reader) -> Times:
    import polars as pl

    if not len(column):
        return Times(np.empty(0, np.int64), [])
    kind, missing = column.dtype, column.is_null().to_numpy()
    if kind in (pl.String, pl.Categorical, pl.Enum):
        plain = column.cast(pl.String).fill_null("").str.strip_chars()
        if reader.written_as:
            return _of_format(plain, reader)
        return _of_text(plain, reader)
    if kind == pl.Date:
        parts = column.to_physical().cast(pl.Int64).fill_null(0).to_numpy()
        return _of_parts(parts, missing, "D", reader, is_local=False)
    if isinstance(kind, pl.Datetime):
        parts = column.to_physical().fill_null(0).to_numpy()
        return _of_parts(parts, missing, kind.time_unit, reader, is_local=kind.time_zone is None)
    if kind.is_integer() and not missing.any():
        return Times(*epochs(reader.name, column.to_numpy(), own_units=reader.own_units))
    if kind.is_numeric():
        return Times(*epochs(reader.name, column.cast(pl.Float64).to_numpy(), own_units=reader.own_units))
    raise DataError(f"{reader.place.name}: the column {reader.name} holds {kind}, not times. {ADVICE}")


def _of_parts(
    parts: NDArray[np.int64], missing: NDArray[np.bool_], unit: str, reader: Reader, *, is_local: bool
) -> Times:
    """Return whole numbers of a unit as nanoseconds; years that no market has seen are wrong."""
    a_day, name = A_DAY[unit], reader.name
    wrong = []
    if missing.any():
        wrong.append(Wrong("missing", np.flatnonzero(missing), lambda _: f"{name} {MISSING}"))
    bad = missing
    if len(parts) and (missing.any() or parts.min() < FIRST_DAY * a_day or parts.max() >= END_DAY * a_day):
        outside = ~missing & ((parts < FIRST_DAY * a_day) | (parts >= END_DAY * a_day))
        if outside.any():
            wrong.append(
                Wrong("bad_time", np.flatnonzero(outside), lambda row: _outside(name, parts[row], unit))
            )
        bad = missing | outside
    whole = np.where(bad, 0, parts) if wrong else parts
    time = np.array(whole) if unit == "ns" else whole * (DAY_NS // a_day)
    if len(time) and not bad[0] and 0 <= time[0] <= 48 * DAY_NS:
        _refuse_the_dawn_of_1970(name, time, reader.place)
    return Times(time, wrong, ~bad if is_local else None)


def _outside(name: str, part: np.int64, unit: str) -> str:
    value = np.array(part).view(f"datetime64[{unit}]")
    fault = f"{name} {value} is outside the years 1900 to 2100"
    return f"{fault}. Was it made from an epoch number in another unit?"


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


def _of_format(column: pl.Series, reader: Reader) -> Times:
    """Return text that a vendor always writes in one way."""
    strange = ((column < "1900") | (column >= "2101")).to_numpy()
    parsed = column.str.to_datetime(reader.written_as, time_unit="ns", strict=False)
    bad = parsed.is_null().to_numpy() | strange
    return _text_times(column, parsed.to_physical().fill_null(0).to_numpy(), bad, ~bad, reader)


def _of_text(column: pl.Series, reader: Reader) -> Times:
    """Return text written in the usual ways: at once as far as the rows have the way of the first."""
    if re.match(NUMBER, column[0]):
        whole = _digits(column)
        if not whole.null_count():
            return Times(*epochs(reader.name, whole.to_numpy(), own_units=reader.own_units))
    # Years are compared as text, because beyond 2262 nanoseconds would silently wrap.
    strange = ((column < "1900") | (column >= "2101")).to_numpy()
    ways = (WRITTEN.fullmatch(text) for text in column.head(LOOK_AT))
    way = next((found for found in ways if found is not None), None)
    if way is not None:
        parsed = column.str.to_datetime(_format(way), time_unit="ns", strict=False)
        known = parsed.is_not_null().to_numpy() & ~strange
        if known.all():
            local = np.ones(len(column), np.bool_) if _is_local(way) else None
            return Times(parsed.to_physical().to_numpy(), [], local)
        if np.count_nonzero(known) * 2 > len(column):
            time = np.array(parsed.to_physical().fill_null(0).to_numpy())
            return _of_ways(column, strange, reader, time, known, known & _is_local(way))
    is_number = column.str.contains(NUMBER).to_numpy()
    if np.count_nonzero(is_number) * 2 > np.count_nonzero(column.to_numpy() != ""):
        return _of_digits(column, is_number, reader)
    none = np.zeros(len(column), np.bool_)
    return _of_ways(column, strange, reader, np.zeros(len(column), np.int64), none, none.copy())


def _digits(column: pl.Series) -> pl.Series:
    """Return text as whole numbers, or with fractions where it has any; null where it is no number."""
    import polars as pl

    whole = column.cast(pl.Int64, strict=False)
    return column.cast(pl.Float64, strict=False) if whole.null_count() else whole


def _of_digits(column: pl.Series, is_number: NDArray[np.bool_], reader: Reader) -> Times:
    """Return the epoch numbers of a column in which not every row holds one."""
    rows = np.flatnonzero(is_number)
    found, wrong = epochs(reader.name, _digits(column.gather(rows)).to_numpy(), own_units=reader.own_units)
    time = np.zeros(len(column), np.int64)
    time[rows] = found
    place_of = np.cumsum(is_number) - 1
    theirs = [
        Wrong(one.fault, rows[one.rows], lambda row, one=one: one.sentence(int(place_of[row])))  # type: ignore[misc]
        for one in wrong
    ]
    return Times(time, [*_unreadable(column, ~is_number, reader.name), *theirs])


def _of_ways(
    column: pl.Series,
    strange: NDArray[np.bool_],
    reader: Reader,
    time: NDArray[np.int64],
    known: NDArray[np.bool_],
    local: NDArray[np.bool_],
) -> Times:
    """Return text in which the rows are written in several ways, or some in none; some are known already."""
    import polars as pl

    bad = ~known
    rest = pl.DataFrame({"row": np.flatnonzero(bad & ~strange)})
    rest = rest.with_columns(text=column.gather(rest["row"]))
    rest = rest.with_columns(shape=pl.col("text").str.replace_all(r"\d", "0"))
    for (_,), part in rest.group_by(["shape"], maintain_order=True):
        way = WRITTEN.fullmatch(part["text"][0])
        if way is None:
            continue
        rows = part["row"].to_numpy()
        parsed = part["text"].str.to_datetime(_format(way), time_unit="ns", strict=False)
        bad[rows] = parsed.is_null().to_numpy()
        time[rows] = parsed.to_physical().fill_null(0).to_numpy()
        local[rows] = _is_local(way)
    return _text_times(column, time, bad, local & ~bad, reader)


def _text_times(
    column: pl.Series,
    time: NDArray[np.int64],
    bad: NDArray[np.bool_],
    local: NDArray[np.bool_],
    reader: Reader,
) -> Times:
    wrong = _unreadable(column, bad, reader.name) if bad.any() else []
    return Times(time, wrong, local if local.any() else None)


def _is_local(written: re.Match[str]) -> bool:
    """Return whether a time that WRITTEN has matched shows a clock, but no zone."""
    return bool(written["gap"]) and not written["zone"]


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


def _unreadable(column: pl.Series, bad: NDArray[np.bool_], name: str) -> list[Wrong]:
    """Return the bad rows of a column of text, the empty ones by themselves."""
    empty = (column == "").to_numpy() & bad
    strange = bad & ~empty
    wrong = []
    if empty.any():
        wrong.append(Wrong("missing", np.flatnonzero(empty), lambda _: f"{name} {MISSING}"))
    if strange.any():
        wrong.append(Wrong("bad_time", np.flatnonzero(strange), lambda row: _not_a_time(name, column[row])))
    return wrong


def _not_a_time(name: str, value: str) -> str:
    advice = ADVICE
    if YEAR_LAST.match(value):
        advice = f"The year comes first, so that day and month cannot be mixed up. {ADVICE}"
    elif WRITTEN.fullmatch(value) and not "1900" <= value < "2101":
        advice = "The years 1900 to 2100 are accepted."
    return f"{name} '{value}' is not a time that eyas can read. {advice}"


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
        and _has_clocks(clock)
    ):
        return f"{date_name} {clock_name}", date.str.strip_chars() + " " + clock.str.strip_chars()
    raise DataError(
        f"{place.name} has several columns that could be the time: '{date_name}' and '{clock_name}'. "
        "Rename or drop all but one."
    )


def _has_clocks(column: pl.Series) -> bool:
    """Return whether the first rows of a column, or one of them, are a time of day."""
    first = column.drop_nulls().head(100)
    return not len(first) or bool(first.str.contains(CLOCK).any())
