"""Between which results a run lies, when a bar does not say what it touched first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Hold the final equity and the return of the worse and the better of the two paths inside bars.

    `ambiguous_bars` is on how many bars, at most, the outcome depended on the path that was assumed.
    """

    worst_equity: float
    best_equity: float
    worst_return: float
    best_return: float
    ambiguous_bars: int

    @property
    def sentence(self) -> str:
        """Say it in words."""
        if self.worst_equity == self.best_equity:
            return "The result does not depend on the path inside of bars."
        return (
            f"Depending on the path inside of bars ({self.ambiguous_bars:,} of them do not tell it), "
            f"equity at the end lies between {self.worst_equity:,.2f} and {self.best_equity:,.2f} "
            f"(return {self.worst_return:.2%} to {self.best_return:.2%})."
        )
