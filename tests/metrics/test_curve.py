"""The curve: its returns, its years, its days, months and years."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.metrics import Curve
from eyas.model import curve_figures as kernel_figures

DAY_NS = 86_400_000_000_000
HOUR_NS = DAY_NS // 24
EQUITIES = st.lists(st.floats(-50, 500).map(lambda one: round(one, 2)), max_size=60)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def daily(equity: list[float], start: str = "2024-01-01", opening: float = 100.0) -> Curve:
    return Curve(at(start) + np.arange(len(equity)) * DAY_NS, np.array(equity, dtype=float), opening)


def test_returns_begin_from_the_opening() -> None:
    assert daily([110, 99, 99]).returns.tolist() == pytest.approx([0.1, -0.1, 0.0])


def test_there_is_no_return_after_an_equity_of_nothing() -> None:
    curve = daily([50, 0, 20, -10, 5, 10])
    assert curve.returns.tolist() == pytest.approx([-0.5, -1.0, -1.5, 1.0])
    assert np.isnan(curve.returns_by_row).tolist() == [False, False, True, False, True, False]


def test_what_is_not_known_has_no_return() -> None:
    curve = daily([math.nan, 110, 121, math.nan, 100, math.inf, 90], opening=math.nan)
    assert curve.returns.tolist() == pytest.approx([0.1])
    assert curve.values.tolist() == [110, 121, 100, 90]
    assert curve.known_time.tolist() == curve.time[[1, 2, 4, 6]].tolist()


@given(EQUITIES, st.floats(1, 200))
def test_returns_are_those_of_the_kernel(equity: list[float], opening: float) -> None:
    """Their mean and deviation in the kernel's Sharpe ratio, and nothing lost on the way."""
    curve = daily(equity, opening=opening)
    theirs = kernel_figures(opening, curve.equity, 252.0)
    returns = curve.returns
    deviation = returns.std(ddof=1) if len(returns) > 1 else math.nan
    assert theirs["volatility"] == pytest.approx(deviation * math.sqrt(252), rel=1e-9, abs=1e-12, nan_ok=True)
    if len(equity):
        assert theirs["total_return"] == pytest.approx(curve.values[-1] / opening - 1, abs=1e-12)


@given(EQUITIES)
def test_the_quick_way_is_the_careful_way(equity: list[float]) -> None:
    """A curve that is above zero takes a short cut, which one without an opening does not."""
    whole = daily(equity)
    careful = Curve(np.arange(len(equity) + 1), np.array([100.0, *equity]))
    assert careful.returns.tolist() == whole.returns.tolist()


def test_years_have_365_and_a_quarter_days() -> None:
    assert daily([1.0] * 1_462).years == pytest.approx(4.0)
    assert daily([1.0] * 1_462).periods_per_year == pytest.approx(365.25)


@pytest.mark.parametrize("equity", [[], [100.0]])
def test_a_curve_without_length_has_no_periods(equity: list[float]) -> None:
    assert daily(equity).years == 0
    assert math.isnan(daily(equity).periods_per_year)
    assert math.isnan(daily(equity).spacing_ns)
    assert len(daily(equity).by_day()) == len(daily(equity).by_year()) == len(equity)


def test_a_day_has_its_last_equity() -> None:
    time = at("2024-02-28T22:00:00") + np.arange(30) * HOUR_NS
    curve = Curve(time, np.arange(30.0) + 1, 100.0)
    daily_curve = curve.by_day()
    assert daily_curve.equity.tolist() == [2, 26, 30]
    assert [str(np.datetime64(int(one), "ns"))[:13] for one in daily_curve.time] == [
        "2024-02-28T23",
        "2024-02-29T23",
        "2024-03-01T03",
    ]
    assert daily_curve.opening == 100
    assert curve.by_month().equity.tolist() == [26, 30]
    assert curve.by_year().equity.tolist() == [30]


def test_times_before_1970_have_days_too() -> None:
    time = at("1969-12-30T12:00:00") + np.arange(4) * 12 * HOUR_NS
    assert Curve(time, np.arange(4.0)).by_day().equity.tolist() == [0, 2, 3]
    assert Curve(time, np.arange(4.0)).by_year().equity.tolist() == [2, 3]


def test_a_bar_that_closes_at_midnight_is_of_the_day_in_which_it_opened() -> None:
    """The time of a row is inside of its period, so the last bar of a month does not count to the next."""
    time = at("2024-01-31") + np.array([0, DAY_NS])
    assert Curve(time, np.array([5.0, 6.0])).by_month().equity.tolist() == [5, 6]
    assert Curve(time + DAY_NS - 1, np.array([5.0, 6.0])).by_month().equity.tolist() == [5, 6]


def test_runs_one_behind_the_other_add_up() -> None:
    part = at("2024-01-01") + np.arange(10) * DAY_NS
    curve = Curve(np.r_[part, part], np.arange(20.0), 1.0)
    assert curve.restarts.tolist() == [10]
    assert curve.years == pytest.approx(18 / 365.25)
    assert curve.by_month().equity.tolist() == [9, 19]
    same_day = at("2024-01-01") + np.arange(3) * HOUR_NS
    assert Curve(np.r_[same_day, same_day], np.arange(6.0)).by_day().equity.tolist() == [2, 5]


@given(st.lists(st.integers(0, 40 * 365 * 24), min_size=1, max_size=80, unique=True))
def test_days_months_and_years_are_those_of_the_calendar(hours: list[int]) -> None:
    time = np.sort(np.array(hours, dtype=np.int64)) * HOUR_NS
    curve = Curve(time, np.arange(len(time), dtype=float), 1.0)
    for sampled, cut in ((curve.by_day(), 10), (curve.by_month(), 7), (curve.by_year(), 4)):
        last: dict[str, float] = {}
        for moment, equity in zip(time.tolist(), curve.equity.tolist(), strict=True):
            last[str(np.datetime64(moment, "ns"))[:cut]] = equity
        assert sampled.equity.tolist() == list(last.values())


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match=r"a time for each equity, not \(2,\) for \(3,\)"):
        Curve(np.arange(2), np.ones(3))
