"""Which trade of one run is which of the other: one to one, and mirrored when the runs are swapped."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from eyas.reports.difference.trades import Trade

REACH_BARS = 10

# Each pass pairs what is left of both sides by a key, in order of entry: the strictest first, so that of a
# thousand trades at one bar each finds its equal, and one too few shifts none of the others.
BY_DECISION: tuple[Callable[[Trade], Hashable], ...] = (
    lambda trade: (trade.decided_ns, trade.traded),
    lambda trade: (trade.decided_ns, trade.entries),
    lambda trade: (trade.decided_ns, trade.entry_ns, trade.quantity),
    lambda trade: (trade.decided_ns, trade.entry_ns, trade.exit_ns, trade.reason),
    lambda trade: (trade.decided_ns, trade.entry_ns),
    lambda trade: trade.decided_ns,
)


class Match(NamedTuple):
    """Two trades that belong together; None where the other run has none."""

    a: Trade | None
    b: Trade | None


def matched(a: Sequence[Trade], b: Sequence[Trade], bar_ns: int) -> list[Match]:
    """Return the trades of two runs side by side, by time of entry; every trade occurs once.

    Only trades of the same symbol and side are paired: those decided at the same time, then those entered at
    the same time, then the nearest entries, at most ten bars apart (`bar_ns` each), or, where both were held
    at the same time, half as long apart as the shorter one was held.
    """
    sides: dict[tuple[str, int], tuple[list[Trade], list[Trade]]] = defaultdict(lambda: ([], []))
    for place, trades in enumerate((a, b)):
        for trade in trades:
            sides[trade.symbol, trade.direction][place].append(trade)
    found: list[Match] = []
    for ours, theirs in sides.values():
        found.extend(one_side(ordered(ours), ordered(theirs), bar_ns))
    return sorted(found, key=place_of)


def ordered(trades: Sequence[Trade]) -> list[Trade]:
    """Return trades in order of entry."""
    return sorted(trades, key=lambda trade: (trade.entry_ns, trade.decided_ns, trade.ticket))


def place_of(match: Match) -> tuple[int, str, int, int, int]:
    """Return by what matches are sorted, the same when the runs are swapped."""
    known = [trade for trade in match if trade]
    first = min(trade.entry_ns for trade in known)
    tickets = sorted(trade.ticket for trade in known)
    return (first, known[0].symbol, -known[0].direction, tickets[0], tickets[-1])


def one_side(a: list[Trade], b: list[Trade], bar_ns: int) -> list[Match]:
    """Return the matches of one symbol and side."""
    found: list[Match] = []
    shared = {trade.decided_ns for trade in a} & {trade.decided_ns for trade in b}
    for key in (*(BY_DECISION if shared else ()), lambda trade: trade.entry_ns):
        if not a or not b:
            break
        pairs, a, b = paired(a, b, key)
        found.extend(pairs)
    pairs, a, b = nearest_first(a, b, bar_ns)
    found.extend(pairs)
    return [*found, *(Match(trade, None) for trade in a), *(Match(None, trade) for trade in b)]


def paired(
    a: list[Trade], b: list[Trade], key: Callable[[Trade], Hashable]
) -> tuple[list[Match], list[Trade], list[Trade]]:
    """Pair the trades that share a key, the first with the first, and return what is left of both."""
    waiting: dict[Hashable, list[Trade]] = defaultdict(list)
    for trade in reversed(b):
        waiting[key(trade)].append(trade)
    found, rest = [], []
    for trade in a:
        others = waiting.get(key(trade))
        if others:
            found.append(Match(trade, others.pop()))
        else:
            rest.append(trade)
    taken = {id(match.b) for match in found}
    return found, rest, [trade for trade in b if id(trade) not in taken]


def nearest_first(
    a: list[Trade], b: list[Trade], bar_ns: int
) -> tuple[list[Match], list[Trade], list[Trade]]:
    """Pair the nearest entries first, among neighbours in time, and return what is left of both.

    What stands between two trades has either found its own or is of their own run: pairs never cross.
    """
    if not a or not b:
        return [], a, b
    line = sorted(
        [*((trade, 0) for trade in a), *((trade, 1) for trade in b)],
        key=lambda one: (one[0].entry_ns, one[0].decided_ns, one[0].ticket),
    )
    before = list(range(-1, len(line) - 1))
    after = [*range(1, len(line)), -1]
    gone = [False] * len(line)
    near: list[tuple[int, int, int]] = []

    def consider(left: int, right: int) -> None:
        if left >= 0 and right >= 0 and line[left][1] != line[right][1]:
            distance = within_reach(line[left][0], line[right][0], bar_ns)
            if distance is not None:
                heapq.heappush(near, (distance, left, right))

    for place in range(len(line) - 1):
        consider(place, place + 1)
    found = []
    while near:
        _, left, right = heapq.heappop(near)
        if gone[left] or gone[right]:
            continue
        gone[left] = gone[right] = True
        one, other = line[left][0], line[right][0]
        found.append(Match(one, other) if line[left][1] == 0 else Match(other, one))
        first, last = before[left], after[right]
        if first >= 0:
            after[first] = last
        if last >= 0:
            before[last] = first
        consider(first, last)
    rest = [
        [line[at][0] for at in range(len(line)) if not gone[at] and line[at][1] == side] for side in (0, 1)
    ]
    return found, rest[0], rest[1]


def within_reach(one: Trade, other: Trade, bar_ns: int) -> int | None:
    """Return how far two entries are apart (ns), or None where that is too far for them to be the same."""
    distance = abs(one.entry_ns - other.entry_ns)
    reach = REACH_BARS * bar_ns
    if max(one.entry_ns, other.entry_ns) < min(one.exit_ns, other.exit_ns):
        shorter = min(one.exit_ns - one.entry_ns, other.exit_ns - other.entry_ns)
        reach = max(reach, shorter // 2)
    return distance if distance <= reach else None
