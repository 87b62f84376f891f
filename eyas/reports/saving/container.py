"""The file of a record: a zip of a manifest and members, written whole or not at all, checked when opened.

Nothing in it is compressed by the zip itself (Parquet is already), so that no zip can blow up; members are
read by the names that the manifest has, and never put anywhere on disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from zipfile import ZipFile

FORMAT, VERSION = "eyas run", 1
MANIFEST = "run.json"
MANIFEST_BYTES_MAX = 256_000_000
BEGINS = b"PK\x03\x04"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of every member: the same run gives the same bytes whenever it is saved


def write_record(draft: Path, manifest: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write a record to a draft, down to the disk; raises OSError where that cannot be done."""
    listed = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
    }
    whole = {"format": FORMAT, "version": VERSION, **manifest, "members": listed}
    text = json.dumps(whole, indent=1, allow_nan=False).encode()
    with draft.open("wb") as file:
        write_zip(file, {MANIFEST: text, **members})
        file.flush()
        os.fsync(file.fileno())  # or a power cut could leave the new name on an empty file


def write_zip(file: IO[bytes], members: Mapping[str, bytes]) -> None:
    """Write a zip of members that are not compressed, and that say nothing of when or where."""
    from zipfile import ZIP_STORED, ZipFile, ZipInfo

    with ZipFile(file, "w", ZIP_STORED) as whole:
        for name, data in members.items():
            info = ZipInfo(name, LONG_AGO)
            info.create_system, info.external_attr = 3, 0o644 << 16
            whole.writestr(info, data)


class Container:
    """Hold a record's manifest and the bytes of its members, all checked; `path` is only for messages."""

    def __init__(self, path: Path, manifest: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
        self.path = path
        self.manifest = manifest
        self.members = members

    def member(self, name: str) -> bytes:
        """Return the bytes of a member, or raise DataError."""
        if name not in self.members:
            raise DataError(f"{self.path} is damaged: it has no member {name}")
        return self.members[name]


def read_record(path: Path) -> Container:
    """Read a record; raises UsageError for a path that is none and DataError for a file that is no record.

    Every member must be what was saved, by its SHA-256. It is not signed: this finds damage, not malice.
    """
    data = bytes_of(path)
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(io.BytesIO(data)) as whole:
            manifest = manifest_of(path, whole)
            listed = listed_members(path, manifest, len(data))
            members = {name: checked(path, whole, name, said) for name, said in listed.items()}
    except DataError:  # it says already what is wrong
        raise
    except (
        BadZipFile,
        struct.error,
        OSError,
        RuntimeError,
        ValueError,
        LookupError,
        TypeError,
        OverflowError,
        EOFError,
    ) as error:
        raise DataError(
            f"{path} is damaged or cut short: it begins like a record, but is no whole zip ({error})"
        ) from None
    return Container(path, manifest, members)


def listed_members(path: Path, manifest: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Return what a manifest says of each member, or raise DataError where they cannot be in the file."""
    listed = manifest.get("members")
    if not isinstance(listed, dict):
        raise DataError(f"{path} is damaged: its {MANIFEST} lists no members")
    for name, said in listed.items():
        found = said.get("bytes") if isinstance(said, dict) else None
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise DataError(f"{path} is damaged: its {MANIFEST} does not say what {name} must be")
    if sum(said["bytes"] for said in listed.values()) > size:  # two that share their bytes
        raise DataError(f"{path} was not written by eyas: its members are longer than it is")
    return listed


def bytes_of(path: Path) -> bytes:
    """Return the bytes of what may be a record, or raise an error that says why it is none."""
    try:
        if not stat.S_ISREG(path.expanduser().stat().st_mode) and not path.expanduser().is_dir():
            # A pipe would be waited for, and a device may never end.
            raise UsageError(f"{path} is a device, a pipe or a socket and no file")
        with path.expanduser().open("rb") as file:
            begin = file.read(len(BEGINS))
            if begin == BEGINS:
                return begin + file.read()
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}; it was looked for in {Path.cwd()}") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder: name the file in it that report.save wrote") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{path} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    what = "is empty" if not begin else "is no record of a run"
    raise DataError(f"{path} {what}: a record is what report.save or eyas backtest --save has written")


def manifest_of(path: Path, whole: ZipFile) -> dict[str, Any]:
    """Return the manifest of a record of a version that this eyas knows, or raise DataError."""
    if MANIFEST not in whole.namelist():
        raise DataError(f"{path} is a zip, but no record of a run: it has no {MANIFEST}")
    text = stored(path, whole, MANIFEST, MANIFEST_BYTES_MAX)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: its {MANIFEST} is no JSON ({error})") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DataError(f"{path} is a zip, but no record of a run: its {MANIFEST} is of another format")
    version = found.get("version")
    if version != VERSION:
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise DataError(f"{path} is damaged: its {MANIFEST} has no version ({str(version)[:20]!r})")
        origin = found.get("origin")
        versions = origin.get("versions") if isinstance(origin, dict) else None
        by = versions.get("eyas") if isinstance(versions, dict) else None
        whose = f", of eyas {by}" if isinstance(by, str) else ""
        raise DataError(
            f"{path} is a record of version {version}{whose}, and this eyas reads "
            f"version {VERSION}: update eyas to open it"
        )
    return found


def stored(path: Path, whole: ZipFile, name: str, bytes_max: int) -> bytes:
    """Return the bytes of a member as it was stored; raises DataError where it is not as eyas writes it."""
    from zipfile import ZIP_STORED, BadZipFile

    info = whole.getinfo(name)
    if info.compress_type != ZIP_STORED or info.flag_bits & 1 or info.file_size > bytes_max:
        raise DataError(
            f"{path} was not written by eyas: its member {name} is compressed, locked or too long"
        )
    try:
        return whole.read(name)
    except BadZipFile as error:
        raise DataError(f"{path} is damaged in its member {name} ({error})") from None


def checked(path: Path, whole: ZipFile, name: str, said: Any) -> bytes:
    """Return the bytes of a member that are those that were saved, or raise DataError."""
    size, digest = (said.get(key) if isinstance(said, dict) else None for key in ("bytes", "sha256"))
    if not isinstance(size, int) or not isinstance(digest, str):
        raise DataError(f"{path} is damaged: its {MANIFEST} does not say what {name} must be")
    if whole.namelist().count(name) != 1:
        raise DataError(f"{path} is damaged: its member {name} is missing, or there twice")
    data = stored(path, whole, name, size)
    if hashlib.sha256(data).hexdigest() != digest:
        raise DataError(f"{path} is damaged in its member {name}: its SHA-256 is not the one that was saved")
    return data
