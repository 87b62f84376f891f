"""P21 and P22: symbol by symbol, and all of them in one pool."""

from __future__ import annotations

from dataclasses import fields

import pytest

from eyas.errors import UsageError
from eyas.metrics.signals import (
    HEAT_COLUMNS,
    PORTFOLIO_DEFINITIONS,
    SIGNAL_DEFINITIONS,
    ClosedSignals,
    HeatPortfolio,
    SignalStatistics,
    heat,
    heats,
    signal_statistics,
)
from eyas.metrics.signals.heat import HeatRow
from tests.metrics.signals.rows import TEN, rows

SYMBOLS = ["BTC", "ETH", "BTC", "ETH", "BTC", "SOL", "BTC", "ETH", "BTC", "ETH"]


def test_p21_a_row_has_the_statistics_of_its_symbol_and_more() -> None:
    given = rows(
        TEN * 2, days=200.0, symbol=["BTC", "ETH"] * 10, peak_pnl=[5.0] * 20, fall_pnl=[-1.0] * 19 + [-7.0]
    )
    found = heat(given)
    row = next(one for one in found.symbols if one.symbol == "BTC")
    alone = signal_statistics([one for one in given if one["symbol"] == "BTC"])
    for one in fields(SignalStatistics):
        assert getattr(row, one.name) == getattr(alone, one.name), one.name
    # Every other of TEN, twice: 2, 3, 1, 4, 2.
    assert (row.total_trades, row.avg_win, row.avg_loss, row.profit_factor) == (10, 2.4, None, None)
    assert (row.max_win_streak, row.max_loss_streak) == (10, 0)
    assert (row.peak_profit_pnl, row.max_drawdown_pnl) == (5.0, -1.0)
    other = next(one for one in found.symbols if one.symbol == "ETH")
    # −1, −2, 0, −3, 1, twice.
    assert other.profit_factor == pytest.approx(2 / 12)
    assert (other.max_win_streak, other.max_loss_streak) == (1, 2)
    assert other.max_drawdown_pnl == -7


def test_p21_a_symbol_that_never_won_nor_lost_has_no_win_rate() -> None:
    found = heat(rows([0.0, 0.0], symbol=["A", "A"]))
    assert found.symbols[0].win_rate is None
    assert signal_statistics(rows([0.0, 0.0])).win_rate == 0


def test_p21_rows_are_sorted_by_sharpe_and_those_without_come_last() -> None:
    good = [1.0, 2.0] * 5
    better = [1.9, 2.0] * 5
    bad = [-1.0, -2.0] * 5
    few = [50.0] * 3
    named = [
        (pnl, name)
        for name, some in (("few", few), ("bad", bad), ("good", good), ("better", better), ("less", few))
        for pnl in some
    ]
    given = rows([pnl for pnl, _ in named], symbol=[name for _, name in named])
    assert [row.symbol for row in heat(given).symbols] == ["better", "good", "bad", "few", "less"]
    assert [row.symbol for row in heat(given, by="total_pnl").symbols] == [
        "few",
        "less",
        "better",
        "good",
        "bad",
    ]
    with pytest.raises(UsageError, match=r"by is 'profit', but must be one of win_count"):
        heat(given, by="profit")


def test_p22_the_portfolio_is_one_pool_and_no_mean_of_means() -> None:
    found = heat(rows(TEN, symbol=SYMBOLS))
    pool = signal_statistics(rows(TEN))
    portfolio = found.portfolio
    assert (portfolio.total_symbols, portfolio.total_trades) == (3, 10)
    assert portfolio.total_pnl == pytest.approx(7.0)
    # No symbol has ten trades, but all together have.
    assert all(row.sharpe_ratio is None for row in found.symbols)
    for name in (
        "sharpe_ratio", "std_dev", "sortino_ratio", "expectancy", "certainty_ratio",
        "annualized_sharpe_ratio", "trades_per_year", "expected_yearly_returns", "calmar_ratio",
        "recovery_factor", "median_pnl", "avg_duration", "avg_win_duration", "avg_loss_duration",
    ):  # fmt: skip
        assert getattr(portfolio, name) == getattr(pool, name), name
        assert getattr(portfolio, name) is not None, name


def test_p22_the_pool_is_in_order_of_closing_over_all_symbols() -> None:
    # A earns 10 % and loses 10 %, then B earns 10 % and loses 10 %; in turn, the falls add up.
    given = rows([10.0, 10.0, -10.0, -10.0, *[0.0] * 6], symbol=["A", "B", "A", "B", *["A"] * 6])
    by_symbol = sorted(given, key=lambda row: row["symbol"])
    portfolio = heat(by_symbol).portfolio
    assert portfolio.recovery_factor == pytest.approx((1.21 * 0.81 - 1) / (1 - 0.81))


def test_p22_nine_trades_are_no_pool() -> None:
    portfolio = heat(rows(TEN[:9], symbol=SYMBOLS[:9])).portfolio
    assert portfolio.total_trades == 9
    assert portfolio.sharpe_ratio is None
    assert portfolio.expectancy is None
    assert portfolio.median_pnl == 1.0


def test_p22_peaks_falls_and_streaks_are_weighed_by_trades() -> None:
    given = rows(
        [1.0, 1.0, 1.0, -4.0, 2.0],
        symbol=["A", "A", "A", "B", "C"],
        peak_pnl=[2.0, 4.0, 6.0, 8.0, None],
        fall_pnl=[-1.0, None, None, -9.0, None],
    )
    portfolio = heat(given).portfolio
    # A: peak 4 of 3 trades, B: peak 8 of one; C has none and does not vote.
    assert portfolio.avg_peak_pnl == pytest.approx((4 * 3 + 8) / 4)
    # A: its one fall −1 weighs as its three trades.
    assert portfolio.avg_fall_pnl == pytest.approx((-1 * 3 - 9) / 4)
    # A: one streak of 3, C: one of 2.
    assert portfolio.avg_consecutive_win_pnl == pytest.approx((3 * 3 + 2) / 4)
    assert portfolio.avg_consecutive_loss_pnl == -4
    assert (portfolio.peak_profit_pnl, portfolio.max_drawdown_pnl) == (8, -9)


def test_p22_no_signals_are_an_empty_portfolio() -> None:
    found = heat([])
    assert found.symbols == []
    said = {one.name for one in fields(HeatPortfolio) if getattr(found.portfolio, one.name) is not None}
    assert said == {"total_symbols", "total_trades"}
    assert found.frame().shape == (0, len(HEAT_COLUMNS))


def test_p22_buckets_are_exchange_frame_and_mode_over_all_strategies() -> None:
    given = rows(
        [1.0, 2.0, 3.0, 4.0],
        symbol=["A"] * 4,
        exchange_name=["x"] * 4,
        frame_name=["f", "f", "g", None],
        backtest=[True, True, True, False],
        strategy_name=["s", "t", "s", "s"],
    )
    found = heats(given)
    assert {key: one.portfolio.total_pnl for key, one in found.items()} == {
        ("x", "f", True): 3.0,
        ("x", "g", True): 3.0,
        ("x", "", False): 4.0,
    }


def test_p22_says_what_it_is_and_what_it_is_not() -> None:
    told = PORTFOLIO_DEFINITIONS["sharpe_ratio"]
    assert told.label == "Pooled Sharpe"
    assert "no Markowitz portfolio" in told.convention
    counts = {"total_symbols", "total_trades"}
    assert set(PORTFOLIO_DEFINITIONS) == {one.name for one in fields(HeatPortfolio)} - counts


def test_q8_the_table_has_the_columns_in_order() -> None:
    frame = heat(rows(TEN, symbol=SYMBOLS)).frame()
    assert tuple(frame.columns) == HEAT_COLUMNS
    assert len(HEAT_COLUMNS) == 38
    assert set(HEAT_COLUMNS) <= {one.name for one in fields(HeatRow)}
    assert set(HEAT_COLUMNS) - {"symbol", "total_trades"} <= set(SIGNAL_DEFINITIONS)
    assert frame["total_trades"].sum() == 10
    assert heat(rows(TEN, symbol=SYMBOLS)).frame(["total_pnl", "symbol"]).columns == ["total_pnl", "symbol"]
    with pytest.raises(UsageError, match=r"no column 'pnl'"):
        heat([]).frame(["pnl"])


def test_a_heat_map_needs_symbols() -> None:
    with pytest.raises(UsageError, match=r"no column symbol"):
        heat(ClosedSignals([1.0], [1.0], [2.0]))
