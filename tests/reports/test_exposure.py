"""Exposure is what the fills up to each step left, at the last closes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.model import Prices, exposures
from eyas.reports.exposure import exposure_frame
from eyas.reports.records import prices_of
from tests.reference.search import searching
from tests.reports.folded import RUNS, events_of, run
from tests.test_session import bars_of

COLUMNS = {"time": pl.Datetime("ns", "UTC"), **dict.fromkeys(("long", "short", "net", "gross"), pl.Float64)}


def close_at(report: eyas.Report, symbol: str, step: int, otherwise: float) -> float:
    """Return the last close of a symbol up to a step."""
    close = report.instruments[symbol].close
    steps = range(len(close)) if report.steps is None else report.steps[symbol].tolist()
    rows = [row for row, taken in enumerate(steps) if taken <= step]
    return float(close[rows[-1]]) if rows else otherwise


def held_by_hand(report: eyas.Report) -> list[tuple[float, float]]:
    """Return the money that was held long and short after every step."""
    symbols, pricing = report.symbols, report.rules.pricing(report.symbols)
    fills = [event for event in events_of(report.journal) if event["kind"] == "filled"]
    found = []
    for step in range(len(report.curve)):
        tickets: dict[tuple[int, int], int] = defaultdict(int)
        for fill in fills:
            if fill["bar"] <= step:
                tickets[fill["instrument"], fill["ticket"]] += fill["quantity"]
        long = short = 0.0
        for (place, _), quantity in tickets.items():
            symbol = symbols[place]
            scale = 10.0 ** report.journal.decimals("quantity", place)
            worth = quantity / scale * close_at(report, symbol, step, 0.0)
            if symbol in pricing:
                other = pricing[symbol]
                worth *= close_at(report, other, step, float(report.instruments[other].close[0]))
            long, short = long + max(0.0, worth), short + max(0.0, -worth)
        found.append((long, short))
    return found


@given(RUNS)
@searching(100)
def test_exposure_is_what_the_fills_left(drawn: Any) -> None:
    report = run(drawn)
    frame = exposure_frame(report)
    assert dict(frame.schema) == COLUMNS
    assert frame["time"].to_list() == report.equity["time"].to_list()
    by_hand = zip(held_by_hand(report), report.curve.tolist(), frame.to_dicts(), strict=True)
    for (long, short), equity, row in by_hand:
        if equity <= 0:
            assert [row[name] for name in ("long", "short", "net", "gross")] == [None] * 4
            continue
        near = {"rel": 1e-9, "abs": 1e-12}
        assert row["long"] == pytest.approx(long / equity, **near)
        assert row["short"] == pytest.approx(short / equity, **near)
        assert row["net"] == pytest.approx((long - short) / equity, **near)
        assert row["gross"] == pytest.approx((long + short) / equity, **near)


@given(st.integers(0, 10**6))
@searching(40)
def test_a_long_without_debt_is_never_more_than_equity(seed: int) -> None:
    report = run((seed, "several", {"account": "cash"}))
    frame = exposure_frame(report)
    assert frame["short"].max() == 0
    assert frame["gross"].max() <= 1 + 1e-9  # type: ignore[operator]
    assert frame["gross"].max() > 0  # type: ignore[operator]


class Ruined(eyas.Strategy):
    """Hold more than there is, until there is less than nothing."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(300)


def test_nothing_is_said_where_equity_is_gone() -> None:
    report = eyas.backtest(Ruined(), bars_of([100, 100, 90, 50, 100]), leverage=10)
    frame = exposure_frame(report)
    assert frame["gross"].to_list() == [0, 3, pytest.approx(27_000 / 7_000), None, 0]
    assert report.curve[3] < 0


def test_what_is_held_at_the_end_stays_held() -> None:
    report = eyas.backtest(Ruined(), bars_of([100, 100, 110]), leverage=10, end_policy="mark_only")
    assert exposure_frame(report)["net"].to_list() == [0, 3, pytest.approx(33_000 / 13_000)]


def test_a_run_without_a_fill_held_nothing() -> None:
    frame = exposure_frame(eyas.backtest(eyas.Strategy(), bars_of([1, 2, 3])))
    assert frame.drop("time").rows() == [(0, 0, 0, 0)] * 3


def test_nothing_is_said_without_the_bars_of_what_was_traded() -> None:
    report = eyas.backtest(Ruined(), bars_of([100, 100, 110]), leverage=10)
    frame = exposure_frame(replace(report, instruments={"": report.bars[:0]}))
    assert frame["gross"].null_count() == 3
    assert frame["time"].null_count() == 0


def test_what_is_written_must_be_apart_and_of_one_length() -> None:
    report = eyas.backtest(Ruined(), bars_of([100, 100, 110]), leverage=10)
    data, prices, one, two = report.journal.data, prices_of(report), np.ones(3), np.ones(3)
    frozen = np.ones(3)
    frozen.flags.writeable = False
    both = np.ones(4)
    own = report.bars.close.copy()
    apart = "arrays of their own"
    for long, short, why in (
        (one, one, apart),
        (both[:3], both[1:], apart),
        (own, two, apart),
        (one, np.ones(2), "same length"),
        (one, frozen, "writable"),
    ):
        noted = [Prices(report.bars.open, report.bars.high, report.bars.low, own, 8)]
        with pytest.raises(ValueError, match=why):
            exposures(data, noted, report.curve, long, short)
    with pytest.raises(ValueError, match="no journal"):
        exposures(data[1:], prices, report.curve, one, two)
    exposures(data, prices, np.ones(0), np.ones(0), np.ones(0))
