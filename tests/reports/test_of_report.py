"""The trades of a report as the figures take them."""

from __future__ import annotations

import numpy as np
import pytest

import eyas
from eyas.metrics import grouped, trade_figures
from eyas.metrics.signals import heat, signal_statistics
from eyas.reports.of_report import signals_of, trades_of
from tests.reports.folded import run as drawn

BARS = eyas.sample("AAPL", "1d")[:400]


def run() -> eyas.Report:
    """Return a run that is long and short in turn, for five bars each."""
    place = np.arange(len(BARS))
    entries = np.where(place % 20 == 0, 1, np.where(place % 20 == 10, -1, 0))
    return eyas.backtest(eyas.Signals(entries=entries, exits=place % 10 == 5, quantity=3), BARS)


def test_trades_are_those_of_the_report() -> None:
    report = run()
    found = trades_of(report)
    frame = report.trades
    assert len(found) == frame.height > 20
    assert found.profit.tolist() == frame["profit"].to_list()
    assert found.rate.tolist() == frame["profit_rate"].to_list()
    assert set(found.direction.tolist()) == {1, -1}
    assert [("short", "", "long")[one + 1] for one in found.direction.tolist()] == frame[
        "direction"
    ].to_list()
    assert found.holding_ns.max() > 0
    assert found.mfe_rate is not None
    assert found.mae_rate is not None
    assert (found.mfe_rate >= 0).all()
    assert (found.mae_rate <= 0).all()
    assert found.symbol is None


def test_figures_agree_with_the_summary() -> None:
    report = run()
    found, summary = trade_figures(trades_of(report)), report.summary
    assert found["trade_count"] == summary.trades
    assert found["win_rate"] == pytest.approx(summary.win_rate)
    assert found["profit_factor"] == pytest.approx(summary.profit_factor)
    assert grouped(trades_of(report), "side")["profit"].sum() == pytest.approx(report.trades["profit"].sum())


def test_a_run_without_trades_has_none() -> None:
    report = eyas.backtest(eyas.Signals(entries=np.zeros(20, dtype=bool), quantity=1), BARS[:20])
    assert len(trades_of(report)) == len(signals_of(report)) == 0
    assert signal_statistics(signals_of(report)).win_count == 0
    assert heat(signals_of(report)).portfolio.total_trades == 0


def test_trades_are_signals_in_percent_and_milliseconds() -> None:
    report = run()
    signals, trades = signals_of(report), trades_of(report)
    found = signal_statistics(signals)
    assert found.total_pnl == pytest.approx(100 * float(trades.rate.sum()))
    assert found.win_count == int((trades.profit > 0).sum())
    assert found.avg_duration == pytest.approx(float(trades.holding_ns.mean()) / 60e9)
    assert found.median_step_size is not None
    assert found.avg_peak_pnl is not None
    assert [row.symbol for row in heat(signals).symbols] == ["AAPL"]


@pytest.mark.parametrize("shape", ["several", "in turn", "money of its own"])
def test_a_portfolio_is_in_the_money_of_the_account_and_grouped_by_symbol(shape: str) -> None:
    report = drawn((7, shape, {}))
    found = trades_of(report)
    assert found.symbol == report.trades["symbol"].to_list()
    assert len(set(found.symbol)) > 1
    assert float(found.profit.sum()) == pytest.approx(report.summary.net_profit)
    is_own = found.profit == report.trades["profit"].to_numpy()
    assert is_own.all() == (shape != "money of its own")
    table = grouped(found, "symbol")
    assert table["symbol"].to_list() == sorted(set(found.symbol))
    assert table["count"].sum() == len(found)
    assert len(heat(signals_of(report)).symbols) == table.height
