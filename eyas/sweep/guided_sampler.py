"""Ask Optuna where to look next, and tell it what was found there; on this machine, in memory."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.sweep.guided_axes import Axes, key_of

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial

    from eyas.sweep.objective import Direction
    from eyas.sweep.space import Space

SEARCHES = ("tpe", "cmaes", "nsga3")
REDRAWS = 4
"""Draws that lead nowhere new, one after the other, after which a set beside the last is taken."""
NEIGHBOURS = 32
"""Sets beside it that are not new either, after which one is picked at random."""
POPULATION = {"cmaes": 16, "nsga3": 32}
"""How many trials make a generation; all that are under way at once, so that none waits for another."""
LARGEST = 1e12
"""What stands for infinity: a profit factor without a loss is the best of all, but has to be a number."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Say what a trial is worth to the search: a value for each objective, and how much breaks a constraint.

    `values` is None for a trial that has none: refused, failed, or an objective that is not a number.
    """

    values: tuple[float, ...] | None
    violation: float = 0.0


@dataclass(slots=True)
class Drawn:
    """Hold parameters that are to be run, and the trial of Optuna that waits for what they are worth."""

    parameters: dict[str, Any]
    trial: Trial

    @property
    def key(self) -> str:
        """The text by which equal parameters are known."""
        return key_of(self.parameters)


class Sampler:
    """Draw parameter sets that the space holds and that were not drawn before.

    `directions` has "maximize" or "minimize" for each objective.
    """

    def __init__(
        self,
        space: Space,
        search: str,
        seed: int,
        directions: Sequence[Direction],
    ) -> None:
        import optuna

        self.axes = Axes(space)
        check_search(search, self.axes, directions)
        self.space = space
        self.ranks_without_values = search == "tpe"
        self.ranks_by_value = search == "cmaes"  # alone: it knows no constraints
        self.random = np.random.default_rng([seed, 1])
        self.picks = (one for block in space.random(seed) for one in block.parameters)
        self.known: dict[str, Judged | None] = {}
        self.worst: list[float] = []
        self.signs = [1.0 if direction == "maximize" else -1.0 for direction in directions]
        self.redrawn = 0
        with quiet():
            sampler = sampler_of(search, seed)
            self.study = optuna.create_study(directions=list(directions), sampler=sampler)

    def ask(self) -> Drawn | None:
        """Return the next parameter set to run; None when the space holds no other."""
        with quiet():
            drawn = self._draw()
            for draw in range(REDRAWS):
                if not self.space.holds(drawn.parameters):
                    self.redrawn += 1
                    # Once is enough to learn from: more would only fill the sampler's memory.
                    self._settle(drawn, Judged(None, 1.0) if draw == 0 else None)
                elif drawn.key in self.known:
                    self._settle(drawn, None if self.ranks_without_values else self.known[drawn.key])
                else:
                    self.known[drawn.key] = None
                    return drawn
                drawn = self._draw()
            return self._beside(drawn) or self._picked()

    def take(self, parameters: Mapping[str, Any]) -> Drawn | None:
        """Return a given set as if it had been drawn; None when it was drawn before."""
        if key_of(parameters) in self.known:
            return None
        with quiet():
            self.study.enqueue_trial(self.axes.drawn(parameters))
            drawn = self._draw()
        self.known[drawn.key] = None
        return drawn

    def tell(self, drawn: Drawn, judged: Judged) -> None:
        """Learn what a set is worth."""
        judged = in_numbers(judged)
        self.known[drawn.key] = judged
        if judged.values is not None:
            self._note_worst(judged.values)
        with quiet():
            self._settle(drawn, judged)

    def forget(self, drawn: Drawn) -> None:
        """Take back a set that is not run here after all, but by somebody else."""
        with quiet():
            self._settle(drawn, None)

    def knows(self, parameters: Mapping[str, Any]) -> bool:
        """Whether it is known what a set is worth."""
        return self.known.get(key_of(parameters)) is not None

    def learn(self, parameters: Mapping[str, Any], judged: Judged) -> None:
        """Learn what a set is worth that somebody else has run."""
        drawn = self.take_over(parameters)
        if drawn is not None:
            self.tell(drawn, judged)

    def take_over(self, parameters: Mapping[str, Any]) -> Drawn | None:
        """Return a set that was left to somebody else; None when it is known what it is worth."""
        if self.knows(parameters):
            return None
        self.known.pop(key_of(parameters), None)
        return self.take(parameters)

    def _draw(self) -> Drawn:
        trial = self.study.ask(self.axes.distributions)
        return Drawn(self.axes.parameters(trial.params), trial)

    def _beside(self, drawn: Drawn) -> Drawn | None:
        """Return a set beside one that leads nowhere new: a search that has arrived looks around."""
        center = self.axes.drawn(drawn.parameters)
        self._settle(drawn, None)
        for turn in range(NEIGHBOURS):
            parameters = self.axes.beside(center, self.random, 1 + turn // 4)
            if key_of(parameters) not in self.known and self.space.holds(parameters):
                return self.take(parameters)
        return None

    def _picked(self) -> Drawn | None:
        """Return a set at random that was not drawn before: a search that goes in circles moves on."""
        for parameters in self.picks:
            if key_of(parameters) not in self.known:
                return self.take(parameters)
        return None

    def _settle(self, drawn: Drawn, judged: Judged | None) -> None:
        """End a trial of Optuna's: with what it is worth, or as one to forget."""
        from optuna.trial import TrialState

        if judged is None:
            self.study.tell(drawn.trial, state=TrialState.FAIL)
            return
        values, violation = judged.values, judged.violation
        if values is None:
            violation = max(violation, 1.0)
        drawn.trial.set_constraint("eyas", violation)
        if self.ranks_without_values:
            if values is None:
                self.study.tell(drawn.trial, state=TrialState.PRUNED)
            else:
                self.study.tell(drawn.trial, list(values))
            return
        # These two need a value: what has none is as bad as the worst that was seen.
        if self.worst and (values is None or (violation > 0 and self.ranks_by_value)):
            values = tuple(self.worst)
        if values is None:
            self.study.tell(drawn.trial, state=TrialState.FAIL)
        else:
            self.study.tell(drawn.trial, list(values))

    def _note_worst(self, values: Sequence[float]) -> None:
        if not self.worst:
            self.worst = list(values)
        self.worst = [
            sign * min(sign * old, sign * new)
            for sign, old, new in zip(self.signs, self.worst, values, strict=True)
        ]


def check_search(search: str, axes: Axes, directions: Sequence[str]) -> None:
    """Raise UsageError for a search that cannot work on these axes or objectives."""
    if search not in SEARCHES:
        raise UsageError(f"search is {search!r}, but must be grid, random, {', '.join(SEARCHES)}")
    if len(directions) > 1 and search == "cmaes":
        raise UsageError("search='cmaes' has one objective: use 'nsga3' or 'tpe' for several")
    if not axes.names_that_vary:
        raise UsageError("a guided search needs a parameter with more than one value")
    if search != "cmaes":
        return
    if axes.names_without_order:
        raise UsageError(
            f"search='cmaes' needs numbers, but {axes.names_without_order[0]} has no order: use 'tpe'"
        )
    if len(axes.names_that_vary) < 2:
        raise UsageError("search='cmaes' needs two parameters or more: use 'tpe'")


def sampler_of(search: str, seed: int) -> BaseSampler:
    """Return Optuna's sampler of a search."""
    from optuna import samplers

    if search == "tpe":
        # What is under way counts as bad meanwhile, so that a batch does not ask for one place many times.
        return samplers.TPESampler(seed=seed, constant_liar=True)
    if search == "cmaes":
        try:
            import_module("cmaes")
        except ImportError:
            raise UsageError("search='cmaes' needs the extra: pip install 'eyas[search]'") from None
        return samplers.CmaEsSampler(seed=seed, popsize=POPULATION["cmaes"], warn_independent_sampling=False)
    return samplers.NSGAIIISampler(seed=seed, population_size=POPULATION["nsga3"])


def in_numbers(judged: Judged) -> Judged:
    """Return a judgement that Optuna can order: not-a-number is no value, infinity a large number."""
    violation = LARGEST if math.isnan(judged.violation) else min(max(judged.violation, 0.0), LARGEST)
    if judged.values is None or any(map(math.isnan, judged.values)):
        return Judged(None, max(violation, 1.0))
    return Judged(tuple(min(max(value, -LARGEST), LARGEST) for value in judged.values), violation)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's log and warnings off the terminal, and leave them as the program has set them."""
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(before)
