"""The real thing: processes with their exit codes, a terminal, an interruption, a reader who leaves."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.cli.commands import CONTROL, SAMPLE, Run, command, environment, in_terminal

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|9[0-7])[;m]")

# Longer than half a second, by spinning on the first bar; then there are bars left to draw.
LONG = """\
import eyas
from time import monotonic

class Long(eyas.Strategy):
    def on_bar(self, bar):
        if bar.index == 0:
            ready = monotonic() + 0.6
            while monotonic() < ready:
                pass
"""


def write_long_run(count: int = 50_000) -> list[str]:
    """Write a strategy that takes its time and bars for it, and return the arguments that run it."""
    Path("long.py").write_text(LONG)
    time = np.arange(count) * 60_000_000_000 + 1_600_000_000_000_000_000
    ones = np.ones(count)
    pl.DataFrame({"time": time, "open": ones, "high": ones, "low": ones, "close": ones}).write_parquet(
        "bars.parquet"
    )
    return ["backtest", "long.py", "--data", "bars.parquet"]


def test_processes_exit_with_the_codes_that_are_promised(eyas: Run) -> None:
    ran = eyas("backtest", "cross.py", *SAMPLE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Cross on AAPL 1d\n")
    assert not CONTROL.search(ran.out)
    failed = eyas("backtest", "broken.py", *SAMPLE)
    assert failed.code == 1
    assert failed.err.startswith("Traceback")
    wrong = eyas("backtest", "cross.py", *SAMPLE, "--set", "fats=3")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "Error: Cross has no parameter fats; did you mean fast?\n"


def test_a_long_run_shows_a_bar_in_a_terminal_and_takes_it_away(folder: Path) -> None:
    code, screen = in_terminal(*write_long_run())
    assert code == 0
    assert re.search(r"Long .*of 50,000 bars, \d+ %", CONTROL.sub("", screen))
    assert screen.rindex("\x1b[?25h") > screen.rindex("of 50,000 bars")  # the cursor is back
    assert "\x1b[2K" in screen[screen.rindex("of 50,000 bars") :]  # and the line wiped
    assert "Long on bars.parquet 1m" in screen


def test_a_long_run_says_nothing_where_nobody_watches(eyas: Run) -> None:
    result = eyas(*write_long_run(), "--json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["report"]["summary"]["bars"] == 50_000


def test_a_screen_of_80_columns_is_enough(folder: Path) -> None:
    code, screen = in_terminal("backtest", "cross.py", *SAMPLE, "--html", "page.html")
    assert code == 0
    assert COLOUR.search(screen)
    lines = CONTROL.sub("", screen).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 24
    assert lines[-1] == "Report: page.html"


def test_long_sentences_break_between_words(folder: Path) -> None:
    Path("ACME_1d.csv").write_text(
        "Date,Open,High,Low,Close\n2024-01-02,1,2,1,2\n2024-01-03,2,1,2,2\n2024-01-04,x,2,1,2\n"
    )
    wanted = ("data", "import", "ACME_1d.csv", "--venue", "made", "--timeframe", "1d")
    code, screen = in_terminal(*wanted, "--catalog", "one")
    assert code == 0
    lines = CONTROL.sub("", screen).replace("\r", "").splitlines()
    assert max(map(len, lines)) <= 80
    assert "low <= open, close <= high. Correct the row or drop it." in " ".join(
        line.strip() for line in lines
    )


def test_no_figure_is_cut_where_it_does_not_fit_beside_another(folder: Path) -> None:
    _, screen = in_terminal("backtest", "cross.py", *SAMPLE, "--cash", "1e13")
    assert re.search(r"Cash at start +10,000,000,000,000\.00\r?$", CONTROL.sub("", screen), re.MULTILINE)
    assert "…" not in screen


def test_colours_are_left_out_on_request(folder: Path) -> None:
    _, screen = in_terminal("backtest", "broken.py", *SAMPLE, NO_COLOR="1")
    assert "Error: Broken failed" in CONTROL.sub("", screen)
    assert "Return" in screen
    assert not COLOUR.search(screen)


def test_an_interrupted_run_says_how_far_it_came_and_writes_nothing(eyas: Run) -> None:
    Path("stops.py").write_text(
        "import eyas, os, signal\nclass Stops(eyas.Strategy):\n    def on_bar(self, bar):\n"
        "        if bar.index == 100:\n            os.kill(os.getpid(), signal.SIGINT)\n"
    )
    before = set(Path().iterdir())
    result = eyas("backtest", "stops.py", *SAMPLE, "--html", "page.html", "--trades", "trades.csv", "--json")
    assert result.code == 130
    assert re.fullmatch(r"Interrupted: at bar \d+ of 252\n", result.err)
    assert json.loads(result.out)["error"]["type"] == "Interrupted"
    assert {path for path in Path().iterdir() if path.name != "__pycache__"} == before


@pytest.mark.parametrize(
    ("arguments", "code"), [(["rules"], 0), (["--help"], 0), (["backtest", "broken.py", *SAMPLE], 1)]
)
def test_a_reader_who_leaves_is_no_error(folder: Path, arguments: list[str], code: int) -> None:
    read, write = os.pipe()
    os.close(read)
    environ = environment(PYTHONUNBUFFERED="1")
    process = subprocess.run(
        command(*arguments), stdout=write, stderr=subprocess.PIPE, text=True, check=False, env=environ
    )
    os.close(write)
    assert process.returncode == code
    assert "BrokenPipe" not in process.stderr
    assert "fault in eyas" not in process.stderr


def test_a_strategy_that_prints_to_a_reader_who_leaves_is_no_error_either(folder: Path) -> None:
    Path("talks.py").write_text(
        "import eyas\nclass Talks(eyas.Strategy):\n"
        "    def on_bar(self, bar):\n        print(bar.index, flush=True)\n"
    )
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        command("backtest", "talks.py", *SAMPLE),
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
        env=environment(),
    )
    os.close(write)
    assert (process.returncode, process.stderr) == (0, b"")
