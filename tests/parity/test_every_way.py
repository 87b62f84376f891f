"""Whatever a strategy does, on whatever market: every way to run it comes to the same, to the last byte.

A few dozen drawn strategies run always; `make parity` (EYAS_PARITY=all) runs all of them on all markets. What
fails is named by its number, the kind of its market and the seed of that: `python -m tests.parity 17` writes
strategy 17.
"""

from __future__ import annotations

import os
from functools import cache
from random import Random

import numpy as np
import pytest

from eyas.journal import Journal
from tests.parity.in_node import play, program_run, signals_run
from tests.parity.markets import KINDS, THREE, Case, case_of
from tests.parity.strategies import Written, written
from tests.parity.ways import Outcome, engines_of, in_plain_python, trials_of, ways_of

ALL = os.environ.get("EYAS_PARITY") == "all"
NUMBERS = range(240) if ALL else range(64)
TOGETHER = 16  # in one Node
OTHERS = [kind for kind in KINDS if kind not in THREE]


def kinds_of(one: Written) -> list[str]:
    """Return the markets of a strategy: gaps, ties, halts, and of the others one in turn, or all."""
    others = OTHERS if ALL else [OTHERS[one.number % len(OTHERS)]]
    return [kind for kind in [*THREE, *others] if kind != "days" or not one.needs_minutes]


def cases_of(one: Written) -> list[Case]:
    return [case_of(kind, Random(f"{one.number} {kind}").randrange(10**6)) for kind in kinds_of(one)]


@cache
def plainly(number: int) -> list[Outcome]:
    """Return what a strategy comes to on each of its markets, in plain Python."""
    one = written(number)
    return [in_plain_python(one.made(), case) for case in cases_of(one)]


def same(way: str, found: Outcome, right: Outcome, one: Written, case: Case) -> None:
    """Fail with the first event that differs, and with what brings it back."""
    if found == right:
        assert found.fills_digest == right.fills_digest
        return
    lines = [f"strategy {one.number} on {case.kind} {case.seed}, {way}: not what plain Python comes to"]
    if found.failure != right.failure:
        lines.append(f"it failed with {found.failure!r}, plain Python with {right.failure!r}")
    theirs, ours = (
        Journal(each.journal, price_decimals=int(case.rule_texts["price_decimals"]))
        for each in (found, right)
    )
    if found.journal != right.journal:
        rows = min(len(theirs), len(ours))
        differing = np.flatnonzero(theirs.records[:rows] != ours.records[:rows])
        row = int(differing[0]) if len(differing) else rows
        for name, journal in (("found", theirs), ("right", ours)):
            lines.append(f"{name}: {journal.event(row) if row < len(journal) else 'the end'}")
    elif found.equity != right.equity:
        one_curve, other = (np.frombuffer(each.equity) for each in (found, right))
        rows = min(len(one_curve), len(other))
        differing = np.flatnonzero(one_curve[:rows] != other[:rows])
        row = int(differing[0]) if len(differing) else rows
        lines.append(f"equity differs from bar {row} on: {one_curve[row:][:3]} is not {other[row:][:3]}")
    pytest.fail("\n".join([*lines, f"rules: {case.rules}", one.source]), pytrace=False)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_backtest_is_the_same_in_every_way(number: int) -> None:
    one = written(number)
    made = one.made()
    for case, right in zip(cases_of(one), plainly(number), strict=True):
        for way, run in list(ways_of(one).items())[1:]:
            same(way, run(made, case), right, one, case)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_trial_of_a_sweep_is_the_backtest(number: int) -> None:
    one = written(number)
    made = one.made()
    for case, right in zip(cases_of(one), plainly(number), strict=True):
        found = {}
        for engine in engines_of(one):
            trials = trials_of(made, case, engine)
            rows = trials.run([{}, one.variant, {}], threads=2)
            assert trials.engine == engine
            found[engine] = rows
            where = f"strategy {number} on {case.kind} {case.seed}, {engine}: {trials.messages}\n{one.source}"
            assert rows[0].tobytes() == rows[2].tobytes(), where
            if not right.failure:
                assert bytes(rows["digest"][0]).hex() == Journal(right.journal).digest, where
                assert rows["equity_final"][0] == np.frombuffer(right.equity)[-1], where
            assert rows.tobytes() == found["python"].tobytes(), where


@pytest.mark.wasm
@pytest.mark.parametrize("first", NUMBERS[::TOGETHER])
def test_node_comes_to_the_same(first: int) -> None:
    asked = []
    runs = []
    for number in NUMBERS[first : first + TOGETHER]:
        one = written(number)
        if one.kind == "hooks":
            continue
        made = one.made()
        for case, right in zip(cases_of(one), plainly(number), strict=True):
            asked.append(("its program in Node", one, case, right))
            runs.append(program_run(made, case))
            if one.kind == "up front":
                asked.append(("its arrays in Node", one, case, right))
                runs.append(signals_run(made, case))
    for (way, one, case, right), found in zip(asked, play(runs), strict=True):
        failure = found.failure.partition(": ")[2] if found.failure.startswith("bar ") else found.failure
        same(way, found._replace(failure=failure), right, one, case)


def test_most_of_them_trade() -> None:
    outcomes = [outcome for number in NUMBERS for outcome in plainly(number)]
    journals = [Journal(outcome.journal) for outcome in outcomes]
    fills = np.array([len(journal.where("filled")) for journal in journals])
    assert (fills >= 4).mean() > 0.5
    assert fills.mean() > 50
    assert 0.1 < np.mean([len(journal.where("refused")) > 0 for journal in journals]) < 0.7
    assert 0 < np.mean([outcome.failure != "" for outcome in outcomes]) < 0.1


def test_the_same_number_writes_the_same_strategy_and_no_two_are_alike() -> None:
    sources = [written(number).source for number in NUMBERS]
    assert sources == [written(number).source for number in NUMBERS]
    assert len(set(sources)) == len(sources)
