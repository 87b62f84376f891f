"""What was gained for the risk that was taken."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from eyas import metrics
from eyas.model import curve_figures as kernel_figures

RETURNS = arrays.arrays(np.float64, st.integers(2, 80), elements=st.floats(-0.5, 0.5, width=32))


@given(RETURNS)
def test_the_sign_of_a_ratio_is_that_of_what_was_gained(returns: np.ndarray) -> None:
    assume(returns.std() > 1e-6 and abs(returns.mean()) > 1e-9)
    assert metrics.sharpe(returns) * returns.mean() > 0
    if returns.min() < -1e-9:
        assert metrics.sortino(returns) * returns.mean() > 0
        assert (metrics.omega(returns) > 1) == (returns.mean() > 0)
        assert metrics.gain_to_pain(returns) == pytest.approx(metrics.omega(returns) - 1, abs=1e-9)


@given(RETURNS, st.floats(0.1, 1))
def test_what_is_bet_says_nothing_of_the_ratio(returns: np.ndarray, factor: float) -> None:
    assume(returns.std() > 1e-6)
    for name in ("sharpe", "sortino", "omega", "gain_to_pain"):
        figure = getattr(metrics, name)
        assert figure(returns * factor) == pytest.approx(figure(returns), rel=1e-6, abs=1e-9, nan_ok=True), (
            name
        )


@given(RETURNS, st.floats(0.001, 0.5), st.sampled_from([12, 52, 252, 365.25, 525_600]))
def test_a_risk_free_rate_is_taken_off_each_period(
    returns: np.ndarray, yearly: float, periods: float
) -> None:
    assume(returns.std() > 1e-6)
    free = (1 + yearly) ** (1 / periods) - 1
    for name in ("sharpe", "sortino"):
        figure = getattr(metrics, name)
        expected = pytest.approx(figure(returns - free, periods), rel=1e-6, abs=1e-9, nan_ok=True)
        assert figure(returns, periods, yearly) == expected, name
        more = figure(returns, periods, 0.0)
        assert math.isnan(more) or not figure(returns, periods, yearly) > more + 1e-9


@given(st.lists(st.floats(1, 1000), min_size=3, max_size=60))
def test_ratios_are_those_of_the_kernel(equity: list[float]) -> None:
    values = np.array(equity)
    returns = np.diff(values) / values[:-1]
    theirs = kernel_figures(values[0], values[1:], 252.0)
    assume(returns.std() > 1e-9)
    for name in ("sharpe", "sortino", "volatility"):
        expected = pytest.approx(theirs[name], rel=1e-9, abs=1e-12, nan_ok=True)
        assert getattr(metrics, name)(returns, 252.0) == expected, name


def test_without_a_loss_nothing_is_divided_by_nothing() -> None:
    returns, equity = [0.01, 0.02, 0.0], [100.0, 101.0, 103.0]
    for name in ("sortino", "omega", "gain_to_pain"):
        assert math.isnan(getattr(metrics, name)(returns)), name
    assert math.isnan(metrics.calmar(equity, 1.0))
    assert math.isnan(metrics.recovery_factor(equity))
    assert math.isnan(metrics.ulcer_performance(equity, 1.0))


def test_a_steady_rate_has_no_sharpe_ratio() -> None:
    """Its returns differ in their last bits alone, of which a ratio of 10^14 could be made."""
    steady = 1.0001 ** np.arange(400)
    assert math.isnan(metrics.sharpe(np.diff(steady) / steady[:-1]))


def test_calmar_takes_the_calendar_and_the_whole_curve() -> None:
    assert metrics.calmar([100, 80, 144], 2.0) == pytest.approx(0.2 / 0.2)
    assert metrics.recovery_factor([100, 80, 144]) == pytest.approx(0.44 / 0.2)
    assert math.isnan(metrics.calmar([100, 80, 144], 0.0))


def test_who_lost_all_has_no_ratio_of_a_yearly_return() -> None:
    assert math.isnan(metrics.calmar([100, 50, -1], 1.0))
    assert metrics.recovery_factor([100, 50, -1]) == pytest.approx(-1.0)


def test_omega_at_a_required_return() -> None:
    """Twelve periods a year of which each must bring 1 %."""
    yearly = 1.01**12 - 1
    assert metrics.omega([0.03, 0.0, 0.01], 12, yearly) == pytest.approx(2.0)
