"""Series beside each other: nothing is seen before it was known, and nothing late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.data.joining import as_of, join
from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.ticks import Books, Trades
from eyas.timeframes import Session, closes, resample
from tests.reference.search import searching

MINUTE = 60 * 10**9
START = 1_700_000_040 * 10**9 // (60 * MINUTE) * 60 * MINUTE  # the full hour


def bars_at(minutes: Any, timeframe: str = "1m") -> Bars:
    time = START + np.asarray(minutes, dtype=np.int64) * MINUTE
    price = np.arange(1.0, len(time) + 1)
    return Bars(time, price, price, price, price, price, timeframe=timeframe)


def moments(minutes: Any) -> Any:
    return START + np.asarray(minutes, dtype=np.int64) * MINUTE


def frame_at(minutes: list[int], **columns: Any) -> dict[str, Any]:
    return {"time": moments(minutes).astype("M8[ns]"), "value": list(range(len(minutes))), **columns}


def test_an_open_candle_of_a_longer_timeframe_is_not_seen() -> None:
    minute = bars_at(range(180))
    joined = join(minute, hour="1h", outside=resample(minute, "1h"))
    for column in (joined["hour_close"], joined["outside_close"]):
        by_close = dict(zip(((closes(minute) - START) // MINUTE).tolist(), column.to_list(), strict=True))
        assert [by_close[at] for at in (1, 30, 59)] == [None, None, None]
        # The minute that closes with the hour sees it, and not one candle later.
        assert [by_close[at] for at in (60, 61, 90, 119)] == [60.0] * 4
        assert [by_close[at] for at in (120, 150, 180)] == [120.0, 120.0, 180.0]
    assert joined.columns[:8] == ["time", "at", "open", "high", "low", "close", "volume", "hour_known"]
    assert joined["hour_time"][60] == joined["time"][0]
    assert (joined["hour_known"].drop_nulls() <= joined["at"][59:]).all()


def test_it_does_not_matter_which_hour_is_cut_off() -> None:
    """Where data end in the middle of an hour, that hour is unknown, and those before are as they were."""
    minute = bars_at(range(180))
    whole = join(minute, hour="1h")
    for cut in (1, 59, 60, 61, 119, 120, 175):
        assert join(minute[:cut], hour="1h").equals(whole[:cut])


def test_an_hour_is_not_known_before_the_last_bar_in_it_has_closed() -> None:
    """A bar without a timeframe that begins in an hour may last beyond it, and says so only when it ends."""
    bars = bars_at([0, 50, 64, 130], "")  # such as tick bars: the second lasts until 01:04
    joined = join(bars, hour="1h")
    assert ((joined["at"].to_physical().to_numpy() - START) // MINUTE).tolist()[:3] == [50, 64, 130]
    assert joined["hour_close"].to_list()[:3] == [None, 2.0, 3.0]
    assert ((joined["hour_known"].to_physical() - START) // MINUTE).to_list()[:3] == [None, 64, 130]
    for cut in range(5):
        whole, part = joined["hour_close"][: max(0, cut - 1)], join(bars[:cut], hour="1h")["hour_close"]
        assert part[: max(0, cut - 1)].to_list() == whole.to_list()


SOURCES: dict[str, Any] = {
    "bars": lambda rows: bars_at(sorted(set(rows)), "5m"),
    "bars without a timeframe": lambda rows: bars_at(sorted(set(rows)), ""),
    "frame": lambda rows: frame_at(sorted(rows)),
    "trades": lambda rows: Trades(
        moments(sorted(rows)),
        np.ones(len(rows)),
        np.ones(len(rows)),
        np.ones(len(rows)),
        np.arange(len(rows)),
    ),
}


@pytest.mark.parametrize("kind", SOURCES)
@searching(40)
@given(
    rows=st.lists(st.integers(0, 60), max_size=15),
    at=st.lists(st.integers(0, 80), max_size=15),
    cut=st.integers(0, 80),
)
def test_the_future_can_be_cut_off(kind: str, rows: list[int], at: list[int], cut: int) -> None:
    past = [minute for minute in at if minute <= cut]
    # Of bars those that are open are cut off too: they are known later than they begin.
    whole = as_of(moments(past), SOURCES[kind](rows))
    part = as_of(moments(past), SOURCES[kind]([row for row in rows if row <= cut]))
    assert whole.equals(part)
    assert not (whole["known"] > whole["at"]).any()


@searching(40)
@given(
    rows=st.lists(st.integers(0, 60), min_size=1, max_size=15),
    at=st.lists(st.integers(0, 80), max_size=15),
    age=st.none() | st.integers(1, 30),
)
def test_the_slow_twin_agrees(rows: list[int], at: list[int], age: int | None) -> None:
    found = as_of(moments(at), frame_at(rows), max_age=age and f"{age}m")["value"].to_list()
    for moment, value in zip(at, found, strict=True):
        known = [(minute, place) for place, minute in enumerate(rows) if minute <= moment]
        last = max(known, default=None)
        if last is None or (age is not None and moment - last[0] > age):
            assert value is None
        else:
            assert value == last[1]


def test_a_figure_is_known_when_it_is_published() -> None:
    quarters = pl.DataFrame(
        {
            "time": [datetime(2024, 3, 31, tzinfo=UTC), datetime(2024, 6, 30, tzinfo=UTC)],
            "published": ["2024-05-02T20:30:00Z", "2024-08-01T20:30:00Z"],
            "earnings": [1.53, 1.40],
        }
    )
    at = np.array(["2024-04-30", "2024-05-02T20:29:59", "2024-05-02T20:30:00", "2024-08-02"], "M8[ns]")
    found = as_of(at, quarters, known="published")
    assert found["earnings"].to_list() == [None, None, 1.53, 1.40]
    assert found.columns == ["at", "known", "time", "earnings"]
    # A column that is called so says it by itself.
    again = as_of(at, quarters.rename({"published": "known"}))
    assert again.equals(found)


def test_frames_of_every_kind() -> None:
    at = moments([0, 7, 30])
    expected = [None, 0, 1]
    plain = frame_at([5, 20])
    polars = pl.DataFrame(plain)
    pandas = pd.DataFrame(plain)
    indexed = pandas.set_index("time").tz_localize("Europe/Berlin").tz_convert("UTC")
    shift = as_of(at - 60 * MINUTE, indexed)["value"].to_list()  # 05:00 in Berlin is an hour earlier
    assert shift == expected
    unnamed = pandas.set_index(pandas["time"].rename(None)).drop(columns="time")
    for frame in (plain, polars, polars.lazy(), pandas, pandas.set_index("time"), unnamed, polars[::-1]):
        assert as_of(at, frame)["value"].to_list() == expected
    texts = pandas.assign(word=["a", None])
    assert as_of(at, texts)["word"].to_list() == [None, "a", None]
    for times in (
        at.astype("M8[ns]"),
        pl.Series(at).cast(pl.Datetime("ns")),
        [str(t) + "Z" for t in at.astype("M8[ns]")],
    ):
        assert as_of(times, plain)["value"].to_list() == expected


def test_rows_that_are_known_together() -> None:
    assert as_of(moments([5]), frame_at([5, 5, 4]))["value"].to_list() == [1]


def test_books_and_trades() -> None:
    levels = np.array([[10.0, 9.0], [11.0, np.nan]])
    books = Books(moments([1, 2]), levels, levels + 1, levels + 2, levels + 3)
    found = as_of(moments([0, 1, 5]), books)
    assert found["bid_price_1"].to_list() == [None, 10.0, 11.0]
    assert found["ask_quantity_2"].to_list()[:2] == [None, 12.0]
    assert len(found.columns) == 2 + 8
    trades = Trades(moments([1, 1]), np.array([5.0, 6.0]), np.ones(2), np.array([1, -1]), np.array([7, 8]))
    assert as_of(moments([1]), trades).row(0)[2:] == (6.0, 1.0, -1, 8)


def test_a_last_bar_of_unknown_length_is_not_known() -> None:
    assert as_of(moments([0, 3, 100]), bars_at([0, 3], ""))["close"].to_list() == [None, 1.0, 1.0]


def test_bars_of_a_session_are_known_at_its_close() -> None:
    session = Session("UTC", "00:00", "05:30")
    day = START // (24 * 60 * MINUTE) * 24 * 60 - START // MINUTE
    hours = bars_at([day + hour * 60 for hour in range(6)], "1h")
    at = moments([day + 329, day + 330, day + 360])
    assert as_of(at, hours)["close"].to_list() == [5.0, 5.0, 6.0]
    assert as_of(at, hours, session=session)["close"].to_list() == [5.0, 6.0, 6.0]
    assert join(hours, session=session, day="1d")["day_close"].to_list() == [None] * 5 + [6.0]


@pytest.mark.parametrize("name", ["time", "timestamp", "datetime", "date", "ts", "TS"])
def test_a_column_of_times_has_a_usual_name(name: str) -> None:
    frame = frame_at([0])
    frame[name] = frame.pop("time")
    assert as_of(moments([1]), frame)["value"].to_list() == [0]


def test_nothing_to_join() -> None:
    none = as_of(moments([1, 2]), frame_at([]))
    assert none["value"].to_list() == [None, None]
    assert as_of(moments([]), frame_at([1])).shape == (0, 3)
    assert as_of(moments([1]), bars_at([]), max_age="1h")["close"].to_list() == [None]
    assert as_of(moments([1]), frame_at([0]), max_age=timedelta(seconds=59))["value"].to_list() == [None]
    assert join(bars_at([]), hour="1h").is_empty()


@pytest.mark.parametrize(
    ("source", "options", "sentence"),
    [
        ({"a": [1]}, {}, "no column of times: name one of 'a' by known="),
        ({"time": ["2024-01-01"]}, {"known": "b"}, "the frame has no column 'b'"),
        ({"time": ["2024-01-01"], "at": [1]}, {}, "the column 'at' of the frame has a name that the"),
        ({"time": ["2024-01-01"], "known": ["2024-01-01"]}, {"known": "time"}, "the column 'known' of"),
        (5, {}, "cannot join int: give Bars, Trades, Books, a frame or a mapping"),
        (bars_at([1]), {"known": "time"}, "names a column of a frame, but <Bars 1m, 1 rows"),
        ({"date": ["2024-01-01"], "Open": [1], "High": [1], "Low": [1], "Close": [1]}, {},
         "the frame holds bars (open, high, low and close), and a bar is not known at its date but when it"),
        ({"time": ["2024-01-01"]}, {"max_age": "1M"}, "max_age '1M' is not a length of time such as"),
        ({"time": ["2024-01-01"]}, {"max_age": 5}, "max_age 5 is not a length of time such as"),
    ],
)  # fmt: skip
def test_calls_that_are_wrong(source: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        as_of(moments([1]), source, **options)
    assert sentence in str(caught.value)


def test_bars_in_a_frame_are_known_at_the_column_that_is_named() -> None:
    frame = {
        "time": moments([1, 2]),
        "open": [1.0, 2.0],
        "high": [1.0, 2.0],
        "low": [1.0, 2.0],
        "close": [1.0, 2.0],
    }
    assert as_of(moments([1, 2]), frame, known="time")["close"].to_list() == [1.0, 2.0]


def test_a_row_without_a_time_is_refused() -> None:
    with pytest.raises(DataError, match="the frame row 2"):
        as_of(moments([1]), {"time": ["2024-01-01", None], "value": [1, 2]})
    with pytest.raises(DataError, match="times row 1"):
        as_of(["yesterday"], frame_at([1]))
