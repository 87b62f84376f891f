"""What all trials of a sweep have in common: the market that they run on, and what may be swept on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from eyas.backtest import cash_text, checked_of
from eyas.errors import UsageError
from eyas.loading import market_of
from eyas.presets import rules_of
from eyas.rules import RuleChanges
from eyas.strategy import Strategy
from eyas.sweep.axes import Between
from eyas.sweep.objective import aim_of
from eyas.sweep.space import Space
from eyas.sweep.study import Study
from eyas.sweep.trials import Trials

if TYPE_CHECKING:
    from eyas.data.quality import Quality
    from eyas.engine import Engine
    from eyas.rules import Number, Rules
    from eyas.sweep.space import Where
    from eyas.sweep.study import Plan


SEVERAL = (Sequence, Between, np.ndarray)  # values that no rule can have
USUAL = {
    "finer": None,
    "extra": None,
    "clock": "merged",
    "quality": None,
    "cash": 10_000,
    "rules": None,
    "engine": "auto",
}
RENAME = "call the parameter something else, so that it is clear which is meant"


class Ground(NamedTuple):
    """Hold the market of a sweep, in the words of `eyas.backtest`."""

    bars: Any
    finer: Any
    extra: Mapping[str, Any] | None
    clock: Literal["merged", "sequential"]
    quality: Quality
    cash: Number | str
    rules: Rules | str | None
    engine: Engine

    def trials(self, strategy: Strategy | type[Strategy], changes: RuleChanges) -> Trials:
        """Return what runs a strategy on it."""
        rules = rules_of(self.rules).changed(**changes)
        if rules.matching != "here":
            raise UsageError("a sweep is its own market: matching must be here")
        market = market_of(self.bars, self.finer, self.clock, rules, self.extra)
        checked = checked_of(market, self.extra or {}, self.quality)
        return Trials(strategy, market, rules, cash_text(self.cash), checked, self.engine)


def study_of(
    strategy: Strategy | type[Strategy],
    ground: Ground,
    words: Mapping[str, Any],
    where: Where | None,
    sought: tuple[Any, Any],
    plan: Plan,
) -> Study:
    """Return a study that can be run; `sought` are the objective and the constraints. Raises UsageError."""
    cls = strategy if isinstance(strategy, type) else type(strategy)
    if not issubclass(cls, Strategy):
        raise UsageError(f"a sweep runs an eyas.Strategy, not {cls.__name__}: only a strategy has parameters")
    check_words(cls, plan, ground)
    plan.check()
    aim = aim_of(*sought)
    given, changes = sorted_out(cls, words)
    usual = strategy.parameters if isinstance(strategy, Strategy) else None
    space = Space(cls.__name__, cls.parameters_declared, given, where, usual)
    return Study(ground.trials(strategy, changes), space, aim, plan)


def check_words(cls: type[Strategy], plan: Plan, ground: Ground) -> None:
    """Raise UsageError for a word that was said and that could mean a parameter of the strategy as well."""
    for said in (plan, ground):
        usual = {**USUAL, **{one.name: one.default for one in fields(plan)}}
        for name in usual.keys() & cls.parameters_declared.keys():
            if repr(getattr(said, name, usual[name])) != repr(usual[name]):
                raise UsageError(
                    f"{name} is a parameter of {cls.__name__} and a word of eyas.sweep: {RENAME}"
                )


def sorted_out(cls: type[Strategy], words: Mapping[str, Any]) -> tuple[dict[str, Any], RuleChanges]:
    """Tell parameters of a strategy from rules of the market; raises UsageError for what is neither."""
    declared, rules = cls.parameters_declared, RuleChanges.__annotations__
    for name in words:
        if name in declared and name in rules and not isinstance(words[name], SEVERAL):
            raise UsageError(f"{name} is a parameter of {cls.__name__} and a rule of the market: {RENAME}")
        if name not in declared and name not in rules:
            near = get_close_matches(name, [*declared, *rules], n=1)
            known = f"its parameters are {', '.join(declared)}" if declared else "it has none"
            hint = f"did you mean {near[0]}?" if near else known
            raise UsageError(f"{cls.__name__} has no parameter {name}, and there is no such rule; {hint}")
    given = {name: value for name, value in words.items() if name in declared}
    changes: Any = {name: value for name, value in words.items() if name not in declared}
    return given, changes
