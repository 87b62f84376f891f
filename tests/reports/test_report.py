"""A report can be shown, plotted and read by machines, whatever the run was."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.reports import Report
from eyas.reports.sheet import overlays
from tests.reports.test_summary import CASES
from tests.test_session import Dice, bars_of, coarse_bars


class Risky(eyas.Strategy):
    """Have parameters that are hard to write down."""

    most: float = float("inf")
    label: str = "</script><b>&"

    def on_start(self) -> None:
        self.use(eyas.indicators.sma, "close", 2)
        self.use(lambda close: np.full(len(close), np.nan), "close")
        self.use(lambda close: close * 1e6, "close")
        self.use(lambda close: np.where(close > 100, np.inf, close), "close")

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 3:
            raise ValueError(self.label)
        self.buy(1)


def failed(count: int) -> Report:
    """Return the report of a run that failed on bar 3, or on the first."""
    bars = bars_of([100, 101, 102, 103, 104])
    strategy = Risky() if count else type("First", (Risky,), {"on_bar": lambda self, bar: 1 / 0})()
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(strategy, bars)
    assert caught.value.report is not None
    return caught.value.report


def report_of(name: str) -> Report:
    if name == "failed on bar 3":
        return failed(3)
    if name == "failed on bar 0":
        return failed(0)
    if name == "everything at once":
        return eyas.backtest(Dice(seed=4), coarse_bars(4, 300), fee_rate=0.001, leverage=5, margin_call=1)
    if name == "tiny cash":
        return eyas.backtest(Dice(seed=4), coarse_bars(4, 60), cash="1e-16")
    if name == "huge cash":
        return eyas.backtest(Dice(seed=4), coarse_bars(4, 60), cash=1e20)
    strategy, bars, rules, _ = CASES[name]
    return eyas.backtest(strategy, bars, **rules)


NAMES = [*CASES, "failed on bar 3", "failed on bar 0", "everything at once", "tiny cash", "huge cash"]


@pytest.mark.parametrize("name", NAMES)
def test_every_run_can_be_shown_and_read(name: str, tmp_path: Path) -> None:
    report = report_of(name)
    assert str(report).startswith(f"{report.title}\n\n{report.summary}")
    assert repr(report).startswith(f"<Report {report.title}: {len(report.bars):,} bars, return ")
    assert escape(report.title) in report._repr_html_()
    assert "<script" not in report._repr_html_()

    written = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert written["journal"] == report.journal.digest
    assert written["summary"]["trades"] == len(written["trades"]) == report.trades.height
    assert written["summary"]["equity_final"] == report.curve[-1]
    assert written["rules"] == dict(report.rules.texts())
    for trade, row in zip(written["trades"], report.trades.to_dicts(), strict=True):
        assert trade["profit"] == row["profit"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", trade["entry_time"])
        assert trade["entry_time"][:19] == f"{row['entry_time']:%Y-%m-%dT%H:%M:%S}"

    path = report.plot(tmp_path / "page.html")
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "page.html"
    assert report.journal.digest in page
    assert page.count("<script") == page.count("</script>")
    assert "NaN" not in page.split('id="run">')[1].split("</script>")[0]


def test_equity_is_time_and_the_curve() -> None:
    report = report_of("everything at once")
    assert dict(report.equity.schema) == {"time": pl.Datetime("ns", "UTC"), "equity": pl.Float64}
    assert report.equity["equity"].to_list() == report.curve.tolist()
    assert report.equity["time"].to_physical().to_list() == report.bars.time.tolist()


def test_a_report_folds_once() -> None:
    report = report_of("one of each")
    assert report.summary is report.summary
    assert report.trades is report.trades
    assert report.equity is report.equity


def test_what_a_person_named_is_escaped_in_the_page(tmp_path: Path) -> None:
    report = failed(3)
    spiked = eyas.bars(report.bars, symbol="<img src=x onerror=alert(1)>")
    page = eyas.backtest(eyas.Strategy(), spiked).plot(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "&lt;img src=x" in page
    page = report.plot(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "</script><b>" not in page


def test_settings_say_what_decided_the_run() -> None:
    report = eyas.backtest(Dice(seed=7), bars_of([1, 2, 3]), cash=500, fee_rate=0.001, tie="target")
    settings = dict(report.settings())
    assert list(settings)[:4] == ["seed", "tie", "fee_rate", "cash"]
    assert [settings[name] for name in ("seed", "tie", "fee_rate", "cash")] == ["7", "target", "0.001", "500"]
    assert settings["journal"] == report.journal.digest
    assert {"data", "eyas", "python"} <= settings.keys()


def test_the_title_says_what_ran_on_what() -> None:
    assert eyas.backtest(Dice(), eyas.sample("AAPL", "1d")).title == "Dice on AAPL 1d"
    named = eyas.bars(bars_of([1, 2]), symbol="X", timeframe="")
    assert eyas.backtest(eyas.Signals(entries=0, name="Mine"), named).title == "Mine on X"


def test_only_lines_on_the_scale_of_prices_are_drawn() -> None:
    bars = bars_of([100, 101, 102, 103])
    lines: dict[str, Any] = {
        "inside": [100, 101, 102, 103],
        "near": [99.8, 100, 103, 103.2],
        "an oscillator": [97, 97, 106, 106],
        "warming up": [np.nan, np.nan, 101, 102],
        "far": [0, 1, 2, 3],
        "unknown": [np.nan] * 4,
        "endless": [np.inf, 101, 102, 103],
        "partly": [100, 101, 102, 500],
    }
    arrays = {name: np.array(values, dtype=np.float64) for name, values in lines.items()}
    assert list(overlays(arrays, bars)) == ["inside", "near", "warming up", "endless"]


def test_the_page_says_what_it_does_not_draw_and_what_was_refused(tmp_path: Path) -> None:
    class Two(eyas.Strategy):
        def on_start(self) -> None:
            self.use(eyas.indicators.rsi, "close", 2)
            self.use(eyas.indicators.sma, "close", 2)

        def on_bar(self, bar: eyas.Bar) -> None:
            self.buy(float("nan"))

    page = eyas.backtest(Two(), bars_of([1000, 1010, 1020, 1030])).plot(tmp_path / "page.html").read_text()
    assert "Not on the scale of prices, so not drawn: rsi(close, 2)." in page
    assert "Orders refused, because quantity must be a number: 4." in page


@pytest.mark.parametrize("name", ["run.pdf", "run.PNG", "run.svg"])
def test_a_page_is_not_written_as_a_picture(tmp_path: Path, name: str) -> None:
    report = eyas.backtest(Quiet(), eyas.sample("AAPL", "1d"))
    with pytest.raises(eyas.UsageError, match=r"a report is an HTML page, so name it run\.html"):
        report.plot(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_run_that_failed_says_so_wherever_it_is_shown() -> None:
    class Failing(Quiet):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                raise ValueError("no")

    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Failing(), eyas.sample("AAPL", "1d"))
    report = caught.value.report
    assert report is not None
    said = "The run ended early: the strategy failed after 1 of 252 bars."
    assert any(one.startswith(said) for one in report.remarks())
    assert said in report.markdown()


class Quiet(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        pass
