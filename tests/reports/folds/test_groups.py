"""Groups for pictures have every hour, weekday and month, and no trade is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.metrics.trades import Trades
from eyas.reports.folds.groups import grouped_trades

HOUR_NS = 3_600_000_000_000


def made(entries: list[int], profits: list[float], reasons: list[str] | None = None) -> Trades:
    count = len(entries)
    rate = [profit / 100 for profit in profits]
    none = [0] * count
    return Trades(profits, rate, [1] * count, entries, entries, none, none, reasons or [""] * count)


@given(st.lists(st.tuples(st.integers(-(10**18), 10**18), st.floats(-9, 9)), max_size=40))
def test_every_trade_is_in_one_group(rows: list[tuple[int, float]]) -> None:
    trades = made([time for time, _ in rows], [profit for _, profit in rows])
    for by, size in (("hour", 24), ("weekday", 7), ("month", 12)):
        found = grouped_trades(trades, by)
        assert len(found) == len(found.count) == len(found.mean_rate) == size
        assert found.count.sum() == len(rows)
        assert found.profit.sum() == pytest.approx(sum(profit for _, profit in rows), abs=1e-9)
        np.testing.assert_array_equal(np.isnan(found.mean_rate), found.count == 0)


def test_hours_weekdays_and_months_are_those_of_utc() -> None:
    monday = int(np.datetime64("2024-01-01T23:30", "ns").astype(np.int64))
    trades = made([monday, monday + HOUR_NS], [4.0, -2.0])
    hours = grouped_trades(trades, "hour")
    assert [hours.names[place] for place in np.flatnonzero(hours.count)] == ["00", "23"]
    weekdays = grouped_trades(trades, "weekday")
    assert [weekdays.names[place] for place in np.flatnonzero(weekdays.count)] == ["Mon", "Tue"]
    months = grouped_trades(trades, "month")
    assert months.names[0] == "Jan"
    assert months.count[0] == 2
    assert months.won[0] == 0.5
    assert months.mean_rate[0] == pytest.approx(0.01)


def test_reasons_come_by_their_number() -> None:
    found = grouped_trades(
        made([0] * 4, [1.0, 2.0, -1.0, 3.0], ["stop", "target", "stop", "stop"]), "exit_reason"
    )
    assert found.names == ["stop", "target"]
    assert found.count.tolist() == [3, 1]
    assert found.profit.tolist() == [3.0, 2.0]


def test_no_trades_are_no_groups() -> None:
    assert grouped_trades(made([], []), "hour").count.sum() == 0
    assert len(grouped_trades(made([], []), "side")) == 0


def test_another_group_is_refused() -> None:
    with pytest.raises(UsageError, match="colour"):
        grouped_trades(made([0], [1.0]), "colour")  # type: ignore[arg-type]
