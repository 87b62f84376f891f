"""Read a range of a series as bars, trades or books, resampled where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from eyas.data.catalog.kinds import Data, data_of
from eyas.data.catalog.reading import read_range
from eyas.data.catalog.when import When, moment
from eyas.errors import DataError, UsageError
from eyas.model import iso
from eyas.timeframes import ends, floor, following, length_ns, resample

if TYPE_CHECKING:
    from eyas.data.catalog.finding import Found
    from eyas.data.catalog.manifest import Manifest
    from eyas.data.catalog.stores import Store
    from eyas.model import Bars
    from eyas.timeframes import Session


def between(start: When | None, end: When | None) -> tuple[int | None, int | None]:
    """Return both ends of a range in nanoseconds."""
    since, until = moment(start, "start"), moment(end, "end")
    if since is not None and until is not None and since >= until:
        raise UsageError(
            f"start {iso(since)} is not before end {iso(until)}: end is the first moment left out"
        )
    return since, until


def read(store: Store, found: Found, since: int | None, until: int | None, note: str = "") -> Data:
    """Return the rows of a range; raise DataError when there are none."""
    folder, made = found
    made, columns = read_range(store, folder, made, since, until)
    if not len(columns["time"]):
        raise _empty(made, since, until)
    return data_of(
        made.kind,
        columns,
        symbol=made.symbol,
        timeframe=made.timeframe if made.kind == "bars" else "",
        source=f"{store.name} {made.venue}{note}",
        has_volume=made.has_volume,
    )


def resampled(
    store: Store,
    found: Found,
    timeframe: str,
    since: int | None,
    until: int | None,
    session: Session | None,
) -> Bars:
    """Return longer bars, made of whole intervals, so that a part of a series is resampled like all of it."""
    made = found[1]
    first = None if since is None else ceiling(since, timeframe, session)
    last = None if until is None else ceiling(until, timeframe, session)
    short = cast("Bars", read(store, found, first, last, f", resampled from {made.timeframe}"))
    bars = resample(short, timeframe, partial=True, session=session)
    # Closed is what the whole series reaches the end of, however little of it was read.
    reached = max(made.parts[-1].last, int(short.time[-1])) + length_ns(made.timeframe)
    closed = int(np.count_nonzero(ends(bars, session=session) <= reached))
    if not closed:
        raise _empty(made, since, until, f" No bar of {timeframe} is closed by then.")
    return bars[:closed]


def ceiling(time: int, timeframe: str, session: Session | None) -> int:
    """Return the first boundary of a timeframe that is not before a time."""
    begin = int(floor(time, timeframe, session=session))
    return begin if begin == time else int(following(begin, timeframe, session=session))


def _empty(made: Manifest, since: int | None, until: int | None, more: str = "") -> DataError:
    begin = "the beginning" if since is None else iso(since)
    end = "the end" if until is None else iso(until)
    entry = made.entry()
    return DataError(
        f"{made.name} has no rows from {begin} until {end}: it reaches from {iso(entry.first)} to "
        f"{iso(entry.last)}.{more} Ask for a range in it, or add the data."
    )
