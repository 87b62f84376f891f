"""Indicators of windows, one bar at a time, to the bits of those in whole columns."""

from __future__ import annotations

import math

from eyas.indicators import _arguments
from eyas.indicators._steps import NAN, Extreme, Fold, divided, larger, smaller
from eyas.indicators.averages import add, add_weighted
from eyas.indicators.bands import add_deviations

Sums = tuple[float, ...]


class Sma:
    """Mean of the last values."""

    def __init__(self, period: int) -> None:
        self.period = _arguments.period(period)
        self.fold: Fold[Sums] = Fold(self.period, add)  # type: ignore[arg-type]

    def __call__(self, value: float) -> float:
        sums = self.fold((value,))
        return NAN if sums is None else sums[0] / self.period


class Wma:
    """Weighted mean of the last values."""

    def __init__(self, period: int) -> None:
        period = _arguments.period(period)
        self.fold: Fold[Sums] = Fold(period, add_weighted)  # type: ignore[arg-type]
        self.weights = period * (period + 1) / 2

    def __call__(self, value: float) -> float:
        sums = self.fold((value, value))
        return NAN if sums is None else sums[1] / self.weights


class Bollinger:
    """Mean of the last values, and bands around it."""

    def __init__(self, period: int, deviations: float) -> None:
        self.period = _arguments.period(period)
        self.deviations = _arguments.width(deviations, "deviations")
        self.fold: Fold[Sums] = Fold(self.period, add_deviations)  # type: ignore[arg-type]

    def deviation(self, value: float) -> tuple[float, float]:
        """Return the mean and the standard deviation."""
        sums = self.fold((value, value - value))
        if sums is None:
            return NAN, NAN
        return sums[0] / self.period, math.sqrt(sums[1] / self.period)

    def __call__(self, value: float) -> tuple[float, float, float]:
        middle, distance = self.deviation(value)
        distance *= self.deviations
        return middle + distance, middle, middle - distance


class Stdev(Bollinger):
    """Standard deviation of the last values."""

    def __init__(self, period: int) -> None:
        super().__init__(period, 0)

    def __call__(self, value: float) -> float:  # type: ignore[override]
        return self.deviation(value)[1]


class Highest(Extreme):
    """Highest of the last values."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(_arguments.period(period), larger)


class Lowest(Extreme):
    """Lowest of the last values."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(_arguments.period(period), smaller)


class Donchian:
    """Highest high and lowest low of the last bars, and what is between."""

    def __init__(self, period: int) -> None:
        self.highest, self.lowest = Highest(period), Lowest(period)

    def __call__(self, high: float, low: float) -> tuple[float, float, float]:
        upper, lower = self.highest(high), self.lowest(low)
        return upper, (upper + lower) / 2, lower


class Stochastic:
    """Where the close lies in the range of the last bars, averaged twice."""

    def __init__(self, period: int, slowing: int, signal: int) -> None:
        self.slow, self.average = Sma(slowing), Sma(signal)
        self.highest, self.lowest = Highest(period), Lowest(period)
        self.waiting = self.highest.period + self.slow.period + self.average.period - 3
        self.has_begun = False

    def __call__(self, high: float, low: float, close: float) -> tuple[float, float]:
        top, bottom = self.highest(high), self.lowest(low)
        width = (top - bottom) / 100
        place = 0.0 if width == 0 else divided(close - bottom, width)
        slow = self.slow(place)
        average = self.average(slow)
        self.has_begun = self.has_begun or (high == high and low == low and close == close)
        if not self.has_begun:
            return NAN, average
        if self.waiting:
            self.waiting -= 1
            return NAN, average
        return slow, average


class FastStochastic(Stochastic):
    """Where the close lies in the range of the last bars, averaged once."""

    def __init__(self, period: int, signal: int) -> None:
        super().__init__(period, 1, signal)


class Vwap:
    """Mean price of the last bars, weighted by volume."""

    def __init__(self, period: int) -> None:
        period = _arguments.period(period)
        self.paid: Fold[Sums] = Fold(period, add)  # type: ignore[arg-type]
        self.traded: Fold[Sums] = Fold(period, add)  # type: ignore[arg-type]

    def __call__(self, high: float, low: float, close: float, volume: float) -> float:
        price = (high + low + close) / 3
        paid = self.paid((price * volume,))
        traded = self.traded((volume + (price - price),))
        return NAN if paid is None or traded is None else divided(paid[0], traded[0])
