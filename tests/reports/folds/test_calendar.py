"""Months and years compound to what the curve gained, and each stands in its own cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.metrics.curve import DAY_NS, Curve
from eyas.reports.folds.calendar import (
    FALLS_BACK,
    fitting_returns,
    monthly_returns,
    period_name,
    period_returns,
    yearly_returns,
)


def at(*days: str) -> np.ndarray:
    return np.array(days, "datetime64[ns]").astype(np.int64)


def daily(count: int, start: str = "2019-11-20", seed: int = 3) -> Curve:
    random = np.random.default_rng(seed)
    equity = 1_000 * np.cumprod(1 + random.normal(0, 0.01, count))
    return Curve(at(start)[0] + DAY_NS * np.arange(count), equity, 1_000.0)


@given(count=st.integers(1, 900), seed=st.integers(0, 50))
def test_months_compound_to_years_and_years_to_the_whole(count: int, seed: int) -> None:
    curve = daily(count, seed=seed)
    found = monthly_returns(curve)
    in_years = np.prod(np.where(np.isnan(found.rates), 1, 1 + found.rates), axis=1) - 1
    np.testing.assert_allclose(in_years, found.totals, atol=1e-12)
    whole = curve.equity[-1] / 1_000 - 1
    assert np.prod(1 + found.totals) - 1 == pytest.approx(whole, abs=1e-12)
    np.testing.assert_allclose(yearly_returns(curve).rates, found.totals, atol=1e-15)


def test_each_month_stands_in_its_own_cell() -> None:
    curve = Curve(at("2019-12-05", "2019-12-31", "2020-02-03"), np.array([101.0, 110.0, 99.0]), 100.0)
    found = monthly_returns(curve)
    assert found.years.tolist() == [2019, 2020]
    assert found.rates[0, 11] == pytest.approx(0.1)
    assert found.rates[1, 1] == pytest.approx(-0.1)
    assert np.isfinite(found.rates).sum() == 2
    assert found.totals.tolist() == pytest.approx([0.1, -0.1])


def test_a_year_without_bars_is_a_row_without_numbers() -> None:
    time = np.concatenate([at("2018-01-01")[0] + DAY_NS * np.arange(40), at("2020-03-01")])
    found = monthly_returns(Curve(time, np.linspace(100, 120, 41), 100.0))
    assert found.years.tolist() == [2018, 2019, 2020]
    assert np.isnan(found.totals[1])
    assert not np.isfinite(found.rates[1]).any()


def test_the_days_before_1970_have_their_own_months() -> None:
    found = monthly_returns(Curve(at("1969-11-30", "1969-12-31"), np.array([110.0, 121.0]), 100.0))
    assert found.years.tolist() == [1969]
    assert found.rates[0, 10:].tolist() == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    ("count", "unit", "first"),
    [(5, "day", "20 Nov 2019"), (35, "month", "Nov 2019"), (60, "year", "2019"), (1, "year", "2019")],
)
def test_the_periods_fit_the_run(count: int, unit: str, first: str) -> None:
    found = fitting_returns(daily(count))
    assert found.unit == unit
    assert found.names[0] == first
    assert len(found.names) == len(found.rates)


def test_a_period_begins_when_the_calendar_says() -> None:
    found = period_returns(daily(50), "month")
    assert found.time.tolist() == at("2019-11-01", "2019-12-01", "2020-01-01").tolist()
    assert period_name(int(found.time[2]), "day") == "1 Jan 2020"


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (Curve(np.empty(0, np.int64), np.empty(0)), "no equity"),
        (Curve(np.array([DAY_NS, 0]), np.array([1.0, 2.0]), 1.0), FALLS_BACK),
        (Curve(366 * DAY_NS * np.arange(9), np.arange(1.0, 10), 1.0), "less than one equity a month"),
        (Curve(DAY_NS * np.arange(9), np.full(9, -1.0), -1.0), "never above zero"),
        (Curve(DAY_NS * np.arange(3), np.full(3, np.nan), 100.0), "No return"),
    ],
)
def test_what_cannot_be_said_is_a_sentence(curve: Curve, said: str) -> None:
    found = monthly_returns(curve)
    assert said in found.sentence
    assert found.rates.shape == (0, 12)
    assert len(found.years) == len(found.totals) == 0


def test_equity_below_zero_ends_the_returns() -> None:
    found = monthly_returns(
        Curve(at("2020-01-31", "2020-02-29", "2020-03-31"), np.array([50.0, -5, 10]), 100.0)
    )
    assert found.rates[0, :2].tolist() == pytest.approx([-0.5, -1.1])
    assert np.isnan(found.rates[0, 2])
