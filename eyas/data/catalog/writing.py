"""Add rows to a series; a crash at any moment leaves the old or the new, and the next write tidies up.

The order: new files under new names, each durable; then the manifest, replaced at once; then the files that
it no longer names are deleted. A writer that another one overtook (an object store has no lock) merges
again with what is there now.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.catalog import asides
from eyas.data.catalog import manifest as manifests
from eyas.data.catalog.files import ENDINGS, encode, hash_of
from eyas.data.catalog.fitting import PLACE, check_alike, check_basis, check_spacing
from eyas.data.catalog.kinds import Columns
from eyas.data.catalog.manifest import Aside, Manifest, Part
from eyas.data.catalog.merge import Merged, merge
from eyas.data.catalog.periods import cut
from eyas.data.catalog.reading import missing, read_manifest, read_parts
from eyas.data.catalog.records import SHOWN, Added, Revision, Source
from eyas.data.catalog.stores import Changed
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from eyas.data.catalog.stores import Store

TRIES = 50
"""How often a writer merges again because another one was faster."""
TOKEN_BYTES = 4
LEDGERS = ".downloads"
"""The folder of what downloads remember; no venue is called like that."""
Kept = tuple[Aside | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Import:
    """What is to be added, and what is said about it."""

    wanted: Manifest
    """A manifest without parts: what the series would be if it were new."""
    columns: Columns
    source: str
    rejects: Sequence[Any]
    file_format: str | None
    """What the caller asked for, if anything."""
    revise: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The manifest that is to be, the files that it needs and that are not there yet, and what happened."""

    manifest: Manifest
    files: dict[str, bytes]
    merged: Merged
    rejects: int


def add(store: Store, folder: str, given: Import) -> Added:
    """Merge rows into the series of a folder; nothing is written when nothing is new."""
    try:
        return _add(store, folder, given)
    except OSError as error:
        raise _unwritable(store, given.wanted.name, error) from error


def _add(store: Store, folder: str, given: Import) -> Added:
    with store.locked():
        for _ in range(TRIES):
            old, tag = read_manifest(store, folder)
            try:
                plan = _plan(store, folder, old, given)
            except FileNotFoundError:
                if read_manifest(store, folder)[0] != old:
                    continue
                raise missing(store, folder, old or given.wanted) from None
            if plan.manifest is old or not plan.manifest.parts:
                _tidy(store, folder, old)
                return _added(plan, given)
            if _commit(store, folder, plan, tag):
                superseded = () if old is None else old.files - plan.manifest.files
                _tidy(store, folder, plan.manifest, superseded)
                return _added(plan, given)
    raise DataError(
        f"{store.name}: others wrote {given.wanted.name} {TRIES} times in between. Try again later."
    )


def remove(store: Store, folder: str) -> Manifest:
    """Remove a series: without its manifest it is gone at once, and its files follow."""
    try:
        with store.locked():
            made, _ = read_manifest(store, folder)
            if made is None:
                raise UsageError(
                    f"{store.name}/{folder} was removed by somebody else meanwhile: nothing is left"
                )
            # What was answered for is forgotten first: after a crash too much is asked for, never too little.
            store.delete([ledger_of(folder)])
            store.delete([f"{folder}/{manifests.NAME}"])
            _tidy(store, folder, None, made.files)
            return made
    except OSError as error:
        raise _unwritable(store, folder, error) from error


def ledger_of(folder: str) -> str:
    """Return where downloads note which stretches of a series a source has answered for."""
    return f"{LEDGERS}/{folder}.json"


def _unwritable(store: Store, name: str, error: OSError) -> DataError:
    return DataError(
        f"{store.name}: {name} could not be written: {error.strerror or error}. "
        "What was stored is still there, whole. Mend that and try again."
    )


def _commit(store: Store, folder: str, plan: Plan, tag: Any) -> bool:
    """Write the files, then the manifest; tell whether nobody else was faster."""
    try:
        for name, data in plan.files.items():
            store.write(f"{folder}/{name}", data)
        store.replace(f"{folder}/{manifests.NAME}", plan.manifest.as_bytes(), tag)
    except Changed:
        now, _ = read_manifest(store, folder)
        if now is not None and now.token == plan.manifest.token:
            return True  # the answer to our own request was lost, and it was sent twice
        store.delete([f"{folder}/{name}" for name in plan.files])
        return False
    except OSError as error:
        # Whether the manifest came through decides what is left over.
        with contextlib.suppress(OSError, DataError):
            now, _ = read_manifest(store, folder)
            needed = frozenset() if now is None else now.files
            store.delete([f"{folder}/{name}" for name in plan.files if name not in needed])
        raise _unwritable(store, plan.manifest.name, error) from error
    return True


def _tidy(store: Store, folder: str, made: Manifest | None, superseded: Iterable[str] = ()) -> None:
    """Delete what the manifest no longer names, and what a crash has left behind."""
    known: frozenset[str] = frozenset() if made is None else made.files | {manifests.NAME}
    # The rows are safe by now: what cannot be deleted today, the next write deletes.
    with contextlib.suppress(OSError):
        gone = {f"{folder}/{name}" for name in superseded}
        store.delete(sorted(gone | set(store.leftovers(folder, known))))


def _plan(store: Store, folder: str, old: Manifest | None, given: Import) -> Plan:
    """Work out what the series becomes; nothing is written."""
    base = given.wanted if old is None else _checked(old, given)
    rows = len(given.columns["time"])
    new = _filled(given.columns, base.columns, rows)
    if _is_there(base, new):
        merged = Merged({}, 0, rows, 0, {})
        parts, files = list(base.parts), dict[str, bytes]()
    else:
        widened = old is not None and old.columns != base.columns
        touched = base.parts if widened else _touched(base, new)
        stored = read_parts(store, folder, old or base, touched)
        stored = _filled(stored, base.columns, len(stored["time"]))
        merged = merge(base.kind, stored, new, tuple(given.columns), revise=given.revise)
        if base.kind == "bars":
            if not given.revise:
                check_basis(base.name, merged)
            came = int(new["time"][0]), int(new["time"][-1])
            check_spacing(base.name, base.timeframe, merged.columns["time"], came)
        parts, files = _parts(base, merged.columns, touched)
    kept = _asides(store, folder, base, merged, given)
    (revisions, _), (rejects, _) = kept
    made = replace(base, parts=tuple(parts), revisions=revisions, rejects=rejects)
    if made == old:
        return Plan(old, {}, merged, len(given.rejects))
    files |= {one.file: data for one, data in kept if one and data is not None}
    sources = _sources(base.sources, given.source, merged.rows_new)
    made = replace(made, token=secrets.token_hex(8), sources=sources)
    return Plan(made, files, merged, len(given.rejects))


def _checked(old: Manifest, given: Import) -> Manifest:
    """Return the stored manifest with the columns of both; refuse what cannot be one series."""
    wanted = given.wanted
    check_alike(old.name, old, wanted)
    if old.kind == "books" and old.columns != wanted.columns:
        depths = [(len(one.columns) - 1) // 4 for one in (old, wanted)]
        raise UsageError(f"{old.name} has {depths[0]} levels a side, and these books {depths[1]}. {PLACE}")
    if given.file_format not in (None, old.file_format):
        raise UsageError(
            f"{old.name} is stored as {old.file_format!r}. To change it, remove the series first."
        )
    both = tuple(name for name in ("given", "funding") if name in old.columns or name in wanted.columns)
    return replace(old, columns=old.columns[:6] + both) if old.kind == "bars" else old


def _filled(columns: Columns, names: tuple[str, ...], rows: int) -> Columns:
    """Return the columns by these names, NaN where there is none."""
    return {name: columns[name] if name in columns else np.full(rows, np.nan) for name in names}


def _is_there(base: Manifest, new: Columns) -> bool:
    """Tell whether the new rows are whole parts that are stored just so, without reading them."""
    stored = {part.period: part for part in base.parts}
    for period, rows in cut(new["time"], base.period):
        part = stored.get(period)
        if part is None or part.rows != rows.stop - rows.start:
            return False
        if part.hash != hash_of({name: column[rows] for name, column in new.items()}):
            return False
    return True


def _touched(base: Manifest, new: Columns) -> tuple[Part, ...]:
    """Return the parts whose rows may meet the new ones: of the same period, or with the same trades."""
    periods = {period for period, _ in cut(new["time"], base.period)}
    lowest, highest = _numbers(new) or (0, -1)
    return tuple(
        part
        for part in base.parts
        if part.period in periods
        or (part.numbers is not None and part.numbers[0] <= highest and part.numbers[1] >= lowest)
    )


def _parts(base: Manifest, columns: Columns, touched: Sequence[Part]) -> tuple[list[Part], dict[str, bytes]]:
    """Cut merged rows into parts; those that did not change keep their files."""
    before = {part.period: part for part in touched}
    parts = [part for part in base.parts if part.period not in before]
    files = {}
    for period, rows in cut(columns["time"], base.period):
        piece = {name: np.ascontiguousarray(column[rows]) for name, column in columns.items()}
        content = hash_of(piece)
        if period in before and before[period].hash == content:
            parts.append(before[period])
            continue
        data = encode(piece, base.file_format)
        name = f"{period}.{content[:16]}.{secrets.token_hex(TOKEN_BYTES)}.{ENDINGS[base.file_format]}"
        files[name] = data
        time = piece["time"]
        first, last, digest = int(time[0]), int(time[-1]), hashlib.sha256(data).hexdigest()
        parts.append(Part(name, period, len(time), first, last, content, len(data), digest, _numbers(piece)))
    return sorted(parts, key=lambda part: part.period), files


def _numbers(columns: Columns) -> tuple[int, int] | None:
    """Return the lowest and highest number of trades, if any has one."""
    numbers = columns.get("number")
    if numbers is None or not (numbers >= 0).any():
        return None
    numbers = numbers[numbers >= 0]
    return int(numbers.min()), int(numbers.max())


def _sources(before: tuple[Source, ...], name: str, rows: int) -> tuple[Source, ...]:
    """Return the sources with what came now; one that comes every minute is one line."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    one = next((source for source in before if source.name == name), Source(name, now, now, 0))
    one = replace(one, last_import=now, rows=one.rows + rows)
    return (*(source for source in before if source.name != name), one)


def _asides(store: Store, folder: str, base: Manifest, merged: Merged, given: Import) -> tuple[Kept, Kept]:
    """Return the files of revisions and of rejects after this import, with their bytes where they are new."""
    differing = merged.differing
    return (
        asides.revisions(store, folder, base.revisions, differing, given.source, taken=given.revise),
        asides.rejects(store, folder, base.rejects, given.rejects, given.source),
    )


def _added(plan: Plan, given: Import) -> Added:
    found = {name: column[:SHOWN].tolist() for name, column in plan.merged.differing.items()}
    shown = (
        zip(*(found[name] for name in ("time", "column", "old", "new", "number")), strict=True)
        if found
        else ()
    )
    return Added(
        entry=plan.manifest.entry() if plan.manifest.parts else None,
        rows_new=plan.merged.rows_new,
        rows_same=plan.merged.rows_same,
        rows_revised=plan.merged.rows_revised,
        revisions=tuple(Revision(*one) for one in shown),
        revised=given.revise,
        rejects=plan.rejects,
    )
