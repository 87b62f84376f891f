"""`eyas diff`: what is printed, what is written, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import eyas
from eyas.cli.failures import Exit
from tests.cli.commands import CONTROL, Run, in_terminal


class Hold(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % 20 == 0:
            self.buy(quantity=10)
        elif bar.index % 20 == 10:
            self.close()


@pytest.fixture
def saved(folder: Path) -> Callable[..., str]:
    """Save a run in the folder and return the name of its file."""

    def save(name: str, *, symbol: str = "AAPL", **options: Any) -> str:
        eyas.backtest(Hold(), eyas.sample(symbol, "1d")[:100], **options).save(folder / name)
        return name

    return save


def test_equal_runs_are_one_line_and_code_0(run: Run, saved: Callable[..., str]) -> None:
    result = run("diff", saved("a.eyas"), saved("b.eyas"))
    assert (result.code, result.err) == (Exit.RAN, "")
    assert result.out.startswith("Identical: 5 trades, ")
    assert result.out.count("\n") == 1


def test_runs_that_differ_are_explained_and_code_6(run: Run, saved: Callable[..., str]) -> None:
    result = run("diff", saved("a.eyas"), saved("b.eyas", fee_rate=0.001))
    assert (result.code, result.err) == (Exit.DIFFERS, "")
    assert "A: a.eyas, Hold on AAPL 1d" in result.out
    assert "fee_rate 0.0 → 0.001" in result.out
    assert int(Exit.DIFFERS) == 6


def test_files_are_written_and_quiet_prints_nothing(
    run: Run, saved: Callable[..., str], folder: Path
) -> None:
    given = ("diff", saved("a.eyas"), saved("b.eyas", fee_rate=0.001))
    result = run(*given, "--html", "d.html", "--markdown", "d.md", "--quiet")
    assert (result.code, result.out) == (Exit.DIFFERS, "")
    assert "Where the money went" in (folder / "d.html").read_text()
    assert (folder / "d.md").read_text().startswith("# Difference of two runs\n")


def test_json_is_one_object(run: Run, saved: Callable[..., str]) -> None:
    result = run("diff", saved("a.eyas"), saved("b.eyas", cash=9_000), "--json")
    kept = json.loads(result.out)
    assert kept["error"] is None
    assert kept["difference"]["causes"] == {"cash": "-1000"}
    assert result.code == Exit.DIFFERS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a.eyas", "nope.eyas"), "nope.eyas"),
        (("a.eyas", "cross.py"), "cross.py is no record"),
        (("a.eyas", "ibm.eyas"), "no symbol in common (AAPL and IBM)"),
        (("a.eyas", "a.eyas", "--html", "a.eyas"), "is a file that this run reads"),
        (("a.eyas", "a.eyas", "--html", "page.txt"), "must end in .html or .htm"),
        (("a.eyas",), "Missing argument"),
    ],
)
def test_wrong_input_is_code_2(
    run: Run, saved: Callable[..., str], arguments: tuple[str, ...], said: str
) -> None:
    saved("a.eyas")
    saved("ibm.eyas", symbol="IBM")
    result = run("diff", *arguments)
    assert result.code == Exit.INPUT_WRONG
    assert said in " ".join(result.err.split())
    assert result.out == ""


def test_a_terminal_gets_colours(saved: Callable[..., str]) -> None:
    code, screen = in_terminal("diff", saved("a.eyas"), saved("b.eyas", fee_rate=0.001))
    assert code == Exit.DIFFERS
    assert "\x1b[31m-" in screen
    assert "Where the money went" in screen


def test_a_narrow_terminal_shows_every_date_whole(saved: Callable[..., str]) -> None:
    _, screen = in_terminal("diff", saved("a.eyas"), saved("b.eyas", fee_rate=0.001))
    assert "…" not in screen
    assert all(len(CONTROL.sub("", line).rstrip()) <= 80 for line in screen.split("\n"))
