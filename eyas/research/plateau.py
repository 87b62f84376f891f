"""Whether the best parameters stand on a plateau or on a peak.

A set of parameters that found something real does nearly as well when its parameters are a little different;
one that found an accident does not. Pardo, "The Evaluation and Optimization of Trading Strategies" (2008).
The other way round it proves nothing: neighbours make mostly the same trades, so luck has
plateaus too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from eyas.errors import UsageError
from eyas.research.checking import numbers, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSE = 0.8  # a neighbour is close with this share of the best's objective
FULLEST = 4  # a space with more cells than so many per trial is sampled, not a grid
MOST_LOOKS = 50_000_000  # cells times neighbours; above it only the neighbours along one axis count
MOST_DISTANCES = 20_000_000


@dataclass(frozen=True, slots=True)
class Plateau:
    """Hold how the neighbours of the best trial do, and which trial has the best neighbourhood.

    `score` is the neighbours' mean objective / the best's: 1 on a plateau, towards 0 on a peak, NaN when the
    best's objective is not positive. `close` is the share of neighbours with 80 % of the best's objective
    or more (NaN likewise); `rank` the share of all trials that a neighbour beats on average, which is
    known whatever the objective. `centre` is the trial whose neighbourhood, itself included, has the best
    mean. `neighbourhood` says who was asked: "box" (one step in any axes), "cross" (one step in
    one axis), or "nearest" (the trials next to it, where the space was sampled).
    """

    score: float
    close: float
    rank: float
    neighbours: int
    centre: int
    centre_mean: float
    neighbourhood: Literal["box", "cross", "nearest"]


def plateau(parameters: Mapping[str, Sequence[Any]], objective: Iterable[float], best: int) -> Plateau | None:
    """Return how the neighbours of the trial `best` do.

    `parameters` has a value per trial for each name, `objective` a number per trial, larger is better, NaN
    for one that failed or was refused: no neighbour. Numbers are ordered and neighbours are the next
    smaller and larger value that was tried; of anything else (text, True and False) neighbours have the
    same. At an edge there are fewer neighbours; a centre must know half of them. None when no parameter
    varies or no neighbour is known.
    """
    values = numbers("objective", objective)
    if not 0 <= whole("best", best, 0) < len(values) or math.isnan(values[best]):
        raise UsageError(f"best={best}: it is no trial with an objective")
    axes = [axis(name, column, len(values)) for name, column in parameters.items()]
    axes = [one for one in axes if one[0].max() > 0]
    if not any(ordered for _, ordered in axes):
        return None
    places = np.stack([place for place, _ in axes], axis=1)
    ordered = np.array([one for _, one in axes])
    cells = math.prod(int(size) for size in places.max(axis=0) + 1)
    if cells <= FULLEST * len(values):
        return on_grid(places, ordered, values, best)
    return by_distance(places, ordered, values, best)


def axis(name: str, column: Sequence[Any], trials: int) -> tuple[NDArray[np.int64], bool]:
    """Return the place of each trial along a parameter, and whether its values have an order."""
    if len(column) != trials:
        raise UsageError(f"parameter {name} has {len(column)} values for {trials} trials")
    values = np.asarray(column)
    ordered = values.dtype.kind in "iuf"
    if not ordered and values.dtype.kind not in "bU":
        values = np.array([repr(one) for one in column])
    return np.unique(values, return_inverse=True)[1].astype(np.int64), ordered


def on_grid(
    places: NDArray[np.int64], ordered: NDArray[np.bool_], values: NDArray[np.float64], best: int
) -> Plateau | None:
    """Look at the neighbours on a grid, which may have holes."""
    sizes = tuple(int(size) for size in places.max(axis=0) + 1)
    # A border of unknown cells, so that every cell can be looked at from all sides.
    border = ordered.astype(np.int64)
    shape = tuple(size + 2 * int(more) for size, more in zip(sizes, border, strict=True))
    field, trial = np.full(shape, np.nan), np.full(shape, -1)
    index = tuple((places + border).T)
    field[index], trial[index] = values, np.arange(len(values))
    inside = tuple(slice(int(more), int(more) + size) for size, more in zip(sizes, border, strict=True))
    dimensions = int(border.sum())
    box = 3**dimensions * math.prod(sizes) <= MOST_LOOKS
    steps = [step for step in product(*((-1, 0, 1) if one else (0,) for one in ordered)) if any(step)]
    if not box:
        steps = [step for step in steps if sum(map(abs, step)) == 1]
    here = places[best] + border
    around = np.array([field[tuple(here + np.array(step))] for step in steps])
    total, count = np.zeros(sizes), np.zeros(sizes)
    for step in steps:
        moved = tuple(slice(s.start + m, s.stop + m) for s, m in zip(inside, step, strict=True))
        known = ~np.isnan(field[moved])
        total += np.where(known, field[moved], 0.0)
        count += known
    mean = (total + field[inside]) / (count + 1)
    enough = (count >= min(len(steps) / 2, float(count[~np.isnan(mean)].max()))) & ~np.isnan(mean)
    centre = int(np.where(enough, mean, -np.inf).argmax())
    name: Literal["box", "cross"] = "box" if box else "cross"
    return described(around, values, best, (int(trial[inside].flat[centre]), float(mean.flat[centre])), name)


def by_distance(
    places: NDArray[np.int64], ordered: NDArray[np.bool_], values: NDArray[np.float64], best: int
) -> Plateau | None:
    """Look at the nearest trials of a space that was sampled: as many as a cross has.

    Each axis goes from 0 to 1 in the order of the values tried; another value of an axis without order is
    as far as its two ends.
    """
    known = np.flatnonzero(~np.isnan(values))
    width = np.maximum(places.max(axis=0), 1)
    wanted = min(max(2 * int(ordered.sum()), 4), len(known) - 1)
    if wanted < 1:
        return None

    def around(one: int) -> NDArray[np.float64]:
        apart = np.abs(places[known] - places[one]) / width
        apart[:, ~ordered] = apart[:, ~ordered] > 0
        distance = (apart**2).sum(axis=1)
        distance[known == one] = np.inf
        found: NDArray[np.float64] = values[known[np.argsort(distance, kind="stable")[:wanted]]]
        return found

    most = max(1, min(200, MOST_DISTANCES // len(known)))
    best_ones = known[np.argsort(-values[known], kind="stable")[:most]]
    means = [float(np.append(around(int(one)), values[one]).mean()) for one in best_ones]
    centre = int(np.argmax(means))
    return described(around(best), values, best, (int(best_ones[centre]), means[centre]), "nearest")


def described(
    around: NDArray[np.float64],
    values: NDArray[np.float64],
    best: int,
    centre: tuple[int, float],
    neighbourhood: Literal["box", "cross", "nearest"],
) -> Plateau | None:
    """Return what the objectives around the best say, beside those of all."""
    around = around[~np.isnan(around)]
    if not len(around):
        return None
    top, everyone = float(values[best]), np.sort(values[~np.isnan(values)])
    beaten = np.searchsorted(everyone, around, side="left") / max(len(everyone) - 1, 1)
    return Plateau(
        score=float(around.mean()) / top if top > 0 else math.nan,
        close=float((around >= CLOSE * top).mean()) if top > 0 else math.nan,
        rank=float(beaten.mean()),
        neighbours=len(around),
        centre=centre[0],
        centre_mean=centre[1],
        neighbourhood=neighbourhood,
    )
