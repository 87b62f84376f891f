"""Find what was typed in the catalog: a series such as `BTCUSDT:1h@binance`, or a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.model import Bars, iso

if TYPE_CHECKING:
    from eyas.data.catalog import Catalog, Entry

TYPED = re.compile(r"(?P<symbol>.+):(?P<timeframe>[1-9]\d*[smhdwM]|trades|books)(?:@(?P<venue>.+))?")
EXAMPLE = "a series such as BTCUSDT:1h or BTCUSDT:1h@binance (see eyas data list)"
# What a sentence for a programmer says, and what is typed instead.
KEYWORDS = "adjustment|kind|layout|venue|symbol|timeframe|dialect|time_zone|stamp|calendar|start|end|source"
TYPED_INSTEAD = (
    (re.compile(r"\b(again|revise)=True( takes)?"), r"--\1\2"),
    (re.compile(rf"\b({KEYWORDS})=(?:\.\.\.|(?=[.,;: ]|$))"), r"--\1"),
    (re.compile(rf"\b({KEYWORDS})=(['\"])(.*?)\2"), r"--\1 \3"),
    (re.compile(rf"\b({KEYWORDS})="), r"--\1 "),
    (re.compile(r"--time_zone"), "--time-zone"),
    (
        re.compile(r"Add something with Catalog\.add, or name the right place"),
        "Bring data in with eyas data import or eyas data download, or name another with --catalog",
    ),
)
WHICH = re.compile(r"say which with --venue (.+)$")


class Named(NamedTuple):
    """Hold a series as it was typed."""

    symbol: str
    timeframe: str
    venue: str | None

    def __str__(self) -> str:
        return f"{self.symbol}:{self.timeframe}" + (f"@{self.venue}" if self.venue else "")


def named(text: str) -> Named:
    """Return the parts of a series, or raise UsageError.

    >>> named("BTC/USDT:USDT:1h@binance")
    Named(symbol='BTC/USDT:USDT', timeframe='1h', venue='binance')
    """
    found = TYPED.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is not {EXAMPLE}")
    return Named(found["symbol"], found["timeframe"], found["venue"])


def name_of(entry: Entry) -> str:
    """Return how a series of the catalog is typed."""
    return f"{entry.symbol}:{entry.timeframe}@{entry.venue}"


def is_file(text: str) -> bool:
    """Tell whether a file was typed rather than a series: one that is there, or what looks like a path."""
    if Path(text).expanduser().exists():
        return True
    if TYPED.fullmatch(text):
        return False
    if "/" in text or Path(text).suffix:
        return True
    raise UsageError(f"{text!r} is neither a file nor {EXAMPLE}")


def catalog_at(place: str) -> Catalog:
    """Return the catalog of `--catalog`, or the user's own."""
    from eyas.data.catalog import Catalog

    if place and "://" not in place and Path(place).expanduser().is_file():
        raise UsageError(f"--catalog {place} is a file, and a catalog is a folder: name another place")
    return Catalog(place or None)


@contextmanager
def as_typed(series: str = "") -> Iterator[None]:
    """Let errors speak of options where they speak of arguments."""
    try:
        yield
    except (UsageError, DataError) as error:
        said = typed(str(error))
        if series:
            said = WHICH.sub(lambda found: f"say which: {series.partition('@')[0]}@{found[1]}", said)
        if said == str(error):
            raise
        changed = type(error)(said)
        for note in getattr(error, "__notes__", ()):
            changed.add_note(typed(note))
        raise changed from error.__cause__


def typed(text: str) -> str:
    """Return a sentence with options instead of arguments.

    >>> typed("Say venue=. Or add them with revise=True")
    'Say --venue. Or add them with --revise'
    """
    for pattern, instead in TYPED_INSTEAD:
        text = pattern.sub(instead, text)
    return text


def bars_in(catalog: Catalog, series: str) -> Bars:
    """Return the bars of a series that was typed."""
    one = named(series)
    if one.timeframe in ("trades", "books"):
        raise UsageError(f"{series} holds {one.timeframe}, and this is for bars")
    with as_typed(series):
        return catalog.load(one.symbol, one.timeframe, venue=one.venue)


def between(bars: Bars, start: str | None, end: str | None) -> Bars:
    """Return the bars that open from `start` on and before `end`, without copying."""
    from eyas.data.catalog.when import moment

    if start is None and end is None:
        return bars
    with as_typed():
        since, until = moment(start, "start"), moment(end, "end")
    if since is not None and until is not None and since >= until:
        raise UsageError(f"--start {start} is not before --end {end}")
    first = 0 if since is None else int(np.searchsorted(bars.time, since))
    last = len(bars) if until is None else int(np.searchsorted(bars.time, until))
    if first >= last:
        there = f"they go from {iso(bars.time[0])} to {iso(bars.time[-1])}" if len(bars) else "there are none"
        raise DataError(f"no bars lie between --start and --end: {there}. Choose a range in it.")
    return bars[first:last]
