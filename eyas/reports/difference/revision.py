"""Which bars of two runs are not the same: how many were revised, added and removed, and which first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.model import iso

if TYPE_CHECKING:
    from eyas.model import Bars

FIRST_ROWS = 5


class RevisedBar(NamedTuple):
    """One value of a bar that both runs have: its time, column, and what it was in each."""

    time_ns: int
    column: str
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Revision:
    """Say how the bars of one symbol differ between two runs.

    Bars are compared by their times: `revised` counts those that both have with other values, `only_a` and
    `only_b` those that one alone has. `first` are the first values that differ, `first_time_ns` is when the
    first difference of any kind is. Where a run holds no bars, `compared` is False and only hashes spoke.
    """

    symbol: str
    revised: int = 0
    only_a: int = 0
    only_b: int = 0
    first_time_ns: int | None = None
    first: tuple[RevisedBar, ...] = ()
    compared: bool = True

    @property
    def sentence(self) -> str:
        """Say it in words."""
        name = self.symbol or "the bars"
        if not self.compared:
            return f"{name}: the hashes differ; a run without its bars cannot say which rows."
        counts = [
            f"{count:,} {what}"
            for count, what in (
                (self.revised, "bar revised" if self.revised == 1 else "bars revised"),
                (self.only_a, "bar only in A" if self.only_a == 1 else "bars only in A"),
                (self.only_b, "bar only in B" if self.only_b == 1 else "bars only in B"),
            )
            if count
        ]
        whence = "" if self.first_time_ns is None else f", from {iso(self.first_time_ns)} on"
        if not counts:
            return f"{name}: same bars, other columns."
        return f"{name}: {', '.join(counts)}{whence}."

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "symbol": self.symbol,
            "compared": self.compared,
            "revised": self.revised,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "first_time": None if self.first_time_ns is None else iso(self.first_time_ns),
            "first": [
                {"time": iso(one.time_ns), "column": one.column, "a": one.a, "b": one.b} for one in self.first
            ],
        }


def revision_of(symbol: str, a: Bars, b: Bars) -> Revision | None:
    """Return how the bars of a symbol differ, or None where they are the same."""
    same_columns = a.columns == b.columns and a.has_volume == b.has_volume
    if same_columns and np.array_equal(a.time, b.time):
        rows_a = rows_b = np.arange(len(a))
    else:
        _, rows_a, rows_b = np.intersect1d(a.time, b.time, return_indices=True)
    common = [name for name in a.columns if name in b.columns and name != "time"]
    if not (a.has_volume and b.has_volume):
        common.remove("volume")
    differs = {name: unequal(getattr(a, name)[rows_a], getattr(b, name)[rows_b]) for name in common}
    any_of = np.any(list(differs.values()), axis=0) if differs else np.zeros(len(rows_a), dtype=bool)
    only_a = np.setdiff1d(a.time, b.time)
    only_b = np.setdiff1d(b.time, a.time)
    if same_columns and not any_of.any() and not len(only_a) and not len(only_b):
        return None
    changed = np.flatnonzero(any_of)
    first = [
        RevisedBar(
            int(a.time[rows_a[row]]),
            name,
            float(getattr(a, name)[rows_a[row]]),
            float(getattr(b, name)[rows_b[row]]),
        )
        for row in changed[:FIRST_ROWS].tolist()
        for name in common
        if differs[name][row]
    ]
    times = [*only_a[:1].tolist(), *only_b[:1].tolist(), *a.time[rows_a[changed[:1]]].tolist()]
    return Revision(
        symbol=symbol,
        revised=len(changed),
        only_a=len(only_a),
        only_b=len(only_b),
        first_time_ns=min(times, default=None),
        first=tuple(first[:FIRST_ROWS]),
    )


def unequal(a: Any, b: Any) -> Any:
    """Return where two columns differ; two values that are no numbers are the same."""
    return (a != b) & ~(np.isnan(a) & np.isnan(b))
