"""A guided search finds the hill, never runs a set twice, and depends on its seed alone."""

from __future__ import annotations

import logging
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eyas
from eyas.sweep import sweep
from eyas.sweep.axes import between
from eyas.sweep.guided import Settings
from eyas.sweep.guided_axes import Axes, key_of
from eyas.sweep.guided_sampler import Judged, Sampler
from tests.sweep.guided_help import AXES, Cross, Pretend, best_of, hill, search, space_of, table

SEARCHES = ("tpe", "cmaes", "nsga3")
DAYS = eyas.sample("AAPL", "1d")[:800]


def objectives(name: str) -> Any:
    return ["sharpe", "max_drawdown"] if name == "nsga3" else "sharpe"


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_depends_on_its_seed_and_not_on_who_is_faster(name: str) -> None:
    asked = Settings(name, 60, seed=5)
    once = search(Pretend(workers=1), asked, objective=objectives(name))
    for workers in (2, 5, 8):
        dice = random.Random(workers)
        mixed = Pretend(workers=workers, order=dice.randrange)
        assert table(search(mixed, asked, objective=objectives(name))) == table(once)
    assert [one.number for one in once] == list(range(60))
    other = search(Pretend(), Settings(name, 60, seed=6), objective=objectives(name))
    assert table(other) != table(once)


@pytest.mark.parametrize("name", SEARCHES)
def test_no_set_runs_twice_and_where_is_kept(name: str) -> None:
    executor = Pretend()
    told = search(executor, Settings(name, 80), space_of(lambda p: 5 * p.fast < p.slow), objectives(name))
    keys = [key_of(one) for one in executor.ran]
    assert len(keys) == len(set(keys)) == len(told) == 80
    assert all(5 * one["fast"] < one["slow"] for one in executor.ran)


@pytest.mark.parametrize("name", ["tpe", "cmaes"])
def test_a_search_finds_the_hill_sooner_than_chance(name: str) -> None:
    found = [
        best_of(search(Pretend(), Settings(name, 100, seed=seed))).found.row["sharpe"] for seed in range(3)
    ]
    dice = np.random.default_rng(1)
    chance = [
        max(hill({"fast": dice.integers(5, 25), "slow": dice.integers(30, 130)}) for _ in range(100))
        for _ in range(30)
    ]
    assert np.mean(found) > np.mean(chance)
    assert max(found) > -0.0005


@pytest.mark.parametrize("name", SEARCHES)
def test_a_small_space_is_searched_to_its_end(name: str) -> None:
    small = space_of(lambda p: p.fast != 7, fast=range(5, 10), slow=[30, 50, 41])
    told = search(Pretend(), Settings(name, 500), small, objectives(name))
    assert {(one.parameters["fast"], one.parameters["slow"]) for one in told} == {
        (fast, slow) for fast in (5, 6, 8, 9) for slow in (30, 41, 50)
    }
    assert len(told) == 12


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_that_was_killed_is_found_again_from_its_seed(name: str) -> None:
    whole = search(Pretend(), Settings(name, 60, seed=2), objective=objectives(name))
    store = {key_of(one.parameters): one.found for one in whole[:37]}
    rest = Pretend()
    again = search(rest, Settings(name, 60, seed=2), objective=objectives(name), known=store)
    assert table(again) == table(whole)
    assert len(rest.ran) == 23
    assert [one.is_new for one in again] == [False] * 37 + [True] * 23


@pytest.mark.parametrize("name", SEARCHES)
def test_what_is_refused_or_no_number_is_not_looked_for_again(name: str) -> None:
    """Half of the space has no value: chance would run half of its trials there."""

    def half(parameters: Any) -> float:
        return math.nan if parameters["slow"] > 80 else hill(parameters)

    executor = Pretend(half)
    told = search(executor, Settings(name, 160, seed=1), objective=objectives(name))
    empty = [one for one in told if math.isnan(one.found.row["sharpe"]) and one.found.row["status"] == 0]
    assert 0 < len(empty) < 0.4 * 160
    assert best_of(told).parameters["slow"] > 70


@pytest.mark.parametrize("name", SEARCHES)
def test_a_constraint_turns_the_search_away(name: str) -> None:
    told = search(
        Pretend(),
        Settings(name, 160, seed=1),
        objective=objectives(name),
        constraints=lambda row: row.max_drawdown <= 0.07,
    )
    broken = [one for one in told if one.parameters["slow"] > 70]
    assert 0 < len(broken) < 0.5 * 160  # by chance 0.59
    kept = [one for one in told if one.parameters["slow"] <= 70]
    assert best_of(kept).parameters["slow"] > 60


def test_infinity_is_better_than_any_number() -> None:
    sampler = Sampler(space_of(), "tpe", 1, ["maximize"])
    for value in (1.0, math.inf, -math.inf, math.nan):
        drawn = sampler.ask()
        assert drawn is not None
        sampler.tell(drawn, Judged((value,)))
    assert sampler.study.best_value == 1e12
    states = [trial.state.name for trial in sampler.study.trials]
    assert states == ["COMPLETE"] * 3 + ["PRUNED"]


AXIS = st.one_of(
    st.builds(range, st.just(1), st.integers(2, 40), st.integers(1, 5)),
    st.builds(lambda count: range(count, 0, -1), st.integers(1, 9)),
    st.lists(st.integers(-50, 50), min_size=1, max_size=6, unique=True),
    st.lists(st.floats(0.1, 9.0), min_size=1, max_size=6, unique=True),
    st.builds(between, st.integers(1, 5), st.integers(6, 90), st.one_of(st.none(), st.integers(1, 4))),
    st.builds(lambda high: between(1, high, log=True), st.integers(2, 90)),
)
SHARE = st.one_of(
    st.builds(between, st.floats(0.01, 0.1), st.floats(0.2, 0.9), st.one_of(st.none(), st.floats(0.01, 0.1))),
    st.builds(lambda high: between(0.001, high, log=True), st.floats(0.1, 0.9)),
)


@given(fast=AXIS, share=SHARE, kind=st.lists(st.sampled_from("abcde"), min_size=2, max_size=4, unique=True))
@settings(max_examples=60)
def test_what_is_drawn_lies_in_the_space(fast: Any, share: Any, kind: list[str]) -> None:
    def whole(values: Any) -> Any:
        return [int(value) for value in values] if isinstance(values, list) else values

    asked = whole(fast)
    if isinstance(asked, list):
        asked = sorted(set(asked), key=asked.index)
    space = space_of(fast=asked, share=share, kind=kind)
    axes = Axes(space)
    sampler = Sampler(space, "tpe", 3, ["maximize"])
    for _ in range(4):
        drawn = sampler.ask()
        if drawn is None:
            break
        parameters = drawn.parameters
        # The codes that a store keeps bring the very same parameters back.
        assert space.parameters_of(space.codes_of(parameters)) == parameters
        assert axes.parameters(axes.drawn(parameters)) == parameters
        assert {name: type(value) for name, value in parameters.items()} == {
            "fast": int,
            "share": float,
            "kind": str,
        }
        assert 0 < parameters["share"] < 1
        sampler.tell(drawn, Judged((1.0,)))


def test_names_without_order_are_searched_too() -> None:
    def score(parameters: Any) -> float:
        return {"plain": 0.0, "odd": 1.0, "wild": -1.0}[parameters["kind"]] + parameters["share"]

    space = space_of(kind=["plain", "odd", "wild"], share=between(0.1, 0.9))
    best = best_of(search(Pretend(score), Settings("tpe", 60), space))
    assert best.parameters["kind"] == "odd"
    assert best.parameters["share"] > 0.8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"search": "cmaes", "objective": ["sharpe", "trades"]}, "one objective"),
        ({"search": "cmaes", "kind": ["plain", "odd"]}, "kind has no order"),
        ({"search": "cmaes", "slow": 60}, "two parameters or more"),
        ({"search": "tpe", "slow": 60, "fast": [5]}, "more than one value"),
        ({"search": "tpe", "storage": "study.db"}, "storage is the URL"),
        ({"search": "tpe", "storage": "mysql://x/y"}, "storage is the URL"),
        ({"search": "tpe", "storage": "postgresql://eyas:secret@127.0.0.1:1/x"}, "does not answer"),
    ],
)
def test_what_cannot_be_searched_is_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(eyas.UsageError, match=said) as caught:
        sweep(Cross, DAYS, trials=20, **{**AXES, **words})
    assert "secret" not in str(caught.value)


def test_the_verb_searches_quietly_and_keeps_refusals(
    capfd: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    import optuna

    level = optuna.logging.get_verbosity()
    store = tmp_path / "study.sweep"
    found = sweep(Cross, DAYS, search="tpe", trials=60, seed=1, store=store, **AXES)
    again = sweep(Cross, DAYS, search="tpe", trials=60, seed=1, store=store, workers=1, **AXES)
    assert found.rows.tobytes() == again.rows.tobytes()
    assert found.numbers.tolist() == list(range(60))
    assert (found.course.ran, again.course.ran, again.course.resumed) == (60, 0, 60)
    assert set(found.reasons.values()) <= {"thirteen is unlucky"}
    best = found.best
    assert best is not None
    assert eyas.backtest(Cross(**best.parameters), DAYS).journal.digest == best.digest
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert optuna.logging.get_verbosity() == level
    assert logging.getLogger("optuna").level == level


def test_a_search_goes_on_with_more_trials(tmp_path: Any) -> None:
    store = tmp_path / "study.sweep"
    words: dict[str, Any] = {"search": "tpe", "seed": 1, **AXES}
    sweep(Cross, DAYS, trials=30, store=store, **words)
    more = sweep(Cross, DAYS, trials=48, store=store, **words)
    assert (more.course.ran, more.course.resumed) == (18, 30)
    assert more.rows.tobytes() == sweep(Cross, DAYS, trials=48, **words).rows.tobytes()


def test_a_chunk_that_fails_ends_the_search_and_leaves() -> None:
    class Broken(Pretend):
        def rows(self, chunk: Any) -> Any:
            raise eyas.DataError("row 3 is wrong")

    with pytest.raises(eyas.DataError, match="row 3"):
        search(Broken(), Settings("tpe", 20))
