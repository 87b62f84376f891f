"""Write the trials of a sweep compactly into a page: columns of numbers as base64 of their bytes.

`assets/study.js` is the reader. Ten thousand trials with three parameters and twenty figures take 1.4 MB so;
figures keep seven digits, the objective all of them.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.sweep.figures import BLOCKS, DONE, FIGURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRIALS_MAX = 10_000
BEST_KEPT = 2_000
DIGEST_SHOWN_BYTES = 6
# Of maps of more trials than a page holds: cells in all, values of a parameter, the least share with trials.
CELLS_MAX, VALUES_MAX, FILLED_MIN = 40_000, 250, 0.2
NONE = 65_535
NOBODY = np.empty(0, np.int64)
# What a page shows of a trial; the others are in the table of `sweep.frame()`.
SHOWN = tuple(name for name in FIGURES if name not in ("charges", "best_trade", "worst_trade"))


def column(values: NDArray[Any], kind: str) -> dict[str, str]:
    """Return numbers as the bytes of a little-endian type of numpy, such as `f4`."""
    return {"type": kind, "data": base64.b64encode(values.astype(f"<{kind}").tobytes()).decode()}


class Coded(NamedTuple):
    """Hold one parameter: its different values, in order, and which of them each trial has."""

    values: list[Any]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Coded:
        """Return the values of the trials as codes."""
        different = sorted(set(values), key=lambda value: (isinstance(value, str), value))
        place = {value: index for index, value in enumerate(different)}
        return cls(
            different, np.fromiter((place[value] for value in values), dtype=np.int64, count=len(values))
        )

    def at(self, rows: NDArray[np.int64]) -> Coded:
        """Return the same of some trials; values that none of them has stay, unless they are too many."""
        if len(self.values) <= TRIALS_MAX:
            return Coded(self.values, self.codes[rows])
        found, codes = np.unique(self.codes[rows], return_inverse=True)
        return Coded([self.values[code] for code in found.tolist()], codes)

    def as_json(self, name: str) -> dict[str, Any]:
        """Return what the page holds of it."""
        codes = column(self.codes, "u2")
        return {"name": name, "kind": kind_of(self.values), "values": self.values, "codes": codes}


def kind_of(values: Sequence[Any]) -> str:
    """Return what the values of a parameter are: number, text or bool."""
    if all(isinstance(value, bool) for value in values):
        return "bool"
    return "text" if any(isinstance(value, str) for value in values) else "number"


def chosen_rows(
    scores: NDArray[np.float64], front: NDArray[np.int64] = NOBODY, limit: int = TRIALS_MAX
) -> NDArray[np.int64]:
    """Return which trials a page holds: all, or the best and others drawn by lot, in their own order.

    Those on the `front` are there too, but for the worst of a front that is too long (best first).

    >>> chosen_rows(np.array([1.0, 3.0, 2.0]))
    array([0, 1, 2])
    """
    count = len(scores)
    if count <= limit:
        return np.arange(count)
    sure = sure_rows(scores, front, limit)
    others = np.setdiff1d(np.arange(count), sure)
    drawn = np.random.default_rng(0).choice(others, limit - len(sure), replace=False)
    return np.sort(np.concatenate([sure, drawn]))


def sure_rows(scores: NDArray[np.float64], front: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Return the trials that are not drawn by lot: the best, and the front."""
    best = best_first(scores)[: min(BEST_KEPT, limit // 2)]
    return np.union1d(best, front[: limit // 4])


def best_first(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the trials in order of their scores, those without one last."""
    return np.argsort(np.where(np.isnan(scores), -np.inf, scores), kind="stable")[::-1]


def drawn_by_lot(
    scores: NDArray[np.float64], front: NDArray[np.int64] = NOBODY, limit: int = TRIALS_MAX
) -> dict[str, float] | None:
    """Return for how many trials each one that was drawn by lot stands, and below which score that is.

    One on the front stands for itself. None where the page holds them all.
    """
    count, kept = len(scores), min(BEST_KEPT, limit // 2)
    if count <= limit:
        return None
    known = np.sort(np.where(np.isnan(scores), -np.inf, scores))[::-1]
    sure = len(sure_rows(scores, front, limit))
    return {"below": max(float(known[kept - 1]), -1e300), "weight": (count - sure) / (limit - sure)}


def halves(rows: NDArray[np.void]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Sharpe ratio of each trial in the first and in the second half of the run, by the year.

    Folded of the sums of the blocks: mean over standard deviation (n − 1) of the bars' returns, times the
    root of the bars a year, which the whole run's ratio implies. NaN where it cannot be said.
    """
    blocks = np.asarray(rows["blocks"], dtype=np.float64)
    whole = ratio_of(blocks)
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = rows["sharpe"] / whole
    usable = np.isfinite(scales) & (rows["status"] == DONE)
    scale = float(np.median(scales[usable])) if usable.any() else np.nan
    first, second = (ratio_of(part) * scale for part in (blocks[:, : BLOCKS // 2], blocks[:, BLOCKS // 2 :]))
    return np.where(usable, first, np.nan), np.where(usable, second, np.nan)


def ratio_of(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean over standard deviation (n − 1) of each trial's returns, from sums [trials, blocks, 3]."""
    count, total, squares = (blocks[:, :, place].sum(axis=1) for place in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (squares - total * total / count) / (count - 1)
        found: NDArray[np.float64] = total / count / np.sqrt(variance)
    return np.where(variance > 0, found, np.nan)


def maps(
    axes: Mapping[str, Coded],
    shown: NDArray[np.float64],
    scores: NDArray[np.float64],
    kept: NDArray[np.int64],
) -> list[dict[str, Any]]:
    """Return the map of the objective over each two parameters, of more trials than a page holds.

    For each cell (row of the second * values of the first + value of the first): what its best trial
    `shown`, where that trial stands in the page (NONE: not there), the median, and how many trials it has.
    Pairs that would be mostly empty, or too large, have none.
    """
    found: list[dict[str, Any]] = []
    room = CELLS_MAX
    for (across, first), (up, second) in combinations(axes.items(), 2):
        columns, cells = len(first.values), len(first.values) * len(second.values)
        if max(columns, len(second.values)) > VALUES_MAX or cells > room or columns < 2 or cells == columns:
            continue
        key = second.codes * columns + first.codes
        counts = np.bincount(key, minlength=cells)
        if np.count_nonzero(counts) < FILLED_MIN * cells:
            continue
        room -= cells
        best, median = best_and_median(key, cells, shown, scores)
        place = np.searchsorted(kept, best)
        is_here = (best >= 0) & (kept[np.minimum(place, len(kept) - 1)] == best)
        found.append(
            {
                "across": across,
                "up": up,
                "counts": column(counts, "f4"),
                "values": column(np.where(best >= 0, shown[best], np.nan), "f4"),
                "medians": column(median, "f4"),
                "places": column(np.where(is_here, place, NONE), "u2"),
            }
        )
    return found


def best_and_median(
    key: NDArray[np.int64], cells: int, shown: NDArray[np.float64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the trial with the best score (-1: none) and the median of what is shown, for each cell."""
    best = np.full(cells, -1)
    order = np.lexsort((-scores, key))  # NaN comes last
    order = order[~np.isnan(scores[order])]
    at, first = np.unique(key[order], return_index=True)
    best[at] = order[first]
    median = np.full(cells, np.nan)
    order = np.lexsort((shown, key))
    order = order[np.isfinite(shown[order])]
    at, first, count = np.unique(key[order], return_index=True, return_counts=True)
    low, high = (order[first + half] for half in ((count - 1) // 2, count // 2))
    median[at] = (shown[low] + shown[high]) / 2
    return best, median


def trials_data(
    rows: NDArray[np.void],
    numbers: NDArray[np.int64],
    scores: NDArray[np.float64],
    axes: Mapping[str, Coded],
) -> dict[str, Any]:
    """Return the columns of the trials, as `assets/study.js` reads them."""
    first, second = halves(rows)
    digests = np.ascontiguousarray(rows["digest"]).view(np.uint8).reshape(-1, rows.dtype["digest"].itemsize)
    return {
        "count": len(rows),
        "numbers": column(numbers, "f8"),
        "status": column(rows["status"], "u1"),
        "scores": column(scores, "f8"),
        "axes": [coded.as_json(name) for name, coded in axes.items()],
        "figures": {name: column(rows[name], "f4") for name in SHOWN},
        "halves": [column(first, "f4"), column(second, "f4")],
        "digests": column(digests[:, :DIGEST_SHOWN_BYTES].reshape(-1), "u1"),
        "digest_bytes": DIGEST_SHOWN_BYTES,
    }
