"""What one parameter of a sweep may be: some values, or anything between two numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.parameters import Parameter, check_value, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMED_MAX = 8  # values that are named in a text
FARTHEST = 2**53  # beyond it a float, as which numbers are kept, misses some
CHECKED_MAX = 1_000_000  # values of one parameter that are looked at one by one


@dataclass(frozen=True, slots=True)
class Choices:
    """Hold the values that a parameter takes in turn; the code of a value is its place among them."""

    values: Sequence[Any]

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.values)

    def codes_at(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the codes of the values at some places."""
        return places.astype(np.float64)

    def values_of(self, codes: NDArray[np.float64]) -> list[Any]:
        """Return the values that codes stand for."""
        values = self.values
        return [values[place] for place in codes.astype(np.int64).tolist()]

    def code_of(self, value: Any) -> float:
        """Return the code of a value; raises ValueError for one that is not among them."""
        return float(self.values.index(value))

    def __str__(self) -> str:
        if isinstance(self.values, range):
            return repr(self.values)
        few = ", ".join(map(repr, self.values[:NAMED_MAX]))
        return f"{few} and {self.count - NAMED_MAX:,} more" if self.count > NAMED_MAX else few


@dataclass(frozen=True, slots=True)
class Between:
    """Hold the bounds (inclusive) of a parameter that is searched; the code of a value is the value.

    `step` is what its values are apart, from `low` on; `log` draws small values as often as large ones.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return all(isinstance(one, int) for one in (self.low, self.high, self.step or 0))

    @property
    def count(self) -> int | None:
        """How many values there are, None for numbers without end."""
        step = self.step or (1 if self.whole and not self.log else None)
        # A step of 0.1 does not divide 1 exactly: the last value counts all the same.
        return None if step is None else math.floor((self.high - self.low) / step * (1 + 1e-12)) + 1

    def codes_at(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the codes of the values at some places, low to high."""
        codes: NDArray[np.float64] = np.minimum(self.low + places * (self.step or 1), self.high)
        return codes.astype(np.float64)

    def codes_of_draws(self, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the codes of values drawn at random; `drawn` are numbers from 0 to below 1."""
        low, high = self.low, self.high
        if not self.log:
            return low + drawn * (high - low)
        # A whole number takes the share of the scale from half below it to half above.
        first, last = (
            (math.log(low - 0.5), math.log(high + 0.5)) if self.whole else (math.log(low), math.log(high))
        )
        codes = np.exp(first + drawn * (last - first))
        return np.clip(np.rint(codes) if self.whole else codes, low, high)

    def values_of(self, codes: NDArray[np.float64]) -> list[Any]:
        """Return the values that codes stand for."""
        found: list[Any] = (codes.astype(np.int64) if self.whole else codes).tolist()
        return found

    def code_of(self, value: Any) -> float:
        """Return the code of a value."""
        return float(value)

    def __str__(self) -> str:
        step = f", step={self.step}" if self.step is not None else ""
        return f"between({self.low}, {self.high}{step}{', log=True' if self.log else ''})"


Axis: TypeAlias = Choices | Between


def between(low: float, high: float, step: float | None = None, log: bool = False) -> Between:
    """Let a sweep choose a parameter from `low` to `high`, both included.

    `step` is what the values are apart; a grid needs one. `log` is for scales: from 0.001 to 1 it looks as
    often below 0.03 as above. Raises UsageError for bounds that leave nothing between.

    >>> between(0.01, 0.05, step=0.01).count
    5
    """
    numbers = [plain(one) for one in (low, high, *([] if step is None else [step]))]
    for one in numbers:
        if isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one):
            raise UsageError(f"between takes numbers, not {one!r}")
    if numbers[0] >= numbers[1]:
        raise UsageError(f"between({low}, {high}) is empty: the first must be below the second")
    if step is not None and numbers[2] <= 0:
        raise UsageError(f"between({low}, {high}, step={step}): the step must be above 0")
    if log and step is not None:
        raise UsageError(f"between({low}, {high}) has a step and log=True: leave one of them out")
    if log and numbers[0] <= 0:
        raise UsageError(f"between({low}, {high}, log=True): a scale of that kind begins above 0")
    return Between(numbers[0], numbers[1], numbers[2] if step is not None else None, log)


def axis_of(title: str, parameter: Parameter, given: Any) -> Axis | None:
    """Return what a parameter may be in a sweep, None for one value that it always has.

    Raises UsageError for no values, for a value twice, and for one that the parameter does not allow.
    """
    if isinstance(given, Between):
        return checked_between(title, parameter, given)
    values = listed(title, given)
    if values is None:
        return None
    if isinstance(values, range):
        if values.start in values and not -FARTHEST < values[-1] < FARTHEST:
            raise UsageError(f"{title}: {values} leads to numbers beyond {FARTHEST}")
        if values and parameter.kind is int and parameter.choices is None:
            for end in (values[0], values[-1]):
                check_value(title, parameter, end)
            return Choices(values)
    if len(values) > CHECKED_MAX:
        raise UsageError(f"{title} has {len(values):,} values: give a range, or between(low, high)")
    return Choices(checked_values(title, parameter, values))


def listed(title: str, given: Any) -> Sequence[Any] | None:
    """Return what was given as values in an order, None for one value."""
    given = plain(given)
    if isinstance(given, np.ndarray) and given.ndim == 1:
        found: list[Any] = given.tolist()
        return found
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        return None
    if isinstance(given, set | frozenset):
        return sorted(given, key=lambda value: (str(type(value)), value))  # the same in every process
    if isinstance(given, Sequence):
        return given
    if not hasattr(given, "__len__"):
        raise UsageError(
            f"{title} is a {type(given).__name__}, which can be read once only: give a list or a range"
        )
    return list(given)


def checked_values(title: str, parameter: Parameter, given: Sequence[Any]) -> list[Any]:
    """Return values as the parameter's type, each named once."""
    if not given:
        raise UsageError(f"{title} has no values ({given!r}), so the grid is empty: give at least one")
    values = [check_value(title, parameter, value) for value in given]
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            raise UsageError(f"{title} names {value!r} twice: give each value once")
        seen.add(value)
    return values


def checked_between(title: str, parameter: Parameter, given: Between) -> Between:
    """Return bounds as the parameter's type, or raise UsageError."""
    if parameter.kind not in (int, float):
        raise UsageError(f"{title} is a {parameter.kind.__name__}, so nothing lies between: give its values")
    if parameter.choices is not None:
        raise UsageError(f"{title} has choices, so nothing lies between: give some of them")
    low, high = (check_value(title, parameter, end) for end in (given.low, given.high))
    step = given.step
    if step is not None:
        if parameter.kind is int and step != int(step):
            raise UsageError(f"{title} is an int, so a step of {step} leads to values that it cannot have")
        step = parameter.kind(step)
    return Between(low, high, step, given.log)
