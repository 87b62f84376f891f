"""The report of a portfolio: every trade has its symbol, and the page draws the price of the first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.model import iso
from eyas.reports.chart import chart_data
from eyas.reports.remarks import remarks_on_clock
from eyas.reports.sheet import trades_with_rows
from tests.reports.pages import data_of, made_bars, made_trades, read_numbers, read_times, read_words
from tests.test_portfolio import Asking, DiceOnSeveral, walk


def test_the_report_of_a_portfolio(tmp_path: Path) -> None:
    bars = {"B": walk(1, 60, step=2), "A": walk(2, 90, start=7)}
    report = eyas.backtest(DiceOnSeveral(seed=3), bars, fee_rate={"A": 0.001})
    assert report.symbols == ("A", "B")
    assert report.title == "DiceOnSeveral on A, B"
    assert report.bars.time.tolist() == bars["A"].time.tolist()
    assert len(report.equity) == len(report.curve) == report.summary.bars
    assert report.equity["time"].is_sorted()
    assert set(report.trades["symbol"].to_list()) == {"A", "B"}
    frame = report.journal.frame()
    assert frame["symbol"].to_list()[1:] != []
    assert report.journal.event(len(report.journal) - 1)["symbol"] in ("A", "B")
    held = [one.close[-1] / one.close[0] - 1 for one in bars.values()]
    assert report.summary.buy_and_hold_return == pytest.approx(sum(held) / 2)
    said = report.as_json()
    assert (said["symbol"], said["symbols"]) == (None, ["A", "B"])
    assert said["rules"]["fee_rate"] == "A: 0.001"
    assert said["trades"][0]["symbol"] in ("A", "B")
    drawn = "are drawn of A; figures, equity, drawdown and the list of trades are of all 2 symbols"
    assert any(drawn in remark for remark in report.remarks())
    assert drawn in report.plot(tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_page_has_the_equity_and_drawdown_of_every_step_and_all_trades(tmp_path: Path) -> None:
    # A is over when B begins to fall: nothing of that lies in the steps of A, the symbol that is drawn.
    falling = eyas.bars(
        {"time": walk(1, 40, start=30).time, **dict.fromkeys("ohlc", np.linspace(100, 10, 40))},
        timeframe="1m",
    )
    bars = {"A": walk(2, 20), "B": falling}
    report = eyas.backtest(
        Asking(A2=lambda s: s.buy(1), A5=lambda s: s.close(), B0=lambda s: s.buy(50)), bars
    )
    html = report.plot(tmp_path / "page.html").read_text(encoding="utf-8")
    data = data_of(html)
    curve = data["curve"]
    np.testing.assert_allclose(read_numbers(curve["equity"]["last"]), report.curve)
    np.testing.assert_array_equal(read_times(curve["time"]), report.time)
    low = read_numbers(curve["drawdown"]["low"]).min()
    assert low == pytest.approx(-report.summary.max_drawdown, abs=1e-5)
    assert low < -0.3
    trades = data["trades"]
    assert read_words(trades["symbol"]) == report.trades["symbol"].to_list() == ["A", "B"]
    assert trades["count"] == report.summary.trades == 2
    assert read_numbers(trades["entry_row"]).tolist() == [3, -1]
    assert f"<span>{report.summary.bars:,} steps</span>" in html
    last = iso(report.time.max()).removesuffix(":00Z").replace("T", " ")
    assert f" to {last} UTC</span>" in html


def test_a_long_clock_is_drawn_with_its_extremes() -> None:
    bars = made_bars(3)
    equity = np.full(50_001, 100.0)
    equity[31_415] = 50.0
    trades = made_trades(bars, 0).with_columns(
        symbol=pl.Series([], dtype=pl.String), entry_row=pl.Series([], dtype=pl.Int64), exit_row=pl.lit(0)
    )
    data = chart_data(bars, equity, trades, {}, 100.0, np.arange(50_001, dtype=np.int64))
    assert (data["candle_width"], data["curve"]["width"]) == (1, 3)
    assert len(data["curve"]["time"]["steps"]) == 16_667
    assert read_numbers(data["curve"]["drawdown"]["low"]).min() == -0.5
    assert remarks_on_clock(50_001, 3) != remarks_on_clock(50_001, 1) == []


def test_the_page_draws_the_trades_of_the_first_symbol_at_its_own_bars() -> None:
    bars = {"B": walk(1, 90), "A": walk(2, 30, step=3)}
    report = eyas.backtest(Asking(A2=lambda s: s.buy(1), A5=lambda s: s.close(), B0=lambda s: s.buy(1)), bars)
    [trade, other] = trades_with_rows(report).sort("symbol").to_dicts()
    assert (trade["symbol"], trade["entry_row"], trade["exit_row"]) == ("A", 3, 6)
    assert (trade["entry_bar"], trade["exit_bar"]) == (11, 20)
    assert (other["symbol"], other["entry_row"], other["exit_row"]) == ("B", -1, -1)


def test_a_sequential_report_has_a_page_too(tmp_path: Path) -> None:
    bars = {"B": walk(1, 40), "A": walk(2, 30)}
    report = eyas.backtest(DiceOnSeveral(seed=3), bars, clock="sequential")
    assert report.plot(tmp_path / "page.html").exists()
    assert report.summary.bars == 70
