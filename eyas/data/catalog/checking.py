"""Compare what lies in a catalog with what its manifests say, and find the bars that a series lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.data.catalog.files import decode, hash_of
from eyas.data.catalog.manifest import Manifest, Part
from eyas.data.catalog.reading import REMEDY, fault_of, read_manifest, walk
from eyas.data.catalog.records import Damage
from eyas.errors import DataError

if TYPE_CHECKING:
    from eyas.data.catalog.stores import Store


def damages(store: Store) -> Iterator[Damage]:
    """Yield every file that is missing, or is not what its manifest says."""
    for folder in walk(store):
        try:
            made, _ = read_manifest(store, folder)
        except DataError as error:
            yield _manifest_damage(f"{store.name}/{folder}/manifest.json", str(error))
            continue
        if made is not None:
            yield from _of_series(store, folder, made)


def _manifest_damage(file: str, text: str) -> Damage:
    fault, _, remedy = text.removeprefix(f"{file} ").partition(". ")
    return Damage(file, fault.removeprefix(": "), remedy)


def _of_series(store: Store, folder: str, made: Manifest) -> Iterator[Damage]:
    """Yield the damaged files of a series; one that a writer has replaced meanwhile is none."""
    found = list(_faults(store, folder, made))
    if found:
        now, _ = read_manifest(store, folder)
        if now is None:
            return
        if now.token != made.token:
            yield from _of_series(store, folder, now)
            return
    for name, fault in found:
        remedy = REMEDY if name in {part.file for part in made.parts} else "Restore it from a copy."
        yield Damage(f"{store.name}/{folder}/{name}", fault, remedy)


def _faults(store: Store, folder: str, made: Manifest) -> Iterator[tuple[str, str]]:
    for part in made.parts:
        fault = _fault(store, folder, made, part)
        if fault:
            yield part.file, fault
    for aside in (made.revisions, made.rejects):
        if aside is None:
            continue
        try:
            data = store.read(f"{folder}/{aside.file}")[0]
        except FileNotFoundError:
            yield aside.file, "is missing"
            continue
        if hashlib.sha256(data).hexdigest() != aside.file_hash:
            yield aside.file, "is not what was written: its bytes have another hash"


def _fault(store: Store, folder: str, made: Manifest, part: Part) -> str | None:
    """Return what is wrong with a part, from the plainest to the subtlest, or None."""
    key = f"{folder}/{part.file}"
    try:
        data = store.read(key)[0]
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if len(data) != part.bytes:
        return f"has {len(data):,} bytes where the manifest says {part.bytes:,}"
    if hashlib.sha256(data).hexdigest() != part.file_hash:
        return fault_of(data, made, part) or "is not what was written: its bytes have another hash"
    source: Path | bytes = data
    fault = fault_of(source, made, part)
    if fault is None and hash_of(decode([source], made.columns, made.file_format, part.rows)) != part.hash:
        return "is not what was written: its columns have another hash"
    return fault
