"""Many values of one figure, beside the one that really came about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eyas.research.measures import text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAND = (5.0, 25.0, 50.0, 75.0, 95.0)


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Hold the values of a figure over many runs (NaN: it could not be said), and the actual one.

    Of what is better the less there is, scores are the opposite: `sign` is −1, and texts have the true sign.
    """

    figure: str
    values: NDArray[np.float64]
    actual: float = math.nan
    sign: float = 1.0

    HEAD: ClassVar[tuple[str, ...]] = ("figure", "actual", "5 %", "25 %", "50 %", "75 %", "95 %")
    HEAD_ALONE: ClassVar[tuple[str, ...]] = ("figure", *HEAD[2:])

    @property
    def known(self) -> NDArray[np.float64]:
        """Values that could be said."""
        found: NDArray[np.float64] = self.values[~np.isnan(self.values)]
        return found

    def percentile(self, share: float) -> float:
        """Return the least value that `share` percent of the values are not above; NaN where there are none.

        It is always one of the values, so that those without end do no harm.
        """
        ordered = np.sort(self.known)
        if not len(ordered):
            return math.nan
        return float(ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)])

    @property
    def rank(self) -> float:
        """Share of the values that the actual one is above, equals counting half; NaN where unknown."""
        if math.isnan(self.actual) or not len(self.known):
            return math.nan
        below, equal = (self.known < self.actual).mean(), (self.known == self.actual).mean()
        return float(below + equal / 2)

    def as_row(self, *, alone: bool = False) -> tuple[str, ...]:
        """Return the figure's name, its actual value (if it is not alone) and its percentiles as text."""
        shown = [text_of(self.figure, self.sign * self.percentile(share)) for share in BAND]
        actual = () if alone else (text_of(self.figure, self.sign * self.actual),)
        return (self.figure.replace("_", " "), *actual, *shown)

    def __repr__(self) -> str:
        low, middle, high = (text_of(self.figure, self.percentile(share)) for share in (5, 50, 95))
        return f"<Distribution of {self.figure}: {low} … {middle} … {high}, {len(self.values):,} runs>"
