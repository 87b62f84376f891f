"""Bars of single trades: a slow twin, exact limits, and no closed bar that changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.data.aggregation import aggregate
from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.ticks import Trades
from eyas.timeframes import Session
from tests.reference.search import searching
from tests.timeframes import slow

SECOND = 10**9
START = 1_700_000_000
CENTS = st.integers(1, 500)
# Seconds since the trade before, price and quantity in hundredths.
ROWS = st.lists(st.tuples(st.sampled_from([0, 0, 1, 7, 40, 400]), CENTS, st.integers(0, 300)), max_size=60)
KINDS: list[dict[str, Any]] = [
    {"every": "1m"}, {"every": "1h"}, {"every": "15s"}, {"ticks": 1}, {"ticks": 7}, {"volume": 0.01},
    {"volume": 5.0}, {"volume": 3}, {"value": 12.34}, {"value": 5.0},
]  # fmt: skip


def trades_of(rows: list[tuple[int, int, int]]) -> Trades:
    gaps, prices, quantities = (np.array([row[part] for row in rows]) for part in range(3))
    time = (START + np.cumsum(gaps, dtype=np.int64)) * SECOND
    count = len(rows)
    return Trades(time, prices / 100, quantities / 100, np.ones(count), np.arange(count), "X", "x.csv")


def groups_of(rows: list[tuple[int, int, int]], kind: dict[str, Any]) -> tuple[list[list[int]], bool]:
    """Return the rows of each bar, and whether the last bar is closed: in decimals, one trade at a time."""
    [(name, limit)] = kind.items()
    groups: list[list[int]] = []
    total, time, interval = Decimal(0), START, None
    is_closed = True
    for row, (gap, price, quantity) in enumerate(rows):
        time += gap
        if name == "every":
            here = slow.in_utc(time, limit)
            is_new, interval = here != interval, here
        else:
            is_new = is_closed
        if is_new:
            groups.append([])
            total = Decimal(0)
        groups[-1].append(row)
        part = {
            "ticks": Decimal(1),
            "volume": Decimal(quantity) / 100,
            "value": Decimal(price * quantity) / 10_000,
        }
        total += part.get(name, Decimal(0))
        is_closed = name != "every" and total >= Decimal(str(limit))
    return groups, is_closed


def same(one: Bars, other: Bars) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in one.columns
    )


@pytest.mark.parametrize("kind", KINDS, ids=str)
@searching(40)
@given(rows=ROWS)
def test_the_slow_twin_agrees(kind: dict[str, Any], rows: list[tuple[int, int, int]]) -> None:
    trades = trades_of(rows)
    groups, is_closed = groups_of(rows, kind)
    bars = aggregate(trades, **kind, partial=True)
    assert len(bars) == len(groups)
    assert len(aggregate(trades, **kind)) == len(groups) - (not is_closed)
    before = None
    for place, group in enumerate(groups):
        prices = [rows[row][1] / 100 for row in group]
        assert [bars.open[place], bars.high[place], bars.low[place], bars.close[place]] == [
            prices[0], max(prices), min(prices), prices[-1],
        ]  # fmt: skip
        volume = sum(rows[row][2] for row in group)
        assert bars.volume[place] == pytest.approx(volume / 100, rel=1e-12, abs=1e-15)
        assert bars.given is not None
        if volume:
            paid = sum(rows[row][1] * rows[row][2] for row in group)
            assert bars.given[place] == pytest.approx(paid / volume / 100, rel=1e-12)
            assert bars.low[place] <= bars.given[place] <= bars.high[place]
        else:
            assert np.isnan(bars.given[place])
        first = int(trades.time[group[0]])
        if "every" in kind:
            expected = slow.in_utc(first // SECOND, kind["every"]).start * SECOND
        else:
            expected = first if before is None else max(first, before + 1)
        assert bars.time[place] == expected
        before = expected
    assert (bars.symbol, bars.source, bars.timeframe) == ("X", "x.csv", kind.get("every", ""))


@pytest.mark.parametrize("kind", KINDS, ids=str)
@searching(40)
@given(rows=ROWS, cut=st.integers(0, 60))
def test_more_trades_change_no_closed_bar(
    kind: dict[str, Any], rows: list[tuple[int, int, int]], cut: int
) -> None:
    trades = trades_of(rows)
    whole, part = aggregate(trades, **kind, partial=True), aggregate(trades[:cut], **kind)
    assert same(part, whole[: len(part)])
    forming = aggregate(trades[:cut], **kind, partial=True)
    assert same(part, forming[: len(part)])
    assert len(forming) - len(part) <= 1


def test_a_trade_that_overshoots_belongs_to_the_bar_that_it_closes() -> None:
    bars = aggregate(trades_of([(1, 100, 400), (1, 200, 1700), (1, 300, 500), (1, 400, 500)]), volume=10)
    assert bars.volume.tolist() == [21, 10]
    assert bars.close.tolist() == [2, 4]


def test_tenths_add_up() -> None:
    """Ten times 0.1 is 1, though the sum of the floats is not."""
    trades = trades_of([(1, 100, 10)] * 1000)
    assert len(aggregate(trades, volume=1.0)) == 100
    assert len(aggregate(trades, value=0.3)) == 333
    # 1.001 is a little less than that in binary, and so is 1.001e9.
    nine = trades_of([(1, 100, 1)] * 9)
    assert len(aggregate(replace(nine, quantity=np.full(9, 1.001)), volume=3.003)) == 3


def test_the_last_bar_of_time_is_closed_when_the_trades_are_complete() -> None:
    trades = trades_of([(0, 100, 100), (50, 100, 100)])
    end = (START // 60 + 2) * 60 * SECOND
    assert [len(aggregate(trades, every="1m", until=until)) for until in (None, end - 1, end)] == [1, 1, 2]


def test_trades_outside_of_the_session_are_left_out() -> None:
    # 2023-11-14T22:13:20Z is 17:13:20 in New York.
    trades = trades_of([(0, 100, 100), (160, 200, 100), (600, 300, 100), (3000, 900, 100)])
    session = Session("America/New_York", "17:15", "17:30")
    bars = aggregate(trades, every="10m", session=session, partial=True)
    assert bars.close.tolist() == [2, 3]
    assert (bars.time // SECOND - START).tolist() == [100, 700]
    assert len(aggregate(trades[:1], every="10m", session=session, partial=True)) == 0


def test_enormous_and_tiny_limits() -> None:
    trades = trades_of([(1, 100, 10)] * 10)
    assert len(aggregate(trades, volume=1e99)) == 0
    assert len(aggregate(trades, volume=1e-99)) == 10
    assert (
        len(aggregate(trades_of([]), volume=1))
        == len(aggregate(trades_of([]), every="1m", partial=True))
        == 0
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "give exactly one of every, ticks, volume and value, not none"),
        (
            {"ticks": 3, "value": 1.0},
            "give exactly one of every, ticks, volume and value, not ticks and value",
        ),
        ({"ticks": 0}, "ticks must be a whole number of trades, at least 1, not 0"),
        ({"ticks": 2.5}, "ticks must be a whole number of trades, at least 1, not 2.5"),
        ({"ticks": True}, "ticks must be a whole number of trades, at least 1, not True"),
        ({"volume": 0}, "volume must be a number above 0 and below 1e100, not 0"),
        ({"value": float("nan")}, "value must be a number above 0 and below 1e100, not nan"),
        ({"every": "1y"}, "timeframe '1y' is not a number and one of s, m, h, d, w, M, such as '4h'"),
        ({"ticks": 1, "until": 5}, "until and session go with bars of time: give them with every='1m'"),
    ],
)
def test_calls_that_are_wrong(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        aggregate(trades_of([(1, 100, 100)]), **arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("time", 5, "it is older than the trade before it. Sort the trades by time."),
        ("price", 0.0, "price 0.0 is not a number above zero. Leave the trade out."),
        ("price", np.nan, "price nan is not a number above zero. Leave the trade out."),
        ("quantity", -1.0, "quantity -1.0 is not a number at least zero. Leave the trade out."),
        ("quantity", np.inf, "quantity inf is not a number at least zero. Leave the trade out."),
    ],
)
def test_trades_that_are_none(column: str, value: float, sentence: str) -> None:
    good = trades_of([(1, 100, 100)] * 4)
    columns = {name: getattr(good, name).copy() for name in ("time", "price", "quantity", "side", "number")}
    columns[column][2] = value
    with pytest.raises(DataError) as caught:
        aggregate(Trades(**columns, source="x.csv"), ticks=2)
    assert str(caught.value).startswith("x.csv row 3 (")
    assert str(caught.value).endswith(f"): {sentence}")
