"""Where stops and targets stood is what entries and amendments say, from each to the next."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl
import pytest
from hypothesis import given

import eyas
from eyas.reports.levels import level_frame
from tests.reference.search import searching
from tests.reports.folded import RUNS, run
from tests.test_session import bars_of

COLUMNS = {
    "trade": pl.Int64,
    "ticket": pl.UInt64,
    "level": pl.String,
    "price": pl.Float64,
    "from_bar": pl.Int64,
    "to_bar": pl.Int64,
    "from_time": pl.Datetime("ns", "UTC"),
    "to_time": pl.Datetime("ns", "UTC"),
}


def said(event: dict[str, Any], level: str) -> float | None:
    """Return where an event says that a level stands from then on: 0 for nowhere, None for no word of it."""
    fills = event["kind"] == "filled"
    if event["kind"] == "closed":
        return 0.0
    if event["kind"] == "amended" or (fills and event["cause"] in ("entry", "average")):
        return float(event[level])
    if level == "take_profit" and fills and event["cause"] == "take_profit":
        return 0.0
    if level == "stop_loss" and fills and event["cause"] in ("trailing_stop", "breakeven"):
        return float(event["reference"])
    return None


def levels_by_hand(report: eyas.Report) -> list[tuple[Any, ...]]:
    """Return trade, ticket, level, price, and the bars and times from which to which it stood."""
    lives: dict[int, list[dict[str, Any]]] = defaultdict(list)
    closed = []
    for row in range(len(report.journal)):
        event = report.journal.event(row)
        if event["kind"] in ("filled", "closed") or (event["kind"] == "amended" and not event["order"]):
            lives[event["ticket"]].append(event)
        if event["kind"] == "closed":
            closed.append(event["ticket"])
    found: list[tuple[Any, ...]] = []
    for trade, ticket in enumerate(closed):
        for level in ("stop_loss", "take_profit"):
            stood, since = 0.0, lives[ticket][0]
            for event in lives[ticket]:
                price = said(event, level)
                if price is None or (price == stood and event["kind"] != "closed"):
                    continue
                if stood:
                    times = (since["bar"], event["bar"], since["time_ns"], event["time_ns"])
                    found.append((trade, ticket, level, stood, *times))
                stood, since = price, event
    return found


@given(RUNS)
@searching(80)
def test_levels_stand_from_what_said_them_to_what_changed_them(drawn: Any) -> None:
    report = run(drawn)
    frame = level_frame(report)
    symbols = {"symbol": pl.String} if len(report.symbols) > 1 else {}
    assert dict(frame.schema) == COLUMNS | symbols
    plain = frame.drop(list(symbols)).with_columns(pl.col("from_time", "to_time").to_physical())
    assert plain.rows() == levels_by_hand(report)
    if symbols:
        assert frame["symbol"].to_list() == [report.trades["symbol"][trade] for trade in frame["trade"]]
    assert (frame["price"] > 0).all()
    assert (frame["from_bar"] <= frame["to_bar"]).all()


def test_the_runs_that_are_drawn_move_levels() -> None:
    frames = [level_frame(run((seed, "one", {}))) for seed in range(30)]
    moved = sum((frame.group_by("trade", "level").len()["len"] > 1).sum() for frame in frames)
    assert moved >= 5


class Moved(eyas.Strategy):
    """Buy with a ladder of targets, and move the stop and the target."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(4, stop_loss=eyas.at(90.0), take_profit=[(eyas.at(104.0), 0.5), eyas.at(120.0)])
        if bar.index == 2:
            self.move(1, stop_loss=95.0)
        if bar.index == 4:
            self.move(1, take_profit=110.0)


def test_a_stop_that_is_moved_and_a_ladder_whose_rest_is_said_again() -> None:
    report = eyas.backtest(Moved(), bars_of([100, 100, 102, 105, 106, 94, 93]))
    rows = level_frame(report).select("level", "price", "from_bar", "to_bar").rows()
    assert rows == [
        ("stop_loss", 90.0, 1, 2),
        ("stop_loss", 95.0, 2, 5),
        ("take_profit", 104.0, 1, 3),
        ("take_profit", 110.0, 4, 5),
    ]


def test_a_stop_that_trails_is_shown_where_it_was_set_and_where_it_filled() -> None:
    class Trailing(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(1, trailing=eyas.away(5))

    report = eyas.backtest(Trailing(), bars_of([100, 100, 110, 108, 104, 100]))
    assert report.trades["exit_reason"].to_list() == ["trailing_stop"]
    rows = level_frame(report).select("price", "from_bar", "to_bar").rows()
    assert rows == [(95.0, 1, 4), (105.0, 4, 4)]


@pytest.mark.parametrize("count", [2, 3])
def test_no_trade_is_an_empty_frame_of_the_same_columns(count: int) -> None:
    frame = level_frame(eyas.backtest(eyas.Strategy(), bars_of([1] * count)))
    assert frame.height == 0
    assert dict(frame.schema) == COLUMNS
