"""A sweep in which trading was free says so, wherever it is read."""

from __future__ import annotations

from typing import Any

import pytest

import eyas
from eyas.rules import Rules
from eyas.sweep import sweep
from eyas.sweep.costs import FREE, is_free
from eyas.sweep.page import page_of, render_page
from tests.sweep.strategies import BARS, Cross

GRID: dict[str, Any] = {"fast": [3, 5], "slow": [20, 30]}


class Idle(eyas.Strategy):
    period: int = 3


@pytest.mark.parametrize(
    "rules",
    [
        {"fee_rate": 0.001},
        {"maker_fee_rate": "0.0002"},
        {"maker_fee_rate": -0.0001},
        {"fee_fixed": 1},
        {"fee_per_unit": 0.005},
        {"spread": 0.01},
        {"spread_rate": 0.0001},
        {"slippage": 0.0005},
        {"slippage_ticks": 1, "price_tick": 0.01},
        {"fee_rate": {"AAPL": 0, "IBM": 0.001}},
    ],
)
def test_any_of_them_is_a_cost(rules: dict[str, Any]) -> None:
    assert not is_free(Rules(**rules))


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"fee_rate": "0.000", "maker_fee_rate": 0},
        {"fee_rate": {"AAPL": 0}},
        # Paid for time, whatever is traded; and what limits orders costs nothing.
        {"funding_rate": 0.0001, "borrow_rate": 0.02},
        {"slippage_max": 0.01, "tie": "target"},
    ],
)
def test_these_are_none(rules: dict[str, Any]) -> None:
    assert is_free(Rules(**rules))


def test_a_sweep_without_costs_says_so_everywhere() -> None:
    found = sweep(Cross, BARS, **GRID)
    assert FREE in found.remarks
    assert FREE in " ".join(str(found).split())
    assert FREE in found.markdown()
    assert FREE in page_of(found).remarks
    assert FREE in render_page(page_of(found))
    assert "Trading was free" in found._repr_html_()


def test_a_sweep_with_costs_or_without_trades_does_not() -> None:
    paid = sweep(Cross, BARS, **GRID, fee_rate=0.001)
    assert paid.remarks == list(paid.course.notes)
    assert "Trading was free" not in str(paid)
    assert FREE not in page_of(paid).remarks
    assert FREE not in sweep(Idle, BARS, period=[3, 4]).remarks
