"""Tell whether rows can be one series: what is said of them, and how far apart they are.

A catalog and a database go by the same rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.model import iso
from eyas.timeframes import length_ns, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

ADJUSTMENTS = ("raw", "adjusted", "unknown")
PLACE = "Add it under another venue or symbol, or remove the series first."
SHORTEST = 0.9
"""By how much of its length a bar at least comes after the one before it."""
NEIGHBOURS = 8
"""How many stored rows before and after new ones are looked at with them."""


KNOWN_MIN = 20
"""From how many rows that were there already it shows whether others are of the same series."""


class Counted(Protocol):
    """What came of a merge."""

    @property
    def rows_new(self) -> int:
        """How many rows were not stored."""

    @property
    def rows_same(self) -> int:
        """How many rows were stored just so."""

    @property
    def rows_revised(self) -> int:
        """How many rows were stored with other values."""


class Said(Protocol):
    """What is said of a series, whether it is stored or comes."""

    @property
    def adjustment(self) -> str:
        """Whether prices are raw, adjusted or unknown."""

    @property
    def convention(self) -> str:
        """What the times are of."""

    @property
    def has_volume(self) -> bool:
        """Whether anybody said a volume."""


def check_adjustment(adjustment: str) -> str:
    """Return what is said of prices; raise UsageError unless it is one of the three words."""
    if adjustment not in ADJUSTMENTS:
        listed = ", ".join(map(repr, ADJUSTMENTS))
        raise UsageError(f"adjustment={adjustment!r} is not one of {listed}")
    return adjustment


def check_convention(convention: Any) -> str:
    """Return what the times of bars are of; raise UsageError unless it is when they open."""
    if convention == "open":
        return "open"
    raise UsageError(
        f"convention={convention!r}: the time of a Bars is when a bar opens. Where the source says when it "
        "closes, read it so that the times are moved, and add that"
    )


def check_alike(name: str, old: Said, new: Said) -> None:
    """Raise UsageError where rows are of another nature than the series that they would become a part of.

    An unknown adjustment is another than a known one: a series of both could never be told apart again.
    """
    for field, what in (("adjustment", "prices that are"), ("convention", "times that are")):
        stored, came = getattr(old, field), getattr(new, field)
        if stored != came:
            raise UsageError(
                f"{name} holds {what} {stored}, and these are {came}: one series has one {field}. "
                f"If they are the same, say {field}={stored!r}. {PLACE}"
            )
    if old.has_volume != new.has_volume:
        having = ("has volume, and these bars have none", "has no volume, and these bars have")
        raise UsageError(f"{name} {having[not old.has_volume]}. {PLACE}")


def check_basis(name: str, merged: Counted) -> None:
    """Refuse rows that contradict most of those stored: what is new among them belongs to something else."""
    known = merged.rows_same + merged.rows_revised
    if merged.rows_new and known >= KNOWN_MIN and merged.rows_revised * 2 > known:
        raise DataError(
            f"{name}: of {known:,} rows that are stored already {merged.rows_revised:,} come with other "
            "values, so this is another adjustment, venue or time zone, and nothing was added. Add it under "
            "another venue, or replace what is stored with revise=True."
        )


def check_spacing(name: str, timeframe: str, time: NDArray[np.int64], came: tuple[int, int]) -> None:
    """Refuse bars most of which begin before the one before them is over.

    `time` are the rows as they would be stored; those from the first to the last that `came` are looked at,
    and some neighbours of theirs.
    """
    length = length_ns(timeframe) or 28 * length_ns("1d") * parse(timeframe).number
    first, last = np.searchsorted(time, came[0]), np.searchsorted(time, came[1], side="right")
    near = time[max(0, first - NEIGHBOURS) : last + NEIGHBOURS]
    distances = np.diff(near)
    # Not each: a day is shorter when clocks change, and an hour may be cut where a session begins.
    short = np.flatnonzero(distances < length * SHORTEST)
    if len(short) * 2 > len(distances):
        row = int(short[0])
        raise UsageError(
            f"{name} would have a bar at {iso(near[row])} and one at {iso(near[row + 1])}: bars of "
            f"{timeframe} cannot be so close. Say the right timeframe=; if these bars are stamped "
            "otherwise than the stored ones, read them with the right stamp= or time_zone="
        )
