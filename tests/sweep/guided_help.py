"""What the tests of the guided search share: a strategy, a space, and an executor of this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import eyas
from eyas.indicators import sma
from eyas.model import Bars
from eyas.sweep.axes import between
from eyas.sweep.figures import blank_rows
from eyas.sweep.guided import Guided, Settings, Told, guide
from eyas.sweep.guided_shared import Found
from eyas.sweep.objective import aim_of
from eyas.sweep.space import Space
from eyas.sweep.work import Rows


class Cross(eyas.Strategy):
    fast: int = 10
    slow: int = 60
    share: float = 0.5
    kind: str = "plain"

    def signals(self, bars: Bars) -> eyas.Signals:
        if self.fast == 13:
            raise eyas.UsageError("thirteen is unlucky")
        above = sma(bars.close, self.fast) > sma(bars.close, self.slow)
        return eyas.Signals(entries=above, exits=~above, fraction=self.share)


AXES: dict[str, Any] = {"fast": range(5, 25), "slow": range(30, 130)}


def space_of(where: Callable[[Any], object] | None = None, **axes: Any) -> Space:
    return Space("Cross", Cross.parameters_declared, axes or AXES, where)


Function = Callable[[Mapping[str, Any]], float]


def hill(parameters: Mapping[str, Any]) -> float:
    """Be highest at 12 and 88."""
    return -(((parameters["fast"] - 12) / 20) ** 2) - ((parameters["slow"] - 88) / 100) ** 2


class Pretend:
    """Run trials that come to a function of their parameters; `order` says which of those under way is next.

    `status` and `sharpe` are of the row; every call is kept in `ran`.
    """

    def __init__(
        self, function: Function = hill, workers: int = 2, order: Callable[[int], int] | None = None
    ) -> None:
        self.function = function
        self.workers = workers
        self.order = order or (lambda count: 0)
        self.under_way: deque[tuple[int, Sequence[Mapping[str, Any]]]] = deque()
        self.ran: list[dict[str, Any]] = []

    def submit(self, number: int, parameters: Sequence[Mapping[str, Any]]) -> None:
        self.under_way.append((number, parameters))

    def results(self) -> Iterator[tuple[int, Rows]]:
        while self.under_way:
            self.under_way.rotate(-self.order(len(self.under_way)))
            number, chunk = self.under_way.popleft()
            self.ran += [dict(one) for one in chunk]
            yield number, self.rows(chunk)

    def rows(self, chunk: Sequence[Mapping[str, Any]]) -> Rows:
        rows = blank_rows(len(chunk), 0)
        messages = {}
        for place, parameters in enumerate(chunk):
            if parameters.get("fast") == 13:
                rows[place]["status"] = 1
                messages[place] = "thirteen is unlucky"
                continue
            rows[place]["sharpe"] = self.function(parameters)
            rows[place]["trades"] = parameters.get("fast", 0)
            rows[place]["max_drawdown"] = parameters.get("slow", 0) / 1_000
        return Rows(rows, messages, np.empty((len(chunk), 0)), 0.0)

    def close(self) -> None:
        self.under_way.clear()


def search(
    executor: Pretend,
    settings: Settings,
    space: Space | None = None,
    objective: Any = "sharpe",
    constraints: Any = (),
    known: Mapping[str, Found] | None = None,
) -> list[Told]:
    """Search to the end, and return the trials in order of their numbers."""
    from eyas.sweep.guided_axes import key_of

    guided = Guided(space or space_of(), aim_of(objective, constraints), settings, executor.workers)
    store = known or {}
    try:
        told = [
            one for some in guide(guided, executor, lambda given: store.get(key_of(given))) for one in some
        ]
    finally:
        guided.close()
    return sorted(told, key=lambda one: one.number)


def table(told: Sequence[Told]) -> list[tuple[Any, ...]]:
    """Return trials as what must be equal: number, parameters, row."""
    return [(one.number, tuple(one.parameters.items()), one.found.row.tobytes()) for one in told]


def best_of(told: Sequence[Told]) -> Told:
    return max(told, key=lambda one: np.nan_to_num(one.found.row["sharpe"], nan=-np.inf))


__all__ = ["AXES", "Cross", "Pretend", "best_of", "between", "hill", "search", "space_of", "table"]
