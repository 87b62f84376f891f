"""What is no number, no seed, no report is refused in a sentence, whoever is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import eyas
from eyas import research
from eyas.errors import UsageError
from eyas.research import monte_carlo, permutation, sensitivity
from tests.research.markets import Follow, FollowArrays, walk

ROW = np.random.default_rng(0).normal(0, 0.01, 100)
MATRIX = np.random.default_rng(0).normal(0, 0.01, (100, 5))
BARS = walk(120)


@pytest.mark.parametrize(
    "call",
    [
        lambda: research.probabilistic_sharpe_ratio("abc"),
        lambda: research.probabilistic_sharpe_ratio(["a", "b"]),
        lambda: research.deflated_sharpe_ratio(ROW, [[1.0], [1.0, 2.0]]),
        lambda: research.probability_of_backtest_overfitting([["a"]]),
        lambda: research.overfitting_of_blocks([[1], [1, 2]]),
        lambda: research.adjusted_p_values("x"),
        lambda: research.block_length(["a"] * 20),
        lambda: research.reality_check("abc"),
        lambda: research.plateau({"a": [1, 2]}, ["x", "y"], 0),
    ],
)
def test_what_are_no_numbers(call: Callable[[], Any]) -> None:
    with pytest.raises(UsageError, match=r"must be numbers in even rows: "):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: research.probabilistic_sharpe_ratio(ROW, "x"),
        lambda: research.probabilistic_sharpe_ratio(ROW, float("nan")),
        lambda: research.expected_maximum_sharpe("a", 1),
        lambda: research.expected_maximum_sharpe(float("inf"), 1),
        lambda: research.expected_maximum_sharpe(5, float("nan")),
        lambda: research.haircut_sharpe_ratios([0.1], "a"),
        lambda: research.resample("moving", 5, float("nan"), np.random.default_rng(0)),
        lambda: monte_carlo.bars(FollowArrays, BARS, runs=2, block="a"),
        lambda: sensitivity.noise(FollowArrays, BARS, scale="a"),
    ],
)
def test_what_is_no_finite_number(call: Callable[[], Any]) -> None:
    with pytest.raises(UsageError, match=r"but must be a finite number"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: research.probability_of_backtest_overfitting(MATRIX, "8"),
        lambda: research.probability_of_backtest_overfitting(MATRIX, 8.0),
        lambda: research.plateau({"a": [1, 2, 3]}, [1.0, 2.0, 3.0], 1.5),
        lambda: monte_carlo.bars(FollowArrays, BARS, runs=2, seed=-1),
        lambda: permutation.bars(FollowArrays, BARS, runs=2, seed=None),
        lambda: list(research.CombinatorialPurged().split(None)),
        lambda: list(research.CombinatorialPurged().split(-5)),
        lambda: research.cross_validate(FollowArrays, BARS, warmup=-1, days=[1, 2]),
        lambda: research.cross_validate(FollowArrays, BARS, warmup="30d", days=[1, 2]),
    ],
)
def test_what_is_no_whole_number(call: Callable[[], Any]) -> None:
    with pytest.raises(UsageError, match=r"must be a whole number of at least"):
        call()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: monte_carlo.trades(5), "must be what eyas.backtest returns"),
        (lambda: permutation.entries("x"), "must be what eyas.backtest returns"),
        (lambda: research.trial_returns(5), "must be what eyas.sweep returns"),
        (lambda: research.study_statistics([1, 2]), "give the structured array of a sweep"),
        (lambda: research.deflated_sharpe_ratio_2025(ROW, [0.1, 0.2], deviation_of_maximum=-1), "above 0"),
        (lambda: research.cross_validate(FollowArrays, BARS, 5, days=[1, 2]), "must be CombinatorialPurged"),
        (
            lambda: research.cross_validate(FollowArrays, BARS, research.Rolling(50, 20), days=[1, 2]),
            "windows that roll are those of eyas.research.walk_forward",
        ),
        (lambda: research.walk([Follow, FollowArrays], BARS, fee=3), "fee"),
    ],
)
def test_what_is_something_else(call: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        call()


def test_a_constraint_counts_on_every_stretch_that_is_learned_from() -> None:
    cut = research.PurgedKFold(3)
    words: dict[str, Any] = {"quality": "off", "days": [1, 3, 9], "fee_rate": 0}
    free = research.cross_validate(FollowArrays, BARS, cut, objective="-fees", **words)
    assert {one.parameters["days"] for one in free.splits} == {1}
    many = eyas.backtest(FollowArrays(days=1), BARS[:40], fee_rate=0).summary.trades
    with pytest.raises(UsageError, match="no trial can be judged"):
        research.cross_validate(
            FollowArrays, BARS, cut, constraints=lambda row: row.trades > 10 * many, **words
        )
    bound = research.cross_validate(FollowArrays, BARS, cut, constraints=lambda row: row.trades <= 8, **words)
    assert all(one.parameters["days"] != 1 for one in bound.splits)
