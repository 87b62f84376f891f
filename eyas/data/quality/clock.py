"""Look whether times are UTC, and when bars open: another zone, or the close, shows where markets close."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.data.calendars import (
    DAY_NS,
    HOUR_NS,
    NEW_YORK,
    Calendar,
    Hours,
    in_new_york,
    offsets_ns,
    weekday_of,
)
from eyas.data.quality.findings import Fact
from eyas.data.quality.usual import WEEK_NS, WEEKEND_NS, UsualHours
from eyas.model import iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
QUARTER_NS = 15 * MINUTE_NS
ZONES = (
    "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Europe/Athens", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip
LOCAL_HOURS = {
    (570, 960): "America/New_York", (510, 900): "America/Chicago", (540, 1050): "Europe/Berlin",
    (540, 900): "Asia/Tokyo", (540, 930): "Asia/Tokyo", (555, 930): "Asia/Kolkata",
}  # fmt: skip
"""Sessions in minutes of the day that no market has in UTC, and where their exchange is."""
MOST, SOME = 0.6, 0.25  # of the weeks or sessions
ODD = 0.03  # of the weeks, or one: more are those in which Europe's clocks have changed and New York's not
AHEAD_OF_NEW_YORK_NS, SERVER = 7 * HOUR_NS, "America/New_York+07:00"  # of many MetaTrader servers
SHIFT_LEAST_NS = 30 * MINUTE_NS
SHIFTS_NS = np.arange(-28, 29) * SHIFT_LEAST_NS
OPEN_STAMPS = "eyas takes a bar's time for when it opens, so take one timeframe off (stamp='close')"
REMEDY = "say the zone when the file is read (time_zone=…)"


class Clock(NamedTuple):
    """Say what is wrong with the times as a whole, and by how much they are late, or each of them is."""

    fact: Fact | None = None
    late_ns: int | NDArray[np.int64] = 0


def clock_of(time: NDArray[np.int64], rows: NDArray[np.intp], step: int, calendar: Calendar) -> Clock:
    """Return whether the times are those of another zone or of the close; `rows` are those before a gap."""
    grain = int(np.gcd(step, QUARTER_NS))
    phases = time[np.concatenate(([0], rows[:1000] + 1))] % grain
    short = grain - int(np.median(phases))
    if 0 < short <= min(SECOND_NS, grain // 2):
        text = f"every bar is stamped {_length(short)} before a bar begins, first {iso(time[0])}"
        return Clock(
            _stamp(time, f"{text}: that is when the bar before it closes. {_sentence(OPEN_STAMPS)}"),
            step - short,
        )
    if step >= DAY_NS:
        return _daily(time) if step == DAY_NS else Clock()
    week = calendar.within if isinstance(calendar, UsualHours) else calendar
    if isinstance(week, Hours) and week.name == "24/5":
        return _week(time, rows, step)
    if isinstance(calendar, Hours):
        return _sessions(time, step, calendar)
    if isinstance(calendar, UsualHours):
        return _usual_sessions(time, rows, step, calendar.night_ns)
    return Clock()


def _daily(time: NDArray[np.int64]) -> Clock:
    """Judge daily bars by their time of the day and by the days of the week that they are on."""
    of_day, days = time % DAY_NS, time // DAY_NS
    usual = int(np.median(of_day))
    weekday = np.bincount(weekday_of(days), minlength=7) / len(time)
    if usual >= DAY_NS - 2 * MINUTE_NS:
        text = f"daily bars are stamped {_hour(usual)}, the end of their day, first {iso(time[0])}"
        return Clock(_stamp(time, f"{text}. {_sentence(OPEN_STAMPS)}"), usual)
    if len(time) >= 10 and not usual and weekday[5] > 0.1 and max(weekday[0], weekday[6]) < 0.02:
        text = (
            f"daily bars run from Tuesday to Saturday, first {iso(time[0])}: each bears the date of its close"
        )
        return Clock(_stamp(time, f"{text}. {_sentence(OPEN_STAMPS)}"), DAY_NS)
    if len(time) >= 10 and not usual and weekday[6] > 0.1 and max(weekday[4], weekday[5]) < 0.02:
        text = (
            f"daily bars run from Sunday to Thursday, first {iso(time[0])}, as if a zone had moved them back"
        )
        return Clock(_zone(time, f"{text}; if the market is not closed on Fridays, {REMEDY}."), -DAY_NS)
    if not usual:
        return Clock()
    hours = {int(one) // HOUR_NS for one in np.unique(of_day)}
    if np.mean(np.isin(of_day // HOUR_NS, (21, 22))) > 0.95 and weekday[6] > 0.1:
        # The day of currencies begins at 17:00 in New York, and bears the date on which it ends.
        return Clock(None, -3 * HOUR_NS)
    if hours <= {20, 21} and weekday[5] + weekday[6] < 0.02:
        text = f"daily bars are stamped {_hour(usual)} UTC, when New York closes, first {iso(time[0])}"
        return Clock(
            _stamp(time, f"{text}. Stamp them with their date, or with when their session opens."), usual
        )
    if usual == 16 * HOUR_NS and weekday[5] + weekday[6] < 0.02:
        text = f"daily bars are stamped 16:00, when New York closes in its own time, first {iso(time[0])}"
        return Clock(_stamp(time, f"{text}. Stamp them with their date."), usual)
    text = f"daily bars are stamped {_hour(usual)} UTC, not midnight, first {iso(time[0])}"
    late = usual if usual < 14 * HOUR_NS else usual - DAY_NS
    return Clock(_zone(time, f"{text}. If their day is that of another zone, {REMEDY}."), late)


def _week(time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> Clock:
    """Judge currencies by when their week ends and begins: at 17:00 in New York."""
    weekends = rows[time[rows + 1] - time[rows] - step >= WEEKEND_NS]
    if len(weekends) < 2:
        return Clock()
    ends, begins = time[weekends] + step, time[weekends + 1]
    closed, opened = _week_edges((ends + begins) // 2)
    after_close, after_open = ends - closed, begins - opened
    shift = _both(after_close, after_open)
    moved = shift != 0
    as_closes = moved & (_both(after_close - step, after_open - step) == 0) & (shift > 0)

    def example(week: int) -> str:
        return f"the week ends {iso(ends[week] - step)} and begins {iso(begins[week])}"

    aligned = bool(np.median(begins % step) == 0)
    if np.mean(as_closes) >= MOST and aligned:
        text = f"{example(0)}, one bar later than currencies do (17:00 in New York)"
        return Clock(
            _stamp(time, f"{text}, so bars are stamped when they close. {_sentence(OPEN_STAMPS)}"), step
        )
    far = np.abs(shift) >= SHIFT_LEAST_NS
    if np.mean(far) < SOME:
        edges, seen = np.concatenate((closed, opened)), np.concatenate((ends, begins))
        return _odd_weeks(time, edges, seen - edges, seen)
    middle = int(np.median(shift))
    where = "where currencies close and open at 17:00 in New York"
    text = f"{example(int(np.argmax(far)))}, {where}: about {_signed(middle)} from UTC"
    zone = _zone_of(shift, closed)
    remedy = (
        f"So look times of {zone} that were read as UTC: say time_zone={zone!r} when the file is read."
        if zone
        else f"{_sentence(REMEDY)}"
    )
    return Clock(_zone(time, f"{text}. {remedy}"), middle)


def _odd_weeks(
    time: NDArray[np.int64], edges: NDArray[np.int64], shift: NDArray[np.int64], shown: NDArray[np.int64]
) -> Clock:
    """Tell whether weeks are an hour off only while Europe's clocks and New York's are not in step."""
    apart = offsets_ns("Europe/Athens", edges) - offsets_ns(NEW_YORK, edges)
    odd = apart != AHEAD_OF_NEW_YORK_NS
    moved = np.abs(np.abs(shift) - HOUR_NS) <= 5 * MINUTE_NS
    if np.count_nonzero(odd) < 4 or np.mean(moved[odd]) < MOST or np.mean(moved[~odd]) > ODD:
        return Clock()
    first = iso(shown[int(np.argmax(moved & odd))])
    text = (
        f"the week ends or begins {first}, where currencies close and open at 17:00 in New York: an hour "
        "off, but only while Europe's clocks have changed and New York's have not. So look times of a "
        f"server that changes its clock with New York, read as Europe's: say time_zone={SERVER!r} when the "
        "file is read."
    )
    return Clock(_zone(time, text))


def _week_edges(middles: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when the week of currencies ended and began around the middle of each weekend."""
    # The middle is Saturday about 21:30 UTC; a zone moves it by 14 hours at most.
    weeks = np.rint((middles - 2 * DAY_NS - 21.5 * HOUR_NS) / WEEK_NS).astype(np.int64)
    return in_new_york(weeks * 7 + 1, 17), in_new_york(weeks * 7 + 3, 17)


def _both(one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the smaller of two shifts where both go the same way, else none: an early close is no zone."""
    same = np.sign(one) == np.sign(two)
    return np.where(same, np.sign(one) * np.minimum(np.abs(one), np.abs(two)), 0)


def _zone_of(shift: NDArray[np.int64], moments: NDArray[np.int64]) -> str:
    """Return the zone whose distance from UTC the shifts follow through summer and winter; empty if none."""
    for name in ZONES:
        apart = np.abs(shift - offsets_ns(name, moments)) > 5 * MINUTE_NS
        if apart.sum() <= max(1, ODD * len(shift)):
            return name
    ahead = offsets_ns(NEW_YORK, moments) + AHEAD_OF_NEW_YORK_NS
    return SERVER if (np.abs(shift - ahead) <= 5 * MINUTE_NS).mean() >= 1 - ODD else ""


def _sessions(time: NDArray[np.int64], step: int, hours: Hours) -> Clock:
    """Judge bars by the sessions of a named exchange."""
    within = (hours.opens >= time[0] - DAY_NS) & (hours.closes <= time[-1] + DAY_NS)
    opens, closes = hours.opens[within], hours.closes[within]
    if not len(opens):
        return Clock()

    def share(shift: NDArray[np.int64] | int) -> float:
        inside = np.searchsorted(time, closes + shift) - np.searchsorted(
            time, opens + shift - step, side="right"
        )
        return float(inside.sum()) / len(time)

    as_is = share(0)
    if as_is < 0.8:
        local = offsets_ns(hours.zone or NEW_YORK, opens)
        shares = {int(shift): share(int(shift)) for shift in SHIFTS_NS}
        best = max(shares, key=lambda shift: (shares[shift], -abs(shift)))
        in_local = share(local)
        if max(shares[best], in_local) >= max(as_is + 0.15, 0.9):
            zone = hours.zone if in_local >= shares[best] - 0.01 else ""
            middle = int(np.median(local)) if zone else best
            of_session = np.searchsorted(opens + local, time + DAY_NS // 2, side="right") - 1
            late = local[np.maximum(of_session, 0)] if zone else best
            text = f"the bars fit the sessions of {hours.name} if their times are {_signed(middle)} from UTC"
            remedy = f"say time_zone={zone!r} when the file is read." if zone else f"{REMEDY}."
            return Clock(_zone(time, f"{text}, first {iso(time[0])}: {remedy}"), late)
    at_close = np.searchsorted(time, closes + step) > np.searchsorted(time, closes)
    at_open = np.searchsorted(time, opens, side="right") > np.searchsorted(time, opens - step, side="right")
    seen = np.searchsorted(time, closes) > np.searchsorted(time, opens)
    later = np.searchsorted(time, closes + 2 * step) > np.searchsorted(time, closes + step)
    if seen.any() and np.mean((at_close & ~at_open & ~later)[seen]) >= MOST:
        row = int(np.searchsorted(time, closes[seen & at_close][0]))
        place = f"first in bar {row} ({iso(time[row])})"
        text = f"sessions lack their first bar and end with one at the close, {place}"
        return Clock(
            _stamp(time, f"{text}: they are stamped when they close. {_sentence(OPEN_STAMPS)}"), step
        )
    return Clock()


def _usual_sessions(time: NDArray[np.int64], rows: NDArray[np.intp], step: int, night_ns: int) -> Clock:
    """Judge bars by when their own sessions usually begin and end."""
    nights = rows[time[rows + 1] - time[rows] - step >= night_ns]
    if len(nights) < 3:
        return Clock()
    begin, begins = _mode(time[nights + 1] % DAY_NS)
    end, ends = _mode(time[nights] % DAY_NS)
    if min(begins, ends) < SOME:
        return Clock()
    for late in (0, step):
        zone = LOCAL_HOURS.get(((begin - late) // MINUTE_NS, (end - late + step) // MINUTE_NS))
        if zone:
            hours = f"from {_hour(begin - late)} to {_hour(end - late + step)}"
            text = f"sessions run {hours}, the hours of {zone} in its own time"
            return Clock(
                _zone(time, f"{text}, first {iso(time[0])}: say time_zone={zone!r} when the file is read.")
            )
    if step < QUARTER_NS and begin % QUARTER_NS == step and end % QUARTER_NS == 0:
        text = (
            f"sessions begin at {_hour(begin)} and end with a bar at {_hour(end)} UTC, first {iso(time[0])}"
        )
        return Clock(
            _stamp(time, f"{text}: they are stamped when they close. {_sentence(OPEN_STAMPS)}"), step
        )
    return Clock()


def _mode(values: NDArray[np.int64]) -> tuple[int, float]:
    """Return the most frequent value and its share."""
    found, counts = np.unique(values, return_counts=True)
    most = int(np.argmax(counts))
    return int(found[most]), float(counts[most] / len(values))


def _stamp(time: NDArray[np.int64], sentence: str) -> Fact:
    return Fact("stamp", len(time), 0, int(time[0]), sentence)


def _zone(time: NDArray[np.int64], sentence: str) -> Fact:
    return Fact("time_zone", len(time), 0, int(time[0]), sentence)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text.startswith("say") else f"{text}."


def _hour(of_day: int) -> str:
    minutes = of_day // MINUTE_NS
    seconds = of_day % MINUTE_NS // SECOND_NS
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def _signed(shift_ns: int) -> str:
    minutes = round(shift_ns / MINUTE_NS)
    return f"{'+' if minutes >= 0 else '-'}{abs(minutes) // 60}:{abs(minutes) % 60:02} h"


def _length(length_ns: int) -> str:
    return f"{length_ns // 1_000_000:,} ms" if length_ns % SECOND_NS else f"{length_ns // SECOND_NS:,} s"
