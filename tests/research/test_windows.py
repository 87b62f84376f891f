"""Windows by bars and by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from eyas.errors import UsageError
from eyas.research.windows import Window, windows_of
from tests.research.markets import DAY_NS, START_NS, walk


def test_windows_by_time_are_windows_by_bars_where_bars_are_regular() -> None:
    bars = walk(100)
    by_time = windows_of(bars, train="30d", test="10d", gap="5d")
    assert by_time == windows_of(bars, train=30, test=10, gap=5)
    assert by_time[0] == Window(0, 30, 35, 45)
    assert len(by_time) == 6


def test_anchored_windows_begin_at_the_first_bar() -> None:
    found = windows_of(walk(60), train=20, test=10, anchored=True)
    assert [one.train_start for one in found] == [0, 0, 0, 0]
    assert [one.train_end for one in found] == [20, 30, 40, 50]


def test_a_hole_in_the_data_makes_no_window() -> None:
    days = np.r_[0:40, 80:120]
    found = windows_of(START_NS + DAY_NS * days, train="20d", test="10d")
    for one in found:
        assert one.test_end > one.test_start
        assert one.train_end - one.train_start > 1
    rows = [(one.test_start, one.test_end) for one in found]
    assert rows[:2] == [(20, 30), (30, 40)]
    assert all(start >= 40 for start, _ in rows[2:])


def test_bars_that_come_later_change_no_window_before() -> None:
    bars = walk(200)
    for length in (101, 133, 199):
        whole, part = (windows_of(one, train="40d", test="15d") for one in (bars, bars[:length]))
        assert whole[: len(part)] == part


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"train": 90, "test": 20}, "shorter than one window: 100 bars over 99.0 days"),
        ({"train": "30d", "test": 20}, "all numbers of bars or all spans"),
        ({"train": 1, "test": 20}, "train is 1"),
        ({"train": 10, "test": 0}, "test is 0"),
        ({"train": "soon", "test": "20d"}, "train is 'soon'"),
        ({"train": 10, "test": 5, "gap": -1}, "gap is -1"),
        ({"train": 10, "test": 5, "step": 2.5}, "step is 2.5"),
    ],
)
def test_what_makes_no_window_is_refused(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        windows_of(walk(100), **words)


def test_a_span_of_time_needs_times() -> None:
    with pytest.raises(UsageError, match="give Bars or times"):
        windows_of(100, train="30d", test="10d")
