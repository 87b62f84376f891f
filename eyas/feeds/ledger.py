"""Remember which stretches a source has answered for, and say which are missing.

A market has no bars at night, in an outage, before its listing: that a bar is not stored does not mean that
it was not asked for. The ledger of a series is a file in the catalog. It counts what was stored of each
stretch; when the catalog has less than that (somebody removed the series), the stretch is not believed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.data.catalog.stores import Changed
from eyas.timeframes import following

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.data.catalog.stores import Store

FORMAT = 1


class Stretch(NamedTuple):
    """Hold a half-open stretch of time, in nanoseconds."""

    start_ns: int
    end_ns: int


class Asked(NamedTuple):
    """Say that a source has answered for a stretch, and with how many bars."""

    start_ns: int
    end_ns: int
    rows: int


class Ledger:
    """Keep the stretches that were answered, in order and apart, in a file of the catalog's store."""

    def __init__(self, store: Store, key: str) -> None:
        self.store, self.key = store, key
        self.asked = self._read()[0]

    def believed(self, time: NDArray[np.int64]) -> list[Stretch]:
        """Return the stretches that still hold, given the times that are stored (sorted)."""
        return [Stretch(one.start_ns, one.end_ns) for one in self.asked if _count(time, *one[:2]) >= one.rows]

    def note(self, answered: Iterable[Stretch], time: NDArray[np.int64]) -> None:
        """Add stretches that were answered, given the times that are now stored, and write the file.

        Another download of the series may have written in between; what it noted is kept. If it is faster a
        second time nothing is noted, and the stretches are asked for again one day.
        """
        with self.store.locked():
            self.asked, tag = self._read()
            known = joined([*self.believed(time), *answered])
            made = [Asked(*one, _count(time, *one)) for one in known]
            if made != self.asked:
                said = json.dumps({"format": FORMAT, "asked": made}, indent=1).encode()
                with contextlib.suppress(Changed):
                    self.store.replace(self.key, said, tag)
                self.asked = made

    def _read(self) -> tuple[list[Asked], Any]:
        """Read the file; one that is damaged is empty: everything is asked for again, and nothing is lost."""
        try:
            data, tag = self.store.read(self.key)
        except (FileNotFoundError, NotADirectoryError):
            return [], None
        try:
            return [
                Asked(int(start), int(end), int(rows)) for start, end, rows in json.loads(data)["asked"]
            ], tag
        except (ValueError, TypeError, KeyError):
            return [], tag


def _count(time: NDArray[np.int64], start_ns: int, end_ns: int) -> int:
    return int(np.searchsorted(time, end_ns) - np.searchsorted(time, start_ns))


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return stretches in order, those that meet as one.

    >>> joined([Stretch(5, 9), Stretch(0, 5), Stretch(20, 30), Stretch(20, 20)])
    [Stretch(start_ns=0, end_ns=9), Stretch(start_ns=20, end_ns=30)]
    """
    found: list[Stretch] = []
    for one in sorted(stretches):
        if one.end_ns <= one.start_ns:
            continue
        if found and one.start_ns <= found[-1].end_ns:
            found[-1] = Stretch(found[-1].start_ns, max(found[-1].end_ns, one.end_ns))
        else:
            found.append(one)
    return found


def missing(
    wanted: Stretch, time: NDArray[np.int64], believed: Iterable[Stretch], timeframe: str, limit: int
) -> list[Stretch]:
    """Return what has to be asked for: of a stretch what neither is stored nor was answered.

    Two holes with fewer than `limit` stored bars between them are one: a page covers both.
    """
    inside = time[(time >= wanted.start_ns) & (time < wanted.end_ns)]
    covers = [Stretch(int(one), int(end)) for one, end in _runs(inside, timeframe)]
    holes = without(wanted, joined([*covers, *believed]))
    # Between bars that are stamped at a local midnight lies an hour twice a year: no bar fits into that.
    holes = [one for one in holes if one.end_ns == wanted.end_ns or _fits(one, timeframe, inside)]
    found: list[Stretch] = []
    for hole in holes:
        if found:
            between = np.searchsorted(time, hole.start_ns) - np.searchsorted(time, found[-1].end_ns)
            if 0 < between < limit:
                found[-1] = Stretch(found[-1].start_ns, hole.end_ns)
                continue
        found.append(hole)
    return found


def _fits(hole: Stretch, timeframe: str, inside: NDArray[np.int64]) -> bool:
    """Tell whether a bar fits between two stored ones; before the first one any stretch may hold one."""
    first = bool(len(inside)) and hole.start_ns < int(inside[0])
    return first or int(following(hole.start_ns, timeframe)) <= hole.end_ns


def _runs(time: NDArray[np.int64], timeframe: str) -> list[tuple[int, int]]:
    """Return the runs of bars without a hole, each from its first opening to its last close."""
    if not len(time):
        return []
    ends = following(time, timeframe)
    breaks = np.flatnonzero(time[1:] > ends[:-1]) + 1
    first = np.concatenate(([0], breaks))
    last = np.append(breaks, len(time)) - 1
    return list(zip(time[first].tolist(), ends[last].tolist(), strict=True))


def without(wanted: Stretch, covers: list[Stretch]) -> list[Stretch]:
    """Return what is left of a stretch between those that cover it."""
    found = []
    at = wanted.start_ns
    for one in covers:
        if one.start_ns > at:
            found.append(Stretch(at, min(one.start_ns, wanted.end_ns)))
        at = max(at, one.end_ns)
        if at >= wanted.end_ns:
            return [one for one in found if one.start_ns < one.end_ns]
    found.append(Stretch(at, wanted.end_ns))
    return [one for one in found if one.start_ns < one.end_ns]
