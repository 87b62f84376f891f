"""The data of a record: those that it keeps, and those that their source has now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from eyas.data import bars as bars_of
from eyas.data import sample
from eyas.data.catalog.whence import whence_of
from eyas.data.outside import outside
from eyas.data.outside_file import from_file
from eyas.data.quality.verdict import hash_of, nanoseconds_of
from eyas.errors import DataError, EyasError
from eyas.model import PRICE_COLUMNS, Bars
from eyas.record.checks import increasing, must_be
from eyas.reports.saving.members import columns_of
from eyas.reports.saving.parts import SIDES

if TYPE_CHECKING:
    from eyas.reports.saving.container import Container
    from eyas.sight import Outside

SAMPLE = re.compile(r"sample (?P<symbol>\S+) (?P<timeframe>\S+?)(?P<adjusted> adjusted)?")


def recorded_bars(container: Container, said: Mapping[str, Any]) -> Bars:
    """Return the bars that a record keeps."""
    columns: dict[str, Any] = columns_of(container.member(said["member"]))
    for name in ("time", *columns):
        must_be(columns, name, np.int64 if name == "time" else np.float64)
    if len(columns["time"]) != said["rows"]:
        raise ValueError(f"{said['member']} has {len(columns['time'])} rows, not {said['rows']}")
    if not increasing(columns["time"]):
        raise ValueError(f"the times in {said['member']} do not rise")
    for name in PRICE_COLUMNS:
        if not np.isfinite(must_be(columns, name, np.float64)).all():
            raise ValueError(f"the column {name} has a value that is no price")
    return named_bars(Bars(**columns, has_volume=said["has_volume"]), said)


def named_bars(bars: Bars, said: Mapping[str, Any]) -> Bars:
    """Return bars with the names that a record has of them."""
    return replace(bars, symbol=said["symbol"], timeframe=said["timeframe"], source=said["source"])


def bars_now(said: Mapping[str, Any], first: int, last: int, *, remote: bool = True) -> Bars | None:
    """Return the bars that the source of a record has now, from the first to the last recorded time.

    The source is a file, a sample or a series of a catalog. None where nobody knows where they came from, the
    file is gone, or (not `remote`) they are not on this machine. Raises DataError where they cannot be read.
    """
    whence = whence_of(said["source"])
    found = SAMPLE.fullmatch(said["source"])
    if found:
        bars = sample(found["symbol"], found["timeframe"], adjusted=bool(found["adjusted"]))
    elif whence and whence.timeframe == said["timeframe"] and (remote or not whence.is_remote):
        bars = cast("Bars", whence.load(first, last))
    elif said["file"] and Path(said["file"]).is_file():
        bars = bars_of(said["file"], symbol=said["symbol"], timeframe=said["timeframe"] or None)
    else:
        return None
    rows = np.searchsorted(bars.time, (first, last + 1))
    return named_bars(bars[slice(*rows.tolist())], said)


def outside_now(said: Mapping[str, Any], first: int, last: int) -> Outside | None:
    """Return what was beside the bars as its source has it now, within the recorded times.

    The source is a file, or trades or books of a catalog; None where there is none that is known. Raises
    DataError where it cannot be read.
    """
    whence, file = whence_of(said["source"]), said.get("file")
    if whence:
        found = outside(said["source"], whence.load(first, last))
    elif file and Path(file).is_file():
        found = outside(file, from_file(file))
    else:
        return None
    return within(found, first, last, said["source"])


def within(found: Outside, first: int, last: int, source: str) -> Outside:
    """Return the rows of a range of times, both ends included."""
    rows = (found.time >= first) & (found.time <= last)
    books = found.books
    if books is not None:
        books = replace(books, time=books.time[rows], **{side: getattr(books, side)[rows] for side in SIDES})
    columns = {name: values[rows] for name, values in found.columns.items()}
    return replace(
        found, time=found.time[rows], known=found.known[rows], columns=columns, books=books, source=source
    )


def same_bars(container: Container, one: Mapping[str, Any], given: Any) -> Bars:
    """Return the bars of an instrument of which the record keeps the hash alone, or raise DataError."""
    said, verdict = one["bars"], one["quality"]
    whose = f"the bars of {one['symbol']}" if one["symbol"] else "the bars"
    advice = "give the very same: eyas.open(path, bars=…)"
    if given is not None:
        source = given.get(one["symbol"]) if isinstance(given, dict) and one["symbol"] in given else given
        found: Bars | None = named_bars(bars_of(source), said)
        whence = "those that were given"
    else:
        whence = said["file"] or said["source"] or "where they came from"
        first, last = (nanoseconds_of(verdict[name]) for name in ("first", "last"))
        try:
            # Whoever sends a record must not decide whom opening it talks to.
            found = bars_now(said, first, last, remote=False)
        except EyasError as error:
            raise DataError(
                f"{container.path} keeps no bars, and {whose} cannot be read now ({error}): {advice}"
            ) from None
    if found is None:
        raise DataError(f"{container.path} keeps no bars, and {whose} are not to be found: {advice}")
    if hash_of(found) != verdict["hash"]:
        raise DataError(
            f"{container.path} keeps no bars, and {whence} has other bars than the run had (SHA-256 "
            f"{hash_of(found)[:12]}… instead of {verdict['hash'][:12]}…): {advice}"
        )
    return found
