"""Bring stored and new rows together: what is new, what was there already, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data.catalog.kinds import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray


Differing: TypeAlias = "dict[str, NDArray[Any]]"


@dataclass(frozen=True, slots=True)
class Merged:
    """Hold the rows of both, and how the new ones compare.

    `differing` lists the differences value by value, as columns: time, number, column, old, new.
    """

    columns: Columns
    rows_new: int
    rows_same: int
    rows_revised: int
    differing: Differing


def merge(kind: str, stored: Columns, new: Columns, said: Sequence[str], *, revise: bool) -> Merged:
    """Merge new rows into stored ones; where they differ, keep the stored value or (`revise`) the new one.

    Only the columns that are `said` can differ: the new rows hold NaN in the others.
    """
    if kind == "trades":
        return _trades(stored, new, revise=revise)
    return _unique(stored, new, "time", said, revise=revise)


def _unique(stored: Columns, new: Columns, key: str, said: Sequence[str], *, revise: bool) -> Merged:
    """Merge rows whose key rises and is there once on either side."""
    said = [name for name in said if name != key]
    at = np.searchsorted(stored[key], new[key])
    known = np.zeros(len(at), dtype=bool)
    inside = at < len(stored[key])
    known[inside] = stored[key][at[inside]] == new[key][inside]
    there, here = at[known], np.flatnonzero(known)
    differs, differing = _compare(stored, new, there, here, said)
    if revise and differs.any():
        stored = _overwritten(stored, new, there[differs], here[differs], said)
    fresh = np.flatnonzero(~known)
    both = _joined(stored, {name: column[fresh] for name, column in new.items()}) if len(fresh) else stored
    if len(fresh) and at[fresh[0]] < len(stored[key]):
        order = np.argsort(both[key], kind="stable")
        both = {name: column[order] for name, column in both.items()}
    revised = int(differs.sum())
    return Merged(both, len(fresh), len(here) - revised, revised, differing)


def _trades(stored: Columns, new: Columns, *, revise: bool) -> Merged:
    """Merge trades: by the venue's number, and those without one by how often the same is there."""
    numbered = _numbered(stored, new, revise=revise)
    nameless = _nameless(_where(stored, stored["number"] < 0), _where(new, new["number"] < 0))
    both = _joined(numbered.columns, nameless.columns)
    order = np.lexsort((both["number"], both["time"]))
    return Merged(
        {name: column[order] for name, column in both.items()},
        numbered.rows_new + nameless.rows_new,
        numbered.rows_same + nameless.rows_same,
        numbered.rows_revised,
        numbered.differing,
    )


def _numbered(stored: Columns, new: Columns, *, revise: bool) -> Merged:
    stored, new = (
        _by_number(_where(stored, stored["number"] >= 0)),
        _by_number(_where(new, new["number"] >= 0)),
    )
    _, first, copies = np.unique(new["number"], return_index=True, return_inverse=True)
    firsts = {name: column[first] for name, column in new.items()}
    merged = _unique(stored, firsts, "number", list(new), revise=revise)
    again = np.ones(len(new["number"]), dtype=bool)
    again[first] = False
    if not again.any():
        return merged
    # The same number twice in one batch: the first counts, the others are compared with it.
    here = np.flatnonzero(again)
    differs, differing = _compare(new, new, first[copies[here]], here, ("time", "price", "quantity", "side"))
    revised = int(differs.sum())
    together = _chained((merged.differing, differing))
    same = merged.rows_same + len(here) - revised
    return Merged(merged.columns, merged.rows_new, same, merged.rows_revised + revised, together)


def _nameless(stored: Columns, new: Columns) -> Merged:
    """Merge trades without a number: each is there as often as in the one that has it more often."""
    import polars as pl

    names = list(new)
    if not len(new["time"]):
        return Merged(stored, 0, 0, 0, _nothing())
    place = pl.int_range(pl.len()).over(names).alias("copy")
    before = pl.DataFrame(stored).with_columns(place)
    after = pl.DataFrame(new).with_columns(place, pl.int_range(pl.len()).alias("row"))
    fresh = after.join(before, on=[*names, "copy"], how="anti", maintain_order="left")["row"].to_numpy()
    added = {name: column[fresh] for name, column in new.items()}
    return Merged(_joined(stored, added), len(fresh), len(after) - len(fresh), 0, _nothing())


def _compare(
    stored: Columns, new: Columns, there: NDArray[np.intp], here: NDArray[np.intp], said: Sequence[str]
) -> tuple[NDArray[np.bool_], Differing]:
    """Compare rows of both in pairs: which of them differ, and each value that does."""
    differs = np.zeros(len(here), dtype=bool)
    found: list[Differing] = [_nothing()]
    for name in said:
        old, now = stored[name][there], new[name][here]
        unequal = (old != now) & ~((old != old) & (now != now))
        if not unequal.any():
            continue
        differs |= unequal
        rows = there[unequal]
        found.append(
            {
                "time": stored["time"][rows],
                "number": stored["number"][rows] if "number" in stored else np.full(len(rows), -1),
                "column": np.full(len(rows), name, dtype=object),
                "old": old[unequal].astype(np.float64),
                "new": now[unequal].astype(np.float64),
            }
        )
    return differs, _chained(found)


def _nothing() -> Differing:
    whole, real = np.empty(0, np.int64), np.empty(0)
    return {"time": whole, "number": whole, "column": np.empty(0, object), "old": real, "new": real}


def _chained(found: Sequence[Differing]) -> Differing:
    return {name: np.concatenate([one[name] for one in found]) for name in found[0]}


def _overwritten(
    stored: Columns, new: Columns, there: NDArray[np.intp], here: NDArray[np.intp], said: Sequence[str]
) -> Columns:
    made = dict(stored)
    for name in said:
        made[name] = stored[name].copy()
        made[name][there] = new[name][here]
    return made


def _by_number(columns: Columns) -> Columns:
    order = np.argsort(columns["number"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _where(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    return {name: column[rows] for name, column in columns.items()}


def _joined(one: Columns, other: Columns) -> Columns:
    return {name: np.concatenate((one[name], other[name])) for name in one}
