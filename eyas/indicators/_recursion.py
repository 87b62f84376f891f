"""Run a value that remembers: each is a part of the one before and a part of what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH = 64
"""Values in a block. Blocks start at fixed places, so more data later changes no earlier bit."""
BLOCKS = 1024
"""Blocks that are worked on at a time: 512 kB a buffer."""


def decay(
    values: NDArray[np.float64], keep: float, take: float, seed: float, result: NDArray[np.float64]
) -> None:
    """Write y[i] = keep * y[i - 1] + take * values[i] into `result`, where y before the first is `seed`.

    A loop in Python takes 60 ns a value; here a thousand blocks take each step together as if they
    had started from zero, and then add what the block before them has left, which fades by `keep`.
    `result` may be `values` itself.
    """
    fading = np.cumprod(np.full(LENGTH, keep))[:, np.newaxis]
    carry = seed
    for first in range(0, len(values), LENGTH * BLOCKS):
        part = values[first : first + LENGTH * BLOCKS]
        count = -(-len(part) // LENGTH)
        padded = np.zeros(count * LENGTH)
        np.multiply(part, take, out=padded[: len(part)])
        steps = np.ascontiguousarray(padded.reshape(count, LENGTH).T)
        for step in range(1, LENGTH):
            steps[step] += steps[step - 1] * keep
        carries = np.empty(count)
        for block, left in enumerate(steps[-1].tolist()):
            carries[block] = carry
            carry = float(fading[-1, 0]) * carry + left
        steps += fading * carries
        result[first : first + len(part)] = steps.T.reshape(-1)[: len(part)]


def smooth(values: NDArray[np.float64], period: int, take: float, result: NDArray[np.float64]) -> None:
    """Write a moving average that starts as the mean of the first `period` values into `result`.

    Places before the first mean become NaN. `result` may be `values` itself.
    """
    if len(values) < period:
        result[:] = np.nan
        return
    with np.errstate(all="ignore"):  # infinite values make NaN, without a warning
        seed = float(np.mean(values[:period]))
        result[: period - 1] = np.nan
        result[period - 1] = seed
        decay(values[period:], 1 - take, take, seed, result[period:])


def first_number(*columns: NDArray[np.float64]) -> int:
    """Return the first place where every column has a number; the length if there is none."""
    count = len(columns[0])
    if count and not any(np.isnan(values[0]) for values in columns):
        return 0
    known = ~np.isnan(columns[0])
    for values in columns[1:]:
        known &= ~np.isnan(values)
    return int(np.argmax(known)) if known.any() else count
