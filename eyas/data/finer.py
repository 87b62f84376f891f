"""Refuse finer bars that do not lie inside the bars that they are meant to say more about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.place import plain
from eyas.errors import DataError, UsageError
from eyas.model import iso
from eyas.timeframes import closes, length_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

NOISE = 1e-9  # of a price: what binary fractions may differ by; the kernel compares exactly


def check_finer(finer: Bars, whole: Bars, what: str) -> None:
    """Refuse finer bars of which none lies in a bar, or one reaches beyond the bar that it opens in.

    Those that open in no bar are left out by the run, since there may be more of them than bars.
    """
    owner = np.searchsorted(whole.time, finer.time, side="right") - 1
    ends = closes(whole)[np.maximum(0, owner)]
    inside = np.flatnonzero((owner >= 0) & (finer.time < ends))
    if not len(inside):
        raise UsageError(f"none of {what} lies in a bar: {finer!r} beside {whole!r}")
    late = inside[finer_closes(finer)[inside] > ends[inside]]
    if len(late):
        row = int(late[0])
        end = iso(ends[row])
        raise DataError(f"{named(finer, what, row)}: it ends after {end}, when the bar ends that it lies in")
    for name, sign, word in (("high", 1, "above"), ("low", -1, "below")):
        one, other = getattr(finer, name)[inside], getattr(whole, name)[owner[inside]]
        outside = inside[sign * (one - other) > NOISE * other]
        if len(outside):
            row = int(outside[0])
            values = plain(getattr(finer, name)[row]), plain(getattr(whole, name)[owner[row]])
            raise DataError(
                f"{named(finer, what, row)}: {name} {values[0]} is {word} the {name} {values[1]} of the bar "
                "it lies in"
            )


def finer_closes(finer: Bars) -> NDArray[np.int64]:
    """Return when each finer bar ends: one timeframe on, or, where nobody said it, surely no earlier."""
    steps = np.diff(finer.time)
    found = finer.time + (length_ns(finer.timeframe) or int(steps.min()))
    np.minimum(found[:-1], finer.time[1:], out=found[:-1])
    return found


def named(bars: Bars, what: str, row: int) -> str:
    """Return how a message calls a row: by its file, or as one of what it is."""
    is_file = bool(Path(bars.source).suffix)
    return f"{bars.source if is_file else what} row {row + 1} ({iso(bars.time[row])})"
