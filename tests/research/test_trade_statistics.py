"""Figures of trades, by the definitions of the lifecycle specification (§P)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eyas.research.trade_statistics import figures_of_rates

RATES = np.array([0.02, -0.01, 0.03, -0.02, 0.01, 0.0, 0.04, -0.03, 0.02, 0.01])


def test_figures_are_those_that_were_worked_out_by_hand() -> None:
    found = figures_of_rates(RATES, 100.0)
    assert found["trade_mean"] == pytest.approx(0.007)
    assert found["trade_sum"] == pytest.approx(0.07)
    assert found["trade_deviation"] == pytest.approx(math.sqrt(sum((r - 0.007) ** 2 for r in RATES) / 9))
    assert found["trade_sharpe"] == pytest.approx(0.007 / found["trade_deviation"])
    assert found["trade_sharpe_annual"] == pytest.approx(found["trade_sharpe"] * math.sqrt(36.5))
    assert found["trade_sortino"] == pytest.approx(0.007 / math.sqrt((0.01**2 + 0.02**2 + 0.03**2) / 10))
    assert found["certainty_ratio"] == pytest.approx((0.13 / 6) / 0.02)
    grown = float(np.prod(1 + RATES))
    assert found["expected_yearly_return"] == pytest.approx(grown**3.65 - 1)
    deepest = 1 - 0.97
    assert found["recovery_factor"] == pytest.approx((grown - 1) / deepest)


@pytest.mark.parametrize(
    ("rates", "days", "unknown"),
    [
        (RATES[:9], 100.0, {"trade_sharpe", "trade_sortino", "certainty_ratio", "recovery_factor"}),
        (RATES, 13.0, {"trade_sharpe_annual", "expected_yearly_return"}),
        (RATES, 9.9 * 365 / 3_660, {"trade_sharpe_annual", "expected_yearly_return"}),
        (np.full(10, 0.01), 100.0, {"trade_sharpe", "trade_sortino", "certainty_ratio", "recovery_factor"}),
        (np.r_[RATES, -1.0], 100.0, {"expected_yearly_return", "recovery_factor"}),
        (np.full(20, 0.2) - 0.001 * np.arange(20), 30.0, {"expected_yearly_return"}),
    ],
)
def test_what_would_be_absurd_is_not_said(rates: np.ndarray, days: float, unknown: set[str]) -> None:
    found = figures_of_rates(rates, days)
    assert unknown <= {name for name, value in found.items() if math.isnan(value)}


def test_too_many_trades_a_year_say_nothing_of_a_year() -> None:
    many = np.tile(RATES, 3)
    assert math.isnan(figures_of_rates(many, 29.9)["trade_sharpe_annual"])
    assert figures_of_rates(many, 30.1)["trade_sharpe_annual"] > 0
