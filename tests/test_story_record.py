"""A person's month with a record: kept, shown to a colleague, doubted, and found out why it differs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import eyas

ROOT = Path(__file__).parents[1]
TREND = """\
import eyas
from sizing import units


class Trend(eyas.Strategy):
    fast: int = 10
    slow: int = 30

    def on_start(self):
        self.quick = self.use(eyas.indicators.ema, "close", self.fast)
        self.calm = self.use(eyas.indicators.ema, "close", self.slow)

    def on_bar(self, bar):
        if self.quick.crossed_above(self.calm):
            self.note("crossed", distance=bar.close - self.calm[-1])
            self.buy(quantity=units(), stop_loss=0.02)
        elif self.quick.crossed_below(self.calm):
            self.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder of somebody who trades: two files of code, and one of bars."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "trend.py").write_text(TREND)
    (mine / "sizing.py").write_text("def units():\n    return 3\n")
    bars = eyas.sample("EURUSD", "1h")[:1500]
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    pl.DataFrame(columns).write_csv(mine / "eurusd.csv")
    return mine


def told(folder: Path, *words: str, code: int = 0) -> Any:
    """Run a command in a folder and return the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "eyas", *words, "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_a_month_with_a_record(folder: Path, tmp_path: Path) -> None:
    options = ("--data", "eurusd.csv", "--fee-rate", "0.00005", "--set", "fast=8")
    first = told(folder, "backtest", "trend.py", *options, "--save", "march.eyas")["report"]
    assert first["summary"]["trades"] > 20

    # A colleague gets the one file, and nothing else.
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.copy(folder / "march.eyas", theirs)
    shutil.move(folder, tmp_path / "away")
    assert told(theirs, "report", "march.eyas")["report"] == first
    again = told(theirs, "rerun", "march.eyas")["rerun"]
    assert again["identical"]
    assert again["digest"] == first["journal"]
    assert any("is gone" in remark for remark in again["remarks"])
    shutil.move(tmp_path / "away", folder)

    # At home the helper was edited, the strategy tidied up, and a bar revised by the vendor.
    assert told(folder, "rerun", "march.eyas")["rerun"]["changes"] == []
    sizing = folder / "sizing.py"
    sizing.write_text(sizing.read_text().replace("3", "4"))
    frame = pl.read_csv(folder / "eurusd.csv")
    frame[100, "volume"] = frame[100, "volume"] + 1
    frame.write_csv(folder / "eurusd.csv")
    found = told(folder, "rerun", "march.eyas", code=6)["rerun"]
    assert {one["kind"]: one["decides"] for one in found["changes"]} == {"code": True, "data": False}
    code = next(one for one in found["changes"] if one["kind"] == "code")
    assert code["lines"] == ["- 2:     return 3", "+ 2:     return 4"]
    assert "row 101 (" in next(one["sentence"] for one in found["changes"] if one["kind"] == "data")

    # The record stays what it was, and says why each trade was made.
    report = eyas.open(folder / "march.eyas")
    assert report.journal.digest == first["journal"]
    assert report.parameters == {"fast": 8, "slow": 30}
    assert report.trades["note"].str.contains("crossed · distance").all()
    assert len(report.plot(tmp_path / "march.html").read_text()) > 100_000
