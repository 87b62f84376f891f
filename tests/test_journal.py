"""The journal is exact: its integers are the kernel's, its floats near them, its digest one for all."""

from __future__ import annotations

import importlib.util
import math
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.journal import EVENT_DTYPE, KINDS, NAMES, SCALED, Journal, exact, wide_floats
from eyas.model import EVENT_FIELDS, EVENT_KINDS, iso
from eyas.rules import Rules
from eyas.session import Session
from tests.reference.generate import rule_sets
from tests.reference.kernel import events_of
from tests.reference.search import searching
from tests.test_session import Dice, bars_of, by_kernel, coarse_bars, rules_of

CROSS = Path(__file__).parents[1] / "examples/cross.py"
# Of `Cross(fast=12)` on the bundled minutes with a fee of 0.1 %. It must come out on every host; it
# changes only when the market's rules, the journal's layout or the sample change, and then knowingly.
CROSS_DIGEST = "283fd961512f0e1ffa035366ad6fffe0e50cba24056a1bfb85355b9cf0d7a12b"


def session_of(seed: int, rules: Rules, count: int = 40) -> Session:
    """Return a run of the dice, finished."""
    session = Session(Dice(seed=seed), coarse_bars(seed, count), rules, "10000")
    session.start()
    by_kernel(session)
    session.finish()
    return session


def journal_of(session: Session, rules: Rules) -> Journal:
    return Journal(session.account.journal(), price_decimals=rules.price_decimals)


def near(found: float, value: Decimal) -> bool:
    """Whether a float is the exact number but for the last bits."""
    return abs(found - float(value)) <= 2 * math.ulp(float(value))


# --- the layout is the kernel's ---


def test_a_record_is_the_kernels_fields_without_gaps() -> None:
    assert EVENT_DTYPE.itemsize == sum(size for _, _, size in EVENT_FIELDS)
    assert EVENT_DTYPE.isalignedstruct is False
    place = 0
    for name, kind, size in EVENT_FIELDS:
        parts = [name] if len(KINDS[kind]) == 1 else [f"{name}_low", f"{name}_high"]
        assert [EVENT_DTYPE.fields[part][1] for part in parts] == [place, place + 8][: len(parts)]
        assert sum(EVENT_DTYPE.fields[part][0].itemsize for part in parts) == size
        place += size


@given(st.integers(0, 10**6), rule_sets())
@searching(60)
def test_events_are_what_the_bytes_say(seed: int, texts: dict[str, str]) -> None:
    rules = rules_of(texts)
    session = session_of(seed, rules)
    journal = journal_of(session, rules)
    read = events_of(session.account)  # byte by byte, by another hand
    assert len(journal) == len(read) == session.account.event_count
    for row, (raw, seen) in enumerate(zip(read, session.account.events(), strict=True)):
        event = journal.event(row)
        for name, value in event.items():
            own = seen.time if name == "time_ns" else getattr(seen, name, 0)
            if name in SCALED:
                assert value.scaleb(journal.decimals(name)) == raw[name]
                assert near(own, value)
            else:
                named = NAMES[name].get(raw[name], raw[name]) if name in NAMES else raw[name]
                assert value == named == own


@given(st.integers(0, 10**6), rule_sets())
@searching(60)
def test_every_change_of_cash_adds_up_to_the_last_digit(seed: int, texts: dict[str, str]) -> None:
    rules = rules_of(texts)
    session = session_of(seed, rules)
    journal = journal_of(session, rules)
    events = [journal.event(row) for row in range(len(journal))]
    assert sum(event["cash"] for event in events) == Decimal(session.account.exact("cash"))
    assert [event["seq"] for event in events] == list(range(len(events)))
    if rules.end_policy == "close_last":
        assert session.account.exact("equity") == session.account.exact("cash")
        assert near(session.equity[-1], Decimal(session.account.exact("cash")))
        profits = sum(event["profit"] for event in events if event["kind"] == "closed")
        assert Decimal(10_000) + profits == Decimal(session.account.exact("cash"))
        assert session.account.position == 0


# --- floats for the eye ---


@given(st.integers(-(2**127) + 1, 2**127 - 1) | st.integers(-(10**20), 10**20) | st.integers(-100, 100))
def test_wide_integers_become_near_floats(units: int) -> None:
    low = np.array([units & (2**64 - 1)], dtype=np.uint64)
    high = np.array([units >> 64], dtype=np.int64)
    [found] = wide_floats(low, high).tolist()
    assert abs(found - float(units)) <= math.ulp(float(units))
    assert (found < 0) == (units < 0)


EDGES = [0, 1, 2**53, 2**64, 2**64 - 1, 2**64 + 1, 2**126]


@pytest.mark.parametrize("units", [*EDGES, *(-units for units in EDGES)])
def test_edges_become_the_nearest_float(units: int) -> None:
    low = np.array([units & (2**64 - 1)], dtype=np.uint64)
    assert wide_floats(low, np.array([units >> 64])).tolist() == [float(units)]


@given(st.integers(0, 10**6), rule_sets())
@searching(40)
def test_columns_are_near_the_exact_events(seed: int, texts: dict[str, str]) -> None:
    rules = rules_of(texts)
    journal = journal_of(session_of(seed, rules), rules)
    for name, _, _ in EVENT_FIELDS:
        column = journal.column(name)
        assert len(column) == len(journal)
        assert (column.dtype == np.float64) == (name in SCALED)
        for row, value in enumerate(column.tolist()):
            found = journal.event(row)[name]
            if name in SCALED:
                assert near(value, found)
            else:
                assert NAMES[name][value] == found if name in NAMES else value == found


def test_columns_of_some_rows() -> None:
    journal = journal_of(session_of(1, Rules()), Rules())
    rows = journal.where("filled")
    assert len(rows) > 1
    assert journal.column("price", rows).tolist() == journal.column("price")[rows].tolist()
    assert journal.column("fee", slice(2, 5)).tolist() == journal.column("fee")[2:5].tolist()
    for kind in EVENT_KINDS.values():
        assert [journal.event(row)["kind"] for row in journal.where(kind)] == [kind] * len(
            journal.where(kind)
        )
    with pytest.raises((KeyError, ValueError)):
        journal.column("colour")


@pytest.mark.parametrize(
    ("units", "decimals", "text"), [(0, 16, "0"), (-5, 2, "-0.05"), (12345, 2, "123.45"), (7, 0, "7")]
)
def test_exact_numbers(units: int, decimals: int, text: str) -> None:
    assert exact(units, decimals) == Decimal(text)


@given(st.integers(-(2**127), 2**127 - 1), st.integers(0, 16))
def test_exact_keeps_every_digit(units: int, decimals: int) -> None:
    assert exact(units, decimals).scaleb(decimals, context=Context(prec=60)) == units


# --- the whole journal ---


def test_the_frame_has_the_events_with_names_for_codes() -> None:
    journal = journal_of(session_of(4, Rules(fee_rate=0.001)), Rules())
    frame = journal.frame()
    assert frame.columns == ["time" if name == "time_ns" else name for name, _, _ in EVENT_FIELDS]
    assert frame.schema["time"] == pl.Datetime("ns", "UTC")
    assert frame.height == len(journal) > 20
    for row, line in enumerate(frame.with_columns(pl.col("time").to_physical()).to_dicts()):
        event = journal.event(row)
        event["time"] = event.pop("time_ns")
        assert line == {
            name: pytest.approx(float(value), rel=1e-15) if isinstance(value, Decimal) else value
            for name, value in event.items()
        }


def test_a_journal_is_a_value_that_cannot_be_written() -> None:
    one, same, other = (journal_of(session_of(seed, Rules()), Rules()) for seed in (1, 1, 2))
    assert one == same != other
    assert len({one, same, other}) == 2
    assert one.digest == same.digest != other.digest
    assert repr(one) == f"<Journal of {len(one):,} events, {one.digest[:12]}>"
    assert one != "a journal"
    with pytest.raises(ValueError, match="read-only"):
        one.records["seq"][0] = 5


def test_a_run_in_which_nothing_happens_has_one_event() -> None:
    bars = bars_of([1, 2, 3])
    journal = eyas.backtest(eyas.Strategy(), bars, cash="0.1").journal
    [first] = [journal.event(row) for row in range(len(journal))]
    assert (first["kind"], first["cash"], first["bar"]) == ("transferred", Decimal("0.1"), -1)
    assert iso(first["time_ns"]) == iso(bars.time[0])
    assert journal.frame().height == 1


@pytest.mark.parametrize("price_decimals", [0, 2, 8, 11, 14])
def test_the_scale_follows_the_rules(price_decimals: int) -> None:
    class Buy(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(3)

    journal = eyas.backtest(Buy(), bars_of([100, 101]), price_decimals=price_decimals).journal
    filled = journal.event(int(journal.where("filled")[0]))
    assert (filled["price"], filled["quantity"]) == (100, 3)
    assert journal.column("price", journal.where("filled")).tolist()[0] == 100.0
    assert journal.column("price").dtype == journal.column("quantity").dtype == np.float64
    assert -filled["price"].as_tuple().exponent == price_decimals
    assert -filled["quantity"].as_tuple().exponent == 16 - price_decimals


def cross() -> Any:
    """Return the strategy of the README."""
    specification = importlib.util.spec_from_file_location("cross", CROSS)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.Cross


def test_one_digest_is_the_same_on_every_host() -> None:
    report = eyas.backtest(cross()(fast=12), eyas.sample("BTCUSDT", "1m"), cash=10_000, fee_rate=0.001)
    assert report.journal.digest == CROSS_DIGEST
    assert ("journal", CROSS_DIGEST) in report.settings()


def test_what_was_traded_has_a_digest_of_its_own() -> None:
    class Asks(eyas.Strategy):
        size: float = 1.0
        refused: bool = False

        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 3:
                self.buy(self.size)
            if self.refused and bar.index == 4:
                self.buy(-1)

    bars = eyas.sample("AAPL", "1d")[:20]
    plain, other = (eyas.backtest(Asks(refused=word), bars).journal for word in (False, True))
    assert plain.digest != other.digest
    assert plain.fills_digest == other.fills_digest
    changed = [
        eyas.backtest(Asks(size=2.0), bars),
        eyas.backtest(Asks(), bars[1:]),
        eyas.backtest(Asks(), bars, fee_fixed=0.0001),
        eyas.backtest(Asks(), bars, slippage=0.0001),
    ]
    digests = {report.journal.fills_digest for report in changed} | {plain.fills_digest}
    assert len(digests) == 1 + len(changed)
