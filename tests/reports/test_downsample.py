"""Fewer candles keep every extreme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.downsample import (
    CANDLES_MAX,
    bucket_width,
    envelope,
    extreme_rows,
    lowest_rows,
    lttb,
    means,
    merge_bars,
)
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


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=80), st.integers(1, 90))
def test_the_lowest_of_each_bucket_and_the_last_are_kept(numbers: list[float], most: int) -> None:
    values = np.array(numbers)
    rows = lowest_rows(values, most)
    assert len(rows) <= most + 1
    assert values[rows].min() == values.min()
    assert rows[-1] == len(values) - 1
    assert (np.diff(rows) > 0).all()


@given(st.integers(1, 5_000), st.integers(3, 200), st.integers(0, 5))
def test_a_thinned_line_keeps_its_ends_and_its_size(count: int, most: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0, 1, count)
    rows = lttb(np.arange(count, dtype=np.float64), values, most)
    assert len(rows) <= most
    assert rows[0] == 0
    assert rows[-1] == count - 1
    assert (np.diff(rows) > 0).all()
    assert len(rows) == min(count, most)


def test_a_thinned_line_keeps_a_single_peak() -> None:
    values = np.zeros(100_000)
    values[77_777] = 1.0
    assert 77_777 in lttb(np.arange(100_000.0), values, 50)


def test_lttb_chooses_the_largest_triangle() -> None:
    x, y = np.arange(6.0), np.array([0.0, 1.0, -5.0, 2.0, 3.0, 0.0])
    assert lttb(x, y, 4).tolist() == [0, 2, 3, 5]


def test_an_interrupted_line_keeps_its_extremes() -> None:
    values = np.sin(np.arange(2_000.0) / 40)
    values[500:600] = np.nan
    values[1_234] = 4.0
    rows = lttb(np.arange(2_000.0), values, 100)
    assert 1_234 in rows
    assert len(rows) <= 102
    assert np.isfinite(values[rows]).sum() > 50


@given(st.lists(st.floats(-9, 9) | st.just(np.nan), min_size=1, max_size=60), st.integers(1, 70))
def test_a_mean_is_of_what_is_known(numbers: list[float], width: int) -> None:
    found = means(np.array(numbers), width)
    for place, mean in enumerate(found.tolist()):
        known = [one for one in numbers[place * width : (place + 1) * width] if one == one]
        assert np.isnan(mean) if not known else mean == pytest.approx(sum(known) / len(known), abs=1e-12)


def test_extremes_of_few_rows_are_all_rows() -> None:
    assert extreme_rows(np.array([3.0, 1.0]), 5).tolist() == [0, 1]
    assert set(extreme_rows(np.array([0.0, 5.0, -5.0, 0.0, 1.0, 0.0]), 2)) >= {0, 1, 2, 5}
