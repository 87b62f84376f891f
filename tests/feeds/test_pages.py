"""Of a page is kept what was asked for: closed, possible, in order, each time once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.feeds.pages import page_of, sift
from eyas.model import Bars

SECOND = 1_000_000_000


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([1.0, 2.0, -1.0, float("nan")])), max_size=30))
def test_what_is_kept(rows: list[tuple[int, float]]) -> None:
    time = np.array([row[0] for row in rows], dtype=np.int64)
    price = np.array([row[1] for row in rows], dtype=np.float64)
    sifted = sift(
        Bars(time, price, price, price, price, np.ones(len(rows))), 5, 15, lambda time: time < 12, "x"
    )
    inside = [row for row in rows if 5 <= row[0] < 12]
    assert dict(zip(sifted.bars.time.tolist(), sifted.bars.open.tolist(), strict=True)) == {
        at: value for at, value in inside if value > 0
    }
    assert sifted.bars.time.tolist() == sorted({at for at, value in inside if value > 0})
    assert len(sifted.rejects) == sum(not value > 0 for _, value in inside)
    assert sifted.later == any(row[0] >= 12 for row in rows)
    assert sifted.last_ns == max((row[0] for row in inside), default=None)
    lost = len(rows) - len(sifted.bars)
    assert lost == sum(count for name, count in sifted.counts.items() if name != "out_of_order")


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_rows_may_count_in_any_unit(unit: int) -> None:
    rows = [[1_704_067_200 * unit, 1, 3, 0.5, 2, 7], [1_704_070_800 * unit, 2, 3, 1, 2, 8]]
    for answer in (rows, np.array(rows), tuple(map(tuple, rows))):
        bars = page_of(answer, "x").data
        assert bars.time.tolist() == [1_704_067_200 * SECOND, 1_704_070_800 * SECOND]
        assert bars.high.tolist() == [3, 3]
        assert bars.volume.tolist() == [7, 8]


@pytest.mark.parametrize("answer", [[], (), np.empty((0, 6))])
def test_nothing_is_a_page(answer: Any) -> None:
    assert len(page_of(answer, "x").data) == 0


def test_volume_may_lack() -> None:
    assert not page_of([[1_704_067_200, 1, 3, 0.5, 2]], "x").data.has_volume
