"""Guess when a market is open from its bars: always, the week of currencies, or what is usual in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.calendars import DAY_NS, HOUR_NS, Always, Calendar, Days, calendar_of, day_of, weekday_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
WEEK_NS = 7 * DAY_NS
SATURDAY_NS = 2 * DAY_NS  # 1970-01-03
WEEKEND_NS = 36 * HOUR_NS
"""A gap of at least this is one over a weekend."""
NIGHT_LEAST_NS = 3 * HOUR_NS
"""Of less than a day a shorter gap is no night, but bars that are missing."""
SATURDAYS = 0.8  # as many bars as on other days; a week of currencies in a wrong zone has some, too
FILLED = 0.75  # of the time between weekends, or it is no week of currencies
STRAY = 20  # one in so many, at either end
BREAKS_LEAST = 4  # times that a break is seen
USUAL = 0.2  # of the days on which the same gap is seen, or it is not usual
HOLIDAYS_MAX = 0.09  # of the weekdays: no market closes on more
HOLIDAYS_FROM = 60  # weekdays, or nothing can be said of their share
HOLIDAY_DAYS = 3  # in a row are more than a holiday of a day or two,
HOLIDAYS_LONGEST = 10  # and this many the longest that any market has
HOLIDAY_YEARS = 2.0  # in which one as long is seen once


@dataclass(frozen=True, eq=False, slots=True)
class UsualDays:
    """Expect daily bars on weekdays, but for the holidays that their pattern shows."""

    name: str = "Monday to Friday"

    def missing(self, time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:  # noqa: ARG002
        """Return how many weekdays are missing between each of the rows and the next, if that is unusual."""
        first, last = day_of(time[rows]), day_of(time[rows + 1])
        between = np.maximum(np.busday_count(_dates(first + 1), _dates(last)), 0)
        return beyond_holidays(between, time[rows], time)

    def outside(self, time: NDArray[np.int64], step: int) -> NDArray[np.intp]:  # noqa: ARG002
        """Return the rows of bars on weekends."""
        return np.flatnonzero(weekday_of(day_of(time)) >= 5)


@dataclass(frozen=True, eq=False, slots=True)
class UsualHours:
    """Expect bars in sessions as they are usual in the data, and in the week of currencies if it is one.

    `night_ns` is the length of gap from which one lies between sessions; `within` the calendar that holds
    around them, if any.
    """

    name: str
    night_ns: int
    within: Calendar | None = None

    def missing(self, time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:
        """Return how many bars are missing between each of the rows and the next."""
        first, last = time[rows] + step, time[rows + 1]
        gap = last - first
        found = np.rint(gap / step).astype(np.int64)
        if self.within is not None:
            found = self.within.missing(time, rows, step)
        found[_repeated(first, last, time)] = 0
        if self.within is None:
            night = gap >= self.night_ns
            found[night] = self._beyond_nights(first[night], last[night], time, step)
        return found

    def outside(self, time: NDArray[np.int64], step: int) -> NDArray[np.intp]:
        """Return the rows of bars that lie wholly where the market was closed."""
        return np.empty(0, np.intp) if self.within is None else self.within.outside(time, step)

    def _beyond_nights(
        self, first: NDArray[np.int64], last: NDArray[np.int64], time: NDArray[np.int64], step: int
    ) -> NDArray[np.int64]:
        """Return the bars missing in gaps between sessions: whole sessions, and late beginnings."""
        if not len(first):
            return np.empty(0, np.int64)
        # A session may end after midnight UTC, so days count from the end of the night.
        middle = int(np.median(last % DAY_NS))
        days = (np.rint((last - middle) / DAY_NS) - np.rint((first - middle) / DAY_NS)).astype(np.int64)
        from_day = np.rint((first - middle) / DAY_NS).astype(np.int64)
        skipped = np.maximum(np.busday_count(_dates(from_day + 1), _dates(from_day + np.maximum(days, 1))), 0)
        skipped = beyond_holidays(skipped, first, time)
        a_session = max(1, round(len(time) / (len(first) + 1)))
        begins, counts = np.unique(last % DAY_NS, return_counts=True)
        usual = begins[counts >= USUAL * counts.max()]
        late = np.zeros(len(first), np.int64)
        if counts.max() >= USUAL * len(last):
            at = np.searchsorted(usual, last % DAY_NS, side="right") - 1
            late = np.where(at >= 0, last % DAY_NS - usual[np.maximum(at, 0)], 0) // step
        return skipped * a_session + late


def beyond_holidays(
    skipped: NDArray[np.int64], at: NDArray[np.int64], time: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many of the weekdays without bars are missing: those that cannot be holidays.

    `skipped` are the weekdays without bars in each gap, `at` its time. A gap of a day or two may always be a
    holiday; a longer one may, if there is one as long every other year. If more weekdays are without bars
    than any market has holidays, all of them count.
    """
    years = (int(time[-1]) - int(time[0])) / (365.25 * DAY_NS)
    weekdays = int(np.busday_count(_dates(day_of(time[:1])), _dates(day_of(time[-1:])))[0])
    short = skipped < HOLIDAY_DAYS
    if weekdays > HOLIDAYS_FROM and int(skipped[short].sum()) > HOLIDAYS_MAX * weekdays:
        return skipped
    of_year = at.astype("datetime64[ns]").astype("datetime64[Y]")
    found = np.where(short, 0, skipped)
    for length in range(HOLIDAY_DAYS, HOLIDAYS_LONGEST + 1):
        as_long = (skipped >= length) & (skipped <= HOLIDAYS_LONGEST)
        if len(np.unique(of_year[as_long])) >= max(2.0, years / HOLIDAY_YEARS):
            found[skipped == length] = 0
    return found


def guess(time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> Calendar:
    """Return the calendar that bars seem to follow; `rows` are those whose next bar is not one step away."""
    gaps = time[rows + 1] - time[rows] - step
    rows, gaps = rows[gaps >= step // 2], gaps[gaps >= step // 2]
    if not len(rows) or _open_on_saturdays(time, step, daily=step >= DAY_NS):
        return Always()
    if step >= DAY_NS:
        return _daily(time)
    weeks = (int(time[-1]) - int(time[0])) / WEEK_NS
    weekends = gaps >= WEEKEND_NS
    filled = len(time) * step / (int(time[-1]) + step - int(time[0]) - int(gaps[weekends].sum()))
    if filled >= FILLED and 1 <= np.count_nonzero(weekends) >= 0.7 * int(weeks):
        return UsualHours("24/5", 0, calendar_of("24/5", time, step))
    if filled >= FILLED and not weekends.any():
        return Always()
    # Of each day the longest gap is its night.
    days = (time[rows] + step) // DAY_NS
    starts = np.concatenate(([0], np.flatnonzero(np.diff(days)) + 1))
    night = int(np.median(np.maximum.reduceat(gaps, starts)))
    if night < NIGHT_LEAST_NS and time[-1] - time[0] < DAY_NS:
        return Always()
    return UsualHours("sessions", max(night // 2, 2 * step))


def knows_no_holidays(calendar: Calendar) -> bool:
    """Tell whether a calendar is no more than what is usual in the bars."""
    return isinstance(calendar, UsualDays) or (isinstance(calendar, UsualHours) and calendar.within is None)


def _daily(time: NDArray[np.int64]) -> Calendar:
    """Return the days from Monday to Friday; of currencies, which have bars on Sundays, the same."""
    weekday = weekday_of(day_of(time))
    if np.mean(weekday == 6) > 0.08 and np.mean(weekday == 4) > 0.08:
        found = calendar_of("24/5", time, DAY_NS)
        if isinstance(found, Days):
            return found
    return UsualDays()


def _open_on_saturdays(time: NDArray[np.int64], step: int, *, daily: bool) -> bool:
    """Tell whether bars are as frequent on Saturdays as on other days."""
    if daily:
        share_of = np.bincount(weekday_of(day_of(time)), minlength=7) / len(time)
        # Of a few bars not every weekday need be there; a date that is a day late makes Saturdays of Fridays.
        return bool(share_of[5] > 0.05 and (len(time) < 14 or share_of.min() > 0.05))
    first = -(-(int(time[0]) - SATURDAY_NS) // WEEK_NS) * WEEK_NS + SATURDAY_NS
    saturdays = np.arange(first, int(time[-1]) - DAY_NS + step + 1, WEEK_NS)
    if not len(saturdays):
        return False
    count = int((np.searchsorted(time, saturdays + DAY_NS) - np.searchsorted(time, saturdays)).sum())
    share = count / (len(saturdays) * DAY_NS)
    overall = len(time) / (int(time[-1]) + step - int(time[0]))
    return share >= SATURDAYS * overall


def _repeated(
    first: NDArray[np.int64], last: NDArray[np.int64], time: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which gaps of less than a day are at the same time on many days: the market's breaks.

    Markets change their breaks, so those days count that lie between the first and the last time of one, but
    for the few that are stray.
    """
    if not len(first):
        return np.empty(0, np.bool_)
    kinds = (first % DAY_NS) // SECOND_NS * 100_000 + (last - first) // SECOND_NS
    _, place, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(counts)
    tail = counts // STRAY
    span = first[order[ends - 1 - tail]] - first[order[ends - counts + tail]]
    days = np.maximum(span, min(WEEK_NS, int(time[-1] - time[0]))) / DAY_NS * 5 / 7
    usual: NDArray[np.bool_] = (counts >= np.maximum(USUAL * days, BREAKS_LEAST))[place]
    return usual & (last - first < DAY_NS)


def _dates(days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return days.astype("datetime64[D]")
