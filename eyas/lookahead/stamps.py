"""Find columns that are stamped when their interval begins, though they say how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.model import Bars

if TYPE_CHECKING:
    from eyas.lookahead.feed import Feed
    from eyas.lookahead.tables import Table

ENOUGH = 2  # rows that must agree, and
NEARLY_ALL = 0.95  # of them so many
WHOLE = ("high", "low", "close", "volume")
NOUNS = {"high": "high", "low": "low", "close": "close", "volume": "volume"}


class Stamped(NamedTuple):
    """Name a column that holds what the bars from its time on will have come to."""

    column: str
    what: str
    symbol: str

    def open_at(self, table: Table, moment: int) -> np.ndarray[Any, Any]:
        """Tell for each row whether it is stamped already, and its interval not over, at a moment."""
        time, ends = intervals(table)
        found: np.ndarray[Any, Any] = (time <= moment) & (ends > moment)
        return found

    def __str__(self) -> str:
        of = f" of {self.symbol}" if self.symbol else ""
        return f"{self.column or 'it'} holds the {self.what}{of} of the interval that begins at its time"


def stamped_early(table: Table, feed: Feed) -> Iterator[Stamped]:
    """Yield the columns of a table that equal what the bars of the interval behind each time come to."""
    if table.time is None or isinstance(table.value, Bars) or len(table) < ENOUGH:
        return
    time, ends = intervals(table)
    if not (np.diff(time) > 0).all():
        return
    for symbol, bars in feed.bars.items():
        if np.array_equal(time, bars.time[: len(time)]):
            # As long as the bars themselves: whether a row of one bar is early depends on who reads it when.
            first, last = np.arange(len(time)), np.arange(1, len(time) + 1)
        else:
            first, last = np.searchsorted(bars.time, time), np.searchsorted(bars.time, ends)
        inside = np.flatnonzero((last > first) & (first < len(bars)))
        if len(inside) < ENOUGH:
            continue
        came_to = whole_intervals(bars, first[inside], last[inside])
        known_then = bars.open[first[inside]]
        for name, values in table.columns.items():
            own = values[inside].astype(np.float64)
            for what in WHOLE:
                alike = np.isclose(own, came_to[what], rtol=1e-9, atol=0)
                # What equals the open too was known: a flat interval, or a column of opens.
                telling = ~np.isclose(own, known_then, rtol=1e-9, atol=0) if what != "volume" else own > 0
                if telling.sum() >= ENOUGH and (alike & telling).sum() >= NEARLY_ALL * telling.sum():
                    yield Stamped(name, what, symbol if feed.is_portfolio else "")
                    break


def intervals(table: Table) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return when each row's interval begins and ends: with the next row, the last one as is usual."""
    time = np.asarray(table.time)
    if len(time) < 2:
        return time, time
    usual = int(np.median(np.diff(time)))
    # After a gap the next row is not where the interval ends.
    return time, np.minimum(np.append(time[1:], time[-1] + usual), time + usual)


def whole_intervals(bars: Bars, first: np.ndarray[Any, Any], last: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return what the bars of each interval come to: rows `first` to `last`, none of them empty."""
    highs = np.array([bars.high[a:b].max() for a, b in zip(first, last, strict=True)])
    lows = np.array([bars.low[a:b].min() for a, b in zip(first, last, strict=True)])
    volumes = np.array([bars.volume[a:b].sum() for a, b in zip(first, last, strict=True)])
    return {"high": highs, "low": lows, "close": bars.close[last - 1], "volume": volumes}
