"""What one bar cannot say: the interval between its paths, and finer bars that say it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.model import Bars
from tests.reference.search import searching
from tests.test_options import bars_of, flat
from tests.test_session import MINUTE_NS, START_NS, Dice, coarse_bars
from tests.test_strategy import Do


class Both(eyas.Strategy):
    """Hold with a stop and a target that are near."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat:
            self.buy(1, stop_loss=eyas.away(2), take_profit=eyas.away(2))


def test_an_interval_holds_both_runs() -> None:
    bars = coarse_bars(4, 200)
    found = eyas.interval(Both(), bars, fee_rate=0.001)
    assert found.stop.journal == eyas.backtest(Both(), bars, fee_rate=0.001).journal
    assert found.target.journal == eyas.backtest(Both(), bars, fee_rate=0.001, tie="target").journal
    assert found.worst is found.stop
    assert found.best is found.target
    assert found.worst.summary.equity_final < found.best.summary.equity_final
    assert found.ambiguous_bars == max(found.stop.ambiguous_bars, found.target.ambiguous_bars) > 0
    assert str(found).startswith("Equity at the end between 9,")
    assert str(found).endswith(f"; ambiguous bars: {found.ambiguous_bars}")


def test_an_interval_takes_presets_and_portfolios_but_no_tie() -> None:
    found = eyas.interval(Both(), {"A": coarse_bars(1, 60), "B": coarse_bars(2, 60)}, rules="stream")
    assert found.stop.rules == eyas.presets.STREAM
    assert found.target.rules == eyas.presets.STREAM.changed(tie="target")
    with pytest.raises(eyas.UsageError, match="an interval runs with both ties: leave tie out"):
        eyas.interval(Both(), coarse_bars(1, 60), tie="stop")


def test_without_a_doubt_both_runs_are_one() -> None:
    found = eyas.interval(Do(bar0=lambda s: s.buy(1)), coarse_bars(4, 60))
    assert found.ambiguous_bars == 0
    assert found.worst.journal == found.best.journal
    assert found.worst is not found.best


def test_a_report_counts_the_bars_that_a_path_decided() -> None:
    bars = bars_of(*flat(2), (100, 103, 97, 100), *flat(2))
    report = eyas.backtest(Do(bar0=lambda s: s.buy(1, stop_loss=0.02, take_profit=0.02)), bars)
    assert report.ambiguous_bars == 1
    assert report.as_json()["ambiguous_bars"] == 1
    assert report.remarks() == [
        "Bars whose outcome depended on the path that was assumed inside them: 1 (tie=stop)."
    ]
    assert eyas.backtest(Do(bar0=lambda s: s.buy(1)), bars).remarks() == []


# --- finer bars ---


def quarters(*rows: tuple[float, float, float, float]) -> Bars:
    """Return bars of 15 seconds."""
    prices = np.array(rows, dtype=np.float64)
    columns = dict(zip(("open", "high", "low", "close"), prices.T, strict=True))
    time = START_NS + MINUTE_NS // 4 * np.arange(len(rows), dtype=np.int64)
    return eyas.bars({"time": time, **columns}, timeframe="15s")


UP_FIRST = [(100, 103, 100, 103), (103, 103, 97, 97), (97, 100, 97, 100), (100, 100, 100, 100)]
DOWN_FIRST = [(100, 100, 97, 97), (97, 103, 97, 103), (103, 103, 100, 100), (100, 100, 100, 100)]


@pytest.mark.parametrize(("inside", "reason"), [(UP_FIRST, "take_profit"), (DOWN_FIRST, "stop_loss")])
def test_finer_bars_say_what_came_first(inside: Any, reason: str) -> None:
    bars = bars_of(*flat(2), (100, 103, 97, 100), *flat(2))
    finer = quarters(*flat(8), *inside, *flat(8))
    strategy = Do(bar0=lambda s: s.buy(1, stop_loss=0.02, take_profit=0.02))
    for options in ({}, {"tie": "finer_bars"}):
        report = eyas.backtest(strategy, bars, finer=finer, **options)
        assert report.trades["exit_reason"].to_list() == [reason]
        assert report.ambiguous_bars == 0
    named = eyas.backtest(OnEach(), {"A": bars, "B": bars}, finer={"A": finer})
    reasons = dict(named.trades.select("symbol", "exit_reason").rows())
    assert reasons == {"A": reason, "B": "stop_loss"}


class OnEach(eyas.Strategy):
    """Buy each symbol on its first bar."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(1, stop_loss=0.02, take_profit=0.02)


def merged(fine: Bars, width: int) -> Bars:
    """Return bars of `width` finer ones each."""
    starts = np.arange(0, len(fine), width)
    return eyas.bars(
        {
            "time": fine.time[starts],
            "open": fine.open[starts],
            "high": np.maximum.reduceat(fine.high, starts),
            "low": np.minimum.reduceat(fine.low, starts),
            "close": fine.close[starts + width - 1],
            "volume": np.add.reduceat(fine.volume, starts),
        }
    )


@given(st.integers(0, 10**6))
@searching(60)
def test_a_result_with_finer_bars_lies_in_what_can_be(seed: int) -> None:
    fine = coarse_bars(seed, 120)
    whole = merged(fine, 4)
    report = eyas.backtest(Dice(seed=seed), whole, finer=fine, tie="finer_bars")
    assert report.summary.bars == 30
    again = eyas.backtest(Dice(seed=seed), whole, finer=fine, tie="finer_bars")
    assert again.journal == report.journal


def test_finer_bars_that_say_nothing_new_change_nothing() -> None:
    """Halves of a minute of which the second is the flat end of the first."""
    bars = coarse_bars(3, 60)
    time = np.column_stack([bars.time, bars.time + MINUTE_NS // 2]).ravel()

    def halves(first: Any, second: Any) -> Any:
        return np.column_stack([first, second]).ravel()

    finer = eyas.bars(
        {
            "time": time,
            "open": halves(bars.open, bars.close),
            "high": halves(bars.high, bars.close),
            "low": halves(bars.low, bars.close),
            "close": halves(bars.close, bars.close),
        }
    )
    plain = eyas.backtest(Both(), bars)
    assert eyas.backtest(Both(), bars, finer=finer).curve.tolist() == plain.curve.tolist()
    assert plain.summary.trades > 5


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"tie": "finer_bars"}, eyas.UsageError, "tie=finer_bars needs finer bars: give finer=…, or choose"),
        ({"finer": coarse_bars(1, 60)}, eyas.UsageError, "the finer bars are not finer than the bars: "),
        ({"finer": {"Z": quarters(*flat(8))}}, eyas.UsageError, "finer names Z, but the run has "),
        ({"finer": "nothing.csv"}, eyas.DataError, "there is no file nothing.csv"),
    ],
)
def test_wrong_finer_bars_get_a_sentence(options: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error) as caught:
        eyas.backtest(Both(), coarse_bars(1, 60), **options)
    assert str(caught.value).startswith(sentence)


def test_finer_bars_outside_their_bar_are_the_datas_fault() -> None:
    bars = bars_of(*flat(2), (100, 103, 97, 100), *flat(2))
    outside = quarters(*flat(8), (100, 105, 100, 103), *flat(11))
    with pytest.raises(eyas.DataError, match="above the high 103 of the bar it lies in"):
        eyas.backtest(Do(bar0=lambda s: s.buy(1)), bars, finer=outside)


def test_signals_do_not_walk_through_finer_bars() -> None:
    with pytest.raises(eyas.UsageError, match="Signals do not walk through finer bars"):
        eyas.backtest(eyas.Signals(entries=1), bars_of(*flat(3)), finer=quarters(*flat(12)))


# --- what a cut-off future cannot show (R39) ---


def test_a_report_names_rules_that_look_at_their_own_bar() -> None:
    bars = coarse_bars(2, 30)
    [remark] = eyas.backtest(Do(bar0=lambda s: s.buy(1)), bars, market_fill="same_open").remarks()
    assert "market_fill=same_open" in remark
    [remark] = eyas.backtest(
        Do(bar0=lambda s: s.buy(1)), bars, market_fill="same_open", exit_fill="same_open"
    ).remarks()
    assert "market_fill and exit_fill=same_open" in remark


def test_a_report_counts_the_prices_that_were_stated() -> None:
    bars = bars_of(*flat(5))
    two = {"bar0": lambda s: s.buy(1, at=100), "bar1": lambda s: s.buy(1, at=100), "bar2": lambda s: s.buy(1)}
    [remark] = eyas.backtest(Do(**two), bars, market_fill="given_price").remarks()
    assert remark.startswith("Market orders that stated their own price: 2.")
    assert eyas.backtest(Do(**two), bars).remarks() == []  # ignored under next_open
    assert eyas.backtest(Do(bar0=lambda s: s.buy(1)), bars, market_fill="given_price").remarks() == []
