"""`eyas check`: what a file may hold, what is printed, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eyas.cli.strategy_file import load_checked
from eyas.errors import UsageError
from tests.cli.commands import SAMPLE, Run

SIGNALS = """\
import numpy as np
import eyas


def signals(bars, window: int = 20, ahead: bool = False):
    mean = eyas.indicators.sma(bars.close, window)
    if ahead:
        mean = np.full(len(bars), bars.close.mean())
    with np.errstate(invalid="ignore"):
        return eyas.Signals(entries=bars.close < mean, exits=bars.close > mean)
"""
CHANCE = """\
import random
import eyas


class Chance(eyas.Strategy):
    def on_bar(self, bar):
        if random.random() < 0.5:
            self.buy(1)
"""
BOTH = "import eyas\nclass A(eyas.Strategy):\n    pass\ndef strategy(bars):\n    return A()\n"


def written(name: str, text: str) -> Path:
    Path(name).write_text(text)
    return Path(name)


def test_a_clean_strategy_passes(run: Run) -> None:
    result = run("check", "cross.py", *SAMPLE, "--set", "fast=5", "--cuts", "5")
    assert result.code == 0, result.err
    assert result.out.startswith("Cross: PASS")
    assert "Cuts        5" in result.out


@pytest.mark.usefixtures("folder")
def test_a_function_is_checked_and_takes_parameters(run: Run) -> None:
    written("made.py", SIGNALS)
    clean = run("check", "made.py", *SAMPLE, "--set", "window=10", "--fee-rate", "0.001")
    assert clean.code == 0, clean.out
    assert clean.out.startswith("signals: PASS")
    biased = run("check", "made.py", *SAMPLE, "--set", "ahead=yes", "--json")
    assert biased.code == 4
    found = json.loads(biased.out)
    assert found["error"] is None
    assert found["check"]["verdict"] == "fail"
    assert found["check"]["change"]["column"]["name"] == "mean"
    assert run("check", "made.py", *SAMPLE, "--set", "ahead=yes", "--exhaustive", "--quiet").out == ""


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_judged_has_a_code_of_its_own(run: Run) -> None:
    written("chance.py", CHANCE)
    result = run("check", "chance.py", *SAMPLE)
    assert result.code == 5
    assert "NOT JUDGED" in result.out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("made.py", *SAMPLE, "--set", "widow=3"), 2, "no parameter widow"),
        (("made.py", *SAMPLE, "--set", "bars=3"), 2, "no parameter bars"),
        (("made.py", *SAMPLE, "--set", "window=many"), 2, "must be of type int"),
        (("made.py", *SAMPLE, "--set", "ahead=perhaps"), 2, "must be of type bool"),
        (("made.py", *SAMPLE, "--cuts", "0"), 2, "cuts is 0"),
        (("made.py",), 2, "say which bars"),
        (("broken.py", *SAMPLE), 1, "failed on bar 100"),
    ],
)
def test_what_is_wrong_is_said(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    written("made.py", SIGNALS)
    result = run("check", *arguments)
    assert result.code == code
    assert said in " ".join(result.err.split())


@pytest.mark.usefixtures("folder")
def test_which_of_several_is_checked() -> None:
    both = written("both.py", BOTH)
    assert load_checked(both).__name__ == "A"
    assert load_checked(both, "strategy").__name__ == "strategy"
    assert load_checked(written("made.py", SIGNALS)).__name__ == "signals"
    two = written("two.py", f"{SIGNALS}\n\ndef strategy(bars):\n    return signals(bars)\n")
    with pytest.raises(UsageError, match="choose one, --class strategy"):
        load_checked(two)
    assert load_checked(two, "signals").__name__ == "signals"
    with pytest.raises(UsageError, match="has no strategy"):
        load_checked(written("none.py", "x = 1\n"))
