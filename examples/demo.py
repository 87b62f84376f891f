"""Run the first strategy on a week of real minutes, print its figures and write its page."""

from __future__ import annotations

from pathlib import Path

from cross import Cross

import eyas

if __name__ == "__main__":
    bars = eyas.sample("BTCUSDT", "1m")
    report = eyas.backtest(Cross(fast=12), bars, cash=10_000, fee_rate=0.001)
    print(report)
    page = report.plot(Path("report.html"))
    print(f"\nThe page of this run, to open in a browser: {page.resolve()}")
