"""The verdict over market data: what was found, how grave it is, and the hash that names the data."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from eyas.data.quality.findings import LEVELS, Fact, Finding, Level
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

WIDTH = 100


@dataclass(slots=True, weakref_slot=True)
class Facts:
    """Hold what is known of some columns, for every verdict over them."""

    rows: tuple[Fact, ...] = ()
    """Faults of the source that they were read from."""
    by_calendar: dict[str, tuple[tuple[Fact, ...], str]] = field(default_factory=dict)
    """What the checks found, and which calendar they took, by the calendar that was asked for."""
    hash: str = ""


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Verdict:
    """Say how far bars can be trusted; it prints as a table.

    `level` is the gravest of its `findings`: pass, warn or fail. `first` and `last` are the times of the
    first and the last bar in nanoseconds UTC. `calendar` is the one that gaps were measured by.
    """

    bars: Bars
    findings: tuple[Finding, ...]
    calendar: str
    facts: Facts

    @property
    def level(self) -> Level:
        """The gravest level of its findings."""
        return max((one.level for one in self.findings), key=LEVELS.index, default="pass")

    @property
    def symbol(self) -> str:
        """Symbol of the bars."""
        return self.bars.symbol

    @property
    def timeframe(self) -> str:
        """Timeframe of the bars."""
        return self.bars.timeframe

    @property
    def rows(self) -> int:
        """How many bars there are."""
        return len(self.bars)

    @property
    def first(self) -> int | None:
        """Time of the first bar; None without bars."""
        return int(self.bars.time[0]) if self.rows else None

    @property
    def last(self) -> int | None:
        """Time of the last bar."""
        return int(self.bars.time[-1]) if self.rows else None

    @property
    def hash(self) -> str:
        """SHA-256 of the columns as hexadecimal text, the same for equal columns of any source."""
        if not self.facts.hash:
            self.facts.hash = hash_of(self.bars)
        return self.facts.hash

    def finding(self, name: str) -> Finding | None:
        """Return the finding of a name, or None where it was not made."""
        return next((one for one in self.findings if one.name == name), None)

    @property
    def grave(self) -> tuple[Finding, ...]:
        """The findings that do not pass, the gravest first."""
        found = [one for one in self.findings if one.level != "pass"]
        return tuple(sorted(found, key=lambda one: -LEVELS.index(one.level)))

    @property
    def counted(self) -> str:
        """The findings that do not pass and how often each was made, such as `gaps 12, splits 1`."""
        return ", ".join(f"{one.name} {one.count:,}" for one in self.grave)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as plain values, for machines."""
        return {
            "level": self.level,
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "rows": self.rows,
            "first": None if self.first is None else iso(self.first),
            "last": None if self.last is None else iso(self.last),
            "calendar": self.calendar,
            "hash": self.hash,
            "findings": [
                {
                    "name": one.name,
                    "level": one.level,
                    "count": one.count,
                    "row": one.row,
                    "time": None if one.time is None else iso(one.time),
                    "sentence": one.sentence,
                }
                for one in self.findings
            ],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any], bars: Bars) -> Self:
        """Return the verdict over some bars that `as_json` said; raises KeyError for what it never says."""
        findings = tuple(
            Finding(
                one["name"],
                one["level"],
                one["count"],
                one["row"],
                None if one["time"] is None else nanoseconds_of(one["time"]),
                one["sentence"],
            )
            for one in said["findings"]
        )
        return cls(bars, findings, said["calendar"], Facts(hash=said["hash"]))

    def __repr__(self) -> str:
        what = " ".join(part for part in (self.symbol, self.timeframe) if part) or "bars"
        found = f": {self.counted}" if self.grave else ""
        return f"<Verdict {self.level} on {what}, {self.rows:,} rows{found}>"

    def __str__(self) -> str:
        what = " ".join(part for part in (self.symbol, self.timeframe) if part) or "bars"
        span = (
            f", {iso(self.first)} to {iso(self.last)}"
            if self.first is not None and self.last is not None
            else ""
        )
        lines = [f"{what}: {self.level}", f"{self.rows:,} bars{span}, calendar {self.calendar}"]
        name_width = max((len(one.name) for one in self.findings), default=0)
        for one in self.findings:
            head = f"{one.level:<4}  {one.name:<{name_width}}  {one.count:>9,}  "
            lines += textwrap.wrap(
                one.sentence, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
            )
        if not self.findings:
            lines.append("nothing was found")
        return "\n".join(lines)


def nanoseconds_of(text: str) -> int:
    """Return a time that `iso` has written, in nanoseconds UTC.

    >>> nanoseconds_of("2017-07-14T02:40:00.5Z")
    1500000000500000000
    """
    return int(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64))


def hash_of(bars: Bars) -> str:
    """Return the SHA-256 of the columns that bars have, as hexadecimal text.

    Each column counts with its name and its values as 64-bit little-endian numbers; every NaN is the same
    one, and zero has no sign.
    """
    volume = ("volume",) if bars.has_volume else ()
    rare = tuple(name for name in RARE_COLUMNS if getattr(bars, name) is not None)
    columns: dict[str, NDArray[Any]] = {}
    for name in ("time", *PRICE_COLUMNS, *volume, *rare):
        column = getattr(bars, name)
        columns[name] = (
            np.where(np.isnan(column), np.nan, column + 0.0) if name in (*volume, *rare) else column
        )
    return hash_of_columns(columns)


def hash_of_columns(columns: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of columns of numbers in their order, as hexadecimal text."""
    found = hashlib.sha256()
    for name, column in columns.items():
        found.update(f"{name} {len(column)}\n".encode())
        found.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).data)
    return found.hexdigest()
