"""What was paid is the sum over the fills and charges, and what trades and runs paid agrees."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.model import Account, paid
from eyas.reports.paid import FILL_COST_DTYPE, KINDS, PAID_DTYPE, Paid, paid_frame, paid_in_all
from tests.reference.search import searching
from tests.reports.folded import RUNS, events_of, run
from tests.reports.test_exposure import close_at
from tests.test_session import bars_of

COLUMNS = dict.fromkeys(KINDS, pl.Float64)


def amounts_of(event: dict[str, Any]) -> dict[str, int]:
    """Return what one event adds to each kind, in whole units."""
    if event["kind"] == "charged":
        return {"borrowing" if event["cause"] == "borrow" else "funding": event["fee"]}
    side = "bought" if event["quantity"] > 0 else "sold"
    worse = event["price"] - event["reference"]
    return {
        side: event["price"] * abs(event["quantity"]),
        "slippage": worse * event["quantity"],
        "fees": event["fee"],
    }


def by_hand(report: eyas.Report) -> tuple[list[dict[str, int]], dict[str, int]]:
    """Return what each closed ticket, and the whole run, paid: in whole units."""
    tickets: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    everything, closed = dict.fromkeys(KINDS, 0), []
    for event in events_of(report.journal):
        if event["kind"] in ("filled", "charged"):
            for name, amount in amounts_of(event).items():
                tickets[event["ticket"]][name] += amount
                everything[name] += amount
        elif event["kind"] == "closed":
            closed.append(tickets[event["ticket"]])
    return closed, everything


def exact(record: Any, name: str) -> int:
    return (int(record[f"{name}_high"]) << 64) + int(record[f"{name}_low"])


@given(RUNS)
@searching(120)
def test_what_was_paid_is_the_sum_of_the_events(drawn: Any) -> None:
    report = run(drawn)
    closed, everything = by_hand(report)
    trades, totals, fills = paid(report.journal.data)
    records = np.frombuffer(trades, PAID_DTYPE)
    assert [{name: exact(record, name) for name in KINDS} for record in records] == closed
    assert records["ticket"].tolist() == report.trades["ticket"].to_list()
    whole = np.frombuffer(totals, PAID_DTYPE)
    filled = report.journal.records["instrument"][report.journal.where("filled")]
    assert whole["instrument"].tolist() == np.unique(filled).tolist()
    assert {name: sum(exact(record, name) for record in whole) for name in KINDS} == everything
    costs = np.frombuffer(fills, FILL_COST_DTYPE)
    assert len(costs) == len(report.journal.where("filled"))
    assert sum(exact(cost, "slippage") for cost in costs) == everything["slippage"]
    frame = paid_frame(report)
    assert dict(frame.schema) == COLUMNS
    fee = (frame["fees"] + frame["funding"] + frame["borrowing"]).to_list()
    assert fee == pytest.approx(report.trades["fee"].to_list(), rel=1e-12, abs=1e-12)
    for row, ticket in zip(frame.to_dicts(), closed, strict=True):
        assert row == pytest.approx({name: value / 1e16 for name, value in ticket.items()}, rel=1e-14)


@given(RUNS)
@searching(60)
def test_a_run_paid_what_its_fills_and_charges_did_at_the_rates_of_their_steps(drawn: Any) -> None:
    report = run(drawn)
    pricing = report.rules.pricing(report.symbols)
    everything = dict.fromkeys(KINDS, 0.0)
    for event in events_of(report.journal):
        if event["kind"] in ("filled", "charged"):
            other = pricing.get(report.symbols[event["instrument"]])
            rate = close_at(report, other, event["bar"], np.nan) if other else 1.0
            for name, amount in amounts_of(event).items():
                everything[name] += amount / 1e16 * rate
    found = paid_in_all(report)
    assert {name: getattr(found, name) for name in KINDS} == pytest.approx(everything, rel=1e-9, abs=1e-9)
    assert found.traded == found.bought + found.sold
    assert found.all == found.slippage + found.fees + found.funding + found.borrowing


@given(st.integers(0, 10**6))
@searching(40)
def test_without_costs_a_trade_earned_what_it_sold_less_what_it_bought(seed: int) -> None:
    report = run((seed, "several", {}))
    frame = paid_frame(report)
    earned = (frame["sold"] - frame["bought"]).to_list()
    assert earned == pytest.approx(report.trades["profit"].to_list(), abs=1e-9)
    assert (frame["slippage"].to_list(), frame["fees"].to_list()) == ([0] * frame.height,) * 2


class Costly(eyas.Strategy):
    """Sell short, and take a part back by a limit that costs no slippage."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.sell(10, take_profit=eyas.at(90.0))


def test_spread_and_slippage_are_what_fills_were_worse_by() -> None:
    report = eyas.backtest(
        Costly(),
        bars_of([100, 100, 95, 90, 90]),
        spread=2,
        fee_fixed=1,
        borrow_rate=0.001,
        funding_rate=0.002,
    )
    assert report.trades["exit_reason"].to_list() == ["take_profit"]
    # Sold at 99 instead of 100; the target is a limit, which pays no spread. Held over two closes.
    expected = {
        "bought": 900.0,
        "sold": 990.0,
        "slippage": 10.0,
        "fees": 2.0,
        "funding": -(1000 + 950) * 0.002,
        "borrowing": (1000 + 950) * 0.001,
    }
    assert paid_frame(report).to_dicts() == [pytest.approx(expected)]
    assert paid_in_all(report) == Paid(**{name: pytest.approx(value) for name, value in expected.items()})


def test_a_better_price_than_before_costs_is_below_nothing_nowhere() -> None:
    """Costs of the kernel's own market only ever make a price worse."""
    for seed in range(20):
        report = run((seed, "several", {"spread": 0.5, "slippage": 0.01}))
        assert (paid_frame(report)["slippage"] >= 0).all()


def test_tickets_that_are_open_are_in_the_whole() -> None:
    report = eyas.backtest(Costly(), bars_of([100, 100, 95]), fee_fixed=1, end_policy="mark_only")
    assert paid_frame(report).height == 0
    assert dict(paid_frame(report).schema) == COLUMNS
    assert paid_in_all(report) == Paid(0, 1000, 0, 1, 0, 0)


def test_a_fill_of_a_venue_has_no_price_before_its_costs() -> None:
    account = Account("1000", [("matching", "elsewhere")])
    number = account.open("buy", ("quantity", 2.0))
    account.advance_rows([(0, 0, 0, 100, 101, 99, 100, 1.0, np.nan, np.nan)])
    assert account.apply(number, "102", "2", "0.5", time=100)
    _, (whole,), _ = (
        np.frombuffer(one, kind)
        for one, kind in zip(paid(account.journal()), (PAID_DTYPE, PAID_DTYPE, FILL_COST_DTYPE), strict=True)
    )
    assert [exact(whole, name) / 1e16 for name in KINDS] == [204, 0, 0, 0.5, 0, 0]


def test_a_run_without_a_fill_paid_nothing() -> None:
    report = eyas.backtest(eyas.Strategy(), bars_of([1, 2, 3]))
    assert paid_in_all(report) == Paid(0, 0, 0, 0, 0, 0)
    assert paid_frame(report).height == 0
