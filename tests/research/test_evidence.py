"""What a walk forward and a cross-validation may claim: noise that made money is not said to hold."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import eyas
from eyas.research import CombinatorialPurged, cross_validate, probabilistic_sharpe_ratio, walk_forward
from eyas.research.cross_validation import CrossValidation
from eyas.research.evidence import best_stretch, held, missing, probability_of_gain, ratio_of, returns_of
from eyas.research.stitched import WalkForward
from tests.research.markets import FollowArrays, walk

WALKS = 40


class Cross(eyas.Strategy):
    fast: int = 5
    slow: int = 30

    def signals(self, bars: eyas.Bars) -> eyas.Signals:
        quick = eyas.indicators.sma(bars.close, self.fast)
        calm = eyas.indicators.sma(bars.close, self.slow)
        return eyas.Signals(entries=quick > calm, exits=quick < calm)


class Always(eyas.Strategy):
    """Be in the market all the time, from the third bar on."""

    days: int = 1

    def signals(self, bars: eyas.Bars) -> eyas.Signals:
        return eyas.Signals(entries=np.arange(len(bars)) >= 0, exits=np.zeros(len(bars), bool))


def forward(
    seed: int, strategy: type[eyas.Strategy] = Cross, drift: float = 0.0, memory: float = 0.0
) -> WalkForward:
    market = walk(1_200, seed, drift=drift, memory=memory)
    periods = {"fast": [3, 8], "slow": [20, 50]} if strategy is Cross else {"days": [1, 2]}
    return walk_forward(strategy, market, train=300, test=150, quality="off", fee_rate=0, **periods)


def crossed(
    seed: int, strategy: type[eyas.Strategy] = Cross, drift: float = 0.0, memory: float = 0.0
) -> CrossValidation:
    market = walk(1_200, seed, drift=drift, memory=memory)
    periods = {"fast": [3, 8], "slow": [20, 50]} if strategy is Cross else {"days": [1, 2]}
    cut = CombinatorialPurged(4, 2, purge=5)
    return cross_validate(strategy, market, cut, warmup=50, quality="off", fee_rate=0, **periods)


def test_random_walks_do_not_hold_out_of_sample() -> None:
    """Half of them make money, many keep half of what the search promised; one in twenty may pass a test."""
    found = [forward(seed) for seed in range(1_000, 1_000 + WALKS)]
    kept_well = [one for one in found if one.verdict in ("holds", "unproven")]
    assert len(kept_well) > WALKS * 0.1
    assert sum(one.verdict == "holds" for one in found) <= WALKS * 0.05
    paths = [crossed(seed) for seed in range(1_000, 1_000 + WALKS)]
    assert sum(one.verdict in ("holds", "unproven") for one in paths) > WALKS * 0.3
    assert sum(one.verdict == "holds" for one in paths) <= WALKS * 0.075


def test_an_edge_holds() -> None:
    walked, paths = forward(5, FollowArrays, memory=0.35), crossed(5, FollowArrays, memory=0.35)
    assert walked.verdict == "holds", walked.sentence
    assert paths.verdict == "holds", paths.sentence
    assert paths.sentence.startswith("It holds on data it has not seen: ")
    assert walked.probability > 0.95
    assert dict(walked.rows())["Sharpe ratio above 0 with"] == f"{walked.probability:.1%}".replace("%", " %")


def test_who_only_holds_a_rising_market_is_told_so() -> None:
    walked, paths = forward(3, Always, drift=0.002), crossed(3, Always, drift=0.002)
    assert (walked.verdict, paths.verdict) == ("unproven", "unproven")
    for sentence in (walked.sentence, paths.sentence):
        assert "but this proves little" in sentence
        assert "holding the bars had as good a Sharpe ratio" in sentence


def test_the_market_beside_it_is_that_of_the_test_bars() -> None:
    market = walk(700, 4)
    study = walk_forward(
        FollowArrays, market, train=200, test=90, step=110, gap=5, quality="off", days=[1, 2]
    )
    close = market.close
    expected = [
        close[row] / close[row - 1] - 1 for start in range(205, 611, 110) for row in range(start, start + 90)
    ]
    assert study.market is not None
    np.testing.assert_array_equal(study.market, expected)
    assert len(study.market) == len(study.curve)


def test_a_window_that_stood_still_kept_nothing() -> None:
    study = forward(5, FollowArrays, memory=0.35)
    still = tuple(replace(one, score_out=math.nan) if one.number == 0 else one for one in study.windows)
    assert replace(study, windows=still).kept < study.kept
    unknown = tuple(replace(one, score_in=math.nan, score_out=math.nan) for one in study.windows)
    assert math.isnan(replace(study, windows=unknown).kept)


def test_the_probability_is_that_of_the_curve() -> None:
    moves = np.random.default_rng(2).normal(0.001, 0.01, 500)
    curve = 50 * np.cumprod(1 + moves)
    np.testing.assert_allclose(returns_of(50, curve), moves, atol=1e-14)
    assert probability_of_gain(returns_of(50, curve)) == pytest.approx(
        probabilistic_sharpe_ratio(moves), abs=1e-12
    )
    assert returns_of(1, np.array([0.5, 0.0, 0.0])).tolist() == [-0.5, -1.0]
    assert math.isnan(probability_of_gain(np.zeros(9)))
    assert math.isnan(ratio_of(np.zeros(1)))


def test_what_is_missing_comes_in_order() -> None:
    sure = np.random.default_rng(2).normal(0.005, 0.01, 500)
    assert missing(sure, None, 40) == []
    few, market = missing(sure, sure, 12)
    assert few == "12 trades are few, and 30 are asked for"
    assert market.startswith("holding the bars")
    assert missing(np.zeros(500), None, 40) == [
        "the Sharpe ratio is above 0 with a probability of n/a, a test asks for 95 %"
    ]


def test_one_stroke_of_luck_is_no_proof() -> None:
    stroke = np.r_[np.full(300, 0.0001), 0.5, np.full(299, 0.0001)]
    assert probability_of_gain(stroke) > 0.95
    assert best_stretch(stroke) == pytest.approx((0.5 + 0.0001 * 36) / (0.5 + 0.0599), abs=0.001)
    assert missing(stroke, None, 40) == ["one sixteenth of the time brought 90 % of the gain"]
    assert math.isnan(best_stretch(-stroke))
    assert math.isnan(best_stretch(np.zeros(3)))


def test_a_path_knows_its_trades() -> None:
    found = crossed(3, Always, drift=0.002)
    assert found.trades.tolist() == [4, 4, 4]
    assert "4 trades are few, and 30 are asked for" in found.doubts


def test_nobody_says_how_several_would_be_held() -> None:
    one = walk(50)
    assert held([one]) is not None
    assert held({"A": one, "B": one}) is None
    assert held([replace(one, close=one.close - 200)]) is None
