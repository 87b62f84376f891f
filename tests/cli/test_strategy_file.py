"""Which class of a file is its strategy, and what a file that cannot be loaded gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from eyas.cli.strategy_file import load_strategy
from eyas.errors import StrategyError, UsageError
from tests.cli.commands import SAMPLE, Run

TWO = "import eyas\nclass A(eyas.Strategy): pass\nclass B(eyas.Strategy): pass\n"
DATACLASS = """\
from __future__ import annotations
from dataclasses import dataclass
import eyas
@dataclass
class Box:
    x: int = 1
"""


def written(name: str, text: str) -> Path:
    Path(name).write_text(text)
    return Path(name)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("text", "class_name", "found"),
    [
        ("import eyas\nclass A(eyas.Strategy): pass\n", "", "A"),
        (TWO, "B", "B"),
        # A base that the file builds on is no choice, unless asked for.
        ("import eyas\nclass Base(eyas.Strategy): pass\nclass A(Base): pass\n", "", "A"),
        ("import eyas\nclass Base(eyas.Strategy): pass\nclass A(Base): pass\n", "Base", "Base"),
        # What comes from elsewhere is no choice either.
        ("import eyas\nfrom cross import Cross\nclass A(eyas.Strategy): pass\n", "", "A"),
        ("import eyas\nfrom cross import Cross\nclass A(Cross): pass\n", "", "A"),
        ("from cross import Cross\n", "Cross", "Cross"),
        ("import eyas\nclass A(eyas.Strategy): pass\nBest = A\n", "", "A"),
        # A dataclass looks its module up by name.
        (f"{DATACLASS}class A(eyas.Strategy): pass\n", "", "A"),
    ],
)
def test_the_strategy_is_found(text: str, class_name: str, found: str) -> None:
    assert load_strategy(written("mine.py", text), class_name).__name__ == found


@pytest.mark.parametrize(
    ("name", "text", "options", "sentence"),
    [
        ("mine.py", TWO, [], "mine.py has 2 strategies, A and B: choose one, such as --class A"),
        ("mine.py", TWO, ["--class", "C"], "mine.py has no strategy C; it has A and B"),
        (
            "mine.py",
            TWO.replace("A", "Trend"),
            ["--class", "trend"],
            "no strategy trend; did you mean Trend?",
        ),
        (
            "mine.py",
            "x = 1\n",
            [],
            "mine.py has no strategy: write a class in it that builds on eyas.Strategy",
        ),
        ("mine.py", "from cross import Cross\n", [], "to run Cross, from cross, say --class Cross"),
        (
            "mine.py",
            "x = 1\ndef f(:\n",
            [],
            "mine.py line 2 is not Python: invalid syntax\n    def f(:\n          ^",
        ),
        ("mine.py", "if 1:\n    x = (\n", [], "mine.py line 2 is not Python: '(' was never closed"),
        ("mine.py", "x = '\0'", [], "mine.py is not Python"),
        ("mine.csv", "time,open\n", [], "mine.csv is not a Python file: the strategy comes first"),
    ],
)
def test_a_wrong_file_gets_a_sentence(
    run: Run, name: str, text: str, options: list[str], sentence: str
) -> None:
    written(name, text)
    result = run("backtest", name, *SAMPLE, *options)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert "Traceback" not in result.err


def test_a_file_that_is_not_there_gets_a_sentence(run: Run) -> None:
    result = run("backtest", "nope.py", *SAMPLE)
    assert (result.code, result.err) == (
        2,
        f"Error: there is no file nope.py; it was looked for in {Path.cwd()}\n",
    )
    assert "is a folder" in run("backtest", ".", *SAMPLE).err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = {}['a']\n", "mine.py failed while it was loaded: KeyError: 'a'"),
        ("import nothing_of_the_kind\n", "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("import sys\nsys.exit('bye')\n", 'put what ends the program under `if __name__ == "__main__":`'),
        (
            "import eyas\nclass A(eyas.Strategy):\n    fast: int = eyas.param(60, max=50)\n",
            "the default is 60",
        ),
        ("import bad_neighbour\n", "SyntaxError"),
    ],
)
def test_a_file_whose_code_raises_is_a_failed_strategy(run: Run, text: str, sentence: str) -> None:
    written("mine.py", text)
    written("bad_neighbour.py", "def f(:\n")
    result = run("backtest", "mine.py", *SAMPLE)
    assert (result.code, result.out) == (1, "")
    assert sentence in result.err
    assert f'File "{Path("mine.py").resolve()}", line' in result.err
    assert "strategy_file.py" not in result.err


def test_a_constructor_that_raises_is_a_failed_strategy(run: Run) -> None:
    written("mine.py", "import eyas\nclass A(eyas.Strategy):\n    def __init__(self):\n        1 / 0\n")
    result = run("backtest", "mine.py", *SAMPLE)
    assert result.code == 1
    assert "A failed while it was made: ZeroDivisionError" in result.err
    assert result.err.count("  File ") == 1


@pytest.mark.usefixtures("folder")
def test_a_file_is_not_the_main_program() -> None:
    text = "import eyas\nclass A(eyas.Strategy): pass\nif __name__ == '__main__':\n    raise SystemExit\n"
    assert load_strategy(written("mine.py", text)).__module__ != "__main__"


def test_neighbours_are_found_early_and_late_and_hide_nothing(eyas: Run) -> None:
    Path("inner").mkdir()
    written("inner/early_neighbour.py", "x = 1\n")
    written("inner/late_neighbour.py", "x = 1\n")
    written("inner/polars.py", "raise RuntimeError('hides polars')\n")
    written(
        "inner/mine.py",
        "import early_neighbour, eyas\nclass A(eyas.Strategy):\n"
        "    def on_start(self):\n        import late_neighbour\n",
    )
    result = eyas("backtest", "inner/mine.py", *SAMPLE, "--json")  # which imports polars after the run
    assert (result.code, result.err) == (0, "")


@pytest.mark.usefixtures("folder")
def test_errors_have_their_class() -> None:
    with pytest.raises(UsageError):
        load_strategy(Path("nope.py"))
    with pytest.raises(StrategyError) as caught:
        load_strategy(written("mine.py", "raise OSError('no')\n"))
    assert isinstance(caught.value.__cause__, OSError)
