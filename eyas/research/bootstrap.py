"""Draw rows again in blocks, so that what hangs together in time stays together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from eyas.errors import UsageError
from eyas.research.checking import number, numbers

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import ArrayLike, NDArray

Kind = Literal["stationary", "moving", "circular"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def resample(kind: Kind, count: int, length: float, random: Generator) -> NDArray[np.int64]:
    """Return `count` rows of 0 … count − 1, drawn in blocks of `length` rows.

    "stationary": blocks of random length, `length` on average, that wrap around (Politis and Romano 1994);
    "moving": blocks of one length that do not wrap (Künsch 1989); "circular": of one length, that wrap
    (Politis and Romano 1992). Raises UsageError for another kind, or a length that is not within the rows.

    >>> resample("moving", 6, 3, np.random.default_rng(0))
    array([3, 4, 5, 2, 3, 4])
    """
    if kind not in KINDS:
        raise UsageError(f"method is {kind!r}, but must be one of {', '.join(KINDS)}")
    check_length(length, count)
    if kind == "stationary":
        return stationary(count, length, random)
    return blocks(count, round(length), random, wraps=kind == "circular")


def stationary(count: int, length: float, random: Generator) -> NDArray[np.int64]:
    """Return rows of a stationary bootstrap: one row in `length` follows none."""
    starts = random.integers(count, size=count)
    begins = random.random(count) <= 1 / length
    begins[0] = True
    rows = np.arange(count)
    begun = np.maximum.accumulate(np.where(begins, rows, 0))
    found: NDArray[np.int64] = (starts[begun] + rows - begun) % count
    return found


def blocks(count: int, length: int, random: Generator, *, wraps: bool) -> NDArray[np.int64]:
    """Return rows of blocks of one length, of which the last may be cut."""
    starts = random.integers(count if wraps else count - length + 1, size=-(-count // length))
    rows = (starts[:, None] + np.arange(length)).ravel()[:count]
    found: NDArray[np.int64] = rows % count
    return found


def block_length(values: ArrayLike, kind: Kind = "stationary") -> float:
    """Return the block length that estimates the variance of a mean best, in rows, at least 1.

    By Politis and White (2004), corrected by Patton, Politis and White (2009): the flat-top window reaches
    twice as far as the first of max(5, ⌊log₁₀ n⌋) autocorrelations in a row that lie within
    ±2·√(log₁₀ n / n); the length is at most ⌈min(3·√n, n/3)⌉. Moving blocks are as long as circular ones.

    >>> round(block_length(np.sin(np.arange(200) / 9)), 1)
    16.5
    """
    if kind not in KINDS:
        raise UsageError(f"method is {kind!r}, but must be one of {', '.join(KINDS)}")
    column = numbers("values", values)
    count = column.size
    if column.ndim != 1 or count < 10 or not np.isfinite(column).all():
        raise UsageError("an optimal block length needs at least 10 finite numbers in a row")
    furthest = int(np.ceil(np.sqrt(count))) + max(5, int(np.log10(count)))
    covariance = autocovariance(column - column.mean(), min(furthest, count - 1))
    if covariance[0] <= 0:
        return 1.0
    reach = bandwidth(covariance, count)
    lags = np.arange(1, reach + 1)
    taper = np.clip(2 * (1 - lags / reach), 0, 1)
    slope = 2 * (taper * lags * covariance[1 : reach + 1]).sum()
    spectrum = covariance[0] + 2 * (taper * covariance[1 : reach + 1]).sum()
    constant = 2.0 if kind == "stationary" else 4 / 3
    most = np.ceil(min(3 * np.sqrt(count), count / 3))
    length = (2 * slope**2 / (constant * spectrum**2)) ** (1 / 3) * count ** (1 / 3)
    return float(min(max(1.0, length), most))


def autocovariance(centred: NDArray[np.float64], furthest: int) -> NDArray[np.float64]:
    """Return the autocovariances of lags 0 … furthest, each over the whole count."""
    count = len(centred)
    return np.array([centred[lag:] @ centred[: count - lag] / count for lag in range(furthest + 1)])


def bandwidth(covariance: NDArray[np.float64], count: int) -> int:
    """Return how many lags of the autocovariance are looked at."""
    furthest = len(covariance) - 1
    in_a_row = max(5, int(np.log10(count)))
    small = np.abs(covariance / covariance[0]) < 2 * np.sqrt(np.log10(count) / count)
    for lag in range(1, furthest - in_a_row + 1):
        if small[lag : lag + in_a_row].all():
            return min(2 * lag, furthest)
    return furthest


def check_length(length: float, count: int) -> None:
    """Refuse blocks shorter than a row or longer than all of them."""
    if not 1 <= number("block", length) <= count:
        raise UsageError(
            f"a block of {length:g} rows does not go into {count:,}: block must be 1 to {count:,}"
        )
