"""Compare two runs up to a moment: the first decision that differs, and the column that differed first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.lookahead.recording import Decision, alike
from eyas.model import iso

if TYPE_CHECKING:
    from eyas.journal import Journal
    from eyas.lookahead.feed import Feed
    from eyas.lookahead.subject import Trace

NEAR = 1e-9  # relative, and of the largest value of a column: what summing in another order may change


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """Name a column, the first row of it (a bar) that changed, and its values with all data and with less."""

    name: str
    symbol: str
    row: int
    time: int
    full: float
    less: float
    is_judged: bool = True

    def __str__(self) -> str:
        of = f" of {self.symbol}" if self.symbol else ""
        values = f"{value(self.full)}, then {value(self.less)}"
        return f"{self.name}{of} at bar {self.row} ({iso(self.time)}): {values}"


@dataclass(frozen=True, slots=True)
class Change:
    """Hold the first decision that changed: where, what was asked with all data and what with less.

    `step` is the bar (of a portfolio the step of the clock), `time` when it closed, nanoseconds UTC.
    `known_step` is the last one that the second run knew. `full` or `less` is None where nothing was asked.
    """

    step: int
    time: int
    symbol: str
    full: str | None
    less: str | None
    known_step: int
    how: str
    column: ColumnChange | None = None

    def __str__(self) -> str:
        of = f" of {self.symbol}" if self.symbol else ""
        lines = [
            f"First decision that changes: bar {self.step}{of}, closed at {iso(self.time)}",
            f"  {'with all data':<17} {self.full or 'nothing'}",
            f"  {self.how:<17} {self.less or 'nothing'}",
        ]
        if self.column:
            lines.append(f"Column that changes first: {self.column}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        column = self.column
        return {
            "bar": self.step,
            "time": iso(self.time),
            "symbol": self.symbol,
            "full": self.full,
            "less": self.less,
            "known_bar": self.known_step,
            "how": self.how,
            "column": column
            and {
                "name": column.name,
                "symbol": column.symbol,
                "bar": column.row,
                "time": iso(column.time),
                "full": column.full,
                "less": column.less,
            },
        }


def first_difference(
    full: Sequence[Decision],
    less: Sequence[Decision],
    key: Callable[[Decision], int],
    last: int,
    same: Callable[[Decision, Decision], bool],
) -> tuple[Decision | None, Decision | None] | None:
    """Return the first pair of decisions that differ, up to `last` by `key`; None where one asked nothing."""
    one = [decision for decision in full if key(decision) <= last]
    other = [decision for decision in less if key(decision) <= last]
    for before, after in zip(one, other, strict=False):
        if key(before) == key(after) and same(before, after):
            continue
        if key(before) != key(after):
            return (before, None) if key(before) < key(after) else (None, after)
        return before, after
    if len(one) == len(other):
        return None
    shorter = min(len(one), len(other))
    return (one[shorter], None) if len(one) > shorter else (None, other[shorter])


def same_decision(one: Decision, other: Decision) -> bool:
    """Tell whether two decisions ask for the same."""
    return one.symbol == other.symbol and one.verb == other.verb and alike(one.asked, other.asked)


def decision_change(full: Trace, less: Trace, feed: Feed, step: int, how: str) -> Change | None:
    """Return the first decision up to a step that differs between two runs of the same clock."""
    # Where a run failed, what it would have asked there is not known.
    if less.error and less.failed_step is None:
        return None
    last = step if less.failed_step is None else min(step, less.failed_step - 1)
    if full.failed_step is not None:
        last = min(last, full.failed_step - 1)
    found = first_difference(full.decisions, less.decisions, lambda one: one.step, last, same_decision)
    if found is None:
        return None
    before, after = found
    where = before or after
    assert where is not None
    return Change(
        step=where.step,
        time=feed.closed(where.step),
        symbol=where.symbol if feed.is_portfolio else "",
        full=None if before is None else str(before),
        less=None if after is None else str(after),
        known_step=step,
        how=how,
    )


def column_changes(full: Trace, less: Trace, end: int, symbol: str | None = None) -> list[ColumnChange]:
    """Return the columns that differ among what was known by `end`, the one that does so first at the front.

    `symbol` is the only one to compare, where each instrument has a time of its own.
    """
    found: list[tuple[int, int, ColumnChange]] = []
    others = {(one.symbol, one.name): one for one in less.columns}
    for column in full.columns:
        other = others.get((column.symbol, column.name))
        if other is None or symbol not in (None, column.symbol):
            continue
        count = min(
            int(np.searchsorted(column.known, end, side="right")),
            int(np.searchsorted(other.known, end, side="right")),
        )
        row = first_unlike(column.values[:count], other.values[:count])
        if row is not None:
            values = float(column.values[row]), float(other.values[row])
            time = int(column.time[row])
            change = ColumnChange(column.name, column.symbol, row, time, *values, column.is_judged)
            found.append((time, column.rank, change))
    # Of those that change at the same moment the one that was made first comes nearest to the cause.
    return [change for _, _, change in sorted(found, key=lambda one: one[:2])]


def first_unlike(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> int | None:
    """Return the first row where two columns differ by more than the noise of floats."""
    if not len(one):
        return None
    finite = np.abs(one[np.isfinite(one)])
    noise = NEAR * (finite.max() if len(finite) else 0.0)
    unlike = np.flatnonzero(~np.isclose(one, other, rtol=NEAR, atol=noise, equal_nan=True))
    return int(unlike[0]) if len(unlike) else None


def journals_differ(full: Journal, less: Journal, step: int) -> int | None:
    """Return the bar of the first event up to a step that differs, those of the end left out (R39)."""
    from eyas.model import PHASES

    end = next(code for code, name in PHASES.items() if name == "end")

    def past(journal: Journal) -> np.ndarray[Any, Any]:
        records = journal.records
        chosen: np.ndarray[Any, Any] = records[(records["bar"] <= step) & (records["phase"] != end)]
        return chosen

    one, other = past(full), past(less)
    shorter = min(len(one), len(other))
    unlike = np.flatnonzero(one[:shorter] != other[:shorter])
    if len(unlike):
        return int(one["bar"][unlike[0]])
    if len(one) == len(other):
        return None
    return int((one if len(one) > shorter else other)["bar"][shorter])


def value(number: float) -> str:
    """Return a value of a column as text."""
    return "none" if np.isnan(number) else f"{number:.8g}"
