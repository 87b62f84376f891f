"""Run one strategy on many markets, by the machinery of the sweep: a row of figures for each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from eyas.backtest import cash_text, own_copy
from eyas.errors import StrategyError
from eyas.loading import instruments_of, market_of
from eyas.presets import rules_of
from eyas.research.measures import Asked, Objective
from eyas.research.table import wrapped
from eyas.run import Checked
from eyas.sweep.figures import DONE, FIGURES
from eyas.sweep.trials import Trials

if TYPE_CHECKING:
    from eyas.rules import Rules
    from eyas.strategy import Strategy

Progress = Callable[[int, int], object]
Value = TypeVar("Value")
FAILED_SHARE_MAX = 0.5


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold how each run goes: the rules, the cash as text, the engine."""

    rules: Rules
    cash: str
    engine: str = "auto"

    @classmethod
    def of(cls, rules: Any, cash: Any, engine: str, changes: Mapping[str, Any]) -> Terms:
        """Read what a verb was given; raises UsageError for a rule that there is not."""
        return cls(rules_of(rules).changed(**changes), cash_text(cash), engine)


class Runner:
    """Run one strategy on one market after another; `failures` says why some came to nothing."""

    def __init__(
        self, strategy: Strategy | type[Strategy], terms: Terms, objective: Asked | None = None
    ) -> None:
        self.strategy = own_copy(strategy)
        self.name = type(self.strategy).__name__
        self.terms = terms
        self.objective = Objective(objective) if objective is not None else None
        self.failures: list[str] = []
        self.interrupted = ""

    def trials(self, bars: Any, rules: Rules | None = None) -> Trials:
        """Return the machinery on one market, whose data is not judged again."""
        rules = self.terms.rules if rules is None else rules
        market = market_of(bars, None, "merged", rules)
        return Trials(self.strategy, market, rules, self.terms.cash, Checked({}, {}, {}), self.terms.engine)

    def row(self, bars: Any, rules: Rules | None = None) -> np.void | None:
        """Return the figures of a run on one market; None where it failed, which is kept in `failures`."""
        trials = self.trials(bars, rules)
        row: np.void = trials.run([{}])[0]
        if row["status"] == DONE:
            return row
        self.failures.append(trials.messages.get(0, "it failed"))
        return None

    def figures(self, bars: Any, rules: Rules | None = None) -> dict[str, float]:
        """Return figures by name (and "score", if there is an objective); all NaN where the run failed."""
        row = self.row(bars, rules)
        found = {name: math.nan if row is None else float(row[name]) for name in FIGURES}
        if self.objective:
            if row is None:
                found["score"] = math.nan
            elif self.objective.of_whole:
                found["score"] = self.objective.of_report(self.trials(bars, rules).report({}))
            else:
                found["score"] = self.objective.of_figures(found)
        return found

    def all(
        self, markets: Iterable[Any], count: int, progress: Progress | None = None
    ) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
        """Return a column of each figure over many markets; raises StrategyError when most runs failed.

        Ctrl-C keeps the runs that are done, and `interrupted` says so; before the first it is raised.
        """
        rows, self.interrupted = gathered(map(self.figures, markets), count, progress)
        if len(self.failures) > FAILED_SHARE_MAX * len(rows):
            raise StrategyError(
                f"{self.name} failed on {len(self.failures)} of {len(rows)} markets: {self.failures[0]}",
                bar_index=None,
                report=None,
            )
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def actual(self, bars: Any, rules: Rules | None = None) -> dict[str, float]:
        """Return the figures on the true market; raises StrategyError where the run failed."""
        before = len(self.failures)
        found = self.figures(bars, rules)
        if len(self.failures) > before:
            raise StrategyError(f"{self.name} failed: {self.failures[-1]}", bar_index=None, report=None)
        return found


def bars_once(source: Any) -> Any:
    """Read what a backtest takes as bars once: Bars, or {symbol: Bars} of several."""
    found = instruments_of(source)
    return next(iter(found.values())) if len(found) == 1 else found


def gathered(values: Iterable[Value], count: int, progress: Progress | None) -> tuple[list[Value], str]:
    """Return values one after the other, and a sentence where Ctrl-C came before the last of them.

    What is done is kept; before the first there is nothing to keep, and KeyboardInterrupt is raised.
    """
    found: list[Value] = []
    try:
        for number, value in enumerate(values, start=1):
            found.append(value)
            if progress:
                progress(number, count)
    except KeyboardInterrupt:
        if not found:
            raise
        return found, f"Interrupted after {len(found):,} of {count:,} runs: this is of these."
    return found, ""


def failed_note(failures: list[str]) -> list[str]:
    """Return a sentence on the runs that failed, none where all came to their end."""
    return [wrapped(f"Failed: {len(failures)}; the first: {failures[0]}.")] if failures else []
