"""A person's first hour: they write a file, make the mistakes one makes, and end with a page to open."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import eyas
from tests.reports.pages import data_of, read_numbers
from tests.test_journal import CROSS_DIGEST

ROOT = Path(__file__).parents[1]

FIRST = """\
import eyas

class Cross(eyas.Strategy):
    fast: int = eyas.param(10, min=3, max=50)
    slow: int = eyas.param(30, min=10, max=200)

    def on_start(self) -> None:
        self.fast_average = self.use(eyas.indicators.sma, "close", self.fast)
        self.slow_average = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast_average.crossed_above(self.slow_average):
            self.buy(fraction=0.95, take_profit=0.02, stop_loss=0.01)
        elif self.fast_average.crossed_below(self.slow_average):
            self.close()

report = eyas.backtest(Cross(fast=12), eyas.sample("BTCUSDT", "1m"), cash=10_000, fee_rate=0.001)
print(report)
print(report.trades.height, report.equity.height, report.journal.digest)
print(report.plot("report.html"))
"""


def run(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run a person's file in their folder."""
    (folder / "first.py").write_text(source, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "first.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_from_the_first_line_to_the_page(tmp_path: Path) -> None:
    wrong = run(tmp_path, FIRST.replace("Cross(fast=12)", "Cross(fats=12)"))
    assert wrong.returncode == 1
    assert wrong.stderr.endswith("UsageError: Cross has no parameter fats; did you mean fast?\n")
    assert not (tmp_path / "report.html").exists()

    failing = run(tmp_path, FIRST.replace("self.close()", "self.sell_all()"))
    assert failing.returncode == 1
    own, _, _ = failing.stderr.partition("The above exception was the direct cause")
    assert "line 15, in on_bar\n    self.sell_all()" in own
    assert "AttributeError: 'Cross' object has no attribute 'sell_all'" in own
    assert re.search(
        r"StrategyError: Cross failed on bar \d+ \(2026-06-\d\dT\d\d:\d\d:00Z\): Attr", failing.stderr
    )
    assert not (tmp_path / "report.html").exists()

    right = run(tmp_path, FIRST)
    assert (right.returncode, right.stderr) == (0, "")
    *table, counts, page_name = right.stdout.splitlines()
    trades, rows, digest = counts.split()
    assert table[0] == "Cross on BTCUSDT 1m"
    assert (int(rows), digest, page_name) == (len(eyas.sample("BTCUSDT", "1m")), CROSS_DIGEST, "report.html")
    figures = dict(re.split(r"  +", line) for line in table[2:])
    assert figures["Trades"] == trades

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    data = data_of(page)
    assert data["trades"]["count"] == int(trades) > 100
    assert {line["name"] for line in data["indicators"]} == {"sma(close, 12)", "sma(close, 30)"}
    last = read_numbers(data["curve"]["equity"]["last"])[-1]
    assert f"{last:,.2f}" == figures["Equity at end"]
    assert figures["Equity at end"] in page
    assert digest in page
    assert not re.search(r"<(script|img|iframe)[^>]* src=|<link[^>]* href=", page)  # it needs nothing else
