"""JSON Lines: one object a line, exact numbers, times as ISO 8601; lines are appended whole or not at all."""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.reports.drafts import target_of, whole_file
from eyas.reports.text.formats import is_missing, time_iso

PIECE_BYTES = 2**20
# Legal inside of JSON, but the end of a line to some readers.
LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}


def json_line(row: Mapping[str, Any]) -> str:
    """Return one row as a line, without its end.

    Numbers are written to the last digit (a Decimal as it stands), times as ISO 8601 in UTC, lengths of time
    in nanoseconds; what is not known (None, NaN) or has no bound is null. Raises UsageError for what JSON
    cannot hold.

    >>> json_line({"profit": 0.1, "cash": Decimal("1000000000000000.07"), "sharpe": float("nan")})
    '{"profit":0.1,"cash":1000000000000000.07,"sharpe":null}'
    """
    return written(row, "")


def written(value: Any, where: str) -> str:
    """Return a value as JSON; `where` says where it stands, for the sentence when it cannot be written."""
    if value is None:
        return "null"
    kind = type(value)
    if kind in PLAIN:  # nearly all there are; the others are asked for what they are, which takes longer
        return PLAIN[kind](value)
    if isinstance(value, Enum):
        return written(value.value, where)
    if isinstance(value, str | os.PathLike):
        return text_of(os.fspath(value))
    if isinstance(value, Mapping):
        pairs = [f"{text_of(str(key))}:{written(one, f'{where}.{key}')}" for key, one in value.items()]
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        members = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return f"[{','.join(written(one, where) for one in members)}]"
    if is_missing(value):
        return "null"
    if isinstance(value, np.datetime64 | date):
        return text_of(time_iso(value))
    found = number(value)
    if found is None:
        raise UsageError(
            f"{where.lstrip('.') or 'a line'} is of type {type(value).__name__}, which JSON cannot hold"
        )
    return found


def number(value: Any) -> str | None:
    """Return a number, a truth value or a length of time as JSON, exactly; None for all else."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, np.timedelta64):
        return str(value.astype("timedelta64[ns]").astype(np.int64))
    if isinstance(value, timedelta):
        return str(value // timedelta(microseconds=1) * 1000)
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return real(float(value))
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else "null"
    return None


def text_of(text: str) -> str:
    """Return a text in JSON's quotation marks, on one line for every reader."""
    found = encode_basestring(text)
    if found.isascii():
        return found
    for end, escaped in LINE_ENDS.items():
        found = found.replace(end, escaped)
    # Half a pair of surrogates is no character: files and readers refuse it.
    return found.encode("utf-8", "replace").decode("utf-8")


def real(value: float) -> str:
    """Return a float as JSON, to the last digit."""
    return repr(value) if math.isfinite(value) else "null"


PLAIN: dict[type, Callable[[Any], str]] = {
    float: real,
    str: text_of,
    int: str,
    bool: lambda value: "true" if value else "false",
}


def lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield rows as pieces of a file, of whole lines each."""
    waiting: list[bytes] = []
    size = 0
    for row in rows:
        waiting.append(f"{json_line(row)}\n".encode())
        size += len(waiting[-1])
        if size >= PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def write_json_lines(rows: Iterable[Mapping[str, Any]], path: str | Path) -> Path:
    """Write rows to a file, one object a line, the file whole or not at all; return its path.

    Raises UsageError when the folder is missing or cannot be written to.
    """
    with whole_file(path, "report.jsonl") as draft, draft.open("wb") as file:
        for piece in lines(rows):
            file.write(piece)
    return Path(path)


def append_json_lines(rows: Iterable[Mapping[str, Any]], path: str | Path) -> Path:
    """Append rows to a file, one object a line, all of them or none; return its path.

    Several processes may append to one file: each waits for the other. Raises UsageError where the file
    cannot be written to, and DataError where it ends in the middle of a line: something else wrote it.
    """
    added = b"".join(lines(rows))  # first of all: a row that cannot be written leaves the file as it was
    target = target_of(path, "report.jsonl")
    try:
        # Unbuffered: what is written is in the file, or has failed.
        with target.open("ab+", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
            append(file.fileno(), added, Path(path))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another path") from error
    return Path(path)


def append(descriptor: int, added: bytes, path: Path) -> None:
    """Append bytes to an open file, all or none."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        raise DataError(
            f"{path} ends in the middle of a line: complete or remove its last line, or choose another path"
        )
    rest = memoryview(added)
    try:
        while rest.nbytes:
            rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        os.ftruncate(descriptor, size)  # the disk is full, or a person interrupts
        raise
