"""Read series back: manifests, and the rows of a range from the files that hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.catalog import manifest as manifests
from eyas.data.catalog.files import decode
from eyas.data.catalog.kinds import Columns, type_of
from eyas.data.catalog.manifest import Manifest, Part
from eyas.data.catalog.names import folder_of, name_of
from eyas.errors import DataError

if TYPE_CHECKING:
    from eyas.data.catalog.stores import Store

TRIES = 100
"""How often a reader starts again because a writer was faster; each time the series has grown."""
CONNECTIONS = 8
REMEDY = "Import the data of that period again after removing the series, or restore the file from a copy."


def folder_for(venue: str, symbol: str, timeframe: str) -> str:
    """Return the folder of a series, relative to the catalog."""
    return f"{folder_of(venue)}/{folder_of(symbol, upper=True)}/{folder_of(timeframe)}"


def read_manifest(store: Store, folder: str) -> tuple[Manifest | None, Any]:
    """Return the manifest in a folder and its tag, or (None, None) where there is none."""
    key = f"{folder}/{manifests.NAME}"
    try:
        data, tag = store.read(key)
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except OSError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{store.name}/{key} cannot be read: {error.strerror or error}. Mend that."
        ) from error
    made = manifests.read(data, f"{store.name}/{key}")
    belongs = folder_for(made.venue, made.symbol, made.timeframe)
    if belongs.lower() != folder.lower():
        raise DataError(f"{store.name}/{key} belongs into the folder {belongs}. Move it back there.")
    return made, tag


def walk(store: Store, venue: str | None = None, symbol: str | None = None) -> Iterator[str]:
    """Yield the folders in which series can lie, of one venue or symbol or of all."""
    for one in venues_of(store, venue):
        symbols = store.folders(one) if symbol is None else [folder_of(symbol, upper=True)]
        for other in symbols:
            for timeframe in store.folders(f"{one}/{other}"):
                folder = f"{one}/{other}/{timeframe}"
                if _named(folder):
                    yield folder


def venues_of(store: Store, venue: str | None) -> list[str]:
    """Return the folders of one venue or of all; those that begin with a dot hold something else."""
    if venue is not None:
        return [folder_of(venue)]
    return [one for one in store.folders("") if not one.startswith(".")]


def _named(folder: str) -> bool:
    """Tell whether a folder's name is one that the catalog gives."""
    try:
        venue, symbol, timeframe = folder.split("/")
        name_of(venue), name_of(symbol, upper=True), name_of(timeframe)
    except ValueError:
        return False
    return True


def parts_between(made: Manifest, start: int | None, end: int | None) -> list[Part]:
    """Return the parts that hold rows of a range."""
    return [
        part
        for part in made.parts
        if (end is None or part.first < end) and (start is None or part.last >= start)
    ]


def read_range(
    store: Store, folder: str, made: Manifest, start: int | None, end: int | None
) -> tuple[Manifest, Columns]:
    """Return the rows of a range, and the manifest by which they were found (a newer one, maybe).

    Raises DataError when a file is missing, damaged or not the one that the manifest names.
    """
    for _ in range(TRIES):
        try:
            columns = read_parts(store, folder, made, parts_between(made, start, end))
        except FileNotFoundError:
            newer, _ = read_manifest(store, folder)
            if newer is None or newer.token == made.token:
                raise missing(store, folder, made) from None
            made = newer
            continue
        return made, between(columns, start, end)
    raise DataError(
        f"{store.name}: {made.name} was rewritten {TRIES} times while it was read. Try again later."
    )


def missing(store: Store, folder: str, made: Manifest) -> DataError:
    """Return the error for a series that lacks a file."""
    for part in made.parts:
        path = store.path(f"{folder}/{part.file}")
        if path is not None and not path.exists():
            return DataError(f"{store.name}/{folder}/{part.file} is missing. {REMEDY}")
    return DataError(f"{store.name}/{folder}: a file of {made.name} is missing. {REMEDY}")


def between(columns: Columns, start: int | None, end: int | None) -> Columns:
    """Return the rows of a range, without copying."""
    time = columns["time"]
    first = 0 if start is None else int(np.searchsorted(time, start))
    last = len(time) if end is None else int(np.searchsorted(time, end))
    if (first, last) == (0, len(time)):
        return columns
    return {name: column[first:last] for name, column in columns.items()}


def read_parts(store: Store, folder: str, made: Manifest, parts: Sequence[Part]) -> Columns:
    """Return the rows of some parts, checked against what the manifest says of them."""
    if not parts:
        return {name: np.empty(0, type_of(name)) for name in made.columns}
    sources = sources_of(store, [f"{folder}/{part.file}" for part in parts])
    columns: Columns = {}
    try:
        rows = sum(part.rows for part in parts)
        columns = decode(sources, made.columns, made.file_format, rows)
        fault = _unlike(columns, parts)
    except DataError as error:
        fault = str(error)
    if fault is None:
        return columns
    # Together they are wrong; one of them is to blame.
    for part, source in zip(parts, sources, strict=True):
        alone = fault_of(source, made, part)
        if alone:
            raise DataError(f"{store.name}/{folder}/{part.file} {alone}. {REMEDY}")
    raise DataError(
        f"{store.name}/{folder}: the files of {made.name} do not fit together: one {fault}. {REMEDY}"
    )


def fault_of(source: Path | bytes, made: Manifest, part: Part) -> str | None:
    """Return what is wrong with a part's file at first sight, or None."""
    try:
        return _unlike(decode([source], made.columns, made.file_format, part.rows), [part])
    except DataError as error:
        return str(error)


def sources_of(store: Store, keys: Sequence[str]) -> list[Path | bytes]:
    """Return the paths of files, or where the store has none, their bytes, several at a time."""
    paths = [store.path(key) for key in keys]
    if all(path is not None for path in paths):
        return [path for path in paths if path is not None]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(lambda key: store.read(key)[0], keys))


def _unlike(columns: Columns, parts: Sequence[Part]) -> str | None:
    """Return how rows differ from what the manifest says of their parts, or None."""
    time = columns["time"]
    rows = sum(part.rows for part in parts)
    if len(time) != rows:
        return f"has {len(time):,} rows where the manifest says {rows:,}"
    ends = np.cumsum([part.rows for part in parts])
    first, last = time[np.append(0, ends[:-1])], time[ends - 1]
    if first.tolist() != [part.first for part in parts] or last.tolist() != [part.last for part in parts]:
        return "begins or ends at another time than the manifest says"
    if bool((time[1:] < time[:-1]).any()):
        return "has times out of order"
    return None
