"""The reality check: close to arch's, even under luck, small where one trial is good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import UsageError
from eyas.research import reality_check, trial_returns
from eyas.sweep import sweep
from tests.research.markets import Follow, walk
from tests.research.test_splits import ORACLE

CASE = ORACLE["superior"]


def test_p_values_are_near_those_of_arch() -> None:
    found = reality_check(CASE["returns"], draws=4_000, block=CASE["length"], seed=2)
    assert found.p_value == pytest.approx(CASE["pvalues"]["upper"], abs=0.006)
    assert found.p_value_consistent == pytest.approx(CASE["pvalues"]["consistent"], abs=0.006)
    returns = np.array(CASE["returns"]) - 0.0012
    low = reality_check(returns, draws=2_000, block=CASE["length"])
    assert low.p_value >= low.p_value_consistent > 0.03


def test_p_values_are_even_where_there_is_nothing() -> None:
    found = np.array(
        [
            reality_check(np.random.default_rng(seed).standard_normal((120, 6)), draws=99, block=1).p_value
            for seed in range(60)
        ]
    )
    assert 0.38 < found.mean() < 0.62
    assert (found <= 0.1).mean() < 0.25


def test_one_good_trial_among_many_is_found() -> None:
    random = np.random.default_rng(1)
    returns = random.standard_normal((400, 20)) / 100
    returns[:, 7] += 0.004
    found = reality_check(returns, draws=199)
    assert found.best == 7
    assert found.p_value == pytest.approx(1 / 200)
    assert "brings more than luck usually would" in str(found)


def test_the_returns_of_a_sweep_are_those_of_its_runs() -> None:
    bars = walk(150, 2)
    found = sweep(Follow, bars, days=[1, 4], engine="python")
    returns = trial_returns(found)
    assert returns.shape == (150, 2)
    curve = np.r_[10_000.0, eyas.backtest(Follow(days=4), bars).curve]
    assert returns[:, 1].tolist() == (np.diff(curve) / curve[:-1]).tolist()


def test_a_sweep_is_no_matrix() -> None:
    found = sweep(Follow, walk(150, 2), days=[1, 4], engine="python")
    with pytest.raises(UsageError, match=r"trial_returns\(sweep\)"):
        reality_check(found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("returns", "sentence"),
    [
        (np.zeros((5, 2)), "at least 10 bars"),
        (np.zeros(20), "must be time × trials"),
        (np.full((20, 2), np.nan), "finite"),
        (np.zeros((20, 30)), "turn it round"),
    ],
)
def test_what_is_no_matrix_is_refused(returns: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        reality_check(returns)
