"""Figures of trades: worked by hand, by fractions, by two other packages, and by what must always hold."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.metrics import DEFINITIONS, edge, holding, streaks, trades
from eyas.metrics.of_trades import GATED, trade_figures
from eyas.metrics.trades import Trades

ORACLES = json.loads((Path(__file__).parent / "oracles" / "trades.json").read_text())["cases"]
HOUR_NS = 3_600_000_000_000
PROFIT = [30.0, -10.0, 20.0, 0.0, 10.0, -40.0, -10.0, 50.0, 10.0, 20.0]
AMOUNTS = st.integers(-1000, 1000).map(lambda cents: cents / 100)


def trades_with(profit: list[float], **columns: object) -> Trades:
    """Return trades of profits; each lasted an hour more than the one before."""
    count = len(profit)
    numbers = np.arange(count)
    given = {
        "rate": np.array(profit, dtype=float) / 1000,
        "direction": np.where(numbers % 2 == 0, 1, -1),
        "entry_ns": numbers * 100 * HOUR_NS,
        "exit_ns": (numbers * 100 + numbers + 1) * HOUR_NS,
        "bars": numbers + 1,
        "fee": np.full(count, 0.5),
        "reason": ["stop", "target"] * (count // 2) + ["stop"] * (count % 2),
    }
    return Trades(profit=profit, **{**given, **columns})


def test_figures_are_those_that_were_worked_out_by_hand() -> None:
    found = trade_figures(trades_with(PROFIT, mfe_rate=[0.03] * 10, mae_rate=[-0.01, -0.02] * 5))
    assert found["trade_count"] == 10
    assert found["win_rate"] == 0.6
    assert found["profit_factor"] == pytest.approx(140 / 60)
    assert found["expectancy"] == 8
    assert found["expectancy_rate"] == pytest.approx(0.008)
    assert found["median_trade"] == pytest.approx(0.010)
    assert found["average_win"] == pytest.approx(140 / 6)
    assert found["average_loss"] == -20
    assert found["payoff"] == pytest.approx(140 / 6 / 20)
    assert (found["best_trade"], found["worst_trade"]) == (50, -40)
    assert found["trade_fees"] == 5
    # W = 6/9, R = (140/6)/20: W − (1 − W)/R.
    assert found["kelly"] == pytest.approx(float(Fraction(2, 3) - Fraction(1, 3) / Fraction(7, 6)))
    variance = sum((Fraction(int(one)) - 8) ** 2 for one in PROFIT) / 9
    assert found["sqn"] == pytest.approx(math.sqrt(10) * 8 / math.sqrt(variance))
    assert found["edge_ratio"] == pytest.approx(2.0)
    # Runs: +, −, +, (0), +, − −, + + +.
    assert (found["longest_winning_streak"], found["longest_losing_streak"]) == (3, 2)
    assert (found["average_winning_streak"], found["average_losing_streak"]) == (6 / 4, 3 / 2)
    assert found["average_holding"] == 5.5 * HOUR_NS
    assert found["median_holding"] == 5.5 * HOUR_NS
    assert found["average_holding_won"] == (1 + 3 + 5 + 8 + 9 + 10) * HOUR_NS / 6
    assert found["average_holding_lost"] == (2 + 6 + 7) * HOUR_NS / 3
    assert found["average_bars_held"] == 5.5


def test_each_figure_has_its_definition_and_comes_in_the_order_of_reading() -> None:
    found = trade_figures(trades_with(PROFIT))
    assert list(found) == [name for name in DEFINITIONS if name in found]
    for name in found:
        told = DEFINITIONS[name]
        assert told.group in ("Trades", "Streaks and holding")
        for text in (told.sentence, told.formula, told.convention, told.source, told.none_when):
            assert text.endswith(".")
        module = next(one for one in (trades, edge, streaks, holding) if hasattr(one, name))
        assert f"Unit: {told.unit}." in getattr(module, name).__doc__


def test_nothing_is_said_of_no_trades() -> None:
    found = trade_figures(trades_with([]))
    assert {name for name, value in found.items() if not math.isnan(value)} == {"trade_count", "trade_fees"}
    assert found["trade_count"] == found["trade_fees"] == 0


def test_nine_trades_do_not_say_what_to_expect_and_ten_do() -> None:
    excursions = {"mfe_rate": [0.03] * 10, "mae_rate": [-0.01] * 10}
    ten = trade_figures(trades_with(PROFIT, **excursions))
    nine = trade_figures(trades_with(PROFIT[1:], **{name: values[1:] for name, values in excursions.items()}))
    assert all(math.isfinite(ten[name]) for name in GATED)
    assert all(math.isnan(nine[name]) for name in GATED)
    assert math.isfinite(nine["win_rate"])
    assert math.isfinite(nine["profit_factor"])


@pytest.mark.parametrize("profit", [[1.0], [1.0, 2.0], [-1.0, -2.0], [0.0, 0.0], [5.0] * 20, [0.1] * 20])
def test_what_cannot_be_divided_is_not_said(profit: list[float]) -> None:
    # pytest makes an error of every warning, so none of numpy's reaches anybody either.
    found = trade_figures(trades_with(profit, mfe_rate=[0.0] * len(profit), mae_rate=[0.0] * len(profit)))
    for name in ("sqn", "kelly", "payoff", "edge_ratio"):
        assert math.isnan(found[name]), name


def test_a_profit_factor_without_losses_has_no_bound() -> None:
    assert trades.profit_factor([1.0, 2.0]) == math.inf
    assert trades.profit_factor([-1.0]) == 0
    assert math.isnan(trades.profit_factor([0.0]))
    assert math.isnan(trades.profit_factor([]))


def test_a_trade_that_ends_at_nothing_ends_both_streaks_and_is_none_itself() -> None:
    runs = streaks.streaks_of([1.0, 2.0, 0.0, 3.0, -1.0, 0.0, 0.0, -2.0, -4.0])
    assert runs.sign.tolist() == [1, 1, -1, -1]
    assert runs.length.tolist() == [2, 1, 1, 2]
    assert runs.total.tolist() == [3.0, 3.0, -1.0, -6.0]
    assert streaks.longest_winning_streak([0.0]) == 0
    assert math.isnan(streaks.longest_winning_streak([]))
    assert math.isnan(streaks.average_losing_streak([1.0]))


def test_trades_without_excursions_have_no_edge_ratio() -> None:
    assert math.isnan(trade_figures(trades_with(PROFIT))["edge_ratio"])
    some = edge.edge_ratio([0.04, math.nan, 9.0], [-0.02, -0.5, math.nan])
    assert some == pytest.approx(2.0)


def test_columns_are_of_one_length() -> None:
    with pytest.raises(UsageError, match=r"bars has 3 rows, but profit has 2"):
        trades_with([1.0, 2.0], bars=[1, 2, 3])
    with pytest.raises(UsageError, match=r"symbol has 1 rows, but profit has 2"):
        trades_with([1.0, 2.0], symbol=["A"])


@pytest.mark.parametrize("case", ORACLES)
def test_vectorbt_says_the_same_of_profits(case: str) -> None:
    told = ORACLES[case]["vectorbt"]
    found = trade_figures(trades_with(told["profit"]))
    assert len(told["figures"]) == 11
    for name, value in told["figures"].items():
        assert found[name] == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("case", ORACLES)
def test_quantstats_says_the_same_of_rates(case: str) -> None:
    entry, exits = np.array(ORACLES[case]["entry"]), np.array(ORACLES[case]["exit"])
    rates = ((exits - entry) / entry).tolist()
    told = dict(ORACLES[case]["quantstats"])
    ties = sum(rate == 0 for rate in rates)
    # It leaves trades that end at nothing out of the share of winners.
    share = told.pop("win_rate")
    found = trade_figures(trades_with(rates, rate=rates))
    assert found["win_rate"] * len(rates) / (len(rates) - ties) == pytest.approx(share, rel=1e-9)
    assert len(told) == 7
    for name, value in told.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name


def test_some_case_has_trades_that_end_at_nothing() -> None:
    assert any(
        entry == left
        for entry, left in zip(ORACLES["with_ties"]["entry"], ORACLES["with_ties"]["exit"], strict=True)
    )


@given(st.lists(AMOUNTS, min_size=10, max_size=40))
def test_the_parts_make_the_whole(profit: list[float]) -> None:
    found = trade_figures(trades_with(profit))
    wins, losses = sum(one > 0 for one in profit), sum(one < 0 for one in profit)
    gained = wins * (found["average_win"] if wins else 0.0)
    lost = losses * (found["average_loss"] if losses else 0.0)
    assert gained + lost == pytest.approx(found["expectancy"] * len(profit), abs=1e-9)
    if wins and losses:
        assert found["profit_factor"] == pytest.approx(found["payoff"] * wins / losses)
    assert found["longest_winning_streak"] <= wins
    assert found["longest_losing_streak"] <= losses


@given(st.lists(AMOUNTS, min_size=10, max_size=40))
def test_the_other_way_round_winners_are_losers(profit: list[float]) -> None:
    there, back = trade_figures(trades_with(profit)), trade_figures(trades_with([-one for one in profit]))
    assert there["longest_winning_streak"] == back["longest_losing_streak"]
    assert there["best_trade"] == -back["worst_trade"]
    assert there["expectancy"] == -back["expectancy"]
    assert there["sqn"] == -back["sqn"] or math.isnan(there["sqn"]) == math.isnan(back["sqn"]) is True


@given(st.lists(AMOUNTS, max_size=30))
def test_streaks_are_those_of_counting_one_by_one(profit: list[float]) -> None:
    found: list[tuple[int, int, float]] = []
    before = 0
    for one in profit:
        sign = (one > 0) - (one < 0)
        if sign and sign == before:
            found[-1] = (sign, found[-1][1] + 1, found[-1][2] + one)
        elif sign:
            found.append((sign, 1, one))
        before = sign
    runs = streaks.streaks_of(profit)
    assert runs.sign.tolist() == [one[0] for one in found]
    assert runs.length.tolist() == [one[1] for one in found]
    assert runs.total.tolist() == pytest.approx([one[2] for one in found])
