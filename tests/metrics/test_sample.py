"""What figures of returns share: tails without sorting, and nothing where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from eyas import metrics
from eyas.errors import UsageError
from eyas.metrics.sample import Sample, compounded, finite, period_rate, sample_of

VALUES = arrays.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1, 1, width=16))


@given(VALUES)
def test_quantiles_are_those_of_numpy(values: np.ndarray) -> None:
    for share in (0.05, 0.95, 0.01, 0.5):
        assert Sample(values).quantile(share) == pytest.approx(np.quantile(values, share), abs=1e-12)


@given(VALUES)
def test_the_worst_are_the_smallest(values: np.ndarray) -> None:
    for share in (0.05, 0.01):
        count = int((len(values) - 1) * share) + 1
        assert sorted(Sample(values).worst(share)) == sorted(values)[:count]


@pytest.mark.parametrize("kind", ["drawn", "rounded", "equal", "rising", "striped"])
def test_tails_of_many_values_are_found_among_few(kind: str) -> None:
    """Of many values only those beyond a guess are looked at; a guess that is too narrow is not used."""
    count = 50_001
    drawn = np.random.default_rng(1).standard_t(3, count)
    striped = np.where(np.arange(count) % (count // 2_000) == 0, -9.0, drawn)
    values = {
        "drawn": drawn,
        "rounded": np.round(drawn, 1),
        "equal": np.zeros(count),
        "rising": np.arange(count, dtype=float),
        "striped": striped,
    }[kind]
    sample = Sample(values)
    assert sample.quantile(0.05) == pytest.approx(np.quantile(values, 0.05), abs=1e-9)
    assert sample.quantile(0.95) == pytest.approx(np.quantile(values, 0.95), abs=1e-9)
    assert np.sort(sample.worst(0.05)).tolist() == np.sort(values)[: int((count - 1) * 0.05) + 1].tolist()


@given(VALUES, st.floats(-0.5, 0.5))
def test_sums_are_what_is_above_and_below(values: np.ndarray, threshold: float) -> None:
    above, below = Sample(values).sums(threshold)
    beyond = values - threshold
    assert above == pytest.approx(beyond[beyond > 0].sum(), abs=1e-9)
    assert below == pytest.approx(-beyond[beyond < 0].sum(), abs=1e-9)


def test_rounding_is_no_spread() -> None:
    """A steady rate leaves returns that differ in their last bits: no ratio may be made of that."""
    steady = np.diff(1.01 ** np.arange(300)) / 1.01 ** np.arange(299)
    assert steady.std() > 0
    assert sample_of(steady).deviation == 0
    assert sample_of([0.1] * 7).deviation == 0


def test_numbers_that_are_none_are_left_out() -> None:
    assert finite([1, math.nan, 2, math.inf]).tolist() == [1, 2]
    values = np.ones(3)
    assert finite(values) is values or np.shares_memory(finite(values), values)


def test_of_nothing_there_is_nothing() -> None:
    empty = sample_of([])
    known = [empty.mean, empty.deviation, empty.moment(3), empty.quantile(0.05), empty.downside()]
    assert all(math.isnan(one) for one in known)
    assert empty.sums() == (0, 0)


@given(st.floats(-0.9, 5), st.floats(1, 1e6))
def test_a_rate_a_period_compounds_to_that_of_the_year(yearly: float, periods: float) -> None:
    assert (1 + period_rate(yearly, periods)) ** periods == pytest.approx(1 + yearly, rel=1e-6)


@pytest.mark.parametrize(
    ("total", "years"),
    [(-1.0, 1.0), (-1.5, 1.0), (0.5, 0.0), (0.5, math.nan), (math.nan, 1.0), (10.0, 1e-9)],
)
def test_what_does_not_compound_is_not_known(total: float, years: float) -> None:
    assert math.isnan(compounded(total, years))


@pytest.mark.parametrize(("yearly", "periods"), [(-1.0, 252), (-2.0, 252), (0.1, 0), (0.1, math.nan)])
def test_a_rate_that_there_is_not(yearly: float, periods: float) -> None:
    assert math.isnan(period_rate(yearly, periods))


@pytest.mark.parametrize("given", ["abc", ["a"], [{}], np.ones((3, 3)), [[1.0], [1.0, 2.0]]])
def test_what_is_no_series_of_numbers_is_refused(given: object) -> None:
    for figure in (metrics.sharpe, metrics.max_drawdown, metrics.volatility):
        with pytest.raises(UsageError, match=r"a figure takes .* numbers"):
            figure(given)


def test_a_single_column_is_a_series() -> None:
    assert metrics.max_drawdown(np.array([[100.0], [50.0]])) == 0.5
    assert math.isnan(metrics.sharpe(np.empty((0, 1))))
