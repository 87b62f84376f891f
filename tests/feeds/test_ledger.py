"""What is missing is what is neither stored nor was answered, and nothing else."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eyas.data.catalog.stores import LocalStore
from eyas.feeds.ledger import Ledger, Stretch, joined, missing

HOUR = 3_600_000_000_000
pairs = st.tuples(st.integers(0, 60), st.integers(0, 20))
stretches = st.lists(pairs.map(lambda one: Stretch(one[0] * HOUR, sum(one) * HOUR)), max_size=6)


def hours(found: list[Stretch]) -> set[int]:
    """Return the hours that lie in some stretches."""
    return {hour for one in found for hour in range(one.start_ns // HOUR, -(-one.end_ns // HOUR))}


@given(stretches)
def test_joined_stretches_are_apart_and_cover_the_same(found: list[Stretch]) -> None:
    made = joined(found)
    assert hours(made) == hours(found)
    assert all(one.end_ns < other.start_ns for one, other in pairwise(made))
    assert all(one.start_ns < one.end_ns for one in made)


@given(st.sets(st.integers(0, 70)), stretches, st.integers(0, 40), st.integers(1, 40), st.integers(1, 10))
def test_missing_is_what_nobody_has(
    stored: set[int], answered: list[Stretch], start: int, length: int, limit: int
) -> None:
    time = np.array(sorted(stored), dtype=np.int64) * HOUR
    wanted = Stretch(start * HOUR, (start + length) * HOUR)
    found = missing(wanted, time, answered, "1h", limit)
    needed = set(range(start, start + length)) - stored - hours(answered)
    assert needed <= hours(found) <= hours([wanted])
    assert hours(missing(wanted, time, answered, "1h", 1)) == needed
    # What is asked for without need lies between two holes, and is less than a page.
    extra = hours(found) - needed
    assert all(len(extra & hours([one])) < limit * max(1, len(needed & hours([one]))) for one in found)
    assert all(one.end_ns <= other.start_ns for one, other in pairwise(found))


def test_a_shifted_midnight_is_no_hole() -> None:
    """Daily bars of New York are an hour apart from each other's grid when summer time begins and ends."""
    days = np.array([0, 24, 48, 71, 95, 120, 144]) * HOUR
    assert missing(Stretch(0, 168 * HOUR), days, [], "1d", 1000) == []


def test_a_ledger_is_read_back_and_not_believed_when_rows_are_gone(tmp_path: Path) -> None:
    store, key = LocalStore(tmp_path), "place/ledger.json"
    time = np.arange(10, dtype=np.int64) * HOUR
    Ledger(store, key).note([Stretch(0, 5 * HOUR)], time)
    Ledger(store, key).note([Stretch(5 * HOUR, 20 * HOUR)], time)
    known = Ledger(store, key)
    assert known.believed(time) == [Stretch(0, 20 * HOUR)]
    assert known.believed(np.arange(12, dtype=np.int64) * HOUR) == [Stretch(0, 20 * HOUR)]
    assert known.believed(time[:9]) == []
    (tmp_path / key).write_text('{"asked": [[1, 2')
    assert Ledger(store, key).believed(time) == []
    Ledger(store, key).note([Stretch(0, HOUR)], time)
    assert Ledger(store, key).believed(time) == [Stretch(0, HOUR)]


def test_two_downloads_of_one_series_keep_each_others_notes(tmp_path: Path) -> None:
    store, key = LocalStore(tmp_path), "ledger.json"
    none = np.empty(0, np.int64)
    one, other = Ledger(store, key), Ledger(store, key)
    one.note([Stretch(0, HOUR)], none)
    other.note([Stretch(5 * HOUR, 6 * HOUR)], none)
    assert Ledger(store, key).believed(none) == [Stretch(0, HOUR), Stretch(5 * HOUR, 6 * HOUR)]
