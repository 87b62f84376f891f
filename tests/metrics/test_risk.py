"""How far returns scatter, how bad the bad ones are, what shape they have."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from eyas import metrics

RETURNS = arrays.arrays(np.float64, st.integers(20, 120), elements=st.floats(-0.5, 0.5, width=32))
FEW = [[], [0.01], [math.nan, 0.01]]
OF_RETURNS = (
    "volatility",
    "downside_deviation",
    "value_at_risk_historic",
    "value_at_risk_normal",
    "conditional_value_at_risk_historic",
    "conditional_value_at_risk_normal",
    "skew",
    "kurtosis",
    "skew_population",
    "kurtosis_population",
    "tail_ratio",
    "sharpe",
    "sortino",
    "omega",
    "gain_to_pain",
)
WITH_ONE = ("downside_deviation",)


@pytest.mark.parametrize("name", OF_RETURNS)
@pytest.mark.parametrize("returns", FEW)
def test_of_one_value_little_can_be_said(name: str, returns: list[float]) -> None:
    found = getattr(metrics, name)(returns)
    assert math.isnan(found) or (name in WITH_ONE and found == 0 and len(returns) > 0)


@pytest.mark.parametrize("value", [0.0, 0.01, -0.01])
def test_equal_returns_have_no_shape(value: float) -> None:
    returns = np.full(50, value)
    assert metrics.volatility(returns) == 0
    assert metrics.value_at_risk_normal(returns) == metrics.value_at_risk_historic(returns) == value
    shapes = ("skew", "kurtosis", "skew_population", "kurtosis_population", "sharpe")
    assert all(math.isnan(getattr(metrics, name)(returns)) for name in shapes)
    assert metrics.downside_deviation(returns, 1) == pytest.approx(max(0.0, -value))


def test_numbers_that_are_none_are_left_out() -> None:
    returns = np.random.default_rng(1).normal(0, 0.01, 60)
    gapped = np.insert(returns, [3, 30], [math.nan, math.inf])
    for name in OF_RETURNS:
        assert getattr(metrics, name)(gapped) == getattr(metrics, name)(returns), name


@pytest.mark.parametrize(("count", "is_said"), [(19, False), (20, True)])
def test_a_worst_twentieth_needs_twenty_returns(count: int, is_said: bool) -> None:
    returns = np.linspace(-0.1, 0.1, count)
    for name in ("value_at_risk_historic", "conditional_value_at_risk_historic", "tail_ratio"):
        assert math.isnan(getattr(metrics, name)(returns)) is not is_said, name
    assert math.isnan(metrics.value_at_risk_historic(returns, 0.99))


@given(RETURNS)
def test_the_mean_of_the_worst_is_no_better_than_where_they_begin(returns: np.ndarray) -> None:
    at, beyond = metrics.value_at_risk_historic(returns), metrics.conditional_value_at_risk_historic(returns)
    assert beyond <= at + 1e-15
    assert returns.min() <= beyond
    normal = metrics.conditional_value_at_risk_normal(returns)
    assert normal <= metrics.value_at_risk_normal(returns) + 1e-15


@given(RETURNS, st.sampled_from([0.9, 0.95, 0.925]))
def test_the_more_confidence_the_worse(returns: np.ndarray, confidence: float) -> None:
    for name in ("value_at_risk_historic", "value_at_risk_normal", "conditional_value_at_risk_normal"):
        figure = getattr(metrics, name)
        assert figure(returns, confidence) <= figure(returns, 0.9) + 1e-15


@given(RETURNS, st.floats(0.1, 3))
def test_risk_grows_with_what_is_bet(returns: np.ndarray, factor: float) -> None:
    assume(returns.std() > 1e-6)
    scaling = (
        "volatility",
        "downside_deviation",
        "value_at_risk_historic",
        "conditional_value_at_risk_normal",
    )
    for name in scaling:
        figure = getattr(metrics, name)
        assert figure(returns * factor) == pytest.approx(figure(returns) * factor, rel=1e-9, abs=1e-12), name
    for name in ("skew", "kurtosis", "tail_ratio"):
        figure = getattr(metrics, name)
        expected = pytest.approx(figure(returns), rel=1e-6, abs=1e-9, nan_ok=True)
        assert figure(returns * factor) == expected, name


@given(RETURNS)
def test_a_mirror_turns_the_skew_and_leaves_the_kurtosis(returns: np.ndarray) -> None:
    assume(returns.std() > 1e-6)
    assert metrics.skew(-returns) == pytest.approx(-metrics.skew(returns), rel=1e-9, abs=1e-9)
    assert metrics.kurtosis(-returns) == pytest.approx(metrics.kurtosis(returns), rel=1e-9, abs=1e-9)


@given(RETURNS)
def test_what_is_lost_is_part_of_what_scatters(returns: np.ndarray) -> None:
    """Squares below zero are some of all squares, and n counts all."""
    whole = math.sqrt(float((returns**2).mean()))
    assert metrics.downside_deviation(returns, 1) <= whole + 1e-15
    both = math.hypot(metrics.downside_deviation(returns, 1), metrics.downside_deviation(-returns, 1))
    assert both == pytest.approx(whole, rel=1e-9, abs=1e-12)


def test_a_required_return_is_one_a_period() -> None:
    assert metrics.downside_deviation([0.01, 0.03], 1, required=0.02) == pytest.approx(0.01 / math.sqrt(2))


def test_without_periods_there_is_no_year() -> None:
    assert math.isnan(metrics.volatility([0.1, 0.2], math.nan))
    assert math.isnan(metrics.sharpe([0.1, 0.2], 0))
