"""Presets are the columns of the table of rules (shared/design/semantics.md), and nothing else."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

import eyas
from eyas import presets
from eyas.rules import Rules
from tests.test_session import coarse_bars

ALL = ("market", "stop", "limit")
# The table of the rules by column, HAWK to default; None where a column has a dash.
TABLE: dict[str, tuple[Any, ...]] = {
    "market_fill": ("close", "next_open", "given_price", "given_price", "next_open", "next_open"),
    "exit_fill": ("close", "next_open", "given_price", "given_price", "next_open", "next_open"),
    "bracket_from": ("auto", "auto", "auto", None, "after_fill", "auto"),
    "time_exit": ("last", "last", "first", None, None, "last"),
    "bracket_price": ("level", "level", "level", None, "level", "level"),
    "gap": ("open", "open", "level", None, "level", "open"),
    "tie": ("stop", "stop", "stop", None, "stop", "stop"),
    "stop_trigger": ("range", "range", "range", None, "range", "range"),
    "target_trigger": ("range", "range", "given_price", None, "range", "range"),
    "trail_update": ("before", "after", "after", None, None, "after"),
    "reentry_same_bar": (True, True, False, True, False, True),
    "holding": ("tickets", "tickets", "tickets", "net", "tickets", "tickets"),
    "tickets_max": (100, 3, None, None, None, None),
    "tickets_per_symbol_max": (None, 3, None, 1, 1, None),
    "short": (True, True, True, False, True, True),
    "account": ("margin", "margin", "margin", "cash", "collateral", "margin"),
    "margin_mode": ("cross", "cross", "isolated", None, None, "cross"),
    "leverage": (25, 3, 1, 1, 1, 1),
    "margin_cap": (0.8, 1, 1, 1, 1, 1),
    "margin_call": (1, None, None, None, None, None),
    "fee_rate": (0, 0.0006, 0.001, 0.001, 0, 0),
    "slippage": (0, 0.0001, 0.001, 0, 0, 0),
    "slippage_on": (ALL, ("market", "stop"), ALL, None, None, ("market", "stop")),
    "quantity_step": (0, 0, 0, 0, 1, 0),
    "fill_volume": (None,) * 6,
    "latency_bars": (0,) * 6,
    "averaging": ("any", "any", "extreme", "any", "any", "any"),
    "end_policy": ("close_last", "close_last", "close_last", "mark_only", "close_last", "close_last"),
    "price_check": (None, None, "off", "warn", None, "strict"),
}
COLUMNS = ("hawk", "stream", "lifecycle", "kline", "desk", "default")


@pytest.mark.parametrize(("place", "name"), list(enumerate(COLUMNS)))
def test_a_preset_is_its_column(place: int, name: str) -> None:
    preset, usual = presets.PRESETS[name], Rules()
    for field in fields(Rules):
        column = TABLE.get(field.name)
        value = None if column is None else column[place]
        # A dash, and a rule that the table does not name, are the default's.
        dash = column is None or (value is None and isinstance(getattr(usual, field.name), str | tuple))
        expected = getattr(usual, field.name) if dash else value
        assert getattr(preset, field.name) == expected, field.name


def test_presets_have_names() -> None:
    assert list(presets.PRESETS) == sorted(COLUMNS)
    for name, preset in presets.PRESETS.items():
        assert getattr(presets, name.upper()) is preset
        assert presets.rules_of(name) is presets.rules_of(f" {name.upper()} ") is preset
    assert Rules() == presets.DEFAULT
    assert len(set(presets.PRESETS.values())) == 6


class Busy(eyas.Strategy):
    """Open and close all the time."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat:
            self.buy(1)
        elif bar.index % 3 == 0:
            self.close()


@pytest.mark.parametrize("name", COLUMNS)
def test_a_preset_runs_by_value_and_by_name(name: str) -> None:
    bars = coarse_bars(3, 80)
    by_value = eyas.backtest(Busy(), bars, rules=presets.PRESETS[name])
    assert by_value.journal == eyas.backtest(Busy(), bars, rules=name).journal
    assert by_value.rules is not None
    assert len(by_value.journal.where("filled")) > 10
    changed = eyas.backtest(Busy(), bars, rules=name, fee_fixed=0.5)
    assert changed.rules == presets.PRESETS[name].changed(fee_fixed=0.5)
    assert changed.summary.fees > by_value.summary.fees


def test_presets_are_different_markets() -> None:
    bars = coarse_bars(5, 80)
    journals = {name: eyas.backtest(Busy(), bars, rules=name).journal.digest for name in COLUMNS}
    assert len(set(journals.values())) >= 5


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hwak", "there is no preset called hwak; did you mean hawk?"),
        (
            "xyz",
            "there is no preset called xyz; the presets are default, desk, hawk, kline, lifecycle, stream",
        ),
    ],
)
def test_an_unknown_preset_gets_a_hint(name: str, sentence: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        eyas.backtest(Busy(), coarse_bars(1, 5), rules=name)
    assert str(caught.value) == sentence
