"""Turn the local times of a place with summer time into UTC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.place import Wrong
from eyas.errors import UsageError
from eyas.model import iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?")
# A clock that is set some hours off that of a place, but changes when that one does; Etc/GMT+5 is a name.
OFF_A_PLACE = re.compile(r"(?P<place>(?!Etc/)[A-Za-z_/]+)(?P<off>[+-]\d{1,2}(?::?\d\d)?)")
MINUTE_NS = 60_000_000_000
DAY_NS = 1440 * MINUTE_NS
PLAIN = {"": 0, "UTC": 0, "Z": 0, "GMT": 0, "EST": -300}


def check_zone(zone: str) -> None:
    """Raise UsageError unless a time zone is known.

    >>> check_zone("America/New_York"), check_zone("-05:00"), check_zone("UTC")
    (None, None, None)
    """
    if offset_minutes(zone) is None:
        _zoned(np.zeros(1, np.int64), place_of(zone)[0], "earliest")


def offset_minutes(zone: str) -> int | None:
    """Return how far a fixed zone is ahead of UTC, or None for one with rules.

    >>> offset_minutes("+05:30"), offset_minutes("EST"), offset_minutes("Europe/Athens")
    (330, -300, None)
    """
    found = OFFSET.fullmatch(zone)
    if found is None:
        return PLAIN.get(zone)
    minutes = int(found["hours"]) * 60 + int(found["minutes"] or 0)
    return -minutes if found["sign"] == "-" else minutes


def place_of(zone: str) -> tuple[str, int]:
    """Return the place whose clock a zone follows, and how far it is ahead of that in nanoseconds.

    >>> place_of("America/New_York+07:00"), place_of("Asia/Tokyo")
    (('America/New_York', 25200000000000), ('Asia/Tokyo', 0))
    """
    found = OFF_A_PLACE.fullmatch(zone)
    if found is None or "/" not in found["place"]:
        return zone, 0
    return found["place"], (offset_minutes(found["off"]) or 0) * MINUTE_NS


def to_utc(
    time: NDArray[np.int64], local: NDArray[np.bool_], zone: str, name: str
) -> tuple[NDArray[np.int64], list[Wrong]]:
    """Return times in UTC, of which the `local` ones show the clock of a zone, and the rows that cannot be.

    An hour that the clocks repeat is resolved by the order of the rows; one that they skip is wrong.
    """
    offset = offset_minutes(zone)
    if offset is not None:
        return (np.where(local, time - offset * MINUTE_NS, time) if offset else time), []
    rows = np.flatnonzero(local)
    place, ahead_ns = place_of(zone)
    clock = time[rows] - ahead_ns
    early, skipped = _zoned(clock, place, "earliest")
    late, _ = _zoned(clock, place, "latest")
    twice = np.flatnonzero(early != late)
    if len(twice):
        second = _second_pass(clock, twice)
        early[second] = late[second]
    found = time.copy()
    found[rows] = early
    if not skipped.any():
        return found, []
    say = "{} {} did not exist in {}: the clocks skipped it. Is this the right time_zone=?"
    bad = rows[skipped]
    return found, [Wrong("local_time", bad, lambda row: say.format(name, iso(time[row])[:-1], zone))]


def _second_pass(clock: NDArray[np.int64], twice: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return which rows of repeated hours are in the second of the two.

    Within a night the second pass begins where the clock falls back the most, or else where it shows a time
    again. Rows that run newest first are looked at from their end.
    """
    steps = np.diff(clock)
    if np.count_nonzero(steps < 0) > np.count_nonzero(steps > 0):
        turned = len(clock) - 1 - _second_pass(clock[::-1], (len(clock) - 1 - twice)[::-1])
        return turned[::-1]
    nights = clock[twice] // DAY_NS
    starts = np.flatnonzero(np.concatenate(([True], nights[1:] != nights[:-1])))
    second: list[NDArray[np.intp]] = []
    for rows in np.split(twice, starts[1:]):
        steps = np.diff(clock[rows])
        if len(steps) and steps.min() < 0:
            second.append(rows[int(np.argmin(steps)) + 1 :])
        else:
            second.append(rows[1:][steps == 0])
    return np.concatenate(second)


def _zoned(clock: NDArray[np.int64], zone: str, repeated: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return local times in UTC, and which of them the clocks skipped."""
    import polars as pl

    try:
        zoned = (
            pl.Series(clock)
            .cast(pl.Datetime("ns"))
            .dt.replace_time_zone(zone, ambiguous=repeated, non_existent="null")  # type: ignore[arg-type]
        )
    except pl.exceptions.PolarsError:
        raise UsageError(
            f"there is no time zone {zone!r}. Write it as 'America/New_York', as '-05:00' or as 'UTC'."
        ) from None
    skipped = zoned.is_null().to_numpy()
    return np.array(zoned.to_physical().fill_null(0).to_numpy()), skipped
