"""The probability of backtest overfitting: laws, orientation, remainders, equal and idle trials."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import DataError, UsageError
from eyas.research import (
    effective_trials,
    overfitting_of_blocks,
    probability_of_backtest_overfitting,
)
from tests.research.studies import noise, rows_of

RNG = np.random.default_rng(11)


def slowly(returns: np.ndarray, blocks: int) -> np.ndarray:
    """Return the logits from the definition, half by half; a row more goes to some blocks."""
    parts = np.split(returns, [len(returns) * block // blocks for block in range(1, blocks)])
    found = []
    for half in combinations(range(blocks), blocks // 2):
        train = np.concatenate([parts[block] for block in half])
        test = np.concatenate([parts[block] for block in range(blocks) if block not in half])
        inside, outside = (one.mean(axis=0) / one.std(axis=0, ddof=1) for one in (train, test))
        value = outside[inside.argmax()]
        share = ((outside < value).sum() + (outside <= value).sum() + 1) / 2 / (returns.shape[1] + 1)
        found.append(np.log(share / (1 - share)))
    return np.array(found)


@given(st.integers(0, 2**32), st.integers(40, 90), st.integers(2, 9), st.sampled_from([2, 4, 6]))
def test_it_is_what_the_definition_says(seed: int, bars: int, trials: int, blocks: int) -> None:
    returns = noise(np.random.default_rng(seed), bars, trials, 0.3)
    found = probability_of_backtest_overfitting(returns, blocks, remainder="spread")
    assert found.logits == pytest.approx(slowly(returns, blocks), abs=1e-12)
    assert found.probability == (found.logits <= 0).mean()
    assert found.bars == bars


def test_blocks_say_the_same_as_the_matrix() -> None:
    returns = noise(RNG, 1_003, 30, 0.4)
    whole = probability_of_backtest_overfitting(returns, 16, remainder="spread")
    sums = overfitting_of_blocks(rows_of(returns)["blocks"])
    assert sums.logits == pytest.approx(whole.logits, abs=1e-12)
    assert (sums.probability, sums.slope, sums.loss_probability) == pytest.approx(
        (whole.probability, whole.slope, whole.loss_probability), abs=1e-12
    )


def test_the_order_of_trials_and_the_size_of_returns_do_not_matter() -> None:
    returns = noise(RNG, 320, 12)
    found = probability_of_backtest_overfitting(returns, 8)
    turned = probability_of_backtest_overfitting(returns[:, ::-1] * 0.5, 8)
    assert np.array_equal(found.logits, turned.logits)


def test_a_remainder_is_dropped_or_spread() -> None:
    returns = noise(RNG, 1_007, 10)
    dropped = probability_of_backtest_overfitting(returns, 16)
    assert dropped.bars == 992
    assert np.array_equal(dropped.logits, probability_of_backtest_overfitting(returns[:992], 16).logits)
    assert probability_of_backtest_overfitting(returns, 16, remainder="spread").bars == 1_007


def test_equal_trials_share_their_rank() -> None:
    """Whatever is chosen of equals comes in the middle, and that is not above the median."""
    one = noise(RNG, 160, 1)
    found = probability_of_backtest_overfitting(np.repeat(one, 37, axis=1), 8)
    assert np.array_equal(found.logits, np.zeros(70))
    assert found.probability == 1.0


def test_a_trial_that_never_moves_is_0_and_no_reason_to_stop() -> None:
    returns = noise(RNG, 160, 5) - 0.02
    returns[:, 2] = 0.0
    found = probability_of_backtest_overfitting(returns, 8)
    assert found.probability == 0.0, "doing nothing was best everywhere"
    assert (found.in_sample == 0).all()
    constant = returns.copy()
    constant[:, 2] = 0.0001
    assert np.array_equal(probability_of_backtest_overfitting(constant, 8).logits, found.logits)


def test_an_edge_is_found_in_both_halves() -> None:
    returns = noise(RNG, 1_600, 40)
    returns[:, 7] += 0.003
    found = probability_of_backtest_overfitting(returns, 16)
    assert found.probability < 0.01
    assert found.loss_probability < 0.01
    assert "12,870 halves of 16 blocks" in str(found)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: probability_of_backtest_overfitting(noise(RNG, 20, 400)), UsageError, r"returns\.T"),
        (lambda: probability_of_backtest_overfitting(noise(RNG, 400, 1)), UsageError, "no choice"),
        (lambda: probability_of_backtest_overfitting(np.zeros(10)), UsageError, "time × trials"),
        (lambda: probability_of_backtest_overfitting(noise(RNG, 400, 3), 7), UsageError, "even number"),
        (lambda: probability_of_backtest_overfitting(noise(RNG, 400, 3), 22), UsageError, "from 2 to 20"),
        (lambda: probability_of_backtest_overfitting(noise(RNG, 25, 3), 16), DataError, "two bars or more"),
        (
            lambda: probability_of_backtest_overfitting([[1, 2], [3, np.nan], [1, 1]], 2),
            DataError,
            "row 1 of trial 1",
        ),
        (
            lambda: probability_of_backtest_overfitting(noise(RNG, 99, 3), remainder="keep"),
            UsageError,
            "'drop'",
        ),  # type: ignore[arg-type]
        (lambda: overfitting_of_blocks(np.zeros((5, 16))), UsageError, "blocks × 3"),
        (lambda: overfitting_of_blocks(np.zeros((1, 16, 3))), UsageError, "no choice"),
        (lambda: overfitting_of_blocks(np.full((4, 16, 3), np.nan)), DataError, "trial 0"),
        (lambda: overfitting_of_blocks(np.ones((4, 2, 3))), DataError, "1 bars in a block"),
        (lambda: effective_trials(noise(RNG, 50, 3), "rank"), UsageError, "'participation'"),  # type: ignore[arg-type]
    ],
)
def test_wrong_calls_say_what_would_be_right(call, error, said) -> None:
    with pytest.raises(error, match=said):
        call()


def test_a_wide_matrix_can_be_meant() -> None:
    wide = noise(RNG, 40, 60)
    assert probability_of_backtest_overfitting(wide, 4, more_trials_than_bars=True).trials == 60


@pytest.mark.parametrize("method", ["average_correlation", "entropy", "participation"])
def test_effective_trials_go_from_one_to_all(method) -> None:
    alone = noise(RNG, 4_000, 12)
    assert effective_trials(alone, method) == pytest.approx(12, rel=0.02)
    assert effective_trials(np.repeat(alone[:, :1], 12, axis=1), method) == pytest.approx(1, abs=1e-9)
    idle = np.hstack([alone, np.zeros((4_000, 5))])
    assert effective_trials(idle, method) == pytest.approx(effective_trials(alone, method))
    assert effective_trials(idle[:, 11:], method) == 1


def test_a_shared_part_leaves_many_trials_but_few_directions() -> None:
    shared = noise(RNG, 4_000, 100, 0.5)
    assert effective_trials(shared) == pytest.approx(50, abs=3)
    assert effective_trials(shared, "participation") < 5
