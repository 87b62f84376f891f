"""The sections of a portfolio: the heat map says what the lifecycle's definitions say of each symbol."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

import eyas
from eyas.metrics.signals.heat import heat
from eyas.model import Bars
from eyas.reports.sections.symbols import (
    COLUMNS,
    daily_returns,
    heat_section,
    profit_section,
    symbol_sections,
    together_section,
)
from eyas.reports.svg.text import number_text
from eyas.reports.text.heat import signals_of


class Cross(eyas.Strategy):
    def on_start(self) -> None:
        means = {
            symbol: [self.use(eyas.indicators.sma, "close", length, symbol=symbol) for length in (5, 20)]
            for symbol in self.symbols
        }
        self.means = means

    def on_bar(self, bar: eyas.Bar) -> None:
        fast, slow = self.means[bar.symbol]
        if fast.crossed_above(slow):
            self.buy(fraction=0.2)
        elif fast.crossed_below(slow):
            self.close()


@pytest.fixture(scope="module")
def report() -> eyas.Report:
    data = {symbol: eyas.sample(symbol, "1d")[:1500] for symbol in ("AAPL", "IBM", "AIG")}
    return eyas.backtest(Cross(), data, fee_rate=0.001)


def rows_of(html: str) -> dict[str, list[str]]:
    found = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', html)
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in found}


def test_the_heat_map_has_every_symbol_best_first_and_the_pool(report: eyas.Report) -> None:
    found = heat(signals_of(report))
    rows = rows_of(heat_section(report).html)
    assert list(rows) == [*(row.symbol for row in found.symbols), "All, pooled"]
    for row in found.symbols:
        for column, text in zip(COLUMNS, rows[row.symbol], strict=True):
            value = getattr(row, column.name)
            assert text == ("" if value is None else number_text(value * column.sign, column.decimals))
    pooled = rows["All, pooled"]
    assert pooled[0] == str(found.portfolio.total_trades) == str(len(report.trades))


def test_profits_add_up_to_that_of_the_trades(report: eyas.Report) -> None:
    html = profit_section(report).html
    total = 0.0
    for symbol in report.symbols:
        mine = report.trades.filter(report.trades["symbol"] == symbol)["profit"].sum()
        assert number_text(mine) in html
        total += mine
    assert total == pytest.approx(report.summary.net_profit)


def test_symbols_of_one_series_move_together() -> None:
    bars = eyas.sample("IBM", "1d")[:100]
    report = eyas.backtest(Cross(), {"A": bars, "B": bars, "C": bars[:5]})
    returns = daily_returns(report, ["A", "B", "C"])
    assert np.array_equal(returns[:, 0], returns[:, 1])
    assert returns[:, 0] == pytest.approx(bars.close[1:] / bars.close[:-1] - 1)
    assert np.isfinite(returns[:, 2]).sum() == 4
    rows = rows_of(together_section(report).html)
    assert rows["A"] == ["100", "100", ""]


def test_a_single_instrument_has_none_of_them() -> None:
    assert symbol_sections(eyas.backtest(Cross(), eyas.sample("IBM", "1d")[:60])) == []


def test_nothing_to_show_is_said() -> None:
    class Idle(eyas.Strategy):
        pass

    bars = eyas.sample("IBM", "1d")
    report = eyas.backtest(Idle(), {"A": bars[:5], "B": bars[5:9]})
    assert [section.key for section in symbol_sections(report)] == ["symbols", "symbol-profits", "together"]
    texts = [section.html for section in symbol_sections(report)]
    assert "No trade was closed" in texts[0]
    assert "No trade was closed" in texts[1]
    assert "No two symbols share ten days" in texts[2]


def test_of_many_symbols_the_pairs_that_differ_most_are_told() -> None:
    random = np.random.default_rng(5)
    returns = random.normal(0, 0.01, (40, 31))
    returns[:, 1], returns[:, 2] = returns[:, 0], -returns[:, 0]
    market = {f"S{place:02}": closes(100 * np.cumprod(1 + returns[:, place])) for place in range(31)}
    section = together_section(eyas.backtest(eyas.Strategy(), market))
    rows = re.findall(r'<th scope="row">([^<]*)</th><td class="number">([^<]*)</td>', section.html)
    assert len(rows) == 16
    assert rows[0] == ("S00 and S01", "1.00")
    assert {name for name, text in rows if text == "−1.00"} == {"S00 and S02", "S01 and S02"}
    assert "all 465 pairs" in section.note


def test_too_many_symbols_are_not_paired() -> None:
    bars = eyas.sample("IBM", "1d")[:3]
    report = eyas.backtest(eyas.Strategy(), {f"S{place:03}": bars for place in range(121)})
    assert "there are 121" in together_section(report).html


def closes(values: NDArray[np.float64]) -> Bars:
    """Return daily bars of nothing but closes."""
    prices = np.round(values, 6)
    time = 1_577_836_800_000_000_000 + np.arange(len(prices)) * 86_400_000_000_000
    return eyas.bars(
        {"time": time, **dict.fromkeys(("open", "high", "low", "close"), prices)}, timeframe="1d"
    )
