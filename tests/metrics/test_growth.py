"""How much a curve gained, in all, a year, and in its days, months and years."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas import metrics
from eyas.reports.summary import annual

EQUITY = st.lists(st.floats(1, 1000), min_size=2, max_size=50)


@pytest.mark.parametrize("equity", [[], [100.0], [0.0, 100.0], [-5.0, 100.0], [math.nan, 100.0]])
def test_a_return_needs_something_to_begin_with(equity: list[float]) -> None:
    assert math.isnan(metrics.total_return(equity))
    assert math.isnan(metrics.annual_return(equity, 1.0))
    assert math.isnan(metrics.annual_return_252(equity))


def test_the_day_counts_are_three() -> None:
    """A gain of 10 % over 126 days that took half a year of the calendar."""
    equity = np.linspace(100, 110, 127)
    assert metrics.annual_return(equity, 0.5) == pytest.approx(1.1**2 - 1)
    assert metrics.annual_return_252(equity) == pytest.approx(1.1**2 - 1)
    assert metrics.annual_return_365(equity) == pytest.approx(1.1 ** (365 / 126) - 1)


@pytest.mark.parametrize("last", [0.0, -50.0])
def test_who_lost_all_has_no_yearly_rate(last: float) -> None:
    assert metrics.total_return([100, last]) == pytest.approx(last / 100 - 1)
    assert math.isnan(metrics.annual_return([100, last], 1.0))


@given(EQUITY, st.floats(0.1, 30))
def test_a_yearly_rate_is_that_of_the_summary(equity: list[float], years: float) -> None:
    expected = annual(metrics.total_return(equity), years)
    found = metrics.annual_return(equity, years)
    assert found == expected if expected is not None else math.isnan(found)


@given(EQUITY, st.floats(0.01, 100))
def test_the_scale_of_money_says_nothing(equity: list[float], scale: float) -> None:
    scaled = np.array(equity) * scale
    assert metrics.total_return(scaled) == pytest.approx(metrics.total_return(equity), abs=1e-12)


@given(EQUITY)
def test_returns_compound_to_the_total(equity: list[float]) -> None:
    values = np.array(equity)
    assert metrics.equity_of(values[1:] / values[:-1] - 1)[-1] - 1 == pytest.approx(
        metrics.total_return(equity), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("span", ["day", "month", "year"])
def test_best_worst_and_positive(span: str) -> None:
    returns = [0.02, -0.01, 0.0, math.nan, 0.01]
    assert getattr(metrics, f"best_{span}")(returns) == 0.02
    assert getattr(metrics, f"worst_{span}")(returns) == -0.01
    assert getattr(metrics, f"positive_{span}s")(returns) == 0.5
    for name in (f"best_{span}", f"worst_{span}", f"positive_{span}s"):
        assert math.isnan(getattr(metrics, name)([]))
