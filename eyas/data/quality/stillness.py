"""Look for stretches in which nothing happens: the same bar again and again, and bars without volume."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.place import plain
from eyas.data.quality.findings import Fact
from eyas.data.quality.prices import FEWEST, where
from eyas.data.quality.scan import Scan

if TYPE_CHECKING:
    from eyas.model import Bars

SHORTEST = 5
"""Equal bars that make a stretch at least."""
BY_CHANCE = 0.01


def stale(bars: Bars, found: Scan) -> Iterator[Fact]:
    """Find stretches in which the bar repeats, longer than chance explains where bars often repeat."""
    same = found.same[bars.open[found.same] == bars.open[found.same - 1]]
    if not len(same) or len(bars) < FEWEST:
        return
    share = len(same) / len(bars)
    chance = math.log(BY_CHANCE / len(bars)) / math.log(share) if share < 1 else math.inf
    shortest = max(SHORTEST, math.ceil(min(chance, len(bars) / 2)))
    breaks = np.flatnonzero(np.diff(same) > 1)
    firsts = same[np.concatenate(([0], breaks + 1))] - 1  # the bar that the others repeat
    lasts = same[np.concatenate((breaks, [len(same) - 1]))]
    long = lasts - firsts + 1 >= shortest
    firsts, lasts = firsts[long], lasts[long]
    at_end = bool(len(lasts)) and lasts[-1] == len(bars) - 1
    if at_end:
        row = int(firsts[-1])
        yield Fact(
            "stale_tail",
            int(lasts[-1]) - row + 1,
            row,
            int(bars.time[row]),
            f"the last {int(lasts[-1]) - row + 1:,} bars are all the same, first {where(bars, row)}: close "
            f"{plain(bars.close[row])}. So looks a feed that has died, or a share that is no longer traded: "
            "cut them off.",
        )
        firsts, lasts = firsts[:-1], lasts[:-1]
    if len(firsts):
        longest = int(np.max(lasts - firsts)) + 1
        row = int(firsts[0])
        yield Fact(
            "stale",
            int(np.sum(lasts - firsts + 1)),
            row,
            int(bars.time[row]),
            f"{len(firsts):,} {'stretch' if len(firsts) == 1 else 'stretches'} of up to {longest:,} equal "
            f"bars, first {where(bars, row)}: close {plain(bars.close[row])}. Nobody traded there, or the "
            "feed stood still: compare with another source.",
        )


def zero_volume(bars: Bars, found: Scan) -> Iterator[Fact]:
    """Find bars in which nothing was traded."""
    count = len(found.idle)
    if not count:
        return
    row = int(found.idle[0])
    if count == len(bars):
        yield Fact(
            "zero_volume",
            count,
            row,
            int(bars.time[row]),
            f"all {count:,} bars have a volume of 0. If the source knows no volumes, leave the column out.",
        )
        return
    yield Fact(
        "zero_volume",
        count,
        row,
        int(bars.time[row]),
        f"{count:,} of {len(bars):,} bars {'has' if count == 1 else 'have'} a volume of 0, first "
        f"{where(bars, row)}. Nothing could be traded there: orders in such bars would not have filled.",
    )
