"""Make longer bars of shorter ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import DataError
from eyas.model import iso
from eyas.timeframes.parts import check_multiple
from eyas.timeframes.timeframe import ending, floor, following, lasting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars
    from eyas.timeframes.session import Session


def resample(bars: Bars, timeframe: str, *, partial: bool = False, session: Session | None = None) -> Bars:
    """Return bars of a longer timeframe, each at the time when its interval begins.

    Only closed bars are returned: the last one is left out while `bars` do not reach its end, unless
    `partial` is asked for. An interval without bars has none. Volume and funding are sums, `given` is the
    mean weighted by volume. In a `session` bars from outside of its hours are left out. Bars of no timeframe
    count where they open, and may end later: the bar that they make up is then known later than it ends,
    which `self.bars("1h")` and `join` go by, and no other can know. Raises UsageError
    when the timeframe is no multiple of that of the bars, DataError when a bar lies in two of the intervals.

    >>> from eyas.model import Bars
    >>> minute = np.arange(9) * 60_000_000_000
    >>> price = np.arange(1.0, 10.0)
    >>> two = resample(Bars(minute, price, price, price, price, price, timeframe="1m"), "4m")
    >>> two
    <Bars 4m, 2 rows, 1970-01-01T00:00:00Z to 1970-01-01T00:04:00Z>
    >>> two.close, two.volume
    (array([4., 8.]), array([10., 26.]))
    """
    check_multiple(bars.timeframe, timeframe, in_session=session is not None)
    end = lasting(bars, session) if bars.timeframe else bars.time
    if session is not None and len(bars):
        bars, end = _within(bars, end, session)
    if not len(bars):
        return replace(bars[:0], timeframe=timeframe)
    start = floor(bars.time, timeframe, session=session)
    first = np.flatnonzero(np.concatenate(([True], start[1:] != start[:-1])))
    until = ending(start[first], timeframe, session=session)
    last = np.append(first[1:], len(bars)) - 1
    crossing = np.flatnonzero(end[last] > until)
    if len(crossing):
        row, edge = last[crossing[0]], until[crossing[0]]
        raise DataError(
            f"{_name(bars, row)} lasts until {iso(end[row])}, but the {timeframe} that it lies in ends at "
            f"{iso(edge)}: say to which session the bars are aligned, such as "
            "session=Session('America/New_York'), or start from shorter bars"
        )
    made = _grouped(bars, start[first], first, last, timeframe)
    return made if partial or end[-1] >= until[-1] else made[:-1]


def _within(bars: Bars, end: NDArray[np.int64], session: Session) -> tuple[Bars, NDArray[np.int64]]:
    """Return the bars that open in the session's hours, and their ends; none of the others may reach in."""
    inside = session.holds(bars.time)
    if inside.all():
        return bars, end
    outside = np.flatnonzero(~inside)
    day = floor(bars.time[outside], "1d", session=session)
    reaching = outside[following(day, "1d", session=session) < end[outside]]
    if len(reaching):
        row = reaching[0]
        raise DataError(
            f"{_name(bars, row)} opens before the session does and lasts until {iso(end[row])}: start from "
            "shorter bars, or from bars that are aligned to the session"
        )
    columns = {name: getattr(bars, name)[inside] for name in bars.columns}
    return replace(bars, **columns), end[inside]


def _grouped(
    bars: Bars, start: NDArray[np.int64], first: NDArray[np.intp], last: NDArray[np.intp], timeframe: str
) -> Bars:
    """Return one bar for each group of rows; `first` and `last` are the rows at its edges."""
    given = None
    if bars.given is not None:
        known = ~np.isnan(bars.given) & (bars.volume > 0)
        weights = np.add.reduceat(np.where(known, bars.volume, 0.0), first)
        sums = np.add.reduceat(np.where(known, bars.given * bars.volume, 0.0), first)
        given = np.divide(sums, weights, out=np.full(len(first), np.nan), where=weights > 0)
    funding = None
    if bars.funding is not None:
        said = ~np.isnan(bars.funding)
        funding = np.add.reduceat(np.where(said, bars.funding, 0.0), first)
        funding[np.add.reduceat(said.astype(np.int64), first) == 0] = np.nan
    return replace(
        bars,
        time=start,
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high, first),
        low=np.minimum.reduceat(bars.low, first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume, first),
        timeframe=timeframe,
        given=given,
        funding=funding,
        # Not the same bars as the source has: whoever goes by it to read them again must see that.
        source=f"{bars.source}, resampled from {bars.timeframe or 'shorter ones'}" if bars.source else "",
    )


def _name(bars: Bars, row: int | np.intp) -> str:
    return f"{bars.source or bars.symbol or 'bars'} row {int(row) + 1} ({iso(bars.time[row])})"
