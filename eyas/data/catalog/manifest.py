"""The manifest of a series: which files it is made of, and everything known about it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from eyas.data.catalog.kinds import known_columns
from eyas.data.catalog.records import Entry, Source, plain
from eyas.errors import DataError

NAME = "manifest.json"
FORMAT = 1
"""Number of the layout on disk; a catalog with a higher one is refused."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of rows: `hash` is of its columns, `file_hash` of its bytes, `numbers` of its trades."""

    file: str
    period: str
    rows: int
    first: int
    last: int
    hash: str
    bytes: int
    file_hash: str
    numbers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A file of what was kept aside: revisions or rejects."""

    file: str
    rows: int
    bytes: int
    file_hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that is known about a series; immutable, and replaced as a whole."""

    venue: str
    symbol: str
    timeframe: str
    kind: str
    file_format: str
    period: str
    columns: tuple[str, ...]
    has_volume: bool
    convention: str
    adjustment: str
    token: str = ""
    """Different in every write, so that a writer knows its own."""
    parts: tuple[Part, ...] = ()
    sources: tuple[Source, ...] = ()
    revisions: Aside | None = None
    rejects: Aside | None = None
    files: frozenset[str] = field(init=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        aside = [one.file for one in (self.revisions, self.rejects) if one]
        object.__setattr__(self, "files", frozenset([*(part.file for part in self.parts), *aside]))

    @property
    def name(self) -> str:
        """How messages call the series."""
        return f"{self.symbol} {self.timeframe} ({self.venue})"

    @property
    def rows(self) -> int:
        """How many rows the series has."""
        return sum(part.rows for part in self.parts)

    @property
    def hash(self) -> str:
        """SHA-256 of the content: the columns' names, and the periods with their own hashes."""
        said = [self.kind, self.columns, self.has_volume, [(part.period, part.hash) for part in self.parts]]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def entry(self) -> Entry:
        """Return what the public sees of it."""
        asides = sum(one.bytes for one in (self.revisions, self.rejects) if one)
        return Entry(
            venue=self.venue,
            symbol=self.symbol,
            timeframe=self.timeframe,
            kind=self.kind,
            rows=self.rows,
            first=self.parts[0].first if self.parts else 0,
            last=self.parts[-1].last if self.parts else 0,
            hash=self.hash,
            format=self.file_format,
            columns=self.columns,
            has_volume=self.has_volume,
            convention=self.convention,
            adjustment=self.adjustment,
            sources=self.sources,
            revisions=self.revisions.rows if self.revisions else 0,
            rejects=self.rejects.rows if self.rejects else 0,
            files=len(self.files),
            bytes=sum(part.bytes for part in self.parts) + asides,
        )

    def as_bytes(self) -> bytes:
        """Return the manifest as JSON that a person can read, with a checksum of itself."""
        said = plain(self)
        del said["files"]
        said["parts"] = [plain(part) for part in self.parts]
        said["sources"] = [plain(source) for source in self.sources]
        said["revisions"] = plain(self.revisions) if self.revisions else None
        said["rejects"] = plain(self.rejects) if self.rejects else None
        total = {"rows": self.rows, "hash": self.hash}
        if self.parts:
            total |= {"first": self.parts[0].first, "last": self.parts[-1].last}
        said = {"format": FORMAT, **said, "total": total}
        return json.dumps({"check": _check(said), **said}, indent=1).encode()


def read(data: bytes, file: str) -> Manifest:
    """Read a manifest. Raises DataError when it is damaged or from a newer eyas."""
    remedy = "Restore it from a copy, or remove the series' folder and import the data again."
    try:
        said = json.loads(data)
        check = said.pop("check")
        number = said.pop("format")
        if number > FORMAT:
            raise DataError(f"{file} has the format {number}, made by a newer eyas. Update eyas.")
        if check != _check({"format": number, **said}):
            raise DataError(f"{file} is damaged: it does not match its own checksum. {remedy}")
        del said["total"]
        parts = [
            {**part, "numbers": tuple(part["numbers"]) if part["numbers"] else None} for part in said["parts"]
        ]
        made = Manifest(**{**said, **_nested(said, parts)})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{file} is damaged: it is no manifest of a catalog. {remedy}") from None
    if not known_columns(made.kind, made.columns):
        raise DataError(f"{file} is damaged: {made.kind} cannot have its columns. {remedy}")
    return made


def _nested(said: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "columns": tuple(said["columns"]),
        "parts": tuple(Part(**part) for part in parts),
        "sources": tuple(Source(**source) for source in said["sources"]),
        "revisions": Aside(**said["revisions"]) if said["revisions"] else None,
        "rejects": Aside(**said["rejects"]) if said["rejects"] else None,
    }


def _check(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
