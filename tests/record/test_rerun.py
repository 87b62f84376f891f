"""A record that is run again is identical, or it is said what has changed and which change decides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.cli.strategy_file import load_strategy
from eyas.record import rerun
from eyas.reports.saving import parts
from tests.record.runs import RUNS, Noting, saved
from tests.record.test_container import with_manifest
from tests.test_portfolio import walk
from tests.test_session import coarse_bars

STRATEGY = """\
import eyas
from sizes_of_f import size


class Own(eyas.Strategy):
    every: int = 3

    def on_bar(self, bar):
        if bar.index % self.every == 0:
            self.buy(quantity=size())
        elif self.random.random() < 0.5:
            self.close()
"""
SIZES = "def size():\n    return 2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Be in a folder with a strategy in two files, its bars, and a record of its run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("own.py").write_text(STRATEGY)
    Path("sizes_of_f.py").write_text(SIZES)
    bars = coarse_bars(4, 60)
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    pl.DataFrame(columns).write_csv("prices.csv")
    before = set(sys.modules)
    eyas.backtest(load_strategy(Path("own.py")), "prices.csv", seed=11, fee_rate=0.001).save()
    forget(before, tmp_path)
    yield tmp_path
    forget(before, tmp_path)


def forget(before: set[str], folder: Path) -> None:
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


def edited(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def revised(row: int, column: str, value: float) -> None:
    frame = pl.read_csv("prices.csv")
    frame[row, column] = value
    frame.write_csv("prices.csv")


def trials(found: Any) -> dict[tuple[str, str], bool]:
    """Return of each run that was made whether it came out as recorded."""
    return {(one.code, one.data): one.digest == found.recorded for one in found.trials}


def test_nothing_changed(folder: Path) -> None:
    modules, path = set(sys.modules), list(sys.path)
    found = rerun("run.eyas")
    assert found.identical
    assert (found.changes, found.remarks, found.causes) == ((), (), ())
    assert trials(found) == {("recorded", "recorded"): True}
    assert str(found) == f"Identical: run.eyas gives the same journal again, {found.recorded}."
    assert found.report is not None
    assert found.report.summary == eyas.open("run.eyas").summary
    new = [getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - modules]
    assert [file for file in new if file.startswith(str(folder))] == []
    assert path == sys.path


@pytest.mark.parametrize("name", RUNS)
def test_runs_of_every_kind_are_identical(name: str, tmp_path: Path) -> None:
    found = rerun(saved(RUNS[name](), tmp_path))
    assert found.identical, str(found)


class Handmade(eyas.Strategy):
    """Go by what was set on it by hand, which no parameter says."""

    size = 1.0

    def on_bar(self, bar: eyas.Bar) -> None:
        self.buy(quantity=self.size)


def test_what_was_set_by_hand_is_not_recorded_and_that_is_said(tmp_path: Path) -> None:
    strategy = Handmade()
    strategy.size = 2.0
    found = rerun(saved(eyas.backtest(strategy, coarse_bars(4, 20)), tmp_path))
    assert not found.identical
    assert "what was set on the strategy by hand" in found.remarks[1]
    assert found.remarks[0].startswith("the bars came from no file that could be read again (")


def test_a_line_of_code_that_decides(folder: Path) -> None:
    edited("own.py", "== 0:", "== 1:")
    found = rerun("run.eyas")
    assert not found.identical
    assert trials(found) == {("recorded", "recorded"): True, ("now", "recorded"): False}
    (change,) = found.causes
    assert (change.kind, change.decides) == ("code", True)
    assert str(folder / "own.py") in change.sentence
    assert change.lines == (
        "- 9:         if bar.index % self.every == 0:",
        "+ 9:         if bar.index % self.every == 1:",
    )
    assert "Code has changed and decides the difference" in str(found)


def test_a_line_of_a_helper_decides_and_its_recorded_text_is_what_ran(folder: Path) -> None:
    edited("sizes_of_f.py", "return 2", "return 3")
    found = rerun("run.eyas")
    assert trials(found) == {("recorded", "recorded"): True, ("now", "recorded"): False}
    assert found.causes[0].lines == ("- 2:     return 2", "+ 2:     return 3")


def test_a_comment_decides_nothing(folder: Path) -> None:
    edited("own.py", "every: int = 3", "every: int = 3  # bars")
    found = rerun("run.eyas")
    assert found.identical
    assert [one.decides for one in found.changes] == [False]
    assert "Code has changed and makes no difference" in str(found)


def test_a_bar_that_decides(folder: Path) -> None:
    revised(7, "open", float(coarse_bars(4, 60).low[7]))
    found = rerun("run.eyas")
    assert trials(found) == {("recorded", "recorded"): True, ("recorded", "now"): False}
    (change,) = found.causes
    assert change.kind == "data"
    assert change.sentence.startswith("prices.csv, 1 changed: row 8 (")
    assert " is now " in change.sentence


def test_a_bar_that_decides_nothing(folder: Path) -> None:
    revised(7, "volume", 12345.0)
    found = rerun("run.eyas")
    assert found.identical
    assert [one.decides for one in found.changes] == [False]
    assert "volume " in found.changes[0].sentence


def test_later_bars_are_no_revision_and_missing_ones_are(folder: Path) -> None:
    text = Path("prices.csv").read_text()
    last = text.splitlines()[-1].split(",")
    later = ",".join([str(int(last[0]) + 60 * 10**9), *last[1:]])
    Path("prices.csv").write_text(f"{text}{later}\n")
    assert rerun("run.eyas").changes == ()
    Path("prices.csv").write_text("\n".join([*text.splitlines()[:30], *text.splitlines()[31:]]))
    (change,) = rerun("run.eyas").changes
    assert "1 gone: row 30 (" in change.sentence


def test_code_and_data_are_told_apart(folder: Path) -> None:
    edited("own.py", "every: int = 3", "every: int = 3  # bars")
    revised(7, "open", float(coarse_bars(4, 60).low[7]))
    found = rerun("run.eyas")
    assert trials(found) == {
        ("recorded", "recorded"): True,
        ("now", "recorded"): True,
        ("recorded", "now"): False,
        ("now", "now"): False,
    }
    assert [one.kind for one in found.causes] == ["data"]
    assert (found.trials[-1].code, found.trials[-1].data) == ("now", "now")
    edited("own.py", "== 0:", "== 1:")
    assert {one.kind for one in rerun("run.eyas").causes} == {"code", "data"}


def test_another_version_is_named(folder: Path) -> None:
    data = Path("run.eyas").read_bytes()

    def older(said: dict[str, Any]) -> None:
        said["origin"]["versions"].update(eyas="0.0.9", platform="Plan9 sparc")

    Path("run.eyas").write_bytes(with_manifest(data, older))
    found = rerun("run.eyas")
    assert found.identical
    assert [(one.kind, one.decides) for one in found.changes] == [("version", False), ("platform", False)]
    assert found.changes[0].sentence == "eyas was 0.0.9, and is 0.1.0"
    # The same record of a run that came out otherwise: the version is what is left to decide.

    def otherwise(said: dict[str, Any]) -> None:
        older(said)
        said["seed"] = 12

    Path("run.eyas").write_bytes(with_manifest(data, otherwise))
    found = rerun("run.eyas")
    assert not found.identical
    assert [one.kind for one in found.causes] == ["version", "platform"]


def test_an_unknown_cause_is_said_to_be_unknown(folder: Path) -> None:
    data = Path("run.eyas").read_bytes()
    Path("run.eyas").write_bytes(with_manifest(data, lambda said: said.update(seed=12)))
    found = rerun("run.eyas")
    assert not found.identical
    assert found.changes == ()
    assert "something that no record has decides too" in found.remarks[0]


def test_luck_of_its_own_is_said(folder: Path) -> None:
    edited("own.py", "self.random.random()", "__import__('random').random()")
    eyas.backtest(load_strategy(Path("own.py")), "prices.csv").save()
    found = rerun("run.eyas")
    assert not found.identical
    assert "does not come out the same twice" in found.remarks[0]


def test_a_file_that_is_gone_is_run_from_the_record(folder: Path) -> None:
    Path("own.py").unlink()
    Path("sizes_of_f.py").unlink()
    Path("prices.csv").unlink()
    found = rerun("run.eyas")
    assert found.identical
    assert found.remarks == (
        f"{folder / 'own.py'} is gone: the recorded source was run in its place",
        f"{folder / 'sizes_of_f.py'} is gone: the recorded source was run in its place",
        f"{folder / 'prices.csv'} is gone: the recorded bars were run in its place",
    )


def test_bars_that_cannot_be_read_now_are_said(folder: Path) -> None:
    Path("prices.csv").write_text("time,open,high,low,close\n2024-01-01,1,2,3,4\n")
    found = rerun("run.eyas")
    assert found.identical
    assert found.remarks[0].startswith("the bars cannot be read now (")


def test_bars_of_now_may_be_given(folder: Path) -> None:
    bars = eyas.bars("prices.csv")
    found = rerun("run.eyas", bars=bars[:50])
    assert "10 gone" in found.changes[0].sentence
    assert not found.identical


@pytest.mark.parametrize(
    ("old", "new", "failure"),
    [
        ("class Own", "class Other", "has no strategy Own any more"),
        ("every: int = 3", "often: int = 3", "Own has no parameter every; its parameters are often"),
        (
            "import eyas\n",
            "import eyas\nimport gone_of_f\n",
            "needs the module gone_of_f, which is not here now",
        ),
        ("import eyas\n", "import eyas\n1 / 0\n", "failed while it was loaded: ZeroDivisionError"),
        ("import eyas\n", "import eyas\nraise SystemExit\n", "failed while it was loaded: SystemExit"),
        ("import eyas\n", "import eyas\n)\n", "failed while it was loaded: SyntaxError"),
        (
            "    every: int = 3\n",
            "    every: int = 3\n    def __init__(self): pass\n",
            "unexpected keyword argument 'every'",
        ),
        ("if bar.index", "if bar.indexx", "has no attribute 'indexx'"),
    ],
)
def test_code_that_does_not_run_now_is_said(old: str, new: str, failure: str, folder: Path) -> None:
    edited("own.py", old, new)
    found = rerun("run.eyas")
    assert not found.identical
    assert [one.kind for one in found.causes] == ["code"]
    last = found.trials[-1]
    assert failure in last.failure or "indexx" in failure


def test_a_recorded_module_that_is_gone_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "site-packages").mkdir()
    (folder / "site-packages" / "library_of_f.py").write_text("")
    monkeypatch.syspath_prepend(str(folder / "site-packages"))
    edited("own.py", "import eyas\n", "import eyas\nimport library_of_f\n")
    eyas.backtest(load_strategy(Path("own.py")), "prices.csv").save()
    monkeypatch.delitem(sys.modules, "library_of_f")
    (folder / "site-packages" / "library_of_f.py").unlink()
    found = rerun("run.eyas")
    assert not found.identical
    assert found.report is None
    assert "the code of run.eyas needs the module library_of_f, which is not here now" in str(found)


def test_a_record_without_its_source_needs_the_strategy(tmp_path: Path) -> None:
    space: dict[str, Any] = {"eyas": eyas}
    exec("class Typed(eyas.Strategy):\n    def on_bar(self, bar):\n        self.buy(quantity=1)", space)
    eyas.backtest(space["Typed"], coarse_bars(4, 20)).save(tmp_path / "run.eyas")
    with pytest.raises(
        eyas.UsageError, match=r"not have the source of Typed .* give the strategy, .*strategy=Typed"
    ):
        rerun(tmp_path / "run.eyas")
    assert rerun(tmp_path / "run.eyas", strategy=space["Typed"]).identical


def test_a_record_without_an_origin_cannot_be_run(tmp_path: Path) -> None:
    report = replace(RUNS["two bars"](), origin=None)
    path = report.save(tmp_path / "run.eyas")
    assert eyas.open(path).origin is None
    with pytest.raises(eyas.UsageError, match="it was saved without its origin"):
        rerun(path)


def test_the_order_of_a_sequential_run_is_kept(tmp_path: Path) -> None:
    bars = {"B, A": walk(1, 30), "A": walk(2, 30), "C": walk(3, 30)}
    report = eyas.backtest(
        Noting(), {"C": bars["C"], "B, A": bars["B, A"], "A": bars["A"]}, clock="sequential"
    )
    assert rerun(report.save(tmp_path / "run.eyas")).identical


class Moody(eyas.Strategy):
    """Go by what stands beside the bars."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.extra["mood"].score[-1] > 2:
            self.buy(quantity=1)


def test_an_extra_of_which_there_is_only_the_hash_must_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = coarse_bars(4, 20)
    mood = {"time": bars.time, "score": np.arange(20.0)}
    report = eyas.backtest(Moody(), bars, extra={"mood": mood})
    assert rerun(report.save(tmp_path / "whole.eyas")).identical
    monkeypatch.setattr(parts, "EXTRA_BYTES_MAX", 10)
    path = report.save(tmp_path / "run.eyas")
    found = rerun(path)
    assert not found.identical
    assert "the record has of the extra 'mood' only the hash: give it, extra={'mood': …}" in str(found)
    assert rerun(path, extra={"mood": mood}).identical


def test_a_rerun_is_plain_values_for_machines(folder: Path) -> None:
    edited("own.py", "== 0:", "== 1:")
    said: Any = json.loads(json.dumps(rerun("run.eyas").as_json()))
    assert (said["identical"], said["changes"][0]["kind"], len(said["trials"])) == (False, "code", 2)
    assert repr(rerun("run.eyas")) == "<Rerun of run.eyas: differs>"


PROGRAM = """
import eyas
from eyas.record import rerun


class Once(eyas.Strategy):
    size: int = 1

    def on_bar(self, bar):
        if bar.index == 0:
            self.buy(self.size)


report = eyas.backtest(Once(), eyas.sample("AAPL", "1d"))
report.save("run.eyas")
"""


def test_a_program_that_saves_again_does_not_lose_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM)
    subprocess.run([sys.executable, "program.py"], check=True, env=own_environment())
    before = Path("run.eyas").read_bytes()
    assert rerun("run.eyas").identical
    Path("program.py").write_text(
        PROGRAM.replace("size: int = 1", "size: int = 2").replace("index == 0", "index == 3")
    )
    found = rerun("run.eyas")
    assert not found.identical
    assert [change.kind for change in found.causes] == ["code"]
    assert Path("run.eyas").read_bytes() == before


def test_a_program_that_runs_itself_again_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM + "\nfound = rerun('run.eyas')\nprint(found)\n")
    told = subprocess.run(
        [sys.executable, "program.py"], check=True, env=own_environment(), capture_output=True, text=True
    ).stdout
    assert "did not run: " in told or "no journal: " in told
    assert "under if __name__ ==" in told


def own_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(eyas.__file__).parents[1])}
