"""Resampled rows are those of arch, and block lengths too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.research.bootstrap import KINDS, block_length, resample
from tests.research.test_splits import ORACLE


@pytest.mark.parametrize("case", ORACLE["resampled"])
def test_rows_are_those_of_arch(case: dict[str, Any]) -> None:
    random = np.random.default_rng(case["seed"])
    found = [resample(case["kind"], case["count"], case["length"], random).tolist() for _ in case["rows"]]
    assert found == case["rows"]


@pytest.mark.parametrize("kind", ["stationary", "circular"])
@pytest.mark.parametrize("case", ORACLE["lengths"], ids=lambda case: case["name"])
def test_block_lengths_are_those_of_arch(case: dict[str, Any], kind: Any) -> None:
    assert block_length(case["values"], kind) == pytest.approx(case[kind], rel=1e-12)


@given(
    kind=st.sampled_from(KINDS),
    count=st.integers(1, 60),
    length=st.integers(1, 60),
    seed=st.integers(0, 2**32),
)
def test_as_many_rows_in_blocks_that_hang_together(kind: Any, count: int, length: int, seed: int) -> None:
    if length > count:
        return
    rows = resample(kind, count, length, np.random.default_rng(seed))
    assert len(rows) == count
    assert rows.min() >= 0
    assert rows.max() < count
    breaks = np.flatnonzero((np.diff(rows) % count) != 1) + 1
    if kind != "stationary":
        assert all(at % length == 0 for at in breaks.tolist())
    again = resample(kind, count, length, np.random.default_rng(seed))
    assert rows.tolist() == again.tolist()


def test_stationary_blocks_are_as_long_on_average() -> None:
    rows = resample("stationary", 200_000, 8, np.random.default_rng(1))
    assert 200_000 / (np.diff(rows) != 1).sum() == pytest.approx(8, rel=0.03)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: resample("other", 5, 2, np.random.default_rng(0)), "method is 'other'"),  # type: ignore[arg-type]
        (lambda: resample("moving", 5, 9, np.random.default_rng(0)), "does not go into 5"),
        (lambda: resample("moving", 5, 0.5, np.random.default_rng(0)), "does not go into 5"),
        (lambda: block_length([1.0, 2.0]), "at least 10"),
        (lambda: block_length([1.0] * 9 + [np.nan]), "at least 10"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        make()


def test_what_never_moves_has_blocks_of_one() -> None:
    assert block_length([3.0] * 50) == 1
