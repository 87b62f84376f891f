"""Run a value that remembers: each is a part of the one before and a part of what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas import model

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH = 64
"""Values in a block of `decay`."""


def decay(
    values: NDArray[np.float64], keep: float, take: float, seed: float, result: NDArray[np.float64]
) -> None:
    """Write y[i] = keep * y[i - 1] + take * values[i] into `result`, where y before the first is `seed`.

    Blocks of 64 values take each step together as if they had started from zero, and then add what the block
    before them has left, which fades by `keep` (kernel/python/src/windows.rs). Blocks start at fixed places,
    so more data later changes no earlier bit. `result` may be `values` itself.
    """
    model.decay(np.ascontiguousarray(values), keep, take, seed, result)


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
