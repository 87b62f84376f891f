"""What was not the same before the first trade."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import DataError
from eyas.model import iso
from eyas.reports import Report
from eyas.reports.difference import difference
from eyas.reports.difference.context import code_change
from eyas.reports.difference.revision import revision_of
from eyas.reports.origin import Source
from tests.reports.difference.runs import flat_bars, listed, revised, wild_run
from tests.test_session import coarse_bars

BARS = flat_bars(*range(100, 140))


class Hold(eyas.Strategy):
    units: int = 1

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(self.units)


def said(a: Report, b: Report) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.kind, one.name): (one.a, one.b) for one in difference(a, b).changes}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"fee_rate": 0.001}, {("rule", "fee_rate"): ("0.0", "0.001")}),
        ({"cash": 500}, {("cash", ""): ("10000", "500")}),
        ({"seed": 7}, {("seed", ""): ("0", "7")}),
        ({}, {}),
    ],
)
def test_rules_cash_and_seed(options: dict[str, Any], expected: dict[Any, Any]) -> None:
    assert said(eyas.backtest(Hold(), BARS), eyas.backtest(Hold(), BARS, **options)) == expected


def test_parameters() -> None:
    a, b = eyas.backtest(Hold(), BARS), eyas.backtest(Hold(units=3), BARS)
    assert said(a, b) == {("parameter", "units"): ("1", "3")}


def test_symbols_and_clock_of_portfolios() -> None:
    bars = {name: flat_bars(1, 2, 3, symbol=name) for name in "ABC"}
    a = eyas.backtest(eyas.Strategy(), bars)
    b = eyas.backtest(eyas.Strategy(), {name: bars[name] for name in "AB"}, clock="sequential")
    assert said(a, b)[("symbols", "")] == ("A, B, C", "A, B")
    assert said(a, b)[("clock", "")] == ("merged", "sequential: A, B")


def test_revised_bars_are_counted_and_the_first_are_shown() -> None:
    bars = coarse_bars(5, 60)
    for how, expected in ((1, (9, 0, 0)), (2, (0, 3, 0)), (3, (0, 1, 0))):
        other = revised(bars, how)
        found = revision_of("X", bars, other)
        assert found is not None
        changed = int((bars.close != other.close).sum()) if how == 1 else 0
        assert (found.revised, found.only_a, found.only_b) == (changed, *expected[1:])
        mirrored = revision_of("X", other, bars)
        assert mirrored is not None
        assert (mirrored.revised, mirrored.only_a, mirrored.only_b) == (changed, 0, found.only_a)
    found = revision_of("X", bars, revised(bars, 1))
    assert found is not None
    row = int(np.flatnonzero(bars.close != revised(bars, 1).close)[0])
    assert found.first[0] == (bars.time[row], "close", bars.close[row], bars.low[row])
    assert found.first_time_ns == bars.time[row]
    assert revision_of("X", bars, bars) is None


def test_a_column_more_is_no_revision_of_the_others() -> None:
    bars = coarse_bars(5, 20)
    found = revision_of("X", bars, replace(bars, funding=np.zeros(20)))
    assert found is not None
    assert (found.revised, found.only_a, found.only_b) == (0, 0, 0)
    assert "other columns" in found.sentence


def test_a_volume_that_nobody_knows_is_alike() -> None:
    bars = replace(coarse_bars(5, 20), volume=np.full(20, np.nan))
    assert revision_of("X", bars, replace(bars, volume=bars.volume.copy())) is None


def test_revised_data_is_said_with_trades() -> None:
    found = difference(wild_run(3, {}, 10_000), wild_run(3, {}, 10_000, 1))
    [change] = found.changes
    assert change.kind == "data"
    assert "revised" in change.sentence
    assert 1 <= len(change.detail) <= 5
    assert change.detail[0].endswith(("→ " + repr(found.revisions[0].first[0].b),))


class Gone(dict):  # type: ignore[type-arg]  # what a record is whose bars cannot be found
    def __getitem__(self, symbol: str) -> Any:
        raise DataError(f"the bars of {symbol} are gone")


def without_bars(report: Report) -> Report:
    found = replace(report, instruments=Gone(report.instruments))
    # The title is of the bars.
    object.__setattr__(found, "__class__", type("Bare", (Report,), {"title": "a run without bars"}))
    return found


def test_hashes_speak_where_there_are_no_bars() -> None:
    a, b = wild_run(3, {}, 10_000), wild_run(3, {}, 10_000, 1)
    found = difference(without_bars(a), b)
    assert [one.compared for one in found.revisions] == [False]
    assert "hashes differ" in str(found)
    assert difference(without_bars(a), a).revisions == ()
    assert sum(found.cause_units.values()) == found.b.worth.equity - found.a.worth.equity


def test_marks_that_no_bars_tell_are_said_to_be_unexplained() -> None:
    table = {0: [lambda s: s.buy(10)]}
    a = listed(BARS, table, end_policy="mark_only")
    found = difference(without_bars(a), listed(BARS, table, end_policy="mark_only"))
    assert found.money == 0
    assert set(found.causes) == {"open", "unexplained"}
    assert sum(found.cause_units.values()) == 0


def test_changed_code_is_shown_as_a_unified_diff() -> None:
    a = eyas.backtest(Hold(), BARS)
    assert a.origin is not None
    text = "class Hold:\n    units = 1\n"
    ours = replace(a, origin=replace(a.origin, sources=(Source("hold", "hold.py", text),)))
    edited = replace(a.origin, sources=(Source("hold", "/other/hold.py", text.replace("1", "2")),))
    theirs = replace(a, origin=edited)
    [change] = difference(ours, theirs).changes
    assert (change.kind, change.name) == ("code", "hold")
    assert change.detail[-2:] == ("-    units = 1", "+    units = 2")
    assert change.sentence == "hold: 1 line only in A, 1 only in B"
    assert difference(ours, ours).changes == ()


def test_very_long_code_is_not_compared_by_line() -> None:
    change = code_change("long", "x = 1\n" * 30_000, "x = 2\n")
    assert change.detail == ()
    assert "too long" in change.sentence


def test_engine_and_versions() -> None:
    a = eyas.backtest(Hold(), BARS)
    assert a.origin is not None
    other = replace(a.origin, engine="compiled", versions={**a.origin.versions, "numpy": "0.1"})
    found = said(a, replace(a, origin=other))
    assert found[("engine", "")] == (a.origin.engine, "compiled")
    assert found[("version", "numpy")][1] == "0.1"


def test_extras_are_named_by_their_hash() -> None:
    def run(value: float) -> Report:
        fear = {"time": BARS.time, "level": np.full(len(BARS), value)}
        return eyas.backtest(Hold(), BARS, extra={"fear": fear})

    assert list(said(run(1), run(2))) == [("data", "extra fear")]
    assert said(run(1), run(1)) == {}


def test_a_revision_is_said_in_words() -> None:
    bars = coarse_bars(5, 60)
    found = revision_of("X", bars, revised(bars, 3))
    assert found is not None
    assert found.sentence == f"X: 1 bar only in A, from {iso(bars.time[30])} on."


def test_signals_are_compared_by_value() -> None:
    def run(first: int, **options: Any) -> Report:
        step = np.arange(40) % 7
        return eyas.backtest(eyas.Signals(entries=step == first, exits=step == 5, **options), BARS)

    [change] = difference(run(0), run(1)).changes
    assert (change.kind, change.sentence) == ("code", "signals, entries: 12 values are not the same")
    [change] = difference(run(0), run(0, quantity=2)).changes
    assert change.sentence == "signals, quantity: 1 value is not the same"
    levels = np.where(np.arange(40) < 20, np.nan, 0.5)
    assert difference(run(0, stop_loss=levels), run(0, stop_loss=levels.copy())).changes == ()
    assert difference(run(0), run(0)).changes == ()
