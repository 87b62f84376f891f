"""The axis of time: ticks at round moments of the calendar (UTC)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.reports.folds.calendar import MONTHS
from eyas.reports.folds.rounding import round_step
from eyas.reports.svg.axis import Axis, Tick

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
TICKS_MAX = 8
PARTS = (1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200)
"""Seconds between ticks within a day."""

DAYS = (1, 2, 7, 14)
MONTH_STEPS = (1, 3, 6)


def time_axis(time_ns: NDArray[np.int64]) -> Axis:
    """Return the axis of a column of times (int64, nanoseconds since 1970 UTC), whose ticks are round.

    Its values are nanoseconds since the first time, as floats, which are exact enough for the eye.

    >>> year = 365 * 86_400_000_000_000
    >>> [tick.text for tick in time_axis(np.array([0, 4 * year])).ticks]
    ['1970', '1971', '1972', '1973']
    """
    if not len(time_ns):
        return Axis(0.0, 1.0, (), "time")
    low, high = int(time_ns.min()), int(time_ns.max())
    if low == high:
        return Axis(-1.0, 1.0, (Tick(0.0, moment(low, 0)),), "time")
    found = _ticks(low, high)
    every = max(1, -(-len(found) // 4))
    ticks = [Tick(float(at - low), text, number % every != 0) for number, (at, text) in enumerate(found)]
    return Axis(0.0, float(high - low), tuple(ticks), "time")


def since_start(time_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return times as a time axis of them has them."""
    found: NDArray[np.float64] = (time_ns - (time_ns.min() if len(time_ns) else 0)).astype(np.float64)
    return found


def _ticks(low: int, high: int) -> list[tuple[int, str]]:
    """Return the round moments between two times, of the finest unit that does not give too many."""
    span = high - low
    if span < 2 * TICKS_MAX * DAY_NS:
        seconds = next((part for part in PARTS if span / (part * SECOND_NS) <= TICKS_MAX), None)
        if span < SECOND_NS * 2:
            step = max(1, int(round_step(span / 5)))
            return [(at, _second(at, step)) for at in range(-(-low // step) * step, high + 1, step)]
        if seconds is not None:
            step = seconds * SECOND_NS
            return [(at, _clock(at, step)) for at in range(-(-low // step) * step, high + 1, step)]
    for days in DAYS:
        if span / (days * DAY_NS) <= TICKS_MAX:
            first = -(-low // DAY_NS)
            first += -(first + 3) % days if days in (7, 14) else -first % days  # weeks begin on Mondays
            return [(day * DAY_NS, _day(day * DAY_NS)) for day in range(first, high // DAY_NS + 1, days)]
    months = span / (30.4 * DAY_NS)
    step = next((step for step in MONTH_STEPS if months / step <= TICKS_MAX), 0)
    step = step or 12 * max(1, int(round_step(months / 12 / TICKS_MAX)))
    return _months(low, high, step)


def _months(low: int, high: int, step: int) -> list[tuple[int, str]]:
    first = int(np.datetime64(low - 1, "ns").astype("datetime64[M]").astype(np.int64)) + 1
    last = int(np.datetime64(high, "ns").astype("datetime64[M]").astype(np.int64))
    years = (first + 1970 * 12 + step - 1) // step * step  # counted from year 0, so that decades are round
    numbers = range(years - 1970 * 12, last + 1, step)
    return [
        (int(np.datetime64(number, "M").astype("datetime64[ns]").astype(np.int64)), _month(number))
        for number in numbers
    ]


def _month(number: int) -> str:
    year, month = 1970 + number // 12, number % 12
    return str(year) if month == 0 else MONTHS[month]


def _day(at: int) -> str:
    _, month, day = str(np.datetime64(at, "ns"))[:10].rsplit("-", 2)
    return f"{int(day)} {MONTHS[int(month) - 1]}"


def _clock(at: int, step: int) -> str:
    """Return the hour and minute of a moment, at midnight the day."""
    if at % DAY_NS == 0:
        return _day(at)
    text = str(np.datetime64(at, "ns"))[11:19]
    return text if step < 60 * SECOND_NS else text[:5]


def _second(at: int, step: int) -> str:
    """Return the seconds of a moment with the digits that a step needs."""
    digits = max(0, 9 - len(str(step)) + 1)
    return str(np.datetime64(at, "ns"))[17 : 20 + digits].rstrip(".")


def moment(at: int, span_ns: int) -> str:
    """Return a moment as text: the day where a picture spans weeks, else with its minute or second.

    >>> moment(0, 90 * DAY_NS), moment(0, DAY_NS)
    ('1970-01-01', '1970-01-01 00:00')
    """
    text = str(np.datetime64(at, "ns"))
    if span_ns >= 21 * DAY_NS:
        return text[:10]
    day, clock = text[:10], text[11:]
    if span_ns and span_ns < 2 * SECOND_NS:
        return f"{day} {clock}"
    has_seconds = 0 < span_ns < 1_800 * SECOND_NS or not clock.startswith(":00", 5)
    return f"{day} {clock[: 8 if has_seconds else 5]}"
