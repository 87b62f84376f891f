"""Score trials over several stretches of bars that each had a run of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.sweep.figures import DONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eyas.research.measures import Objective


def pooled_scores(
    objective: Objective, stretches: Sequence[NDArray[np.void]], bars_per_year: float
) -> NDArray[np.float64]:
    """Return how good each trial is over all stretches, larger is better; NaN where a stretch failed.

    `stretches` are rows of TRIAL_DTYPE, a row a trial, in the same order. The Sharpe ratio is that of all
    bars' returns together, of a year; what grows with length is added up, and said of a year; any other
    figure is the mean of the stretches that have it, by bars.
    """
    if not stretches:
        return np.empty(0)
    table = np.stack(stretches)
    done = (table["status"] == DONE).all(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if objective.figure == "sharpe":
            count, total, squares = table["blocks"].sum(axis=(0, 2)).T
            variance = (squares - total**2 / count) / (count - 1)
            scores = np.where(variance > 0, total / count * np.sqrt(bars_per_year / variance), np.nan)
        else:
            values = table[objective.figure]
            weights = np.where(np.isfinite(values), table["bars"], 0.0)
            each = np.nan_to_num(values) * (bars_per_year if objective.grows else weights)
            scores = each.sum(axis=0) / weights.sum(axis=0)
    found: NDArray[np.float64] = np.where(done, objective.sign * scores, np.nan)
    return found
