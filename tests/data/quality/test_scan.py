"""The one quick pass finds what a slow look at every row would, also where its pieces meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eyas.data.quality import check
from eyas.data.quality.scan import BLOCK, WORTH_A_LOOK, scan
from eyas.model import PRICE_COLUMNS, Bars
from tests.data.quality.faults import MINUTE_NS
from tests.data.quality.test_calendars import at, walk

PIECE = 128  # rows that the pass looks at together; as kernel/python/src/scan.rs has it
LONG = walk(at("2024-01-01") + np.arange(20 * BLOCK + 777) * MINUTE_NS, "1m")
EDGES = [
    0,
    1,
    2,
    PIECE - 2,
    PIECE - 1,
    PIECE,
    PIECE + 1,
    2 * PIECE - 1,
    2 * PIECE,
    BLOCK - 1,
    BLOCK,
    BLOCK + 1,
    16 * BLOCK,
    len(LONG) - 2,
    len(LONG) - 1,
]


def changed(name: str, row: int, value: float) -> Bars:
    column = np.array(getattr(LONG, name))
    column[row] = value
    return replace(LONG, **{name: column})


@settings(max_examples=30)
@given(
    rows=st.lists(st.sampled_from(EDGES) | st.integers(0, len(LONG) - 1), min_size=1, max_size=6),
    factor=st.sampled_from([0.5, 0.97, 1.0, 1.03, 2.0, 1e-4]),
)
def test_it_finds_what_a_look_at_every_row_does(rows: list[int], factor: float) -> None:
    columns = {name: np.array(getattr(LONG, name)) for name in LONG.columns}
    for row in rows:
        for name in PRICE_COLUMNS:
            columns[name][row] = columns[name][max(0, row - 1)] * factor
        columns["volume"][row] = 0
    columns["time"][max(rows) :] += 5 * MINUTE_NS
    bars = replace(LONG, **columns)
    found = scan(bars, MINUTE_NS)
    assert found.irregular.tolist() == np.flatnonzero(np.diff(bars.time) != MINUTE_NS).tolist()
    limit = WORTH_A_LOOK * found.return_scale
    change = np.abs(bars.close[1:] / bars.close[:-1] - 1)
    assert set(np.flatnonzero(change > limit) + 1) <= set(found.moved)
    ranges = bars.high / bars.low
    assert found.wide.tolist() == np.flatnonzero(ranges > 1 + WORTH_A_LOOK * found.range_scale).tolist()
    alike = [getattr(bars, name)[1:] == getattr(bars, name)[:-1] for name in ("high", "low", "close")]
    assert found.same.tolist() == (np.flatnonzero(np.logical_and.reduce(alike)) + 1).tolist()
    assert found.idle.tolist() == np.flatnonzero(bars.volume == 0).tolist()
    for first in range(0, len(bars), BLOCK):
        block = slice(first, first + BLOCK)
        middle = np.median([getattr(bars, name)[block] for name in PRICE_COLUMNS])
        if (bars.low[block] < middle / 1000).any():
            assert first in found.low_blocks


@pytest.mark.parametrize("row", EDGES)
def test_a_fault_is_found_at_every_edge(row: int) -> None:
    assert [one.row for one in check(changed("volume", row, 0)).findings] == [row]
    low = check(changed("low", row, LONG.low[row] / 5000)).finding("near_zero")
    assert low is not None
    assert (low.row, low.count) == (row, 1)
    high = check(changed("high", row, LONG.high[row] * 1.5)).finding("spikes")
    assert high is not None
    assert (high.row, high.count) == (row, 1)
    if 0 < row < len(LONG) - 1:
        kept = np.delete(np.arange(len(LONG)), row)
        gap = check(replace(LONG, **{name: getattr(LONG, name)[kept] for name in LONG.columns}))
        assert [(one.name, one.count, one.row) for one in gap.findings] == [("gaps", 1, row - 1)]


def test_two_threads_find_what_numpy_does() -> None:
    random = np.random.default_rng(5)
    count = 300_000
    close = np.round(
        100
        * np.exp(
            np.cumsum(random.choice([0, 1e-4, -1e-4, 1e-2, -1e-2], count, p=[0.2, 0.35, 0.35, 0.05, 0.05]))
        ),
        2,
    )
    high, low = close * random.choice([1, 1.1], count), close * random.choice([1, 0.9], count)
    time = at("2024-01-01") + np.cumsum(random.choice([1, 2], count, p=[0.99, 0.01])) * MINUTE_NS
    volume = random.choice([0.0, 1.0], count)
    bars = Bars(time, close, high, low, close, volume)
    found = scan(bars, MINUTE_NS)
    far = WORTH_A_LOOK * found.return_scale
    change = close[1:] / close[:-1]
    assert found.irregular.tolist() == np.flatnonzero(np.diff(time) != MINUTE_NS).tolist()
    assert found.moved.tolist() == (np.flatnonzero(np.abs(change - 1) > far / (1 + far)) + 1).tolist()
    alike = (change == 1) & (high[1:] == high[:-1]) & (low[1:] == low[:-1])
    assert found.same.tolist() == (np.flatnonzero(alike) + 1).tolist()
    assert found.idle.tolist() == np.flatnonzero(volume == 0).tolist()
    assert min(map(len, (found.irregular, found.moved, found.same, found.idle))) > 0
