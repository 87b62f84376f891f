"""Where intervals begin and end: laws, and the same again in Python's own dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.model import Bars
from eyas.timeframes import (
    Session,
    closes,
    ending,
    ends,
    floor,
    following,
    length_ns,
    parse,
    remaining_ns,
    window,
)
from tests.reference.search import searching
from tests.timeframes import slow

SECOND = 10**9
MINUTE = 60 * SECOND
START = 1_700_000_000 * SECOND  # 2023-11-14T22:13:20Z
STOCKS = Session("America/New_York", "09:30", "16:00", days=(1, 2, 3, 4, 5))
FUTURES = Session("America/New_York", "18:00", "17:00", days=(1, 2, 3, 4, 5))
FOREX = Session("America/New_York", "17:00", "17:00")
SESSIONS = {
    "stocks": STOCKS,
    "futures": FUTURES,
    "forex": FOREX,
    "local days": Session("Europe/Berlin"),
    "over midnight": Session("Asia/Kolkata", "22:15", "04:40"),
    "in the hour that is skipped": Session("America/New_York", "02:30", "02:30"),
    "half an hour of daylight": Session("Australia/Lord_Howe", "01:45", "00:00"),
    "one day a week": Session("UTC", "10:00", "11:00", days=(3,)),
}
# All of the four seeds' and the lifecycle's timeframes, and some that nobody asked for.
TIMEFRAMES = (
    "1s", "5s", "15s", "30s", "1m", "3m", "5m", "10m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h",
    "1d", "3d", "1w", "1M", "7m", "90m", "2d", "2w", "3M", "12M",
)  # fmt: skip
MOMENTS = st.integers(-2_000_000_000, 6_000_000_000)
THIS_CENTURY = st.integers(946_684_800, 1_900_000_000)


def at(text: str) -> int:
    """Return a moment in UTC in nanoseconds."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def utc(time: Any) -> str:
    return str(np.datetime64(int(time), "ns"))[:16]


def minutes(times: Any) -> list[float]:
    return [(int(time) - START) / MINUTE for time in times]


def bars_at(opens: Any, timeframe: str) -> Bars:
    """Return bars that open at some minutes."""
    time = START + MINUTE * np.asarray(opens, dtype=np.int64)
    same = np.full(len(time), 100.0)
    return Bars(time, same, same, same, same, same, timeframe=timeframe)


@pytest.mark.parametrize("timeframe", TIMEFRAMES)
@searching(40)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=20), part=st.integers(0, SECOND - 1))
def test_intervals_of_utc(timeframe: str, moments: list[int], part: int) -> None:
    times = np.array(moments) * SECOND + part
    expected = [slow.in_utc(moment, timeframe) for moment in moments]
    start = floor(times, timeframe)
    assert start.tolist() == [interval.start * SECOND for interval in expected]
    assert following(start, timeframe).tolist() == [interval.following * SECOND for interval in expected]
    assert (ending(start, timeframe) == following(start, timeframe)).all()


@pytest.mark.parametrize("timeframe", ["7m", "1h", "4h", "1d", "2d", "1w", "2w", "1M", "3M"])
@pytest.mark.parametrize("name", SESSIONS)
@searching(4)
@given(moments=st.lists(st.integers(0, 5 * 86_400), min_size=1, max_size=20), anchor=THIS_CENTURY)
def test_intervals_of_a_session(name: str, timeframe: str, moments: list[int], anchor: int) -> None:
    session = SESSIONS[name]
    day = datetime.fromtimestamp(anchor, UTC).date()
    reach = timedelta(days={"w": 50, "M": 200}.get(timeframe[-1], 12))
    known = slow.session_intervals(session, timeframe, day - reach, day + reach)
    for moment in moments:
        [interval] = [one for one in known if one.start <= anchor + moment < one.following]
        time = (anchor + moment) * SECOND
        start = floor(time, timeframe, session=session)
        assert utc(start) == utc(interval.start * SECOND)
        assert utc(following(start, timeframe, session=session)) == utc(interval.following * SECOND)
        assert utc(ending(start, timeframe, session=session)) == utc(interval.end * SECOND)
        days = slow.session_days(session, day - timedelta(days=12), day + timedelta(days=12))
        is_open = any(opens <= anchor + moment < closes for _, opens, closes in days)
        assert session.holds(np.array([time])).tolist() == [is_open]


@pytest.mark.parametrize(
    ("name", "timeframe"),
    [
        *(("", timeframe) for timeframe in TIMEFRAMES),
        *(
            (name, timeframe)
            for name in SESSIONS
            for timeframe in ("30s", "90m", "4h", "1d", "3d", "1w", "1M")
        ),
    ],
)
@searching(4)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=20), count=st.integers(1, 12))
def test_laws_of_intervals(name: str, timeframe: str, moments: list[int], count: int) -> None:
    session = SESSIONS.get(name)
    times = np.array(moments) * SECOND
    start = floor(times, timeframe, session=session)
    after = following(start, timeframe, session=session)
    end = ending(start, timeframe, session=session)
    assert (floor(start, timeframe, session=session) == start).all()
    assert (start <= times).all()
    assert (times < after).all()
    assert (start < end).all()
    assert (end <= after).all()
    assert (floor(after - 1, timeframe, session=session) == start).all()
    many = following(start, timeframe, count, session=session)
    one_by_one = start
    for _ in range(count):
        one_by_one = following(one_by_one, timeframe, session=session)
    assert (many == one_by_one).all()
    assert (following(many, timeframe, -count, session=session) == start).all()


def test_hours_of_a_stock_exchange() -> None:
    starts = [floor(at(f"2024-03-{clock}"), "1h", session=STOCKS) for clock in ("08T15:00", "11T15:00")]
    assert [utc(start) for start in starts] == ["2024-03-08T14:30", "2024-03-11T14:30"]  # 09:30, then 10:30
    last = floor(at("2024-03-08T20:45"), "1h", session=STOCKS)
    assert utc(last) == "2024-03-08T20:30"
    assert utc(ending(last, "1h", session=STOCKS)) == "2024-03-08T21:00"
    assert utc(following(last, "1h", session=STOCKS)) == "2024-03-11T13:30"  # Monday, an hour earlier in UTC
    month = floor(at("2024-03-08T20:45"), "1M", session=STOCKS)
    assert [utc(month), utc(ending(month, "1M", session=STOCKS))] == ["2024-03-01T14:30", "2024-03-29T20:00"]


def test_a_day_of_foreign_exchange_begins_in_new_york() -> None:
    sunday = at("2024-03-10T21:30")
    assert utc(floor(sunday, "1d", session=FOREX)) == "2024-03-10T21:00"
    assert utc(floor(sunday - 60 * MINUTE, "1d", session=FOREX)) == "2024-03-09T22:00"
    # The night in which the clocks jump has 23 hours, and the one in autumn 25.
    hours = [
        (ending(at(day), "1d", session=FOREX) - at(day)) // (60 * MINUTE)
        for day in ("2024-03-09T22:00", "2024-11-02T21:00", "2024-11-03T22:00")
    ]
    assert hours == [23, 25, 24]


def test_futures_open_the_evening_before() -> None:
    assert FUTURES.is_overnight
    week = floor(at("2024-06-05T12:00"), "1w", session=FUTURES)
    assert [utc(week), utc(ending(week, "1w", session=FUTURES))] == ["2024-06-02T22:00", "2024-06-07T21:00"]
    pause = np.array([at("2024-06-05T20:59"), at("2024-06-05T21:00"), at("2024-06-05T22:00")])
    assert FUTURES.holds(pause).tolist() == [True, False, True]


def test_any_shape_and_no_times() -> None:
    for session in (None, STOCKS):
        assert floor(START, "1h", session=session).shape == ()
        assert floor(np.full((2, 3), START), "1h", session=session).shape == (2, 3)
        assert floor([], "1h", session=session).shape == (0,)
        assert following([], "1d", 3, session=session).shape == (0,)


@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d", "1w", "1M"])
@searching(40)
@given(moment=THIS_CENTURY, count=st.integers(1, 500), length=st.integers(0, 3000))
def test_a_window_ends_where_the_forming_bar_begins(
    timeframe: str, moment: int, count: int, length: int
) -> None:
    now = moment * SECOND + length
    first, end = window(now, timeframe, count)
    assert end == floor(now, timeframe)
    assert following(first, timeframe, count) == end
    if timeframe[-1] != "M":
        assert end - first == count * length_ns(timeframe)


@pytest.mark.parametrize("name", SESSIONS)
@searching(10)
@given(moment=THIS_CENTURY, count=st.integers(1, 50), timeframe=st.sampled_from(["5m", "1h", "1d", "1w"]))
def test_a_window_of_a_session_holds_what_is_closed(
    name: str, moment: int, count: int, timeframe: str
) -> None:
    session, now = SESSIONS[name], moment * SECOND
    first, end = window(now, timeframe, count, session=session)
    starts = [following(first, timeframe, step, session=session) for step in range(count + 1)]
    assert starts[-1] == end
    assert ending(starts[-2], timeframe, session=session) <= now
    assert ending(end, timeframe, session=session) > now
    wait = remaining_ns(now, timeframe, session=session)
    assert wait > 0
    assert now + wait == ending(end, timeframe, session=session)


def test_the_wait_for_the_next_close_is_never_nothing() -> None:
    assert remaining_ns(START // (60 * MINUTE) * 60 * MINUTE, "1h") == 60 * MINUTE
    assert remaining_ns(START, "1m") == 40 * SECOND
    assert remaining_ns(at("2024-02-29T23:59:59"), "1M") == SECOND


@pytest.mark.parametrize(
    ("opens", "timeframe", "expected"),
    [
        ([0, 1, 2], "1m", [1, 2, 3]),
        ([0, 1, 60, 61], "1m", [1, 2, 61, 62]),
        ([0, 5, 10], "15m", [5, 10, 25]),  # no later than the next one opens
        ([0, 60, 200], "1h", [60, 120, 260]),
        ([0, 1440, 2940, 4380], "1d", [1440, 2940, 4380, 5820]),  # the clocks were set back
        ([0, 240, 540, 1000], "4h", [240, 540, 780, 1240]),
        ([0, 120, 240], "1h", [60, 180, 300]),  # an hour is missing
        ([0, 3, 7, 10], "", [3, 7, 10, 13]),  # the last as long as is usual
        ([0, 40_000, 80_000], "1M", [40_000, 80_000, 124_640]),  # no month begins there: the longest one
        ([7], "", [7]),
        ([7], "1m", [8]),
        ([], "1h", []),
        ([], "", []),
    ],
)
def test_a_bar_is_known_when_it_closes(opens: Any, timeframe: str, expected: Any) -> None:
    assert minutes(closes(bars_at(opens, timeframe))) == expected


def test_a_month_closes_with_its_last_day() -> None:
    time = np.array([at("2023-12-01"), at("2024-01-01"), at("2024-02-01")])
    same = np.ones(3)
    bars = Bars(time, same, same, same, same, same, timeframe="1M")
    assert [utc(close) for close in closes(bars)] == [
        "2024-01-01T00:00",
        "2024-02-01T00:00",
        "2024-03-01T00:00",
    ]
    assert (ends(bars) == closes(bars)).all()


def test_a_bar_of_a_session_closes_with_it() -> None:
    time = np.array(
        [at("2024-03-08T19:30"), at("2024-03-08T20:30"), at("2024-03-11T13:30"), at("2024-03-11T14:00")]
    )
    same = np.ones(4)
    bars = Bars(time, same, same, same, same, same, timeframe="1h")
    assert utc(closes(bars)[1]) == "2024-03-08T21:30"
    assert [utc(close)[8:] for close in closes(bars, session=STOCKS)] == [
        "08T20:30", "08T21:00", "11T14:00", "11T15:00",
    ]  # fmt: skip
    assert utc(ends(bars, session=STOCKS)[2]) == "2024-03-11T14:30"


def test_a_timeframe_has_a_length() -> None:
    lengths = {name: length_ns(name) // SECOND for name in ("90s", "15m", "4h", "1d", "2w", "1M", "")}
    assert lengths == {"90s": 90, "15m": 900, "4h": 14_400, "1d": 86_400, "2w": 1_209_600, "1M": 0, "": 0}
    assert [parse(name) for name in ("1s", "12M")] == [(1, "s"), (12, "M")]


@pytest.mark.parametrize(
    "timeframe", ["", "h", "0m", "1", "1y", "-1h", "1.5h", "01h", "1H", "1h ", "١h", None, 60]
)
def test_no_timeframe(timeframe: Any) -> None:
    with pytest.raises(UsageError, match=r"is not a number and one of s, m, h, d, w, M, such as '4h'$"):
        floor(START, timeframe)


def test_nonsense_is_refused() -> None:
    with pytest.raises(UsageError, match="longer than 146 years: take a shorter one"):
        floor(START, "99999999999999M")
    with pytest.raises(UsageError, match="a window holds at least one bar, not 0"):
        window(START, "1h", 0)
    with pytest.raises(UsageError, match="'Mars' is not a time zone: take one such as 'America/New_York'"):
        Session("Mars")
    for clock in ("9:30", "24:00", "09:60", "", None):
        with pytest.raises(UsageError, match="is not a time of the day such as '09:30'"):
            Session("UTC", clock)  # type: ignore[arg-type]
    for days in ((), (0,), (8,), ("Mon",)):
        with pytest.raises(UsageError, match="must be some of 1"):
            Session("UTC", days=days)  # type: ignore[arg-type]


def test_dates_far_away_are_known_too() -> None:
    for day in (date(1700, 1, 1), date(2250, 1, 1)):
        time = at(f"{day}T18:00")
        assert utc(floor(time, "1d", session=STOCKS))[:10] <= str(day)


def test_many_intervals_further_on() -> None:
    for name in ("stocks", "over midnight"):
        session = SESSIONS[name]
        for timeframe, count in (("1m", 90_000), ("7h", 600), ("1d", 700), ("2w", 70), ("7M", 20)):
            start = floor(START, timeframe, session=session)
            far = following(start, timeframe, count, session=session)
            half = following(start, timeframe, count // 3, session=session)
            assert following(half, timeframe, count - count // 3, session=session) == far, name
            assert following(far, timeframe, -count, session=session) == start, name


def test_intervals_that_no_nanoseconds_can_say() -> None:
    for count in (3000, -4200):
        with pytest.raises(UsageError, match="sessions are known from 1678 to 2261: ask for fewer intervals"):
            following(START, "1M", count, session=Session("UTC", days=(1,)))


def test_at_the_close_the_last_bar_of_the_day_is_closed() -> None:
    close = at("2024-03-08T21:00")
    first, end = window(close, "1h", 1, session=STOCKS)
    assert [utc(first), utc(end)] == ["2024-03-08T20:30", "2024-03-11T13:30"]
    first, end = window(close - 1, "1h", 1, session=STOCKS)
    assert [utc(first), utc(end)] == ["2024-03-08T19:30", "2024-03-08T20:30"]


def test_a_session_ends_no_later_than_the_next_one_opens() -> None:
    """On 2024-03-10 half past two is skipped in New York, and comes after three."""
    session = Session("America/New_York", "03:00", "02:30")
    start = floor(at("2024-03-10T05:00"), "1d", session=session)
    assert [utc(start), utc(ending(start, "1d", session=session))] == ["2024-03-09T08:00", "2024-03-10T07:00"]
    assert utc(following(start, "1d", session=session)) == "2024-03-10T07:00"
