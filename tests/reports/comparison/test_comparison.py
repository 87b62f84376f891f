"""Runs side by side: their figures are those of their reports, and the best is best."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import eyas
from eyas.errors import UsageError
from eyas.reports.comparison import Comparison, compare
from eyas.reports.comparison.page import correlation_table, period_tables, render, style_of
from tests.reports.comparison.test_aligned import run


class Cross(eyas.Strategy):
    fast: int = 10

    def on_start(self) -> None:
        self.quick = self.use(eyas.indicators.sma, "close", self.fast)
        self.calm = self.use(eyas.indicators.sma, "close", 60)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.quick.crossed_above(self.calm):
            self.buy(fraction=0.9)
        elif self.quick.crossed_below(self.calm):
            self.close()


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    bars = eyas.sample("IBM", "1d")[:1200]
    reports = [eyas.backtest(Cross(fast=fast), bars, fee_rate=0.001) for fast in (5, 20)]
    return reports[0].compare(reports[1], cheap=eyas.backtest(Cross(fast=5), bars))


def test_runs_are_named_by_what_they_are(comparison: Comparison) -> None:
    assert comparison.names == ["Cross(fast=5)", "Cross(fast=20)", "cheap"]
    report = comparison.reports["cheap"]
    assert report.compare(report).names == ["Cross(fast=5)", "Cross(fast=5) #2"]
    assert repr(comparison).startswith("<Comparison of 3 runs: ")


def test_the_frame_has_the_figures_of_the_reports(comparison: Comparison) -> None:
    frame = comparison.frame()
    for name, report in comparison.reports.items():
        found = dict(zip(frame["figure"].to_list(), frame[name].to_list(), strict=True))
        assert found == dict(report.metrics)


def test_the_best_is_best(comparison: Comparison) -> None:
    for name in ("sharpe", "total_return"):
        values = [report.metrics[name] for report in comparison.reports.values()]
        assert comparison.best(name) == {int(np.argmax(values))}
    falls = [report.metrics["max_drawdown"] for report in comparison.reports.values()]
    assert comparison.best("max_drawdown") == {int(np.argmin(falls))}
    assert comparison.best("beta") == set()  # neither more nor less is better


def test_those_that_print_alike_are_equally_good() -> None:
    bars = eyas.sample("AAPL", "1d", adjusted=True)[:60]
    close = eyas.backtest(eyas.Signals(entries=[-1] + [0] * 59, quantity=1), bars, cash=10_000)
    same = eyas.backtest(eyas.Signals(entries=[-1] + [0] * 59, quantity=1.00001), bars, cash=10_000)
    idle = eyas.backtest(eyas.Strategy(), bars, cash=10_000)
    found = compare(close=close, same=same, idle=idle)
    values = [one.value for one in found.figures("total_return")]
    assert len(set(values)) == 3
    assert found.best("total_return") == {0, 1}


def test_nothing_is_best_where_all_are_alike() -> None:
    report = run([100, 110, 120])
    assert report.compare(report).best("total_return") == set()
    assert "*" not in str(report.compare(report))


def test_it_says_what_sets_the_runs_apart(comparison: Comparison) -> None:
    apart = {one.label: one.texts for one in comparison.settings if one.differs}
    assert apart["fast"] == ("5", "20", "5")
    assert apart["fee_rate"] == ("0.001", "0.001", "–")
    assert "journal" not in {one.label for one in comparison.settings}
    assert "fast: 5 / 20 / 5" in str(comparison)


def test_the_page_holds_every_figure_and_is_safe(comparison: Comparison) -> None:
    text = render(comparison)
    for report in comparison.reports.values():
        assert report.journal.digest in text
        assert report.metrics.figure("sharpe").text.replace("-", "−") in text
    assert text.count('class="number best"') > 10
    assert not re.search(r'(?:src|href)="(?!https://)', text)
    nasty = compare(
        **{"<script>alert(1)</script>": comparison.reports["cheap"], "b": comparison.reports["cheap"]}
    )
    assert "<script>alert" not in render(nasty)


def test_short_runs_make_a_page_that_says_so() -> None:
    report = run([100, 101], step_ns=60_000_000_000)
    page = render(report.compare(report))
    assert "there is no curve to draw" in page
    assert correlation_table(report.compare(report)) == ""


def test_periods_are_the_longest_that_say_something(comparison: Comparison) -> None:
    [(title, _)] = period_tables(comparison)
    assert title == "Return of each year, %"
    few = run([100, 101, 102, 103])
    assert [title for title, _ in period_tables(few.compare(few))] == ["Return of each day, %"]


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    report = run([100, 101, 102])
    assert report.compare(report).html(tmp_path / "c.html").read_text().startswith("<!doctype html>")
    with pytest.raises(UsageError, match="no folder"):
        report.compare(report).html(tmp_path / "no" / "c.html")


def test_twelve_lines_can_be_told_apart() -> None:
    assert len({style_of(place) for place in range(12)}) == 12


@pytest.mark.parametrize("count", [1, 13])
def test_too_few_and_too_many_are_refused(count: int) -> None:
    report = run([100, 101])
    with pytest.raises(UsageError, match=f"2 to 12 reports, not {count}"):
        compare(*[report] * count)


def test_what_is_no_report_is_named() -> None:
    with pytest.raises(UsageError, match="not str"):
        run([100, 101]).compare("run.eyas")  # type: ignore[arg-type]


def test_another_code_sets_runs_apart() -> None:
    class Other(Cross):
        def on_start(self) -> None:
            super().on_start()

    bars = eyas.sample("AAPL", "1d")
    one, other = eyas.backtest(Cross(), bars), eyas.backtest(Other(), bars)
    found = compare(one=one, other=other)
    assert one.origin is not None
    assert other.origin is not None
    apart = {setting.label: setting for setting in found.settings if setting.differs}
    assert apart["strategy's SHA-256"].texts == (one.origin.digest, other.origin.digest)
    assert f"strategy's SHA-256: {one.origin.digest[:12]}… / {other.origin.digest[:12]}…" in str(found)
    assert "journal" not in {setting.label for setting in found.settings}
