"""Open sources of every kind: files, packed files, folders, frames; each becomes rows as they are."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eyas.data.reading.dialects import Dialect
from eyas.data.reading.frames import from_frame, read_arrow, read_parquet
from eyas.data.reading.json import read_json
from eyas.data.reading.raw import Raw
from eyas.data.reading.recognise import laid_out
from eyas.data.reading.text import Namer, read_text
from eyas.data.text import plain_text, ungzipped, unzipped
from eyas.errors import DataError

TEXT = (".csv", ".tsv", ".txt")
PARQUET = (".parquet", ".pq")
ARROW = (".feather", ".arrow", ".ipc")
JSON = (".json", ".jsonl", ".ndjson")
KNOWN = (*TEXT, *PARQUET, *ARROW, *JSON)


def is_known(path: Path) -> bool:
    """Return whether the ending of a file is one that can be read."""
    name = path.name.lower()
    plain = name.removesuffix(".gz")
    return name.endswith((".zip", *PARQUET, *ARROW)) or plain.endswith((*TEXT, *JSON))


def paths_of(source: str | os.PathLike[str]) -> list[Path]:
    """Return the files that a path, a folder or a pattern names, in order of their names."""
    given = os.fspath(source)
    path = Path(given).expanduser()
    if path.is_dir():
        found = sorted(
            one for one in path.rglob("*") if one.is_file() and is_known(one) and not _hidden(one, path)
        )
        if not found:
            raise DataError(f"{given} holds no file that eyas reads. It reads {', '.join(KNOWN)} and .zip.")
        return found
    if path.exists():
        return [path]
    if glob.has_magic(given):
        found = sorted(Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207
        if found:
            return [one for one in found if one.is_file()]
    raise DataError(f"there is no file {given}; it was looked for in {Path.cwd()}.")


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)


def open_path(
    path: Path,
    dialects: Sequence[Dialect],
    asked: str | None,
    namer: Namer = laid_out,
    narrowest: int = 5,
) -> list[Raw]:
    """Return the rows of a file, one part for each table that is packed in it."""
    name = str(path)
    try:
        if not is_known(path):
            known = ", ".join((*KNOWN, ".zip"))
            raise DataError(f"{name} has an ending that eyas does not know. It reads {known}.")
        lower = path.name.lower()
        if lower.endswith(PARQUET):
            return [read_parquet(path, dialects, asked, namer)]
        if lower.endswith(ARROW):
            return [read_arrow(path, dialects, asked, namer)]
        return [
            _of_text(content, title, files, dialects, asked, namer, narrowest)
            for title, files, content in _unpacked(path)
        ]
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}.") from None


def _unpacked(path: Path) -> Iterable[tuple[str, tuple[str, ...], bytes]]:
    """Yield what messages call it, the names that tell of it, and the text of each file in a file."""
    name, content = str(path), path.read_bytes()
    if path.suffix.lower() == ".gz":
        yield name, (path.name.removesuffix(".gz"), path.name), ungzipped(content, name)
    elif path.suffix.lower() == ".zip":
        members = unzipped(content, name)
        tables = {
            member: text for member, text in members.items() if member.lower().endswith(".csv")
        } or members
        if not tables:
            raise DataError(f"{name} holds no .csv file. Unpack the right one.")
        for member, text in tables.items():
            title = name if len(tables) == 1 else f"{name}:{member}"
            yield title, (Path(member).name, path.name), text
    else:
        yield name, (path.name,), content


def _of_text(
    content: bytes,
    name: str,
    files: tuple[str, ...],
    dialects: Sequence[Dialect],
    asked: str | None,
    namer: Namer,
    narrowest: int,
) -> Raw:
    text = plain_text(content, name)
    if any(Path(file).suffix.lower() in JSON for file in files) or text.lstrip()[:1] in (b"{", b"["):
        return read_json(text, name, files, dialects, asked, namer)
    return read_text(text, name, files, dialects, asked, namer=namer, narrowest=narrowest)


def open_frame(source: Any, dialects: Sequence[Dialect], asked: str | None, namer: Namer = laid_out) -> Raw:
    """Return the rows of a frame, a mapping or an array."""
    return from_frame(source, dialects, asked, namer)
