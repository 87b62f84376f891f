"""What can be found in market data, by name, and how grave each is unless a user says otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from eyas.errors import UsageError

Level: TypeAlias = Literal["pass", "warn", "fail"]
Levels: TypeAlias = "Mapping[str, Level | tuple[Level, float]]"

LEVELS: tuple[Level, ...] = ("pass", "warn", "fail")
"""From harmless to grave."""


class Gravity(NamedTuple):
    """Say how grave a finding is: `level` from `least` on (below 1: a share of the rows), else one less."""

    level: Level
    least: float = 0

    def of(self, count: int, rows: int) -> Level:
        """Return the level of a finding that was made `count` times in `rows` rows."""
        least = self.least * rows if self.least < 1 else self.least
        return self.level if count >= least else LEVELS[max(0, LEVELS.index(self.level) - 1)]


WARN = Gravity("warn")
HALF = Gravity("fail", 0.5)
"""Where half of the rows are gone, a run on the rest means nothing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe one kind of finding: what it is, and its gravity by default."""

    about: str
    gravity: Gravity = WARN


KINDS: dict[str, Kind] = {
    # The rows, as they were read from a file or a frame.
    "out_of_order": Kind("rows that stand after a later one; they are sorted in"),
    "duplicate": Kind("rows that say again what another row of the same time says; they are dropped"),
    "conflicting": Kind("rows of the same time with other values; the last one holds", Gravity("fail", 0.05)),
    "missing": Kind("rows without a price, a volume or a time (NaN, empty); they are left out", HALF),
    "not_a_number": Kind("rows with text where a number should be; they are left out", HALF),
    "not_above_zero": Kind("rows with a price of zero or below; they are left out", HALF),
    "too_large": Kind("rows with a price larger than any; they are left out", HALF),
    "ohlc": Kind("rows whose high is not the highest or whose low is not the lowest; left out", HALF),
    "volume": Kind("rows with a volume that cannot be; they are left out", HALF),
    "bad_time": Kind("rows whose time cannot be read; they are left out", HALF),
    "local_time": Kind("rows whose time the clocks skipped when summer time began; left out", HALF),
    "columns": Kind("rows with more values than the header has; they are left out", HALF),
    "given": Kind("rows with a given price that cannot be; they are left out", HALF),
    "funding": Kind("rows with a funding rate that cannot be; they are left out", HALF),
    "file": Kind("whole files that cannot be read; they are left out"),
    "rejected": Kind("rows left out for another reason", HALF),
    # The times.
    "timeframe": Kind("bars are not as far apart as the timeframe says"),
    "gaps": Kind("bars missing while the market was open"),
    "outside": Kind("bars while the market was closed"),
    "off_grid": Kind("bars that begin between the usual times"),
    "time_zone": Kind("times that look like those of another zone than UTC"),
    "stamp": Kind("times that look like when a bar closes, not when it opens"),
    # The prices and volumes.
    "near_zero": Kind("prices below a thousandth of the median, reached at once", Gravity("fail")),
    "spikes": Kind("prices that leave and come back at once, far beyond what is usual"),
    "jumps": Kind("moves far beyond what is usual that stay"),
    "splits": Kind("overnight moves by the ratio of a split, in prices that are not adjusted"),
    "zero_volume": Kind("bars in which nothing was traded"),
    "stale": Kind("stretches in which the same bar repeats"),
    "stale_tail": Kind("a stretch of the same bar at the very end"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one finding: its name, level, how often, where first, and a sentence that says what to do.

    `row` is that of the bar (0 is the first) and `time` when it opens, in nanoseconds UTC; both are None for
    rows of the source that are no bars, of which the sentence says where they are.
    """

    name: str
    level: Level
    count: int
    row: int | None
    time: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Hold what a check has found, before anybody judges it."""

    name: str
    count: int
    row: int | None
    time: int | None
    sentence: str

    def judged(self, gravities: Mapping[str, Gravity], rows: int) -> Finding:
        """Return the finding with its level."""
        level = gravities[self.name].of(self.count, rows)
        return Finding(self.name, level, self.count, self.row, self.time, self.sentence)


def gravities_of(levels: Levels | None) -> dict[str, Gravity]:
    """Return the gravity of every kind, with what a user sets: a level, or (level, from how many on).

    >>> gravities_of({"gaps": "fail", "zero_volume": ("warn", 0.01)})["zero_volume"]
    Gravity(level='warn', least=0.01)
    """
    found = {name: kind.gravity for name, kind in KINDS.items()}
    if levels is None:
        return found
    if not isinstance(levels, Mapping):
        raise UsageError(f'levels are {{"gaps": "fail", …}}, not {levels!r}')
    for name, level in levels.items():
        if name not in KINDS:
            near = difflib.get_close_matches(str(name), KINDS, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(KINDS)}"
            raise UsageError(f"there is no finding called {name!r}{hint}")
        found[name] = _gravity(name, level)
    return found


def _gravity(name: str, level: Any) -> Gravity:
    word, least = level if isinstance(level, tuple) and len(level) == 2 else (level, 0)
    if word not in LEVELS:
        raise UsageError(f"the level of {name} is {word!r}, but must be pass, warn or fail")
    if isinstance(least, bool) or not isinstance(least, int | float) or not least >= 0:
        raise UsageError(
            f"{name} counts from {least!r} on, but must from a number of bars, or a share below 1"
        )
    return Gravity(word, least)
