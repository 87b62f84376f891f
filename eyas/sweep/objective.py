"""What a sweep looks for: figures or functions, which way is better, and what must hold besides."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.sweep.figures import DONE, FIGURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports import Report

Direction: TypeAlias = Literal["maximize", "minimize"]
SMALLER_IS_BETTER = frozenset(
    {"volatility", "max_drawdown", "max_drawdown_bars", "fees", "charges", "refused", "ambiguous_bars"}
)
PLACES = {name: place for place, name in enumerate(FIGURES)}
WAYS: dict[str, Direction] = {
    "max": "maximize",
    "maximize": "maximize",
    "min": "minimize",
    "minimize": "minimize",
}


class Row:
    """Hold the figures of one trial as Python numbers: `row.trades` and `row["trades"]` are the same."""

    __slots__ = ("_values",)

    def __init__(self, values: Sequence[float]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> float:
        if name not in PLACES:
            raise AttributeError(name, name=name)
        return self._values[PLACES[name]]

    __getitem__ = __getattr__


def done_rows(rows: NDArray[np.void]) -> Iterator[tuple[int, Row]]:
    """Yield place and figures of each trial that ran to its end."""
    places = np.flatnonzero(rows["status"] == DONE)
    columns = [rows[name][places].tolist() for name in FIGURES]
    for place, *values in zip(places.tolist(), *columns, strict=True):
        yield place, Row(values)


@dataclass(frozen=True, slots=True)
class OfReport:
    """Hold a function of a Report, which each trial has to make."""

    function: Callable[[Report], Any]

    def __call__(self, report: Report) -> float:
        """Return what the function makes of a report, NaN where it says nothing."""
        return number_of(name_of(self.function), self.function(report))


def of_report(function: Callable[[Report], float]) -> OfReport:
    """Let a sweep look for what a function makes of each trial's Report; it is slower than a figure."""
    return OfReport(function)


@dataclass(slots=True)
class Objective:
    """Hold one thing that is looked for: a figure by name, a function of a row, or one of a Report.

    `place` is where the function of a Report stands among such functions; `failed` counts the trials on
    which a function raised, and `failure` says how the first time.
    """

    title: str
    direction: Direction
    function: Callable[[Any], Any] | None = None
    place: int = -1
    failed: int = 0
    failure: str = ""

    def scores(self, rows: NDArray[np.void], told: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the value of each row, as it is: for some objectives less is better."""
        if self.place >= 0:
            return told[:, self.place]
        if self.function is None:
            return np.asarray(rows[self.title], dtype=np.float64)
        found = np.full(len(rows), np.nan)
        for place, row in done_rows(rows):
            found[place] = self._score(row)
        return found

    def _score(self, row: Row) -> float:
        assert self.function is not None
        try:
            value = self.function(row)
        except AttributeError as error:
            raise UsageError(f"{self.title} asks a row for what it has not: {asked_for(error)}") from error
        except Exception as error:  # noqa: BLE001 - a function may raise anything, on one row and not on another
            self.failed += 1
            self.failure = self.failure or f"{type(error).__name__}: {error}"
            return float("nan")
        return number_of(self.title, value)


@dataclass(slots=True)
class Aim:
    """Hold everything that a sweep looks for: objectives, and the constraints that a best row keeps.

    `failed` counts the trials on which a constraint raised, and `failure` says how the first time.
    """

    objectives: list[Objective]
    constraints: list[Callable[[Any], object]] = field(default_factory=list)
    failed: int = 0
    failure: str = ""

    @property
    def told(self) -> list[OfReport]:
        """Functions of a Report among the objectives, in order."""
        return [one.function for one in self.objectives if isinstance(one.function, OfReport)]

    @property
    def signs(self) -> NDArray[np.float64]:
        """For each objective 1 where more is better, -1 where less is."""
        return np.array([1.0 if one.direction == "maximize" else -1.0 for one in self.objectives])

    @property
    def title(self) -> str:
        """What is looked for, in words."""
        words = {"maximize": "highest", "minimize": "lowest"}
        return ", ".join(f"{words[one.direction]} {one.title}" for one in self.objectives)

    def scores(self, rows: NDArray[np.void], told: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of each row (rows × objectives), as they are."""
        return np.stack([one.scores(rows, told) for one in self.objectives], axis=1)

    def broken(self, rows: NDArray[np.void]) -> NDArray[np.bool_]:
        """Return which rows break a constraint; those that came to nothing break none."""
        found = np.zeros(len(rows), dtype=np.bool_)
        if not self.constraints:
            return found
        for place, row in done_rows(rows):
            found[place] = not self._keeps(row)
        return found

    def _keeps(self, row: Row) -> bool:
        """Whether a row keeps all constraints; one that fails on it is not kept."""
        try:
            return all(holds(one, row) for one in self.constraints)
        except UsageError:
            raise
        except AttributeError as error:
            raise UsageError(f"a constraint failed: {asked_for(error)}") from error
        except Exception as error:  # noqa: BLE001 - a function may raise anything, on one row and not on another
            self.failed += 1
            self.failure = self.failure or f"{type(error).__name__}: {error}"
            return False


def aim_of(objective: Any, constraints: Any) -> Aim:
    """Return what a sweep looks for; raises UsageError for what is no figure and no function.

    `objective` is the name of a figure, "-name" for the least of it, a pair ("name", "min" or "max"), a
    function of a row, a function of a Report (see `of_report`), or a list of these.
    """
    several = objective if isinstance(objective, list | tuple) and not is_pair(objective) else [objective]
    if not several:
        raise UsageError("objective is empty: name a figure, such as sharpe")
    found: list[Objective] = []
    for one in several:
        told = sum(isinstance(known.function, OfReport) for known in found)
        found.append(objective_of(one, told))
    for title in (one.title for one in found):
        if sum(one.title == title for one in found) > 1 and title in FIGURES:
            raise UsageError(f"objective names {title} twice")
    asked = [constraints] if callable(constraints) or isinstance(constraints, str) else constraints
    if not isinstance(asked, list | tuple):
        raise UsageError(f"constraints is {asked!r}, but must be a function of a row, or a list of them")
    for one in asked:
        if not callable(one):
            raise UsageError(
                f"a constraint is {one!r}, but must be a function of a row: lambda row: row.trades >= 30"
            )
    return Aim(found, list(asked))


def is_pair(given: Sequence[Any]) -> bool:
    """Tell an objective with its direction from two objectives."""
    return len(given) == 2 and isinstance(given[1], str) and given[1] in WAYS


def objective_of(given: Any, place: int) -> Objective:
    """Return one objective; `place` is that of its function of a Report, if it is one."""
    way: Direction | None = None
    if isinstance(given, list | tuple) and is_pair(given):
        given, way = given[0], WAYS[given[1]]
    if isinstance(given, str):
        name = given.removeprefix("-").strip()
        if name not in FIGURES:
            near = get_close_matches(name, FIGURES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the figures are {', '.join(FIGURES)}"
            raise UsageError(f"objective is {given!r}, but there is no figure {name}; {hint}")
        usual: Direction = "minimize" if given.startswith("-") or name in SMALLER_IS_BETTER else "maximize"
        return Objective(name, way or usual)
    if not callable(given):
        raise UsageError(
            f"objective is {given!r}, but must be the name of a figure, a function of a row or of a Report"
        )
    if isinstance(given, OfReport) or takes_report(given):
        whole = given if isinstance(given, OfReport) else OfReport(given)
        return Objective(name_of(whole.function), way or "maximize", whole, place)
    return Objective(name_of(given), way or "maximize", given)


def takes_report(function: Callable[..., Any]) -> bool:
    """Whether a function says by its annotation that it takes a Report."""
    try:
        first = next(iter(inspect.signature(function).parameters.values()))
    except (StopIteration, TypeError, ValueError):
        return False
    said = first.annotation
    text = said if isinstance(said, str) else getattr(said, "__name__", "")
    return text.rpartition(".")[2].strip("'\"") == "Report"


def name_of(function: Callable[..., Any]) -> str:
    """Return how a function is called in tables."""
    name = getattr(function, "__name__", type(function).__name__)
    return "objective" if name == "<lambda>" else name


def holds(constraint: Callable[[Any], object], row: Row) -> bool:
    """Whether a row keeps a constraint: true, or a number of at most 0."""
    found = constraint(row)
    return bool(found) if isinstance(found, bool | np.bool_) else number_of("a constraint", found) <= 0


def number_of(title: str, value: Any) -> float:
    """Return what a function gave as a number, None as NaN; raises UsageError for anything else."""
    try:
        return float("nan") if value is None else float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{title} returned {value!r}, but must return a number") from None


def asked_for(error: AttributeError) -> str:
    """Return which figure a row was asked for, and which was meant."""
    name = getattr(error, "name", None) or str(error).rpartition(" ")[2].strip("'\"")
    near = get_close_matches(str(name), FIGURES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(FIGURES)}"
    return f"there is no {name}; {hint}"
