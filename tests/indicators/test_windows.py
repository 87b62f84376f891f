"""The two compiled loops give, bit for bit, what the same additions in plain Python give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eyas.indicators._recursion import LENGTH, decay
from eyas.indicators._windows import fold
from eyas.indicators.averages import add, add_weighted, alone, sma, wma
from eyas.indicators.bands import add_deviations, stdev
from eyas.model import window_means

VALUES = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf"), -0.0, 1e300]), max_size=200
)


def means(values: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the means as numpy folds them."""
    result = np.full(len(values), np.nan)
    with np.errstate(all="ignore"):
        for place, (total,) in fold(values, period, alone, add):
            np.divide(total, period, out=result[place])
    return result


def weighted(values: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the weighted means as numpy folds them."""
    result = np.full(len(values), np.nan)
    with np.errstate(all="ignore"):
        for place, (_, total) in fold(values, period, lambda one: (one, one), add_weighted):
            np.divide(total, period * (period + 1) / 2, out=result[place])
    return result


def deviations(values: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the standard deviations as numpy folds them."""
    result = np.full(len(values), np.nan)
    with np.errstate(all="ignore"):
        for place, (_, squares) in fold(values, period, lambda one: (one, one - one), add_deviations):
            np.sqrt(squares / period, out=result[place])
    return result


FOLDS = {sma: means, wma: weighted, stdev: deviations}


def decayed(values: list[float], keep: float, take: float, seed: float) -> list[float]:
    """Return what `decay` writes, one value at a time."""
    found = []
    carry, fading, own = seed, keep, 0.0
    for place, value in enumerate(values):
        if place % LENGTH:
            fading, own = fading * keep, value * take + own * keep
        else:
            carry = fading * carry + own if place else seed
            fading, own = keep, value * take
        found.append(own + fading * carry)
    return found


@pytest.mark.parametrize("indicator", FOLDS)
@given(values=VALUES, period=st.integers(1, 70))
def test_windows_are_those_of_the_fold(indicator: Any, values: list[float], period: int) -> None:
    array = np.array(values)
    np.testing.assert_array_equal(indicator(array, period), FOLDS[indicator](array, period))


@pytest.mark.parametrize("period", [1, 2, 30, 2048, 5000, 20_000, 300_000])
@pytest.mark.parametrize("indicator", FOLDS)
def test_windows_of_many_are_too(indicator: Any, period: int) -> None:
    many = np.random.default_rng(3).normal(100, 1, 300_000)
    assert indicator(many, period).tobytes() == FOLDS[indicator](many, period).tobytes()


@given(values=VALUES, keep=st.floats(0, 1), seed=st.floats(-1e3, 1e3))
def test_decay_is_what_one_value_at_a_time_gives(values: list[float], keep: float, seed: float) -> None:
    array = np.array(values)
    expected = np.array(decayed(values, keep, 1 - keep, seed))
    result = np.empty(len(values))
    decay(array, keep, 1 - keep, seed, result)
    np.testing.assert_array_equal(result, expected)
    decay(array, keep, 1 - keep, seed, array)
    np.testing.assert_array_equal(array, expected)


def test_decay_of_many_meets_at_its_blocks() -> None:
    many = np.random.default_rng(4).normal(100, 1, 20 * 8 * LENGTH + 77)
    result = np.empty(len(many))
    decay(many, 0.97, 0.03, 100.0, result)
    assert result.tolist() == decayed(many.tolist(), 0.97, 0.03, 100.0)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        window_means(np.ones(3), 2, np.ones(4))
    with pytest.raises(ValueError, match="one length"):
        window_means(np.ones(3), 0, np.ones(3))
    with pytest.raises(ValueError, match="same length"):
        decay(np.ones(3), 0.5, 0.5, 1.0, np.ones(4))
