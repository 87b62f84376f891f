"""Fewer candles keep every extreme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.downsample import CANDLES_MAX, bucket_width, envelope, merge_bars
from tests.reports.pages import made_bars


@pytest.mark.parametrize(
    ("count", "width"), [(0, 1), (1, 1), (20_000, 1), (20_001, 2), (100_000, 5), (1_000_000, 50)]
)
def test_width_is_the_least_that_leaves_few_enough(count: int, width: int) -> None:
    assert bucket_width(count) == width
    assert -(-count // width) <= CANDLES_MAX


@given(count=st.integers(1, 60), width=st.integers(1, 70))
def test_a_merged_bar_spans_its_bars(count: int, width: int) -> None:
    bars = made_bars(count)
    merged = merge_bars(bars, width)
    assert len(merged) == -(-count // width)
    for index in range(len(merged)):
        part = bars[index * width : (index + 1) * width]
        assert merged.time[index] == part.time[0]
        assert merged.open[index] == part.open[0]
        assert merged.high[index] == part.high.max()
        assert merged.low[index] == part.low.min()
        assert merged.close[index] == part.close[-1]
        assert merged.volume[index] == pytest.approx(part.volume.sum())


def test_bars_that_are_few_enough_stay_themselves() -> None:
    bars = made_bars(10)
    assert merge_bars(bars, 1) is bars


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=1, max_size=60), st.integers(1, 70))
def test_an_envelope_keeps_last_lowest_and_highest(numbers: list[float], width: int) -> None:
    values = np.array(numbers)
    found = envelope(values, width)
    parts = [values[start : start + width] for start in range(0, len(values), width)]
    np.testing.assert_array_equal(found.last, [part[-1] for part in parts])
    np.testing.assert_array_equal(found.low, [part.min() for part in parts])
    np.testing.assert_array_equal(found.high, [part.max() for part in parts])


def test_nan_is_neither_lowest_nor_highest() -> None:
    found = envelope(np.array([np.nan, 2.0, 1.0, 3.0, np.nan, np.nan]), 2)
    np.testing.assert_array_equal(found.low, [2.0, 1.0, np.nan])
    np.testing.assert_array_equal(found.high, [2.0, 3.0, np.nan])
    np.testing.assert_array_equal(found.last, [2.0, 3.0, np.nan])


def test_nothing_stays_nothing() -> None:
    assert len(envelope(np.array([]), 5).last) == 0
    assert len(merge_bars(made_bars(1)[:0], 5)) == 0
