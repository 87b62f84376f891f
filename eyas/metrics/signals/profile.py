"""What the prices at which signals were closed say about the market they traded: the profile of P18."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from eyas.metrics.definition import Definition, Unit
from eyas.metrics.signals.definition import DAY_MS, SIGNAL_DEFINITIONS, SIGNALS_MIN, known

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Trend: TypeAlias = Literal["bullish", "bearish", "sideways", "neutral"]
CONFIDENCE_MIN = 0.30
"""A line that explains less of the prices is no trend."""

SLOPE_MIN = 0.25
"""A slope a day below so much of the usual step is no trend worth a name."""

GROUP = "Prices"
FEW = "there are fewer than 10 signals with a price"


@dataclass(frozen=True, slots=True)
class PriceProfile:
    """Hold how prices moved from one closing to the next; None for what is not known.

    `median_step_size` in percent; pressures, strengths and `trend_confidence` (R²) are 0–1,
    `pressure_imbalance` −1 to 1, `trend_strength` in percent a day.
    """

    median_step_size: float | None = None
    buyer_pressure: float | None = None
    seller_pressure: float | None = None
    buyer_strength: float | None = None
    seller_strength: float | None = None
    pressure_imbalance: float | None = None
    trend: Trend | None = None
    trend_strength: float | None = None
    trend_confidence: float | None = None


def price_profile(close_timestamp: ArrayLike, price_close: ArrayLike) -> PriceProfile:
    """Return the profile of the prices at which signals were closed, in order of their closing.

    `close_timestamp` in milliseconds. Rows without a price above zero are left out; below ten nothing is
    said, and nothing of a trend where all were closed at one moment.

    >>> day = 86_400_000.0
    >>> times = [day * number for number in range(1, 12)]
    >>> profile = price_profile(times, [1.01**number for number in range(11)])
    >>> profile.trend, round(profile.trend_strength, 4)
    ('bullish', 0.995)
    """
    time = np.asarray(close_timestamp, dtype=np.float64)
    price = np.asarray(price_close, dtype=np.float64)
    is_there = (price > 0) & (price < math.inf)
    time, price = time[is_there], price[is_there]
    if len(price) < SIGNALS_MIN:
        return PriceProfile()
    steps = np.diff(price) / price[:-1]
    median_step = float(np.median(np.abs(steps))) * 100
    ups, downs = int((steps > 0).sum()), int((steps < 0).sum())
    raised, lowered = float(steps[steps > 0].sum()), -float(steps[steps < 0].sum())
    slope, confidence = line_of((time - time[0]) / DAY_MS, np.log(price))
    return PriceProfile(
        median_step_size=known(median_step),
        buyer_pressure=share(ups, ups + downs),
        seller_pressure=share(downs, ups + downs),
        buyer_strength=share(raised, raised + lowered),
        seller_strength=share(lowered, raised + lowered),
        pressure_imbalance=share(raised - lowered, raised + lowered),
        trend=trend_of(slope, confidence, median_step),
        trend_strength=known(slope),
        trend_confidence=known(confidence),
    )


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole; None of nothing."""
    return known(part / whole) if whole > 0 else None


def line_of(days: NDArray[np.float64], log_price: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope in percent a day and R² of the least-squares line through prices; NaN at one moment."""
    x, y = days - days.mean(), log_price - log_price.mean()
    along = float((x * x).sum())
    if not along > 0 or days.max() == days.min():
        return math.nan, math.nan
    together, across = float((x * y).sum()), float((y * y).sum())
    is_flat = log_price.max() == log_price.min()
    # A price that never moved is explained by no line.
    explained = 0.0 if is_flat else together * together / (along * across)
    return (0.0 if is_flat else together / along * 100), min(1.0, max(0.0, explained))


def trend_of(slope: float, confidence: float, median_step: float) -> Trend | None:
    """Return the name of a trend by its slope a day and R²; None where there is no line.

    >>> trend_of(1.0, 0.29, 1.0), trend_of(0.2, 0.9, 1.0), trend_of(-0.25, 0.9, 1.0)
    ('sideways', 'neutral', 'bearish')
    """
    if math.isnan(slope):
        return None
    if confidence < CONFIDENCE_MIN:
        return "sideways"
    if abs(slope) < SLOPE_MIN * median_step:
        return "neutral"
    return "bullish" if slope > 0 else "bearish"


def define(name: str, label: str, unit: Unit, sentence: str, formula: str, none_when: str) -> None:
    """Add one of the profile's numbers, which are computed together, to the book of definitions."""
    SIGNAL_DEFINITIONS[name] = Definition(
        name=name,
        label=label,
        unit=unit,
        group=GROUP,
        higher_is_better=None,
        sentence=sentence,
        formula=formula,
        convention="Of the prices at which signals were closed, in order of closing.",
        source="lifecycle specification P18.",
        none_when=none_when,
    )


STILL = f"{FEW}, or the price never moved."
ONE_MOMENT = f"{FEW}, or all were closed at one moment."
STEP = "step = (price − price before) / price before"
define("median_step_size", "Median step", "percent", "How far the price moves from one closing to the next.",
       f"median of abs(step) · 100; {STEP}.", f"{FEW}.")  # fmt: skip
define("buyer_pressure", "Buyer pressure", "rate", "The share of the moves that went up.",
       "count of steps > 0 / count of steps ≠ 0.", STILL)  # fmt: skip
define("seller_pressure", "Seller pressure", "rate", "The share of the moves that went down.",
       "count of steps < 0 / count of steps ≠ 0.", STILL)  # fmt: skip
define("buyer_strength", "Buyer strength", "rate", "The share of the distance that went up.",
       "Σ of steps > 0 / Σ abs(step).", STILL)  # fmt: skip
define("seller_strength", "Seller strength", "rate", "The share of the distance that went down.",
       "abs(Σ of steps < 0) / Σ abs(step).", STILL)  # fmt: skip
define("pressure_imbalance", "Pressure imbalance", "ratio", "By how much the way up was the longer one.",
       "buyer strength − seller strength.", STILL)  # fmt: skip
define("trend", "Trend", "text", "Where prices went: bullish, bearish, sideways or neutral.",
       "sideways if R² < 0.30, neutral if abs(slope) < 0.25 · median step, else by the slope's sign.",
       ONE_MOMENT)  # fmt: skip
define("trend_strength", "Trend strength a day", "percent", "The slope of the line through prices.",
       "least-squares slope of ln(price) on days · 100.", ONE_MOMENT)  # fmt: skip
define("trend_confidence", "Trend confidence", "ratio", "How much of the prices the line explains.",
       "R² of the least-squares line; 0 where the price never moved.", ONE_MOMENT)  # fmt: skip
