"""Check what an indicator was given."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def column(values: ArrayLike, name: str = "values") -> NDArray[np.float64]:
    """Return values as one column of float64, copied only where its type or layout demands it."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be numbers, one for each bar: {error}") from None
    if array.ndim != 1:
        raise UsageError(f"{name} must have one dimension, a number for each bar, not {array.shape}")
    # As the kernel reads columns.
    return array if array.flags.c_contiguous and array.flags.aligned else array.copy()


def same_length(**columns: NDArray[np.float64]) -> None:
    """Raise UsageError unless all columns have a value for the same bars."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise UsageError(f"the columns must have the same length, but have {listed}")


def columns(**given: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Return several columns of float64, one value of each for every bar."""
    arrays = {name: column(values, name) for name, values in given.items()}
    same_length(**arrays)
    return tuple(arrays.values())


def period(value: Any, name: str = "period") -> int:
    """Return a number of bars, at least 1."""
    try:
        bars = operator.index(value)
    except TypeError:
        bars = 0
    if isinstance(value, bool | np.bool_) or bars < 1:
        raise UsageError(f"{name} must be a whole number of bars, at least 1, not {value!r}")
    return bars


def width(value: Any, name: str) -> float:
    """Return a finite number that is not negative."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < float("inf"):
        raise UsageError(f"{name} must be a finite number, at least 0, not {value!r}")
    return number
