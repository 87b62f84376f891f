"""Find the series that a caller means, or say what there is instead."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from eyas.data.catalog.manifest import Manifest
from eyas.data.catalog.names import folder_of
from eyas.data.catalog.ranges import ceiling
from eyas.data.catalog.reading import read_manifest, venues_of, walk
from eyas.errors import UsageError
from eyas.timeframes import canonical, floor, length_ns, parse

if TYPE_CHECKING:
    from eyas.data.catalog.records import Entry
    from eyas.data.catalog.stores import Store
    from eyas.timeframes import Session

Found: TypeAlias = "tuple[str, Manifest]"
"""The folder of a series and its manifest."""

TICKS = ("trades", "books")
SHOWN = 10


def series(store: Store, symbol: str | None = None, venue: str | None = None) -> list[Found]:
    """Return the series of a catalog, of a symbol or of a venue."""
    found = []
    for folder in walk(store, venue, symbol):
        made, _ = read_manifest(store, folder)
        if made is not None:
            found.append((folder, made))
    return found


def find(store: Store, symbol: str, timeframe: str, venue: str | None) -> Found | None:
    """Return one series, or None; raise UsageError when several venues have it."""
    kept = timeframe if timeframe in TICKS else canonical(timeframe)
    within = f"{folder_of(symbol, upper=True)}/{folder_of(kept)}"
    read = [
        (f"{one}/{within}", read_manifest(store, f"{one}/{within}")[0]) for one in venues_of(store, venue)
    ]
    found = [(folder, made) for folder, made in read if made is not None]
    if len(found) > 1:
        raise _ambiguous(symbol, timeframe, found)
    return found[0] if found else None


def known(store: Store, symbol: str, timeframe: str, venue: str | None) -> Found:
    """Return one series; raise UsageError, which names those that are alike, when it is not there."""
    found = find(store, symbol, timeframe, venue)
    if found is None:
        raise _unknown(store, symbol, timeframe, venue)
    return found


def shorter(
    store: Store,
    symbol: str,
    timeframe: str,
    venue: str | None,
    since: int | None,
    until: int | None,
    session: Session | None,
) -> Found:
    """Return the series whose bars make up the most of what is wanted of a timeframe.

    Of those that make up as much it is the one with the longest bars. With a session it is always the one
    with the shortest: longer ones need not begin when the session does.
    """
    usable = [
        one
        for one in series(store, symbol, venue)
        if one[1].kind == "bars" and makes_up(one[1].timeframe, timeframe)
    ]
    if not usable:
        raise _unknown(store, symbol, timeframe, venue)
    if len({made.venue for _, made in usable}) > 1:
        raise _ambiguous(symbol, timeframe, usable)
    return max(usable, key=lambda one: worth(one[1].entry(), timeframe, since, until, session))


def worth(
    entry: Entry, timeframe: str, since: int | None, until: int | None, session: Session | None
) -> tuple[int, int]:
    """Return how well a series serves to make bars of a longer timeframe: the largest is the best."""
    length = length_ns(entry.timeframe)
    if session is not None:
        return -length, 0
    return _covered(entry, timeframe, since, until), length


def _covered(entry: Entry, timeframe: str, since: int | None, until: int | None) -> int:
    """Return how long the stretch is that a series can fill with closed bars, in nanoseconds."""
    begin, end = entry.first, entry.last + length_ns(entry.timeframe)
    if since is not None:
        begin = max(begin, ceiling(since, timeframe))
    if until is not None:
        end = min(end, ceiling(until, timeframe))
    # Both ends at boundaries: that one series begins some minutes before another makes no bar more.
    first, last = (int(floor(time, timeframe)) for time in (begin, end))
    return max(0, last - first)


def rank(entry: Entry) -> tuple[str, str, int, str]:
    """Return by what series are sorted: venue, symbol, then trades and books before ever longer bars."""
    if entry.kind != "bars":
        return entry.venue, entry.symbol, 0, entry.timeframe
    length = length_ns(entry.timeframe) or 30 * length_ns("1d") * parse(entry.timeframe).number
    return entry.venue, entry.symbol, length, entry.timeframe


def makes_up(short: str, long: str) -> bool:
    """Tell whether bars of one timeframe make up those of another without a rest."""
    step = length_ns(short)
    whole = length_ns("1d") if parse(long).unit == "M" else length_ns(long)
    return bool(step) and whole % step == 0


def _ambiguous(symbol: str, timeframe: str, found: Sequence[Found]) -> UsageError:
    venues = sorted({made.venue for _, made in found})
    listed = f"{', '.join(venues[:-1])} and {venues[-1]}"
    return UsageError(f"{symbol} {timeframe} is there from {listed}: say which with venue={venues[0]!r}")


def _unknown(store: Store, symbol: str, timeframe: str, venue: str | None) -> UsageError:
    there = sorted((made.entry() for _, made in series(store)), key=rank)
    at = f" at {venue}" if venue else ""
    text = f"the catalog {store.name} has no {symbol} {timeframe}{at}"
    if not there:
        return UsageError(f"{text}: it is empty. Add something with Catalog.add, or name the right place.")
    alike = [one for one in there if one.symbol == symbol]
    if not alike:
        symbols = {one.symbol.upper(): one.symbol for one in there}
        near = difflib.get_close_matches(symbol.upper(), symbols, n=3, cutoff=0.75)
        alike = [one for one in there if one.symbol.upper() in near]
    listed = ", ".join(one.name for one in (alike or there)[:SHOWN])
    more = ", …" if len(alike or there) > SHOWN else ""
    return UsageError(
        f"{text}. {'Did you mean' if alike else 'It has'} {listed}{more}{'?' if alike else '.'}"
    )
