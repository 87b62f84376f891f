"""Search a stretch of bars, the same way each time, and say of each trial what it was and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from eyas.sweep import sweep
from eyas.sweep.ground import sorted_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from eyas.strategy import Strategy
    from eyas.sweep import Sweep


# The words of `eyas.sweep` that say how to search; what is none of them, and no parameter, is a rule.
OF_A_SEARCH = ("where", "search", "trials", "seed", "constraints", "engine", "workers", "cluster", "storage")


class Words(NamedTuple):
    """Hold the words of a study: parameters of the strategy, how to search, and rules of the market."""

    parameters: dict[str, Any]
    searching: dict[str, Any]
    rules: dict[str, Any]

    @classmethod
    def of(cls, strategy: Strategy | type[Strategy], words: Mapping[str, Any]) -> Words:
        """Tell the words apart; raises UsageError for what is none of them."""
        found = cls({}, {}, {})
        for name, value in words.items():
            declared = name in strategy.parameters_declared
            kind = found.parameters if declared else found.searching if name in OF_A_SEARCH else found.rules
            kind[name] = value
        owner = strategy if isinstance(strategy, type) else type(strategy)
        sorted_out(owner, {**found.parameters, **found.rules})  # refuses what is neither
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """Hold a search: a row for each trial, how good it was (larger is better), the best's place."""

    sweep: Sweep
    rows: NDArray[np.void]
    scores: NDArray[np.float64]
    best: int | None
    interrupted: bool

    def parameters(self, place: int) -> dict[str, Any]:
        """Return the parameters of a trial, by its place among the rows."""
        return dict(self.sweep.parameters(int(self.sweep.numbers[place])))


def search(
    strategy: Strategy | type[Strategy], given: Mapping[str, Any], options: Mapping[str, Any]
) -> Searched:
    """Search as the options of `eyas.sweep` say over bars (and finer bars) that are given."""
    found = sweep(strategy, given["bars"], finer=given["finer"], **options)
    best = int(found.ranked[0]) if len(found.ranked) else None
    return Searched(found, found.rows, found.scores, best, found.interrupted)
