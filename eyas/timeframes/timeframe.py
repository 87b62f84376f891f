"""Know where the intervals of a timeframe begin and end, aligned in UTC or to a session.

In UTC seconds, minutes, hours and days are counted from 1970-01-01, weeks from a Monday, months from a
January: the boundaries that exchanges use. In a session intraday intervals are counted from the open of its
day, in time that passes whatever the clocks do, and the last one is cut at the close; days, weeks and months
are those of the session's dates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.timeframes.parts import DAY_NS, MONDAY_NS, UNITS_NS, length_ns, parse
from eyas.timeframes.session import Session, intervals_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from eyas.model import Bars

HOUR_NS = UNITS_NS["h"]

__all__ = [
    "DAY_NS",
    "closes",
    "ending",
    "ends",
    "floor",
    "following",
    "lasting",
    "length_ns",
    "parse",
    "remaining_ns",
    "window",
]


def floor(time: ArrayLike, timeframe: str, *, session: Session | None = None) -> NDArray[np.int64]:
    """Return when the interval begins in which each time lies, in nanoseconds UTC.

    A time at which the session is closed belongs to the last interval before it.

    >>> str(floor(1_700_000_000_000_000_000, "1d").astype("datetime64[ns]"))[:16]
    '2023-11-14T00:00'
    """
    times = np.asarray(time, dtype=np.int64)
    parts = parse(timeframe)
    if session is not None:
        flat = times.reshape(-1)
        intervals = intervals_of(session, parts, flat)
        return intervals.start(intervals.number(flat)).reshape(times.shape)
    if parts.unit == "M":
        return _months_ns(_months(times) // parts.number * parts.number)
    step = parts.number * UNITS_NS[parts.unit]
    origin = MONDAY_NS if parts.unit == "w" else 0
    return (times - origin) // step * step + origin


def following(
    start: ArrayLike, timeframe: str, count: int = 1, *, session: Session | None = None
) -> NDArray[np.int64]:
    """Return when the interval begins that comes `count` intervals after those that begin at `start`."""
    starts = np.asarray(start, dtype=np.int64)
    parts = parse(timeframe)
    if session is not None:
        flat = starts.reshape(-1)
        intervals = intervals_of(session, parts, flat, count)
        return intervals.start(intervals.number(flat) + count).reshape(starts.shape)
    if parts.unit == "M":
        return _months_ns(_months(starts) + parts.number * count)
    return starts + parts.number * UNITS_NS[parts.unit] * count


def ending(start: ArrayLike, timeframe: str, *, session: Session | None = None) -> NDArray[np.int64]:
    """Return when the intervals end that begin at `start`: in a session no later than it closes."""
    if session is None:
        return following(start, timeframe)
    starts = np.asarray(start, dtype=np.int64)
    flat = starts.reshape(-1)
    intervals = intervals_of(session, parse(timeframe), flat)
    return intervals.end(intervals.number(flat)).reshape(starts.shape)


def window(now: int, timeframe: str, count: int, *, session: Session | None = None) -> tuple[int, int]:
    """Return the half-open stretch of the last `count` closed bars: [aligned now − count steps, aligned now).

    The same in a backtest and live, since it knows nothing but the time. In a session the aligned now is
    where the first interval begins that has not ended.

    >>> window(7_500_000_000_000, "1h", 2)
    (0, 7200000000000)
    """
    if count < 1:
        raise UsageError(f"a window holds at least one bar, not {count}")
    end = floor(now, timeframe, session=session)
    if session is not None and ending(end, timeframe, session=session) <= now:
        end = following(end, timeframe, session=session)
    return int(following(end, timeframe, -count, session=session)), int(end)


def remaining_ns(now: int, timeframe: str, *, session: Session | None = None) -> int:
    """Return how long it is until the next bar closes, never 0: what a live run waits for.

    >>> remaining_ns(7_500_000_000_000, "1h") // 1_000_000_000
    3300
    """
    start = floor(now, timeframe, session=session)
    end = ending(start, timeframe, session=session)
    if end <= now:
        end = ending(following(start, timeframe, session=session), timeframe, session=session)
    return int(end) - now


def closes(bars: Bars, *, session: Session | None = None) -> NDArray[np.int64]:
    """Return when each bar closes: one timeframe after it opened, and no later than the next one opens.

    A bar longer than an hour of which the next opens up to an hour late lasts until then: where bars are
    aligned to the clocks of a place, these were set back. Without that it would be known before it was over.
    Where nobody said the timeframe a bar closes when the next one opens, and the last one as long after
    its opening as is usual. With the session to which the bars are aligned none closes later than that.
    """
    if bars.timeframe:
        found = lasting(bars, session)
        late = bars.time[1:] - found[:-1]
        set_back = (late > 0) & (late <= HOUR_NS) & (length_ns(bars.timeframe) > HOUR_NS)
        found[:-1] = np.where((late < 0) | set_back, bars.time[1:], found[:-1])
        return found
    found = bars.time.copy()
    if len(found) > 1:
        found[:-1] = bars.time[1:]
        found[-1] += int(np.median(np.diff(bars.time)))
    return found


def lasting(bars: Bars, session: Session | None = None) -> NDArray[np.int64]:
    """Return the time before which all that a bar says happened, whether it is aligned or not."""
    number, unit = parse(bars.timeframe)
    whole = bars.time + number * UNITS_NS.get(unit, 31 * DAY_NS)
    if session is None and unit != "M":
        return whole
    is_aligned = floor(bars.time, bars.timeframe, session=session) == bars.time
    return np.where(is_aligned, ending(bars.time, bars.timeframe, session=session), whole)


def ends(bars: Bars, *, session: Session | None = None) -> NDArray[np.int64]:
    """Return when the interval of each bar ends, and so when a bar that was resampled is known."""
    return ending(bars.time, bars.timeframe, session=session)


def _months(times: NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = times.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    return found


def _months_ns(months: NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = months.astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    return found
