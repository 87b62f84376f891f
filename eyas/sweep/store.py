"""A study on disk: one SQLite file to which finished trials are added, a transaction a chunk.

What a chunk holds is there or not, whenever the process is killed; a study that goes on reads them all and
runs the rest. The file says which study it is, so that no other is ever mixed in.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLES = """
CREATE TABLE IF NOT EXISTS study (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, count INTEGER NOT NULL, records BLOB NOT NULL, messages TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
"""
LONGEST = 60


class Store:
    """Keep the trials of one study in a file, `identity` says of which; one process at a time.

    Raises UsageError for a file that holds another study, is in use, or is something else.
    """

    def __init__(self, path: Any, identity: Mapping[str, str], record: np.dtype[np.void]) -> None:
        if not isinstance(path, str | os.PathLike) or not str(path):
            raise UsageError(f"store is {path!r}, but must be the path of a file: store='study.sweep'")
        self.path = Path(path)
        self.record = record
        if not self.path.parent.is_dir():
            raise UsageError(f"store is {self.path}, but there is no folder {self.path.parent}")
        try:
            self._base = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise UsageError(f"store: {self.path} cannot be opened: {error}") from None
        try:
            self._open({**identity, "layout": str(record.itemsize)})
        except sqlite3.Error as error:
            self.close()
            raise UsageError(self._said(error)) from None
        except BaseException:
            self.close()
            raise

    def _open(self, identity: Mapping[str, str]) -> None:
        base = self._base
        # Held until it is closed, or its process ends: two that write would do everything twice.
        base.execute("PRAGMA locking_mode=EXCLUSIVE")
        known = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        if known and "chunks" not in known:
            raise UsageError(f"store: {self.path} is a database, but not one of a sweep: give another file")
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=NORMAL")
        base.execute("BEGIN EXCLUSIVE")
        try:
            for statement in TABLES.split(";"):
                base.execute(statement)
            there = dict(base.execute("SELECT name, value FROM study"))
            if there:
                self._compare(there, identity)
            else:
                base.executemany("INSERT INTO study VALUES (?, ?)", list(identity.items()))
        except BaseException:
            base.execute("ROLLBACK")
            raise
        base.execute("COMMIT")

    def _compare(self, there: Mapping[str, str], here: Mapping[str, str]) -> None:
        """Raise UsageError that names what differs between the study in the file and this one."""
        names = [name for name in {**there, **here} if there.get(name) != here.get(name)]
        if not names:
            return
        told = "; ".join(
            f"{name}: {shown(there.get(name))} there, {shown(here.get(name))} here" for name in names
        )
        raise UsageError(
            f"store: {self.path} holds another study, which cannot go on as this one ({told}). Give another "
            "file, or what that study was given"
        )

    def _said(self, error: sqlite3.Error) -> str:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return f"store: {self.path} is in use by another sweep: wait until it ends, or give another file"
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return f"store: {self.path} is not a study of a sweep ({error}): give another file"
        return f"store: {self.path} cannot be used: {error}"

    def add(self, records: NDArray[np.void], messages: Mapping[int, str]) -> None:
        """Keep some trials; when it returns they survive the end of this process."""
        text = json.dumps({str(place): sentence for place, sentence in messages.items()})
        blob = records.tobytes()
        try:
            self._base.execute(
                "INSERT INTO chunks (count, records, messages, checksum) VALUES (?, ?, ?, ?)",
                (len(records), blob, text, checksum_of(blob, text)),
            )
        except sqlite3.Error as error:
            raise DataError(f"store: {self.path} takes no more ({error}); what was kept is kept") from error

    def chunks(self) -> Iterator[tuple[NDArray[np.void], dict[int, str]]]:
        """Yield what was kept, in the order in which it was; raises DataError for what is damaged."""
        rows = self._base.execute("SELECT id, records, messages, checksum FROM chunks ORDER BY id")
        try:
            for number, blob, text, checksum in rows:
                if checksum_of(blob, text) != checksum:
                    raise DataError(f"store: {self.path} is damaged (chunk {number}): give another file")
                messages = {int(place): sentence for place, sentence in json.loads(text).items()}
                yield np.frombuffer(blob, dtype=self.record), messages
        except sqlite3.Error as error:
            raise DataError(f"store: {self.path} is damaged ({error}): give another file") from error

    def close(self) -> None:
        """Let others have the file."""
        self._base.close()


def checksum_of(blob: bytes, text: str) -> int:
    """Return a number that changes with what a chunk holds."""
    return zlib.crc32(text.encode(), zlib.crc32(blob))


def shown(value: str | None) -> str:
    """Return a value for a sentence, no longer than it has to be."""
    if value is None:
        return "nothing"
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
