"""P6, P7 and P11–P14: a year, and the account that put all of itself into each signal."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.metrics.signals import signal_statistics
from eyas.metrics.signals.yearly import clamped, compounded, trades_per_year, yearly_rate
from tests.metrics.signals.rows import TEN, rows

RATES = st.integers(-99, 200).map(lambda value: value / 100)


def test_p6_trades_a_year_are_by_the_span_from_first_opening_to_last_closing() -> None:
    assert signal_statistics(rows(TEN, days=100.0)).trades_per_year == pytest.approx(36.5)
    assert signal_statistics(rows(TEN[:9])).trades_per_year is None


@pytest.mark.parametrize(("days", "is_said"), [(13.99, False), (14.0, True)])
def test_p6_a_span_below_two_weeks_says_nothing_of_a_year(days: float, is_said: bool) -> None:
    found = signal_statistics(rows(TEN, days=days))
    assert (found.trades_per_year is not None) == is_said
    assert (found.annualized_sharpe_ratio is not None) == is_said
    assert found.sharpe_ratio is not None


def test_p6_more_than_a_trade_a_day_is_not_extrapolated_nor_clipped() -> None:
    # n / days · 365 is 365 where there is one a day, and 366 with 366 in 365 days.
    assert trades_per_year(365, 365.0) == 365
    assert math.isnan(trades_per_year(366, 365.0))
    pnl = [0.01, -0.01] * 10
    assert signal_statistics(rows(pnl, days=20.0)).trades_per_year == 365
    assert signal_statistics(rows(pnl, days=19.99)).trades_per_year is None


def test_p7_sharpe_is_scaled_by_the_root_of_trades_a_year() -> None:
    found = signal_statistics(rows(TEN))
    assert found.sharpe_ratio is not None
    assert found.annualized_sharpe_ratio == pytest.approx(found.sharpe_ratio * math.sqrt(36.5))
    # P5 says nothing of equal profits, and so P7 does not.
    assert signal_statistics(rows([1.0] * 10)).annualized_sharpe_ratio is None


def test_p11_the_drawdown_is_of_the_equity_after_each_signal() -> None:
    # 1.1 · 0.8 · 1.05 · 0.9 = 0.8316: the fall from 1.1 is 1 − 0.8316 / 1.1.
    found = signal_statistics(rows([10.0, -20.0, 5.0, -10.0]))
    assert found.max_drawdown == pytest.approx(100 * (1 - Fraction(8316, 11000)))


def test_p11_a_dip_deepens_the_drawdown_and_moves_nothing_else() -> None:
    plain = signal_statistics(rows(TEN))
    dipped = signal_statistics(rows(TEN, fall_pnl=[-30.0] + [math.nan] * 9))
    # The first dip is from an equity of 1, before anything was booked.
    assert dipped.max_drawdown == pytest.approx(30.0)
    assert dipped.trades_per_year == plain.trades_per_year
    assert dipped.expected_yearly_returns == plain.expected_yearly_returns
    assert plain.recovery_factor is not None
    assert plain.max_drawdown is not None
    assert dipped.recovery_factor == pytest.approx(plain.recovery_factor * plain.max_drawdown / 30)


def test_p11_a_dip_is_of_the_equity_before_the_signal_and_of_the_peak_so_far() -> None:
    found = signal_statistics(rows([10.0, -10.0, 50.0], fall_pnl=[0.0, -12.0, -5.0]))
    # 1.1 · 0.88 is 0.968 (12 % below 1.1); then 0.99 · 0.95 = 0.9405, 14.5 % below 1.1.
    assert found.max_drawdown == pytest.approx(14.5)


def test_p11_a_fall_above_zero_is_none() -> None:
    assert signal_statistics(rows([10.0, 10.0], fall_pnl=[5.0, 0.0])).max_drawdown == 0


@pytest.mark.parametrize(
    ("pnl", "fall"),
    [(-100.0, math.nan), (-250.0, math.nan), (5.0, -100.0), (5.0, -130.0)],
)
def test_p11_an_account_that_lost_everything_stays_lost(pnl: float, fall: float) -> None:
    values = [*TEN, pnl, 300.0]
    found = signal_statistics(rows(values, fall_pnl=[math.nan] * 10 + [fall, math.nan]))
    assert found.max_drawdown == 100
    assert found.trades_per_year is not None
    assert found.expected_yearly_returns is None
    assert found.calmar_ratio is None
    assert found.recovery_factor is None
    # What is not of the account is still said.
    assert found.sharpe_ratio is not None


def test_p11_almost_everything_is_not_everything() -> None:
    found = signal_statistics(rows([*TEN, -99.99]))
    assert found.max_drawdown is not None
    assert 99.9 < found.max_drawdown < 100
    assert found.recovery_factor is not None


def test_p12_the_year_is_compounded_at_the_pace_of_the_signals() -> None:
    grown = math.prod(1 + one / 100 for one in TEN)
    found = signal_statistics(rows(TEN, days=100.0))
    assert found.expected_yearly_returns == pytest.approx((grown**3.65 - 1) * 100)
    assert signal_statistics(rows(TEN[:9])).expected_yearly_returns is None


@pytest.mark.parametrize(("first", "is_said"), [(100.0, True), (101.0, False)])
def test_p12_a_year_above_a_hundred_percent_is_not_believed(first: float, is_said: bool) -> None:
    # Ten signals in 365 days: the year is what the account came to.
    found = signal_statistics(rows([first] + [0.0] * 9, days=365.0))
    assert found.expected_yearly_returns == (pytest.approx(100.0) if is_said else None)
    assert found.trades_per_year == 10


def test_p12_a_loss_of_almost_all_is_said() -> None:
    found = signal_statistics(rows([-99.0] + [0.0] * 9, days=365.0))
    assert found.expected_yearly_returns == pytest.approx(-99.0)


def test_p13_calmar_is_the_year_over_the_drawdown() -> None:
    found = signal_statistics(rows(TEN))
    assert found.expected_yearly_returns is not None
    assert found.max_drawdown == pytest.approx(3.0)
    assert found.calmar_ratio == pytest.approx(found.expected_yearly_returns / 3)
    assert signal_statistics(rows([1.0] * 10, days=365.0)).calmar_ratio is None


def test_p13_and_p14_are_cut_off_at_a_thousand() -> None:
    found = signal_statistics(rows([5.0] * 10 + [-1e-6], days=365.0))
    assert found.expected_yearly_returns == pytest.approx((1.05**10 - 1) * 100, rel=1e-6)
    assert found.calmar_ratio == 1000
    assert found.recovery_factor == 1000
    assert clamped(0.999, 0.001) == pytest.approx(999)
    assert clamped(-1.001, 0.001) == -1000
    assert clamped(1.0, 5e-324) == 1000


def test_p14_recovery_is_what_was_earned_over_the_drawdown() -> None:
    grown = math.prod(1 + one / 100 for one in TEN)
    assert signal_statistics(rows(TEN)).recovery_factor == pytest.approx((grown - 1) * 100 / 3)
    assert signal_statistics(rows(TEN, days=1.0)).recovery_factor is not None
    assert signal_statistics(rows(TEN[:9])).recovery_factor is None
    assert signal_statistics(rows([1.0] * 10)).recovery_factor is None


def test_accounts_beyond_what_a_float_can_hold_are_reckoned_all_the_same() -> None:
    account = compounded([1.0] * 2000 + [-0.5])
    assert account.final == math.inf
    assert account.fall == pytest.approx(0.5)
    assert math.isnan(yearly_rate(account, 100.0))
    assert math.isnan(yearly_rate(compounded([1.0] * 900), 365.0))
    assert compounded([-0.9] * 2000).is_blown


@given(st.lists(RATES, max_size=40), st.data())
def test_the_account_is_that_of_going_through_signals_one_by_one(
    rates: list[float], data: st.DataObject
) -> None:
    falls = data.draw(st.lists(RATES, min_size=len(rates), max_size=len(rates)))
    equity, peak, deepest = Fraction(1), Fraction(1), Fraction(0)
    for rate, fall in zip(rates, falls, strict=True):
        if fall < 0:
            deepest = max(deepest, (peak - equity * (1 + Fraction(fall))) / peak)
        equity *= 1 + Fraction(rate)
        peak = max(peak, equity)
        deepest = max(deepest, (peak - equity) / peak)
    account = compounded(rates, falls)
    assert account.final == pytest.approx(float(equity), rel=1e-12)
    assert account.fall == pytest.approx(float(deepest), abs=1e-12)
