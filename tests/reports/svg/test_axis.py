"""Axes hold all values and name round ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.svg.axis import band_axis, linear_axis
from tests.reports.svg.reading import number_of

NUMBERS = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=1, max_size=20)


@given(NUMBERS, st.sampled_from(["rate", "ratio"]))
def test_all_values_are_on_the_axis(values: list[float], unit: str) -> None:
    axis = linear_axis(values, unit)
    share = axis.share(values)
    assert (share >= -1e-9).all()
    assert (share <= 1 + 1e-9).all()
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 10


@given(st.lists(st.floats(-1e4, 1e4).map(lambda one: round(one, 3)), min_size=2, max_size=20))
def test_ticks_say_their_value(values: list[float]) -> None:
    for unit in ("rate", "ratio"):
        axis = linear_axis(values, unit)
        size = max(abs(axis.low), abs(axis.high))
        for tick in axis.ticks:
            assert number_of(tick.text) == pytest.approx(tick.value, abs=1e-9 * max(size, 1))
        assert len({tick.text for tick in axis.ticks}) == len(axis.ticks)


def test_ticks_are_evenly_spaced_and_from_end_to_end() -> None:
    axis = linear_axis([0.013, 0.193], "rate", include=[0.0])
    assert [tick.text for tick in axis.ticks] == ["0 %", "5 %", "10 %", "15 %", "20 %"]
    assert (axis.low, axis.high) == pytest.approx((0.0, 0.2))


def test_large_amounts_are_short() -> None:
    assert [tick.text for tick in linear_axis([0, 5e6]).ticks][-1] == "5 M"


@pytest.mark.parametrize(
    "values",
    [[], [math.nan], [math.inf, -math.inf], [0.0], [5.0, 5.0], [1e308, -1e308], [1e-320], [-3.0] * 4],
)
def test_what_has_no_width_gets_one(values: list[float]) -> None:
    axis = linear_axis(values)
    assert axis.high > axis.low
    assert math.isfinite(axis.high - axis.low)
    assert np.isfinite(axis.share([one for one in values if math.isfinite(one)])).all()


@given(st.floats(0, 1))
def test_a_share_leads_back_to_its_value(share: float) -> None:
    axis = linear_axis([-3.0, 17.0])
    assert float(axis.share(axis.value(share))) == pytest.approx(share, abs=1e-12)


@given(st.integers(0, 200))
def test_bands_are_named_without_crowding(count: int) -> None:
    axis = band_axis([f"n{place}" for place in range(count)])
    assert len(axis.ticks) <= 14
    assert sum(not tick.is_minor for tick in axis.ticks) <= 7
    assert all(tick.text == f"n{int(tick.value)}" for tick in axis.ticks)
    if count:
        assert float(axis.share(0)) == pytest.approx(0.5 / count)


def test_bars_stand_on_zero_or_the_nearest_end() -> None:
    assert linear_axis([-3.0, 5.0]).base == 0
    assert linear_axis([20.0, 30.0]).base == 20
    assert linear_axis([-30.0, -20.0]).base == -20
