"""Orders known up front, as arrays: the way of an array strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Signals:
    """Say for every bar what to ask for in its decision: one value a bar, decided by that bar's close.

    `entries` is above 0 to open a long, below 0 to open a short, 0 for nothing; `exits` is true to
    close all tickets first. Sizes: `quantity`, `notional` or `fraction` of the free cash (1.0 when
    nothing is said); `stop_loss` and `take_profit` are fractions of the entry, NaN for none. These may
    be one number or one a bar. Orders are market orders. Raises UsageError for another length.
    """

    entries: ArrayLike
    exits: ArrayLike = False
    quantity: ArrayLike | None = None
    notional: ArrayLike | None = None
    fraction: ArrayLike | None = None
    stop_loss: ArrayLike | None = None
    take_profit: ArrayLike | None = None
    name: str = "Signals"

    def columns(self, count: int) -> dict[str, Any]:
        """Return the arrays as the kernel's pump takes them."""
        sizes = {"quantity": self.quantity, "notional": self.notional, "fraction": self.fraction}
        given = [(name, value) for name, value in sizes.items() if value is not None]
        if len(given) > 1:
            raise UsageError(
                f"give one of quantity, notional, fraction, not {' and '.join(n for n, _ in given)}"
            )
        size_name, size = given[0] if given else ("fraction", 1.0)
        return {
            "entries": directions("entries", self.entries, count),
            "exits": directions("exits", self.exits, count),
            "size_name": size_name,
            "sizes": column(size_name, size, count),
            "stop_loss": column("stop_loss", self.stop_loss, count),
            "take_profit": column("take_profit", self.take_profit, count),
        }


def column(name: str, values: ArrayLike | None, count: int) -> NDArray[np.float64]:
    """Return one float a bar, or one for all; None is NaN."""
    try:
        array = np.atleast_1d(np.asarray(np.nan if values is None else values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be numbers: {error}") from None
    return shaped(name, array, count)


def directions(name: str, values: ArrayLike, count: int) -> NDArray[np.int8]:
    """Return the sign of one value a bar, or of one for all."""
    array = np.atleast_1d(np.asarray(values))
    if array.dtype == np.bool_:
        return shaped(name, array.view(np.int8), count)
    if array.dtype != np.int8:
        numbers = column(name, array, count)
        if np.isnan(numbers).any():
            raise UsageError(f"{name} must be numbers: above 0, below 0 or 0")
        array = np.sign(numbers).astype(np.int8)
    return shaped(name, array, count)


def shaped(name: str, array: NDArray[Any], count: int) -> NDArray[Any]:
    """Return a contiguous column of the right length, or raise UsageError."""
    if array.shape not in ((count,), (1,)):
        raise UsageError(
            f"{name} has shape {array.shape} for {count} bars: give one value a bar, or one for all"
        )
    return np.ascontiguousarray(array)
