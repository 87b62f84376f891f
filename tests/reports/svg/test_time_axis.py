"""Ticks of time stand at round moments, few of them, whatever the span."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.svg.time_axis import DAY_NS, SECOND_NS, moment, since_start, time_axis

START = int(np.datetime64("2024-02-28T09:30", "ns").astype(np.int64))


@given(start=st.integers(-(2 * 10**18), 4 * 10**18), span=st.integers(1, 4 * 10**18))
def test_ticks_are_few_ordered_and_inside(start: int, span: int) -> None:
    axis = time_axis(np.array([start, start + span]))
    places = [tick.value for tick in axis.ticks]
    assert len(places) <= 11
    assert places == sorted(set(places))
    assert all(0 <= place <= span * (1 + 1e-12) for place in places)
    assert sum(not tick.is_minor for tick in axis.ticks) <= 5


@pytest.mark.parametrize(
    ("span", "texts"),
    [
        (3 * SECOND_NS, ["09:30:00", "09:30:01", "09:30:02", "09:30:03"]),
        (60 * SECOND_NS, ["09:30:00", "09:30:15", "09:30:30", "09:30:45", "09:31:00"]),
        (15 * 3600 * SECOND_NS, ["12:00", "15:00", "18:00", "21:00", "29 Feb"]),
        (4 * DAY_NS, ["12:00", "29 Feb", "12:00", "1 Mar", "12:00", "2 Mar", "12:00", "3 Mar"]),
        (6 * DAY_NS, ["29 Feb", "1 Mar", "2 Mar", "3 Mar", "4 Mar", "5 Mar"]),
        (40 * DAY_NS, ["4 Mar", "11 Mar", "18 Mar", "25 Mar", "1 Apr", "8 Apr"]),
        (200 * DAY_NS, ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"]),
        (600 * DAY_NS, ["Apr", "Jul", "Oct", "2025", "Apr", "Jul", "Oct"]),
        (5 * 365 * DAY_NS, ["2025", "2026", "2027", "2028", "2029"]),
        (30 * 365 * DAY_NS, ["2025", "2030", "2035", "2040", "2045", "2050"]),
    ],
)
def test_ticks_are_round_moments_of_the_calendar(span: int, texts: list[str]) -> None:
    assert [tick.text for tick in time_axis(np.array([START, START + span])).ticks] == texts


def test_within_a_second_ticks_have_the_digits_they_need() -> None:
    assert [tick.text for tick in time_axis(np.array([START, START + 4_000_000])).ticks] == [
        "00.000", "00.001", "00.002", "00.003", "00.004"
    ]  # fmt: skip
    assert [tick.text for tick in time_axis(np.array([START, START + 10])).ticks][1] == "00.000000002"


def test_no_time_and_one_time_have_an_axis() -> None:
    assert time_axis(np.empty(0, np.int64)).ticks == ()
    (tick,) = time_axis(np.array([START])).ticks
    assert tick.text == "2024-02-28 09:30"
    assert since_start(np.empty(0, np.int64)).tolist() == []


def test_a_moment_has_what_the_span_needs() -> None:
    assert moment(START, 100 * DAY_NS) == "2024-02-28"
    assert moment(START, DAY_NS) == "2024-02-28 09:30"
    assert moment(START, 600 * SECOND_NS) == "2024-02-28 09:30:00"
    assert moment(START + 5, SECOND_NS) == "2024-02-28 09:30:00.000000005"
