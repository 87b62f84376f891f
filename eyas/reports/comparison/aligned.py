"""Curves of several runs on one calendar, so that they can be drawn over each other and correlated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.report import Report

DAY_NS = 86_400_000_000_000
DAYS_MIN = 10  # that two runs have in common, below which a correlation says nothing


@dataclass(frozen=True, eq=False, slots=True)
class Aligned:
    """Hold the equity of several runs at the end of each UTC day on which any of them has one.

    `time` is the beginning of the day (ns), `growth` has a row a day and a column a run: equity over the
    cash it began with, NaN before a run begins and after it ends.
    """

    time: NDArray[np.int64]
    growth: NDArray[np.float64]

    def returns(self) -> NDArray[np.float64]:
        """Return the daily returns, NaN where a run has none; a row less than there are days."""
        before = self.growth[:-1]
        found = np.full(before.shape, np.nan)
        np.divide(self.growth[1:] - before, before, out=found, where=before > 0)
        return found

    def drawdowns(self) -> NDArray[np.float64]:
        """Return the fall from the highest growth so far (0 or negative), the beginning counting as 1."""
        peak = np.fmax(np.fmax.accumulate(self.growth, axis=0), 1.0)
        return self.growth / peak - 1


def aligned(reports: Sequence[Report]) -> Aligned:
    """Return the curves of several runs on one calendar of days."""
    ends = [day_ends(report) for report in reports]
    days = np.unique(np.concatenate([found for found, _ in ends])) if ends else np.empty(0, np.int64)
    growth = np.full((len(days), len(reports)), np.nan)
    for place, (own, values) in enumerate(ends):
        rows = np.searchsorted(own, days, side="right") - 1
        inside = (rows >= 0) & (days <= own[-1])
        growth[inside, place] = values[rows[inside]]
    return Aligned(days * DAY_NS, growth)


def day_ends(report: Report) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the days of a run (since 1970) and its last equity of each, over the cash it began with.

    Instruments that ran one after the other make a curve whose time goes back: it is cut into its stretches,
    and of each day the last that ran counts.
    """
    days = report.time // DAY_NS
    order = np.argsort(days, kind="stable")
    days, values = days[order], report.curve[order]
    last = np.flatnonzero(np.append(days[1:] != days[:-1], True))
    return days[last], values[last] / report.summary.cash


def correlations(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how the daily returns of each pair of runs go together, -1 to 1; NaN where it cannot be said.

    Each pair over the days that both have; below ten of them, or where one never moves, it is NaN.
    """
    count = returns.shape[1]
    found = np.full((count, count), np.nan)
    for one in range(count):
        for other in range(one, count):
            found[one, other] = found[other, one] = correlation(returns[:, one], returns[:, other])
    return found


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return Pearson's correlation over the rows that both have."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < DAYS_MIN:
        return float("nan")
    first, second = one[both] - one[both].mean(), other[both] - other[both].mean()
    scale = np.sqrt((first @ first) * (second @ second))
    return float(np.clip(first @ second / scale, -1, 1)) if scale > 0 else float("nan")
