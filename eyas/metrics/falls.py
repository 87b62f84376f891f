"""Where an equity curve was below its highest so far."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

from eyas.metrics.sample import NOTHING, finite

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Equity: TypeAlias = Union["ArrayLike", "Falls"]


@dataclass(frozen=True, eq=False)
class Falls:
    """Hold finite equities, and where they were below their highest so far. Make one with `falls_of`."""

    values: NDArray[np.float64]

    @property
    def is_known(self) -> bool:
        """Whether there is an equity above zero to fall from."""
        return len(self.values) > 0 and bool(self.values[0] > NOTHING)

    @cached_property
    def series(self) -> NDArray[np.float64]:
        """How far each is below the highest so far, as a fraction of it; NaN where there is none above 0."""
        if not self.is_known:
            return np.full(len(self.values), math.nan)
        highest = np.maximum.accumulate(self.values)
        found = np.subtract(highest, self.values)
        return np.divide(found, highest, out=found)

    @cached_property
    def stretches(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """First row of each stretch below the highest so far, and the row after its last."""
        under = np.zeros(len(self.values) + 1, np.int8)
        if self.is_known:
            np.greater(self.series, 0, out=under[:-1].view(np.bool_))
        # Nothing is below the first value, and an end is put behind the last.
        changes = np.flatnonzero(under[1:] != under[:-1]) + 1
        return changes[0::2], changes[1::2]

    @cached_property
    def depths(self) -> NDArray[np.float64]:
        """Depth of each stretch, as a fraction of the highest before it."""
        starts, _ = self.stretches
        return np.maximum.reduceat(self.series, starts) if len(starts) else np.empty(0)


def falls_of(equity: Equity) -> Falls:
    """Return where an equity curve was below its highest; Falls are taken as they are."""
    return equity if isinstance(equity, Falls) else Falls(finite(equity))
