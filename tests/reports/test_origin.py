"""Where a run came from: the code that ran, wherever it was written, and what it imports of one's own."""

from __future__ import annotations

import linecache
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

import eyas
from eyas.cli.strategy_file import load_strategy
from eyas.reports.gathering import functions_of
from eyas.reports.origin import origin_of, text_of
from tests.test_session import coarse_bars

ROOT = Path(__file__).parents[2]
LIMIT = 3

STRATEGY = """\
import json
import eyas
import numpy
from helpers_of_f.sizing import size


class Own(eyas.Strategy):
    count: int = 3

    def on_bar(self, bar):
        import late_of_f

        if bar.index % self.count == 0:
            self.buy(quantity=size() + late_of_f.MORE)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Be in a folder with a strategy, a package and a module of its own."""
    (tmp_path / "own.py").write_text(STRATEGY)
    (tmp_path / "helpers_of_f").mkdir()
    (tmp_path / "helpers_of_f" / "__init__.py").write_text("")
    (tmp_path / "helpers_of_f" / "sizing.py").write_text(
        "from . import plain\n\n\ndef size():\n    return plain.ONE\n"
    )
    (tmp_path / "helpers_of_f" / "plain.py").write_text("ONE = 1\n")
    (tmp_path / "late_of_f.py").write_text("MORE = 2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def test_a_strategy_of_a_file_has_its_source_and_those_of_its_own_modules(folder: Path) -> None:
    report = eyas.backtest(load_strategy(Path("own.py")), coarse_bars(4, 20))
    origin = report.origin
    assert origin is not None
    assert (origin.kind, origin.strategy, origin.engine, origin.remarks) == ("file", "Own", "python", ())
    files = [str(Path(one.file).relative_to(folder)) for one in origin.sources]
    assert files[0] == "own.py"
    assert sorted(files[1:]) == [
        "helpers_of_f/__init__.py",
        "helpers_of_f/plain.py",
        "helpers_of_f/sizing.py",
        "late_of_f.py",
    ]
    assert origin.sources[0].text == STRATEGY
    assert [one.module for one in origin.sources if one.is_package] == ["helpers_of_f"]
    assert list(origin.versions) == ["eyas", "python", "numpy", "polars", "platform"]
    assert origin.versions["python"] == sys.version.split()[0]
    assert len(origin.digest) == 64


def test_what_was_imported_later_is_found_later(folder: Path) -> None:
    cls = load_strategy(Path("own.py"))
    assert "late_of_f" not in [one.module for one in origin_of(cls, "python").sources]
    __import__("sys").path.insert(0, str(folder))
    __import__("late_of_f")
    assert "late_of_f" in [one.module for one in origin_of(cls, "python").sources]


def test_a_file_is_read_once_until_it_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cls = load_strategy(Path("own.py"))
    first = origin_of(cls, "python")
    reads: list[Path] = []
    read = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda self, **how: reads.append(self) or read(self, **how))
    assert origin_of(cls(count=4), "python").sources is first.sources
    assert origin_of(cls, "compiled").engine == "compiled"
    assert reads == []
    Path("own.py").write_bytes(STRATEGY.replace("self.count == 0", "self.count == 1").encode())
    changed = origin_of(cls, "python")
    assert [one.name for one in reads] == ["own.py"]
    assert changed.digest != first.digest
    assert changed.remarks == (
        f"{folder / 'own.py'} was changed after Own was loaded from it: what ran is not quite what is kept",
    )
    assert origin_of(load_strategy(Path("own.py")), "python").remarks == ()


def test_a_comment_that_is_new_is_no_other_code(folder: Path) -> None:
    cls = load_strategy(Path("own.py"))
    Path("own.py").write_text(STRATEGY + "\n# the end\n")
    assert origin_of(cls, "python").remarks == ()


@pytest.mark.parametrize("code", ["own.py", "-c"])
def test_a_program_and_a_prompt(code: str, folder: Path) -> None:
    Path("main.py").write_text(
        STRATEGY.replace("import late_of_f", "import json as late_of_f; late_of_f.MORE = 0")
        + "\nimport tests.test_session as t\nfrom helpers_of_f import plain\n"
        + "origin = eyas.backtest(Own, t.coarse_bars(4, 20)).origin\n"
        + "own = [one.module for one in origin.sources if 'test' not in one.module]\n"
        + "print(origin.kind, *own, *origin.remarks)\n"
    )
    arguments = ["main.py"] if code == "own.py" else ["-c", Path("main.py").read_text()]
    path = os.pathsep.join([str(ROOT), str(folder)])
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if code == "own.py":
        assert done.stdout == "file __main__ helpers_of_f helpers_of_f.sizing helpers_of_f.plain\n", (
            done.stderr
        )
    else:
        assert done.stdout.startswith("unknown the source of Own is not known") or sys.version_info >= (3, 13)


def nested(more: int) -> type[eyas.Strategy]:
    class Inner(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index % (LIMIT + more) == 0:
                self.buy(quantity=twice(1))

    return Inner


def twice(value: float) -> float:
    return value + value


def run_alone(text: str, name: str) -> Any:
    module = ModuleType("alone_of_f")
    sys.modules["alone_of_f"] = module
    exec(compile(text, "<alone>", "exec"), vars(module))
    del sys.modules["alone_of_f"]
    return vars(module)[name]


def test_a_class_inside_of_a_function_is_put_together_with_what_it_uses() -> None:
    origin = origin_of(nested(2), "python")
    assert (origin.kind, origin.strategy) == ("gathered", "Inner")
    assert "more = 2" in origin.sources[0].text
    bars = coarse_bars(4, 40)
    alone = run_alone(origin.sources[0].text, "Inner")
    assert eyas.backtest(alone, bars).journal == eyas.backtest(nested(2), bars).journal


CELLS = (
    """
    import eyas
    import numpy as np

    LIMIT = 4
    """,
    """
    def due(index):
        return index % LIMIT == np.int64(0)
    """,
    """
    class Base(eyas.Strategy):
        count: int = 2
    """,
    """
    class Cell(Base):
        def on_bar(self, bar):
            if due(bar.index):
                self.buy(quantity=self.count)
    """,
)


def test_a_class_of_a_notebook_is_put_together_from_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    for number, cell in enumerate(CELLS):
        text, name = dedent(cell), f"/tmp/ipykernel_1/{number}.py"
        monkeypatch.setitem(linecache.cache, name, (len(text), None, text.splitlines(keepends=True), name))
        exec(compile(text, name, "exec"), vars(main))
    bars = coarse_bars(4, 40)
    report = eyas.backtest(main.Cell, bars)
    assert report.origin is not None
    assert (report.origin.kind, report.origin.file) == ("gathered", "")
    alone = run_alone(report.origin.sources[0].text, "Cell")
    assert eyas.backtest(alone, bars).journal == report.journal
    # A cell is run again, but not the one that has the class.
    main.LIMIT = 5
    later = eyas.backtest(main.Cell, bars)
    assert later.origin is not None
    assert "LIMIT = 5" in later.origin.sources[0].text
    assert later.journal != report.journal


def test_what_a_class_uses_and_has_no_text_is_said() -> None:
    table = {1: 2}

    class Using(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.buy(quantity=table[1])

    assert origin_of(Using, "python").remarks == ("Using uses table, of which there is no text",)


def test_a_class_whose_text_is_nowhere_is_unknown() -> None:
    space: dict[str, Any] = {"eyas": eyas, "__name__": "nowhere_of_f"}
    exec("class Typed(eyas.Strategy):\n    def on_bar(self, bar): pass", space)
    origin = origin_of(space["Typed"], "python")
    assert (origin.kind, origin.sources, origin.digest) == ("unknown", (), "")
    assert origin.remarks == ("the source of Typed is not known: it was typed where no text is kept",)
    made = type("Made", (eyas.Strategy,), {"on_bar": lambda self, bar: None})
    assert origin_of(made, "python").strategy == "Made"


def test_signals_are_their_own_origin() -> None:
    given = eyas.Signals(entries=[1.0, 0.0], name="Mine")
    origin = origin_of(given, "arrays")
    assert (origin.kind, origin.strategy, origin.signals) == ("signals", "Mine", given)


class OddModule(ModuleType):
    """Raise whenever it is looked at."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("do not look")


def test_a_lookup_that_fails_does_not_stop_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    space: dict[str, Any] = {"eyas": eyas, "__name__": "odd_of_f"}
    exec("class Odd(eyas.Strategy):\n    def on_bar(self, bar): pass", space)
    monkeypatch.setitem(sys.modules, "odd_of_f", OddModule("odd_of_f"))
    origin = origin_of(space["Odd"], "python")
    assert origin.kind == "unknown"
    assert origin.remarks == ("the source of Odd could not be found (RuntimeError: do not look)",)


class Wrapping(eyas.Strategy):
    """Hold functions in every way that a class can."""

    @property
    def one(self) -> int:
        return 1

    @staticmethod
    def two() -> int:
        return LIMIT

    def on_bar(self, bar: eyas.Bar) -> None:
        self.buy(quantity=self.one + self.two())


def test_functions_are_found_however_a_class_holds_them() -> None:
    assert [one.__name__ for one in functions_of(Wrapping)] == ["one", "two", "on_bar"]


def test_what_is_no_text_is_left_out_and_said(folder: Path) -> None:
    Path("own.py").write_text("import odd_of_f\n" + STRATEGY)
    Path("odd_of_f.py").write_bytes(b"# -*- coding: latin-1 -*-\nA = '\xe9'\n")
    origin = origin_of(load_strategy(Path("own.py")), "python")
    assert origin.remarks == (f"{folder / 'odd_of_f.py'} is no Python text that can be kept",)
    assert text_of(str(folder / "gone.py"), -1, -1) is None
