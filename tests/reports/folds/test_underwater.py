"""What is drawn under water keeps the deepest points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.metrics.curve import DAY_NS, Curve
from eyas.metrics.drawdowns import max_drawdown
from eyas.reports.folds.underwater import underwater


@given(seed=st.integers(0, 30), count=st.integers(2, 3_000))
def test_the_deepest_point_is_drawn(seed: int, count: int) -> None:
    equity = 100 * np.cumprod(1 + np.random.default_rng(seed).normal(0, 0.01, count))
    curve = Curve(np.arange(count), equity, 100.0)
    found = underwater(curve, points_max=50)
    if found.sentence:
        assert max_drawdown(curve.values) == 0
        return
    assert len(found.time) <= 51
    assert -found.depth.min() == pytest.approx(max_drawdown(curve.values), rel=1e-12)
    assert -found.depth.min() == found.worst[0].depth
    assert (found.depth <= 0).all()
    assert found.time[-1] == curve.time[-1]


def test_few_rows_are_all_drawn() -> None:
    found = underwater(Curve(np.arange(4), np.array([120.0, 90.0, 130.0, 117.0]), 100.0))
    assert found.depth.tolist() == pytest.approx([0.0, -0.25, 0.0, -0.1])
    assert [one.depth for one in found.worst] == pytest.approx([0.25, 0.1])


@pytest.mark.parametrize(
    ("equity", "opening", "said"),
    [
        ([], 100.0, "no equity"),
        ([100.0, 100.0], 100.0, "never fell"),
        ([101.0, 102.0], 100.0, "never fell"),
        ([-1.0, -2.0], -1.0, "not above zero"),
        ([np.nan], 100.0, "no equity"),
    ],
)
def test_nothing_is_a_sentence(equity: list[float], opening: float, said: str) -> None:
    found = underwater(Curve(DAY_NS * np.arange(len(equity)), np.array(equity), opening))
    assert said in found.sentence
    assert found.worst == []


def test_rows_say_which_equities_are_drawn() -> None:
    equity = 100 + np.sin(np.arange(5_000) / 50)
    found = underwater(Curve(np.arange(5_000) * 7, equity, 100.0), points_max=60)
    np.testing.assert_array_equal(found.time, found.row * 7)


def test_below_zero_is_deeper_than_all() -> None:
    found = underwater(Curve(np.arange(2), np.array([50.0, -20.0]), 100.0))
    assert found.depth.tolist() == pytest.approx([-0.5, -1.2])
