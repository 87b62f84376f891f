"""Bring together the sources of one series, and say what a reading of them found."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from eyas.data.checks import check_times
from eyas.data.reading.merge import Merged
from eyas.data.reading.raw import Check, Raw, Sifted, selected, sift
from eyas.data.reading.result import Reject
from eyas.data.reading.sources import paths_of
from eyas.data.reading.words import as_text
from eyas.data.reading.zones import check_zone
from eyas.data.timeframe import usual
from eyas.errors import DataError, UsageError
from eyas.model import iso


@dataclass(slots=True)
class Asked:
    """What the caller said about a source."""

    symbol: str | None = None
    timeframe: str | None = None
    dialect: str | None = None
    time_zone: str | None = None
    stamp: str | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        if self.timeframe is not None:
            self.timeframe = usual(self.timeframe)
        if self.time_zone is not None:
            check_zone(self.time_zone)
        if self.stamp not in (None, "open", "close"):
            raise UsageError(f"stamp {self.stamp!r} is neither 'open' nor 'close'")


def gather(
    source: Any,
    asked: Asked,
    open_path: Callable[..., list[Raw]],
    open_frame: Callable[..., Raw],
) -> tuple[list[Raw], list[Reject]]:
    """Return the rows of every file of a source, or of its frame, and the files that could not be read.

    With one file alone its error is raised, and so is that of the first where none can be read.
    """
    if not is_paths(source):
        return [open_frame(source, asked=asked.dialect)], []
    listed = source if isinstance(source, list | tuple) else [source]
    paths = [path for one in listed for path in paths_of(one)]
    return gather_paths(paths, asked, open_path)


def is_paths(source: Any) -> bool:
    """Return whether a source is a path, or several."""
    if isinstance(source, list | tuple):
        return bool(source) and all(isinstance(one, str | os.PathLike) for one in source)
    return isinstance(source, str | os.PathLike)


def gather_paths(
    paths: Sequence[Path], asked: Asked, open_path: Callable[..., list[Raw]]
) -> tuple[list[Raw], list[Reject]]:
    """Return the rows of files, and those files that could not be read."""
    raws: list[Raw] = []
    lost: list[Reject] = []
    errors: list[DataError | UsageError] = []
    for path in paths:
        try:
            raws += open_path(path, asked=asked.dialect)
        except (DataError, UsageError) as error:
            if asked.strict or len(paths) == 1:
                raise
            errors.append(error)
            lost.append(Reject(str(path), 0, 0, "", "file", str(error), ""))
    if not raws:
        raise errors[0]
    return raws, lost


def one_series(raws: Sequence[Raw], asked: Asked) -> list[Raw]:
    """Return those sources, and those of their rows, that are of the series asked for.

    Raises UsageError where there are several and nobody said which.
    """
    found = _of_one(raws, "symbol", asked.symbol)
    found = _of_one(found, "timeframe", asked.timeframe)
    found = [_rows_of_one(raw, asked.symbol) for raw in found]
    files = {raw.dialect.name: raw.table.place.name for raw in reversed(found)}
    if len(files) > 1:
        listed = " and ".join(f"{name} ({files[name]})" for name in sorted(files))
        raise UsageError(
            f"the files are in several dialects, {listed}. Read them one by one, or say dialect=."
        )
    return found


def _of_one(raws: Sequence[Raw], what: str, asked: str | None) -> list[Raw]:
    told = {getattr(raw, what) for raw in raws} - {""}
    if len(told) < 2:
        return list(raws)
    if asked in told:
        return [raw for raw in raws if getattr(raw, what) == asked]
    listed = ", ".join(sorted(told)[:8])
    raise UsageError(
        f"the files are of several {what}s: {listed}. Say {what}=, or import them all into a catalog."
    )


def symbols_in(raw: Raw) -> list[str]:
    """Return the symbols of a source that has several instruments, in order of their names."""
    if raw.symbols is None:
        return []
    return sorted(symbol for symbol in as_text(raw.symbols).unique() if symbol)


def _rows_of_one(raw: Raw, asked: str | None) -> Raw:
    symbols = symbols_in(raw)
    if len(symbols) < 2:
        return raw
    if asked not in symbols:
        listed = ", ".join(symbols[:8])
        raise UsageError(
            f"{raw.table.place.name} has rows of several symbols: {listed}. Say symbol=, or import them all "
            "into a catalog."
        )
    return rows_of(raw, asked)


def rows_of(raw: Raw, symbol: str) -> Raw:
    """Return those rows of a source that are of one instrument, or of nobody."""
    if raw.symbols is None:
        return raw
    symbols = as_text(raw.symbols)
    return selected(raw, np.flatnonzero(((symbols == symbol) | (symbols == "")).to_numpy()))


def symbol_of_series(raws: Sequence[Raw], asked: Asked) -> str:
    """Return the symbol that was asked for, or that the rows or the names of the files tell."""
    if asked.symbol is not None:
        return asked.symbol
    rows = [symbol for raw in raws for symbol in symbols_in(raw)[:1]]
    return said(rows) or said(raw.symbol for raw in raws)


def said(values: Iterable[str]) -> str:
    """Return the one thing that is said, or nothing where nobody says it or not all the same."""
    found = {value for value in values if value}
    return found.pop() if len(found) == 1 else ""


def sift_all(
    raws: Sequence[Raw], lost: Sequence[Reject], asked: Asked, check: Check
) -> tuple[list[Sifted], list[Reject]]:
    """Sift every source; one of which nothing can be made is lost, unless it is the only one."""
    parts: list[Sifted] = []
    every = list(lost)
    for raw in raws:
        try:
            parts.append(sift(raw, check, time_zone=asked.time_zone))
        except DataError as error:
            if asked.strict or len(raws) == 1:
                raise
            every.append(Reject(raw.table.place.name, 0, 0, "", "file", str(error), ""))
    if not parts:
        raise DataError(f"none of the {len(raws)} files can be read. The first: {every[0].sentence}")
    return parts, every


def refuse(parts: Sequence[Sifted], *, once: bool) -> None:
    """Raise DataError for the first wrong row; with `once` also for rows out of order and times twice."""
    for part in parts:
        part.refuse()
        if once:
            check_times(part.time, part.raw.table.time[0][0], part.raw.table.place)
    if not once:
        return
    parts = sorted((part for part in parts if len(part.time)), key=lambda part: int(part.time[0]))
    for one, two in pairwise(parts):
        if two.time[0] <= one.time[-1]:
            first, second = one.raw.table.place.name, two.raw.table.place.name
            fault = f"{second} begins at {iso(two.time[0])}, before {first} ends at {iso(one.time[-1])}"
            raise DataError(f"{fault}. Leave one of them out, or read them without strict.")


def source_name(parts: Sequence[Sifted]) -> str:
    """Return how bars call where they came from."""
    first = parts[0].raw.table.place.name.removeprefix("the ")
    return first if len(parts) == 1 else f"{first} and {len(parts) - 1} more"


def outcome(merged: Merged, parts: Sequence[Sifted], lost: Sequence[Reject], asked: Asked) -> dict[str, Any]:
    """Return what every reading tells, whatever it holds."""
    counts = Counter(merged.counts)
    counts["file"] += len(lost)
    first = parts[0].raw
    return {
        "rows": sum(len(part.raw) for part in parts),
        "rejects": (*lost, *merged.rejects),
        "counts": {name: count for name, count in sorted(counts.items()) if count},
        "dialect": first.dialect.name,
        "time_zone": said(part.time_zone for part in parts if part.local) or "UTC",
        "notes": tuple(dict.fromkeys([*merged.notes, *_notes(parts, asked)])),
        "files": tuple(part.raw.table.place.name for part in parts if part.raw.table.place.name),
    }


def _notes(parts: Sequence[Sifted], asked: Asked) -> Iterable[str]:
    for part in parts:
        yield from part.raw.notes
        yield from part.notes
    local = any(part.local for part in parts)
    dialect = parts[0].raw.dialect
    if local and asked.time_zone is None and dialect.is_zone_assumed:
        yield (
            f"the files do not say whose clock their times show: {dialect.time_zone} was assumed. "
            "Say time_zone= if the server runs on another"
        )
    elif local and asked.time_zone is None and dialect.name.startswith("histdata"):
        yield (
            "HistData says that its clock knows no summer time, but files of 2017 follow New York's. "
            "Say time_zone='America/New_York' where a check finds their week an hour late in summer"
        )
    elif local and asked.time_zone is None and dialect.time_zone == "UTC":
        yield "times without a zone were taken as UTC. Say time_zone= if they are local"
    elif not local and asked.time_zone not in (None, "UTC"):
        yield f"time_zone={asked.time_zone!r} changed nothing: the times say themselves whose they are"
