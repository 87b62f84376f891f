"""Each point of a rolling figure is the figure of its window."""

from __future__ import annotations

import numpy as np
import pytest

from eyas.metrics.benchmark import pair_of
from eyas.metrics.curve import DAY_NS, Curve
from eyas.metrics.ratios import sharpe, sortino
from eyas.metrics.risk import volatility
from eyas.reports.folds.rolling import POINTS_MAX, rolling


def walk(count: int, seed: int = 1, step_ns: int = DAY_NS, spread: float = 0.01) -> Curve:
    random = np.random.default_rng(seed)
    return Curve(step_ns * np.arange(count), 100 * np.cumprod(1 + random.normal(0, spread, count)), 100.0)


@pytest.mark.parametrize("place", [0, 17, -1])
def test_each_point_is_the_figure_of_its_window(place: int) -> None:
    curve, other = walk(200), walk(200, seed=2)
    found = rolling(curve, other, window=40)
    end = range(len(found.time))[place] + 40
    part, theirs = curve.returns[end - 40 : end], other.returns[end - 40 : end]
    periods = curve.periods_per_year
    assert found.time[place] == curve.time[end - 1]
    assert found.volatility[place] == pytest.approx(volatility(part, periods), rel=1e-12)
    assert found.sharpe[place] == pytest.approx(sharpe(part, periods), rel=1e-12)
    assert found.sortino[place] == pytest.approx(sortino(part, periods), rel=1e-12)
    assert found.total_return[place] == pytest.approx(np.prod(1 + part) - 1, rel=1e-12)
    assert found.beta is not None
    assert found.beta[place] == pytest.approx(pair_of(part, theirs).beta, rel=1e-9)


@pytest.mark.parametrize(("count", "window"), [(42, 21), (125, 21), (126, 63), (503, 63), (504, 126)])
def test_the_window_fits_the_run(count: int, window: int) -> None:
    found = rolling(walk(count))
    assert found.window == window
    assert found.name == f"{window} days"
    assert len(found.time) == count - window + 1
    assert found.beta is None


def test_returns_are_of_days_whatever_the_bars() -> None:
    hours = walk(24 * 60, step_ns=DAY_NS // 24)
    of_days = rolling(hours.by_day())
    np.testing.assert_array_equal(rolling(hours).sharpe, of_days.sharpe)
    assert rolling(hours).name == "21 days"


def test_longer_bars_are_not_called_days() -> None:
    assert rolling(walk(60, step_ns=7 * DAY_NS)).name == "21 bars"


def test_of_very_many_windows_some_are_looked_at_and_the_last_always() -> None:
    curve = walk(12_000, spread=0.0001)
    found = rolling(curve)
    assert len(found.time) <= POINTS_MAX
    assert found.time[-1] == curve.time[-1]


@pytest.mark.parametrize("count", [0, 1, 2, 41])
def test_too_short_is_a_sentence(count: int) -> None:
    found = rolling(walk(count))
    assert f"there are {count}" in found.sentence
    assert len(found.time) == len(found.sharpe) == 0


def test_a_window_longer_than_the_run_is_a_sentence() -> None:
    assert "longer than the run" in rolling(walk(50), window=51).sentence
    assert not rolling(walk(50), window=50).sentence


def test_runs_one_after_the_other_do_not_roll() -> None:
    time = np.tile(DAY_NS * np.arange(60), 2)
    assert "one after the other" in rolling(Curve(time, np.linspace(100, 120, 120), 100.0)).sentence


def test_a_constant_curve_has_no_ratio() -> None:
    found = rolling(Curve(DAY_NS * np.arange(60), np.full(60, 100.0), 100.0), walk(60))
    assert np.isnan(found.sharpe).all()
    assert np.isnan(found.sortino).all()
    assert not found.volatility.any()
    assert found.beta is not None
    assert not found.beta.any()


def test_beta_begins_where_the_benchmark_does() -> None:
    curve, other = walk(120), walk(120, seed=2)
    late = Curve(other.time, np.where(np.arange(120) < 50, np.nan, other.equity))
    found = rolling(curve, late, window=20)
    assert found.beta is not None
    known = np.isfinite(found.beta)
    assert curve.time[70] == found.time[known][0]
    assert known[np.argmax(known) :].all()


def test_a_benchmark_that_knows_nothing_has_no_beta() -> None:
    curve = walk(60)
    assert rolling(curve, Curve(curve.time, np.full(60, np.nan))).beta is None
