"""Hold the hours of a market, and find its session days with every change of the clocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.timeframes.parts import DAY_NS, INTRADAY, MONDAY_NS, UNITS_NS, Timeframe

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR_NS = UNITS_NS["h"]
FIRST_YEAR, LAST_YEAR = 1678, 2261  # what nanoseconds in 64 bits hold
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Session:
    """Say when a market is open: a time zone, the time on its clock when a day opens and when it closes.

    A session that does not close after it opens began the day before: `Session("America/Chicago", "17:00",
    "16:00")` opens on Sunday at 17:00 for the Monday. A day has the date on which it closes; 00:00 as a
    close is the end of a day. `days` are the days of the week that have a session, 1 for Monday to 7.
    Raises UsageError for an unknown time zone, or a time that is not HH:MM.

    >>> Session("America/New_York", "09:30", "16:00").is_overnight
    False
    """

    time_zone: str
    opens: str = "00:00"
    closes: str = "00:00"
    days: tuple[int, ...] = EVERY_DAY

    def __post_init__(self) -> None:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(self.time_zone)
        except (OSError, ValueError, TypeError, KeyError):
            raise UsageError(
                f"{self.time_zone!r} is not a time zone: take one such as 'America/New_York' or 'UTC'"
            ) from None
        _minutes(self.opens), _minutes(self.closes)
        days = tuple(sorted(set(self.days)))
        if not days or any(day not in EVERY_DAY for day in days):
            raise UsageError(f"days {self.days!r} must be some of 1 (Monday) to 7 (Sunday)")
        object.__setattr__(self, "days", days)

    @property
    def is_overnight(self) -> bool:
        """Whether a session opens on the date before the one that it has."""
        return _minutes(self.opens) >= (_minutes(self.closes) or 24 * 60)

    def holds(self, time: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether the market is open at each time (int64 nanoseconds UTC)."""
        days = days_of(self, time)
        row = np.searchsorted(days.opens, time, side="right") - 1
        found: NDArray[np.bool_] = time < days.closes[row]
        return found


class Days(NamedTuple):
    """Hold session days in order: the date (days since 1970), and when each opens and closes."""

    date: NDArray[np.int64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Intervals:
    """Hold intervals as runs: `step` long from each `opens` on, and the last one cut at `closes`.

    `before` is how many intervals there are before each run. An interval of days or longer is a run of one.
    """

    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    step: int
    before: NDArray[np.int64]

    def number(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which interval was the last to begin at each time or before it."""
        run = np.searchsorted(self.opens, time, side="right") - 1
        count = np.diff(self.before)[run]
        found: NDArray[np.int64] = self.before[run] + np.minimum(
            (time - self.opens[run]) // self.step, count - 1
        )
        return found

    def start(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return when each interval begins; raise UsageError for one that no nanoseconds can say."""
        run = np.searchsorted(self.before, index, side="right") - 1
        if len(run) and not (run.min() >= 0 and run.max() < len(self.opens)):
            raise UsageError(f"sessions are known from {FIRST_YEAR} to {LAST_YEAR}: ask for fewer intervals")
        found: NDArray[np.int64] = self.opens[run] + (index - self.before[run]) * self.step
        return found

    def end(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return when each interval ends."""
        run = np.searchsorted(self.before, index, side="right") - 1
        found: NDArray[np.int64] = np.minimum(
            self.opens[run] + (index - self.before[run] + 1) * self.step, self.closes[run]
        )
        return found


def intervals_of(
    session: Session, timeframe: Timeframe, time: NDArray[np.int64], count: int = 0
) -> Intervals:
    """Return the intervals around some times, and at least `count` more after or before them."""
    beyond_ns = (abs(count) + 2) * _span_ns(session, timeframe)
    days = days_of(session, time, beyond_ns)
    if timeframe.unit in INTRADAY:
        step = timeframe.number * UNITS_NS[timeframe.unit]
        runs = -((days.opens - days.closes) // step)  # rounded up
        return Intervals(days.opens, days.closes, step, _before(runs))
    key = _group(days.date, timeframe)
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    last = np.append(first[1:], len(key)) - 1
    # The outermost groups may be cut off by the end of the table.
    opens, closes = days.opens[first][1:], days.closes[last][1:-1]
    longest = int(np.diff(opens).max())
    return Intervals(opens[:-1], closes, longest, _before(np.ones(len(opens) - 1, np.int64)))


def days_of(session: Session, time: NDArray[np.int64], beyond_ns: int = 0) -> Days:
    """Return the session days around some times, and as far beyond them as asked, and a little more."""
    if not len(time):
        time = np.zeros(1, np.int64)
    years = beyond_ns // (365 * DAY_NS) + 1
    first, last = (_year(edge) for edge in (time.min(), time.max()))
    tables = [
        _year_of_days(session, year)
        for year in range(max(FIRST_YEAR, first - years), min(LAST_YEAR, last + years) + 1)
    ]
    return Days(*(np.concatenate(parts) for parts in zip(*tables, strict=True)))


@lru_cache(maxsize=2048)
def _year_of_days(session: Session, year: int) -> Days:
    """Return the session days of the dates of a year that last any time at all."""
    date = np.arange(f"{year}-01-01", f"{year + 1}-01-02", dtype="M8[D]").astype(np.int64)
    weekday = (date + 3) % 7 + 1
    opens = _instants(session.time_zone, date - session.is_overnight, _minutes(session.opens))
    closes = _instants(session.time_zone, date, _minutes(session.closes) or 24 * 60)
    # Clocks that jump may put a close before its open or after the next one.
    closes = np.minimum(closes[:-1], opens[1:])
    kept = np.isin(weekday[:-1], session.days) & (closes > opens[:-1])
    return Days(date[:-1][kept], opens[:-1][kept], closes[kept])


def _instants(time_zone: str, date: NDArray[np.int64], minutes: int) -> NDArray[np.int64]:
    """Return when the clocks of a zone show a time of the day; a time that is skipped is as much later."""
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    zone, epoch = ZoneInfo(time_zone), datetime(1970, 1, 1, tzinfo=UTC)
    seconds = (
        (datetime(1970, 1, 1, tzinfo=zone) + timedelta(days=day, minutes=minutes)) - epoch
        for day in date.tolist()
    )
    whole = [part.days * 86_400 + part.seconds for part in seconds]
    return np.array(whole, dtype=np.int64) * UNITS_NS["s"]


def _group(date: NDArray[np.int64], timeframe: Timeframe) -> NDArray[np.int64]:
    """Return in which interval of days, weeks or months each date lies."""
    if timeframe.unit == "M":
        months = date.astype("M8[D]").astype("M8[M]").astype(np.int64)
        return np.asarray(months // timeframe.number)
    origin, unit_days = (MONDAY_NS // DAY_NS, 7) if timeframe.unit == "w" else (0, 1)
    return np.asarray((date - origin) // (unit_days * timeframe.number))


def _span_ns(session: Session, timeframe: Timeframe) -> int:
    """Return how much time one interval takes at most, on average over a week."""
    if timeframe.unit not in INTRADAY:
        unit_days = {"d": 7, "w": 7, "M": 31}[timeframe.unit]
        return timeframe.number * unit_days * DAY_NS
    minutes = (_minutes(session.closes) or 24 * 60) - _minutes(session.opens) + 24 * 60 * session.is_overnight
    shortest_ns = minutes * UNITS_NS["m"] - HOUR_NS  # the clocks jump by an hour at most, nearly everywhere
    a_day = max(1, shortest_ns // (timeframe.number * UNITS_NS[timeframe.unit]))
    return 7 * DAY_NS // (a_day * len(session.days)) + 1


def _before(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


def _minutes(clock: str) -> int:
    """Return the minutes since midnight that a clock shows."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", str(clock))
    if found is None:
        raise UsageError(f"{clock!r} is not a time of the day such as '09:30'")
    return int(found[1]) * 60 + int(found[2])


def _year(time_ns: np.int64) -> int:
    return int(np.datetime64(int(time_ns), "ns").astype("M8[Y]").astype(np.int64)) + 1970
