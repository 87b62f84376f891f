"""The space of a sweep: which parameters there are, in which order, without ever holding them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.parameters import check_value
from eyas.sweep.axes import Axis, Between, axis_of
from eyas.sweep.drawing import places_at_random, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.parameters import Parameter

Where = Callable[[Any], object]

BLOCK = 4096  # combinations that are made, and asked `where`, at once
COUNTED_MAX = 2**62  # combinations that can be numbered
DRAWS_IN_VAIN_MAX = 1_000_000


class Point(dict[str, Any]):
    """Hold one set of parameters: `p.fast` and `p["fast"]` are the same."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            if name.startswith("__"):
                raise AttributeError(name) from None
            near = get_close_matches(name, self, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the parameters are {', '.join(self)}"
            raise UsageError(f"where asks for {name}, but there is no parameter {name}; {hint}") from None


class Block(NamedTuple):
    """Hold some sets of parameters: their codes (sets × axes), and each as a mapping."""

    codes: NDArray[np.float64]
    parameters: list[dict[str, Any]]


class Space:
    """Hold what a sweep searches: an axis for each parameter with several values, and a condition on all.

    `where` sees every parameter: one that is not `given` has its value in `usual`, or else its default.
    `size` counts the combinations, before `where` has its say; it is None where numbers have no end. The
    parameters of a trial are kept as codes: for each axis the place of a value, or the value itself.
    """

    def __init__(
        self,
        owner: str,
        declared: Mapping[str, Parameter],
        given: Mapping[str, Any],
        where: Where | None = None,
        usual: Mapping[str, Any] | None = None,
    ) -> None:
        self.axes: dict[str, Axis] = {}
        self.fixed: dict[str, Any] = {}
        for name, values in given.items():
            axis = axis_of(f"{owner}.{name}", declared[name], values)
            if axis is None:
                self.fixed[name] = check_value(f"{owner}.{name}", declared[name], values)
            else:
                self.axes[name] = axis
        if where is not None and not callable(where):
            raise UsageError(f"where is {where!r}, but must be a function: where=lambda p: p.fast < p.slow")
        if not self.axes:
            if not declared:
                raise UsageError(
                    f"a sweep tries several values of a parameter, and {owner} has no parameters"
                )
            whole = next((name for name, one in declared.items() if one.kind is int), "")
            such = f", such as {whole}=range(5, 25)" if whole else ""
            raise UsageError(
                f"a sweep needs a parameter of {owner} with several values{such}; its parameters: "
                f"{', '.join(declared)}"
            )
        self.where = where
        defaults = {name: one.default for name, one in declared.items()}
        self._others = {
            name: value for name, value in {**defaults, **(usual or {})}.items() if name not in given
        }
        self._in_vain = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters that are searched, in order."""
        return tuple(self.axes)

    @property
    def size(self) -> int | None:
        """How many combinations there are, None where they have no end."""
        counts = [axis.count for axis in self.axes.values()]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    def holds(self, parameters: Mapping[str, Any]) -> bool:
        """Whether `where` keeps a set of parameters; raises UsageError when it fails."""
        if self.where is None:
            return True
        try:
            return bool(self.where(Point({**self._others, **parameters})))
        except UsageError:
            raise
        except Exception as error:
            said = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
            raise UsageError(f"where failed for {said}: {type(error).__name__}: {error}") from error

    def codes_of(self, parameters: Mapping[str, Any]) -> list[float]:
        """Return a set of parameters as codes."""
        return [axis.code_of(parameters[name]) for name, axis in self.axes.items()]

    def parameters_of(self, codes: Sequence[float] | NDArray[np.float64]) -> dict[str, Any]:
        """Return the parameters that codes stand for, those with one value among them."""
        return self._points(np.asarray([codes], dtype=np.float64))[0]

    def column(self, name: str, codes: NDArray[np.float64]) -> list[Any]:
        """Return one parameter of many trials; `codes` are theirs (trials × axes)."""
        return self.axes[name].values_of(codes[:, self.names.index(name)])

    def grid(self, first: int = 0) -> Iterator[Block]:
        """Yield all combinations that `where` keeps: in order of the keywords, the last one changing fastest.

        `first` is the place of the first one, `where` not counted. Raises UsageError for a space whose
        combinations cannot be numbered.
        """
        counts = []
        for name, axis in self.axes.items():
            if isinstance(axis, Between) and axis.step is None:
                raise UsageError(
                    f"{name}={axis} has no step, so a grid cannot go through it: say step=…, or "
                    "search='random' and trials=…"
                )
            counts.append(axis.count or 0)
        size = math.prod(counts)
        if size > COUNTED_MAX:
            raise UsageError(
                f"the grid has {float(size):.2g} combinations, which no machine ends: say search='random' "
                "and trials=…, or give fewer values"
            )
        for start in range(first, size, BLOCK):
            yield self._kept(self._codes_at(np.arange(start, min(start + BLOCK, size)), counts))

    def place_of(self, codes: Sequence[float]) -> int:
        """Return the place in the grid that codes stand for, `where` not counted."""
        place = 0
        for axis, code in zip(self.axes.values(), codes, strict=True):
            at = round((code - axis.low) / (axis.step or 1)) if isinstance(axis, Between) else int(code)
            place = place * (axis.count or 1) + at
        return place

    def random(self, seed: int) -> Iterator[Block]:
        """Yield combinations that `where` keeps in a random order, each once; the same ones for a seed."""
        size = self.size
        if size is not None and size <= COUNTED_MAX:
            counts = [axis.count or 0 for axis in self.axes.values()]
            for start in range(0, size, BLOCK):
                places = places_at_random(seed, start, min(start + BLOCK, size), size)
                yield self._kept(self._codes_at(places, counts))
            return
        seen: set[bytes] = set()
        for start in range(0, COUNTED_MAX, BLOCK):
            codes = self._drawn(seed, start)
            fresh = [row for row in range(len(codes)) if is_new(codes[row].tobytes(), seen)]
            block = self._kept(codes[fresh])
            self._in_vain = 0 if block.parameters else self._in_vain + BLOCK
            if self._in_vain >= DRAWS_IN_VAIN_MAX:
                return
            yield block

    def _codes_at(self, places: NDArray[np.int64], counts: Sequence[int]) -> NDArray[np.float64]:
        """Return the codes at some places of the grid."""
        by_axis = np.unravel_index(places, tuple(counts))
        pairs = zip(self.axes.values(), by_axis, strict=True)
        return np.stack([axis.codes_at(at) for axis, at in pairs], axis=1)

    def _drawn(self, seed: int, start: int) -> NDArray[np.float64]:
        """Return the codes of BLOCK draws from the one with the number `start` on."""
        columns = []
        for number, axis in enumerate(self.axes.values()):
            drawn = uniform(seed, number, start, BLOCK)
            if axis.count is not None:
                places = np.minimum((drawn * axis.count).astype(np.int64), axis.count - 1)
                columns.append(axis.codes_at(places))
            else:
                assert isinstance(axis, Between)
                columns.append(axis.codes_of_draws(drawn))
        return np.stack(columns, axis=1)

    def _points(self, codes: NDArray[np.float64]) -> list[dict[str, Any]]:
        """Return sets of parameters as mappings."""
        names = (*self.axes, *self.fixed)
        columns = [axis.values_of(codes[:, place]) for place, axis in enumerate(self.axes.values())]
        fixed = [[value] * len(codes) for value in self.fixed.values()]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, *fixed, strict=True)]

    def _kept(self, codes: NDArray[np.float64]) -> Block:
        """Return those of some sets of parameters that `where` keeps."""
        points = self._points(codes)
        if self.where is None:
            return Block(codes, points)
        kept = [place for place, point in enumerate(points) if self.holds(point)]
        return Block(codes[kept], [points[place] for place in kept])

    def __str__(self) -> str:
        return "; ".join(f"{name}: {axis}" for name, axis in self.axes.items())


def is_new(row: bytes, seen: set[bytes]) -> bool:
    """Whether a row has not been seen before; it has been then."""
    known = row in seen
    seen.add(row)
    return not known
