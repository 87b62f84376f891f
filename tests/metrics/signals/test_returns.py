"""P1–P5 and P8–P10: what signals earned, by the words of the specification."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.metrics.signals import SIGNAL_DEFINITIONS, returns, signal_statistics
from tests.metrics.signals.rows import TEN, rows

PERCENTS = st.integers(-5000, 5000).map(lambda value: value / 100)


def test_p1_a_signal_at_zero_is_neither_win_nor_loss() -> None:
    found = signal_statistics(rows(TEN))
    assert (found.win_count, found.loss_count) == (6, 3)


def test_p2_the_win_rate_is_of_those_that_won_or_lost() -> None:
    assert signal_statistics(rows(TEN)).win_rate == pytest.approx(100 * 6 / 9)
    assert signal_statistics(rows([0.0, 0.0])).win_rate == 0
    assert signal_statistics([]).win_rate is None


def test_p3_mean_sum_and_median() -> None:
    found = signal_statistics(rows(TEN))
    assert found.avg_pnl == pytest.approx(0.7)
    assert found.total_pnl == pytest.approx(7.0)
    assert found.median_pnl == 1.0
    assert signal_statistics(rows([1.0, 4.0])).median_pnl == 2.5
    nothing = signal_statistics([])
    assert (nothing.avg_pnl, nothing.total_pnl, nothing.median_pnl) == (None, None, None)


def test_p4_the_deviation_is_that_of_a_sample_of_ten_or_more() -> None:
    variance = sum((Fraction(int(one)) - Fraction(7, 10)) ** 2 for one in TEN) / 9
    assert signal_statistics(rows(TEN)).std_dev == pytest.approx(math.sqrt(variance))
    assert signal_statistics(rows(TEN[:9])).std_dev is None


def test_p5_sharpe_is_the_mean_over_the_deviation() -> None:
    found = signal_statistics(rows(TEN))
    assert found.std_dev is not None
    assert found.sharpe_ratio == pytest.approx(0.7 / found.std_dev)
    assert signal_statistics(rows(TEN[:9])).sharpe_ratio is None


@pytest.mark.parametrize(("spread", "is_said"), [(0.0, False), (0.9e-9, False), (1.2e-9, True)])
def test_p5_a_deviation_up_to_a_billionth_is_none(spread: float, is_said: bool) -> None:
    # Half above and half below: the deviation of the sample is spread · √(10/9).
    pnl = [spread, -spread] * 5
    assert (signal_statistics(rows(pnl)).sharpe_ratio is not None) == is_said


def test_p5_equal_profits_have_no_sharpe_though_floats_scatter() -> None:
    found = signal_statistics(rows([0.1] * 30))
    assert found.std_dev == pytest.approx(0, abs=1e-15)
    assert found.sharpe_ratio is None


def test_p8_the_downside_counts_all_signals() -> None:
    assert signal_statistics(rows(TEN)).sortino_ratio == pytest.approx(0.7 / math.sqrt(14 / 10))
    assert signal_statistics(rows(TEN[:9])).sortino_ratio is None
    assert signal_statistics(rows([1.0, 0.0] * 5)).sortino_ratio is None
    # One loss among ten: the downside is the loss over √10.
    assert signal_statistics(rows([1.0] * 9 + [-3e-9])).sortino_ratio is None
    assert signal_statistics(rows([1.0] * 9 + [-4e-9])).sortino_ratio is not None


def test_p9_certainty_is_average_win_over_average_loss() -> None:
    assert signal_statistics(rows(TEN)).certainty_ratio == pytest.approx((13 / 6) / 2)
    assert signal_statistics(rows(TEN[:9])).certainty_ratio is None
    assert signal_statistics(rows([1.0, 0.0] * 5)).certainty_ratio is None
    assert signal_statistics(rows([1.0] * 9 + [-1e-9])).certainty_ratio is None
    assert signal_statistics(rows([1.0] * 9 + [-2e-9])).certainty_ratio == pytest.approx(5e8)
    assert signal_statistics(rows([-1.0] * 10)).certainty_ratio == 0


def test_p10_expectancy_weighs_wins_and_losses_by_all_signals() -> None:
    expected = Fraction(6, 10) * Fraction(13, 6) + Fraction(3, 10) * Fraction(-2)
    assert signal_statistics(rows(TEN)).expectancy == pytest.approx(float(expected))
    assert signal_statistics(rows(TEN[:9])).expectancy is None
    assert signal_statistics(rows([0.0] * 10)).expectancy == 0
    assert signal_statistics(rows([2.0] * 10)).expectancy == 2


def test_no_signals_say_nothing_but_their_number() -> None:
    found = signal_statistics([])
    said = {name: value for name, value in found.figures().items() if value is not None}
    assert said == {"win_count": 0, "loss_count": 0}


def test_p21_factor_needs_wins_and_losses_above_a_billionth() -> None:
    assert returns.profit_factor(TEN) == pytest.approx(13 / 6)
    for pnl in ([1.0], [-1.0], [0.0], [], [1.0, -1e-9]):
        assert math.isnan(returns.profit_factor(pnl))
    assert returns.profit_factor([1.0, -2e-9]) == pytest.approx(5e8)


def test_every_number_says_what_it_is() -> None:
    names = set(signal_statistics([]).figures())
    assert len(names) == 33
    for name in names:
        told = SIGNAL_DEFINITIONS[name]
        for text in (told.label, told.sentence, told.formula, told.convention, told.source, told.none_when):
            assert text, name
        assert "lifecycle specification P" in told.source


@given(st.lists(PERCENTS, min_size=10, max_size=60))
def test_expectancy_is_the_mean(pnl: list[float]) -> None:
    found = signal_statistics(rows(pnl))
    assert found.expectancy == pytest.approx(found.avg_pnl, abs=1e-9)


@given(st.lists(PERCENTS, min_size=10, max_size=60), st.integers(2, 50))
def test_ratios_do_not_depend_on_the_unit(pnl: list[float], scale: int) -> None:
    small, large = (signal_statistics(rows([one * by for one in pnl])) for by in (1, scale))
    for name in ("sharpe_ratio", "sortino_ratio", "certainty_ratio", "win_rate"):
        assert getattr(large, name) == pytest.approx(getattr(small, name)), name
