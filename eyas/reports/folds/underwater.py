"""How far equity was below its highest, for the eye, and the deepest of its falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.drawdowns import Drawdown, worst_drawdowns
from eyas.reports.downsample import lowest_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.curve import Curve

POINTS_MAX = 800


@dataclass(frozen=True, eq=False, slots=True)
class Underwater:
    """Hold the fall from the highest so far at each `time`: `depth` is a fraction, 0 or negative.

    `row` says which of the known equities each is of: of long curves the deepest of each bucket is left.
    `worst` are the deepest falls of all rows, deepest first. `sentence` says why there is nothing, or is
    empty.
    """

    time: NDArray[np.int64]
    depth: NDArray[np.float64]
    row: NDArray[np.intp]
    worst: list[Drawdown]
    sentence: str = ""


def underwater(curve: Curve, count: int = 10, points_max: int = POINTS_MAX) -> Underwater:
    """Return the falls of a curve from its highest so far, the opening counting as one."""
    sentence = ""
    if not len(curve.known_time):
        sentence = "There is no equity."
    elif not curve.falls.is_known:
        sentence = "Equity was not above zero at the start, so that no fall is a fraction of it."
    elif not len(curve.falls.depths):
        sentence = "Equity never fell below its highest."
    if sentence:
        return Underwater(np.empty(0, np.int64), np.empty(0), np.empty(0, np.intp), [], sentence)
    depth = -curve.falls.series[len(curve.falls.values) - len(curve.known_time) :]
    rows = lowest_rows(depth, points_max)
    return Underwater(curve.known_time[rows], depth[rows], rows, worst_drawdowns(curve, count))
