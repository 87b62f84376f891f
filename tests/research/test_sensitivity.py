"""Sensitivity: what costs eat up, and how much hangs on the last digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import StrategyError, UsageError
from eyas.research import sensitivity
from eyas.research.sensitivity import break_even, noisy, ranges
from tests.research.markets import Follow, FollowArrays, walk

EDGE = walk(400, 3, memory=0.4)


def test_each_row_is_the_run_at_these_costs() -> None:
    found = sensitivity.costs(Follow, EDGE, fee_rate=[0, 0.001], slippage=[0, 0.002])
    assert [dict(one) for one in found.costs] == [
        {"fee_rate": fee, "slippage": slip} for fee in (0, 0.001) for slip in (0, 0.002)
    ]
    for costs, figures in zip(found.costs, found.figures, strict=True):
        report = eyas.backtest(Follow, EDGE, **costs)  # type: ignore[arg-type]
        assert figures["equity_final"] == report.summary.equity_final
        assert figures["fees"] == report.summary.fees
    assert found.frame().height == 4


def test_at_the_break_even_fee_nothing_is_earned() -> None:
    found = sensitivity.costs(Follow, EDGE, slippage=0.0002)
    assert len(found.costs) == 4
    at = found.break_even
    earned = [
        eyas.backtest(Follow, EDGE, slippage=0.0002, fee_rate=at * by).summary.total_return
        for by in (0.98, 1.02)
    ]
    assert earned[0] > 0 > earned[1]
    assert found.sentence.startswith("It earns up to a fee of")


def test_the_verdict_compares_with_the_rules_own_fee() -> None:
    free = sensitivity.costs(Follow, EDGE, slippage=[0.0, 0.0002]).break_even
    verdicts = [
        sensitivity.costs(Follow, EDGE, fee_rate=free * share, slippage=[0.0]).verdict
        for share in (0.1, 0.8, 2)
    ]
    assert verdicts == ["robust", "thin", "none"]


@pytest.mark.parametrize(
    ("earned", "found"),
    [
        (lambda rate: 0.00037 - rate, 0.00037),
        (lambda rate: 0.031 - rate, 0.031),
        (lambda _: -1.0, 0.0),
        (lambda _: math.nan, 0.0),
        (lambda _: 1.0, math.inf),
    ],
)
def test_the_rate_is_found_by_halving(earned: Any, found: float) -> None:
    assert break_even(earned) == pytest.approx(found, rel=0.05, abs=1e-5)


def test_the_usual_fee_is_compared_with_also_where_none_is_tried() -> None:
    found = sensitivity.costs(FollowArrays, EDGE, fee_rate=0.0004)
    assert [one["fee_rate"] for one in found.costs] == [0.0, 0.0005, 0.001, 0.002]
    assert found.usual == 0.0004
    assert "0.040% of the rules" in found.sentence


class Broken(eyas.Strategy):
    """Fail at once."""

    def on_bar(self, bar: eyas.Bar) -> None:
        raise ValueError("never mind")


def test_a_strategy_that_fails_earns_nothing_that_could_be_said() -> None:
    for make in (sensitivity.costs, sensitivity.noise):
        with pytest.raises(StrategyError, match=r"Broken failed: .*never mind"):
            make(Broken, EDGE, engine="python")


def test_what_earns_nothing_or_everything_is_said() -> None:
    lost = sensitivity.costs(Follow, walk(300, 11, memory=-0.5), fee_rate=[0, 0.001])
    assert (lost.break_even, lost.verdict) == (0, "none")
    assert lost.sentence == "It earns nothing even without a fee."

    class Once(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy()

    held = sensitivity.costs(Once, walk(300, 1, drift=0.01))
    assert math.isinf(held.break_even)
    assert held.verdict == "robust"
    assert "look at what it trades on" in held.sentence


def test_noisy_bars_are_valid_and_as_noisy_as_said() -> None:
    random = np.random.default_rng(0)
    for scale in (0.1, 0.5):
        moved = noisy(EDGE, scale, random)
        assert (moved.high >= np.maximum(moved.open, moved.close)).all()
        assert (moved.low <= np.minimum(moved.open, moved.close)).all()
        assert moved.time.tolist() == EDGE.time.tolist()
        change = (moved.close - EDGE.close) / ranges(EDGE)
        assert change.std() == pytest.approx(scale, rel=0.15)


def test_noise_takes_away_what_hangs_on_single_bars() -> None:
    found = sensitivity.noise(FollowArrays, EDGE, scale=[2.0, 0.01], runs=15)
    assert list(found.scores) == [0.01, 2.0]
    assert found.kept(0.01) > 0.8 > found.kept(2.0)
    assert found.verdict == "robust"
    assert sensitivity.noise(FollowArrays, EDGE, scale=2.0, runs=15).verdict == "fragile"
    again = sensitivity.noise(FollowArrays, EDGE, scale=[2.0, 0.01], runs=15)
    assert found.frame().equals(again.frame())
    assert found.frame().height == 30


def test_nothing_can_be_kept_of_a_loss() -> None:
    found = sensitivity.noise(FollowArrays, walk(300, 11, memory=-0.5), runs=3)
    assert found.verdict == "unknown"
    assert "is not above 0" in found.sentence


def test_progress_counts_through() -> None:
    calls: list[tuple[int, int]] = []
    sensitivity.noise(FollowArrays, EDGE, scale=(0.1, 0.2), runs=2, progress=lambda *at: calls.append(at))
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: sensitivity.costs(Follow, EDGE, fee_rate=[]), "must be at least one"),
        (lambda: sensitivity.costs(Follow, EDGE, fees=[1]), "fees"),
        (lambda: sensitivity.noise(Follow, EDGE, scale=0), "scale is 0"),
        (lambda: sensitivity.noise(Follow, EDGE, scale=[]), "scale is"),
        (lambda: sensitivity.noise(Follow, EDGE, runs=-1), "runs is -1"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        make()


def test_they_print_within_a_terminal() -> None:
    costs = sensitivity.costs(Follow, EDGE, fee_rate=[0, 0.001], slippage=[0, 0.002], spread_rate=[0, 1e-4])
    noise = sensitivity.noise(FollowArrays, EDGE, runs=3)
    for found in (costs, noise):
        assert max(map(len, str(found).splitlines())) <= 100
        assert found.sentence[:20] in str(found)
