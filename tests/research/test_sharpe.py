"""Sharpe ratios as probabilities: laws, edges, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eyas.errors import DataError, UsageError
from eyas.research import (
    Moments,
    deflated_sharpe_ratio,
    deflated_sharpe_ratio_2025,
    expected_maximum_sharpe,
    haircut_sharpe_ratios,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from eyas.research.normal import deviation_of_maximum, quantile_above

RETURNS = arrays(np.float64, st.integers(5, 60), elements=st.floats(-0.1, 0.1).map(lambda one: round(one, 4)))
RNG = np.random.default_rng(3)
BEST = RNG.normal(0.0006, 0.01, 500)
RATIOS = RNG.normal(0.0, 0.045, 30)


@given(RETURNS)
def test_moments_of_sums_are_those_of_returns(returns: np.ndarray) -> None:
    whole = Moments.of(returns)
    sums = Moments.of_sums(len(returns), *(float((returns**power).sum()) for power in (1, 2, 3, 4)))
    if returns.std() <= 1e-3 * np.abs(returns).max():
        return  # sums about 0 lose the digits of what hardly varies
    assert (sums.count, sums.mean, sums.deviation) == pytest.approx(
        (whole.count, whole.mean, whole.deviation), rel=1e-9
    )
    assert (sums.skewness, sums.kurtosis) == pytest.approx(
        (whole.skewness, whole.kurtosis), rel=1e-6, abs=1e-6
    )


@given(RETURNS, st.floats(0.001, 1000))
def test_the_size_of_returns_does_not_matter(returns: np.ndarray, scale: float) -> None:
    one, other = probabilistic_sharpe_ratio(returns), probabilistic_sharpe_ratio(returns * scale)
    assert one == pytest.approx(other, abs=1e-9, nan_ok=True)


def test_one_trial_is_not_deflated() -> None:
    alone = deflated_sharpe_ratio(BEST, [0.1])
    assert alone == probabilistic_sharpe_ratio(BEST)
    assert expected_maximum_sharpe(1, 0.3) == expected_maximum_sharpe(50, 0.0) == 0.0
    # The form of 2025 takes the error at the hurdle, which is 0, so without skewness and kurtosis.
    assert deflated_sharpe_ratio_2025(BEST, [0.1]) > 0.9


def test_more_trials_deflate_more() -> None:
    found = [deflated_sharpe_ratio(BEST, RATIOS, trials=trials) for trials in (1, 2, 10, 100, 10_000)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.9
    assert found[-1] < 0.5


def test_a_trial_that_never_traded_is_no_trial() -> None:
    with_idle = np.append(RATIOS, [np.nan] * 300)
    assert deflated_sharpe_ratio(BEST, with_idle) == deflated_sharpe_ratio(BEST, RATIOS)
    assert deflated_sharpe_ratio_2025(BEST, with_idle) == deflated_sharpe_ratio_2025(BEST, RATIOS)
    # If they counted with a ratio of 0, the hurdle would fall and noise would pass.
    zeros = np.append(RATIOS, np.zeros(300))
    assert deflated_sharpe_ratio(BEST, zeros) > deflated_sharpe_ratio(BEST, RATIOS) + 0.1


def test_the_deviation_of_a_maximum() -> None:
    """Two draws have 1 - 1/π; and the largest of very many has that of a Gumbel distribution."""
    assert deviation_of_maximum(1) == 1
    assert deviation_of_maximum(2) ** 2 == pytest.approx(1 - 1 / math.pi, abs=1e-12)
    assert deviation_of_maximum(100) == pytest.approx(0.42942, abs=5e-6)
    drawn = np.random.default_rng(1).normal(size=(20_000, 30)).max(axis=1).std()
    assert deviation_of_maximum(30) == pytest.approx(drawn, abs=0.01)
    many = deviation_of_maximum(10**9)  # the limit is approached slowly
    assert many == pytest.approx(math.pi / math.sqrt(6) / quantile_above(1e-9), rel=0.08)


def test_a_correlation_makes_the_form_of_2025_more_careful() -> None:
    found = [deflated_sharpe_ratio_2025(BEST, RATIOS / 4, correlation=rho) for rho in (0.0, 0.5, 1.0)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[2]


def test_the_track_record_is_as_long_as_it_must_be() -> None:
    """A record of that length reaches the confidence exactly."""
    moments = Moments.of(BEST)
    bars = minimum_track_record_length(moments, 0.01, confidence=0.9)
    longer = Moments(bars, moments.mean, moments.deviation, moments.skewness, moments.kurtosis)  # type: ignore[arg-type]
    assert probabilistic_sharpe_ratio(longer, 0.01) == pytest.approx(0.9, abs=1e-12)
    assert math.isinf(minimum_track_record_length(-BEST))
    assert math.isinf(minimum_track_record_length(moments, 1.0))


def test_returns_that_do_not_vary() -> None:
    for still in (np.zeros(50), np.full(50, 0.001)):
        assert Moments.of(still).deviation == 0
        assert math.isnan(probabilistic_sharpe_ratio(still))
        assert math.isnan(deflated_sharpe_ratio(still, RATIOS))
        assert math.isnan(deflated_sharpe_ratio_2025(still, RATIOS))
        assert math.isnan(minimum_track_record_length(still))


def test_a_haircut_cuts() -> None:
    ratios = np.array([0.2, 0.08, -0.03, np.nan, 0.0])
    for correction in ("bonferroni", "holm", "bhy"):
        left = haircut_sharpe_ratios(ratios, 500, correction)  # type: ignore[arg-type]
        assert math.isnan(left[3])
        assert (np.abs(left) <= np.abs(ratios) + 1e-12)[[0, 1, 2, 4]].all()
        assert 0 < left[0] < 0.2
    assert haircut_sharpe_ratios([0.1], 400)[0] == pytest.approx(0.1, abs=1e-12)
    assert haircut_sharpe_ratios([5.0, 0.01], 4_000)[0] == 5.0


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: probabilistic_sharpe_ratio([[0.1, 0.2]]), UsageError, "a row of numbers"),
        (lambda: probabilistic_sharpe_ratio([0.1]), UsageError, "two or more"),
        (lambda: probabilistic_sharpe_ratio([0.1, float("nan"), 0.2]), DataError, "return 1 is nan"),
        (lambda: probabilistic_sharpe_ratio(BEST, moments="biased"), UsageError, "'population' or 'sample'"),  # type: ignore[arg-type]
        (lambda: deflated_sharpe_ratio(BEST, []), UsageError, "no trial"),
        (lambda: deflated_sharpe_ratio(BEST, [float("inf"), 1.0]), UsageError, "infinite"),
        (lambda: deflated_sharpe_ratio(BEST, RATIOS, trials=0.5), UsageError, "1 or more"),
        (
            lambda: deflated_sharpe_ratio_2025(BEST, RATIOS, autocorrelation=1.0),
            UsageError,
            "between -1 and 1",
        ),
        (lambda: deflated_sharpe_ratio_2025(BEST, RATIOS, correlation=-0.1), UsageError, "from 0 to 1"),
        (lambda: expected_maximum_sharpe(10, -1.0), UsageError, "not negative"),
        (lambda: minimum_track_record_length(BEST, confidence=95), UsageError, "such as 0.95"),
        (lambda: minimum_backtest_length(10, 0.0), UsageError, "positive"),
        (lambda: haircut_sharpe_ratios(RATIOS, 1), UsageError, "two bars"),
    ],
)
def test_wrong_calls_say_what_would_be_right(call, error, said) -> None:
    with pytest.raises(error, match=said):
        call()
