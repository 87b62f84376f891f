"""What a page draws is what the run was."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from eyas.reports.benchmark import Benchmark
from eyas.reports.chart import (
    INTEGER_NAMES,
    NUMBER_NAMES,
    PRICE_NAMES,
    TIME_NAMES,
    WORD_NAMES,
    chart_data,
    drawdown,
    level_data,
)
from tests.reports.full_pages import LEVEL_TYPES, made_levels, with_extras
from tests.reports.pages import made_bars, made_trades, read_numbers, read_times, read_words


def test_bars_equity_and_indicators_come_back() -> None:
    bars = made_bars(500)
    equity = 10_000 + np.round(np.cos(np.arange(500) / 9) * 100, 2)
    average = np.where(np.arange(500) < 20, np.nan, bars.close + 0.5)
    data = chart_data(bars, equity, made_trades(bars, 3), {"sma(20)": average})
    np.testing.assert_array_equal(read_times(data["candles"]["time"]), bars.time)
    for name in PRICE_NAMES:
        np.testing.assert_array_equal(read_numbers(data["candles"][name]), getattr(bars, name))
    np.testing.assert_array_equal(read_numbers(data["candles"]["volume"]), bars.volume)
    np.testing.assert_array_equal(read_numbers(data["curve"]["equity"]["last"]), equity)
    np.testing.assert_allclose(read_numbers(data["curve"]["drawdown"]["low"]), drawdown(equity), atol=1e-6)
    assert [line["name"] for line in data["indicators"]] == ["sma(20)"]
    np.testing.assert_array_equal(read_numbers(data["indicators"][0]["values"]), average)
    assert (
        data["curve"]["equity"]["low"]
        is data["curve"]["equity"]["high"]
        is data["curve"]["drawdown"]["high"]
        is None
    )


def test_trades_come_back() -> None:
    bars = made_bars(300)
    trades = made_trades(bars, 40)
    data = chart_data(bars, bars.close, trades, {})["trades"]
    assert data["count"] == 40
    for name in WORD_NAMES:
        assert read_words(data[name]) == trades[name].to_list()
    for name in TIME_NAMES:
        np.testing.assert_array_equal(read_times(data[name]), trades[name].dt.epoch("ns").to_numpy())
    for name in (*INTEGER_NAMES, *NUMBER_NAMES):
        np.testing.assert_array_equal(read_numbers(data[name]), trades[name].to_numpy())


def test_a_profit_rate_may_be_unknown() -> None:
    trades = made_trades(made_bars(10), 2).with_columns(profit_rate=pl.Series([None, 0.5]))
    data = chart_data(made_bars(10), np.ones(10), trades, {})
    assert data["trades"]["profit_rate"]["steps"] == [None, 5]


@pytest.mark.parametrize("volume", [0.0, np.nan])
def test_volume_is_left_out_where_there_is_none(volume: float) -> None:
    bars = made_bars(5)
    bare = type(bars)(bars.time, bars.open, bars.high, bars.low, bars.close, np.full(5, volume))
    assert chart_data(bare, bars.close, made_trades(bars, 0), {})["candles"]["volume"] is None


def test_many_bars_are_merged_and_keep_their_extremes() -> None:
    bars = made_bars(50_001)
    equity = np.full(50_001, 10_000.0)
    equity[31_415] = 9_000.0
    data = chart_data(bars, equity, made_trades(bars, 3), {"close": bars.close})
    assert (data["bar_count"], data["candle_width"]) == (50_001, 3)
    assert read_numbers(data["candles"]["high"]).max() == bars.high.max()
    assert read_numbers(data["candles"]["low"]).min() == bars.low.min()
    assert read_numbers(data["candles"]["volume"]).sum() == pytest.approx(bars.volume.sum())
    assert read_numbers(data["curve"]["equity"]["low"])[31_415 // 3] == 9_000.0
    assert read_numbers(data["curve"]["equity"]["high"])[31_415 // 3] == 10_000.0
    assert read_numbers(data["curve"]["drawdown"]["low"])[31_415 // 3] == pytest.approx(-0.1)
    assert read_numbers(data["curve"]["drawdown"]["high"])[31_415 // 3] == 0
    assert len(data["indicators"][0]["values"]["steps"]) == 16_667
    # The trades are not: they stand on the bars they were made on.
    assert read_numbers(data["trades"]["exit_bar"])[-1] == 50_000


@pytest.mark.parametrize(
    ("equity", "fall"),
    [
        ([100, 120, 90, 130], [0, 0, -0.25, 0]),
        ([100, 100, 100], [0, 0, 0]),
        ([100, -50], [0, -1.5]),
        ([0, 100, 50], [np.nan, 0, -0.5]),
        ([-1, -2], [np.nan, np.nan]),
        ([np.nan, 100, np.nan, 50], [np.nan, 0, np.nan, -0.5]),
        ([100, np.inf, 50], [0, np.nan, -0.5]),
        ([], []),
    ],
)
def test_drawdown(equity: list[float], fall: list[float]) -> None:
    np.testing.assert_array_equal(drawdown(np.array(equity, dtype=np.float64)), fall)


def test_drawdown_from_the_opening_cash() -> None:
    equity = np.array([90.0, 120.0, 60.0])
    np.testing.assert_allclose(drawdown(equity, 100.0), [-0.1, 0, -0.5])
    bars = made_bars(3)
    data = chart_data(bars, equity, made_trades(bars, 0), {}, 100.0)
    assert read_numbers(data["curve"]["drawdown"]["low"])[0] == -0.1


def levels_of(rows: list[tuple[int, str, int, int, float]], candle_width: int) -> list[tuple[float, ...]]:
    """Return levels as a page draws them: trade, 0 for a stop, first and last candle, price."""
    data = level_data(pl.DataFrame(rows, schema=LEVEL_TYPES, orient="row"), candle_width)
    trade, level, start, length, price = (read_numbers(data[name]) for name in data)
    return list(zip(trade, level, start, start + length, price, strict=True))


def test_levels_come_back() -> None:
    levels = made_levels(made_trades(made_bars(300), 40))
    found = levels_of(levels.rows(), 1)
    assert [("stop_loss", "take_profit")[int(level)] for _, level, *_ in found] == levels["level"].to_list()
    for place, name in ((0, "trade"), (2, "from_bar"), (3, "to_bar"), (4, "price")):
        assert [row[place] for row in found] == levels[name].to_list()


def test_of_the_levels_within_one_candle_the_last_is_drawn() -> None:
    rows = [(0, "stop_loss", bar, bar, 90.0 + bar) for bar in range(10)]
    assert levels_of(rows, 5) == [(0, 0, 0, 0, 94), (0, 0, 1, 1, 99)]


def test_levels_without_a_price_and_of_other_symbols_are_left_out() -> None:
    rows = [
        (0, "stop_loss", 1, 2, float("nan")),
        (1, "take_profit", -1, -1, 5.0),
        (2, "stop_loss", 1, 2, 5.0),
    ]
    assert levels_of(rows, 1) == [(2, 0, 1, 2, 5)]


def test_no_trade_has_more_levels_than_the_eye_can_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyas.reports.chart.LEVELS_MAX", 10)
    rows = [(trade, "stop_loss", bar, bar, float(bar)) for trade in range(2) for bar in range(1, 9)]
    assert levels_of(rows, 1) == [(0, 0, 1, 1, 1), (0, 0, 8, 8, 8), (1, 0, 1, 1, 1), (1, 0, 8, 8, 8)]


def test_what_trades_need_not_have_is_left_out_where_it_is_not_there() -> None:
    bars = made_bars(50)
    names = {"mfe_rate", "mae_rate", "note", "exit_note"}
    assert not names & chart_data(bars, bars.close, made_trades(bars, 9), {})["trades"].keys()
    trades = with_extras(made_trades(bars, 9)).with_columns(
        exit_note=pl.lit(None, dtype=pl.String), mae_rate=pl.lit(None, dtype=pl.Float64)
    )
    data = chart_data(bars, bars.close, trades, {})["trades"]
    assert names & data.keys() == {"mfe_rate", "mae_rate", "note"}
    assert data["mae_rate"]["steps"] == [None] * 9


def test_a_benchmark_that_is_nowhere_is_not_drawn() -> None:
    bars = made_bars(5)
    nowhere = Benchmark("elsewhere", np.full(5, np.nan), bars.time)
    assert (
        chart_data(bars, bars.close, made_trades(bars, 0), {}, benchmark=nowhere)["curve"]["benchmark"]
        is None
    )
