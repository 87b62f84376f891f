"""Trades by side, hour, weekday, month, reason and symbol."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.metrics.grouped import By, grouped
from eyas.metrics.trades import Trades

ENTRIES = [
    datetime(2024, 1, 1, 0, 59, tzinfo=UTC),  # a Monday
    datetime(2024, 1, 7, 23, 0, tzinfo=UTC),  # a Sunday
    datetime(2023, 12, 31, 23, 59, tzinfo=UTC),  # a Sunday
    datetime(1969, 12, 31, 1, 0, tzinfo=UTC),  # a Wednesday before 1970
]
PROFIT = [5.0, -2.0, 3.0, 0.0]


def trades_at(entries: list[datetime], profit: list[float], symbol: list[str] | None = None) -> Trades:
    """Return trades that began at some moments; every other is short."""
    count = len(profit)
    entry = np.array([int(one.timestamp()) for one in entries], dtype=np.int64) * 1_000_000_000
    return Trades(
        profit=profit, rate=[one / 100 for one in profit],
        direction=[(1, -1)[row % 2] for row in range(count)],
        entry_ns=entry, exit_ns=entry + 1, bars=[1] * count, fee=[0.0] * count,
        reason=[("target", "stop")[row % 2] for row in range(count)], symbol=symbol,
    )  # fmt: skip


def test_a_group_has_the_figures_of_its_trades() -> None:
    found = grouped(trades_at(ENTRIES, PROFIT), "side")
    assert found.columns == [
        "side",
        "count",
        "win_rate",
        "profit",
        "mean_rate",
        "profit_factor",
        "expectancy",
    ]
    assert found.rows() == [
        ("long", 2, 1.0, 8.0, pytest.approx(0.04), float("inf"), 4.0),
        ("short", 2, 0.0, -2.0, pytest.approx(-0.01), 0.0, -1.0),
    ]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("hour", [(0, 5.0), (1, 0.0), (23, 1.0)]),
        ("weekday", [("Monday", 5.0), ("Wednesday", 0.0), ("Sunday", 1.0)]),
        ("month", [("January", 3.0), ("December", 3.0)]),
        ("exit_reason", [("stop", -2.0), ("target", 8.0)]),
        ("symbol", [("A", 1.0), ("B", 5.0)]),
    ],
)
def test_groups_come_in_their_own_order(by: By, groups: list[tuple[object, float]]) -> None:
    found = grouped(trades_at(ENTRIES, PROFIT, ["B", "A", "A", "A"]), by)
    assert found.select(by, "profit").rows() == groups


def test_what_is_not_known_is_null() -> None:
    found = grouped(trades_at(ENTRIES[:1], [0.0]), "side")
    assert found["profit_factor"].to_list() == [None]


@pytest.mark.parametrize("by", get_args(By))
def test_no_trades_are_no_groups(by: By) -> None:
    assert grouped(trades_at([], [], []), by).height == 0


def test_what_cannot_be_grouped_is_named() -> None:
    with pytest.raises(UsageError, match=r"by is 'year', but must be one of 'side', 'hour'"):
        grouped(trades_at(ENTRIES, PROFIT), "year")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"name no symbol"):
        grouped(trades_at(ENTRIES, PROFIT), "symbol")


@given(
    st.lists(
        st.tuples(st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1)), st.integers(-9, 9)), max_size=30
    ),
    st.sampled_from(["hour", "weekday", "month"]),
)
def test_groups_are_those_of_the_calendar(rows: list[tuple[datetime, int]], by: By) -> None:
    moments = [moment.replace(tzinfo=UTC, microsecond=0) for moment, _ in rows]
    found = grouped(trades_at(moments, [float(profit) for _, profit in rows]), by)
    name = {
        "hour": lambda one: one.hour,
        "weekday": lambda one: f"{one:%A}",
        "month": lambda one: f"{one:%B}",
    }[by]
    sums: dict[object, float] = {}
    for moment, (_, profit) in zip(moments, rows, strict=True):
        sums[name(moment)] = sums.get(name(moment), 0.0) + profit
    assert dict(found.select(by, "profit").rows()) == sums
    assert found["count"].sum() == len(rows)
