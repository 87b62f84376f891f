"""A page says in words what its pictures cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eyas.model import Bars
from eyas.reports.remarks import duration, remarks_on_drawing, remarks_on_run
from tests.reports.pages import START_NS, made_bars

SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS


def on_run(bar_count: int = 3, equity: list[float] | None = None, trade_count: int = 2) -> list[str]:
    values = np.array([100.0, 101.0, 99.0][:bar_count] if equity is None else equity, dtype=np.float64)
    return remarks_on_run(made_bars(max(1, bar_count)).time[:bar_count], values, trade_count)


def test_a_common_run_needs_no_remark() -> None:
    assert on_run() == []


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ({"bar_count": 0}, "There are no bars"),
        ({"bar_count": 1}, "The run is one bar long"),
        ({"trade_count": 0}, "No trade was made"),
        ({"trade_count": 1}, "One trade was made"),
        ({"equity": [10_000, 10_000, 10_000]}, "Equity never changed: it stayed at 10,000 throughout"),
        ({"equity": [100, -1_234.5, 20]}, "Equity fell below zero: to −1,234.5 at 2026-05-28T20:28:00Z"),
        ({"equity": [np.nan, 100, -5]}, "Equity fell below zero: to −5 at 2026-05-28T20:29:00Z"),
        ({"equity": [np.nan, np.nan, np.nan]}, "equity of this run is not known"),
    ],
)
def test_what_a_reader_should_know_first(run: dict[str, object], words: str) -> None:
    found = on_run(**run)
    assert len(found) == 1
    assert words in found[0]


def test_equity_that_starts_below_zero_has_no_drawdown() -> None:
    fell, drawdown = on_run(equity=[-1, -2, 5])
    assert "fell below zero" in fell
    assert "Drawdown is shown from where equity first is above zero" in drawdown


def test_the_opening_cash_is_a_peak_to_fall_from() -> None:
    found = remarks_on_run(made_bars(3).time, np.array([-1.0, -2.0, 5.0]), 2, 100.0)
    assert len(found) == 1
    assert "fell below zero" in found[0]


def bars_at(*times_ns: int) -> Bars:
    return replace(made_bars(len(times_ns)), time=np.array(times_ns, dtype=np.int64))


def test_even_spacing_needs_no_remark() -> None:
    assert remarks_on_drawing(made_bars(100), 100, 1) == []
    assert remarks_on_drawing(made_bars(1), 1, 1) == []
    assert remarks_on_drawing(made_bars(1)[:0], 0, 1) == []


def test_uneven_spacing_is_told() -> None:
    days = [0, 1, 2, 5, 6, 8]
    (found,) = remarks_on_drawing(bars_at(*(START_NS + day * DAY_NS for day in days)), 6, 1)
    assert "usually 1 day apart, 2 of 5 steps differ, the longest is 3 days" in found
    assert "a gap takes no room" in found


def test_merging_is_told() -> None:
    (found,) = remarks_on_drawing(made_bars(100), 2, 50)
    assert found.startswith("100 bars shown as 2 candles of 50 bars;")
    assert "Figures and trades come from every bar." in found


@pytest.mark.parametrize(
    ("span_ns", "text"),
    [
        (0, "no time"),
        (1, "1 nanosecond"),
        (250_000_000, "250 milliseconds"),
        (60 * SECOND_NS, "1 minute"),
        (90 * SECOND_NS, "1 minute 30 seconds"),
        (2 * DAY_NS + 3 * 3_600 * SECOND_NS, "2 days 3 hours"),
        (DAY_NS + 5 * SECOND_NS, "1 day"),
        (3_000 * DAY_NS, "3,000 days"),
    ],
)
def test_duration(span_ns: int, text: str) -> None:
    assert duration(span_ns) == text
