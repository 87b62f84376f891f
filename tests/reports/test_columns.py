"""Columns come back as they went in."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports import columns
from tests.reports.pages import read_numbers, read_times, read_words

SIZES = (
    st.floats(min_value=1e-280, max_value=1e300)
    | st.floats(min_value=-1e300, max_value=-1e-280)
    | st.just(0.0)
)


@given(st.lists(st.integers(-(10**12), 10**12), max_size=50), st.integers(0, 4))
def test_numbers_of_few_decimals_come_back_exactly(integers: list[int], decimals: int) -> None:
    values = np.array(integers, dtype=np.float64) / 10**decimals
    column = columns.numbers(values)
    assert column["decimals"] <= decimals
    np.testing.assert_array_equal(read_numbers(json.loads(json.dumps(column))), values)


@given(st.lists(SIZES, min_size=1, max_size=50))
def test_any_number_comes_back_to_eight_figures_of_the_largest(numbers: list[float]) -> None:
    values = np.array(numbers)
    found = read_numbers(columns.numbers(values))
    assert np.max(np.abs(found - values)) <= 1e-7 * np.max(np.abs(values))


@given(st.lists(st.sampled_from([1.5, 2.25, np.nan, np.inf, -np.inf]), max_size=30))
def test_what_is_no_number_is_null_in_its_place(numbers: list[float]) -> None:
    values = np.array(numbers, dtype=np.float64)
    text = json.dumps(columns.numbers(values), allow_nan=False)
    np.testing.assert_array_equal(
        read_numbers(json.loads(text)), np.where(np.isfinite(values), values, np.nan)
    )


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([], {"decimals": 0, "steps": []}),
        ([0.0, -0.0], {"decimals": 0, "steps": [0, 0]}),
        ([100.0, 101.0], {"decimals": 0, "steps": [100, 1]}),
        ([100.25, 100.5], {"decimals": 2, "steps": [10025, 25]}),
        ([np.nan, 1.5], {"decimals": 1, "steps": [None, 15]}),
        ([1 / 3, 200 / 3], {"decimals": 6, "steps": [333333, 66333334]}),
        ([3e20], {"decimals": -13, "steps": [30000000]}),
    ],
)
def test_numbers_are_written_as_scaled_steps(values: list[float], column: dict[str, object]) -> None:
    assert columns.numbers(np.array(values, dtype=np.float64)) == column


@given(st.lists(st.integers(-(2**60), 2**60), max_size=40))
def test_times_come_back_to_the_nanosecond(times: list[int]) -> None:
    values = np.array(times, dtype=np.int64)
    np.testing.assert_array_equal(read_times(columns.times(values)), values)


@pytest.mark.parametrize(
    ("step_ns", "per_second"), [(60 * 10**9, 1), (250 * 10**6, 10**3), (250 * 10**3, 10**6), (7, 10**9)]
)
def test_times_use_the_coarsest_unit(step_ns: int, per_second: int) -> None:
    assert columns.times(step_ns * np.arange(10, dtype=np.int64))["per_second"] == per_second


@given(st.lists(st.text(max_size=4), max_size=30))
def test_words_come_back(words: list[str]) -> None:
    assert read_words(json.loads(json.dumps(columns.words(words)))) == words


def test_integers_come_back_exactly() -> None:
    values = np.array([2**52, -(2**52), 0, 7], dtype=np.int64)
    np.testing.assert_array_equal(read_numbers(dict(columns.integers(values))), values)


def read_texts(column: dict[str, Any]) -> list[str]:
    """Read a column of texts back, as the page's script does."""
    numbers = iter(column["numbers"].split(" "))
    return [re.sub("\0", lambda _: next(numbers), shape) for shape in read_words(column["shapes"])]


@given(st.lists(st.text(max_size=9) | st.from_regex(r"rsi -?[0-9]{1,3}\.[0-9]+ · [a-c]{2}"), max_size=30))
def test_texts_come_back(texts: list[str]) -> None:
    found = read_texts(json.loads(json.dumps(columns.texts(texts))))
    assert found == [text.replace("\0", "\ufffd") for text in texts]


def test_texts_that_differ_in_numbers_only_are_one_shape() -> None:
    shapes = columns.texts([f"rsi {n / 7:.3f} · slow {n}" for n in range(50)])["shapes"]
    assert shapes["words"] == ["rsi \0 · slow \0"]
