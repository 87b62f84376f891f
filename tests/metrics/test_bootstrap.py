"""How far a figure could have come out otherwise: blocks of returns, drawn again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eyas import metrics
from eyas.errors import UsageError
from eyas.metrics import Curve, confidence_interval, curve_intervals
from eyas.metrics.bootstrap import block_length, drawn_rows

DAY_NS = 86_400_000_000_000
RETURNS = np.random.default_rng(7).normal(0.0005, 0.01, 300)


def mean(values: np.ndarray) -> float:
    return float(values.mean())


def curve(returns: np.ndarray = RETURNS) -> Curve:
    return Curve(np.arange(len(returns)) * DAY_NS, 1000 * metrics.equity_of(returns)[1:], 1000.0)


def test_the_same_seed_draws_the_same() -> None:
    first = confidence_interval(metrics.sharpe, RETURNS, draws=50, seed=3)
    assert first == confidence_interval(metrics.sharpe, RETURNS, draws=50, seed=3)
    assert first != confidence_interval(metrics.sharpe, RETURNS, draws=50, seed=4)


def test_blocks_are_as_long_as_asked_and_go_around_the_end() -> None:
    rows = np.concatenate(list(drawn_rows(1_000, 100, 8.0, seed=1)))
    follows = np.diff(rows) % 1_000 == 1
    assert 1 / (1 - follows.mean()) == pytest.approx(8, rel=0.05)
    assert np.bincount(rows, minlength=1_000).std() / 100 < 0.4  # every row as often as any other
    whole = next(drawn_rows(10, 1, 1e9, seed=2))
    assert (np.diff(whole) % 10 == 1).all()


def test_blocks_of_one_are_draws_of_single_returns() -> None:
    rows = next(drawn_rows(5_000, 1, 1.0, seed=1))
    assert (np.diff(rows) == 1).mean() < 0.01


def test_an_interval_of_a_mean_is_that_of_theory() -> None:
    found = confidence_interval(mean, RETURNS, draws=4_000, block=1, confidence=0.9)
    half = 1.645 * RETURNS.std() / math.sqrt(len(RETURNS))
    assert found.low == pytest.approx(RETURNS.mean() - half, abs=0.08 * half)
    assert found.high == pytest.approx(RETURNS.mean() + half, abs=0.08 * half)


def test_what_lies_close_together_stays_together() -> None:
    """Returns that go on as they were have a mean that is less certain than single draws make believe."""
    noise = np.random.default_rng(1).normal(0, 0.01, 600)
    going_on = np.convolve(noise, np.ones(6), "valid")
    single, blocks = (confidence_interval(mean, going_on, draws=500, block=length) for length in (1, 20))
    assert blocks.high - blocks.low > 1.7 * (single.high - single.low)


def test_series_are_drawn_together() -> None:
    found = confidence_interval(metrics.beta, 2 * RETURNS, RETURNS, draws=20)
    assert (found.low, found.high) == (pytest.approx(2), pytest.approx(2))


@pytest.mark.parametrize("returns", [[], [0.01], [0.01] * 9])
def test_of_few_returns_there_is_no_interval(returns: list[float]) -> None:
    found = confidence_interval(metrics.volatility, returns, draws=20)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_a_figure_that_some_draws_do_not_have_has_no_interval() -> None:
    """Without a loss there is no Sortino ratio; the draws with one would not speak for all."""
    returns = np.r_[np.full(29, 0.01), -0.01]
    found = confidence_interval(metrics.sortino, returns, draws=100, block=1)
    assert math.isfinite(found.value)
    assert math.isnan(found.low)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence": 1.0}, "confidence is 1.0, but must be between 0 and 1"),
        ({"draws": 0}, "draws is 0, but there must be one"),
        ({"block": 0.5}, "block is 0.5, but a block holds one"),
    ],
)
def test_numbers_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        confidence_interval(mean, RETURNS, **options)
    with pytest.raises(UsageError, match=message):
        curve_intervals(curve(), **options)


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match=r"have one length, not \[3, 2\]"):
        confidence_interval(metrics.beta, [1, 2, 3], [1, 2])


def test_blocks_grow_with_the_root_of_three() -> None:
    assert [block_length(count) for count in (0, 1, 27, 1_000, 1_000_000)] == [1, 1, 3, 10, 100]


def test_every_figure_of_a_curve_has_an_interval() -> None:
    whole = metrics.curve_figures(curve(), benchmark=curve(RETURNS[::-1].copy()))
    found = curve_intervals(curve(), whole, benchmark=curve(RETURNS[::-1].copy()), draws=40)
    assert found.keys() == whole.keys()
    for name in ("total_return", "sharpe", "max_drawdown", "ulcer_index", "beta", "skew"):
        one = found[name]
        assert one.value == pytest.approx(whole[name])
        assert one.low < one.high
        assert one.low - abs(one.value) < one.value < one.high + abs(one.value)


def test_a_curve_and_its_returns_are_drawn_alike() -> None:
    one = curve_intervals(curve(), ["sharpe"], draws=30, periods_per_year=252)["sharpe"]
    other = confidence_interval(metrics.sharpe, curve().returns, draws=30)
    assert (one.low, one.high) == (pytest.approx(other.low), pytest.approx(other.high))


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(UsageError, match="beta is no figure of this curve: choose from total_return"):
        curve_intervals(curve(), ["beta"])


def test_a_figure_is_a_function() -> None:
    with pytest.raises(UsageError, match="figure is 'sharpe', but must be a function"):
        confidence_interval("sharpe", [0.1, 0.2] * 20)  # type: ignore[arg-type]
