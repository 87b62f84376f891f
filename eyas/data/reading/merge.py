"""Put the good rows of one or several sources in order of time, each time once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.place import plain
from eyas.data.reading.raw import Floats, Sifted
from eyas.data.reading.result import Reject
from eyas.model import RARE_COLUMNS, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

ADVICE = "The last one is kept: drop it from the source if it is the wrong one."


@dataclass(slots=True)
class Merged:
    """Hold the rows that are kept, and what was put aside or mended on the way."""

    time: NDArray[np.int64]
    columns: Floats
    rejects: list[Reject] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def merge(parts: Sequence[Sifted], *, once: bool) -> Merged:
    """Return the good rows of all sources, oldest first; with `once` every time has one row, the last.

    Rows that repeat a time with the same values are dropped and counted; those with others become rejects.
    """
    merged, parts = _begun(parts)
    time = merged.time
    falls = bool((time[1:] < time[:-1]).any())
    if once and (falls or bool((time[1:] == time[:-1]).any())):
        _take(merged, _kept_last(merged, parts, time))
    elif falls:
        _take(merged, np.argsort(time, kind="stable"))
    return _ended(merged, parts)


def merge_trades(parts: Sequence[Sifted]) -> Merged:
    """Return the good trades of all sources, oldest first; those with one number are one trade."""
    merged, parts = _begun(parts)
    number = merged.columns.get("number")
    if number is not None and len(number) and number.min() >= 0:
        steps = np.diff(number)
        if not (steps > 0).all():
            _take(merged, np.sort(_kept_last(merged, parts, number)))
        order = np.lexsort((merged.columns["number"], merged.time))
    else:
        _drop_overlap(merged, parts)
        order = np.argsort(merged.time, kind="stable")
    if bool((merged.time[1:] < merged.time[:-1]).any()):
        _take(merged, order)
    return _ended(merged, parts)


def _drop_overlap(merged: Merged, parts: Sequence[Sifted]) -> None:
    """Drop trades without a number that overlapping sources say again; a source may say one twice itself.

    Each stays as often as in the source that has it most often.
    """
    good = [part.time[~part.bad] for part in parts if not part.bad.all()]
    if all(one.max() < two.min() for one, two in pairwise(good)):
        return
    import polars as pl

    part_of = np.repeat(np.arange(len(good)), [len(one) for one in good])
    rows = pl.DataFrame({"time": merged.time, **merged.columns}).with_row_index("row")
    same = [name for name in rows.columns if name != "row"]
    copies = rows.with_columns(copy=pl.int_range(pl.len()).over([*same, pl.Series("part", part_of)]))
    kept = copies.unique([*same, "copy"], keep="first", maintain_order=True)["row"].to_numpy()
    if len(kept) < len(merged.time):
        merged.counts["duplicate"] += len(merged.time) - len(kept)
        _take(merged, kept.astype(np.intp))


def _begun(parts: Sequence[Sifted]) -> tuple[Merged, list[Sifted]]:
    """Return the good rows one after the other, what is wrong counted, and the sources in order of time."""
    ordered = sorted(parts, key=lambda part: int(part.time[~part.bad].min()) if not part.bad.all() else 0)
    merged = Merged(*_joined(ordered))
    for part in ordered:
        merged.rejects += part.rejects()
        merged.counts.update(_faults(part))
    if bool((merged.time[1:] < merged.time[:-1]).any()):
        _count_falls(merged, merged.time)
    return merged, ordered


def _ended(merged: Merged, parts: Sequence[Sifted]) -> Merged:
    """Bring the rejects in order of their source and row."""
    place = {part.raw.table.place.name.removeprefix("the "): at for at, part in enumerate(parts)}
    merged.rejects.sort(key=lambda reject: (place[reject.file], reject.row))
    merged.counts = +merged.counts
    return merged


def _joined(parts: Sequence[Sifted]) -> tuple[NDArray[np.int64], Floats]:
    """Return the good rows one after the other; a column that not every source has is empty in the others."""
    if len(parts) == 1 and not parts[0].bad.any():
        return parts[0].time, dict(parts[0].columns)
    good = [~part.bad for part in parts]
    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns = {
        name: np.concatenate(
            [
                part.columns[name][rows] if name in part.columns else _absent(name, int(rows.sum()))
                for part, rows in zip(parts, good, strict=True)
            ]
        )
        for name in names
    }
    return np.concatenate([part.time[rows] for part, rows in zip(parts, good, strict=True)]), columns


def _absent(name: str, count: int) -> NDArray[Any]:
    if name == "number":
        return np.full(count, -1)  # whole: beside floats a long number would lose its end
    return np.full(count, np.nan if name in RARE_COLUMNS else 0.0)


def _faults(part: Sifted) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for wrong in part.wrong:
        counts[wrong.fault] += len(wrong.rows)
    return counts


def _count_falls(merged: Merged, time: NDArray[np.int64]) -> None:
    """Count the rows that come after a later one; rows that run newest first are turned round instead."""
    falls = np.count_nonzero(time[1:] < time[:-1])
    if falls > np.count_nonzero(time[1:] > time[:-1]):
        merged.notes.append("the rows run newest first: they were turned round")
        time = time[::-1]
    late = int(np.count_nonzero(time < np.maximum.accumulate(time)))
    if late:
        merged.counts["out_of_order"] += late


def _kept_last(merged: Merged, parts: Sequence[Sifted], key: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the last row of each key, in order of the keys.

    Of the others those that say the same are counted as duplicates, and those that do not become rejects.
    """
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    is_last = np.concatenate((ordered[1:] != ordered[:-1], [True]))
    lost, lasts = np.flatnonzero(~is_last), np.flatnonzero(is_last)
    if len(lost):
        winner = lasts[np.searchsorted(lasts, lost)]
        same = merged.time[order[lost]] == merged.time[order[winner]]
        for column in merged.columns.values():
            one, two = column[order[lost]], column[order[winner]]
            same &= (one == two) | (np.isnan(one) & np.isnan(two))
        merged.counts["duplicate"] += int(same.sum())
        differ = np.flatnonzero(~same)
        merged.counts["conflicting"] += len(differ)
        origin = _Origin(parts)
        for at in differ.tolist():
            merged.rejects.append(_conflict(merged, origin, int(order[lost[at]]), int(order[winner[at]])))
    return order[lasts]


def _take(merged: Merged, rows: NDArray[np.intp]) -> None:
    merged.time = merged.time[rows]
    merged.columns = {name: column[rows] for name, column in merged.columns.items()}


class _Origin:
    """Know from which source and row a joined row came."""

    def __init__(self, parts: Sequence[Sifted]) -> None:
        self.parts = parts
        self.rows = [np.flatnonzero(~part.bad) for part in parts]
        self.starts = np.cumsum([0, *(len(rows) for rows in self.rows)])

    def __call__(self, joined: int) -> tuple[Sifted, int]:
        part = int(np.searchsorted(self.starts, joined, side="right")) - 1
        return self.parts[part], int(self.rows[part][joined - self.starts[part]])


def _conflict(merged: Merged, origin: _Origin, lost: int, kept: int) -> Reject:
    """Return a row as a reject that another row of its time, or of its number, has replaced."""
    part, row = origin(lost)
    other, other_row = origin(kept)
    where = (
        f"row {other.raw.table.place.number(other_row)}"
        if other is part
        else other.raw.table.place.row(other_row)
    )
    title = part.raw.table.time[0][0]
    if merged.time[lost] != merged.time[kept]:
        title, differs = part.raw.table.numbers["number"][0], f"{title} is {iso(merged.time[kept])}"
    else:
        pairs = ((name, column[lost], column[kept]) for name, column in merged.columns.items())
        name, here, there = next(pair for pair in pairs if not _alike(*pair[1:]))
        differs = f"{name} is {_shown(there)} and not {_shown(here)}"
    say = f"{title} is the same as in {where}, where {differs}. {ADVICE}"
    return part.raw.reject(row, "conflicting", say)


def _shown(value: np.float64) -> str:
    return "empty" if np.isnan(value) else plain(value)


def _alike(one: np.float64, two: np.float64) -> bool:
    return bool(one == two or (np.isnan(one) and np.isnan(two)))
