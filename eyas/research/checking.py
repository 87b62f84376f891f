"""Refuse, in a sentence, what is no number where numbers are asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports import Report


def numbers(name: str, values: Any) -> NDArray[np.float64]:
    """Return an array of floats, NaN among them, or raise UsageError.

    >>> numbers("returns", [1, 2])
    array([1., 2.])
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be numbers in even rows: {error}") from error


def number(name: str, value: Any) -> float:
    """Return one finite number as a float, or raise UsageError."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
        raise UsageError(f"{name} is {value!r}, but must be a finite number")
    return float(value)


def whole(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least `least`, or raise UsageError."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise UsageError(f"{name} is {value!r}, but must be a whole number of at least {least}")
    return int(value)


def random_of(seed: Any) -> np.random.Generator:
    """Return the random numbers of a seed: the same seed draws the same."""
    return np.random.default_rng(whole("seed", seed, 0))


def report_of(value: Any) -> Report:
    """Return the report of a backtest, or raise UsageError for anything else."""
    from eyas.reports import Report

    if not isinstance(value, Report):
        raise UsageError(f"report is {value!r}, but must be what eyas.backtest returns")
    return value
