"""What a suspicious reader tried on sweeps, and what must come of it."""

from __future__ import annotations

import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.sweep import of_report, sweep
from eyas.sweep.identity import hash_of_code, parameters_text
from eyas.sweep.space import Space
from eyas.sweep.trials import Batch, Trials
from tests.sweep.strategies import BARS, Arrays, Cross


class Derived(eyas.Strategy):
    """Makes attributes of its parameters when it is made."""

    fast: int = 5

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.every = self.fast * 3
        self.words = ["a", self.fast]

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % self.every == 0:
            if self.is_flat:
                self.buy()
            else:
                self.close()


@pytest.mark.parametrize("engine", ["python", "compiled"])
def test_attributes_follow_the_parameters_that_they_are_made_of(engine: Any) -> None:
    found = sweep(Derived, BARS, fast=range(2, 6), engine=engine, workers=1)
    for number, row in enumerate(found.rows):
        report = eyas.backtest(Derived(**found.parameters(number)), BARS)
        assert bytes(row["digest"]).hex() == report.journal.digest


def test_what_was_set_by_hand_stays() -> None:
    strategy = Derived()
    strategy.words = ["by hand"]
    strategy.note = {"of": "a user"}  # type: ignore[attr-defined]  # as users do
    found = sweep(strategy, BARS, fast=[2, 3])
    made: Any = found.trials.made({"fast": 7})
    assert (made.every, made.words, made.note) == (21, ["by hand"], {"of": "a user"})
    assert made.note is not strategy.note  # type: ignore[attr-defined]


class Given(Cross):
    """Cannot be made of its parameters alone."""

    def __init__(self, model: list[int], **parameters: Any) -> None:
        super().__init__(**parameters)
        self.model = model


def test_a_strategy_that_takes_more_than_parameters_is_copied() -> None:
    found = sweep(Given([1, 2]), BARS, fast=[2, 3])
    made: Any = found.trials.made({"fast": 3})
    assert (made.fast, made.model) == (3, [1, 2])
    assert found.counts()["done"] == 2


def test_money_of_several_currencies_is_converted_in_every_way() -> None:
    price = BARS.close / 100
    euro = {"time": BARS.time, "open": price, "high": price * 1.01, "low": price * 0.99, "close": price}
    both = {"AAPL": BARS, "EURUSD": eyas.bars(euro)}
    words: Any = {"currency": {"AAPL": "EURUSD"}, "fee_rate": 0.001}
    found = sweep(Arrays, both, fast=[3, 5], slow=[20, 30], workers=1, **words)
    assert found.engine == "arrays"
    assert not found.trials.runs_in_threads
    for number, row in enumerate(found.rows):
        summary = eyas.backtest(Arrays(**found.parameters(number)), both, **words).summary
        for name in ("net_profit", "average_trade", "fees", "profit_factor", "equity_final"):
            assert row[name] == pytest.approx(getattr(summary, name), rel=1e-12)


class Named(Cross):
    """Has parameters that are called as words of the verb and as rules."""

    seed: int = 0
    cash: float = 1.0
    leverage: float = 1.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"seed": 3}, "seed is a parameter of Named and a word of eyas.sweep"),
        ({"cash": 500}, "cash is a parameter of Named and a word of eyas.sweep"),
        ({"leverage": 2.0}, "leverage is a parameter of Named and a rule of the market"),
    ],
)
def test_a_word_with_two_meanings_is_refused(words: Any, said: str) -> None:
    with pytest.raises(eyas.UsageError, match=said):
        sweep(Named, BARS, fast=[5, 9], **words)


def test_several_values_can_only_be_those_of_a_parameter() -> None:
    assert list(sweep(Named, BARS, leverage=[1.0, 2.0]).columns()) == ["leverage"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (range(10**20), "leads to numbers beyond"),
        ([*range(200_000), 199_999], "names 199999 twice"),
        (np.array([[1, 2], [3, 4]]), "must be of type int"),
    ],
)
def test_values_that_cannot_be_are_refused_at_once(values: Any, said: str) -> None:
    with pytest.raises(eyas.UsageError, match=said):
        sweep(Cross, BARS, fast=values)


def test_an_array_without_a_dimension_is_one_value_and_a_set_has_an_order() -> None:
    found = sweep(Cross, BARS[:60], fast=np.array(4), slow={30, 20, 9})
    assert found.fixed == {"fast": 4}
    assert found.columns() == {"slow": [9, 20, 30]}


def space_of(values: Any) -> Space:
    return Space("Cross", Cross.parameters_declared, {"fast": values})


def test_long_lists_with_the_same_beginning_are_other_studies(tmp_path: Path) -> None:
    first, other = [*range(2, 10), 12], [*range(2, 10), 13]
    assert str(space_of(first)) == str(space_of(other))
    assert parameters_text(space_of(first)) != parameters_text(space_of(other))
    sweep(Cross, BARS[:60], fast=first, store=tmp_path / "a")
    with pytest.raises(eyas.UsageError, match="holds another study"):
        sweep(Cross, BARS[:60], fast=other, store=tmp_path / "a")


def test_values_side_by_side_are_told_from_others_with_the_same_digits() -> None:
    assert hash_of_code([1, 12]) != hash_of_code([11, 2])
    assert hash_of_code([[1], 2]) != hash_of_code([1, [2]])


def function_of(source: str, **outside: Any) -> Any:
    """Return the function f of some source, of a module of its own."""
    names = {"__name__": "made_here", **outside}
    exec(source, names)
    return names["f"]


def test_a_change_inside_a_comprehension_or_a_module_is_a_change(tmp_path: Path) -> None:
    source = "def f(values):\n    return ['{}' for _ in values]\n"
    assert hash_of_code(function_of(source.format("a"))) != hash_of_code(function_of(source.format("b")))
    documented = "def f():\n    '{}'\n    return 1\n"
    assert hash_of_code(function_of(documented.format("a"))) == hash_of_code(
        function_of(documented.format("b"))
    )
    helper = ModuleType("helper")
    helper.__file__ = str(tmp_path / "helper.py")
    hashes = set()
    for text in ("def g(): return 1\n", "def g(): return 2\n"):
        Path(helper.__file__).write_text(text, encoding="utf-8")
        hashes.add(hash_of_code(function_of("def f():\n    return helper.g()\n", helper=helper)))
    assert len(hashes) == 2


def test_a_constraint_that_fails_on_a_row_is_broken_by_it_and_said() -> None:
    found = sweep(
        Cross,
        BARS[:120],
        fast=[3, 5],
        slow=[20, 400],
        constraints=lambda row: row.net_profit / row.trades < 1e9,
    )
    without = found.rows["trades"] == 0
    assert 0 < without.sum() < len(found)
    assert found.broken.tolist() == without.tolist()
    assert f"A constraint failed on {without.sum()} trials, which count as breaking it" in str(found)
    assert "ZeroDivisionError" in str(found)


def test_of_equals_the_first_is_best_while_it_runs_too() -> None:
    told: list[Any] = []
    found = sweep(
        Cross,
        BARS[:60],
        fast=range(2, 50),
        objective=lambda row: 1.0,
        progress=lambda *now: told.append(now),
    )
    assert found.best is not None
    assert found.best.number == 0
    assert {best.number for _, _, best in told} == {0}
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_a_sweep_says_why_it_cannot_be_pickled() -> None:
    with pytest.raises(eyas.UsageError, match="keep its trials with store="):
        pickle.dumps(sweep(Cross, BARS[:60], fast=[2, 3]))


def test_what_fails_in_a_thread_is_raised_where_it_is_waited_for() -> None:
    batch = Batch(None, 1.0, 1).begun()
    with pytest.raises(TypeError):
        batch.result()
    assert threading.active_count() < 20
    assert Trials.__doc__


def test_ctrl_c_does_not_wait_for_long_trials(tmp_path: Path) -> None:
    """A trial of a hundred seconds or so is given up where it is, and the process ends."""
    script = tmp_path / "long.py"
    script.write_text(LONG, encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert said == "True 0\n"


LONG = """
import signal, threading
import eyas
from eyas.sweep import of_report, sweep
from eyas.sweep.trials import Batch

class Busy(eyas.Strategy):
    size: int = 1

    def signals(self, bars):
        return eyas.Signals(entries=1, exits=True, quantity=self.size)

days = eyas.sample("AAPL", "1d")
count = 4_000_000
names = ("open", "high", "low", "close")
columns = {name: getattr(days, name).repeat(-(-count // len(days)))[:count] for name in names}
bars = eyas.bars({"time": range(1_500_000_000, 1_500_000_000 + 60 * count, 60), **columns})
begin = Batch.result

def told(self):
    print("running", flush=True)
    return begin(self)

Batch.result = told
found = sweep(Busy, bars, size=range(1, 400), workers=2, quality="off")
print(found.interrupted, len(found))
"""


@pytest.mark.parametrize(
    "damage",
    [
        "records = zeroblob(length(records))",
        "records = x'00'",
        "messages = 'no JSON'",
        'messages = \'{"0": "another sentence"}\'',
    ],
)
def test_a_store_that_was_damaged_is_no_result(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "study.sweep"
    sweep(Cross, BARS[:60], fast=range(2, 9), store=path)
    base = sqlite3.connect(path)
    base.execute(f"UPDATE chunks SET {damage} WHERE id = 1")
    base.commit()
    base.close()
    with pytest.raises(eyas.DataError, match=r"study.sweep is damaged \(chunk 1\)"):
        sweep(Cross, BARS[:60], fast=range(2, 9), store=path)


@pytest.mark.parametrize("path", [True, 3, ""])
def test_a_store_is_a_path(path: Any) -> None:
    with pytest.raises(eyas.UsageError, match="must be the path of a file"):
        sweep(Cross, BARS[:60], fast=[2, 3], store=path)


class Leaving(Cross):
    def on_start(self) -> None:
        if self.fast == 5:
            sys.exit(3)
        super().on_start()


@pytest.mark.parametrize("engine", ["python", "compiled"])
def test_the_exit_of_a_strategy_is_not_that_of_the_sweep(engine: Any) -> None:
    found = sweep(Leaving, BARS[:60], fast=[4, 5, 6], engine=engine, workers=1)
    assert found.failed == {1: "SystemExit: 3"}


class Mixed(Cross):
    """Makes something at its start, for some parameters, that no program can hold."""

    kind: str = "number"

    def on_start(self) -> None:
        super().on_start()
        self.factor: Any = 1.0 if self.kind == "number" else Fraction(1, 2)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.quick[-1] * self.factor > self.calm[-1] * self.factor:
            self.buy(1)
        elif self.is_long:
            self.close()


def test_a_trial_that_cannot_be_compiled_runs_in_python_and_says_so() -> None:
    words: Any = {"kind": ["number", "fraction"], "fast": [3, 5], "slow": 20}
    found = sweep(Mixed, BARS, **words)
    assert found.engine == "compiled"
    assert found.counts()["done"] == 4
    assert list(found.reasons) == [2, 3]
    assert "ran in Python: " in str(found)
    plain = sweep(Mixed, BARS, engine="python", **words)
    assert found.rows["digest"].tolist() == plain.rows["digest"].tolist()
    assert found.rerun(2).journal.digest == plain.rerun(2).journal.digest
    told = sweep(Mixed, BARS, objective=of_report(lambda report: report.summary.trades), workers=1, **words)
    assert told.rows["digest"].tolist() == plain.rows["digest"].tolist()
    refused = sweep(Mixed, BARS, engine="compiled", **words)
    assert list(refused.refused) == [2, 3]


@pytest.mark.parametrize("search", ["grid", "random", "tpe"])
def test_a_condition_that_keeps_nothing_is_refused_by_every_search(search: Any) -> None:
    trials = None if search == "grid" else 6
    with pytest.raises(eyas.UsageError, match="where keeps none of the combinations"):
        sweep(Cross, BARS, fast=[5, 6], slow=[20, 30], search=search, trials=trials, where=lambda _: False)


def test_few_that_a_large_grid_keeps_run_as_they_are_found() -> None:
    asked: list[int] = []

    def few(parameters: Any) -> bool:
        asked.append(parameters.slow)
        return bool(parameters.slow == 100)

    seen: list[tuple[int, int]] = []
    sweep(
        Few,
        BARS[:40],
        fast=range(1, 401),
        slow=range(1, 1_001),
        where=few,
        progress=lambda done, *_: seen.append((done, len(asked))),
    )
    assert seen[-1] == (400, 400_000)
    assert seen[0][1] < 100_000


class Few(eyas.Strategy):
    fast: int = 1
    slow: int = 1

    def signals(self, bars: eyas.Bars) -> eyas.Signals:
        return eyas.Signals(entries=bars.close > self.fast)
