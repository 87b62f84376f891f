"""Take one value at a time through what `_recursion` and `_windows` do to whole columns, to the same bits.

Each step does the additions that the whole does for its newest place, in the same order: a recursion holds
its place in a block, a window the folds of the last 1, 2, 4, 8 … values. So a step costs the same however
long the history is.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from eyas.indicators._recursion import LENGTH

NAN = math.nan
Part = TypeVar("Part")


class Decay:
    """Run y = keep * y + take * value from a seed, as `_recursion.decay` does."""

    __slots__ = ("carry", "fading", "keep", "local", "place", "take")

    def __init__(self, keep: float, take: float, seed: float) -> None:
        self.keep, self.take, self.carry = keep, take, seed
        self.fading = np.cumprod(np.full(LENGTH, keep)).tolist()
        self.place, self.local = 0, 0.0

    def __call__(self, value: float) -> float:
        place, new = self.place, value * self.take
        self.local = local = new if place == 0 else new + self.local * self.keep
        result: float = local + self.fading[place] * self.carry
        if place == LENGTH - 1:
            self.carry, self.place = result, 0
        else:
            self.place = place + 1
        return result


class Smooth:
    """Average as `_recursion.smooth` does: the mean of the first values, then a part of each new one."""

    __slots__ = ("decay", "first", "period", "take")

    def __init__(self, period: int, take: float) -> None:
        self.period, self.take = period, take
        self.first: list[float] = []
        self.decay: Decay | None = None

    def __call__(self, value: float) -> float:
        if self.decay is not None:
            return self.decay(value)
        self.first.append(value)
        if len(self.first) < self.period:
            return NAN
        with np.errstate(all="ignore"):
            seed = float(np.mean(np.array(self.first)))
        self.decay = Decay(1 - self.take, self.take, seed)
        self.first = []
        return seed


class Fold(Generic[Part]):
    """Fold the window of the last `period` values as `_windows.fold` does, from parts of powers of two."""

    __slots__ = ("join", "levels", "period", "pieces")

    def __init__(self, period: int, join: Callable[[Part, int, Part, int], Part]) -> None:
        self.period, self.join = period, join
        # For each power of two: its folds that a longer window still needs, the newest last.
        self.levels: list[tuple[int, deque[Part]]] = []
        # The powers of two that make up the period, and how far back each one ends; oldest first.
        self.pieces: list[tuple[int, int, int]] = []
        covered, length, level = 0, 1, 0
        while length <= period:
            if period & length:
                covered += length
                self.pieces.append((level, length, period - covered))
            back = max(length, period - covered if period & length else 0)
            self.levels.append((length, deque(maxlen=back + 1)))
            length, level = length * 2, level + 1

    def __call__(self, value: Part) -> Part | None:
        """Return the fold of the window that ends with a value; None while there are too few."""
        part: Part | None = value
        below: deque[Part] | None = None
        for length, folds in self.levels:
            if below is not None:
                # Half of a window is what its newest half was half a window ago.
                half = length // 2
                if len(below) <= half:
                    break
                part = self.join(below[-1 - half], half, below[-1], half)
            assert part is not None
            folds.append(part)
            below = folds
        whole: Part | None = None
        covered = 0
        for level, length, back in self.pieces:
            folds = self.levels[level][1]
            if len(folds) <= back:
                return None
            piece = folds[-1 - back]
            whole = piece if whole is None else self.join(whole, covered, piece, length)
            covered += length
        return whole


class Extreme:
    """Pick the largest or smallest of the last `period` values, as `_windows.extreme` does."""

    __slots__ = ("levels", "period", "pick")

    def __init__(self, period: int, pick: Callable[[float, float], float]) -> None:
        self.period, self.pick = period, pick
        self.levels: list[tuple[int, deque[float]]] = []
        length = 1
        while length * 2 <= period:
            self.levels.append((length, deque(maxlen=length + 1)))
            length *= 2
        self.levels.append((length, deque(maxlen=period - length + 1)))

    def __call__(self, value: float) -> float:
        part = value + 0.0  # a zero has no sign here
        below: deque[float] | None = None
        for length, folds in self.levels:
            if below is not None:
                half = length // 2
                if len(below) <= half:
                    return NAN
                part = self.pick(below[-1 - half], below[-1])
            folds.append(part)
            below = folds
        assert below is not None
        back = self.period - self.levels[-1][0]
        return self.pick(below[-1 - back], below[-1]) if len(below) > back else NAN


def larger(one: float, other: float) -> float:
    """Return the larger of two, NaN if one of them is, as np.maximum does."""
    return one if one >= other or one != one else other


def smaller(one: float, other: float) -> float:
    """Return the smaller of two, NaN if one of them is, as np.minimum does."""
    return one if one <= other or one != one else other


def divided(one: float, other: float) -> float:
    """Return a quotient as numpy has it: by zero it is infinite, or NaN."""
    if other:
        return one / other
    if one == 0 or one != one or other != other:
        return NAN
    return math.copysign(math.inf, one) * math.copysign(1.0, other)
