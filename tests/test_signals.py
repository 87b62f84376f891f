"""Orders as arrays are the same orders, bar by bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas import model
from eyas.market import Market
from eyas.rules import Rules
from eyas.session import Session
from tests.reference.generate import rule_sets
from tests.reference.search import searching
from tests.test_portfolio import walk
from tests.test_session import bars_of, coarse_bars, rules_of

BARS = bars_of([100, 102, 101, 105, 103, 108])


class PerBar(eyas.Strategy):
    """Ask for the same as some Signals, one bar at a time."""

    def __init__(self, **columns: Any) -> None:
        super().__init__()
        self.columns = columns

    def at(self, name: str, index: int) -> Any:
        values = np.atleast_1d(self.columns[name])
        return values[index if len(values) > 1 else 0]

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.at("exits", bar.index):
            self.close()
        direction = self.at("entries", bar.index)
        if direction:
            ask = self.buy if direction > 0 else self.sell
            levels = {name: self.at(name, bar.index) for name in ("stop_loss", "take_profit")}
            size = next(name for name in SIZES if name in self.columns)
            options: dict[str, Any] = {
                size: self.at(size, bar.index),
                **{name: None if np.isnan(value) else value for name, value in levels.items()},
            }
            ask(**options)


SIZES = {"quantity": (1, 2.5, 0, -1, 1e30), "notional": (100, 333.3), "fraction": (1.0, 0.3, 2)}


@st.composite
def columns(draw: st.DrawFn, count: int, size: str) -> dict[str, Any]:
    """Draw the arrays of Signals with a kind of size, or one value for all bars."""

    def each(*values: Any) -> Any:
        one = st.sampled_from(values)
        return draw(one | st.lists(one, min_size=count, max_size=count).map(np.array))

    return {
        "entries": each(0, 0, 0, 1, -1),
        "exits": each(0, 0, 1),
        size: each(*SIZES[size]),
        "stop_loss": each(np.nan, 0.01, 0.05, -1),
        "take_profit": each(np.nan, 0.02, 0.5),
    }


@given(st.data(), st.integers(0, 10**6), rule_sets())
@searching(100)
def test_signals_are_the_same_strategy_bar_by_bar(data: Any, seed: int, texts: dict[str, str]) -> None:
    bars, rules = coarse_bars(seed, 30), rules_of(texts)
    asked = data.draw(columns(30, data.draw(st.sampled_from(sorted(SIZES)))))
    arrays = eyas.backtest(eyas.Signals(**asked), bars, rules=rules)
    calls = eyas.backtest(PerBar(**asked), bars, rules=rules)
    assert arrays.journal == calls.journal
    assert arrays.curve.tolist() == calls.curve.tolist()
    assert arrays.summary == calls.summary


def trades(**asked: Any) -> list[tuple[str, float, int, int]]:
    """Return direction, quantity, entry and exit bar of the trades of some Signals."""
    frame = eyas.backtest(eyas.Signals(**asked), BARS).trades
    return frame.select("direction", "quantity", "entry_bar", "exit_bar").rows()


ENTRIES = [1, 0, 0, -1, 0, 0]
EXITS = [0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("entries", "exits"),
    [
        (ENTRIES, EXITS),
        (tuple(ENTRIES), np.array(EXITS, dtype=bool)),
        (np.array(ENTRIES, dtype=np.int8), np.array(EXITS, dtype=np.int8)),
        (np.array(ENTRIES, dtype=np.int64) * 1000, np.array(EXITS, dtype=np.uint8)),
        (np.array(ENTRIES, dtype=np.float64) * 0.001, np.array(EXITS, dtype=np.float32)),
        (np.array(ENTRIES, dtype=object), np.array(EXITS, dtype=object)),
        (pl.Series(ENTRIES), pl.Series(EXITS) > 0),
        (np.repeat(ENTRIES, 2)[::2], np.repeat(EXITS, 3)[::3]),
    ],
)
def test_directions_may_be_any_numbers(entries: Any, exits: Any) -> None:
    assert trades(entries=entries, exits=exits, quantity=2) == [("long", 2, 1, 2), ("short", 2, 4, 5)]


def test_one_value_stands_for_all_bars() -> None:
    everywhere = trades(entries=True, exits=True, quantity=1)
    assert everywhere == [("long", 1, bar, bar + 1) for bar in range(1, 5)] + [("long", 1, 5, 5)]
    assert trades(entries=0) == []
    assert trades(entries=False, exits=True) == []


def test_without_a_size_all_free_cash_is_used() -> None:
    assert trades(entries=ENTRIES, exits=EXITS)[0][1] == 100  # of 10,000 at the open of bar 1


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"entries": [1, 0]}, "entries has shape (2,) for 6 bars: give one value a bar, or one for all"),
        ({"entries": np.zeros((6, 1))}, "entries has shape (6, 1) for 6 bars"),
        ({"entries": []}, "entries has shape (0,) for 6 bars"),
        ({"entries": 1, "exits": [1] * 5}, "exits has shape (5,) for 6 bars"),
        ({"entries": 1, "quantity": [1] * 7}, "quantity has shape (7,) for 6 bars"),
        ({"entries": 1, "stop_loss": [0.1] * 2}, "stop_loss has shape (2,) for 6 bars"),
        ({"entries": [1, 0, np.nan, 0, 0, 0]}, "entries must be numbers: above 0, below 0 or 0"),
        ({"entries": [1, 0, None, 0, 0, 0]}, "entries must be numbers: above 0, below 0 or 0"),
        ({"entries": 1, "exits": np.nan}, "exits must be numbers: above 0, below 0 or 0"),
        ({"entries": ["buy"] * 6}, "entries must be numbers: "),
        ({"entries": 1, "quantity": "much"}, "quantity must be numbers: "),
        ({"entries": 1, "take_profit": object()}, "take_profit must be numbers: "),
        (
            {"entries": 1, "quantity": 1, "fraction": 1},
            "give one of quantity, notional, fraction, not quantity",
        ),
        (
            {"entries": 1, "quantity": 1, "notional": 1},
            "give one of quantity, notional, fraction, not quantity",
        ),
    ],
)
def test_wrong_arrays_get_a_sentence(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        eyas.backtest(eyas.Signals(**asked), BARS)
    assert str(caught.value).startswith(sentence)


def test_signals_are_made_by_name() -> None:
    with pytest.raises(TypeError):
        eyas.Signals([1, 0])  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        eyas.Signals()  # type: ignore[call-arg]


def test_absurd_sizes_and_levels_are_refused_as_data() -> None:
    report = eyas.backtest(
        eyas.Signals(
            entries=1, quantity=[np.nan, np.inf, -1, 0, 1, 1], stop_loss=[0.1, 0.1, 0.1, 0.1, 64_000, 0.1]
        ),
        BARS,
    )
    assert report.summary.refused == {
        "quantity must be positive": 2,
        "quantity must be a number": 1,
        "quantity must be in range": 1,
        "stop must be beyond price": 1,
    }
    assert len(report.journal.where("filled")) == 0


def test_a_run_of_signals_has_a_name_and_a_report() -> None:
    signals = eyas.Signals(entries=ENTRIES, exits=EXITS, quantity=1, name="Mine")
    report = eyas.backtest(signals, BARS)
    assert repr(report).startswith("<Report Mine")
    assert report.parameters == {}
    assert len(report.trades) == 2
    again = eyas.backtest(signals, BARS)
    assert again.journal.digest == report.journal.digest
    assert signals.entries is ENTRIES


def test_a_journal_of_more_than_a_hooks_limit_is_fine() -> None:
    count = 120_000
    flat = np.full(count, 100.0)
    bars = eyas.Bars(np.arange(count) * 60_000_000_000, flat, flat, flat, flat, flat)
    place = np.arange(count)
    report = eyas.backtest(eyas.Signals(entries=place % 4 == 0, exits=place % 4 == 2, quantity=1), bars)
    assert report.summary.trades == 30_000
    assert len(report.journal) > 100_000


class PerStep(eyas.Strategy):
    """Ask for the same as some Signals of several instruments, one step at a time."""

    def __init__(self, asked: dict[str, dict[str, Any]]) -> None:
        super().__init__()
        self.asked = asked
        self.rows = dict.fromkeys(asked, -1)

    def at(self, name: str, symbol: str) -> Any:
        values = np.atleast_1d(self.asked[symbol][name])
        return values[self.rows[symbol] if len(values) > 1 else 0]

    def on_step(self, step: eyas.Step) -> None:
        named = [symbol for symbol in step.symbols if symbol in self.asked]
        for symbol in named:
            self.rows[symbol] += 1
            if self.at("exits", symbol):
                for ticket in self.account.tickets:
                    if ticket.instrument == self.symbols.index(symbol):
                        self.close(ticket)
        for symbol in sorted(named, key=lambda symbol: -self.at("rank", symbol)):
            if direction := self.at("entries", symbol):
                self.open(symbol, direction)

    def open(self, symbol: str, direction: int) -> None:
        levels = {name: self.at(name, symbol) for name in ("stop_loss", "take_profit")}
        size = next(name for name in SIZES if name in self.asked[symbol])
        ask = self.buy if direction > 0 else self.sell
        options: dict[str, Any] = {
            "rank": float(self.at("rank", symbol)),
            size: self.at(size, symbol),
            **{name: None if np.isnan(value) else value for name, value in levels.items()},
        }
        ask(symbol=symbol, **options)


SEVERAL = {"A": (1, 0), "B": (1, 4), "C": (3, 1), "D": (1, 9)}
"""Of each instrument how many minutes a bar lasts, and when the first one opens."""


@given(
    st.data(),
    st.integers(0, 10**6),
    rule_sets(without=("currency",)),
    st.sampled_from(["merged", "sequential"]),
)
@searching(100)
def test_signals_of_several_are_the_same_strategy_step_by_step(
    data: Any, seed: int, texts: dict[str, str], clock: Any
) -> None:
    bars, asked = {}, {}
    size = data.draw(st.sampled_from(sorted(SIZES)))
    for place, (symbol, (minutes, start)) in enumerate(SEVERAL.items()):
        count = data.draw(st.integers(2, 24))
        bars[symbol] = walk(seed + place, count, step=minutes, start=start)
        ranks = st.sampled_from([0, 1, -1, 0.5])
        rank = data.draw(ranks | st.lists(ranks, min_size=count, max_size=count).map(np.array))
        asked[symbol] = {**data.draw(columns(count, size)), "rank": rank}
    del asked[data.draw(st.sampled_from("ABCD"))]
    names = ("entries", "exits", size, "stop_loss", "take_profit", "rank")
    said: dict[str, Any] = {name: {symbol: one[name] for symbol, one in asked.items()} for name in names}
    signals = eyas.Signals(**said)
    rules = rules_of(texts)
    arrays = eyas.backtest(signals, bars, rules=rules, clock=clock)
    calls = eyas.backtest(PerStep(asked), bars, rules=rules, clock=clock)
    assert arrays.journal == calls.journal
    assert arrays.curve.tolist() == calls.curve.tolist()
    assert arrays.summary == calls.summary


TWO = {"B": BARS, "A": bars_of([10, 10, 10, 10, 10, 10])}


def told(report: eyas.Report) -> list[tuple[Any, ...]]:
    """Return symbol, direction, entry bar, exit bar and reason of the trades."""
    return report.trades.select("symbol", "direction", "entry_bar", "exit_bar", "exit_reason").rows()


def test_the_higher_rank_has_the_cash() -> None:
    everything: dict[str, Any] = {
        "entries": {"A": [1, 0, 0, 0, 0, 0], "B": [1, 0, 0, 0, 0, 0]},
        "fraction": 1,
    }
    ranks: tuple[tuple[Any, str], ...] = (
        (0, "A"),
        ({"B": 1}, "B"),
        ({"A": [-1, 9, 9, 9, 9, 9]}, "B"),
        ({"A": np.nan, "B": -1e300}, "A"),
        ({"A": np.nan}, "B"),
        ({"A": 1, "B": np.full(6, 2)}, "B"),
        (np.full(1, 7), "A"),
    )
    for rank, first in ranks:
        report = eyas.backtest(eyas.Signals(**everything, rank=rank), TWO, rules="default", cash=1_000)
        assert [symbol for symbol, *_ in told(report)] == [first], rank
        assert sum(report.summary.refused.values()) == 1


def test_all_exits_of_a_step_come_before_its_entries() -> None:
    signals = eyas.Signals(
        entries={"A": [0, 1, 0, 0, 0, 0], "B": [1, 0, 0, 0, 0, 0]},
        exits={"B": [0, 1, 0, 0, 0, 0]},
        fraction=1,
    )
    report = eyas.backtest(signals, TWO, cash=1_000)
    assert told(report) == [("B", "long", 1, 2, "close"), ("A", "long", 2, 5, "end_of_data")]
    journal = report.journal
    assert journal.symbols_of(journal.where("submitted")) == ["B", "B", "A"]


def test_an_exit_closes_only_the_tickets_of_its_instrument() -> None:
    signals = eyas.Signals(entries=1, exits={"A": [0, 0, 1, 0, 0, 0]}, quantity=0.1, name="Two")
    report = eyas.backtest(signals, TWO)
    closed = [(symbol, entry) for symbol, _, entry, _, reason in told(report) if reason == "close"]
    assert closed == [("A", 1), ("A", 2)]


def test_an_instrument_whose_data_ends_is_delisted() -> None:
    signals = eyas.Signals(entries={"A": True, "B": [1, 0, 0, 0, 0, 0]}, quantity=1)
    report = eyas.backtest(signals, {**TWO, "A": TWO["A"][:3]})
    assert told(report) == [
        ("A", "long", 1, 2, "delisted"),
        ("A", "long", 2, 2, "delisted"),
        ("B", "long", 1, 5, "end_of_data"),
    ]
    assert len(report.curve) == 6


def test_a_symbol_that_is_not_named_does_nothing() -> None:
    for entries, exits in (({"B": 1}, {}), ({"B": 1}, False), ({"A": None, "B": 1}, {"B": 0})):
        report = eyas.backtest(eyas.Signals(entries=entries, exits=exits, quantity={"B": 1}), TWO)
        assert {symbol for symbol, *_ in told(report)} == {"B"}
    report = eyas.backtest(eyas.Signals(entries={}), TWO)
    assert len(report.trades) == 0


def test_one_instrument_may_be_named() -> None:
    bars = {"B": BARS}
    named = eyas.backtest(eyas.Signals(entries={"B": ENTRIES}, exits={"B": EXITS}, quantity={"B": 2}), bars)
    alone = eyas.backtest(eyas.Signals(entries=ENTRIES, exits=EXITS, quantity=2), BARS)
    assert named.journal == alone.journal


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"entries": [1] * 6}, "entries has shape (6,) for 2 instruments: give {symbol: array, …}, or one"),
        ({"entries": 1, "rank": [1] * 6}, "rank has shape (6,) for 2 instruments: give {symbol: array"),
        ({"entries": np.ones((6, 2))}, "entries has shape (6, 2) for 2 instruments"),
        ({"entries": {"C": 1}}, "entries names C, but the run has A, B"),
        ({"entries": 1, "exits": {3: 1}}, "exits names 3, but the run has A, B"),
        ({"entries": {"A": [1] * 5}}, "entries of A has shape (5,) for 6 bars"),
        ({"entries": 1, "stop_loss": {"B": "low"}}, "stop_loss of B must be numbers"),
        ({"entries": {"B": np.nan}}, "entries of B must be numbers: above 0, below 0 or 0"),
        ({"entries": 1, "quantity": {"B": 1}}, "quantity does not name A, whose entries need a size"),
        ({"entries": {"A": 1}, "fraction": {}}, "fraction does not name A, whose entries need a size"),
    ],
)
def test_wrong_arrays_of_several_get_a_sentence(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        eyas.backtest(eyas.Signals(**asked), TWO)
    assert str(caught.value).startswith(sentence)


def test_a_bar_that_the_kernel_refuses_is_the_datas_fault() -> None:
    high = BARS.high.copy()
    high[3] = 1.0
    broken = eyas.Bars(BARS.time, BARS.open, high, BARS.low, BARS.close, BARS.volume)
    with pytest.raises(eyas.DataError, match="bar 3: "):
        eyas.backtest(eyas.Signals(entries=0), {"A": BARS, "B": broken})


def test_the_pump_wants_to_know_of_each_instrument() -> None:
    market = Market(TWO)
    session = Session(eyas.Strategy(), market, Rules(), "1000")
    for asked, equity in (([None], session.equity), ([None, None], session.equity[1:])):
        with pytest.raises(ValueError, match="2 instruments in 6 steps need as many in asked and in equity"):
            model.pump_signals(session.account, market.parts[0].source, equity, asked)
