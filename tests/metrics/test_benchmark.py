"""How returns went with those of a benchmark, and how far beyond it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from eyas import metrics
from eyas.errors import UsageError

RETURNS = arrays.arrays(np.float64, 30, elements=st.floats(-0.5, 0.5, width=32))
FIGURES = (
    "beta",
    "alpha",
    "correlation",
    "r_squared",
    "tracking_error",
    "information_ratio",
    "up_capture",
    "down_capture",
)


@given(RETURNS)
def test_against_itself_there_is_nothing_beyond(returns: np.ndarray) -> None:
    assume(returns.std() > 1e-3)
    assert metrics.beta(returns, returns) == pytest.approx(1)
    assert metrics.alpha(returns, returns) == pytest.approx(0, abs=1e-9)
    assert metrics.correlation(returns, returns) == pytest.approx(1)
    assert metrics.r_squared(returns, returns) == pytest.approx(1)
    assert metrics.tracking_error(returns, returns) == 0
    assert math.isnan(metrics.information_ratio(returns, returns))
    for name in ("up_capture", "down_capture"):
        found = getattr(metrics, name)(returns, returns)
        assert math.isnan(found) or found == pytest.approx(1)


@given(RETURNS, st.floats(-3, 3), st.floats(-0.001, 0.001))
def test_a_line_has_its_slope_and_its_height(benchmark: np.ndarray, slope: float, height: float) -> None:
    assume(benchmark.std() > 1e-3)
    returns = slope * benchmark + height
    assert metrics.beta(returns, benchmark) == pytest.approx(slope, abs=1e-9)
    assert metrics.alpha(returns, benchmark, 12) == pytest.approx((1 + height) ** 12 - 1, abs=1e-9)
    if abs(slope) > 0.01:
        assert metrics.correlation(returns, benchmark) == pytest.approx(math.copysign(1, slope))


@given(RETURNS, RETURNS, st.floats(0.001, 0.2))
def test_a_risk_free_rate_leaves_the_slope_and_moves_the_height(
    returns: np.ndarray, benchmark: np.ndarray, yearly: float
) -> None:
    assume(benchmark.std() > 1e-3)
    free = (1 + yearly) ** (1 / 12) - 1
    expected = metrics.alpha(returns - free, benchmark - free, 12)
    found = metrics.alpha(returns, benchmark, 12, yearly)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True)


@given(RETURNS, RETURNS)
def test_correlation_does_not_mind_who_is_who(returns: np.ndarray, benchmark: np.ndarray) -> None:
    there, back = metrics.correlation(returns, benchmark), metrics.correlation(benchmark, returns)
    assert there == pytest.approx(back, nan_ok=True)
    assert math.isnan(there) or -1 <= there <= 1
    assert metrics.tracking_error(returns, benchmark) == pytest.approx(
        metrics.tracking_error(benchmark, returns), abs=1e-12
    )


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_points_always_lie_on_a_line(name: str, count: int) -> None:
    found = getattr(metrics, name)([0.0, 0.0][:count], [0.1, -0.2][:count])
    assert math.isnan(found) or (name.endswith("capture") and count > 0)


@pytest.mark.parametrize("name", ["beta", "alpha", "correlation", "r_squared"])
def test_a_benchmark_that_does_not_move_explains_nothing(name: str) -> None:
    assert math.isnan(getattr(metrics, name)([0.01, -0.01, 0.02, 0.0], [0.001] * 4))


def test_only_what_both_know_is_compared() -> None:
    returns, benchmark = [0.02, math.nan, -0.02, 0.04, 0.5], [0.01, 0.3, -0.01, 0.02, math.nan]
    assert metrics.beta(returns, benchmark) == pytest.approx(2)
    rose = (math.sqrt(1.02 * 1.04) - 1) / (math.sqrt(1.01 * 1.02) - 1)
    assert metrics.up_capture(returns, benchmark, 1) == pytest.approx(rose)
    assert metrics.down_capture(returns, benchmark, 1) == pytest.approx(2)


def test_captures_are_of_the_periods_in_which_the_benchmark_moved() -> None:
    returns, benchmark = [0.02, 0.5, -0.03], [0.01, 0.0, -0.01]
    assert metrics.up_capture(returns, benchmark, 1) == pytest.approx(2)
    assert metrics.down_capture(returns, benchmark, 1) == pytest.approx(3)
    yearly = (1.02**12 - 1) / (1.01**12 - 1)
    assert metrics.up_capture(returns, benchmark) == pytest.approx(yearly)
    assert math.isnan(metrics.down_capture(returns[:2], benchmark[:2]))
    assert math.isnan(metrics.down_capture([-1.0], [-0.1]))
    assert math.isnan(metrics.up_capture([0.5], [0.4], 1e6))


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="3 returns and 2 of the benchmark"):
        metrics.beta([1, 2, 3], [1, 2])


def test_what_was_earned_beyond_is_a_difference() -> None:
    assert metrics.active_return([100, 144], [10, 12.1], 2.0) == pytest.approx(0.2 - 0.1)
    assert math.isnan(metrics.active_return([100, 144], [], 2.0))
