"""Where the files of a catalog lie: what a store can do, and the one that is a folder.

A file is written once under a name of its own and never changed; only a manifest is replaced. A folder does
both with a temporary file, fsync, rename and fsync of the folder, so that after a crash each name holds the
old or the new bytes, never a part of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

TEMPORARY = ".tmp-"
LOCK = ".lock"


class Changed(Exception):  # noqa: N818
    """Say that somebody else replaced a file since it was read."""


class Store(Protocol):
    """Keep bytes under keys such as `binance/BTCUSDT/1m/manifest.json`."""

    name: str
    """How messages call it: a path or a URL."""

    def read(self, key: str) -> tuple[bytes, Any]:
        """Return the bytes and a tag that changes with them; raise FileNotFoundError."""

    def write(self, key: str, data: bytes) -> None:
        """Write a file under a name that is new, wholly or not at all."""

    def replace(self, key: str, data: bytes, tag: Any) -> None:
        """Replace a file; raise Changed when it changed since it was read (tag None: it was not there).

        Everything written before is durable when this one is.
        """

    def delete(self, keys: list[str]) -> None:
        """Delete files; those that are gone already are no error."""

    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders directly under a prefix ("" for the top), sorted."""

    def leftovers(self, folder: str, known: frozenset[str]) -> list[str]:
        """Return the keys in a folder that nobody will miss: not known, and not just being written."""

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Wait until no other process writes, where the store can tell."""

    def path(self, key: str) -> Path | None:
        """Return the path of a file that other libraries can open, or None."""


class LocalStore:
    """Keep a catalog in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = str(root)

    def read(self, key: str) -> tuple[bytes, Any]:
        """Return the bytes of a file."""
        return (self.root / key).read_bytes(), None

    def write(self, key: str, data: bytes) -> None:
        """Write a file; its name is durable with the next `replace` in its folder."""
        path = self.root / key
        self._make_folder(path.parent)
        self._put(path, data)

    def replace(self, key: str, data: bytes, tag: Any) -> None:  # noqa: ARG002
        """Replace a file (the lock keeps others away); those written before it are on the disk first."""
        path = self.root / key
        self._make_folder(path.parent)
        self._sync_folder(path.parent)
        self._put(path, data)
        self._sync_folder(path.parent)

    def delete(self, keys: list[str]) -> None:
        """Delete files, and the folders that they leave empty."""
        for key in keys:
            self._unlink(self.root / key)
        for folder in {(self.root / key).parent for key in keys}:
            self._prune(folder)

    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders under a prefix."""
        try:
            with os.scandir(self.root / prefix) as found:
                return sorted(one.name for one in found if one.is_dir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def leftovers(self, folder: str, known: frozenset[str]) -> list[str]:
        """Return every file that is not known: whoever holds the lock is the only one who writes."""
        try:
            names = sorted(one.name for one in (self.root / folder).iterdir())
        except FileNotFoundError:
            return []
        return [f"{folder}/{name}" for name in names if name not in known]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the catalog's lock, which the system takes back when the process dies."""
        self._make_folder(self.root)
        handle = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def path(self, key: str) -> Path | None:
        """Return the path of a file."""
        return self.root / key

    def _put(self, path: Path, data: bytes) -> None:
        temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(6)}")
        try:
            self._write_file(temporary, data)
            self._rename(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                self._unlink(temporary)
            raise

    # The single steps on the disk: tests stop the writer before, in and after each of them.

    def _make_folder(self, folder: Path) -> None:
        made = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for one in made:
            self._sync_folder(one.parent)

    def _write_file(self, path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def _sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def _prune(self, folder: Path) -> None:
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:  # not empty
                return
            folder = folder.parent


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of a person's choice, wholly or not at all."""
    LocalStore(path.parent).replace(path.name, data, None)
