"""Choose where to cut: where decisions are made, around them, within higher bars, and anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from eyas.timeframes.timeframe import DAY_NS

if TYPE_CHECKING:
    from eyas.lookahead.feed import Feed

HOUR_NS = DAY_NS // 24
HIGHER_NS = (HOUR_NS, 4 * HOUR_NS, DAY_NS, 7 * DAY_NS)


def choose_cuts(feed: Feed, decided: Sequence[int], count: int, seed: int) -> tuple[int, ...]:
    """Return steps after which to cut, in order; `decided` are the steps with decisions.

    Half of them are steps with a decision, which is where a cut takes away what it may have used; the others
    are right before and after one, within the longer bars that begin there, and anywhere.
    """
    last = len(feed) - 2  # to cut after the last step is to cut nothing
    first = first_step(feed)
    generator = np.random.default_rng(seed)
    steps = [step for step in sorted(set(decided)) if first <= step <= last]
    wanted: list[int] = []
    if steps:
        wanted += spread(steps, max(1, count // 2))
        near = spread(steps, max(1, count // 8))
        wanted += [step + 1 for step in near] + [step - 1 for step in near]
    wanted += begun(feed, steps or range(first, last + 1), max(1, count // 8), generator)
    found = list(dict.fromkeys(step for step in wanted if first <= step <= last))[:count]
    free = count - len(found)
    if free > 0 and last >= first:
        found += generator.integers(first, last + 1, size=free).tolist()
    return tuple(sorted(set(found)))


def first_step(feed: Feed) -> int:
    """Return the first step that leaves two bars, and two finer bars where there are any."""
    begin = 1
    for symbol, one in feed.finer.items():
        if len(one) > 1:
            place = feed.market.symbols.index(symbol)
            begin = max(begin, int(np.searchsorted(feed.market.closes[place], one.time[1])) + 1)
    return begin


def begun(feed: Feed, steps: Iterable[int], count: int, generator: np.random.Generator) -> list[int]:
    """Return steps right after which a longer bar has begun, and is far from closed."""
    places = np.fromiter(steps, dtype=np.int64)
    if not len(places):
        return []
    clock = feed.market.time if feed.market.is_portfolio else feed.market.closes[0]
    time, usual = clock[places], int(np.median(np.diff(clock)))
    found: list[int] = []
    for length in HIGHER_NS:
        if not 0 < usual < length:
            continue
        into = time % length
        early = places[(into > 0) & (into <= max(usual, length // 6))]
        if len(early):
            found += generator.choice(early, size=min(count, len(early)), replace=False).tolist()
    return found


def spread(steps: Sequence[int], count: int) -> list[int]:
    """Return at most `count` of some steps, the first and the last among them.

    >>> spread([1, 2, 3, 4, 5], 3)
    [1, 3, 5]
    """
    places = np.linspace(0, len(steps) - 1, min(count, len(steps))).round().astype(int)
    return [steps[place] for place in places.tolist()]
