"""How far a curve fell below its highest, how often, for how long, and whether it came back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas import metrics
from eyas.metrics import Curve, worst_drawdowns
from eyas.model import curve_figures as kernel_figures

EQUITIES = st.lists(st.integers(-20, 300).map(float), min_size=1, max_size=60)
OF_EQUITY = (
    "max_drawdown",
    "average_drawdown",
    "max_drawdown_bars",
    "time_under_water",
    "ulcer_index",
    "recovery_factor",
)
OF_CURVE = ("longest_drawdown", "average_drawdown_length", "max_drawdown_recovery")


def curve_of(equity: list[float], opening: float = 100.0) -> Curve:
    """Return a curve with ten nanoseconds from row to row."""
    return Curve(10 * np.arange(1, len(equity) + 1), np.array(equity, dtype=float), opening)


@given(EQUITIES)
def test_the_deepest_and_the_longest_are_those_of_the_kernel(equity: list[float]) -> None:
    curve = curve_of(equity)
    theirs = kernel_figures(100.0, curve.equity, 252.0)
    assert metrics.max_drawdown(curve.falls) == theirs["max_drawdown"]
    assert metrics.max_drawdown_bars(curve.falls) == theirs["max_drawdown_bars"]


@given(EQUITIES)
def test_each_fall_is_what_one_finds_by_walking(equity: list[float]) -> None:
    found = worst_drawdowns(curve_of(equity), count=100)
    walked, peak, peak_row, fall = [], 100.0, -1, []
    for row, value in enumerate([*equity, math.inf]):
        if value < peak:
            fall.append(value)
            continue
        if fall:
            is_over = row < len(equity)
            bottom = row - len(fall) + fall.index(min(fall))
            times = [10 * (max(0, peak_row) + 1), 10 * (bottom + 1), 10 * (row + 1) if is_over else None]
            walked.append((*times, (peak - min(fall)) / peak, len(fall), bottom - (row - len(fall)) + 1))
        peak, peak_row, fall = value, row, []
    walked.sort(key=lambda one: (-one[3], one[0]))
    told = [
        (one.start_ns, one.bottom_ns, one.recovery_ns, one.depth, one.bars, one.bars_down) for one in found
    ]
    assert [one[3] for one in told] == pytest.approx([one[3] for one in walked])
    assert sorted(told, key=lambda one: one[:2]) == [
        (*one[:3], pytest.approx(one[3]), *one[4:]) for one in sorted(walked, key=lambda one: one[:2])
    ]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50))
def test_what_only_rises_never_falls(steps: list[float]) -> None:
    curve = curve_of((100 + np.cumsum(steps)).tolist())
    assert metrics.max_drawdown(curve.falls) == metrics.ulcer_index(curve.falls) == 0
    assert metrics.max_drawdown_bars(curve.falls) == metrics.time_under_water(curve.falls) == 0
    assert worst_drawdowns(curve) == []
    assert math.isnan(metrics.average_drawdown(curve.falls))
    assert all(math.isnan(getattr(metrics, name)(curve)) for name in OF_CURVE)


@given(EQUITIES, st.floats(0.01, 100))
def test_the_scale_of_money_says_nothing(equity: list[float], scale: float) -> None:
    values = np.array([100.0, *equity])
    for name in ("max_drawdown", "average_drawdown", "ulcer_index"):
        figure = getattr(metrics, name)
        assert figure(values * scale) == pytest.approx(figure(values), rel=1e-9, abs=1e-12, nan_ok=True), name


@given(EQUITIES)
def test_they_are_ordered_as_they_must_be(equity: list[float]) -> None:
    curve = curve_of(equity)
    falls = curve.falls
    deepest, average = metrics.max_drawdown(falls), metrics.average_drawdown(falls)
    assert metrics.ulcer_index(falls) <= deepest + 1e-12
    assert not average > deepest + 1e-12
    assert 0 <= metrics.time_under_water(falls) <= 1
    assert not metrics.average_drawdown_length(curve) > metrics.longest_drawdown(curve)
    assert sum(one.bars for one in worst_drawdowns(curve, 100)) == round(
        metrics.time_under_water(falls) * len(equity)
    )


def test_a_fall_that_is_over_and_one_that_is_not() -> None:
    first, second = worst_drawdowns(curve_of([120, 90, 96, 125, 100, 110]))
    assert (first.start_ns, first.bottom_ns, first.recovery_ns) == (10, 20, 40)
    assert (first.depth, first.bars, first.bars_down, first.bars_up) == (0.25, 2, 1, 2)
    assert (first.length_ns, first.recovery_length_ns) == (30, 20)
    assert (second.start_ns, second.bottom_ns, second.recovery_ns) == (40, 50, None)
    assert (second.bars_up, second.length_ns, second.recovery_length_ns) == (None, 20, None)


def test_a_fall_from_the_opening_begins_with_the_first_row() -> None:
    (only,) = worst_drawdowns(curve_of([90, 100]))
    assert (only.start_ns, only.bottom_ns, only.recovery_ns, only.bars) == (10, 10, 20, 1)
    assert metrics.max_drawdown_recovery(curve_of([90, 100])) == 10
    assert math.isnan(metrics.max_drawdown_recovery(curve_of([90, 99])))


def test_as_high_as_before_is_recovered() -> None:
    assert metrics.max_drawdown_bars([100, 90, 100, 90, 100]) == 1


def test_equity_below_zero_falls_by_more_than_all() -> None:
    assert metrics.max_drawdown([100, -50]) == pytest.approx(1.5)


@pytest.mark.parametrize("equity", [[], [0.0, 5.0], [-5.0, 5.0]])
def test_without_an_equity_above_zero_nothing_can_be_said(equity: list[float]) -> None:
    assert all(math.isnan(getattr(metrics, name)(equity)) for name in OF_EQUITY)
    assert np.isnan(metrics.drawdown_series(equity)).all()
    curve = Curve(np.arange(len(equity)), np.array(equity))
    assert worst_drawdowns(curve) == []
    assert all(math.isnan(getattr(metrics, name)(curve)) for name in OF_CURVE)


def test_rows_that_are_not_known_are_passed_over() -> None:
    curve = Curve(np.arange(5), np.array([math.nan, 100, math.nan, 80, 100]))
    (only,) = worst_drawdowns(curve)
    assert (only.start_ns, only.bottom_ns, only.recovery_ns, only.depth) == (1, 3, 4, 0.2)
    assert metrics.longest_drawdown(curve) == 3
