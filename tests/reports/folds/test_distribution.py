"""A histogram counts every value once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eyas.metrics.curve import DAY_NS, Curve
from eyas.reports.folds.distribution import distribution, returns_distribution

RATES = arrays(np.float64, st.integers(1, 200), elements=st.floats(-5, 5, allow_subnormal=False))


@given(RATES)
def test_each_value_is_counted_once(values: np.ndarray) -> None:
    found = distribution(values)
    assert found.counts.sum() + found.below + found.above + found.zero == len(values)
    if not found.sentence:
        assert len(found.edges) == len(found.counts) + 1 == len(found.normal) + 1
        assert (np.diff(found.edges) > 0).all()
        assert found.mean == pytest.approx(values.mean(), abs=1e-12)
        assert found.median == pytest.approx(np.median(values), abs=1e-12)


@given(RATES, st.integers(4, 60))
def test_a_bin_holds_what_lies_between_its_edges(values: np.ndarray, bins: int) -> None:
    found = distribution(values, bins=bins)
    assume(not found.sentence)
    moved = values[values != 0]
    inside = moved[(moved >= found.edges[0]) & (moved <= found.edges[-1])]
    for place, count in enumerate(found.counts):
        low, high = found.edges[place], found.edges[place + 1]
        last = place == len(found.counts) - 1
        assert count == ((inside >= low) & ((inside < high) | (last & (inside == high)))).sum()


@given(RATES)
def test_no_bin_is_of_gains_and_losses(values: np.ndarray) -> None:
    found = distribution(values)
    assume(len(found.edges) and found.edges[0] < 0 < found.edges[-1])
    assert 0.0 in found.edges


def test_far_values_are_counted_beside_the_picture() -> None:
    values = np.concatenate([np.random.default_rng(1).normal(0, 0.01, 2_000), [5.0, -7.0]])
    found = distribution(values)
    assert found.above >= 1
    assert found.below >= 1
    assert found.edges[-1] < 0.1
    assert found.mean == pytest.approx(values.mean())


def test_the_normal_curve_is_of_the_same_mean_and_deviation() -> None:
    values = np.random.default_rng(1).normal(0.002, 0.01, 20_000)
    found = distribution(values)
    middles = (found.edges[1:] + found.edges[:-1]) / 2
    assert found.normal.sum() == pytest.approx(20_000, rel=0.02)
    assert (middles * found.normal).sum() / found.normal.sum() == pytest.approx(0.002, abs=0.0005)
    assert np.abs(found.normal - found.counts).max() < 150


def test_days_without_a_change_are_neither_gain_nor_loss() -> None:
    found = distribution(np.array([0.0] * 8 + [0.01, -0.02]))
    assert found.zero == 8
    assert found.counts.sum() == 2
    assert not found.normal.any()  # a normal curve of mostly zeros says nothing of the bars
    assert found.quantiles[0.25] == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [([], "no trades"), ([math.nan, math.inf], "no trades"), ([0.0, 0.0], "exactly 0")],
)
def test_nothing_is_a_sentence(values: list[float], said: str) -> None:
    found = distribution(np.array(values), of="trades")
    assert said in found.sentence
    assert len(found.counts) == 0


@pytest.mark.parametrize("values", [[0.1], [0.1] * 9, [-0.3], [1e6 + 0.001, 1e6], [1e-300, 2e-300]])
def test_equal_and_extreme_values_have_bins(values: list[float]) -> None:
    found = distribution(np.array(values))
    assert found.counts.sum() == len(values)
    assert len(found.counts) < 400


def test_only_equal_values_are_constant() -> None:
    assert distribution(np.array([0.1] * 9)).is_constant
    assert distribution(np.array([0.1])).is_constant
    assert not distribution(np.array([0.1, 0.1001])).is_constant


def test_returns_are_daily_where_there_are_days_enough() -> None:
    equity = 100 + np.sin(np.arange(24 * 30))
    hours = Curve(DAY_NS // 24 * np.arange(24 * 30), equity, 100.0)
    assert returns_distribution(hours).of == "daily returns"
    assert returns_distribution(hours).count == 30
    week = Curve(hours.time[:168], equity[:168], 100.0)
    assert returns_distribution(week).of == "returns of bars"
    assert returns_distribution(week).count == 168
    days = Curve(DAY_NS * np.arange(5), equity[:5], 100.0)
    assert returns_distribution(days).of == "daily returns"
