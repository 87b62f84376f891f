"""Cut rows into parts to learn from and parts to be judged on, so that nothing leaks between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.research.checking import whole
from eyas.research.windows import Length, Window, windows_of

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

SPLITS_MAX = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Hold the rows to learn from and those to be judged on; `groups` numbers the stretches of the latter.

    Both are int64, rising; `tests` are the rows of each group by itself.
    """

    train: NDArray[np.int64]
    tests: tuple[NDArray[np.int64], ...]
    groups: tuple[int, ...]

    @property
    def test(self) -> NDArray[np.int64]:
        """Rows to be judged on, of all groups together."""
        return np.concatenate(self.tests)

    @property
    def train_stretches(self) -> list[tuple[int, int]]:
        """First row and row after the last of each stretch without a hole that is learned from."""
        return stretches(self.train)


@dataclass(frozen=True, slots=True)
class CombinatorialPurged:
    """Judge on every combination of `tests` out of `groups` equal stretches, and learn from the others.

    `purge` rows on both sides of a stretch that is judged, and `embargo` more after it, are left out of what
    is learned from (López de Prado 2018, chapters 7 and 12). Groups differ by at most one row, the first
    ones are the longer. Each group is judged in C(groups − 1, tests − 1) splits, which make as many whole
    paths: φ, `path_count`.

    >>> cut = CombinatorialPurged(groups=6, tests=2)
    >>> cut.split_count, cut.path_count
    (15, 5)
    """

    groups: int = 6
    tests: int = 2
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        whole("groups", self.groups, 2)
        whole("tests", self.tests, 1)
        whole("purge", self.purge, 0)
        whole("embargo", self.embargo, 0)
        if self.tests >= self.groups:
            raise UsageError(f"tests is {self.tests} of {self.groups} groups: leave a group to learn from")
        if self.split_count > SPLITS_MAX:
            raise UsageError(
                f"{self.tests} of {self.groups} groups are {self.split_count:,} splits; have fewer groups"
            )

    @property
    def split_count(self) -> int:
        """Number of splits: C(groups, tests)."""
        return comb(self.groups, self.tests)

    @property
    def path_count(self) -> int:
        """Number of whole paths φ that the judged groups make: C(groups − 1, tests − 1)."""
        return comb(self.groups - 1, self.tests - 1)

    @property
    def paths(self) -> NDArray[np.int64]:
        """Split that judges each group, for each path: shape (path_count, groups)."""
        judged: list[list[int]] = [[] for _ in range(self.groups)]
        for number, chosen in enumerate(combinations(range(self.groups), self.tests)):
            for group in chosen:
                judged[group].append(number)
        return np.array(judged, dtype=np.int64).T

    def bounds(self, count: int) -> NDArray[np.int64]:
        """Return where each group begins, and the count: shape (groups + 1,)."""
        each, more = divmod(count, self.groups)
        if not each:
            raise UsageError(
                f"{count:,} rows do not make {self.groups:,} groups: have fewer groups, or more rows"
            )
        sizes = np.full(self.groups, each, dtype=np.int64)
        sizes[:more] += 1
        return np.concatenate([[0], np.cumsum(sizes)])

    def split(self, rows: Any) -> Iterator[Split]:
        """Yield the splits of a number of rows, or of Bars, in lexical order of their groups."""
        count = count_of(rows)
        bounds = self.bounds(count)
        for chosen in combinations(range(self.groups), self.tests):
            kept = np.ones(count, dtype=bool)
            for group in chosen:
                start, end = bounds[group], bounds[group + 1]
                kept[max(0, start - self.purge) : end + self.purge + self.embargo] = False
            if not kept.any():
                raise UsageError(
                    f"purge={self.purge} and embargo={self.embargo} leave nothing to learn from in groups of "
                    f"{count // self.groups:,} rows: have fewer groups, or more rows"
                )
            tests = tuple(np.arange(bounds[group], bounds[group + 1]) for group in chosen)
            yield Split(np.flatnonzero(kept).astype(np.int64), tests, chosen)


@dataclass(frozen=True, slots=True)
class PurgedKFold:
    """Judge on each of `folds` equal stretches in turn, and learn from the others but what may leak.

    `purge` and `embargo` are those of CombinatorialPurged, of which this is the case of one test group.

    >>> [split.train.tolist() for split in PurgedKFold(folds=3, purge=1).split(9)]
    [[4, 5, 6, 7, 8], [0, 1, 7, 8], [0, 1, 2, 3, 4]]
    """

    folds: int = 5
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        whole("folds", self.folds, 2)
        self.as_combinations  # noqa: B018 - it checks the others

    @property
    def as_combinations(self) -> CombinatorialPurged:
        """The same cut as combinations of one group."""
        return CombinatorialPurged(self.folds, 1, self.purge, self.embargo)

    @property
    def paths(self) -> NDArray[np.int64]:
        """Split that judges each group: shape (1, folds)."""
        return self.as_combinations.paths

    def bounds(self, count: int) -> NDArray[np.int64]:
        """Return where each fold begins, and the count: shape (folds + 1,)."""
        return self.as_combinations.bounds(count)

    def split(self, rows: Any) -> Iterator[Split]:
        """Yield the splits of a number of rows, or of Bars."""
        return self.as_combinations.split(rows)


@dataclass(frozen=True, slots=True)
class Rolling:
    """Learn from a stretch and be judged on the one after it, again and again through the rows.

    Lengths are numbers of rows, or spans of time such as "180d" (then give Bars or times to `split`).
    `gap` lies between the two, unused. `step` is how far the next window is (that of `test` where nothing
    is said). `anchored` learns from the first row on each time. What is left at the end, shorter than
    `test`, is not used.

    >>> [(split.train.tolist(), split.test.tolist()) for split in Rolling(train=4, test=2).split(9)]
    [([0, 1, 2, 3], [4, 5]), ([2, 3, 4, 5], [6, 7])]
    """

    train: Length
    test: Length
    step: Length | None = None
    gap: Length = 0
    anchored: bool = False

    def windows(self, rows: Any) -> list[Window]:
        """Return where each window begins and ends; raises UsageError where there is none."""
        return windows_of(
            rows, train=self.train, test=self.test, step=self.step, gap=self.gap, anchored=self.anchored
        )

    def split(self, rows: Any) -> Iterator[Split]:
        """Yield the splits of a number of rows, of Bars, or of times in nanoseconds."""
        for number, one in enumerate(self.windows(rows)):
            train = np.arange(one.train_start, one.train_end, dtype=np.int64)
            yield Split(train, (np.arange(one.test_start, one.test_end, dtype=np.int64),), (number,))


def stretches(rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return first row and row after the last of each run of rows without a hole.

    >>> stretches(np.array([1, 2, 3, 7, 8]))
    [(1, 4), (7, 9)]
    """
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(rows) != 1) + 1
    return [(int(part[0]), int(part[-1]) + 1) for part in np.split(rows, cuts)]


def count_of(rows: Any) -> int:
    """Return a number of rows, or that of something that has rows."""
    return whole(
        "rows", rows if isinstance(rows, int | np.integer) or not hasattr(rows, "__len__") else len(rows)
    )
