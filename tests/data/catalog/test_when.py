"""A moment in any form a person would use."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from eyas.data.catalog.when import moment
from eyas.errors import UsageError

NOON = 1_704_110_400_000_000_000  # 2024-01-01T12:00Z


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        np.int64(NOON),
        "2024-01-01T12",
        "2024-01-01T12:00",
        "2024-01-01 12:00:00",
        "2024-01-01T12:00:00Z",
        "2024-01-01T13:00:00+01:00",
        " 2024-01-01T12:00:00.000000000Z ",
        datetime.datetime(2024, 1, 1, 12),
        datetime.datetime(2024, 1, 1, 7, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))),
        np.datetime64("2024-01-01T12"),
        pd.Timestamp("2024-01-01T12:00Z"),
    ],
)
def test_noon_is_noon(value):
    assert moment(value, "start") == NOON


def test_nanoseconds_are_kept():
    assert moment("2024-01-01T12:00:00.123456789Z", "start") == NOON + 123_456_789
    assert moment(pd.Timestamp(NOON + 123_456_789), "start") == NOON + 123_456_789
    assert moment("1969-12-31T23:59:59.999999", "start") == -1_000
    assert moment(None, "start") is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "31.01.2024",
        "2024-13",
        "24:00",
        True,
        1.5,
        [1],
        float("nan"),
        pd.NaT,
        np.datetime64("NaT"),
    ],
)
def test_what_is_no_time_is_refused(value):
    with pytest.raises(UsageError, match=r"^end=.* is no time: write it as '2024-01-31'"):
        moment(value, "end")


@pytest.mark.parametrize("value", [1_704_110_400, 1_704_110_400_000, 1_704_110_400_000_000])
def test_seconds_to_microseconds_are_refused(value):
    with pytest.raises(UsageError, match="too small for nanoseconds"):
        moment(value, "start")


@pytest.mark.parametrize(
    "value",
    [
        "2262-01-01",
        "9999-12-31",
        "1600",
        "9999-12-31T00:00:00+02:00",
        np.datetime64("9999-01-01"),
        datetime.date.max,
        datetime.datetime.max,
        2**63,
    ],
)
def test_what_nanoseconds_cannot_count_is_refused_and_not_wrapped(value):
    with pytest.raises(UsageError, match=r"^end=.* To take everything leave it out$"):
        moment(value, "end")


def test_the_first_and_the_last_year_that_can_be_counted():
    assert moment("1678-01-01", "start") == -9_214_560_000_000_000_000
    assert moment("2261-12-31T23:59:59.999999999Z", "end") == 9_214_646_399_999_999_999
