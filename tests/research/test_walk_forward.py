"""Walking forward: exact money from window to window, and nothing of what comes later."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.errors import StrategyError, UsageError
from eyas.model import Bars
from eyas.research import WalkForward, searching, walk_forward
from eyas.research.late import deciding_from
from eyas.sweep import sweep
from tests.research.markets import DAY_NS, START_NS, Follow, FollowArrays, walk

BARS = walk(420, 7)
WORDS: dict[str, Any] = {"train": 120, "test": 60, "days": [1, 2, 5], "engine": "python", "workers": 1}


def study(bars: Any = BARS, strategy: Any = Follow, **words: Any) -> WalkForward:
    return walk_forward(strategy, bars, **{**WORDS, **words})


def own_study(bars: Any, strategy: Any, **words: Any) -> WalkForward:
    """Walk a strategy forward whose parameters are others."""
    shared = {name: value for name, value in WORDS.items() if name != "days"}
    return walk_forward(strategy, bars, **{**shared, **words})


def traces(found: WalkForward, count: int) -> list[Any]:
    """What a window is, but for its number: everything that later data could have changed."""
    return [
        (one.parameters, one.score_in, one.cash, one.cash_at_end, one.curve.tolist(), one.digest)
        for one in found.windows[:count]
    ]


def test_windows_carry_exact_money() -> None:
    found = study(fee_rate="0.0007", cash="9999.99")
    assert len(found.windows) == 5
    assert found.windows[0].cash == "9999.99"
    for one, following in zip(found.windows, found.windows[1:], strict=False):
        assert following.cash == one.cash_at_end
        assert float(Decimal(one.cash_at_end)) == pytest.approx(one.curve[-1], rel=1e-15)
    assert found.curve.tolist() == np.concatenate([one.curve for one in found.windows]).tolist()
    assert found.time.tolist() == BARS.time[120:420].tolist()
    assert found.figures["total_return"] == pytest.approx(found.curve[-1] / 9999.99 - 1)
    assert found.figures["trades"] == sum(one.figures_out["trades"] for one in found.windows)
    assert found.equity.height == 300
    assert found.trades.height == found.figures["trades"]
    assert found.trades["entry_bar"].min() >= 1
    assert found.trades["exit_bar"].max() <= 59


def test_each_window_is_the_sweep_and_the_run_that_it_says() -> None:
    found = study()
    for one in found.windows:
        first = int(np.searchsorted(BARS.time, one.test[0]))
        own = {
            days: eyas.backtest(Follow(days=days), BARS[first - 120 : first]).summary.sharpe
            for days in (1, 2, 5)
        }
        best = max(own, key=lambda days: own[days] if own[days] is not None else -math.inf)
        assert one.parameters == {"days": best}
        assert one.score_in == own[best]
        assert one.trials == 3
        assert one.warm_steps == 120


@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize("strategy", [Follow, FollowArrays])
def test_what_comes_later_changes_nothing_before(strategy: Any, *, anchored: bool) -> None:
    words = {"engine": "auto", "anchored": anchored, "strategy": strategy}
    whole = study(**words)
    random = np.random.default_rng(1)
    for windows in (1, 3, 4):
        end = 120 + 60 * windows
        cut = study(BARS[:end], **words)
        assert len(cut.windows) == windows
        assert traces(cut, windows) == traces(whole, windows)
        factor = np.ones(len(BARS))
        factor[end:] = np.exp(np.cumsum(0.05 * random.standard_normal(len(BARS) - end)))
        columns = {name: getattr(BARS, name) * factor for name in ("open", "high", "low", "close")}
        altered = study(replace(BARS, **columns), **words)
        assert traces(altered, windows) == traces(whole, windows)
        assert traces(altered, 5) != traces(whole, 5)


def test_the_test_bars_of_a_window_do_not_choose_its_parameters() -> None:
    whole = study()
    factor = np.ones(len(BARS))
    factor[120:] = np.linspace(1, 3, len(BARS) - 120)
    columns = {name: getattr(BARS, name) * factor for name in ("open", "high", "low", "close")}
    altered = study(replace(BARS, **columns))
    assert altered.windows[0].parameters == whole.windows[0].parameters
    assert altered.windows[0].score_in == whole.windows[0].score_in
    assert altered.windows[0].curve.tolist() != whole.windows[0].curve.tolist()


class Late(eyas.Strategy):
    """Know how warm it is at the first bar that it is asked about."""

    days: int = 5

    def on_start(self) -> None:
        self.average = self.use(eyas.indicators.sma, "close", self.days)
        self.first = True

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.first:
            WARM.append((len(self.bars), math.isfinite(self.average[-1])))
            self.first = False
        if bar.index % 7 == 0:
            self.buy() if self.is_flat else self.close()


WARM: list[tuple[int, bool]] = []


@pytest.mark.parametrize(
    ("warmup", "seen"), [(None, 121), (0, 1), (30, 31), ("30d", 31)], ids=["train", "none", "bars", "time"]
)
def test_the_warm_up_is_seen_and_not_traded(warmup: Any, seen: int) -> None:
    WARM.clear()
    found = study(strategy=Late, days=[5, 10], warmup=warmup, test=150)
    # The search's own runs begin cold; the last call is that of a test run.
    assert WARM[-1] == (seen, seen > 10)
    assert found.windows[0].warm_steps == seen - 1
    assert found.windows[0].curve[0] == 10_000


def test_a_planted_edge_is_kept_and_noise_is_not() -> None:
    edge = study(walk(900, 3, memory=0.5), train=300, test=100)
    assert edge.kept > 0.5
    assert edge.verdict == "holds"
    assert edge.figures["sharpe"] > 1
    assert edge.stability["days"]["usual"] == 1
    noise = [study(walk(900, seed), train=300, test=100).figures["sharpe"] for seed in range(6)]
    assert abs(np.mean(noise)) < 0.8


def test_a_window_in_which_nothing_can_be_judged_is_idle() -> None:
    class Seldom(Follow):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.time >= BARS.time[150]:
                super().on_bar(bar)

    found = study(strategy=Seldom, train=60)
    assert found.windows[0].parameters is None
    assert found.windows[0].remark == "no trial traded"
    assert set(found.windows[0].curve.tolist()) == {10_000.0}
    assert found.windows[1].cash == "10000"
    assert found.windows[-1].parameters is not None
    assert "no trial traded" in str(found)


def test_a_window_runs_again() -> None:
    found = study(fee_rate=0.001)
    again = found.rerun(2)
    assert again.journal.digest == found.windows[2].digest
    assert len(again.curve) == 180
    assert again.curve[120:].tolist() == found.windows[2].curve.tolist()
    with pytest.raises(UsageError, match="there is no window 5; there are 0 to 4"):
        found.rerun(5)
    TURN[:] = [0.0]
    moody = own_study(BARS, Moody, days=[1, 2])
    TURN[:] = [1.0]
    with pytest.raises(StrategyError, match="went another way than before"):
        moody.rerun(0)


class Moody(Follow):
    """Do something else when the mood is another."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if not TURN[0]:
            super().on_bar(bar)


TURN: list[float] = []


def test_all_idle_is_refused() -> None:
    with pytest.raises(UsageError, match="no trial of any window can be judged by sharpe: no trial traded"):
        study(strategy=Follow, bars=replace_prices(BARS))
    with pytest.raises(UsageError, match="a run of less than 30 days has none of a year"):
        study(train=20, test=10, objective="calmar")


def replace_prices(bars: Bars) -> Bars:
    """Bars that never move."""
    same = np.full(len(bars), 100.0)
    return replace(bars, open=same, high=same, low=same, close=same)


def test_what_grows_with_time_is_compared_over_as_much_time() -> None:
    found = study(objective="total_return")
    for one in found.windows:
        assert one.scale == 0.5
        assert one.score_in == one.figures_in["total_return"]
        if one.score_in > 0:
            assert one.kept == pytest.approx(one.figures_out["total_return"] / (one.score_in / 2))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"train": 400, "test": 60}, "shorter than one window"),
        ({"step": 30}, "the tests of two windows would overlap"),
        ({"fee_ratio": 0.1}, "fee_ratio"),
        ({"day": [1, 2]}, "day"),
        ({"objective": "sharp"}, "did you mean sharpe"),
        ({"objective": ["sharpe", "trades"]}, "must be one objective"),
    ],
)
def test_what_cannot_be_is_refused(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        study(**words)


def test_it_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    whole = study(store=tmp_path / "whole")
    seen: list[int] = []

    def stop(done: int, total: int) -> None:
        seen.append(done)
        if done == 2:
            raise KeyboardInterrupt

    part = study(store=tmp_path / "part", progress=stop)
    assert part.interrupted
    assert traces(part, 2) == traces(whole, 2)
    assert "Interrupted: the windows so far." in str(part)
    assert "2 of 5, rolling" in str(part)
    assert sorted(path.name for path in (tmp_path / "part").glob("*.sqlite")) == [
        "window-0000.sqlite",
        "window-0001.sqlite",
    ]
    again = study(store=tmp_path / "part")
    assert traces(again, 5) == traces(whole, 5)
    assert seen == [1, 2]


def test_what_is_in_the_store_is_not_searched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    def counted(*given: Any, **words: Any) -> Any:
        found = sweep(*given, **words)
        ran.append(found.course.ran)
        return found

    monkeypatch.setattr(searching, "sweep", counted)
    first = study(store=tmp_path)
    assert ran == [3] * 5
    again = study(store=tmp_path)
    assert ran == [3] * 5 + [0] * 5
    assert traces(again, 5) == traces(first, 5)


def test_a_failure_out_of_sample_says_in_which_window() -> None:
    class Trap(Follow):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.time == BARS.time[200]:
                raise ValueError("caught")
            super().on_bar(bar)

    with pytest.raises(StrategyError, match="caught") as caught:
        study(strategy=Trap)
    assert caught.value.__notes__[0].startswith("in the test of window 1 of the walk forward, with {'days':")


def test_ctrl_c_within_a_window_keeps_those_before() -> None:
    class Stop(Follow):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.time >= AT[0]:
                raise KeyboardInterrupt
            super().on_bar(bar)

    # In the third test run, and, before any window, in the first search.
    AT[:] = [int(BARS.time[270])]
    found = study(strategy=Stop)
    assert found.interrupted
    assert traces(found, 2) == traces(study(), 2)
    AT[:] = [int(BARS.time[30])]
    with pytest.raises(KeyboardInterrupt):
        study(strategy=Stop)


AT: list[int] = []


def test_it_prints_itself_within_a_terminal() -> None:
    found = study(fee_rate=0.001)
    text = str(found)
    assert max(map(len, text.splitlines())) <= 100
    for part in (
        "walked forward by sharpe",
        "window",
        "Kept of the sharpe",
        "most often",
        found.sentence[:20],
    ):
        assert part in text
    frame = found.frame()
    assert frame.height == 5
    assert frame["days"].to_list() == [one.parameters["days"] for one in found.windows if one.parameters]
    assert repr(found).startswith("<WalkForward Follow: 5 windows")


def test_all_lost_is_the_end() -> None:
    class Debt(eyas.Strategy):
        """Owe ten times what it has, once it may."""

        size: float = 9.0

        def on_bar(self, bar: eyas.Bar) -> None:
            if self.is_flat and bar.time >= BARS.time[100]:
                self.buy(notional=self.account.equity * self.size)

    close = BARS.close * np.where(np.arange(len(BARS)) > 140, 0.5, 1)
    fallen = replace(BARS, open=close, high=close, low=close, close=close)
    found = own_study(fallen, Debt, size=[8.0, 9.0], leverage=10)
    assert found.ruined
    assert len(found.windows) == 1
    assert float(found.windows[0].cash_at_end) <= 0
    assert found.verdict == "loses"
    assert "all money was gone in window 1" in found.sentence
    assert "1 of 5" in str(found)


def test_a_portfolio_walks_forward() -> None:
    class Turns(eyas.Strategy):
        days: int = 2

        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index % self.days == 0:
                self.buy(fraction=0.4) if self.is_flat else self.close()

    pair = {"A": walk(420, 1, symbol="A"), "B": walk(420, 2, symbol="B")}
    found = study(pair, Turns, days=[2, 3, 9], anchored=True, gap=5)
    assert found.anchored
    assert len(found.windows) == 4
    assert set(found.trades["symbol"]) == {"A", "B"}
    assert len(found.curve) == 240


def test_finer_bars_and_extras_go_along() -> None:
    quarter = walk(1_200, 5)
    hours = eyas.bars(
        {
            "time": START_NS + DAY_NS // 4 * np.arange(1_200),
            **{name: getattr(quarter, name) for name in ("open", "high", "low", "close", "volume")},
        },
        timeframe="6h",
    )
    parts = {
        name: getattr(hours, name).reshape(300, 4) for name in ("open", "high", "low", "close", "volume")
    }
    days = eyas.bars(
        {
            "time": hours.time[::4],
            "open": parts["open"][:, 0],
            "high": parts["high"].max(axis=1),
            "low": parts["low"].min(axis=1),
            "close": parts["close"][:, -1],
            "volume": parts["volume"].sum(axis=1),
        },
        timeframe="1d",
    )

    class Bracket(eyas.Strategy):
        share: float = 0.01

        def on_bar(self, bar: eyas.Bar) -> None:
            SEEN.append(len(self.extra["rates"].level))
            if self.is_flat:
                self.buy(take_profit=self.share, stop_loss=self.share)

    rates = pl.DataFrame({"time": days.time, "level": np.arange(300.0)})
    words: dict[str, Any] = {"finer": hours, "extra": {"rates": rates}, "tie": "finer_bars"}
    found = own_study(days, Bracket, share=[0.01, 0.02], **words)
    assert len(found.windows) == 3
    first = found.windows[0]
    assert first.parameters is not None
    # The run of a window by itself, from the history that it sees.
    late = deciding_from(Bracket(**first.parameters), int(days.time[120]))
    inside = hours[: 180 * 4]
    alone = eyas.backtest(late, days[:180], finer=inside, extra={"rates": rates}, tie="finer_bars")
    assert first.digest == alone.journal.digest
    assert len(alone.trades) > 3


SEEN: list[int] = []
