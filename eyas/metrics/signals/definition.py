"""The statistics of closed signals: their gates, and the book of their definitions.

Names, formulas and gates are those of the lifecycle specification §P; percentages are numbers 0–100 there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from eyas.metrics.definition import Definition, Unit, metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGNALS_MIN = 10
"""Below so many signals a spread says nothing (MIN_SIGNALS)."""

DAYS_MIN = 14
"""Below so many days a year cannot be extrapolated (MIN_SPAN)."""

TRADES_PER_YEAR_MAX = 365
"""More than a trade a day on average was a burst, not a habit (MAX_TRADES_PER_YEAR)."""

YEARLY_MAX = 100.0
"""A year of more percent than that, up or down, is not believed (MAX_EXPECTED_YEARLY)."""

CLAMP = 1000.0
"""Ratios to a drawdown are cut off there, either way."""

EPS = 1e-9
"""A spread or a loss up to that is the rounding of floats."""

DAY_MS = 86_400_000.0
MINUTE_MS = 60_000.0

SIGNAL_DEFINITIONS: dict[str, Definition] = {}
Function = TypeVar("Function", bound=Callable[..., object])


def statistic(
    label: str, unit: Unit, *, group: str, higher_is_better: bool | None = None
) -> Callable[[Function], Function]:
    """Make a function a statistic of closed signals, by its own name."""
    return metric(label, unit, group=group, higher_is_better=higher_is_better, among=SIGNAL_DEFINITIONS)


def mean(values: NDArray[np.float64]) -> float:
    """Return the mean; NaN of none."""
    return float(values.mean()) if len(values) else math.nan


def known(value: float) -> float | None:
    """Return a number, or None for what is not one.

    >>> known(1.5), known(math.inf), known(math.nan)
    (1.5, None, None)
    """
    return value if math.isfinite(value) else None
