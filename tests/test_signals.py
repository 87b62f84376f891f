"""Orders as arrays are the same orders, bar by bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from tests.reference.generate import rule_sets
from tests.reference.search import searching
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
            size = next(name for name in ("quantity", "notional", "fraction") if name in self.columns)
            ask(
                **{size: self.at(size, bar.index)},
                **{name: None if np.isnan(value) else value for name, value in levels.items()},
            )


@st.composite
def columns(draw: st.DrawFn, count: int) -> dict[str, Any]:
    """Draw the arrays of Signals, or one value for all bars."""

    def each(*values: Any) -> Any:
        one = st.sampled_from(values)
        return draw(one | st.lists(one, min_size=count, max_size=count).map(np.array))

    size, values = draw(
        st.sampled_from(
            [("quantity", (1, 2.5, 0, -1, 1e30)), ("notional", (100, 333.3)), ("fraction", (1.0, 0.3, 2))]
        )
    )
    return {
        "entries": each(0, 0, 0, 1, -1),
        "exits": each(0, 0, 1),
        size: each(*values),
        "stop_loss": each(np.nan, 0.01, 0.05, -1),
        "take_profit": each(np.nan, 0.02, 0.5),
    }


@given(st.data(), st.integers(0, 10**6), rule_sets())
@searching(100)
def test_signals_are_the_same_strategy_bar_by_bar(data: Any, seed: int, texts: dict[str, str]) -> None:
    bars, rules = coarse_bars(seed, 30), rules_of(texts)
    asked = data.draw(columns(30))
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
        ({"entries": 1, "take_profit": {}}, "take_profit must be numbers: "),
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
        eyas.Signals([1, 0])  # type: ignore[misc]
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
