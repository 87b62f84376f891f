"""Steps are 1, 2 or 5 times a power of ten, and never too small."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.folds.rounding import round_step


@given(st.floats(1e-290, 1e290))
def test_a_step_is_round_and_the_smallest_that_is_enough(least: float) -> None:
    step = round_step(least)
    assert least * (1 - 1e-9) <= step < least * 2.5 * (1 + 1e-9)
    digit = f"{step:.6e}"[0]
    assert digit in "125"
    assert float(f"{step:.0e}") == step


@pytest.mark.parametrize("least", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_length_gives_one(least: float) -> None:
    assert round_step(least) == 1.0
