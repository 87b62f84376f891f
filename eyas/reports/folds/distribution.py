"""How often returns of which size came: a histogram, and where its middle and its tails lie."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eyas.reports.folds.rounding import round_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.curve import Curve

BINS = 36
TAIL = 0.005
SHARES = (0.05, 0.25, 0.75, 0.95)
FEWEST_DAYS = 20
ZEROS_MAX = 0.1
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Distribution:
    """Hold a histogram of `count` values: `counts` between `edges`, which are round numbers.

    Those that are exactly 0 are neither gain nor loss and in no bin; `zero` says how many they are. `below`
    and `above` lie beyond the outer edges, so that a few far ones do not press the rest
    together. `quantiles` are by the share below them. `normal` is how many of so many normal values of the
    same mean and deviation would lie in each bin; nothing where more than a tenth are 0. All other figures
    are of all values. `sentence` says why there is
    nothing, or is empty.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    normal: NDArray[np.float64]
    count: int
    below: int = 0
    above: int = 0
    zero: int = 0
    mean: float = math.nan
    median: float = math.nan
    deviation: float = math.nan
    quantiles: dict[float, float] = field(default_factory=dict)
    of: str = "values"
    sentence: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether all values are the same, but for the rounding of floats."""
        return not self.deviation > 1e-12 * max(1.0, abs(self.mean))


def distribution(values: NDArray[np.float64], *, of: str = "values", bins: int = BINS) -> Distribution:
    """Return the histogram of the finite ones of some values, named `of` what they are.

    Zero is always an edge, so that a bin is either of gains or of losses.

    >>> import numpy as np
    >>> found = distribution(np.array([-0.01, 0.01, 0.012, 0.03]), bins=4)
    >>> found.edges.round(6).tolist(), found.counts.tolist()
    ([-0.01, 0.0, 0.01, 0.02, 0.03], [1, 0, 2, 1])
    """
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        none = np.empty(0)
        return Distribution(none, np.empty(0, np.int64), none, 0, of=of, sentence=f"There are no {of}.")
    moved = known[known != 0]
    if not len(moved):
        none, said = np.empty(0), f"All {of} ({len(known):,}) are exactly 0."
        return Distribution(none, np.empty(0, np.int64), none, 0, zero=len(known), of=of, sentence=said)
    edges = _edges(moved, bins)
    counts = _counts(moved, edges)
    zero = len(known) - len(moved)
    mean = float(known.mean())
    deviation = float(known.std(ddof=1)) if len(known) > 1 else math.nan
    low, high = edges[0], edges[-1]
    return Distribution(
        edges=edges,
        counts=counts,
        normal=_normal(edges, mean, deviation if zero <= ZEROS_MAX * len(known) else 0.0) * len(known),
        count=len(known),
        below=int((moved < low).sum()),
        above=int((moved > high).sum()),
        zero=zero,
        mean=mean,
        median=float(np.median(known)),
        deviation=deviation,
        quantiles=dict(zip(SHARES, np.quantile(known, SHARES).tolist(), strict=True)),
        of=of,
    )


def returns_distribution(curve: Curve) -> Distribution:
    """Return the distribution of a curve's daily returns; of those of its bars where the days are few."""
    daily = curve.by_day()
    is_daily = len(daily) == len(curve) and daily.spacing_ns == DAY_NS
    if is_daily or (len(daily.returns) >= FEWEST_DAYS and len(daily) < len(curve)):
        return distribution(daily.returns, of="daily returns")
    return distribution(curve.returns, of="returns of bars")


def _edges(known: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return round edges around nearly all values; zero is one of them."""
    low, high = (float(one) for one in np.quantile(known, (TAIL, 1 - TAIL)))
    span = high - low
    # All (nearly) equal values stand in one bin that has room beside it.
    if span <= 1e-12 * max(abs(low), abs(high), 1e-300):
        span = abs(low) or 1.0
    step = round_step(span / max(1, bins))
    first, last = math.floor(low / step), math.ceil(high / step)
    if last * step < high or last == first:
        last += 1
    if last - first > 4 * bins:  # far from zero, and close together: round numbers do not resolve them
        return np.asarray(np.linspace(low, low + span, bins + 1), np.float64)
    return np.asarray(np.arange(first, last + 1) * step, np.float64)


def _counts(known: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many values lie in each bin; an edge belongs to the bin above it, the last to both."""
    places = np.searchsorted(edges, known, side="right") - 1
    places[known == edges[-1]] = len(edges) - 2
    inside = (places >= 0) & (places < len(edges) - 1)
    return np.bincount(places[inside], minlength=len(edges) - 1).astype(np.int64)


def _normal(edges: NDArray[np.float64], mean: float, deviation: float) -> NDArray[np.float64]:
    """Return the share of a normal distribution that lies in each bin; zeros where it has no width."""
    if not deviation > 0:
        return np.zeros(len(edges) - 1)
    # The table is of at most a few hundred edges, so that a loop is fine and scipy is not needed.
    below = np.array([0.5 * math.erfc((mean - edge) / (deviation * math.sqrt(2))) for edge in edges.tolist()])
    return np.diff(below)
