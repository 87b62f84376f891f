"""`eyas rerun` says by its exit code whether a run comes out the same, and in words why not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from eyas import sample
from eyas.data import Catalog
from tests.cli.commands import CONTROL, SAMPLE, Run, in_terminal


@pytest.fixture
def kept(run: Run) -> Run:
    assert run("backtest", "cross.py", *SAMPLE, "--save", "run.eyas", "--quiet").code == 0
    return run


def changed(old: str, new: str) -> None:
    path = Path("cross.py")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_unchanged_run_is_identical(kept: Run) -> None:
    result = kept("rerun", "run.eyas")
    assert (result.code, result.err) == (0, "")
    assert re.fullmatch(r"Identical: run\.eyas gives the same journal again, [0-9a-f]{64}\.\n", result.out)


def test_changed_code_is_named_with_its_lines(kept: Run) -> None:
    changed("self.buy(", "self.sell(")
    result = kept("rerun", "run.eyas")
    assert result.code == 6
    assert "Code has changed and decides the difference" in result.out
    assert "- 20: " in result.out
    assert "+ 20: " in result.out
    assert kept("rerun", "run.eyas", "--quiet").out == ""


def test_json_is_one_object_and_prints_of_a_strategy_go_elsewhere(kept: Run) -> None:
    changed("    def on_bar(self", "    def on_end(self):\n        print('hello')\n\n    def on_bar(self")
    result = kept("rerun", "run.eyas", "--json")
    said = json.loads(result.out)
    assert result.code == 0
    assert said["error"] is None
    assert said["rerun"]["identical"]
    assert said["rerun"]["changes"][0]["decides"] is False
    assert result.err == "hello\n"


def test_a_record_that_is_damaged_is_refused(kept: Run) -> None:
    Path("run.eyas").write_bytes(Path("run.eyas").read_bytes()[:-50])
    result = kept("rerun", "run.eyas")
    assert (result.code, result.out) == (2, "")
    assert "run.eyas is damaged or cut short" in result.err


def test_a_strategy_cannot_end_the_program(kept: Run) -> None:
    changed("    def on_bar(self", "    def on_end(self):\n        raise SystemExit\n\n    def on_bar(self")
    result = kept("rerun", "run.eyas")
    assert result.code == 6
    assert "did not run" in result.out


def test_the_help_says_that_it_executes_code(folder: Path) -> None:
    code, screen = in_terminal("rerun", "--help")
    assert code == 0
    assert "executes the strategy that is in the record" in " ".join(CONTROL.sub("", screen).split())


MOODY = """\
import eyas


class Moody(eyas.Strategy):
    def on_bar(self, bar):
        if self.extra["mood"].price[-1] > 2:
            self.buy(quantity=0.01)
        else:
            self.close()
"""


def test_series_of_the_catalog_and_files_of_extras_are_read_again(run: Run) -> None:
    week = sample("BTCUSDT", "1m")[:600]
    Catalog("market").add(week, venue="binance")
    Path("moody.py").write_text(MOODY)
    frame = pl.DataFrame({"time": week.time, "price": np.arange(600.0) % 5})
    frame.write_csv("mood.csv")
    asked = ("moody.py", "--series", "BTCUSDT:5m", "--catalog", "market", "--extra", "mood=mood.csv")
    done = run("backtest", *asked, "--save", "run.eyas")
    assert done.code == 0, done.err
    assert run("rerun", "run.eyas").out.startswith("Identical: ")
    assert "Note" not in run("rerun", "run.eyas").out
    frame[13, "price"] = 0.25
    frame.write_csv("mood.csv")
    done = run("rerun", "run.eyas")
    assert done.code == 6
    assert "mood.csv (the extra 'mood'), 1 changed: row 14 (" in done.out
    assert "price 3 is now 0.25" in done.out
    Path("mood.csv").unlink()
    low = np.array(week.low)
    low[7] -= 1
    Catalog("market").add(replace(week, low=low), venue="binance", revise=True)
    out = run("rerun", "run.eyas").out
    assert "mood.csv is gone: the recorded extra 'mood' was run in its place" in out
    assert "market BTCUSDT:5m@binance, resampled from 1m of BTCUSDT, 1 changed: row " in out


def test_bars_that_are_not_there_are_no_reason_to_go_on(kept: Run) -> None:
    result = kept("rerun", "run.eyas", "--data", "nofile.csv")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Error: --data nofile.csv: there is no such file; it was looked for in ")
