"""P15–P17: how signals went."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eyas.errors import UsageError
from eyas.metrics.signals import ClosedSignals, closed_signals, course, signal_statistics
from tests.metrics.signals.rows import rows

MINUTE_MS = 60_000


def test_p15_only_signals_that_have_a_peak_or_a_fall_count() -> None:
    found = signal_statistics(rows([1.0, 2.0, 3.0], peak_pnl=[4.0, None, 8.0], fall_pnl=[None, None, -3.0]))
    assert found.avg_peak_pnl == 6
    assert found.avg_fall_pnl == -3
    nothing = signal_statistics(rows([1.0, 2.0]))
    assert (nothing.avg_peak_pnl, nothing.avg_fall_pnl) == (None, None)


def test_p16_durations_are_minutes_with_their_fractions() -> None:
    given = [
        {"pnl_percentage": pnl, "pending_at": MINUTE_MS, "close_timestamp": MINUTE_MS * (1 + minutes)}
        for pnl, minutes in ((1.0, 1.5), (2.0, 2.5), (-1.0, 10.0), (0.0, 6.0))
    ]
    found = signal_statistics(given)
    assert (found.avg_duration, found.avg_win_duration, found.avg_loss_duration) == (5, 2, 10)
    wins = signal_statistics(given[:2])
    assert wins.avg_loss_duration is None
    assert wins.avg_duration == 2


def test_p17_the_mean_is_over_sums_of_streaks_and_break_even_ends_both() -> None:
    found = signal_statistics(rows([1.0, 2.0, 0.0, 6.0, -1.0, -1.0, 0.0, -4.0]))
    assert found.avg_consecutive_win_pnl == (3 + 6) / 2
    assert found.avg_consecutive_loss_pnl == (-2 - 4) / 2
    assert signal_statistics(rows([1.0])).avg_consecutive_loss_pnl is None
    assert signal_statistics(rows([0.0])).avg_consecutive_win_pnl is None


def test_p17_streaks_are_in_the_order_of_closing() -> None:
    given = rows([1.0, -5.0, 2.0])
    given[1]["close_timestamp"] = given[2]["close_timestamp"] + 1
    assert signal_statistics(given).avg_consecutive_win_pnl == 3


def test_p21_the_longest_streaks_and_the_extremes() -> None:
    pnl = [1.0, 1.0, 0.0, 1.0, -1.0, -1.0, -1.0, 2.0]
    assert (course.max_win_streak(pnl), course.max_loss_streak(pnl)) == (2, 3)
    assert (course.max_win_streak([]), course.max_loss_streak([0.0])) == (0, 0)
    assert course.peak_profit_pnl([1.0, math.nan, 5.0]) == 5
    assert course.max_drawdown_pnl([-1.0, math.nan, -5.0]) == -5
    assert math.isnan(course.peak_profit_pnl([math.nan]))


@pytest.mark.parametrize(
    ("column", "value"),
    [("pending_at", 0), ("pending_at", None), ("close_timestamp", -1), ("close_timestamp", "now"),
     ("pending_at", math.nan), ("pending_at", True), ("close_timestamp", math.inf)],
)  # fmt: skip
def test_one_valid_set_feeds_all(column: str, value: Any) -> None:
    given = rows([1.0, -50.0, 2.0], symbol=["A", "B", "C"])
    given[1][column] = value
    found = closed_signals(given)
    assert found.pnl_percentage.tolist() == [1.0, 2.0]
    assert found.symbol == ["A", "C"]
    assert signal_statistics(given).loss_count == 0


def test_a_profit_that_is_no_number_is_named() -> None:
    given = rows([1.0, math.nan])
    with pytest.raises(UsageError, match=r"pnl_percentage of row 1 is nan, but must be a number of percent"):
        closed_signals(given)
    with pytest.raises(UsageError, match=r"need pnl_percentage, pending_at, close_timestamp.* no pending_at"):
        closed_signals([{"pnl_percentage": 1.0, "close_timestamp": 5}])
    with pytest.raises(UsageError, match=r"pending_at has 1 rows, but pnl_percentage has 2"):
        ClosedSignals([1.0, 2.0], [1.0], [2.0, 3.0])
    with pytest.raises(UsageError, match=r"symbol has 1 rows, but pnl_percentage has 2"):
        ClosedSignals([1.0, 2.0], [1.0, 1.0], [2.0, 3.0], symbol=["A"])


def test_rows_may_be_a_frame() -> None:
    import polars as pl

    given = rows([1.0, -2.0], peak_pnl=[3.0, None])
    assert signal_statistics(pl.DataFrame(given)) == signal_statistics(given)
