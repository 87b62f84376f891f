"""A trade is what its fills say, worked out again by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.journal import Journal
from tests.reference.generate import rule_sets
from tests.reference.search import searching
from tests.test_session import MINUTE_NS, START_NS, Dice, bars_of, coarse_bars, rules_of

COLUMNS = {
    "ticket": pl.UInt64,
    "direction": pl.String,
    "quantity": pl.Float64,
    "entry_time": pl.Datetime("ns", "UTC"),
    "entry_price": pl.Float64,
    "exit_time": pl.Datetime("ns", "UTC"),
    "exit_price": pl.Float64,
    "exit_reason": pl.String,
    "profit": pl.Float64,
    "fee": pl.Float64,
    "profit_rate": pl.Float64,
    "bars": pl.Int64,
    "entry_bar": pl.Int64,
    "exit_bar": pl.Int64,
}
# What stands beside a trade: tests of their own say what is in them.
BESIDE = {
    **dict.fromkeys(("mfe", "mae", "mfe_rate", "mae_rate"), pl.Float64),
    **dict.fromkeys(("note", "exit_note"), pl.String),
}


def trades_by_hand(journal: Journal) -> list[dict[str, Any]]:
    """Fold the exact fills into trades, in order of closing."""
    fills: dict[int, list[dict[str, Any]]] = {}
    trades = []
    for row in journal.where("filled").tolist():
        fill = journal.event(row)
        held = fills.setdefault(fill["ticket"], [])
        held.append(fill)
        if sum(one["quantity"] for one in held):
            continue
        entry, exits = held[0], held[1:]
        quantity = abs(entry["quantity"])
        fee = sum(one["fee"] for one in held)
        sold = sum(one["price"] * abs(one["quantity"]) for one in exits)
        paid = entry["price"] * quantity
        profit = (sold - paid) * (1 if entry["quantity"] > 0 else -1) - fee
        trades.append(
            {
                "ticket": entry["order"],
                "direction": "long" if entry["quantity"] > 0 else "short",
                "quantity": float(quantity),
                "entry_time": entry["time_ns"],
                "entry_price": float(entry["price"]),
                "exit_time": exits[-1]["time_ns"],
                "exit_price": float(sold / quantity),
                "exit_reason": exits[-1]["cause"],
                "profit": float(profit),
                "fee": float(fee),
                "profit_rate": float(profit / paid),
                "bars": exits[-1]["bar"] - entry["bar"],
                "entry_bar": entry["bar"],
                "exit_bar": exits[-1]["bar"],
            }
        )
    return trades


@given(st.integers(0, 10**6), rule_sets())
@searching(100)
def test_trades_are_folds_of_the_fills(seed: int, texts: dict[str, str]) -> None:
    rules = rules_of(texts)
    report = eyas.backtest(Dice(seed=seed), coarse_bars(seed, 40), rules=rules)
    assert dict(report.trades.schema) == COLUMNS | BESIDE
    base = report.trades.select(list(COLUMNS))
    found = base.with_columns(pl.col("entry_time", "exit_time").to_physical()).to_dicts()
    # An average price is rounded to the price's decimals: it is for display.
    unit = 10.0**-rules.price_decimals
    wanted = [
        {
            name: pytest.approx(value, rel=1e-9, abs=unit if name.endswith("price") else 1e-9)
            if isinstance(value, float) and name != "profit_rate"
            else pytest.approx(value, rel=unit, abs=unit + 1e-9)
            if name == "profit_rate"
            else value
            for name, value in trade.items()
        }
        for trade in trades_by_hand(report.journal)
    ]
    assert found == wanted


@given(st.integers(0, 10**6), rule_sets(without=("end_policy",)))
@searching(60)
def test_profits_and_opening_cash_are_the_last_cash_to_the_last_digit(
    seed: int, texts: dict[str, str]
) -> None:
    report = eyas.backtest(Dice(seed=seed), coarse_bars(seed, 40), rules=rules_of(texts), cash="10000")
    events = [report.journal.event(row) for row in range(len(report.journal))]
    profit = sum((event["profit"] for event in events if event["kind"] == "closed"), Decimal(0))
    assert profit + 10_000 == sum(event["cash"] for event in events)
    assert report.trades["profit"].sum() == pytest.approx(float(profit), abs=1e-6)
    assert report.curve[-1] == pytest.approx(float(profit + 10_000), rel=1e-12, abs=1e-9)


def test_no_trade_is_an_empty_frame_of_the_same_columns() -> None:
    for strategy in (eyas.Strategy(), eyas.Signals(entries=[1, 0, 0], quantity=1)):
        frame = eyas.backtest(strategy, bars_of([1, 2, 3]), end_policy="mark_only").trades
        assert frame.height == 0
        assert dict(frame.schema) == COLUMNS | BESIDE


def test_trades_stand_in_order_of_closing() -> None:
    class Both(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(1)
                self.sell(2, take_profit=0.01)
                self.buy(4)
            if bar.index == 2:
                self.close(3, fraction=0.5)
            if bar.index == 3:
                self.close(3)

    frame = eyas.backtest(Both(), bars_of([100, 100, 98, 102, 104, 106]), fee_fixed=1).trades
    assert frame["ticket"].to_list() == [2, 3, 1]
    assert frame["direction"].to_list() == ["short", "long", "long"]
    assert frame["quantity"].to_list() == [2, 4, 1]
    assert frame["entry_bar"].to_list() == [1, 1, 1]
    assert frame["exit_bar"].to_list() == [2, 4, 5]
    assert frame["bars"].to_list() == [1, 3, 4]
    assert frame["exit_price"].to_list() == [99, 100, 106]  # of the second, half at 98 and half at 102
    assert frame["exit_reason"].to_list() == ["take_profit", "close", "end_of_data"]
    assert frame["fee"].to_list() == [2, 3, 2]
    assert frame["profit"].to_list() == [0, -3, 4]
    assert frame["profit_rate"].to_list() == [0, -3 / 400, 4 / 100]
    times = frame.select(pl.col("entry_time", "exit_time").to_physical())
    assert times["entry_time"].to_list() == [START_NS + MINUTE_NS] * 3
    assert times["exit_time"].to_list() == [START_NS + bar * MINUTE_NS for bar in (2, 4, 5)]
