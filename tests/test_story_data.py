"""A person's afternoon with data: dumps with faults in them, a catalog, a run on it, and the months after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.cli import main
from eyas.data.catalog import Catalog

ROOT = Path(__file__).parents[1]
MINUTE_MS = 60_000
JANUARY_MS, FEBRUARY_MS = 1_706_572_800_000, 1_706_745_600_000  # the last two days, and the first two
ROWS = 2880
GAP, SPIKE, TEXT, WIDE, TWICE = range(300, 330), 700, 1000, 1500, 2000

RUN = ("reading.py", "--series", "BTCUSDT:1m", "--extra", "mood=mood.csv")
READING = """\
import eyas


class Reading(eyas.Strategy):
    def on_start(self):
        self.hours = self.bars("1h")

    def on_bar(self, bar):
        score = self.extra["mood"].score
        if len(self.hours) < 24 or not len(score):
            return
        day = self.last_bars("1h", 24)
        if self.is_flat and score[-1] > 0 and self.hours.close[-1] > day.close.mean():
            self.buy(0.1)
        elif not self.is_flat and self.hours.close[-1] < day.close.mean():
            self.close()
"""
# The same thought, but each minute is merged with the hour that it lies in, which is still open.
MERGED = """\
import eyas
from eyas.data import resample


def signals(bars):
    hours = resample(bars, "1h", partial=True)
    hour = hours.time.searchsorted(bars.time, side="right") - 1
    return eyas.Signals(entries=hours.close[hour] > bars.close * 1.001, exits=hours.close[hour] < bars.close)
"""


def dump(first_ms: int, *, faults: bool = False, revised: int | None = None) -> str:
    """Return two days of minutes as Binance writes them."""
    wave = 40_000 + 800 * np.sin(np.arange(ROWS) / 300) + 20 * np.sin(np.arange(ROWS) / 3)
    lines = []
    for row, price in enumerate(np.round(wave, 2).tolist()):
        if faults and row in GAP:
            continue
        time, volume = first_ms + row * MINUTE_MS, 99 if row == revised else 1 + row % 7
        close = round(price * 1.2, 2) if faults and row == SPIKE else price
        high = price - 1 if faults and row == WIDE else close + 5
        text = "oops" if faults and row == TEXT else f"{close:.2f}"
        line = f"{time},{close:.2f},{high:.2f},{price - 5:.2f},{text},{volume},{time + 59_999},0,1,0,0,0"
        lines += [line] * (2 if faults and row == TWICE else 1)
    return "\n".join(lines) + "\n"


def pack(folder: Path, month: str, text: str, method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(folder / f"BTCUSDT-1m-{month}.zip", "w", method) as packed:
        packed.writestr(f"BTCUSDT-1m-{month}.csv", text)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "eyas", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def dumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder with a strategy, its biased twin, and two months of dumps; the first has faults."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EYAS_CATALOG", str(tmp_path / "catalog"))
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    pack(dumps, "2024-01", dump(JANUARY_MS, faults=True))
    pack(dumps, "2024-02", dump(FEBRUARY_MS))
    mood = {"time": ["2024-01-30", "2024-02-01"], "known": ["2024-01-31", "2024-02-02"], "score": [1.0, 2.0]}
    pl.DataFrame(mood).write_csv("mood.csv")
    Path("reading.py").write_text(READING)
    Path("merged.py").write_text(MERGED)
    return dumps


def test_dumps_come_in_and_their_faults_are_named(dumps: Path) -> None:
    brought = command("data", "import", str(dumps), "--rejects", "rejects.csv")
    assert (brought.returncode, brought.stderr) == (0, "")
    good = 2 * ROWS - len(GAP) - 2
    assert brought.stdout.startswith(f"BTCUSDT 1m (binance): {good:,} new, 0 there already, 2 rejected")
    # What is wrong is put aside, and said with its line and a remedy.
    aside = pl.read_csv("rejects.csv")
    assert aside["fault"].to_list() == ["not_a_number", "ohlc"]
    assert aside["line"].to_list() == [TEXT - len(GAP) + 1, WIDE - len(GAP) + 1]
    assert aside["sentence"][0] == "close is 'oops', which is not a number. Correct it or drop the row."
    # The check finds by name what was planted: the gap (and the two rows put aside), and the spike.
    checked = command("data", "check", "BTCUSDT:1m", "--json")
    (verdict,) = json.loads(checked.stdout)["verdicts"]
    found = {one["name"]: one for one in verdict["findings"] if one["level"] != "pass"}
    assert (checked.returncode, verdict["level"], sorted(found)) == (0, "warn", ["gaps", "spikes"])
    assert found["gaps"]["count"] == 32
    assert (found["spikes"]["count"], found["spikes"]["time"]) == (1, "2024-01-30T11:40:00Z")


def test_a_run_says_which_data_it_was_and_revisions_change_that(
    dumps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def report() -> Any:
        assert main(["backtest", *RUN, "--json", "--quiet"]) == 0
        return json.loads(capsys.readouterr().out)["report"]

    catalog = Catalog()
    assert eyas.data.import_files(dumps, catalog).rows_new == 2 * ROWS - len(GAP) - 2
    # Hours were never stored: they are made of the minutes.
    hours, minutes = eyas.load("BTCUSDT", "1h"), eyas.load("BTCUSDT", "1m")
    assert (len(hours), hours.volume.sum()) == (2 * ROWS // 60, minutes.volume.sum())
    # A run on minutes sees hours, a day of them, and a mood; its report says what all of it was.
    first = report()
    assert first["summary"]["trades"] > 0
    assert first["quality"]["BTCUSDT"]["level"] == "warn"
    assert (first["extra"]["mood"]["rows"], len(first["extra"]["mood"]["hash"])) == (2, 64)
    # The same month comes again, packed otherwise: nothing changes.
    stored = catalog.entry("BTCUSDT", "1m").hash
    pack(dumps, "2024-02", dump(FEBRUARY_MS), zipfile.ZIP_STORED)
    again = eyas.data.import_files(dumps, catalog)
    assert (again.rows_new, again.rows_revised, catalog.entry("BTCUSDT", "1m").hash) == (0, 0, stored)
    # A month with another value is told, and kept out …
    pack(dumps, "2024-02", dump(FEBRUARY_MS, revised=1234))
    kept = eyas.data.import_files(dumps, catalog)
    assert (kept.rows_new, kept.rows_revised, catalog.entry("BTCUSDT", "1m").hash) == (0, 1, stored)
    assert "1 differ: the stored values were kept" in str(kept)
    assert report() == first
    # … until it is asked for: then the data are others, and every hash says so.
    taken = eyas.data.import_files(dumps, catalog, revise=True)
    assert (taken.rows_revised, eyas.load("BTCUSDT", "1m").volume.max()) == (1, 99)
    assert catalog.entry("BTCUSDT", "1m").hash != stored
    assert report()["quality"]["BTCUSDT"]["hash"] != first["quality"]["BTCUSDT"]["hash"]


def test_the_twin_that_merges_the_open_hour_is_caught(
    dumps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eyas.data.import_files(dumps, Catalog())
    assert main(["check", *RUN, "--cuts", "6"]) == 0
    assert capsys.readouterr().out.startswith("Reading: PASS")
    assert main(["check", "merged.py", "--series", "BTCUSDT:1m", "--cuts", "6"]) == 4
    assert capsys.readouterr().out.startswith("signals: FAIL")
