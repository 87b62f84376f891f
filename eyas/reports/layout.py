"""How a page is laid out: no half of a row stays empty, and columns of figures end at about one height."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eyas.reports.sections import Section

COLUMNS = 3
HEAD_ROWS = 2  # a title with the room around it is about as high as two figures


def widened(sections: Sequence[Section]) -> list[bool]:
    """Return of each section whether it takes a whole row: it is wide, or nothing would be beside it."""
    found = [section.wide for section in sections]
    waiting: int | None = None
    for place, is_wide in enumerate([*found, True]):
        if not is_wide:
            waiting = place if waiting is None else None
        elif waiting is not None:
            found[waiting], waiting = True, None
    return found


def column_starts(lengths: Sequence[int], columns: int = COLUMNS) -> set[int]:
    """Return which groups, of so many figures each, begin a column, so that the longest is short.

    >>> sorted(column_starts([13, 9, 7, 8, 9, 14, 9, 7]))
    [2, 5]
    """
    heights = [length + HEAD_ROWS for length in lengths]
    if len(heights) <= columns:
        return set(range(1, len(heights)))

    def unevenness(starts: set[int]) -> tuple[int, int]:
        edges = [0, *sorted(starts), len(heights)]
        sums = [sum(heights[first:last]) for first, last in pairwise(edges)]
        return max(sums), sum(one * one for one in sums)

    choices = [set(starts) for starts in combinations(range(1, len(heights)), columns - 1)]
    return min(choices, key=unevenness)
