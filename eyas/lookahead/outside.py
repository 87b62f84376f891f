"""Tell whether a strategy reads the future from somewhere else: put another future there, and look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.lookahead.comparing import Change, decision_change
from eyas.lookahead.holders import Holder, holders_of
from eyas.lookahead.stamps import Stamped, stamped_early
from eyas.model import PRICE_COLUMNS
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from eyas.lookahead.feed import Feed
    from eyas.lookahead.subject import Subject, Trace
    from eyas.lookahead.tables import Table

COLUMNS = ("close", *PRICE_COLUMNS[:3], "volume")
DISTINCT_MIN = 3  # different values, without which a match says nothing
CANDIDATES_MAX = 50
SHORTER_MAX = 5  # how many rows fewer than bars an array of one value a bar may have: differences, say


class Relation(NamedTuple):
    """Say what a table has to do with the bars of a run.

    Where its rows are bars, row `offset` is the first bar of `symbol`; else they go by their time.
    """

    what: str
    symbol: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Outside:
    """Hold a place outside a strategy's bars from which it can read about them."""

    holder: Holder
    relation: Relation
    stamped: tuple[Stamped, ...]
    has_edge: bool = False
    """Whether what is stamped when a step closes counts as not known yet."""

    @property
    def what(self) -> str:
        """What it holds, in words."""
        return self.relation.what

    def rows_after(self, table: Table, feed: Feed, step: int) -> np.ndarray[Any, Any]:
        """Tell for each row of its table whether it is not known yet at the close of a step."""
        end, symbol = feed.closed(step), self.relation.symbol
        rows = np.zeros(len(table), dtype=np.bool_)
        if symbol is not None:
            rows[max(0, feed.rows(symbol, step) + self.relation.offset) :] = True
        elif table.time is not None:
            rows = table.later_than(end - self.has_edge)
        for one in self.stamped:
            rows = rows | one.open_at(table, end)
        return rows


def outside_of(subject: Any, feed: Feed) -> list[Outside]:
    """Return the places, beside its bars, from which a strategy could read about moments of the run."""
    found = []
    for holder in holders_of(subject):
        related = relation(holder.table, feed)
        if related is not None:
            found.append(Outside(holder, related, tuple(stamped_early(holder.table, feed))))
    return found


def relation(table: Table, feed: Feed) -> Relation | None:
    """Return what a table has to do with the bars of a run; None when it has nothing to do with them."""
    found: list[Relation] = []
    for symbol, bars in feed.bars.items():
        for name, values in table.columns.items():
            for column in COLUMNS:
                offset = place_of(getattr(bars, column), values)
                if offset is not None:
                    where = f" (column {name})" if name else ""
                    found.append(Relation(f"holds the {column} of every bar{where}", symbol, offset))
    if found:
        # Closes may also be the opens of the bars after: what says least of the future is assumed.
        return max(found, key=lambda one: one.offset)
    if table.time is not None:
        begin, end = feed.closed(0), feed.end
        if len(table.time) and int(table.time.max()) > begin and int(table.time.min()) < end:
            return Relation("has rows at moments of the run")
        return None
    for symbol, bars in feed.bars.items():
        if 0 <= len(bars) - len(table) <= SHORTER_MAX:
            return Relation("has one value a bar", symbol)
    return None


def place_of(column: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> int | None:
    """Return at which row of an array a column of the bars begins, None when the array does not hold it.

    It may lack a few bars at either end: then the row is below zero, or the array ends early.
    """
    few = len(column) - SHORTER_MAX
    if values.dtype.kind not in "fiu" or len(values) < max(few, SHORTER_MAX) or few < SHORTER_MAX:
        return None
    if len(np.unique(column[:50])) < DISTINCT_MIN:
        return None
    inner = column[SHORTER_MAX : len(column) - SHORTER_MAX]
    if not len(inner):
        return None
    for first in np.flatnonzero(values == inner[0])[:CANDIDATES_MAX].tolist():
        part = values[first : first + len(inner)]
        if len(part) == len(inner) and np.array_equal(part, inner):
            return int(first) - SHORTER_MAX
    return None


@contextmanager
def another_future_in(outside: Sequence[Outside], feed: Feed, step: int, variant: str) -> Iterator[None]:
    """Put another future into places that are not the strategy's own, for as long as it lasts."""
    changed: list[Outside] = []
    try:
        for one in outside:
            rows = one.rows_after(one.holder.table, feed, step)
            if rows.any() and not one.holder.is_own:
                one.holder.put(one.holder.table.with_other_rows(rows, variant))
                changed.append(one)
        yield
    finally:
        for one in changed:
            one.holder.put(one.holder.table.value)


def own_places(places: Sequence[Outside], feed: Feed, step: int, variant: str) -> Any:
    """Return what puts another future into the strategy's own attributes, right after it started."""
    known = {one.holder.name: one for one in places if one.holder.is_own}

    def after_start(strategy: Strategy) -> None:
        for holder in holders_of(strategy):
            one = known.get(holder.name) if holder.is_own else None
            if one and len(holder.table) == len(one.holder.table):
                rows = one.rows_after(holder.table, feed, step)
                if rows.any():
                    holder.put(holder.table.with_other_rows(rows, variant))

    return after_start if known else None


def try_outside(
    subject: Subject, feed: Feed, full: Trace, outside: Sequence[Outside], steps: Sequence[int]
) -> tuple[Change, Outside] | None:
    """Return the first decision that changes when what lies outside has another future, and the place."""

    def run(places: Sequence[Outside], step: int, variant: str) -> Change | None:
        with another_future_in(places, feed, step, variant):
            trace = subject.run(feed, after_start=own_places(places, feed, step, variant))
        return decision_change(full, trace, feed, step, "with other values")

    for step in steps:
        for variant in ("low", "high"):
            if run(outside, step, variant) is None:
                continue
            for one in outside:
                change = run([one], step, variant)
                if change:
                    return change, one
    return None
