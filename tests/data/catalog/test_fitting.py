"""What can be one series: the rules that a catalog and a database share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eyas.data.catalog.fitting import check_alike, check_spacing
from eyas.data.catalog.records import Entry
from eyas.errors import DataError, UsageError
from tests.data.catalog.made import DAY, HOUR, MONDAY, bars

ENTRY = Entry(
    venue="v", symbol="A", timeframe="1h", kind="bars", rows=1, first=0, last=0, hash="", format="parquet",
    columns=(), has_volume=True, convention="open", adjustment="raw", sources=(), revisions=0, rejects=0,
    files=0, bytes=0,
)  # fmt: skip


def test_a_few_bars_that_lie_in_many_are_refused(catalog):
    catalog.add(bars(2_000, "1h", HOUR), venue="v")
    few = bars(10, "1h", HOUR)
    with pytest.raises(UsageError, match="bars of 1h cannot be so close"):
        catalog.add(replace(few, time=few.time + 500 * HOUR + HOUR // 2), venue="v")


@pytest.mark.parametrize(
    ("timeframe", "step", "fits"),
    [("1h", HOUR, True), ("1d", 23 * HOUR, True), ("1d", HOUR, False), ("1M", 28 * DAY, True),
     ("3M", 31 * DAY, False), ("3M", 90 * DAY, True)],
)  # fmt: skip
def test_bars_are_as_far_apart_as_they_last(timeframe, step, fits):
    time = MONDAY + step * np.arange(20)
    if fits:
        check_spacing("A", timeframe, time, (time[0], time[-1]))
        return
    with pytest.raises(UsageError, match=f"A would have a bar at 2024-01-01T00:00:00Z.*bars of {timeframe}"):
        check_spacing("A", timeframe, time, (time[0], time[-1]))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"adjustment": "adjusted"}, "prices that are raw, and these are adjusted"),
        ({"adjustment": "unknown"}, "prices that are raw, and these are unknown"),
        ({"convention": "event"}, "times that are open, and these are event"),
        ({"has_volume": False}, "has volume, and these bars have none"),
    ],
)
def test_what_is_said_of_a_series_is_said_of_all_its_rows(changes, match):
    check_alike("A", ENTRY, ENTRY)
    with pytest.raises(UsageError, match=match):
        check_alike("A", ENTRY, replace(ENTRY, **changes))


def test_bars_that_contradict_the_stored_ones_bring_nothing_new(catalog):
    catalog.add(bars(30), venue="v")
    other = bars(40, shift=0.125)
    with pytest.raises(DataError, match="of 30 rows that are stored already 30 come with other values"):
        catalog.add(other, venue="v")
    assert catalog.entry("BTCUSDT", "1m").rows == 30
    assert catalog.add(other[:30], venue="v").rows_revised == 30, "without new rows it is only a report"
    assert catalog.add(other, venue="v", revise=True).rows_new == 10


def test_another_spelling_of_a_timeframe_is_no_other_series(catalog):
    catalog.add(bars(24, "60m", HOUR), venue="v")
    assert catalog.add(bars(25, "1h", HOUR), venue="v").rows_new == 1
    assert [one.timeframe for one in catalog.series()] == ["1h"]
    for spelled in ("60m", "3600s", "1h"):
        assert catalog.load("BTCUSDT", spelled).timeframe == "1h"
        assert catalog.entry("BTCUSDT", spelled).rows == len(catalog.times("BTCUSDT", spelled)) == 25
    assert catalog.load("BTCUSDT", "24h").timeframe == "1d"
    assert catalog.remove("BTCUSDT", "60m").rows == 25
