"""`eyas sweep`: what it prints, writes and exits with, and what is wrong said in words."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import eyas as package
from eyas.cli.failures import Interrupted, tell
from eyas.cli.sweep import typed
from tests.cli.commands import CONTROL, SAMPLE, Run, command, environment, in_terminal

GRID = ("--set", "fast=5:9", "--set", "slow=10:40:10", "--engine", "python")

CHOOSY = """\
import eyas


class Choosy(eyas.Strategy):
    every: int = eyas.param(5, min=1, max=50)
    mode: str = "calm"

    def on_start(self):
        if self.mode == "never":
            raise eyas.UsageError("mode never is not for today")

    def on_bar(self, bar):
        if self.every == 3 and bar.index == 50:
            raise ZeroDivisionError("boom")
        if bar.index % self.every == 0:
            self.close() if self.is_long else self.buy(fraction=0.5)
"""
LOUD = """\
import eyas


class Loud(eyas.Strategy):
    n: int = 1

    def on_bar(self, bar):
        if bar.index == self.n:
            print(bar.close)
"""
SLOW = """\
import eyas
from time import monotonic


class Slow(eyas.Strategy):
    n: int = 1

    def on_bar(self, bar):
        if bar.index == 0:
            ready = monotonic() + 0.02
            while monotonic() < ready:
                pass
            if self.n % 2:
                self.buy()
"""


def test_a_sweep_prints_its_best_trials_and_the_verdict(run: Run) -> None:
    result = run("sweep", "cross.py", *SAMPLE, *GRID, "--where", "fast * 2 < slow", "--fee-rate", "0.001")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Cross on AAPL 1d: 15 trials (grid), ")
    assert "trial  fast  slow  sharpe" in result.out
    assert "Deflated Sharpe ratio (2014)" in result.out
    assert not CONTROL.search(result.out)


def test_the_json_is_the_sweep(run: Run) -> None:
    result = run("sweep", "cross.py", *SAMPLE, *GRID, "--top", "3", "--json")
    found = json.loads(result.out)
    sweep = found["sweep"]
    assert (result.code, found["error"]) == (0, None)
    assert (sweep["trials"], sweep["total"], sweep["counts"]["done"]) == (20, 20, 20)
    assert len(sweep["top"]) == 3
    assert sweep["top"][0] == sweep["best"]
    sharpes = [one["figures"]["sharpe"] for one in sweep["top"]]
    assert sharpes == sorted(sharpes, reverse=True)
    assert sweep["statistics"]["trials"] <= 20
    report = package.backtest(cross(), package.sample("AAPL", "1d"), engine="python")
    assert sweep["best"]["parameters"].keys() == report.parameters.keys()


def cross() -> type[package.Strategy]:
    from eyas.cli.strategy_file import load_strategy

    return load_strategy(Path("cross.py"))


def test_all_trials_and_the_page_are_written(run: Run) -> None:
    files = ("--csv", "trials.csv", "--html", "page.html")
    result = run("sweep", "cross.py", *SAMPLE, *GRID, *files, "--fee-rate", "0.001")
    assert result.out.endswith("\nTrials: trials.csv\nReport: page.html\n")
    frame = pl.read_csv("trials.csv")
    assert frame.height == 20
    assert frame["fast"].to_list() == [fast for fast in range(5, 10) for _ in range(4)]
    assert frame["slow"].to_list()[:4] == [10, 20, 30, 40]
    page = Path("page.html").read_text()
    assert '"command":"eyas backtest cross.py --sample AAPL:1d --fee-rate 0.001 {settings}"' in page
    assert run("sweep", "cross.py", *SAMPLE, *GRID, "--csv", "trials.parquet", "--quiet").out == ""
    assert pl.read_parquet("trials.parquet").height == 20


def test_markdown_and_lines_are_written_too(run: Run) -> None:
    files = ("--markdown", "sweep.md", "--json-lines", "trials.jsonl", "--csv", "trials.csv")
    result = run("sweep", "cross.py", *SAMPLE, *GRID, *files)
    assert result.code == 0
    assert "\nTrials: trials.csv\nTrials as lines: trials.jsonl\nMarkdown: sweep.md\n" in result.out
    rows = [json.loads(line) for line in Path("trials.jsonl").read_text().splitlines()]
    assert sorted(row["trial"] for row in rows) == list(range(20))
    frame = {row["trial"]: row["digest"] for row in pl.read_csv("trials.csv").to_dicts()}
    assert {row["trial"]: row["digest"] for row in rows} == frame
    text = Path("sweep.md").read_text()
    assert text.startswith("# Cross on AAPL 1d")
    best = re.search(r"^\| +(\d+) \|", text, re.MULTILINE)
    assert best
    assert int(best[1]) == rows[0]["trial"]


def test_a_trial_that_is_run_again_is_written_as_a_run(run: Run) -> None:
    wanted = ("sweep", "cross.py", *SAMPLE, *GRID, "--store", "cross.sweep")
    assert run(*wanted, "--quiet").code == 0
    written = ("--rerun", "7", "--markdown", "one.md", "--json-lines", "one.jsonl")
    result = run(*wanted, *written)
    assert "\nTrades as lines: one.jsonl\nMarkdown: one.md\n" in result.out
    trades = json.loads(run(*wanted, "--rerun", "7", "--json").out)["report"]["summary"]["trades"]
    assert len(Path("one.jsonl").read_text().splitlines()) == trades
    assert Path("one.md").read_text().startswith("# Cross on AAPL 1d")


def test_free_trading_is_warned_of(run: Run) -> None:
    free = run("sweep", "cross.py", *SAMPLE, *GRID)
    assert "Trading was free in this sweep" in free.out
    found = json.loads(run("sweep", "cross.py", *SAMPLE, *GRID, "--json").out)["sweep"]
    assert any(text.startswith("Trading was free") for text in found["notes"])
    paid = run("sweep", "cross.py", *SAMPLE, *GRID, "--rule", "spread_rate=0.0002")
    assert "Trading was free" not in paid.out


def test_what_a_strategy_prints_while_the_page_is_written_is_not_in_the_json(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "loud.py"
    path.write_text(LOUD.replace("print(bar.close)", "print(bar.close); self.buy()"))
    result = run("sweep", str(path), *SAMPLE, "--set", "n=1:3", "--html", "page.html", "--json")
    assert json.loads(result.out)["sweep"]["trials"] == 3
    assert 'id="equity"' in Path("page.html").read_text()


def test_the_command_on_the_page_runs_a_trial_again(run: Run) -> None:
    parquet = ("--csv", "trials.parquet", "--quiet")
    run("sweep", "cross.py", *SAMPLE, *GRID, "--rule", "tie=target", "--html", "page.html", *parquet)
    template = re.search(r'"command":"eyas ([^"]*) \{settings\}"', Path("page.html").read_text())
    assert template
    row = pl.read_parquet("trials.parquet").row(7, named=True)
    settings = ("--set", f"fast={row['fast']}", "--set", f"slow={row['slow']}", "--json")
    again = json.loads(run(*template[1].split(), *settings).out)
    assert again["report"]["journal"] == row["digest"]


def test_a_trial_of_the_store_is_run_again_whole(run: Run) -> None:
    wanted = ("sweep", "cross.py", *SAMPLE, *GRID, "--store", "cross.sweep")
    first = run(*wanted, "--csv", "trials.parquet")
    assert first.code == 0
    result = run(*wanted, "--rerun", "7", "--html", "one.html")
    digest = pl.read_parquet("trials.parquet")["digest"][7]
    assert result.code == 0
    assert "fast=6 slow=40" in result.out
    assert f"The journal is the one of trial 7 of cross.sweep: {digest[:12]}" in result.out
    assert "backtest report" in Path("one.html").read_text()
    assert run(*wanted, "--rerun", "20").err.strip().endswith("there is no trial 20; the trials are 0 to 19")
    assert json.loads(run(*wanted, "--rerun", "7", "--json").out)["report"]["journal"] == digest


def test_what_came_to_nothing_is_told_and_the_rest_goes_on(run: Run) -> None:
    Path("choosy.py").write_text(CHOOSY)
    result = run("sweep", "choosy.py", *SAMPLE, "--set", "every=2:5", "--set", "mode=calm,never", "--json")
    found = json.loads(result.out)["sweep"]
    assert result.code == 0
    assert found["counts"] | {"nan": 0} == {"done": 3, "refused": 4, "failed": 1, "constrained": 0, "nan": 0}
    assert any("not for today" in text for text in found["refused"].values())
    assert "boom" in next(iter(found["failed"].values()))
    assert run("sweep", "choosy.py", *SAMPLE, "--set", "every=2:5", "--set", "mode=never").code == 2
    assert run("sweep", "choosy.py", *SAMPLE, "--set", "every=3,3.0").code in (1, 2)


def test_objectives_and_constraints_are_expressions(run: Run) -> None:
    objective = ("--objective", "total_return / max(max_drawdown, 0.01)", "--constraint", "trades >= 5")
    found = json.loads(run("sweep", "cross.py", *SAMPLE, *GRID, *objective, "--json").out)["sweep"]
    best = found["best"]
    assert best["values"][0] == best["figures"]["total_return"] / max(best["figures"]["max_drawdown"], 0.01)
    assert best["figures"]["trades"] >= 5
    least = json.loads(run("sweep", "cross.py", *SAMPLE, *GRID, "--objective", "trades:min", "--json").out)
    assert least["sweep"]["best"]["values"][0] == min(
        one["figures"]["trades"] for one in least["sweep"]["top"]
    )


def test_random_trials_are_drawn_by_their_seed(run: Run) -> None:
    wanted = (
        "sweep",
        "cross.py",
        *SAMPLE,
        "--set",
        "fast=3:50",
        "--set",
        "slow=10:200",
        "--search",
        "random",
    )
    one, same, other = (
        json.loads(run(*wanted, "--trials", "12", "--seed", seed, "--json").out)["sweep"]
        for seed in ("1", "1", "2")
    )
    assert one["trials"] == 12
    assert one["top"] == same["top"]
    assert one["top"] != other["top"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "fats=5:9"), "Cross has no parameter fats, and there is no such rule; did you mean fast?"),
        (("--set", "fast=5"), "a sweep needs a parameter of Cross with several values"),
        (("--set", "fast=9:5"), "the first must not be above the second"),
        (("--set", "fast=5:9:0"), "the step must be above 0"),
        (("--set", "fast=1:9"), "Cross.fast is 1, but must be 3 to 50"),
        (("--set", "fast=a:b"), "Cross.fast is 'a', but must be of type int"),
        (("--set", "fast=5:9", "--where", "fast <"), "cannot be read"),
        (
            ("--set", "fast=5:9", "--where", "fsat < 3"),
            "asks for fsat, which there is not; did you mean fast?",
        ),
        (("--set", "fast=5:9", "--where", "fast + 1"), "is neither true nor false"),
        (
            ("--set", "fast=5:9", "--where", "__import__('os')"),
            "has __import__('os'), which cannot stand there",
        ),
        (("--set", "fast=5:9", "--where", "fast > 99"), "where keeps none of the combinations"),
        (("--set", "fast=5:9", "--objective", "sharp"), "no figure sharp; did you mean sharpe?"),
        (("--set", "fast=5:9", "--objective", "sharpe ** 2"), "which cannot stand there"),
        (("--set", "fast=5:9", "--constraint", "trades"), None),
        (("--set", "fast=5:9", "--search", "random"), "say --trials 200"),
        (("--set", "fast=5:9", "--search", "gird"), "must be one of grid, random, tpe"),
        (("--set", "fast=5:9", "--trials", "5"), "say --search random"),
        (("--set", "fast=5:9", "--engine", "fast"), "must be one of auto, python"),
        (("--set", "fast=5:9", "--rerun", "3"), "--rerun takes a trial out of the file of --store"),
        (("--set", "fast=5:9", "--csv", "t.txt"), "--csv t.txt must end in .csv or .parquet"),
        (("--set", "fast=5:9", "--markdown", "t.txt"), "--markdown t.txt must end in .md or .markdown"),
        (("--set", "fast=5:9", "--json-lines", "t.json"), "--json-lines t.json must end in .jsonl"),
        (("--set", "fast=5:9", "--html", "no/t.html"), "there is no folder no"),
        (("--set", "fast=5:9", "--store", "cross.py"), "call it cross.sweep"),
    ],
)
def test_what_is_wrong_is_said(run: Run, arguments: tuple[str, ...], said: str | None) -> None:
    result = run("sweep", "cross.py", *SAMPLE, "--engine", "python", *arguments)
    if said is None:
        assert result.code == 0  # a number is a condition too: true when it is not 0
        return
    assert result.code == 2
    assert said in " ".join(result.err.split())


def test_another_study_in_the_store_is_refused_by_what_differs(run: Run) -> None:
    wanted = ("sweep", "cross.py", *SAMPLE, *GRID, "--store", "cross.sweep")
    assert run(*wanted).code == 0
    result = run(*wanted, "--fee-rate", "0.001")
    assert result.code == 2
    assert "fee_rate=0.001" in " ".join(result.err.split())


def test_sentences_speak_of_options() -> None:
    assert typed("say search='random' or store=\"a.sweep\".") == "say --search random or --store a.sweep."
    assert typed("with store=study.sweep, and workers=1") == "with --store study.sweep, and --workers 1"
    assert typed("trials, fast=5") == "trials, fast=5"


# --- a terminal ---


def test_a_screen_of_80_columns_is_enough(folder: Path) -> None:
    code, screen = in_terminal("sweep", "cross.py", *SAMPLE, *GRID, "--html", "page.html")
    assert code == 0
    lines = CONTROL.sub("", screen).replace("\r", "").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Cross on AAPL 1d"
    assert lines[-1] == "Report: page.html"


def slow_sweep() -> list[str]:
    """Write a strategy that takes its time over a few bars, and return the arguments of a sweep of it."""
    Path("slow.py").write_text(SLOW)
    time = np.arange(500) * 86_400_000_000_000 + 1_600_000_000_000_000_000
    close = 100 + np.sin(np.arange(500.0))
    pl.DataFrame({"time": time, "open": close, "high": close, "low": close, "close": close}).write_parquet(
        "b.parquet"
    )
    wanted = ["sweep", "slow.py", "--data", "b.parquet", "--set", "n=1:150", "--store", "s.sweep"]
    return [*wanted, "--workers", "1", "--quality", "off"]


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(folder: Path) -> None:
    arguments = slow_sweep()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        stdout=theirs,
        stderr=theirs,
        env=environment(COLUMNS="100"),
        start_new_session=True,
    )
    os.close(theirs)
    got = b""
    stopped = False
    try:
        while piece := os.read(ours, 65_536):
            got += piece
            if not stopped and b" left, best sharpe" in got:
                process.send_signal(signal.SIGINT)
                stopped = True
    except OSError:
        pass  # how a terminal says that nobody writes any more
    os.close(ours)
    screen = " ".join(CONTROL.sub("", got.decode()).split())
    assert stopped
    assert process.wait() == 130
    assert "of 150 (grid)" in screen
    assert "Interrupted: after" in screen
    assert "run the same command again: eyas sweep slow.py" in screen
    done = subprocess.run(
        command(*arguments, "--json"),
        capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    found = json.loads(done.stdout)["sweep"]
    assert (done.returncode, found["trials"], found["interrupted"]) == (0, 150, False)
    kept = int(re.search(r"([\d,]+) trials of 150", screen)[1])  # type: ignore[index]
    assert kept < 150


def test_an_interrupted_sweep_is_one_object_of_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    stopped = Interrupted("after 3 trials.", {"sweep": {"trials": 3}})
    assert tell(stopped, as_json=True, quiet=False) == 130
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["sweep"] == {"trials": 3}
    assert found["error"]["exit_code"] == 130
    assert printed.err == "Interrupted: after 3 trials.\n"


def test_a_parameter_that_is_called_as_a_word_of_the_sweep(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "seeded.py"
    path.write_text("import eyas\n\n\nclass Seeded(eyas.Strategy):\n    seed: int = 0\n")
    own = run("sweep", str(path), *SAMPLE, "--set", "seed=0:5")
    assert own.code == 2
    assert "seed is a parameter of Seeded and a word of eyas.sweep" in own.err
    path.write_text(CHOOSY)
    other = run("sweep", str(path), *SAMPLE, "--set", "every=2:5", "--set", "trials=5")
    assert other.code == 2
    assert "Choosy has no parameter trials; did you mean --trials?" in other.err


def test_what_cannot_be_compiled_is_said_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "loud.py"
    path.write_text(LOUD)
    refused = run("sweep", str(path), *SAMPLE, "--set", "n=1:3", "--engine", "compiled")
    assert refused.code == 2
    assert refused.err.count("cannot be compiled") == 1
    assert refused.err.rstrip().endswith("; or run it with --engine python")
    ran = run("sweep", str(path), *SAMPLE, "--set", "n=1:3")
    assert "`print(bar.close)` cannot be compiled" in " ".join(ran.out.split())
    assert "or run it with" not in ran.out  # it was
