"""`eyas compare`: saved runs side by side."""

from __future__ import annotations

import json
from pathlib import Path

import eyas
from tests.cli.commands import SAMPLE, Run, in_terminal


def saved(run: Run, name: str, *words: str) -> str:
    Path(name).parent.mkdir(exist_ok=True)
    assert run("backtest", "cross.py", *SAMPLE, "--save", name, "--quiet", *words).code == 0
    return name


def test_runs_stand_side_by_side(run: Run) -> None:
    one, two = saved(run, "free.eyas"), saved(run, "dear.eyas", "--fee-rate", "0.001")
    result = run("compare", one, two)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].split() == ["free", "dear"]
    assert any(line.startswith("Fees paid") and "*" in line for line in lines)
    assert "fee_rate: – / 0.001" in lines


def test_a_machine_gets_the_numbers(run: Run) -> None:
    one, two = saved(run, "free.eyas"), saved(run, "dear.eyas", "--fee-rate", "0.001")
    found = json.loads(run("compare", one, two, "--json").out)
    assert found["error"] is None
    report = eyas.open(two)
    assert found["comparison"]["runs"]["dear"]["journal"] == report.journal.digest
    assert found["comparison"]["runs"]["dear"]["metrics"]["fees_paid"] == report.metrics["fees_paid"]
    assert found["comparison"]["differ_in"]["fee_rate"] == {"free": "–", "dear": "0.001"}


def test_pages_and_markdown_are_written(run: Run) -> None:
    one, two = saved(run, "free.eyas"), saved(run, "dear.eyas", "--fee-rate", "0.001")
    result = run("compare", one, two, "--html", "c.html", "--markdown", "c.md")
    assert result.code == 0, result.err
    assert "Page: c.html" in result.out
    assert "2 runs side by side" in Path("c.html").read_text()
    assert "| free" in Path("c.md").read_text()


def test_files_of_one_name_are_told_apart(run: Run) -> None:
    one, two = saved(run, "a/run.eyas"), saved(run, "b/run.eyas")
    result = run("compare", one, two, one)
    assert result.code == 0, result.err
    assert result.out.splitlines()[0].split("  ")[-1].strip() == "a/run.eyas #3"


def test_wrong_input_is_told(run: Run) -> None:
    one = saved(run, "free.eyas")
    assert "two records or more" in run("compare", one).err
    missing = run("compare", one, "none.eyas")
    assert missing.code == 2
    assert "none.eyas" in missing.err
    assert run("compare", one, one, "--html", "c.txt").code == 2


def test_in_a_terminal_the_best_is_green(run: Run) -> None:
    one, two = saved(run, "free.eyas"), saved(run, "dear.eyas", "--fee-rate", "0.001")
    code, screen = in_terminal("compare", one, two)
    assert code == 0
    assert "\x1b[32m" in screen
    assert "They differ in" in screen
