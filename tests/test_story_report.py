"""One story: a run is explained, kept, opened, changed, and the change is explained to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

import eyas


class Oversold(eyas.Strategy):
    level: float = 30.0

    def on_start(self) -> None:
        self.rsi = self.use(eyas.indicators.rsi, "close", 14)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.rsi < self.level:
            self.note("oversold", rsi=self.rsi)
            self.buy(fraction=0.5, stop_loss=0.01, take_profit=0.02)


def run(**changes: object) -> eyas.Report:
    return eyas.backtest(Oversold(), eyas.sample("BTCUSDT", "1m"), fee_rate=0.0005, **changes)  # type: ignore[arg-type]


def test_a_run_and_its_change_are_explained(tmp_path: Path) -> None:
    report = run()
    # What it earned, and why it traded.
    assert report.metrics["fees_paid"] == pytest.approx(report.trades["fee"].sum())
    assert all(text.startswith("oversold · rsi ") for text in report.trades["note"])
    assert (report.entry_notes["rsi"] < 30).all()
    assert (report.trades["mfe_rate"] >= report.trades["profit_rate"]).all()

    # The pages and texts say it too.
    page = report.plot(tmp_path / "report.html").read_text()
    assert report.metrics.figure("sqn").label in page
    assert "oversold" in page
    assert report.trades["note"][0] in report.markdown()
    lines = report.json_lines(tmp_path / "trades.jsonl").read_text().splitlines()
    assert [json.loads(line)["note"] for line in lines] == report.trades["note"].to_list()

    # Kept and opened, it is the same run.
    report.save(tmp_path / "run.eyas")
    opened = eyas.open(tmp_path / "run.eyas")
    assert opened.journal == report.journal
    assert dict(opened.metrics) == dict(report.metrics)
    assert opened.trades.equals(report.trades)
    assert opened.plot(tmp_path / "again.html").read_text() == page

    # With slippage: the whole difference is said, to the last digit.
    dear = run(slippage=0.0005)
    found = opened.diff(dear)
    assert not found.is_equal
    parts = sum((Decimal(money) for money in found.causes.values()), Decimal(0))
    assert parts == found.money
    assert float(found.money) == pytest.approx(dear.curve[-1] - report.curve[-1], abs=1e-6)
    assert opened.compare(dear).best("total_return") == {0}
