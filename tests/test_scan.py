"""One pass over columns says what slow looks at them say, on one thread and on two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.data.checks import LARGEST_PRICE, LARGEST_VOLUME, SMALLEST_PRICE, wrong_numbers
from eyas.model import PRICE_COLUMNS, extremes, is_rising, median_apart, take_bars
from tests.test_memory import walk

LONG = 300_000  # more than one thread takes
LIMITS = (SMALLEST_PRICE, LARGEST_PRICE, LARGEST_VOLUME)
ODD = st.sampled_from([float("nan"), 0.0, -1.0, 1e-9, 9e9, 9.1e9, float("inf"), 5.0, 99.0, 101.0])


@given(st.lists(st.integers(-5, 5), max_size=6))
def test_rising_is_rising(steps: list[int]) -> None:
    time = np.cumsum(np.array(steps, dtype=np.int64))
    assert is_rising(time) == bool((np.diff(time) > 0).all())


@pytest.mark.parametrize("row", [1, 1 << 14, (1 << 14) + 1, LONG - 1])
def test_one_time_out_of_order_is_seen_wherever_it_is(row: int) -> None:
    time = np.arange(LONG)
    assert is_rising(time)
    time[row] = time[row - 1]
    assert not is_rising(time)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=40))
def test_extremes_are_those_of_numpy(values: list[float]) -> None:
    array = np.array(values)
    assert extremes(array) == (array.min(), array.max())


def test_extremes_of_many_and_of_none() -> None:
    many = np.random.default_rng(1).normal(size=LONG)
    assert extremes(many) == (many.min(), many.max())
    assert extremes(np.empty(0)) == (float("inf"), float("-inf"))
    many[7] = np.nan
    assert extremes(many) == (np.nanmin(many), np.nanmax(many))


@given(st.lists(st.floats(0.5, 2) | st.just(1.0), min_size=1, max_size=30), st.integers(1, 4))
def test_the_median_is_that_of_numpy(values: list[float], stride: int) -> None:
    array = np.array(values)
    count = (len(array) - 1) // stride
    apart = np.abs(array[1 : 1 + count * stride : stride] / array[: count * stride : stride] - 1)
    apart = apart[apart > 0]
    expected = float(np.median(apart)) if len(apart) else 0.0
    assert median_apart(array, array, 1, stride, count) == expected


@given(
    changes=st.lists(
        st.tuples(st.sampled_from([*PRICE_COLUMNS, "volume"]), st.integers(0, 4), ODD), max_size=3
    ),
    with_volume=st.booleans(),
)
def test_what_is_told_as_right_has_no_fault(changes: list[tuple[str, int, float]], with_volume: bool) -> None:
    flat = {
        name: np.full(5, float(price)) for name, price in zip(PRICE_COLUMNS, (100, 101, 99, 100), strict=True)
    }
    columns = {**flat, "volume": np.ones(5)} if with_volume else flat
    for name, row, value in changes:
        if name in columns:
            columns[name][row] = value
    targets = [np.empty(5) for _ in columns]
    is_right = take_bars(list(columns.values()), targets, LIMITS)
    faults = list(wrong_numbers(columns, {name: name for name in columns}))
    assert not (is_right and faults)
    assert is_right or faults  # no price here is so near another that rounding decides
    for target, source in zip(targets, columns.values(), strict=True):
        np.testing.assert_array_equal(target, source)


@pytest.mark.parametrize("row", [0, 511, 512, (1 << 14) - 1, 1 << 14, 131_072, LONG - 1])
def test_one_wrong_row_among_many_is_named(row: int) -> None:
    bars = walk(LONG)
    columns = {name: np.array(getattr(bars, name)) for name in bars.columns}
    taken = eyas.bars(columns)
    for name in bars.columns:
        np.testing.assert_array_equal(getattr(taken, name), columns[name])
        assert not np.shares_memory(getattr(taken, name), columns[name])
    columns["low"][row] = columns["high"][row] + 1
    with pytest.raises(eyas.DataError, match=f"row {row + 1} .*: high .* is below low "):
        eyas.bars(columns)


def test_columns_of_any_layout_are_taken(tmp_path: Path) -> None:
    bars = walk(40)
    wide = np.empty((40, 6))
    for place, name in enumerate(bars.columns):
        wide[:, place] = getattr(bars, name)
    packed = np.empty(40, dtype=[("flag", "i1"), *((name, "f8") for name in PRICE_COLUMNS), ("time", "i8")])
    for name in (*PRICE_COLUMNS, "time"):
        packed[name] = getattr(bars, name)
    strided = {name: wide[:, place] for place, name in enumerate(bars.columns)} | {"time": bars.time}
    swapped = {name: getattr(bars, name).astype(">f8") for name in PRICE_COLUMNS} | {"time": bars.time}
    mapped: dict[str, Any] = dict(strided)
    for name in PRICE_COLUMNS:
        mapped[name] = np.memmap(tmp_path / name, np.float64, "w+", shape=(40,))
        mapped[name][:] = getattr(bars, name)
    for source in (strided, packed, swapped, mapped):
        found = eyas.bars(source)
        for name in PRICE_COLUMNS:
            np.testing.assert_array_equal(getattr(found, name), getattr(bars, name))
            assert not np.shares_memory(getattr(found, name), source[name])


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        take_bars([np.ones(3)] * 3 + [np.ones(2)], [None] * 4, LIMITS)
