"""Indicators that remember all of their past, one bar at a time, to the bits of those in whole columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.indicators import _arguments
from eyas.indicators._steps import NAN, Decay, Smooth, divided, larger, smaller
from eyas.indicators.channels import Trail
from eyas.timeframes import floor, following, parse

if TYPE_CHECKING:
    from eyas.timeframes import Session


class Ema:
    """Exponential average."""

    def __init__(self, period: int) -> None:
        period = _arguments.period(period)
        self.smooth = Smooth(period, 2 / (period + 1))
        self.has_begun = False

    def __call__(self, value: float) -> float:
        if not self.has_begun:
            if value != value:
                return NAN
            self.has_begun = True
        return self.smooth(value)


class Rsi:
    """Relative strength index."""

    def __init__(self, period: int) -> None:
        period = _arguments.period(period)
        self.rises, self.falls = Smooth(period, 1 / period), Smooth(period, 1 / period)
        self.before = NAN
        self.has_begun = False

    def __call__(self, value: float) -> float:
        change, self.before = value - self.before, value
        if not self.has_begun:
            self.has_begun = value == value
            return NAN
        rises, falls = self.rises(larger(change, 0.0)), self.falls(larger(-change, 0.0))
        changes = rises + falls
        return 0.0 if changes == 0 else rises * 100 / changes


class Macd:
    """Difference of two exponential averages, and its own average."""

    def __init__(self, fast: int, slow: int, signal: int) -> None:
        fast, slow = _arguments.period(fast, "fast"), _arguments.period(slow, "slow")
        signal = _arguments.period(signal, "signal")
        if fast >= slow:
            raise UsageError(f"fast must be below slow, but they are {fast} and {slow}")
        self.fast, self.slow = Smooth(fast, 2 / (fast + 1)), Smooth(slow, 2 / (slow + 1))
        self.signal = Smooth(signal, 2 / (signal + 1))
        self.apart, self.first_line, self.first_signal = slow - fast, slow - 1, slow + signal - 2
        self.count = 0

    def __call__(self, value: float) -> tuple[float, float, float]:
        if not self.count and value != value:
            return NAN, NAN, NAN
        count, self.count = self.count, self.count + 1
        slow = self.slow(value)
        fast = self.fast(value) if count >= self.apart else NAN
        line = fast - slow
        average = self.signal(line) if count >= self.first_line else NAN
        return (NAN, NAN, NAN) if count < self.first_signal else (line, average, line - average)


class Range:
    """Average true range, of bars from the first one on."""

    def __init__(self, period: int) -> None:
        self.smooth = Smooth(period, 1 / period)
        self.close: float | None = None

    def __call__(self, high: float, low: float, close: float) -> float:
        before, self.close = self.close, close
        return NAN if before is None else self.smooth(larger(high, before) - smaller(low, before))


class Atr:
    """Average true range, from the first bar that has all numbers on."""

    def __init__(self, period: int) -> None:
        self.range = Range(_arguments.period(period))
        self.has_begun = False

    def __call__(self, high: float, low: float, close: float) -> float:
        self.has_begun = self.has_begun or (high == high and low == low and close == close)
        return self.range(high, low, close) if self.has_begun else NAN


class Keltner:
    """Exponential average of the typical price, and average true ranges around it."""

    def __init__(self, period: int, ranges: float, atr_period: int) -> None:
        self.ranges = _arguments.width(ranges, "ranges")
        period, atr_period = _arguments.period(period), _arguments.period(atr_period, "atr_period")
        self.smooth, self.range = Smooth(period, 2 / (period + 1)), Range(atr_period)
        self.range_waits, self.smooth_waits = period - 1 - atr_period, atr_period - period + 1
        self.count = 0

    def __call__(self, high: float, low: float, close: float) -> tuple[float, float, float]:
        if not self.count and not (high == high and low == low and close == close):
            return NAN, NAN, NAN
        count, self.count = self.count, self.count + 1
        distance = self.range(high, low, close) if count >= self.range_waits else NAN
        middle = self.smooth((high + low + close) / 3) if count >= self.smooth_waits else NAN
        distance *= self.ranges
        if distance != distance:
            return NAN, NAN, NAN
        return middle + distance, middle, middle - distance


class Supertrend:
    """Bands of average true ranges, each held until a close is beyond it."""

    def __init__(self, period: int, ranges: float) -> None:
        self.ranges = _arguments.width(ranges, "ranges")
        self.atr = Atr(period)
        self.trail: Trail | None = None

    def __call__(self, high: float, low: float, close: float) -> tuple[float, float]:
        distance = self.atr(high, low, close)
        if self.trail is None:
            if distance != distance:
                return NAN, NAN
            self.trail = Trail()
        distance *= self.ranges
        middle = (high + low) / 2
        [line], [direction] = self.trail.follow([(middle + distance, middle - distance, close)])
        return line, direction


class Running:
    """A sum that loses a part at each value, from the sum of the first ones on."""

    def __init__(self, period: int) -> None:
        self.period = period
        self.first: list[float] = []
        self.decay: Decay | None = None

    def __call__(self, value: float) -> float:
        if self.decay is None:
            if len(self.first) < self.period - 1:
                self.first.append(value)
                return NAN
            seed = float(np.sum(np.array(self.first)))
            self.decay = Decay(1 - 1 / self.period, 1.0, seed)
        return self.decay(value)


class Adx:
    """Directional index and indicators."""

    def __init__(self, period: int) -> None:
        self.period = _arguments.period(period)
        self.ranges, self.rises, self.falls = (Running(self.period) for _ in range(3))
        self.before: tuple[float, float, float] | None = None
        self.first: list[float] = []
        self.decay: Decay | None = None
        self.index = NAN
        self.count = 0

    def __call__(self, high: float, low: float, close: float) -> tuple[float, float, float]:
        before = self.before
        if before is None:
            if high == high and low == low and close == close:
                self.before = high, low, close
            return NAN, NAN, NAN
        self.before = high, low, close
        true_range = larger(high, before[2]) - smaller(low, before[2])
        rise, fall = high - before[0], before[1] - low
        is_unknown = true_range + rise + fall != true_range + rise + fall
        ranges = self.ranges(true_range)
        rises = self.rises(NAN if is_unknown else rise if rise > fall and rise > 0 else 0.0)
        falls = self.falls(NAN if is_unknown else fall if fall > rise and fall > 0 else 0.0)
        self.count += 1
        if self.count < self.period:
            return NAN, NAN, NAN
        plus = 0.0 if ranges == 0 else rises / ranges * 100
        minus = 0.0 if ranges == 0 else falls / ranges * 100
        both = plus + minus
        return self.average(divided(abs(plus - minus), both) * 100, both != 0), plus, minus

    def average(self, value: float, counts: bool) -> float:
        """Return the index after a value, which may not count."""
        if self.decay is not None:
            if counts:
                self.index = self.decay(value)
            return self.index
        self.first.append(value if counts else 0.0)
        if len(self.first) == self.period:
            with np.errstate(all="ignore"):
                self.index = float(np.sum(np.array(self.first))) / self.period
            self.decay = Decay(1 - 1 / self.period, 1 / self.period, self.index)
        return self.index


class Obv:
    """Volume of rising bars less that of falling ones."""

    def __init__(self) -> None:
        self.total = self.before = NAN
        self.has_begun = False

    def __call__(self, close: float, volume: float) -> float:
        change, self.before = close - self.before, close
        if self.has_begun:
            sign = change if change != change else float((change > 0) - (change < 0))
            self.total += volume * sign
        elif close == close and volume == volume:
            self.has_begun = True
            self.total = volume
        return self.total


class AnchoredVwap:
    """Mean price weighted by volume since an interval began."""

    def __init__(self, timeframe: str, session: Session | None) -> None:
        parse(timeframe)
        self.timeframe, self.session = timeframe, session
        self.end: float = -math.inf
        self.paid = self.traded = 0.0

    def __call__(self, time: int, high: float, low: float, close: float, volume: float) -> float:
        paid = (high + low + close) / 3 * volume
        if time >= self.end:
            start = floor(time, self.timeframe, session=self.session)
            self.end = int(following(start, self.timeframe, session=self.session))
            self.paid, self.traded = paid, volume
        else:
            self.paid += paid
            self.traded += volume
        return divided(self.paid, self.traded)
