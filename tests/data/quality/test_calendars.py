"""Gaps are measured against when the market is open: holidays, half days, nights and weekends are none."""

from __future__ import annotations

import random
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.data.quality import check, gaps
from eyas.model import Bars
from tests.data.quality.faults import DAY_NS, HOUR_NS, MINUTE_NS, SAMPLES, clean, columns


def at(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def without(bars: Bars, rows: Any) -> Bars:
    """Return bars without some rows."""
    kept = np.delete(np.arange(len(bars)), rows)
    return replace(bars, **{name: values[kept] for name, values in columns(bars).items()})


def walk(time: np.ndarray, timeframe: str, seed: int = 1) -> Bars:
    """Return bars of a random walk at some times."""
    dice = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(dice.normal(0, 5e-4, len(time))))
    opened = np.concatenate(([100.0], close[:-1]))
    return eyas.bars(
        {
            "time": time,
            "open": opened,
            "high": np.maximum(opened, close) + 0.01,
            "low": np.minimum(opened, close) - 0.01,
            "close": close,
            "volume": dice.uniform(1, 2, len(time)),
        },
        timeframe=timeframe,
    )


def sessions(first: str, last: str, timeframe: str = "1m", step: int = MINUTE_NS) -> Bars:
    """Return bars of every session of New York, its half days too, in UTC."""
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, about pandas
        table = exchange_calendars.get_calendar("XNYS").schedule.loc[first:last]
    hours = [
        np.arange(opened.value, closed.value, step)
        for opened, closed in zip(
            table["open"].dt.as_unit("ns"), table["close"].dt.as_unit("ns"), strict=True
        )
    ]
    return walk(np.concatenate(hours), timeframe)


def names(source: Any, calendar: str = "auto") -> dict[str, int]:
    return {one.name: one.count for one in check(source, calendar=calendar).findings}


def test_a_year_of_new_york_has_no_gap_in_its_calendar() -> None:
    apple = eyas.sample("AAPL", "1d", adjusted=True)
    assert check(apple, calendar="XNYS").findings == ()
    for day in ("2014-07-03", "2014-11-28"):  # half days
        row = int(np.flatnonzero(apple.time == at(day))[0])
        assert names(without(apple, row), "XNYS") == {"gaps": 1}
        assert names(without(apple, row)) == {}  # nobody said when the market is open: it may be a holiday


@pytest.mark.parametrize("day", ["2014-07-04", "2014-04-18", "2014-11-27", "2014-07-05"])
def test_a_bar_on_a_holiday_is_outside(day: str) -> None:
    apple = eyas.sample("AAPL", "1d", adjusted=True)
    row = int(np.searchsorted(apple.time, at(day)))
    changed = {name: np.insert(values, row, values[row]) for name, values in columns(apple).items()}
    changed["time"][row] = at(day)
    found = check(eyas.bars(changed), calendar="XNYS").finding("outside")
    assert found is not None
    assert (found.count, found.row, found.time) == (1, row, at(day))


def test_the_days_after_september_2001_are_known_to_have_been_closed() -> None:
    ibm = eyas.sample("IBM", "1d")
    assert names(ibm) == {"gaps": 4}
    assert names(ibm, "XNYS") == {}


@pytest.fixture(scope="module")
def minutes() -> Bars:
    return sessions("2023-11-01", "2023-12-05")


def test_sessions_holidays_and_half_days_of_minutes(minutes: Bars) -> None:
    assert check(minutes, calendar="XNYS").findings == ()
    assert check(minutes).findings == ()
    assert check(minutes).calendar == "sessions (guessed)"
    end = int(np.flatnonzero(minutes.time == at("2023-11-24T17:59"))[0])  # a half day until 13:00
    assert minutes.time[end + 1] == at("2023-11-27T14:30")
    assert names(without(minutes, end), "XNYS") == {"gaps": 1}
    late = {name: np.insert(values, end + 1, values[end]) for name, values in columns(minutes).items()}
    late["time"][end + 1] += MINUTE_NS
    assert names(eyas.bars(late), "XNYS") == {"outside": 1}


@pytest.mark.parametrize("calendar", ["XNYS", "auto"])
def test_missing_minutes_and_missing_sessions(minutes: Bars, calendar: str) -> None:
    dice = random.Random(5)
    for _ in range(5):
        day = dice.choice(range(1, 5))
        row = 390 * day + dice.randrange(5, 300)
        count = dice.randrange(1, 60)
        assert names(without(minutes, np.arange(row, row + count)), calendar) == {"gaps": count}
    whole = np.arange(390 * 6, 390 * 10)
    assert names(without(minutes, whole), "XNYS") == {"gaps": 4 * 390}
    assert names(without(minutes, whole))["gaps"] > 1000
    assert names(without(minutes, np.arange(390 * 8, 390 * 8 + 10)), calendar) == {"gaps": 10}  # begins late


def test_a_hole_in_a_few_hours_is_no_night() -> None:
    minutes = np.concatenate((np.arange(120), np.arange(220, 320)))
    bars = walk(1_710_000_000 * 10**9 + minutes * MINUTE_NS, "1m")
    verdict = check(bars)
    assert (verdict.calendar, names(bars)) == ("24/7 (guessed)", {"gaps": 100})


@pytest.mark.parametrize("calendar", ["XNYS", "auto"])
@pytest.mark.parametrize(("timeframe", "step"), [("1m", 1), ("5m", 5), ("30m", 30)])
def test_stamps_of_the_close_and_of_new_york(calendar: str, timeframe: str, step: int) -> None:
    bars = sessions("2023-10-02", "2023-12-29", timeframe, step * MINUTE_NS)
    assert names(bars, calendar) == {}
    closed = replace(bars, time=bars.time + step * MINUTE_NS)
    assert names(closed, calendar) == ({"stamp": len(bars)} if step < 30 or calendar == "XNYS" else {})
    clock = pl.Series(bars.time).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/New_York")
    local = replace(bars, time=clock.dt.replace_time_zone(None).to_physical().to_numpy())
    verdict = check(local, calendar=calendar)
    found = verdict.finding("time_zone")
    assert found is not None
    assert [one.name for one in verdict.findings] == ["time_zone"]
    assert "America/New_York" in found.sentence


def test_sessions_that_know_no_summer_time_are_outside_and_not_late() -> None:
    days = np.arange("2023-05-01", "2023-09-29", dtype="datetime64[D]")
    days = days[np.is_busday(days)].astype("datetime64[ns]").astype(np.int64)
    opens = days + 14 * HOUR_NS + 30 * MINUTE_NS  # as in winter
    bars = walk((opens[:, None] + np.arange(390) * MINUTE_NS).ravel(), "1m")
    found = names(bars, "XNYS")
    assert {"gaps", "outside"} <= found.keys()
    assert "stamp" not in found


def test_hours_that_begin_before_the_session() -> None:
    minutes = sessions("2023-11-01", "2023-12-05")
    hours = np.unique(minutes.time // HOUR_NS * HOUR_NS)
    bars = walk(hours, "1h")
    assert names(bars, "XNYS") == {}
    assert names(without(bars, 9), "XNYS") == {"gaps": 1}


@pytest.mark.parametrize("shift", range(-11, 13))
def test_the_week_of_currencies_shows_the_zone(shift: int) -> None:
    euro = eyas.sample("EURUSD", "1h")
    for calendar in ("24/5", "auto"):
        found = names(replace(euro, time=euro.time + shift * HOUR_NS), calendar)
        # One hour late is as likely the stamp of the close, which is what such bars have.
        expected = {0: None, 1: "stamp"}.get(shift, "time_zone")
        assert list(found) == ([expected] if expected else [])


def test_a_week_that_follows_no_zone_is_given_none() -> None:
    """New York's clock, to which five hours were added in summer too: London's differs in three weeks."""
    euro = eyas.sample("EURUSD", "1h")
    local = pl.Series(euro.time).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/New_York")
    clock = local.dt.replace_time_zone(None).to_physical().to_numpy() + 5 * HOUR_NS
    rising = np.concatenate(([True], np.diff(clock) > 0))
    finer = (clock[rising][:, None] + np.arange(2) * HOUR_NS // 2).ravel()
    found = check(walk(finer, "30m"), calendar="24/5").finding("time_zone")
    assert found is not None
    assert "about +1:00 h from UTC. Say the zone when the file is read" in found.sentence


@pytest.mark.parametrize("read_as", ["Europe/Athens", "UTC"])
def test_a_server_that_changes_its_clock_with_new_york_is_known(read_as: str) -> None:
    """Seven hours ahead of New York: like Athens, but for three or four weeks of a year."""
    euro = eyas.sample("EURUSD", "1h")
    stamped = pl.Series(euro.time).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/New_York")
    clock = stamped.dt.replace_time_zone(None).dt.offset_by("7h")
    read = clock.dt.replace_time_zone(read_as, ambiguous="earliest", non_existent="null").to_physical()
    wrong = check(replace(euro, time=read.to_numpy()), calendar="24/5").finding("time_zone")
    assert wrong is not None
    assert "time_zone='America/New_York+07:00' when the file is read" in wrong.sentence


@pytest.mark.parametrize("timeframe", ["5m", "15m", "4h"])
def test_other_bars_of_currencies(timeframe: str) -> None:
    euro = eyas.sample("EURUSD", "1h")
    step = {"5m": 5, "15m": 15, "4h": 240}[timeframe] * MINUTE_NS
    if step < HOUR_NS:
        times = (euro.time[:1000, None] + np.arange(0, HOUR_NS, step)).ravel()
    else:
        times = np.unique(euro.time // step * step)
    bars = walk(times, timeframe)
    assert names(bars) == names(bars, "24/5") == {}
    assert list(names(replace(bars, time=bars.time + step))) == ["stamp"]
    assert "time_zone" in names(replace(bars, time=bars.time - 5 * HOUR_NS - (30 * MINUTE_NS)))


def test_days_of_currencies() -> None:
    euro = eyas.sample("EURUSD", "1h")
    days = np.unique(euro.time // DAY_NS * DAY_NS)
    sundays = walk(days, "1d")
    weekdays = walk(days[(days // DAY_NS + 3) % 7 < 5], "1d")
    assert names(sundays) == names(weekdays) == {}
    assert check(sundays).calendar == "24/5 (guessed)"
    assert names(without(weekdays, [50]), "24/5") == {"gaps": 1}
    there = pl.Series(euro.time).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/New_York")
    cut = (there.dt.replace_time_zone(None).to_physical().to_numpy() + 7 * HOUR_NS) // DAY_NS
    opened = euro.time[np.flatnonzero(np.diff(cut, prepend=0))]
    assert names(walk(opened, "1d")).keys() <= {"off_grid"}  # from 17:00 in New York, as brokers cut days


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_clean_but_for_what_is_true_of_it(sample: str) -> None:
    # AIG comes without 2010; New York was closed for four days in September 2001.
    assert names(clean(sample)) == {"AIG 1d": {"gaps": 261}, "IBM 1d": {"gaps": 4}}.get(sample, {})


def test_weeks_and_months() -> None:
    weeks = walk(at("2015-01-05") + np.arange(100) * 7 * DAY_NS, "1w")
    assert names(weeks) == {}
    assert names(without(weeks, [40, 41])) == {"gaps": 2}
    months = np.arange("2015-01", "2024-01", dtype="datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    assert names(walk(months, "1M")) == {}
    assert names(without(walk(months, "1M"), 7)) == {"gaps": 1}
    assert list(names(walk(months[1:] - DAY_NS, "1M"))) == ["stamp"]


def test_bars_without_a_timeframe_have_no_gaps() -> None:
    dice = np.random.default_rng(3)
    times = at("2024-01-01") + np.cumsum(dice.integers(1, 500, 300)) * 1_000_000_000
    verdict = check(replace(walk(times, ""), timeframe=""))
    assert (verdict.findings, verdict.calendar) == ((), "none")


def test_a_timeframe_that_the_bars_do_not_have() -> None:
    bars = eyas.bars(eyas.sample("BTCUSDT", "1m"), timeframe="1h")
    found = check(bars)
    assert [one.name for one in found.findings] == ["timeframe"]
    assert "bars are usually 1 minutes apart" in found.findings[0].sentence


@pytest.mark.parametrize("sample", ["BTCUSDT 1m", "EURUSD 1h"])
def test_bars_between_the_usual_times(sample: str) -> None:
    bars = clean(sample)
    dice = random.Random(sample)
    time = np.array(bars.time)
    for row in dice.sample(range(1, len(bars) - 1), 4):
        time[row] += 7_000_000_000
    assert names(replace(bars, time=time)) == {"off_grid": 4}
    assert names(replace(bars, time=bars.time + 7_000_000_000)) == {"off_grid": len(bars)}


def test_a_break_of_every_day_is_no_gap_even_if_it_moves() -> None:
    euro = eyas.sample("EURUSD", "1h")
    hour = euro.time // HOUR_NS % 24
    half = np.arange(len(euro)) < 3000
    bars = without(euro, np.flatnonzero((half & (hour == 12)) | (~half & (hour == 13))))
    assert names(bars) == {}
    assert names(bars, "24/5")["gaps"] > 200
    other = int(np.flatnonzero(bars.time // HOUR_NS % 24 == 5)[100])
    assert names(without(bars, other)) == {"gaps": 1}


def test_before_1970_a_calendar_has_no_holidays() -> None:
    days = np.arange("1969-12-01", "1970-02-01", dtype="datetime64[D]")
    days = days[np.is_busday(days, holidays=["1969-12-25", "1970-01-01"])]
    later = walk(days.astype("datetime64[ns]").astype(np.int64) + 20_000 * DAY_NS, "1d")
    bars = replace(later, time=later.time - 20_000 * DAY_NS)
    assert names(bars, "XNYS") == {}
    assert names(without(bars, len(bars) - 5), "XNYS") == {"gaps": 1}


def test_gaps_are_listed() -> None:
    bars = without(eyas.sample("BTCUSDT", "1m"), [10, 11, 12, 500])
    found = gaps(bars)
    assert [(gap.row, gap.missing) for gap in found.rows] == [(9, 3), (496, 1)]
    assert (len(found), found.missing) == (2, 4)
    assert str(found).splitlines()[0] == "BTCUSDT 1m: 4 bars missing in 2 gaps, calendar 24/7 (guessed)"
    assert len(gaps(eyas.sample("EURUSD", "1h"))) == 0
    assert len(gaps(eyas.sample("EURUSD", "1h"), calendar="24/7")) == 52


def test_a_calendar_that_nobody_knows() -> None:
    bars = eyas.sample("AAPL", "1d")
    with pytest.raises(eyas.UsageError, match="did you mean XNYS"):
        check(bars, calendar="xnys")
    with pytest.raises(eyas.UsageError, match="did you mean 24/7"):
        check(bars, calendar="24/6")
    wrong: Any = 7
    with pytest.raises(eyas.UsageError, match="not 7"):
        check(bars, calendar=wrong)


def test_the_extra_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from eyas.data import calendars

    calendars._exchange.cache_clear()
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(eyas.UsageError, match=r"pip install 'eyas\[calendars\]'"):
        check(eyas.sample("AAPL", "1d"), calendar="XLON")
