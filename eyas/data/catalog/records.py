"""What the catalog answers: its series, what an import did, what differs, what is damaged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eyas.model import iso

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = 1_000
"""How many revisions an `Added` carries; all of them are in the catalog."""


@dataclass(frozen=True, slots=True)
class Source:
    """Say where rows of a series came from, and when."""

    name: str
    first_import: str
    last_import: str
    rows: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Describe one series; `timeframe` is "trades" or "books" for those, times are in nanoseconds."""

    venue: str
    symbol: str
    timeframe: str
    kind: str
    rows: int
    first: int
    last: int
    hash: str
    format: str
    columns: tuple[str, ...]
    has_volume: bool
    convention: str
    adjustment: str
    sources: tuple[Source, ...]
    revisions: int
    rejects: int
    files: int
    bytes: int

    @property
    def name(self) -> str:
        """How messages call the series."""
        return f"{self.symbol} {self.timeframe} ({self.venue})"

    def __str__(self) -> str:
        return f"{self.name}: {self.rows:,} rows, {iso(self.first)} to {iso(self.last)}"


@dataclass(frozen=True, slots=True)
class Revision:
    """Say that a row came again with another value; `number` is a trade's own, -1 elsewhere."""

    time: int
    column: str
    old: float
    new: float
    number: int = -1

    def __str__(self) -> str:
        trade = f" trade {self.number}" if self.number >= 0 else ""
        return f"{iso(self.time)}{trade} {self.column}: {self.old!r} stored, {self.new!r} came"


@dataclass(frozen=True, slots=True)
class Added:
    """Say what an import did: rows that are new, that were there already, and that differ.

    `rows_revised` counts the rows that differ from what is stored; `revisions` are the first thousand
    differences, value by value. `revised` says whether the new values were taken.
    """

    entry: Entry | None
    rows_new: int
    rows_same: int
    rows_revised: int = 0
    revisions: tuple[Revision, ...] = ()
    revised: bool = False
    rejects: int = 0

    def __str__(self) -> str:
        name = self.entry.name if self.entry else "nothing"
        text = f"{name}: {self.rows_new:,} new, {self.rows_same:,} there already"
        if self.rows_revised:
            done = "the new values were taken" if self.revised else "the stored values were kept"
            text += f", {self.rows_revised:,} differ: {done}"
        if self.rejects:
            text += f", {self.rejects:,} rejected"
        if self.rows_revised and not self.revised:
            text += ". To take the new values, add them with revise=True"
        if self.rows_revised > max(100, self.rows_same):
            text += ". Most rows differ: is it another adjustment, venue or time zone?"
        return text


@dataclass(frozen=True, slots=True)
class Damage:
    """Name a file of the catalog that is not what its manifest says, and what to do."""

    file: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file} {self.fault}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Exported:
    """Say what was written where."""

    path: Path
    rows: int
    columns: tuple[str, ...] = field(default_factory=tuple)

    def __str__(self) -> str:
        return f"{self.path}: {self.rows:,} rows"


def plain(record: Any) -> dict[str, Any]:
    """Return a record with slots as a mapping, for JSON."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
