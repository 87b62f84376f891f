"""How Optuna sees the axes of a space: as distributions, and back from what it drew to parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.sweep.axes import Between

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from eyas.sweep.space import Space

CHANGES_NAME = 0.2
NEAR = 0.01
"""How far a neighbour is on an axis without steps, as a share of the axis."""


@dataclass(frozen=True)
class Listed:
    """Draw from values that are listed.

    Numbers are an ordered axis, on which near is alike; words and truths are names without an order.
    """

    values: Sequence[Any]

    @cached_property
    def is_ordered(self) -> bool:
        """Whether the values are numbers."""
        return isinstance(self.values, range) or all(type(value) in (int, float) for value in self.values)

    @cached_property
    def sorted(self) -> Sequence[Any]:
        """The values upwards, where they have an order."""
        values = self.values
        if isinstance(values, range):
            return values if values.step > 0 else values[::-1]
        return sorted(values) if self.is_ordered else values

    @cached_property
    def step(self) -> int:
        """The step between whole numbers that are evenly spaced; 0 for other values."""
        values = self.sorted
        if isinstance(values, range):
            return values.step
        if len(values) < 2 or not all(type(value) is int for value in values):
            return 0
        step = int(values[1] - values[0])
        return step if list(range(values[0], values[-1] + 1, step)) == values else 0

    @property
    def distribution(self) -> BaseDistribution:
        """What Optuna draws from: the numbers themselves, or places among them."""
        from optuna.distributions import CategoricalDistribution, IntDistribution

        if self.step:
            return IntDistribution(self.sorted[0], self.sorted[-1], step=self.step)
        if self.is_ordered:
            return IntDistribution(0, len(self.values) - 1)
        return CategoricalDistribution(list(self.values))

    def value(self, drawn: Any) -> Any:
        """Return the parameter that was drawn."""
        return drawn if self.step or not self.is_ordered else self.sorted[drawn]

    def drawn(self, value: Any) -> Any:
        """Return what must be drawn for a parameter."""
        return value if self.step or not self.is_ordered else self.sorted.index(value)


@dataclass(frozen=True)
class Spanned:
    """Draw from all that is between two numbers."""

    between: Between

    is_ordered = True

    @property
    def distribution(self) -> BaseDistribution:
        """What Optuna draws from; it would round a step in its own way, so it draws the place."""
        from optuna.distributions import FloatDistribution, IntDistribution

        low, high, count = self.between.low, self.between.high, self.between.count
        if count is not None and self.between.whole:
            step = int(self.between.step or 1)
            return IntDistribution(int(low), int(low) + (count - 1) * step, step=step)
        if count is not None:
            return IntDistribution(0, count - 1)
        if self.between.whole:
            return IntDistribution(int(low), int(high), log=True)
        return FloatDistribution(low, high, log=self.between.log)

    def value(self, drawn: Any) -> Any:
        """Return the parameter that was drawn."""
        if self.between.count is None or self.between.whole:
            return drawn
        return float(self.between.codes_at(np.array([drawn]))[0])

    def drawn(self, value: Any) -> Any:
        """Return what must be drawn for a parameter."""
        if self.between.count is None or self.between.whole:
            return value
        return round((value - self.between.low) / (self.between.step or 1))


class Axes:
    """Turn what Optuna draws into parameters, and back."""

    def __init__(self, space: Space) -> None:
        self.fixed = dict(space.fixed)
        self.axes: dict[str, Listed | Spanned] = {
            name: Spanned(axis) if isinstance(axis, Between) else Listed(axis.values)
            for name, axis in space.axes.items()
        }

    @cached_property
    def distributions(self) -> dict[str, BaseDistribution]:
        """The distribution of each axis by name."""
        return {name: axis.distribution for name, axis in self.axes.items()}

    @property
    def names_without_order(self) -> list[str]:
        """Names of the axes of words and truths."""
        return [name for name, axis in self.axes.items() if not axis.is_ordered]

    @property
    def names_that_vary(self) -> list[str]:
        """Names of the axes that have more than one value."""
        return [name for name, distribution in self.distributions.items() if not distribution.single()]

    def parameters(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters that were drawn."""
        return {**{name: axis.value(drawn[name]) for name, axis in self.axes.items()}, **self.fixed}

    def beside(self, drawn: Mapping[str, Any], random: np.random.Generator, reach: int) -> dict[str, Any]:
        """Return parameters beside some that were drawn: at most `reach` steps away on each axis."""
        found = {name: moved(one, drawn[name], random, reach) for name, one in self.distributions.items()}
        return self.parameters(found)

    def drawn(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return what must be drawn for parameters."""
        return {name: axis.drawn(parameters[name]) for name, axis in self.axes.items()}


def moved(distribution: Any, value: Any, random: np.random.Generator, reach: int) -> Any:
    """Return what lies beside a value that was drawn; a name is another now and then."""
    choices = getattr(distribution, "choices", None)
    if choices is not None:
        return choices[int(random.integers(len(choices)))] if random.random() < CHANGES_NAME else value
    low, high = distribution.low, distribution.high
    if isinstance(value, int):
        step = distribution.step * int(random.integers(-reach, reach + 1))
        return min(max(value + step, low), high)
    share = NEAR * reach * float(random.standard_normal())
    there = value * (high / low) ** share if distribution.log else value + share * (high - low)
    return min(max(there, low), high)


def key_of(parameters: Mapping[str, Any]) -> str:
    """Return a text that is equal for equal parameters, and for those alone.

    >>> key_of({"slow": 30, "fast": np.int64(5)})
    '{"fast": 5, "slow": 30}'
    """
    plain = {name: one.item() if isinstance(one, np.generic) else one for name, one in parameters.items()}
    return json.dumps(plain, sort_keys=True)
