"""Laws: the order and the number of imports do not matter, and a part is a slice of the whole."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eyas.data.catalog import Catalog
from eyas.data.catalog.kinds import columns_of
from eyas.data.catalog.merge import merge
from eyas.errors import DataError
from eyas.model import Bars
from eyas.ticks import Trades
from tests.data.catalog.made import DAY, MONDAY, alike, bars_at

BITS = st.floats(min_value=1e-6, max_value=1e9, allow_subnormal=False)
IN_FILES = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def pieces(draw):
    """Return times, and stretches of them that overlap and together are all."""
    rows = draw(st.integers(1, 60))
    steps = draw(st.lists(st.integers(1, 20), min_size=rows, max_size=rows))
    time = MONDAY + DAY * np.cumsum(steps)
    cuts = draw(st.lists(st.tuples(st.integers(0, rows), st.integers(0, rows)), max_size=5))
    stretches = [slice(min(cut), max(cut)) for cut in cuts if cut[0] != cut[1]]
    order = draw(st.permutations([*stretches, slice(0, rows)]))
    return time, order


@IN_FILES
@given(pieces(), st.sampled_from(["parquet", "mapped"]), st.sampled_from(["1s", "1m", "1h", "1d"]))
def test_any_order_of_imports_gives_the_same(made, file_format, timeframe):
    time, order = made
    whole = bars_at(time, timeframe)
    with tempfile.TemporaryDirectory() as place:
        catalog = Catalog(place)
        news = [catalog.add(whole[piece], venue="v", format=file_format).rows_new for piece in order]
        catalog.add(whole, venue="once", format=file_format)
        assert sum(news) == len(whole)
        assert (
            catalog.entry("BTCUSDT", timeframe, "v").hash == catalog.entry("BTCUSDT", timeframe, "once").hash
        )
        assert alike(catalog.load("BTCUSDT", timeframe, venue="v"), whole)
        for piece in order:
            assert catalog.add(whole[piece], venue="v").rows_new == 0
        assert catalog.verify() == ()


@IN_FILES
@given(pieces(), st.integers(-5, 1_300), st.integers(1, 1_300))
def test_a_range_is_a_slice_of_the_whole(made, begin, length):
    time, _ = made
    whole = bars_at(time, "1h")
    start, end = MONDAY + begin * DAY, MONDAY + (begin + length) * DAY
    expected = whole[int(np.searchsorted(time, start)) : int(np.searchsorted(time, end))]
    with tempfile.TemporaryDirectory() as place:
        catalog = Catalog(place)
        catalog.add(whole, venue="v")
        if len(expected):
            assert alike(catalog.load("BTCUSDT", "1h", start=start, end=end), expected)
        else:
            with pytest.raises(DataError, match="has no rows from"):
                catalog.load("BTCUSDT", "1h", start=start, end=end)


@IN_FILES
@given(st.data(), st.sampled_from(["parquet", "mapped"]))
def test_numbers_come_back_to_the_bit(data, file_format):
    rows = data.draw(st.integers(1, 40))
    column = st.lists(BITS, min_size=rows, max_size=rows).map(np.array)
    low, volume = data.draw(column), data.draw(column)
    rate = np.array(data.draw(st.lists(st.just(np.nan) | st.floats(-0.5, 0.5), min_size=rows, max_size=rows)))
    high = np.nextafter(low, np.inf)
    time = MONDAY + DAY * np.arange(rows)
    given_bars = Bars(time, low, high, low, high, volume, "X", "1d", "made", low, rate)
    with tempfile.TemporaryDirectory() as place:
        catalog = Catalog(place)
        catalog.add(given_bars, venue="v", format=file_format)
        assert alike(catalog.load("X", "1d"), given_bars)


def columns(rows):
    """Return the columns of trades from tuples: time, price, and number (-1 where there is none)."""
    rows = sorted(rows)
    time, price, number = (np.array([row[place] for row in rows]) for place in range(3))
    ones = np.ones(len(rows))
    return columns_of(Trades(time, price, ones, ones.astype(np.int8), number), "trades")


nameless = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1.0, 2.0]), st.just(-1)), max_size=8)
numbered = st.lists(st.integers(0, 30), max_size=12).map(
    lambda numbers: [(number // 4, number / 2 + 1, number) for number in numbers]
)


@given(nameless, nameless, numbered, numbered)
def test_trades_merge_like_sets_and_bags(one, other, some, more):
    first, second = columns([*one, *some]), columns([*other, *more])
    nothing = columns([])
    start = merge("trades", nothing, first, (), revise=False).columns
    merged = merge("trades", start, second, (), revise=False)
    kinds = set(one) | set(other)
    bag = [row for row in kinds for _ in range(max(one.count(row), other.count(row)))]
    expected = sorted([*bag, *(set(some) | set(more))], key=lambda row: (row[0], row[2], row[1]))
    found = zip(*(merged.columns[name].tolist() for name in ("time", "price", "number")), strict=True)
    assert sorted(found, key=lambda row: (row[0], row[2], row[1])) == expected
    assert merged.rows_new == len(expected) - len(start["time"])
    assert merged.rows_new + merged.rows_same == len(second["time"])
    assert merged.rows_revised == 0
    again = merge("trades", merged.columns, first, (), revise=False)
    assert again.rows_new == 0
    assert {name: again.columns[name].tolist() for name in again.columns} == {
        name: merged.columns[name].tolist() for name in merged.columns
    }


@given(pieces(), st.data())
def test_revisions_are_the_rows_that_differ(made, data):
    time, order = made
    rows = data.draw(st.sets(st.integers(0, len(time) - 1)))
    stored = columns_of(bars_at(time), "stored")
    new = {name: column.copy() for name, column in stored.items()}
    new["close"][sorted(rows)] += 1
    piece = {name: column[order[0]] for name, column in new.items()}
    inside = [row for row in sorted(rows) if order[0].start <= row < order[0].stop]
    kept = merge("bars", stored, piece, tuple(piece), revise=False)
    taken = merge("bars", stored, piece, tuple(piece), revise=True)
    assert kept.columns["close"].tolist() == stored["close"].tolist()
    expected = stored["close"].copy()
    expected[inside] += 1
    assert taken.columns["close"].tolist() == expected.tolist()
    for one in (kept, taken):
        assert one.differing["time"].tolist() == time[inside].tolist()
        assert (one.rows_new, one.rows_revised) == (0, len(inside))
        assert one.rows_same == len(piece["time"]) - len(inside)
