"""Many runs at once are the runs one by one: the same journals, the same figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.backtest import cash_text, checked_of
from eyas.indicators import sma
from eyas.loading import market_of
from eyas.model import Bars
from eyas.presets import rules_of
from eyas.sweep.figures import DONE, FAILED, FIGURES, REFUSED, TRIAL_DTYPE
from eyas.sweep.trials import Trials
from tests.test_engine import PerBar, UpFront
from tests.test_portfolio import walk

BARS = eyas.sample("BTCUSDT", "1m")[:3_000]
DAYS = eyas.sample("AAPL", "1d")
GRID = [{"fast": fast, "slow": slow} for fast in range(5, 15) for slow in (20, 31, 60)]


def trials_of(strategy: Any, bars: Any, engine: str = "auto", **changes: Any) -> Trials:
    rules = rules_of(None).changed(**changes)
    market = market_of(bars, None, "merged", rules)
    return Trials(strategy, market, rules, cash_text(10_000), checked_of(market, {}, None), engine)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_trials_in_threads_are_the_runs_one_by_one(threads: int) -> None:
    rows = trials_of(UpFront, BARS, fee_rate=0.0001).run(GRID, threads=threads)
    for row, parameters in zip(rows, GRID, strict=True):
        report = eyas.backtest(PerBar(**parameters), BARS, fee_rate=0.0001)
        assert bytes(row["digest"]).hex() == report.journal.digest
    assert len(set(rows["digest"].tolist())) > 20
    assert (rows["status"] == DONE).all()


@pytest.mark.parametrize("strategy", [UpFront, PerBar])
@pytest.mark.parametrize("bars", [BARS, DAYS], ids=["two days", "years"])
def test_a_row_says_what_the_summary_says(strategy: type[eyas.Strategy], bars: Bars) -> None:
    trials = trials_of(strategy, bars)
    row = trials.run([{"fast": 7}])[0]
    report = eyas.backtest(strategy(fast=7), bars)
    summary = report.summary
    for name in set(FIGURES) - {"refused", "ambiguous_bars", "volatility", "sortino", "calmar"}:
        stated, found = getattr(summary, name), row[name]
        if name == "sharpe" and stated is None:
            continue  # below 30 days a report is silent
        assert found == stated or (stated is None and math.isnan(found)), name
    assert row["ambiguous_bars"] == report.ambiguous_bars
    assert row["refused"] == summary.refused.get("cash must cover order", 0)


def test_every_engine_gives_the_same_rows() -> None:
    arrays = trials_of(UpFront, DAYS).run(GRID)
    python = trials_of(PerBar, DAYS, "python").run(GRID)
    compiled = trials_of(PerBar, DAYS, "compiled").run(GRID)
    assert arrays.tobytes() == python.tobytes() == compiled.tobytes()


def test_the_stretches_of_a_row_are_those_of_the_curve() -> None:
    row = trials_of(PerBar, DAYS).run([{}])[0]
    curve = np.r_[10_000.0, eyas.backtest(PerBar, DAYS).curve]
    returns = np.diff(curve) / curve[:-1]
    count = len(returns)
    for number, (bars, total, squares) in enumerate(row["blocks"]):
        part = returns[count * number // 16 : count * (number + 1) // 16]
        assert bars == len(part)
        assert total == pytest.approx(part.sum(), abs=1e-14)
        assert squares == pytest.approx((part**2).sum(), rel=1e-12)
    assert row["bars"] == count
    assert row["sum3"] == pytest.approx((returns**3).sum(), rel=1e-12)
    assert row["sum4"] == pytest.approx((returns**4).sum(), rel=1e-12)


class Picky(UpFront):
    def signals(self, bars: Bars) -> eyas.Signals:
        if self.fast == self.slow:
            raise eyas.UsageError("fast must differ from slow")
        return super().signals(bars) if self.fast < 100 else eyas.Signals(entries=[1, 2])


class Broken(PerBar):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == self.slow:
            raise RuntimeError("out of ideas")


def test_what_a_strategy_refuses_is_recorded_and_the_rest_goes_on() -> None:
    trials = trials_of(Picky, BARS)
    rows = trials.run([{"fast": 5}, {"fast": 30}, {"fast": 1}, {"fast": 200}, {"fast": 6}, {"fats": 6}])
    assert rows["status"].tolist() == [DONE, REFUSED, REFUSED, REFUSED, DONE, REFUSED]
    assert trials.messages[1] == "fast must differ from slow"
    assert trials.messages[2] == "Picky.fast is 1, but must be at least 2"
    assert "entries has shape (2,) for 3000 bars" in trials.messages[3]
    assert "did you mean fast?" in trials.messages[5]
    assert np.isnan(rows["sharpe"][1])
    assert rows["trades"][4] > 0


def test_a_strategy_that_fails_on_a_bar_fails_alone() -> None:
    trials = trials_of(Broken, BARS, "python")
    rows = trials.run([{"slow": 50}, {"slow": 5_000}])
    assert rows["status"].tolist() == [FAILED, DONE]
    assert trials.messages[0].startswith("Broken failed on bar 50 (")
    assert trials.messages[0].endswith("RuntimeError: out of ideas")


class Dividing(PerBar):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.close / (bar.index - self.slow) > 1e9:
            self.buy()


def test_what_fails_compiled_fails_as_it_does_in_python() -> None:
    grid = [{"slow": 50}, {"slow": 5_000}, {"slow": 0}, {"slow": -3}]
    told = []
    for engine in ("python", "compiled"):
        trials = trials_of(Dividing, BARS, engine)
        rows = trials.run(grid, threads=2)
        told.append((trials.engine, rows.tobytes(), trials.messages))
    assert told[0][1:] == told[1][1:]
    assert told[1][0] == "compiled"
    assert "ZeroDivisionError: float division by zero" in told[1][2][0]
    assert sorted(told[1][2]) == [0, 2, 3]


class Branching(PerBar):
    def on_bar(self, bar: eyas.Bar) -> None:
        print(bar.close)  # noqa: T201 - what it must not


def test_the_fastest_way_that_can_be_is_taken_and_why_is_said() -> None:
    assert (trials_of(PerBar, BARS).engine, trials_of(UpFront, BARS).engine) == ("compiled", "arrays")
    trials = trials_of(Branching, BARS)
    assert trials.engine == "python"
    assert "test_trials.py line" in trials.engine_reason
    assert "print" in trials.engine_reason
    with pytest.raises(eyas.UsageError, match="print"):
        trials_of(Branching, BARS, "compiled")


def test_a_portfolio_is_tried_too() -> None:
    class Several(eyas.Strategy):
        period: int = 10

        def signals(self, bars: Any) -> eyas.Signals:
            above = {symbol: one.close > sma(one.close, self.period) for symbol, one in bars.items()}
            return eyas.Signals(
                entries=above, exits={symbol: ~up for symbol, up in above.items()}, quantity=1
            )

    bars = {"A": walk(1, 400), "B": walk(2, 400)}
    grid = [{"period": period} for period in (3, 5, 9)]
    rows = trials_of(Several, bars).run(grid, threads=2)
    for row, parameters in zip(rows, grid, strict=True):
        report = eyas.backtest(Several(**parameters), bars)
        assert bytes(row["digest"]).hex() == report.journal.digest
        assert row["net_profit"] == report.summary.net_profit


def test_a_strategy_given_as_an_object_keeps_what_it_holds() -> None:
    made = PerBar(slow=40)
    made.note = "mine"  # type: ignore[attr-defined]
    row = trials_of(made, BARS, "python").run([{"fast": 9}])[0]
    assert bytes(row["digest"]).hex() == eyas.backtest(PerBar(fast=9, slow=40), BARS).journal.digest


COUNTED: list[int] = []


def counted_average(values: Any, period: int) -> Any:
    COUNTED.append(period)
    return sma(values, period)


class Counting(PerBar):
    def on_start(self) -> None:
        self.quick = self.use(counted_average, "close", self.fast)
        self.late = self.use(counted_average, "close", self.slow)


def test_indicators_are_computed_once() -> None:
    COUNTED.clear()
    trials_of(Counting, BARS, "python").run(GRID)
    periods = {one["fast"] for one in GRID} | {one["slow"] for one in GRID}
    assert set(COUNTED) == periods
    # Once whole, and once or twice on less data: does it look ahead?
    assert all(COUNTED.count(period) <= 3 for period in periods)


def test_the_names_of_rows_are_known() -> None:
    assert TRIAL_DTYPE.names is not None
    assert TRIAL_DTYPE.names[: len(FIGURES)] == FIGURES
