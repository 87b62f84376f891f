"""Know when a market is open: always, in the week of currencies, or in the sessions of a named exchange.

A calendar answers two questions about bars: how many are missing in a gap, and which lie where the market was
closed. Exchanges come from the library exchange-calendars, which is an extra.
"""

from __future__ import annotations

import datetime
import difflib
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
NEW_YORK = "America/New_York"
WEEK_SLACK_NS = 65 * 60 * 1_000_000_000
"""Brokers open and close the week of currencies some minutes, and metals an hour, later or earlier."""
DAY_EDGE_NS = 2 * HOUR_NS
"""A daily bar stamped 22:00 or later belongs to the next day: so begins the day in Europe."""


class Calendar(Protocol):
    """Say what is missing and what is too many among bars of `step` nanoseconds."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def missing(self, time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:
        """Return how many bars are missing between each of the rows and the next."""
        ...

    def outside(self, time: NDArray[np.int64], step: int) -> NDArray[np.intp]:
        """Return the rows of bars that lie wholly where the market was closed."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """Be open at any time."""

    name: str = "24/7"

    def missing(self, time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:
        """Return how many bars are missing between each of the rows and the next."""
        found: NDArray[np.int64] = np.rint((time[rows + 1] - time[rows]) / step).astype(np.int64) - 1
        return found

    def outside(self, time: NDArray[np.int64], step: int) -> NDArray[np.intp]:  # noqa: ARG002
        """Return nothing."""
        return np.empty(0, np.intp)


@dataclass(frozen=True, eq=False, slots=True)
class Hours:
    """Be open from each of `opens` to the `closes` beside it, in nanoseconds UTC.

    Bars may also lie within `slack_ns` around these, and need not lie within it inside them; nor in
    the `holidays`, pairs of such times. `zone` is where the exchange is.
    """

    name: str
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    slack_ns: int = 0
    holidays: tuple[tuple[int, int], ...] = ()
    zone: str = ""

    def missing(self, time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:
        """Return how many bars are missing between each of the rows and the next."""
        first, last = time[rows] + step, time[rows + 1]
        owed = self._open_before(last) - self._open_before(first)
        for start, end in self.holidays:
            inside = np.minimum(last, end), np.maximum(first, start)
            owed -= np.where(
                inside[0] > inside[1], self._open_before(inside[0]) - self._open_before(inside[1]), 0
            )
        found: NDArray[np.int64] = -(-owed // step)
        return np.where(last - first < step // 2, 0, found)

    def outside(self, time: NDArray[np.int64], step: int) -> NDArray[np.intp]:
        """Return the rows of bars that lie wholly where the market was closed."""
        shut, reopen = self.closes[:-1] + self.slack_ns, self.opens[1:] - self.slack_ns
        first = np.searchsorted(time, shut)
        last = np.searchsorted(time, reopen - step, side="right")
        parts = [np.arange(one, two) for one, two in zip(first, last, strict=True) if two > one]
        return np.concatenate(parts) if parts else np.empty(0, np.intp)

    def _open_before(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for how long the market was open before each time, as far as bars are owed."""
        opens, closes = self.opens + self.slack_ns, self.closes - self.slack_ns
        lengths = closes - opens
        before = np.concatenate(([0], np.cumsum(lengths)))
        place = np.searchsorted(opens, time, side="right") - 1
        held = np.maximum(place, 0)
        inside: NDArray[np.int64] = before[held] + np.clip(time - opens[held], 0, lengths[held])
        return np.where(place < 0, 0, inside)


@dataclass(frozen=True, eq=False, slots=True)
class Days:
    """Have a daily bar on each of `days` (counted from 1970), and perhaps on the `optional` ones."""

    name: str
    days: NDArray[np.int64]
    optional: NDArray[np.int64]

    def missing(self, time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:  # noqa: ARG002
        """Return how many bars are missing between each of the rows and the next."""
        first, last = day_of(time[rows]), day_of(time[rows + 1])
        found: NDArray[np.int64] = np.searchsorted(self.days, last) - np.searchsorted(
            self.days, first, side="right"
        )
        return np.maximum(found, 0)

    def outside(self, time: NDArray[np.int64], step: int) -> NDArray[np.intp]:  # noqa: ARG002
        """Return the rows of bars on other days."""
        known = np.union1d(self.days, self.optional)
        return np.flatnonzero(~np.isin(day_of(time), known))


def calendar_of(name: str, time: NDArray[np.int64], step: int) -> Calendar:
    """Return a calendar by its name, over the span of the times: 24/7, 24/5, or an exchange such as XNYS.

    `step` is the length of a bar in nanoseconds; that of a day or more asks for days.
    Raises UsageError for a name that nobody knows, and where the extra is missing.
    """
    if name == "24/7":
        return Always()
    first, last = int(time[0]) - 7 * DAY_NS, int(time[-1]) + 7 * DAY_NS
    daily = step >= DAY_NS
    if name == "24/5":
        return weekdays(name, first, last) if daily else currency_week(name, first, last)
    found = _exchange(name, first // DAY_NS, last // DAY_NS)
    return found[0] if daily else found[1]


def day_of(time: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the day that each daily bar is of, counted from 1970."""
    return (time + DAY_EDGE_NS) // DAY_NS


def weekday_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the weekday of days counted from 1970: 0 is Monday."""
    return (day + 3) % 7


def weekdays(name: str, first: int, last: int) -> Days:
    """Return the days from Monday to Friday; on Sundays, and at Christmas, there may be bars."""
    days = np.arange(first // DAY_NS, last // DAY_NS + 1)
    dates = days.astype("datetime64[D]")
    month_day = [str(date)[5:] for date in dates]
    holiday = np.isin(month_day, ("12-25", "01-01"))
    weekday = weekday_of(days)
    owed = (weekday < 5) & ~holiday
    return Days(name, days[owed], days[(weekday == 6) | (holiday & (weekday < 5))])


def currency_week(name: str, first: int, last: int) -> Hours:
    """Return the week of currencies, from Sunday to Friday 17:00 in New York; at Christmas no bar is owed."""
    sunday = first // DAY_NS - (first // DAY_NS + 4) % 7
    sundays = np.arange(sunday - 7, last // DAY_NS + 8, 7)
    years = range(
        (datetime.date(1970, 1, 1) + datetime.timedelta(days=first // DAY_NS)).year - 1,
        (datetime.date(1970, 1, 1) + datetime.timedelta(days=last // DAY_NS)).year + 1,
    )
    holidays = tuple(
        (_day_ns(year, 12, day) - 4 * HOUR_NS, _day_ns(year, 12, day) + 48 * HOUR_NS)
        for year in years
        for day in (24, 31)
    )
    return Hours(name, in_new_york(sundays, 17), in_new_york(sundays + 5, 17), WEEK_SLACK_NS, holidays)


def in_new_york(days: NDArray[np.int64], hour: int) -> NDArray[np.int64]:
    """Return an hour of each day (counted from 1970) in New York, in nanoseconds UTC."""
    import polars as pl

    local = pl.Series(days * DAY_NS + hour * HOUR_NS).cast(pl.Datetime("ns"))
    found: NDArray[np.int64] = local.dt.replace_time_zone(NEW_YORK).to_physical().to_numpy()
    return found


def offsets_ns(zone: str, moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how far a zone is from UTC at each moment.

    Polars has the zones with it, which not every machine does.
    """
    import polars as pl

    there = pl.Series(moments).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(zone)
    found: NDArray[np.int64] = there.dt.replace_time_zone(None).to_physical().to_numpy() - moments
    return found


def _day_ns(year: int, month: int, day: int) -> int:
    return (datetime.date(year, month, day) - datetime.date(1970, 1, 1)).days * DAY_NS


@lru_cache(maxsize=32)
def _exchange(name: str, first: int, last: int) -> tuple[Days, Hours]:
    """Return the sessions of an exchange between two days, as days and as hours."""
    try:
        import exchange_calendars
    except ImportError:
        raise UsageError(
            f"calendar {name!r} needs the extra: pip install 'eyas[calendars]'; without it there are 24/7, "
            "24/5 and auto"
        ) from None
    known = exchange_calendars.get_calendar_names(include_aliases=True)
    if name not in known:
        near = difflib.get_close_matches(name.upper(), ["24/7", "24/5", "auto", *known], n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"calendar {name!r} is not 24/7, 24/5, auto, or an exchange such as XNYS{hint}")
    table, zone = _schedule(exchange_calendars, name, first, last)
    days = table.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    opens, closes = _ns(table["open"]), _ns(table["close"])
    pause, resume = _ns(table["break_start"]), _ns(table["break_end"])
    paused = pause > 0
    hours = Hours(
        name,
        np.sort(np.concatenate([opens, resume[paused]])),
        np.sort(np.concatenate([closes, pause[paused]])),
        zone=zone,
    )
    # Of the years before 1970 the library knows no holidays, so on their days there may be bars or not.
    return Days(name, days[days >= 0], np.arange(first, 0)), hours


def _schedule(library: Any, name: str, first: int, last: int) -> tuple[Any, str]:
    """Return the sessions that the library knows of an exchange between two days, and its time zone."""
    import pandas as pd

    start, end = (pd.Timestamp(day, unit="D") for day in (first, last))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library makes of pandas is between the two of them
        usual = library.get_calendar(name)
        lower, upper = usual.bound_min(), usual.bound_max()
        start = start if lower is None else max(start, lower)
        end = end if upper is None else min(end, upper)
        try:
            found = library.get_calendar(name, start=start, end=end)
        except (library.errors.CalendarError, ValueError) as error:
            raise UsageError(f"calendar {name!r} does not know the time of these bars: {error}") from None
    return found.schedule, str(found.tz)


def _ns(column: Any) -> NDArray[np.int64]:
    found: NDArray[np.int64] = column.dt.tz_localize(None).to_numpy("datetime64[ns]").astype(np.int64)
    return found
