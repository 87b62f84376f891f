"""Axes: which part of the numbers a picture shows, and the round ones that it names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.reports.folds.rounding import round_step
from eyas.reports.svg.text import axis_text

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TICKS = 5
LABELS_WIDE, LABELS_NARROW = 14, 7
HUGE = 1e300
"""Beyond it floats can no longer be subtracted and divided; who needs more can look at the table."""


class Tick(NamedTuple):
    """Name one place of an axis; `is_minor` ones are left off where a picture is narrow."""

    value: float
    text: str
    is_minor: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Axis:
    """Hold what an axis shows: from `low` to `high`, its ticks, its unit and what it is."""

    low: float
    high: float
    ticks: Sequence[Tick] = ()
    unit: str = "ratio"
    title: str = ""

    def share(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return how far along the axis values are: 0 is `low`, 1 is `high`; held to a little beyond."""
        found = np.clip(np.asarray(values, np.float64), -HUGE, HUGE)
        return np.clip((found - self.low) / (self.high - self.low), -1.0, 2.0)

    def value(self, share: float) -> float:
        """Return the value at a share of the axis; the inverse of `share`."""
        return self.low + share * (self.high - self.low)

    @property
    def base(self) -> float:
        """Where bars and areas stand: at zero, or at the end that is nearest to it."""
        return min(max(0.0, self.low), self.high)


def linear_axis(
    values: ArrayLike,
    unit: str = "ratio",
    *,
    include: Sequence[float] = (),
    ticks: int = TICKS,
    title: str = "",
) -> Axis:
    """Return an axis over all finite values, from one round number to another.

    `include` are values that are to be on it, such as zero. Without any values it goes from 0 to 1.

    >>> [tick.text for tick in linear_axis([0.013, 0.048], "rate", include=[0]).ticks]
    ['0 %', '1 %', '2 %', '3 %', '4 %', '5 %']
    """
    found = np.append(np.asarray(values, np.float64).reshape(-1), include)
    found = found[np.isfinite(found)]
    if not len(found):
        return Axis(0.0, 1.0, (), unit, title)
    low, high = max(-HUGE, float(found.min())), min(HUGE, float(found.max()))
    size = max(abs(low), abs(high))
    if size < 1e-290:
        low, high = 0.0, 0.01 if unit == "rate" else 1.0
    elif high - low <= 1e-9 * size:
        room = 0.05 * size
        low, high = low - room, high + room
    step = round_step((high - low) / ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = [Tick(number * step, axis_text(number * step, step, unit)) for number in range(first, last + 1)]
    return Axis(first * step, last * step, tuple(marks), unit, title)


def band_axis(names: Sequence[str], title: str = "") -> Axis:
    """Return an axis with a band for each name; the middle of the first is at 0, of the second at 1.

    Of many names every so-manieth is written, fewer where a picture is narrow.
    """
    count = len(names)
    wide, narrow = max(1, -(-count // LABELS_WIDE)), max(1, -(-count // LABELS_NARROW))
    # Those that stay on a narrow picture have to be among those of a wide one.
    narrow = -(-narrow // wide) * wide
    ticks = [Tick(float(place), names[place], place % narrow != 0) for place in range(0, count, wide)]
    return Axis(-0.5, max(count, 1) - 0.5, tuple(ticks), "name", title)
