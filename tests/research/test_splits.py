"""Splits are those of skfolio and purgedcv, and never leak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.research import CombinatorialPurged, PurgedKFold, Rolling
from eyas.research.splits import stretches

ORACLE = json.loads((Path(__file__).parent / "oracles/splits.json").read_text())


@pytest.mark.parametrize("case", ORACLE["combinatorial"])
def test_combinations_and_paths_are_those_of_skfolio(case: dict[str, Any]) -> None:
    cut = CombinatorialPurged(case["groups"], case["tests"], case["purge"], case["embargo"])
    found = list(cut.split(case["count"]))
    assert [one.train.tolist() for one in found] == [one["train"] for one in case["splits"]]
    assert [[part.tolist() for part in one.tests] for one in found] == [
        one["tests"] for one in case["splits"]
    ]
    assert cut.path_count == case["path_count"]
    assert cut.paths.tolist() == case["paths"]
    assert cut.split_count == len(found)


@pytest.mark.parametrize("case", ORACLE["folds"])
def test_folds_are_those_of_purgedcv(case: dict[str, Any]) -> None:
    cut = PurgedKFold(case["folds"], case["purge"], case["embargo"])
    found = [[one.train.tolist(), one.test.tolist()] for one in cut.split(case["count"])]
    assert found == case["splits"]


@pytest.mark.parametrize("case", ORACLE["rolling"])
def test_windows_are_those_of_skfolio(case: dict[str, Any]) -> None:
    cut = Rolling(case["train"], case["test"], gap=case["gap"], anchored=case["anchored"])
    assert [[one.train.tolist(), one.test.tolist()] for one in cut.split(24)] == case["splits"]


@given(
    count=st.integers(30, 200),
    groups=st.integers(2, 7),
    tests=st.integers(1, 3),
    purge=st.integers(0, 4),
    embargo=st.integers(0, 4),
)
def test_no_row_that_is_learned_from_is_near_one_that_is_judged(
    count: int, groups: int, tests: int, purge: int, embargo: int
) -> None:
    if tests >= groups:
        return
    cut = CombinatorialPurged(groups, tests, purge, embargo)
    each = count // groups
    if groups - tests < 2 or each <= 2 * purge + embargo:  # a stretch may be too short to leave anything
        return
    for split in cut.split(count):
        judged = split.test
        assert not set(split.train.tolist()) & set(judged.tolist())
        distance = split.train[:, None] - judged[None, :]
        after = np.where(distance > 0, distance, count).min(axis=1)
        before = np.where(distance < 0, -distance, count).min(axis=1)
        assert (after > purge + embargo).all()
        assert (before > purge).all()
        rebuilt = [row for first, last in split.train_stretches for row in range(first, last)]
        assert rebuilt == split.train.tolist()


@given(count=st.integers(20, 100), groups=st.integers(2, 6), tests=st.integers(1, 3))
def test_every_path_judges_every_row_once(count: int, groups: int, tests: int) -> None:
    if tests >= groups:
        return
    cut = CombinatorialPurged(groups, tests)
    splits = list(cut.split(count))
    assert cut.paths.shape == (cut.path_count, groups)
    used = set()
    for path in cut.paths:
        rows = []
        for group, number in enumerate(path.tolist()):
            split = splits[number]
            rows.append(split.tests[split.groups.index(group)])
            used.add((number, group))
        assert np.concatenate(rows).tolist() == list(range(count))
    assert len(used) == cut.split_count * tests


@given(count=st.integers(20, 120), train=st.integers(2, 30), test=st.integers(1, 20), gap=st.integers(0, 5))
def test_a_window_learns_from_what_lies_before_alone(count: int, train: int, test: int, gap: int) -> None:
    cut = Rolling(train, test, gap=gap)
    if train + gap + test > count:
        with pytest.raises(UsageError, match="shorter than one window"):
            list(cut.split(count))
        return
    splits = list(cut.split(count))
    for split in splits:
        assert split.train[-1] + gap + 1 == split.test[0]
    judged = np.concatenate([split.test for split in splits])
    assert judged.tolist() == list(range(train + gap, train + gap + len(judged)))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: CombinatorialPurged(groups=1), "groups is 1"),
        (lambda: CombinatorialPurged(groups=4, tests=4), "leave a group to learn from"),
        (lambda: CombinatorialPurged(groups=40, tests=20), "have fewer groups"),
        (lambda: CombinatorialPurged(purge=-1), "purge is -1"),
        (lambda: PurgedKFold(folds=True), "folds is True"),
        (lambda: list(PurgedKFold(folds=5).split(3)), "do not make 5 groups"),
        (lambda: list(PurgedKFold(folds=2, purge=9).split(10)), "nothing to learn from"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        make()


def test_stretches_of_nothing() -> None:
    assert stretches(np.empty(0, dtype=np.int64)) == []
