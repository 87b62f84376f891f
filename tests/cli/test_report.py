"""`eyas backtest --save` keeps a run, and `eyas report` shows it as it was shown when it ran."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import eyas
from eyas.cli.strategy_file import load_strategy
from tests.cli.commands import SAMPLE, Run, in_terminal

KEPT = ("--set", "fast=12", "--fee-rate", "0.001", "--save", "run.eyas")


def test_a_kept_run_is_shown_as_it_was(run: Run) -> None:
    first = run("backtest", "cross.py", *SAMPLE, *KEPT, "--html", "first.html")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines()[-2:] == ["Report: first.html", "Record: run.eyas"]
    Path("cross.py").unlink()
    again = run("report", "run.eyas", "--html", "again.html")
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[:-1] == [
        *first.out.splitlines()[:-2],
    ]
    assert again.out.splitlines()[-1] == "Report: again.html"
    assert Path("again.html").read_text() == Path("first.html").read_text()


def test_json_is_that_of_the_run(run: Run) -> None:
    first = run("backtest", "cross.py", *SAMPLE, *KEPT, "--json")
    again = run("report", "run.eyas", "--json")
    assert json.loads(again.out) == json.loads(first.out)


def test_it_writes_what_it_is_asked_to_write(run: Run) -> None:
    run("backtest", "cross.py", *SAMPLE, *KEPT, "--trades", "first.csv", "--quiet")
    result = run(
        "report",
        "run.eyas",
        "--trades",
        "again.csv",
        "--markdown",
        "run.md",
        "--json-lines",
        "run.jsonl",
        "--quiet",
    )
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path("again.csv").read_text() == Path("first.csv").read_text()
    assert Path("run.md").read_text().startswith("# Cross on AAPL 1d\n")
    lines = [json.loads(line) for line in Path("run.jsonl").read_text().splitlines()]
    assert len(lines) == pl.read_csv("first.csv").height > 0


@pytest.mark.browser
def test_it_prints_a_pdf(run: Run, chromium: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EYAS_BROWSER", chromium)
    run("backtest", "cross.py", *SAMPLE, *KEPT, "--quiet")
    result = run("report", "run.eyas", "--pdf", "run.pdf")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1] == "PDF: run.pdf"
    assert Path("run.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("report", "gone.eyas"), "Error: there is no file gone.eyas"),
        (("report", "cross.py"), "Error: cross.py is no record of a run"),
        (("report", "."), "Error: . is a folder: name the file in it"),
        (
            ("report", "run.eyas", "--html", "run.eyas"),
            "Error: --html run.eyas is a file that this run reads",
        ),
        (("report", "run.eyas", "--html", "run.txt"), "Error: --html run.txt must end in .html or .htm"),
        (("report", "run.eyas", "--markdown", "run.txt"), "must end in .md or .markdown"),
        (("report", "run.eyas", "--json-lines", "run.json"), "must end in .jsonl or .ndjson"),
        (("report", "run.eyas", "--pdf", "run.html"), "--pdf run.html must end in .pdf"),
        (("backtest", "cross.py", *SAMPLE, "--save", "run.zip"), "Error: --save run.zip must end in .eyas"),
        (
            ("backtest", "cross.py", *SAMPLE, "--save", "no/run.eyas"),
            "Error: --save no/run.eyas: there is no folder",
        ),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], sentence: str, run: Run) -> None:
    run("backtest", "cross.py", *SAMPLE, "--save", "run.eyas", "--quiet")
    before = Path("run.eyas").read_bytes()
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert sentence in " ".join(result.err.split())
    assert Path("run.eyas").read_bytes() == before


def test_a_run_that_fails_keeps_nothing(run: Run) -> None:
    result = run("backtest", "broken.py", *SAMPLE, "--save", "run.eyas")
    assert result.code == 1
    assert not Path("run.eyas").exists()


def test_bars_that_the_record_does_not_have_are_given(run: Run, folder: Path) -> None:
    bars = replace(eyas.sample("IBM", "1d")[:100], source="")
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    pl.DataFrame(columns).write_csv("mine.csv")
    eyas.backtest(load_strategy(Path("cross.py")), bars).save("run.eyas", data=False)
    assert "keeps no bars" in run("report", "run.eyas").err
    assert run("report", "run.eyas", "--data", "mine.csv").code == 0


def test_the_help_says_that_nothing_is_executed(folder: Path) -> None:
    code, screen = in_terminal("report", "--help")
    assert code == 0
    assert "nothing in it is executed" in " ".join(screen.split())


def test_another_benchmark_and_rate_are_taken(run: Run) -> None:
    assert run("backtest", "cross.py", *SAMPLE, "--save", "run.eyas", "--quiet").code == 0
    bars = eyas.sample("AAPL", "1d")
    columns = ("time", "open", "high", "low", "close", "volume")
    pl.DataFrame({name: getattr(bars, name) for name in columns}).write_csv("peer.csv")
    words = ("--metrics", "--benchmark", "peer.csv", "--risk-free", "0.02")
    for command in (("report", "run.eyas"), ("backtest", "cross.py", *SAMPLE)):
        result = run(*command, *words, "--html", "page.html")
        assert result.code == 0, result.err
        assert "risk-free rate 2 %; benchmark: peer" in result.out
        assert "peer" in Path("page.html").read_text()
    missing = run("report", "run.eyas", "--benchmark", "none.csv")
    assert missing.code == 2
    assert "none.csv" in missing.err
    assert "risk_free is -3" in run("report", "run.eyas", "--metrics", "--risk-free", "-3").err
