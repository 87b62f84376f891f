"""The page of a run says what the run's own frames and figures say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import eyas
from eyas.reports.levels import level_frame
from eyas.reports.page import render_page
from eyas.reports.report import Report
from eyas.reports.sheet import DEFINED_AS, page_of
from tests.reports.pages import data_of, made_bars, read_numbers
from tests.reports.test_page import Tags
from tests.test_portfolio import Asking, walk


@pytest.fixture(scope="module")
def report() -> Report:
    bars = made_bars(400)
    entries = np.where(np.arange(400) % 40 == 3, 1, 0)
    signals = eyas.Signals(entries=entries.tolist(), quantity=0.1, stop_loss=0.001, take_profit=0.002)
    return eyas.backtest(signals, bars, cash=10_000, fee_rate=0.0001)


def test_a_headline_is_defined_by_the_figure_that_it_equals(report: Report) -> None:
    summary = dict(report.summary.rows())
    assert DEFINED_AS.keys() <= summary.keys()
    same = {label: report.metrics.figure(name).text for label, name in DEFINED_AS.items()}
    assert same == {label: summary[label] for label in DEFINED_AS}
    shown = {one.label: one.definition for one in page_of(report).headline}
    assert {label: one.name for label, one in shown.items() if one} == DEFINED_AS
    assert not {"From", "To", "Bars"} & shown.keys()


def test_the_page_holds_levels_excursions_and_the_benchmark(report: Report) -> None:
    data = data_of(render_page(page_of(report)))
    levels = level_frame(report)
    assert len(levels) == 2 * len(report.trades) > 10
    np.testing.assert_array_equal(read_numbers(data["levels"]["trade"]), levels["trade"].to_numpy())
    np.testing.assert_allclose(read_numbers(data["levels"]["price"]), levels["price"].to_numpy(), rtol=1e-7)
    found = read_numbers(data["trades"]["mfe_rate"])
    np.testing.assert_allclose(found, report.trades["mfe_rate"].to_numpy(), atol=1e-6)
    held = read_numbers(data["curve"]["benchmark"]["values"])
    np.testing.assert_allclose(held, 10_000 * report.bars.close / report.bars.close[0], rtol=1e-7)


def test_the_page_tells_the_verdict_the_settings_and_the_digest(report: Report) -> None:
    html = render_page(page_of(report))
    text = " ".join(Tags(html).text.split())
    [verdict] = report.quality.values()
    assert f'data-copy="{verdict.hash}"' in html
    assert f'data-copy="{report.journal.digest}"' in html
    for words in ("Rules", "Costs", "Versions", "Digests", "fee_rate0.0001", report.metrics.basis):
        assert words in text


def test_a_benchmark_that_never_overlaps_is_told_and_not_drawn(report: Report, tmp_path: Path) -> None:
    old = {"time": ["1990-01-01", "1990-01-02", "1990-01-03"], "close": [1.0, 2.0, 3.0]}
    html = report.plot(tmp_path / "page.html", benchmark=old).read_text(encoding="utf-8")
    assert data_of(html)["curve"]["benchmark"] is None
    assert 'id="benchmark"' not in html
    assert re.search(r"<li>The benchmark .* does not overlap the run", html)


def test_a_portfolio_draws_the_levels_of_its_first_symbol_at_its_own_bars() -> None:
    bars = {"B": walk(1, 90), "A": walk(2, 30, step=3)}
    strategy = Asking(
        A2=lambda s: s.buy(1, stop_loss=0.5), A5=lambda s: s.close(), B0=lambda s: s.buy(1, stop_loss=0.5)
    )
    page = page_of(eyas.backtest(strategy, bars))
    assert page.levels is not None
    rows = page.levels.sort("symbol").select("symbol", "from_row", "to_row").rows()
    assert rows == [("A", 3, 6), ("B", -1, -1)]
    data = data_of(render_page(page))["levels"]
    assert read_numbers(data["start"]).tolist() == [3]
    assert read_numbers(data["length"]).tolist() == [3]


class Failing(eyas.Strategy):
    at: int = 0

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == self.at:
            raise ValueError("no more")


@pytest.mark.parametrize("at", [0, 7])
def test_a_run_that_failed_says_how_far_it_came(at: int) -> None:
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Failing(at=at), made_bars(50))
    assert caught.value.report is not None
    text = Tags(render_page(page_of(caught.value.report))).text
    assert f"the strategy failed after {at + 1} of 50 bars" in text


def test_a_whole_run_does_not_say_that_it_ended_early(report: Report) -> None:
    assert "ended early" not in render_page(page_of(report))


def test_a_trade_without_a_result_is_not_no_trade() -> None:
    bars = eyas.bars(
        {"time": made_bars(20).time, **dict.fromkeys(("open", "high", "low", "close"), np.full(20, 100.0))},
        timeframe="1m",
    )
    signals = eyas.Signals(entries=[1, *[0] * 19])
    page = page_of(eyas.backtest(signals, bars, quality="off"))
    sections = {section.key: section for section in page.sections}
    assert "All trades (1) are exactly 0" in sections["results"].html
    assert sections["results"].is_empty
    assert not sections["excursions"].is_empty
