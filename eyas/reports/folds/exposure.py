"""How much of its equity a run held in the market over time, for the eye."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.reports.downsample import bucket_width, means

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

BUCKETS_MAX = 400


@dataclass(frozen=True, eq=False, slots=True)
class Exposure:
    """Hold long and short as fractions of equity, each the mean of `width` steps that begin at `time`.

    `most` is the largest sum of both at any step, `share_held` the share of known steps with anything held,
    `mean` the mean of that sum: of all known steps. `sentence` says why there is nothing, or is empty.
    """

    time: NDArray[np.int64]
    long: NDArray[np.float64]
    short: NDArray[np.float64]
    width: int = 1
    most: float = math.nan
    mean: float = math.nan
    share_held: float = math.nan
    sentence: str = ""


def exposure(frame: pl.DataFrame, buckets_max: int = BUCKETS_MAX) -> Exposure:
    """Return an exposure frame (columns time, long, short; null: not known) with at most so many rows."""
    time = frame["time"].to_physical().to_numpy()
    long, short = (_numbers(frame, name) for name in ("long", "short"))
    gross = long + short
    known = gross[np.isfinite(gross)]
    sentence = ""
    if not len(known):
        sentence = "What was held is not known: there are no bars, or equity was never above zero."
    elif not known.any():
        sentence = "Nothing was held at the end of any bar."
    elif np.any(time[1:] < time[:-1]):
        sentence = "The symbols ran one after the other, so there is no one line of time."
    if sentence:
        return Exposure(np.empty(0, np.int64), np.empty(0), np.empty(0), sentence=sentence)
    width = bucket_width(len(time), buckets_max)
    return Exposure(
        time=time[::width],
        long=means(long, width),
        short=means(short, width),
        width=width,
        most=float(known.max()),
        mean=float(known.mean()),
        share_held=float((known > 0).mean()),
    )


def _numbers(frame: pl.DataFrame, name: str) -> NDArray[np.float64]:
    found: NDArray[np.float64] = frame[name].fill_null(math.nan).to_numpy()
    return found
