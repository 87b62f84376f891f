"""In which rows data are others than they were: bars, and what was beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.data.place import plain
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS, Bars, iso
from eyas.reports.difference.revision import unequal
from eyas.reports.saving.parts import SIDES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sight import Outside

SHOWN_MAX = 3


@dataclass(frozen=True, slots=True)
class Revision:
    """Say in which rows data are others than they were: changed, missing and added ones, as sentences."""

    changed: int
    missing: int
    added: int
    sentences: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.added)

    def __str__(self) -> str:
        counts = (("changed", self.changed), ("gone", self.missing), ("new", self.added))
        said = ", ".join(f"{count:,} {word}" for word, count in counts if count)
        return f"{said}: {'; '.join(self.sentences)}" if said else "nothing has changed"


class Rows(NamedTuple):
    """Hold rows by their time, which may repeat, and their columns by name."""

    time: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]


def rows_of(data: Bars | Outside) -> Rows:
    """Return bars, or what was beside them, as rows."""
    if isinstance(data, Bars):
        names = [name for name in (*PRICE_COLUMNS, "volume", *RARE_COLUMNS) if name in data.columns]
        return Rows(data.time, {name: getattr(data, name) for name in names})
    columns: dict[str, NDArray[Any]] = dict(data.columns)
    if data.books is not None:
        columns = {
            f"{side} {level + 1}": getattr(data.books, side)[:, level]
            for level in range(data.books.depth)
            for side in SIDES
        }
    return Rows(data.time, {"known": data.known, **columns})


def revision(before: Bars | Outside, now: Bars | Outside) -> Revision:
    """Return in which rows data differ from what they were.

    >>> import eyas
    >>> bars = eyas.sample("AAPL", "1d")
    >>> revision(bars, bars[1:]).sentences
    ('row 1 (2014-01-02T00:00:00Z) is gone',)
    """
    old, new = rows_of(before), rows_of(now)
    before_keys, now_keys = keys_of(old.time, new.time)
    common, rows, others = np.intersect1d(before_keys, now_keys, assume_unique=True, return_indices=True)
    order = np.argsort(rows)
    rows, others = rows[order], others[order]
    names = list(dict.fromkeys((*old.columns, *new.columns)))
    differs = {name: differing(old.columns.get(name), new.columns.get(name), rows, others) for name in names}
    changed = np.flatnonzero(np.logical_or.reduce(list(differs.values()))) if len(common) else rows[:0]
    gone, added = (np.flatnonzero(~np.isin(key, common)) for key in (before_keys, now_keys))
    sentences = []
    for place in changed[:SHOWN_MAX].tolist():
        what = ", ".join(
            f"{name} {text_at(old, name, rows[place])} is now {text_at(new, name, others[place])}"
            for name in names
            if differs[name][place]
        )
        sentences.append(f"row {rows[place] + 1} ({iso(old.time[rows[place]])}) {what}")
    sentences += [f"row {row + 1} ({iso(old.time[row])}) is gone" for row in gone[:SHOWN_MAX].tolist()]
    sentences += [f"a row of {iso(new.time[row])} is new" for row in added[:SHOWN_MAX].tolist()]
    more = len(changed) + len(gone) + len(added) - len(sentences)
    if more:
        sentences.append(f"and {more:,} more")
    return Revision(len(changed), len(gone), len(added), tuple(sentences))


def keys_of(*times: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return what names each row among those of all: its time, and the how manieth of that time it is."""
    whole = np.concatenate(times)
    _, codes = np.unique(whole, return_inverse=True)
    found, begin = [], 0
    most = max((len(time) for time in times), default=0) + 1
    for time in times:
        own = codes[begin : begin + len(time)]
        begin += len(time)
        order = np.argsort(own, kind="stable")
        ranked = own[order]
        is_first = np.diff(ranked, prepend=-1) != 0
        place = np.arange(len(own))
        nth = np.empty(len(own), np.int64)
        nth[order] = place - np.maximum.accumulate(np.where(is_first, place, 0))
        found.append(own.astype(np.int64) * most + nth)
    return found


def differing(
    before: NDArray[Any] | None, now: NDArray[Any] | None, rows: NDArray[Any], others: NDArray[Any]
) -> NDArray[np.bool_]:
    """Return in which of the common rows a column differs; a column that is not there has no values."""
    if before is None or now is None:
        return np.full(len(rows), (before is None) != (now is None))
    different: NDArray[np.bool_] = unequal(before[rows], now[others])
    return different


def text_at(rows: Rows, name: str, row: int) -> str:
    """Return one value of a row as text."""
    column = rows.columns.get(name)
    if column is None or np.isnan(column[row]):
        return "none"
    return iso(column[row]) if name == "known" else plain(column[row])
