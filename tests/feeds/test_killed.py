"""A download that is killed at any moment, and repeated, ends with the same catalog."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.feeds.conftest import Running
from tests.feeds.venues import MINUTE_MS, MS_NS, START_MS, Binance, Venue, history, local_binance, serving

pytest.importorskip("ccxt")
ROOT = Path(__file__).parents[2]
BARS, PAGE, ROUNDS = 25_000, 250, 9


def test_killed_at_random_moments(tmp_path: Path) -> None:
    now_ms = START_MS + BARS * MINUTE_MS + MINUTE_MS // 2
    venue = Venue(history(BARS + 1, step_ms=MINUTE_MS), now_ms, MINUTE_MS, page=PAGE)
    with serving(venue, Binance) as host:
        options = local_binance(host)
        place = tmp_path / "catalog"
        arguments = [str(place), json.dumps(options), str(now_ms * MS_NS), str(ROUNDS), "7"]
        command = [sys.executable, "-m", "tests.feeds.killed", *arguments]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
        assert run.stderr == ""
        assert int(run.stdout) == 0, "the download is too short to be killed"
        running = Running(place)
        before = running.stored(timeframe="1m")
        assert before == venue.closed()[: len(before)]
        assert 0 < len(before) < BARS
        assert running.catalog.verify() == ()
        asked = len(venue.asked)
        running(venue, timeframe="1m", source="ccxt:binance", options=options)
        assert running.stored(timeframe="1m") == venue.closed()
        # Nothing that was stored was asked for again, but for one page of each that was killed.
        assert len(venue.asked) - asked == -(-(BARS - len(before)) // PAGE)
        assert asked <= len(before) // PAGE + 2 * ROUNDS
    whole = Running(tmp_path / "at_once")
    with serving(venue, Binance) as host:
        whole(venue, timeframe="1m", source="ccxt:binance", options=local_binance(host))
    entries = [one.catalog.entry("BTC/USDT", "1m") for one in (running, whole)]
    assert entries[0].hash == entries[1].hash
    assert entries[0].rows == entries[1].rows == BARS
