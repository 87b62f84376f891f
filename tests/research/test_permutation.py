"""Permutation tests: p-values are even under luck, and small where there is something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import UsageError
from eyas.research import permutation
from eyas.research.permutation import p_value
from eyas.research.placing import placed_of
from tests.research.markets import Follow, FollowArrays, walk

BARS = walk(300, 8)


def test_p_values_are_even_where_there_is_nothing() -> None:
    found = np.array(
        [permutation.bars(FollowArrays, walk(120, seed), runs=19, seed=seed).p_value for seed in range(40)]
    )
    assert 0.35 < found.mean() < 0.65
    assert (found <= 0.1).mean() < 0.3
    assert (found >= 0.9).mean() < 0.3
    assert set(np.round(found * 20).astype(int).tolist()) <= set(range(1, 21))


def test_a_planted_edge_is_found() -> None:
    found = permutation.bars(FollowArrays, walk(300, 3, memory=0.6), runs=60)
    assert found.p_value == pytest.approx(1 / 61)
    assert found.verdict == "edge"
    assert "the least that 60 runs can say" in found.sentence


def test_a_search_is_repeated_on_every_market() -> None:
    words: dict[str, Any] = {"days": [1, 2, 3, 5, 8], "engine": "arrays", "objective": "sharpe"}
    searched = permutation.bars(FollowArrays, BARS, runs=15, **words)
    alone = permutation.bars(FollowArrays(days=2), BARS, runs=15, objective="sharpe")
    assert searched.scores.actual >= alone.scores.actual
    assert (searched.scores.values >= alone.scores.values).all()
    assert "the search repeated on each" in str(searched)


def test_what_cannot_be_said_counts_as_reached() -> None:
    assert p_value(1.0, np.array([0.0, np.nan, 2.0, 1.0])) == pytest.approx(4 / 5)
    assert p_value(9.0, np.array([0.0, 1.0, 2.0])) == pytest.approx(1 / 4)


class Oracle(eyas.Strategy):
    """Be in the market where it rises most: it knows."""

    def on_bar(self, bar: eyas.Bar) -> None:
        place = bar.index % 20
        if place == 4 and self.is_flat:
            self.buy()
        elif place == 9:
            self.close()


def test_entries_at_the_right_times_are_found() -> None:
    rising = np.arange(300) % 20
    jumps = np.exp(np.cumsum(np.where((rising > 4) & (rising < 10), 0.02, -0.006)))
    columns = {name: np.round(getattr(BARS, name) * jumps, 2) for name in ("open", "high", "low", "close")}
    columns["high"] = np.maximum.reduce([columns["high"], columns["open"], columns["close"]])
    columns["low"] = np.minimum.reduce([columns["low"], columns["open"], columns["close"]])
    bars = eyas.bars({"time": BARS.time, **columns})
    found = permutation.entries(eyas.backtest(Oracle, bars), runs=60)
    assert found.p_value == pytest.approx(1 / 61)
    luck = permutation.entries(eyas.backtest(Oracle, walk(300, 2)), runs=60)
    assert luck.p_value > 0.05


def test_random_entries_are_as_many_and_as_long() -> None:
    report = eyas.backtest(Follow(days=3), BARS)
    placed = placed_of(report)
    lengths = placed.length
    random = np.random.default_rng(0)
    for _ in range(50):
        first, order = placed.draw(random)
        assert sorted(order.tolist()) == list(range(len(lengths)))
        last = first + lengths[order]
        assert first[0] >= 1
        assert (first[1:] >= last[:-1]).all()
        assert last[-1] <= len(BARS)


def test_the_true_times_come_to_what_the_run_came_to() -> None:
    report = eyas.backtest(Follow(days=3), BARS, fee_rate=0.001)
    found = permutation.entries(report, runs=5)
    assert found.scores.actual == pytest.approx(report.summary.total_return, abs=1e-9)


class Twice(eyas.Strategy):
    """Hold two tickets at once."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index in (2, 5):
            self.buy(fraction=0.3)
        if bar.index == 9:
            self.close()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: permutation.bars(Follow, BARS, runs=0), "runs is 0"),
        (
            lambda: permutation.bars(Follow(days=299), BARS, objective="win_rate"),
            "has no win_rate to compare",
        ),
        (lambda: permutation.bars(Follow, BARS, objective="luck"), "luck"),
        (lambda: permutation.entries(eyas.backtest(Twice, BARS)), "inside another"),
        (lambda: permutation.entries(eyas.backtest(Follow(days=299), BARS)), "no closed trades"),
        (
            lambda: permutation.entries(eyas.backtest(Twice, {"A": BARS, "B": walk(300, 9)})),
            "test each symbol by itself",
        ),
    ],
)
def test_what_cannot_be_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        make()


def test_it_prints_itself_within_a_terminal() -> None:
    found = permutation.bars(FollowArrays, BARS, runs=9, objective="max_drawdown")
    assert max(map(len, str(found).splitlines())) <= 100
    assert f"p = {found.p_value:.3g}" in str(found)
    assert found.frame()["score"].to_list() == found.scores.values.tolist()
    assert "-" not in str(found).splitlines()[3].replace("max-drawdown", "")


def test_ctrl_c_keeps_the_runs_that_are_done() -> None:
    def stop(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    report = eyas.backtest(Follow(days=3), BARS)
    for found in (
        permutation.bars(FollowArrays, BARS, runs=20, progress=stop),
        permutation.bars(FollowArrays, BARS, runs=20, days=[1, 2], engine="arrays", progress=stop),
        permutation.entries(report, runs=20, progress=stop),
    ):
        assert found.runs == 4
        assert "Interrupted after 4 of 20 runs" in str(found)


def test_one_value_of_a_parameter_is_no_search() -> None:
    said = permutation.bars(FollowArrays, BARS, runs=5, days=3)
    assert (
        said.scores.values.tolist()
        == permutation.bars(FollowArrays(days=3), BARS, runs=5).scores.values.tolist()
    )
