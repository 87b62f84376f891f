"""Tell the unit of epoch numbers from their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.place import Wrong
from eyas.model import is_rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECOND = 1_000_000_000
UNITS = (("seconds", SECOND), ("milliseconds", 1_000_000), ("microseconds", 1000), ("nanoseconds", 1))
FIRST_S = 631_152_000  # 1990-01-01
END_S = 4_133_980_800  # 2101-01-01
FIRST_DAY, LAST_DAY = 19_000_101, 21_001_231
"""Whole numbers from 1900-01-01 to 2100-12-31, written as YYYYMMDD."""
MISSING = "is missing. Fill it in or drop the row."
NEEDED = "Epoch numbers lie between 1990 and 2100, in seconds, milliseconds, microseconds or nanoseconds"


def epochs(
    name: str, values: NDArray[Any], *, own_units: bool = False
) -> tuple[NDArray[np.int64], list[Wrong]]:
    """Return epoch numbers in seconds, milli-, micro- or nanoseconds as nanoseconds, and the wrong rows.

    The unit is the one in which most values lie between 1990 and 2100; these ranges do not
    overlap. Whole numbers such as 20240131 are days. Fractions are kept to the microsecond.
    With `own_units` every row may have a unit of its own, as in dumps that changed theirs.
    """
    if not len(values):
        return np.empty(0, np.int64), []
    wrong = []
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        bad = np.flatnonzero(~np.isfinite(values))
        given = values
        missing = np.isnan(values[bad])
        if missing.any():
            wrong.append(Wrong("missing", bad[missing], lambda _: f"{name} {MISSING}"))
        if not missing.all():
            wrong.append(Wrong("bad_time", bad[~missing], lambda row: _infinite(name, given[row])))
        wrong.sort(key=lambda one: int(one.rows[0]))
        values = np.where(
            np.isfinite(values),
            values,
            np.median(values[np.isfinite(values)]) if len(bad) < len(values) else 0,
        )
        if len(bad) == len(values):
            return np.zeros(len(values), np.int64), wrong
    time, others = _known(name, values, own_units=own_units)
    return time, wrong + others


def _known(name: str, values: NDArray[Any], *, own_units: bool) -> tuple[NDArray[np.int64], list[Wrong]]:
    # Times that rise, as most do, have their extremes at their ends.
    is_plain = (
        values.dtype == np.int64
        and values.dtype.isnative
        and values.flags.c_contiguous
        and values.flags.aligned
    )
    rises = is_plain and is_rising(values)
    lowest, highest = (values[0], values[-1]) if rises else (values.min(), values.max())
    if lowest >= FIRST_DAY and highest <= LAST_DAY:
        return _days(name, values)
    for unit, (_, scale) in enumerate(UNITS):
        first, end = _range(unit)
        if lowest >= first and highest < end:
            return _scaled(values, scale), []
    fitting = [(values >= first) & (values < end) for first, end in map(_range, range(len(UNITS)))]
    counts = [int(fits.sum()) for fits in fitting]
    best = int(np.argmax(counts))
    if np.count_nonzero((values >= FIRST_DAY) & (values <= LAST_DAY)) > counts[best]:
        return _days(name, values)
    time = np.zeros(len(values), np.int64)
    for unit, (_, scale) in enumerate(UNITS):
        if unit == best or own_units:
            time[fitting[unit]] = _scaled(values[fitting[unit]], scale)
    bad = np.flatnonzero(~np.any(fitting, axis=0) if own_units else ~fitting[best])
    if not len(bad):
        return time, []
    return time, [Wrong("bad_time", bad, lambda row: _wrong_unit(name, values, fitting, best, row))]


def _range(unit: int) -> tuple[int, int]:
    """Return the first number of a unit that counts as a time, and the first that no longer does."""
    a_second = SECOND // UNITS[unit][1]
    return FIRST_S * a_second, END_S * a_second


def _scaled(values: NDArray[Any], scale: int) -> NDArray[np.int64]:
    if values.dtype.kind != "f":
        whole: NDArray[np.int64] = values.astype(np.int64)
        return whole if scale == 1 else whole * scale
    # A float of today's seconds is good to a quarter of a microsecond: finer digits are noise.
    if scale == 1:
        return np.rint(values / 1000).astype(np.int64) * 1000
    floor: NDArray[np.float64] = np.floor(values)
    parts_us: NDArray[np.int64] = np.rint((values - floor) * (scale / 1000)).astype(np.int64)
    return floor.astype(np.int64) * scale + parts_us * 1000


def _days(name: str, values: NDArray[Any]) -> tuple[NDArray[np.int64], list[Wrong]]:
    whole = np.clip(values, FIRST_DAY, LAST_DAY).astype(np.int64)
    years, months, days = whole // 10_000, whole // 100 % 100, whole % 100
    month = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (months - 1)
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    bad = np.flatnonzero((months < 1) | (months > 12) | (days < 1) | (days > length) | (whole != values))
    since = month.astype("datetime64[D]").astype(np.int64) + days - 1
    time = np.asarray(since * (86_400 * SECOND), dtype=np.int64)
    if not len(bad):
        return time, []
    return time, [Wrong("bad_time", bad, lambda row: _not_a_day(name, values[row]))]


def _not_a_day(name: str, value: Any) -> str:
    return f"{name} {value} is not a day written as YYYYMMDD. Correct it, or write it as 2024-01-31."


def _infinite(name: str, value: Any) -> str:
    return f"{name} is {value}, which is not a time. Fill it in or drop the row."


def _wrong_unit(
    name: str, values: NDArray[Any], fitting: list[NDArray[np.bool_]], best: int, row: int
) -> str:
    """Return what is wrong with a number that does not lie in the unit of most."""
    value = values[row].item()
    reading = _readings(value)
    if not fitting[best].any():
        return f"{name} {value} {reading}. {NEEDED}; earlier dates as 1962-01-31."
    good = int(np.flatnonzero(fitting[best])[0])
    for unit, fits in enumerate(fitting):
        if fits[row]:
            reading = f"would be {_date(value, unit)} in {UNITS[unit][0]}"
    most = f"row {good + 1} ({values[good]}) is in {UNITS[best][0]}"
    return f"{name} {value} {reading}, but {most}. Give every row the same unit."


def _readings(value: float) -> str:
    """Return what a number would be in each unit, the finest that agree taken together.

    >>> _readings(1_500_000)
    'would be 1970-01-18 if read as seconds and 1970-01-01 as milliseconds or finer'
    """
    dates = [_date(value, unit) for unit in range(len(UNITS))]
    if len(set(dates)) == 1:
        return f"would be {dates[0]} in any unit"
    parts = [f"{dates[0]} if read as {UNITS[0][0]}"]
    for unit in range(1, len(UNITS)):
        same_from_here = len(set(dates[unit:])) == 1
        finer = " or finer" if same_from_here and unit < len(UNITS) - 1 else ""
        parts.append(f"{dates[unit]} as {UNITS[unit][0]}{finer}")
        if same_from_here:
            break
    return f"would be {', '.join(parts[:-1])} and {parts[-1]}"


def _date(value: float, unit: int) -> str:
    seconds = int(value) // (SECOND // UNITS[unit][1])
    if abs(seconds) > 10**15:
        return "millions of years away"
    if not -62_135_596_800 <= seconds < 253_402_300_800:
        return f"the year {1970 + round(seconds / 31_556_952)}"
    return str(np.datetime64(seconds, "s"))[:10]
