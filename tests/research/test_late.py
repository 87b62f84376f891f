"""A strategy that decides late is warm, trades no bar before, and never sees one after."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import UsageError
from eyas.research.late import Markets, cash_at_the_end, run_late, with_parameters
from eyas.research.measures import after, figures_of
from tests.research.markets import Follow, FollowArrays, walk

BARS = walk(300, 5)


class Watcher(eyas.Strategy):
    """Write down which bars it was asked about, and what was known."""

    days: int = 50

    def on_start(self) -> None:
        self.average = self.use(eyas.indicators.sma, "close", self.days)

    def on_bar(self, bar: eyas.Bar) -> None:
        ASKED.append((bar.time, self.average[-1], len(self.bars)))


ASKED: list[tuple[int, float, int]] = []


def test_it_is_asked_from_its_first_bar_on_and_is_warm_there() -> None:
    ASKED.clear()
    report, first = run_late(Watcher(), Markets.of(BARS), (100, 180, 240), {})
    assert first == 80
    assert len(report.curve) == 140
    assert [time for time, _, _ in ASKED] == BARS.time[180:240].tolist()
    assert [known for _, known, _ in ASKED] == pytest.approx(
        [BARS.close[row - 49 : row + 1].mean() for row in range(180, 240)]
    )
    assert [seen for _, _, seen in ASKED] == list(range(81, 141))


@pytest.mark.parametrize("strategy", [Follow(days=3), FollowArrays(days=3)], ids=["per bar", "arrays"])
def test_nothing_is_traded_before(strategy: eyas.Strategy) -> None:
    report, first = run_late(strategy, Markets.of(BARS), (100, 180, 300), {"fee_rate": 0.001})
    assert (report.curve[:first] == 10_000).all()
    assert report.journal.records["bar"][report.journal.where("filled")].min() > first
    assert report.summary.trades > 5
    assert report.strategy == type(strategy).__name__


def test_both_ways_trade_the_same() -> None:
    options = {"fee_rate": 0.001}
    per_bar, _ = run_late(Follow(days=2), Markets.of(BARS), (100, 180, 300), options)
    arrays, _ = run_late(FollowArrays(days=2), Markets.of(BARS), (100, 180, 300), options)
    # Arrays that were already long do not enter again: the first trade may differ.
    assert per_bar.trades["exit_time"].to_list()[1:] == arrays.trades["exit_time"].to_list()[1:]


class AtOnce(eyas.Strategy):
    """Buy before the first bar."""

    def on_start(self) -> None:
        self.buy()


def test_who_buys_in_on_start_does_not_trade_on_the_history() -> None:
    for start in (100, 179):
        with pytest.raises(UsageError, match=r"AtOnce trades before the bars .* on_start: .* give warmup=0"):
            run_late(AtOnce(), Markets.of(BARS), (start, 180, 300), {})
    report, first = run_late(AtOnce(), Markets.of(BARS), (180, 180, 300), {})
    assert (first, report.summary.trades) == (0, 1)


def test_without_history_it_is_a_plain_run() -> None:
    late, first = run_late(Follow(days=2), Markets.of(BARS), (180, 180, 300), {})
    assert first == 0
    assert late.journal.digest == eyas.backtest(Follow(days=2), BARS[180:300]).journal.digest


def test_the_figures_are_those_of_the_part_that_was_traded() -> None:
    report, first = run_late(Follow(days=2), Markets.of(BARS), (100, 180, 300), {})
    alone = figures_of(report, first)
    part = after(report, first)
    assert part.summary.start.startswith(eyas.model.iso(BARS.time[180])[:10])
    assert part.summary.bars == 120
    curve = np.r_[10_000.0, report.curve[first:]]
    returns = np.diff(curve) / curve[:-1]
    year = 119 / ((BARS.time[299] - BARS.time[180]) / (365.25 * 86_400e9))
    assert alone["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * year**0.5)
    assert alone["exposure"] > figures_of(report)["exposure"]


class Told(Follow):
    """Say what the kernel holds at the end."""

    def on_end(self) -> None:
        CASH.append(self.account.exact("equity"))


CASH: list[str] = []


def test_the_cash_at_the_end_is_the_kernel_s_to_the_last_digit() -> None:
    CASH.clear()
    report = eyas.backtest(Told(days=2), BARS, fee_rate="0.00123", cash="10000.123456789")
    assert Decimal(cash_at_the_end(report.journal)) == Decimal(CASH[0])
    assert len(CASH[0].partition(".")[2]) > 12


class Both(eyas.Strategy):
    """Trade two symbols, and write down the steps."""

    def on_bar(self, bar: eyas.Bar) -> None:
        STEPS.append(("bar", bar.time))
        if self.is_flat:
            self.buy(fraction=0.4)
        else:
            self.close()

    def on_step(self, step: eyas.Step) -> None:
        STEPS.append(("step", step.time))


STEPS: list[tuple[str, int]] = []


def test_a_portfolio_decides_late_too() -> None:
    STEPS.clear()
    pair = {"A": walk(200, 1, symbol="A"), "B": walk(160, 2, symbol="B")[20:]}
    report, first = run_late(Both(), Markets.of(pair), (30, 100, 150), {})
    begin = pair["A"].time[100]
    assert min(time for kind, time in STEPS if kind == "bar") == begin
    assert min(time for kind, time in STEPS if kind == "step") > begin
    assert first == 70
    assert (report.curve[:first] == 10_000).all()
    assert set(report.trades["symbol"]) == {"A", "B"}
    assert after(report, first).summary.bars == 50


def test_signals_of_a_portfolio_are_blank_before() -> None:
    class Always(eyas.Strategy):
        def signals(self, bars: Any) -> eyas.Signals:
            return eyas.Signals(
                entries={symbol: np.ones(len(one)) for symbol, one in bars.items()}, fraction=0.4
            )

    pair = {"A": walk(200, 1, symbol="A"), "B": walk(200, 2, symbol="B")}
    report, first = run_late(Always(), Markets.of(pair), (0, 100, 200), {})
    assert report.journal.records["bar"][report.journal.where("filled")].min() == first + 1


def test_a_symbol_that_has_no_bars_yet_is_left_out() -> None:
    pair = {"A": walk(200, 1, symbol="A"), "B": walk(200, 2, symbol="B")[150:]}
    report, _ = run_late(Both(), Markets.of(pair), (0, 50, 100), {})
    assert report.symbols == ("A",)


def test_a_hook_of_the_object_alone_is_refused() -> None:
    odd = Follow()
    odd.on_bar = lambda bar: None  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="write it in its class"):
        run_late(odd, Markets.of(BARS), (0, 50, 100), {})


def test_parameters_are_checked() -> None:
    assert with_parameters(Follow, {"days": 4}).parameters == {"days": 4}
    assert with_parameters(Follow(days=9), {}).parameters == {"days": 9}
    with pytest.raises(UsageError, match="has no parameter day"):
        with_parameters(Follow(), {"day": 4})
