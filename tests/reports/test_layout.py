"""No row of a page is half empty, and the columns of figures end at about one height."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.layout import HEAD_ROWS, column_starts, widened
from eyas.reports.sections import Section


@given(st.lists(st.booleans(), max_size=12))
def test_halves_stand_in_pairs(wide: list[bool]) -> None:
    found = widened([Section("key", "Title", "", wide=one) for one in wide])
    assert len(found) == len(wide)
    assert all(now for was, now in zip(wide, found, strict=True) if was)
    halves = "".join(" " if one else "x" for one in found).split()
    assert all(len(run) % 2 == 0 for run in halves)
    # Of neighbouring halves one at most is widened.
    runs = "".join(" " if one else "x" for one in wide).split()
    assert sum(found) - sum(wide) == sum(len(run) % 2 for run in runs)


@given(st.lists(st.integers(1, 20), max_size=10))
def test_no_other_columns_are_shorter(lengths: list[int]) -> None:
    starts = column_starts(lengths)
    heights = [length + HEAD_ROWS for length in lengths]
    edges = [0, *sorted(starts), len(heights)]
    longest = max((sum(heights[first:last]) for first, last in pairwise(edges)), default=0)
    assert len(starts) == max(0, min(3, len(lengths)) - 1)
    assert all(0 < start < len(lengths) for start in starts)
    for second in range(1, len(heights)):
        for third in range(second + 1, len(heights)):
            assert longest <= max(sum(heights[:second]), sum(heights[second:third]), sum(heights[third:]))
