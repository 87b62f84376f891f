"""Monte Carlo: other orders of the same trades, other markets of the same moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import StrategyError, UsageError
from eyas.research import monte_carlo
from tests.research.markets import Follow, FollowArrays, walk

BARS = walk(300, 8)
REPORT = eyas.backtest(Follow(days=2), BARS, fee_rate=0.0005)


def test_another_order_ends_where_the_true_one_did() -> None:
    for sizes in ("fraction", "money"):
        found = monte_carlo.trades(REPORT, runs=200, method="shuffle", sizes=sizes)  # type: ignore[arg-type]
        assert found["equity_final"].values == pytest.approx(np.full(200, REPORT.curve[-1]), rel=1e-9)
        assert found["equity_final"].actual == pytest.approx(REPORT.curve[-1])
        assert found["max_drawdown"].values.std() > 0
        assert found["max_drawdown"].actual <= REPORT.summary.max_drawdown + 1e-12


def test_drawdowns_are_those_of_each_order() -> None:
    found = monte_carlo.trades(REPORT, runs=20, sizes="money", seed=4)
    profit = REPORT.trades["profit"].to_numpy()
    order = np.random.default_rng(4).integers(len(profit), size=(20, len(profit)))
    for row, fall, end in zip(order, found["max_drawdown"].values, found["equity_final"].values, strict=True):
        equity, peak, deepest = 10_000.0, 10_000.0, 0.0
        for one in profit[row]:
            equity += one
            peak = max(peak, equity)
            deepest = max(deepest, (peak - equity) / peak)
        assert fall == pytest.approx(deepest)
        assert end == pytest.approx(equity)


def test_a_seed_says_it_all() -> None:
    one, same, other = (monte_carlo.trades(REPORT, runs=50, seed=seed).frame() for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_ruin_counts_the_runs_that_fall_so_deep() -> None:
    deep = monte_carlo.trades(REPORT, runs=300, ruin=0.05)
    assert deep.ruined == pytest.approx((deep["max_drawdown"].values >= 0.05).mean())
    assert deep.ruined > monte_carlo.trades(REPORT, runs=300, ruin=0.9).ruined


@pytest.mark.parametrize("method", ["stationary", "moving", "circular"])
@pytest.mark.parametrize("strategy", [Follow(days=2), FollowArrays(days=2)], ids=["per bar", "arrays"])
def test_markets_are_run_by_the_kernel(strategy: eyas.Strategy, method: Any) -> None:
    calls: list[int] = []
    found = monte_carlo.bars(
        strategy,
        BARS,
        runs=12,
        method=method,
        block=10,
        fee_rate=0.0005,
        progress=lambda done, _: calls.append(done),
    )
    assert calls == list(range(1, 13))
    assert found["total_return"].actual == pytest.approx(
        eyas.backtest(strategy, BARS, fee_rate=0.0005).summary.total_return
    )
    assert len(set(found["total_return"].values.tolist())) == 12
    again = monte_carlo.bars(strategy, BARS, runs=12, method=method, block=10, fee_rate=0.0005)
    assert found.frame().equals(again.frame())


def test_memory_survives_long_blocks_and_not_short_ones() -> None:
    bars = walk(500, 3, memory=0.6)
    long, short = (
        monte_carlo.bars(FollowArrays(), bars, runs=30, method="moving", block=block)["sharpe"].percentile(50)
        for block in (60, 1)
    )
    assert long > 2
    assert abs(short) < 1.5


class Broken(eyas.Strategy):
    """Fail where the market falls far enough."""

    limit: float = 0.0

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.close < self.limit:
            raise ValueError("too low")
        if bar.index == 0:
            self.buy()


def test_runs_that_fail_are_told_of() -> None:
    lowest = float(BARS.low.min())
    found = monte_carlo.bars(Broken(limit=lowest * 0.98), BARS, runs=40, block=5)
    assert 0 < len(found.failures) <= 20
    assert "too low" in found.failures[0]
    assert np.isnan(found["total_return"].values).sum() == len(found.failures)
    assert "Failed:" in str(found)
    with pytest.raises(StrategyError, match=r"Broken failed: .*too low"):
        monte_carlo.bars(Broken(limit=1e9), BARS, runs=5, block=5)
    with pytest.raises(StrategyError, match="of 10 markets"):
        monte_carlo.bars(Broken(limit=lowest - 0.001), walk_up(), runs=10, block=5)


def walk_up() -> Any:
    """Bars whose lowest price is the first: nearly every other order of them falls below."""
    bars = walk(300, 8)
    return bars[int(bars.close.argmin()) :]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: monte_carlo.trades(REPORT, runs=0), "runs is 0"),
        (lambda: monte_carlo.trades(REPORT, method="twist"), "method='twist'"),  # type: ignore[arg-type]
        (lambda: monte_carlo.trades(REPORT, ruin=0), "ruin is 0"),
        (lambda: monte_carlo.trades(eyas.backtest(Follow(days=299), BARS)), "closed trades"),
        (lambda: monte_carlo.bars(Follow, BARS, block=4000), "does not go into 299"),
        (lambda: monte_carlo.bars(Follow, BARS, method="twist"), "method is 'twist'"),  # type: ignore[arg-type]
        (lambda: monte_carlo.bars(Follow, BARS, keep=300), "keep is 300"),
        (lambda: monte_carlo.bars(Follow, BARS, fee=1), "fee"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        make()


def test_it_prints_itself_within_a_terminal() -> None:
    for found in (monte_carlo.trades(REPORT, runs=50), monte_carlo.bars(FollowArrays, BARS, runs=5)):
        assert max(map(len, str(found).splitlines())) <= 100
        assert "of the runs lose money" in str(found)
        assert found.frame().height == found.runs


def test_ctrl_c_keeps_the_runs_that_are_done() -> None:
    def stop(done: int, _: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    found = monte_carlo.bars(FollowArrays, BARS, runs=20, block=10, progress=stop)
    whole = monte_carlo.bars(FollowArrays, BARS, runs=20, block=10)
    assert found.runs == 7
    assert found.frame().equals(whole.frame()[:7])
    assert "Interrupted after 7 of 20 runs" in str(found)
