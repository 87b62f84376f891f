"""Laws of differences, over real pairs of runs: the parts are the whole, swapped is mirrored, one to one."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eyas
from eyas.reports import Report
from eyas.reports.difference import Difference, Pair, difference
from eyas.reports.difference.trades import amount, trades_of, wide
from tests.reports.difference.runs import CASH, RULES, portfolio_run, wild_run
from tests.test_session import coarse_bars
from tests.test_wild import Wild

SEEDS = st.integers(0, 10_000)
RUN = st.tuples(st.sampled_from(RULES), st.sampled_from(CASH), st.integers(0, 3))
MONIES: tuple[dict[str, Any], ...] = (
    {},
    {"currency": {"A": "D"}},
    {"currency": {"A": "D", "B": "D"}, "fee_rate": 0.001},
    {"currency": {"B": "D"}, "end_policy": "mark_only", "price_decimals": {"D": 4}},
    {"clock": "sequential"},
)
PORTFOLIO = st.tuples(st.sampled_from(("ABCD", "ABD")), st.sampled_from(MONIES))


def keep_laws(a: Report, b: Report) -> Difference:
    found = difference(a, b)
    units = found.b.worth.equity - found.a.worth.equity
    # The parts are the whole: by cause, by trade, and of each trade; Python's integers round nothing.
    assert sum(found.cause_units.values()) == units
    assert sum(found.run_parts.values()) + sum(pair.units for pair in found.pairs) == units
    for pair in found.pairs:
        assert pair.units == (pair.b.value if pair.b else 0) - (pair.a.value if pair.a else 0)
        assert (pair.name == "missed") == (pair.b is None)
        assert (pair.name == "extra") == (pair.a is None)
        if pair.name == "equal":
            assert pair.parts == {}
        if pair.a and pair.b:
            assert (pair.a.symbol, pair.a.direction) == (pair.b.symbol, pair.b.direction)
    # Every trade of both runs occurs once.
    for side, report in (("a", a), ("b", b)):
        told = Counter(trade.ticket for pair in found.pairs if (trade := getattr(pair, side)))
        assert told == Counter(trade.ticket for trade in trades_of(report))
        assert_like_the_kernel(report, getattr(found, side).worth.equity)
    assert_mirrored(found, difference(b, a))
    return found


def assert_like_the_kernel(report: Report, equity: int) -> None:
    """Profits are those of the journal to the last unit; equity is the curve's, as far as a float says."""
    journal = report.journal
    rows = journal.where("closed")
    profits = wide(journal.records, "profit", rows)
    closed = dict(zip(journal.records["ticket"][rows].tolist(), profits, strict=True))
    trades = trades_of(report)
    assert {trade.ticket: trade.profit for trade in trades if not trade.is_open} == closed
    assert float(amount(equity)) == pytest.approx(report.curve[-1], rel=1e-15, abs=1e-12)


def assert_mirrored(found: Difference, other: Difference) -> None:
    swapped = found.swapped()
    assert other.cause_units == swapped.cause_units
    assert other.counts == swapped.counts
    assert other.money == swapped.money == -found.money
    assert sorted(map(told, other.pairs)) == sorted(map(told, swapped.pairs))
    assert [one.kind for one in other.changes] == [one.kind for one in swapped.changes]


def told(pair: Pair) -> tuple[Any, ...]:
    tickets = (pair.a.ticket if pair.a else 0, pair.b.ticket if pair.b else 0)
    return pair.name, tickets, sorted(pair.parts.items())


@given(SEEDS, RUN, RUN, st.booleans())
@settings(max_examples=60)
def test_runs_of_one_symbol(seed: int, one: Any, other: Any, same: bool) -> None:
    keep_laws(wild_run(seed, *one), wild_run(seed if same else seed + 1, *other))


@given(SEEDS, PORTFOLIO, PORTFOLIO, st.booleans())
@settings(max_examples=25)
def test_portfolios(seed: int, one: Any, other: Any, same: bool) -> None:
    keep_laws(portfolio_run(seed, *one), portfolio_run(seed if same else seed + 1, *other))


@given(SEEDS, RUN)
@settings(max_examples=20)
def test_a_run_and_itself_are_identical(seed: int, one: Any) -> None:
    run = wild_run(seed, *one)
    found = difference(run, wild_run(seed, *one))
    assert found.is_identical
    assert found.is_equal
    assert found.money == 0
    assert found.causes == {}
    assert found.changes == ()
    assert "\n" not in str(found)


def test_the_laws_are_tried_on_every_cause() -> None:
    causes: set[str] = set()
    names: set[str] = set()
    for seed in range(6):
        for rules in RULES:
            for before in ({}, {"end_policy": "mark_only"}):
                found = difference(
                    wild_run(seed, before, 10_000, count=40), wild_run(seed, rules, 10_000, count=40)
                )
                causes |= found.cause_units.keys()
                names |= found.counts.keys()
    every = {"time", "price", "exit", "open", "fee", "quantity", "funding", "missed", "extra"}
    assert names >= {*every, "equal"}
    assert causes >= every


@pytest.mark.parametrize("end_policy", ["mark_only", "close_last"])
def test_equity_is_the_kernels_to_the_last_digit(end_policy: Any) -> None:
    known: list[str] = []

    class Knowing(Wild):
        def on_end(self) -> None:
            known.append(self.account.exact("equity"))

    for seed in range(10):
        report = eyas.backtest(
            Knowing(seed=seed), coarse_bars(seed, 50), end_policy=end_policy, fee_rate=0.0003
        )
        side = difference(report, report).a
        assert side.equity == Decimal(known[-1])
        assert np.isfinite(float(side.equity))


def test_of_the_same_runs_no_trade_is_looked_at_before_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = sys.modules["eyas.reports.difference.difference"]
    asked: list[Report] = []
    monkeypatch.setattr(module, "trades_of", lambda report: asked.append(report) or trades_of(report))
    for rules in ({}, {"end_policy": "mark_only"}):
        one, other = (wild_run(3, rules, 10_000) for _ in range(2))
        for pair in ((one, one), (one, other)):
            found = difference(*pair)
            assert found.is_identical
            assert str(found).startswith(f"Identical: {found.a.trades} trades")
            assert found.counts == {"equal": found.a.trades}
            assert asked == []
            assert [pair.name for pair in found.pairs] == ["equal"] * found.a.trades
            assert found.a.worth == found.b.worth
            keep_laws(*pair)
            asked.clear()


def test_the_same_journal_with_another_last_close_is_not_the_same_run() -> None:
    bars = coarse_bars(3, 60)
    close = bars.close.copy()
    close[-1] = bars.low[-1] if bars.close[-1] != bars.low[-1] else bars.high[-1]
    one, other = (
        eyas.backtest(Holding(), each, end_policy="mark_only") for each in (bars, replace(bars, close=close))
    )
    assert one.journal.digest == other.journal.digest
    found = keep_laws(one, other)
    assert not found.is_same
    assert not found.is_identical
    assert found.counts == {"open": 1}


class Holding(eyas.Strategy):
    """Buy once, and hold."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(quantity=1)
