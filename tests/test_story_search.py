"""A person's afternoon with a search: a sweep is stopped, gone on with, doubted, tried on later bars."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import eyas
from eyas import research

ROOT = Path(__file__).parents[1]
TREND = """\
import eyas


class Trend(eyas.Strategy):
    fast: int = 10
    slow: int = 30

    def on_start(self):
        self.quick = self.use(eyas.indicators.ema, "close", self.fast)
        self.calm = self.use(eyas.indicators.ema, "close", self.slow)

    def on_bar(self, bar):
        if self.quick.crossed_above(self.calm):
            self.buy(fraction=0.9, stop_loss=0.02)
        elif self.quick.crossed_below(self.calm):
            self.close()
"""
SWEEP = ("sweep", "trend.py", "--sample", "BTCUSDT:1m", "--fee-rate", "0.0001", "--store", "trend.sweep")
GRID = ("--set", "fast=3:27:2", "--set", "slow=20:120:4", "--where", "fast < slow")
SLOWLY = ("--engine", "python", "--workers", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trend.py").write_text(TREND)
    return tmp_path


def command(folder: Path, *words: str) -> tuple[list[str], dict[str, Any]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return [sys.executable, "-m", "eyas", *words], {"cwd": folder, "env": environment}


def told(folder: Path, *words: str, code: int = 0) -> Any:
    """Run a command to its end and return the JSON that it prints."""
    arguments, how = command(folder, *words, "--json")
    done = subprocess.run(arguments, **how, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def stopped(folder: Path, *words: str) -> None:
    """Kill a sweep without warning once some of it is in its store."""
    arguments, how = command(folder, *words, "--quiet")
    # A session of its own: what it started dies with it.
    running = subprocess.Popen(arguments, **how, start_new_session=True)
    store = folder / "trend.sweep"
    while running.poll() is None:
        if kept(store):
            os.killpg(running.pid, signal.SIGKILL)
            break
    assert running.wait() == -signal.SIGKILL


def kept(store: Path) -> int:
    """Return how many bytes of trials a store holds by now."""
    journal = store.with_name(store.name + "-wal")
    return journal.stat().st_size if journal.exists() and journal.stat().st_size > 100_000 else 0


def test_a_search_from_the_first_grid_to_what_came_later(folder: Path) -> None:
    # The first try is killed; the same command goes on, in a faster way, and comes to all trials.
    stopped(folder, *SWEEP, *GRID, *SLOWLY)
    found = told(folder, *SWEEP, *GRID, "--html", "trend.html")["sweep"]
    assert found["counts"]["done"] == found["total"] == 332
    assert found["resumed"] > 0
    assert found["ran"] + found["resumed"] == 332
    assert (folder / "trend.html").stat().st_size > 50_000

    # Undisturbed it is the same table; and any row is run again, to the same journal.
    bars = eyas.sample("BTCUSDT", "1m")
    namespace: dict[str, Any] = {"__name__": "trend"}
    exec(compile(TREND, str(folder / "trend.py"), "exec"), namespace)
    best = found["best"]
    again = told(folder, *SWEEP, *GRID, "--rerun", str(best["number"]))["report"]
    assert again["parameters"] == best["parameters"]
    trend = eyas.backtest(UpFrontTrend(**best["parameters"]), bars, fee_rate=0.0001)
    assert trend.journal.digest == best["digest"]

    # Another market is another study, and says so instead of mixing the two.
    other = [word if word != "0.0001" else "0.0002" for word in SWEEP]
    error = told(folder, *other, *GRID, code=2)["error"]
    assert "fee_rate" in json.dumps(error)


class UpFrontTrend(eyas.Strategy):
    """Say the same as arrays: another way, the same journal."""

    fast: int = 10
    slow: int = 30

    def signals(self, bars: eyas.Bars) -> eyas.Signals:
        quick, calm = (eyas.indicators.ema(bars.close, period) for period in (self.fast, self.slow))
        return eyas.Signals(
            entries=eyas.indicators.crossed_above(quick, calm),
            exits=eyas.indicators.crossed_below(quick, calm),
            fraction=0.9,
            stop_loss=0.02,
        )


def test_what_a_sweep_finds_is_doubted_in_every_way() -> None:
    bars = eyas.sample("BTCUSDT", "1m")
    space: dict[str, Any] = {"fast": range(3, 27, 4), "slow": range(30, 120, 15)}
    found = eyas.sweep(UpFrontTrend, bars, fee_rate=0.0001, **space)
    statistics = found.statistics
    assert statistics.verdict in ("luck", "unproven", "holds")
    assert 0 <= statistics.deflated_sharpe <= statistics.probabilistic_sharpe <= 1
    assert statistics.sentence in str(found).replace("\n", " ")

    later = research.walk_forward(UpFrontTrend, bars, train=3_000, test=1_000, fee_rate=0.0001, **space)
    assert len(later.windows) == 7
    # The best of the past is chosen without the days on which it is tried.
    earlier = research.walk_forward(
        UpFrontTrend, bars[:7_000], train=3_000, test=1_000, fee_rate=0.0001, **space
    )
    digests = [stage.digest for stage in later.windows]
    assert [stage.digest for stage in earlier.windows] == digests[:4]
