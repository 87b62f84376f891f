"""Times of every kind come out in UTC and at the open of the bar; an hour that never was is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.data.reading import read
from eyas.errors import UsageError
from eyas.model import iso

HEADER = "time,open,high,low,close,volume\n"
REST = "10,12,9,11,5"
ZONES = ("America/New_York", "Europe/Athens", "Australia/Lord_Howe", "Asia/Kolkata")


def written(folder: Path, clocks: list[str], name: str = "ACME.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(f"{clock},{REST}\n" for clock in clocks))
    return path


def changes(zone: str) -> list[datetime]:
    """Return the days on which a zone changes its clocks, from 2007 to 2029."""
    days = [datetime(2007, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(23 * 365)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, one, two in zip(days, offsets, offsets[1:], strict=False) if one != two]


CHANGES = {zone: changes(zone) for zone in ZONES} | {"Asia/Kolkata": [datetime(2024, 3, 1, tzinfo=UTC)]}


@given(data=st.data(), step=st.sampled_from([5, 15, 30]), newest_first=st.booleans())
def test_local_times_in_order_are_those_of_the_standard_library(
    data: st.DataObject, step: int, newest_first: bool
) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    start = data.draw(st.sampled_from(CHANGES[zone])) + timedelta(minutes=data.draw(st.integers(-600, 1440)))
    times = [start + timedelta(minutes=step * at) for at in range(data.draw(st.integers(1, 120)))]
    locals_ = [time.astimezone(ZoneInfo(zone)) for time in times]
    first = locals_[0]
    if first.replace(fold=0).utcoffset() != first.replace(fold=1).utcoffset():
        return  # rows that begin within the hour that comes twice do not say in which of the two
    clocks = [f"{local:%Y-%m-%d %H:%M}" for local in locals_]
    prices = {name: [10.0] * len(clocks) for name in ("open", "high", "low", "close")}
    found = read({"time": clocks[::-1] if newest_first else clocks, **prices}, time_zone=zone)
    assert found.bars.time.tolist() == [int(time.timestamp()) * 10**9 for time in times]


def test_the_hour_that_comes_twice_goes_by_order(tmp_path: Path) -> None:
    clocks = [
        "2024-11-03 00:30",
        "2024-11-03 01:00",
        "2024-11-03 01:30",
        "2024-11-03 01:00",
        "2024-11-03 01:30",
    ]
    found = read(
        written(tmp_path, [*clocks, "2024-11-03 02:00"]), time_zone="America/New_York", timeframe="30m"
    )
    assert [iso(time)[11:16] for time in found.bars.time] == [
        "04:30",
        "05:00",
        "05:30",
        "06:00",
        "06:30",
        "07:00",
    ]
    hours = ["2024-11-03 00:00", "2024-11-03 01:00", "2024-11-03 01:00", "2024-11-03 02:00"]
    found = read(written(tmp_path, hours), time_zone="America/New_York")
    assert [iso(time)[11:16] for time in found.bars.time] == ["04:00", "05:00", "06:00", "07:00"]
    assert dict(found.counts) == {}


def test_the_hour_that_never_was_is_refused_by_name(tmp_path: Path) -> None:
    clocks = ["2024-03-10 01:30", "2024-03-10 02:30", "2024-03-10 03:30"]
    found = read(written(tmp_path, clocks), time_zone="America/New_York")
    assert [iso(time)[11:16] for time in found.bars.time] == ["06:30", "07:30"]
    (reject,) = found.rejects
    assert (reject.line, reject.fault) == (3, "local_time")
    assert reject.sentence == (
        "time 2024-03-10T02:30:00 did not exist in America/New_York: the clocks skipped it. Is this the "
        "right time_zone=?"
    )


@given(data=st.data(), off=st.sampled_from(["+07:00", "+7", "-01:30"]))
def test_a_clock_that_is_some_hours_off_a_place_changes_when_that_one_does(
    data: st.DataObject, off: str
) -> None:
    start = data.draw(st.sampled_from(CHANGES["America/New_York"])) - timedelta(hours=30)
    times = [start + timedelta(minutes=30 * at) for at in range(120)]
    ahead = {"+07:00": timedelta(hours=7), "+7": timedelta(hours=7), "-01:30": -timedelta(minutes=90)}[off]
    clocks = [f"{time.astimezone(ZoneInfo('America/New_York')) + ahead:%Y-%m-%d %H:%M}" for time in times]
    prices = {name: [10.0] * len(clocks) for name in ("open", "high", "low", "close")}
    found = read({"time": clocks, **prices}, time_zone=f"America/New_York{off}")
    assert found.bars.time.tolist() == [int(time.timestamp()) * 10**9 for time in times]


def test_a_clock_off_a_place_is_named_as_it_was_said(tmp_path: Path) -> None:
    found = read(
        written(tmp_path, ["2024-03-10 09:30", "2024-03-10 10:30"]), time_zone="America/New_York+07:00"
    )
    assert "2024-03-10T09:30:00 did not exist in America/New_York+07:00" in found.rejects[0].sentence
    assert iso(found.bars.time[0]) == "2024-03-10T07:30:00Z"
    assert (
        iso(read(written(tmp_path, ["2024-07-01 12:00"]), time_zone="Etc/GMT+5").bars.time[0])[11:16]
        == "17:00"
    )
    with pytest.raises(UsageError, match=r"there is no time zone 'Mars/Base'"):
        read(written(tmp_path, ["2024-07-01 12:00"]), time_zone="Mars/Base+07:00")


def test_times_that_say_their_zone_and_days_are_left_alone(tmp_path: Path) -> None:
    clocks = ["2024-01-02", "2024-01-02T10:00:00Z", "2024-01-02 10:30", "2024-01-02T11:00:00+02:00"]
    found = read(written(tmp_path, clocks), time_zone="America/New_York")
    shown = sorted(["00:00", "10:00", "15:30", "09:00"])
    assert [iso(time)[11:16] for time in found.bars.time] == shown
    epochs = read(written(tmp_path, ["1704067200", "1704067260"]), time_zone="America/New_York")
    assert iso(epochs.bars.time[0]) == "2024-01-01T00:00:00Z"
    assert "changed nothing" in epochs.notes[0]


@pytest.mark.parametrize(
    ("zone", "hour"), [("-05:00", "17"), ("UTC+2", "10"), ("EST", "17"), ("+05:30", "06")]
)
def test_zones_without_rules(tmp_path: Path, zone: str, hour: str) -> None:
    found = read(written(tmp_path, ["2024-07-01 12:00"]), time_zone=zone)
    assert iso(found.bars.time[0])[11:13] == hour
    assert found.time_zone == zone


def test_times_of_frames_are_local_where_they_have_no_zone() -> None:
    clock = pl.Series([datetime(2024, 7, 1, 12)])
    prices = {name: [1.0] for name in ("open", "high", "low", "close")}
    for column in (clock, clock.to_list(), clock.to_numpy(), pd.Series(clock.to_list())):
        found = read({"time": column, **prices}, time_zone="America/New_York")
        assert iso(found.bars.time[0]) == "2024-07-01T16:00:00Z"


def test_times_of_frames_that_have_a_zone_are_not_moved_again() -> None:
    zoned = pl.Series([datetime(2024, 7, 1, 12)]).dt.replace_time_zone("Asia/Tokyo")
    prices = {name: [1.0] for name in ("open", "high", "low", "close")}
    pandas = pd.Series(zoned.to_list())
    sources = [{"time": column, **prices} for column in (zoned, zoned.to_list(), pandas)]
    for source in (*sources, pd.DataFrame(prices, index=pd.DatetimeIndex(pandas))):
        found = read(source, time_zone="America/New_York")
        assert iso(found.bars.time[0]) == "2024-07-01T03:00:00Z"
    days = read({"time": [date(2024, 7, 1)], **prices}, time_zone="America/New_York")
    assert iso(days.bars.time[0]) == "2024-07-01T00:00:00Z"


@pytest.mark.parametrize(
    ("timeframe", "closed", "opened"),
    [
        ("1h", ["2024-01-01 01:00", "2024-01-01 02:00"], ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z"]),
        ("1h", ["2024-01-01 00:59:59.999", "2024-01-01 01:59:59.999"],
         ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z"]),
        ("1M", ["2024-02-01 00:00", "2024-03-01 00:00"], ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"]),
        ("1M", ["2024-01-31", "2024-02-29"], ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"]),
        ("1M", ["2024-03-29 00:00", "2024-04-30 00:00"], ["2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z"]),
        ("3M", ["2024-03-31", "2024-06-30"], ["2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z"]),
        ("1w", ["2024-01-05", "2024-01-12"], ["2023-12-30T00:00:00Z", "2024-01-06T00:00:00Z"]),
        ("1d", ["2024-01-05", "2024-01-08"], ["2024-01-05T00:00:00Z", "2024-01-08T00:00:00Z"]),
        ("1d", ["20240105", "20240108"], ["2024-01-05T00:00:00Z", "2024-01-08T00:00:00Z"]),
        ("1d", ["2024-01-05 00:00", "2024-01-06 00:00"], ["2024-01-04T00:00:00Z", "2024-01-05T00:00:00Z"]),
        (None, ["2024-01-01 00:05", "2024-01-01 00:10"], ["2024-01-01T00:00:00Z", "2024-01-01T00:05:00Z"]),
    ],
)  # fmt: skip
def test_bars_stamped_at_their_close_come_at_their_open(
    tmp_path: Path, timeframe: str | None, closed: list[str], opened: list[str]
) -> None:
    found = read(written(tmp_path, closed), stamp="close", timeframe=timeframe)
    assert [iso(time) for time in found.bars.time] == opened
    assert found.stamp == "close"
    again = read(found.bars, stamp="close")
    assert np.all(again.bars.time < found.bars.time)


@pytest.mark.parametrize(
    "days",
    [
        [date(2024, 1, 5), date(2024, 1, 8)],
        np.array(["2024-01-05", "2024-01-08"], "datetime64[D]"),
        pl.Series([date(2024, 1, 5), date(2024, 1, 8)]),
        np.array([20240105, 20240108]),
    ],
)
def test_a_day_that_is_stamped_by_its_date_closes_when_the_date_is_over(days: Any) -> None:
    prices = {name: [1.0, 1.0] for name in ("open", "high", "low", "close")}
    found = read({"time": days, **prices}, stamp="close", timeframe="1d")
    assert [iso(time)[:10] for time in found.bars.time] == ["2024-01-05", "2024-01-08"]


def test_what_is_asked_for_must_make_sense(tmp_path: Path) -> None:
    path = written(tmp_path, ["2024-01-01 00:05"])
    with pytest.raises(
        UsageError, match=r"there is no time zone 'Mars/Base'\. Write it as 'America/New_York'"
    ):
        read(path, time_zone="Mars/Base")
    with pytest.raises(UsageError, match=r"bars stamped at their close need a timeframe"):
        read(path, stamp="close")
    with pytest.raises(UsageError, match=r"stamp 'middle' is neither 'open' nor 'close'"):
        read(path, stamp="middle")


def test_times_in_several_ways_and_units(tmp_path: Path) -> None:
    ways = [
        "2024-01-01",
        "2024/01/02 00:00",
        "03.01.2024",
        "2024-01-04T00:00:00.5Z",
        "2024-13-05",
        "1704412800",
    ]
    found = read(written(tmp_path, ways))
    assert [iso(time)[:10] for time in found.bars.time] == ["2024-01-01", "2024-01-02", "2024-01-04"]
    assert [(one.line, one.fault) for one in found.rejects] == [
        (4, "bad_time"),
        (6, "bad_time"),
        (7, "bad_time"),
    ]
    assert "The year comes first" in found.rejects[0].sentence
    units = ["1704067200", "1704067260", "1704067320000", "17", "1704067380"]
    found = read(written(tmp_path, units))
    assert [(one.line, one.fault) for one in found.rejects] == [(4, "bad_time"), (5, "bad_time")]
    assert (
        "would be 2024-01-01 in milliseconds, but row 1 (1704067200) is in seconds"
        in found.rejects[0].sentence
    )
