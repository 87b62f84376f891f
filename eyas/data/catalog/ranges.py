"""Read a range of a series as bars, trades or books, resampled where that is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from eyas.data.catalog.kinds import Data, data_of
from eyas.data.catalog.reading import read_range
from eyas.data.catalog.when import When, moment
from eyas.data.catalog.whence import Whence
from eyas.errors import DataError, UsageError
from eyas.model import iso
from eyas.timeframes import ends, floor, following, length_ns, resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def read(store: Store, found: Found, since: int | None, until: int | None) -> Data:
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
        source=str(Whence(store.name, made.symbol, made.timeframe, made.venue)),
        has_volume=made.has_volume,
    )


def times(store: Store, found: Found, since: int | None, until: int | None) -> NDArray[np.int64]:
    """Return the times of a range, without reading what else a row has; empty when there are none."""
    folder, made = found
    if made.file_format == "parquet":
        made = replace(made, columns=("time",))
    time: NDArray[np.int64] = read_range(store, folder, made, since, until)[1]["time"]
    return time


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
    short = cast("Bars", read(store, found, *whole(since, until, timeframe, session)))
    bars = closed(short, timeframe, made.parts[-1].last, session)
    if not len(bars):
        raise _empty(made, since, until, f"closed bar of {timeframe}")
    whence = Whence(store.name, made.symbol, timeframe, made.venue, session, made.timeframe)
    return replace(bars, source=str(whence))


def whole(
    since: int | None, until: int | None, timeframe: str, session: Session | None
) -> tuple[int | None, int | None]:
    """Return a range with both ends moved to boundaries of a timeframe."""
    first = None if since is None else ceiling(since, timeframe, session)
    return first, None if until is None else ceiling(until, timeframe, session)


def closed(short: Bars, timeframe: str, last: int, session: Session | None) -> Bars:
    """Return the closed bars of a longer timeframe; `last` is when the last bar of the series opens."""
    bars = resample(short, timeframe, partial=True, session=session)
    # Closed is what the whole series reaches the end of, however little of it was read.
    reached = max(last, int(short.time[-1])) + length_ns(short.timeframe)
    return bars[: int(np.count_nonzero(ends(bars, session=session) <= reached))]


def ceiling(time: int, timeframe: str, session: Session | None = None) -> int:
    """Return the first boundary of a timeframe that is not before a time."""
    begin = int(floor(time, timeframe, session=session))
    return begin if begin == time else int(following(begin, timeframe, session=session))


def _empty(made: Manifest, since: int | None, until: int | None, what: str = "rows") -> DataError:
    begin = "the beginning" if since is None else iso(since)
    end = "the end" if until is None else iso(until)
    entry = made.entry()
    return DataError(
        f"{made.name} has no {what} from {begin} until {end}: it reaches from {iso(entry.first)} to "
        f"{iso(entry.last)}. Ask for a range in it, or add the data."
    )
