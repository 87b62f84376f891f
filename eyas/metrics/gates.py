"""What a curve is too short to say: the gates below which a figure is n/a in a report, and not a number."""

from __future__ import annotations

import math
from collections.abc import Iterable

from eyas.metrics.curve import DAY_NS, YEAR_NS, Curve

ANNUAL_FROM_DAYS = 30
"""As in a Summary: a year cannot be extrapolated from less."""

RETURNS_MIN = 10
"""Below so many returns they have no spread that could be relied on; as the trades' own gate."""

SHAPE_MIN = 20
"""Below so many returns they have no tails and no shape: not one of them would be the worst twentieth."""

MONTHS_MIN, CAPTURE_MIN = 3, 3
"""Below so many months gains are not held against losses, below so many months that rose (or fell) returns
not against those of a benchmark."""

SPACING_DAYS_MAX: dict[str, int] = {"day": 2, "month": 32, "year": 367}
"""Rows further apart than that (in the median) do not say what happened in a day, a month or a year."""

LENGTH_DAYS_MIN: dict[str, int] = {"day": 2, "month": 56, "year": 720}
"""Two days, two months, two years (two of an exchange begin and end some days within the calendar's): a
shorter curve has a part of one as its best and its worst."""

YEARLY = (
    "annual_return",
    "annual_return_252",
    "annual_return_365",
    "volatility",
    "downside_deviation",
    "sharpe",
    "sortino",
    "calmar",
    "ulcer_performance",
    "alpha",
    "tracking_error",
    "information_ratio",
    "active_return",
)
"""Figures that are scaled to a year."""

SPREADS = (
    "volatility",
    "downside_deviation",
    "sharpe",
    "sortino",
    "omega",
    "beta",
    "alpha",
    "correlation",
    "r_squared",
    "tracking_error",
    "information_ratio",
)
"""Figures of how returns scatter, or go along with others."""

SHAPES = (
    "value_at_risk_historic",
    "value_at_risk_normal",
    "conditional_value_at_risk_historic",
    "conditional_value_at_risk_normal",
    "skew",
    "kurtosis",
    "tail_ratio",
)
"""Figures of tails and of shape."""


def is_long_enough(years: float) -> bool:
    """Whether a stretch is so long that what it says may be scaled to a year."""
    return years * YEAR_NS >= ANNUAL_FROM_DAYS * DAY_NS


def silent(names: Iterable[str], years: float, returns: int) -> dict[str, float]:
    """Return NaN for those of some figures that so short a stretch, or so few returns, cannot say."""
    kept: list[str] = []
    kept += () if is_long_enough(years) else YEARLY
    kept += () if returns >= RETURNS_MIN else SPREADS
    kept += () if returns >= SHAPE_MIN else SHAPES
    return {name: math.nan for name in names if name in kept}


def says(curve: Curve, span: str) -> bool:
    """Whether a curve has rows enough to tell what happened in a day, a month or a year."""
    daily = curve.by_day()
    if len(daily) < 2:
        return len(curve) > 1
    return daily.spacing_ns <= SPACING_DAYS_MAX[span] * DAY_NS


def has_spans(curve: Curve, span: str) -> bool:
    """Whether a curve tells of days, months or years, and is as long as two of them."""
    daily = curve.by_day()
    # A row of a day or more lasts as long as rows do; one of several a day ends with the day.
    last = daily.spacing_ns if len(daily) == len(curve) > 1 else 0.0
    length = curve.years * YEAR_NS + last
    # The years are a quotient: a nanosecond of a day is no matter.
    return says(curve, span) and length >= LENGTH_DAYS_MIN[span] * DAY_NS - 1_000
