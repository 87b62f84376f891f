"""Distributions: percentiles are values, whatever the values are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.research.distribution import Distribution

NUMBERS = st.lists(st.floats(allow_nan=False), min_size=1, max_size=40)


@given(values=NUMBERS, share=st.floats(0, 100))
def test_a_percentile_is_a_value_that_so_many_are_not_above(values: list[float], share: float) -> None:
    found = Distribution("sharpe", np.array(values)).percentile(share)
    assert found in values
    assert np.mean(np.array(values) <= found) >= share / 100 - 1e-9


def test_what_cannot_be_said_is_left_out() -> None:
    one = Distribution("sharpe", np.array([np.nan, 1.0, 3.0]), 2.0)
    assert one.percentile(50) == 1.0
    assert one.rank == 0.5
    nothing = Distribution("sharpe", np.array([np.nan]), 2.0)
    assert math.isnan(nothing.percentile(50))
    assert math.isnan(nothing.rank)
    assert nothing.as_row()[2:] == ("n/a",) * 5


def test_scores_of_what_should_be_small_are_shown_as_what_they_are() -> None:
    one = Distribution("max_drawdown", np.array([-0.2, -0.1]), -0.15, -1.0)
    assert one.as_row()[1] == "15.00 %"
    assert one.rank == pytest.approx(0.5)
    assert one.as_row(alone=True)[0] == "max drawdown"
