"""Excursions are what a walk through every bar says, and they keep their laws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.model import EXCURSION_FIELDS, Account, Prices, excursions
from eyas.reports.excursions import EXCURSION_DTYPE, excursion_frame
from eyas.reports.records import prices_of
from tests.reference.search import searching
from tests.reports.folded import RUNS, SHAPES, excursions_by_hand, run
from tests.test_session import MINUTE_NS, START_NS, bars_of, coarse_bars

COLUMNS = {
    "mfe": pl.Float64,
    "mae": pl.Float64,
    "mfe_rate": pl.Float64,
    "mae_rate": pl.Float64,
    "mfe_price": pl.Float64,
    "mae_price": pl.Float64,
    "mfe_bar": pl.Int64,
    "mae_bar": pl.Int64,
    "mfe_possible": pl.Float64,
    "mae_possible": pl.Float64,
}
EXACT = [name for name, _, _ in EXCURSION_FIELDS]


def exact_rows(report: eyas.Report) -> list[dict[str, int]]:
    """Return the kernel's records in whole units."""
    data = excursions(
        report.journal.data,
        prices_of(report),
        entries_at_open=report.rules.market_fill == "same_open",
        exits_at_open=report.rules.exit_fill == "same_open",
    )
    return [unpacked(record) for record in np.frombuffer(data, EXCURSION_DTYPE)]


def unpacked(record: Any) -> dict[str, int]:
    return {
        name: (int(record[f"{name}_high"]) << 64) + int(record[f"{name}_low"])
        if kind == "i128"
        else int(record[name])
        for name, kind, _ in EXCURSION_FIELDS
    }


@given(RUNS)
@searching(150)
def test_excursions_are_what_a_walk_through_every_bar_says(drawn: Any) -> None:
    report = run(drawn)
    by_hand = excursions_by_hand(report)
    assert exact_rows(report) == [{name: row[name] for name in EXACT} for row in by_hand]
    assert [row["ticket"] for row in by_hand] == report.trades["ticket"].to_list()
    frame = excursion_frame(report)
    assert dict(frame.schema) == COLUMNS
    assert frame.height == report.trades.height
    for row, found in zip(by_hand, frame.to_dicts(), strict=True):
        assert row["mfe_possible"] >= row["mfe"] >= max(0, row["profit"])
        assert row["mae_possible"] <= row["mae"] <= min(0, row["profit"])
        assert found["mfe"] == pytest.approx(row["mfe"] / 1e16, rel=1e-15)
        assert found["mae_possible"] == pytest.approx(row["mae_possible"] / 1e16, rel=1e-15)
        assert found["mae_rate"] == pytest.approx(row["mae"] / row["entered"], rel=1e-12)
        assert found["mfe_bar"] == row["mfe_bar"]


def test_the_runs_that_are_drawn_reach_everything() -> None:
    """A property over runs in which nothing happens would prove nothing."""
    phases, causes, apart, partly = set(), set(), 0, 0
    for seed in range(24):
        for shape in SHAPES:
            changes = {"borrow_rate": 0.0001, "fill_volume": 1.0} if seed % 2 else {"market_fill": "close"}
            report = run((seed, shape, changes))
            frame = report.journal.frame().filter(pl.col("kind") == "filled")
            phases |= set(frame["phase"].to_list())
            causes |= set(frame["cause"].to_list())
            partly += int((frame.group_by("ticket").len()["len"] > 2).sum())
            found = excursion_frame(report)
            apart += int((found["mfe_possible"] > found["mfe"]).sum())
    assert phases >= {"open", "range", "decision", "end"}
    assert causes >= {"entry", "average", "close", "stop_loss", "take_profit", "end_of_data", "time_limit"}
    assert min(apart, partly) > 50


def mirrored(report_bars: Any, about: float) -> Any:
    """Return bars whose prices are reflected: what rose falls."""
    columns = {"time": report_bars.time, "volume": report_bars.volume}
    for name, other in (("open", "open"), ("high", "low"), ("low", "high"), ("close", "close")):
        columns[name] = 2 * about - getattr(report_bars, other)
    return eyas.bars({name: columns[name] for name in ("time", "open", "high", "low", "close", "volume")})


class Steady(eyas.Strategy):
    """Enter, add, leave in parts, on bars that a seed says; long or short."""

    seed: int = 0
    short: bool = False

    def on_bar(self, bar: eyas.Bar) -> None:
        dice = np.random.default_rng((self.seed, bar.index))
        enter = self.sell if self.short else self.buy
        if self.is_flat:
            enter(4, stop_loss=eyas.away(6), take_profit=[(eyas.away(3), 0.5), eyas.away(7)])
        elif dice.random() < 0.2:
            self.add(self.account.tickets[0], 1)
        elif dice.random() < 0.2:
            self.close(fraction=0.3)


@given(st.integers(0, 10**6))
@searching(60)
def test_a_long_and_its_mirrored_short_agree(seed: int) -> None:
    bars = coarse_bars(seed, 40)
    about = float(bars.high.max()) + 10
    long = eyas.backtest(Steady(seed=seed), bars, leverage=100, cash=10**9)
    short = eyas.backtest(Steady(seed=seed, short=True), mirrored(bars, about), leverage=100, cash=10**9)
    one, other = excursion_frame(long), excursion_frame(short)
    assert one.height > 0
    for name in ("mfe", "mae", "mfe_bar", "mae_bar", "mfe_possible", "mae_possible"):
        assert one[name].to_list() == other[name].to_list()
    for name in ("mfe_price", "mae_price"):
        assert (one[name] + other[name]).to_list() == [2 * about] * one.height


@given(st.integers(0, 10**6), st.sampled_from(("one", "cents", "several")))
@searching(40)
def test_prices_that_are_the_same_in_the_units_of_the_run_are_the_same(seed: int, shape: str) -> None:
    report = run((seed, shape, {}))
    dice = np.random.default_rng(seed)
    noisy = [
        Prices(
            *(
                getattr(bars, name)
                + dice.uniform(-0.4, 0.4, len(bars)) * 10.0 ** -report.journal.decimals("price", place)
                for name in ("open", "high", "low", "close")
            ),
            report.journal.decimals("price", place),
            steps=None if report.steps is None else report.steps[symbol],
        )
        for place, (symbol, bars) in enumerate(report.instruments.items())
    ]
    assert excursions(report.journal.data, noisy) == excursions(report.journal.data, prices_of(report))


def bars_with(*rows: tuple[float, float, float, float]) -> Any:
    opened, high, low, close = np.array(rows, dtype=np.float64).T
    time = START_NS + MINUTE_NS * np.arange(len(rows), dtype=np.int64)
    return eyas.bars(
        {"time": time, "open": opened, "high": high, "low": low, "close": close, "volume": np.ones(len(rows))}
    )


class Once(eyas.Strategy):
    """Buy two on the first bar, in a way of its own, and close on a bar that is named."""

    leave: int = -1
    limit: float = 0.0

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(2, limit=self.limit or None, stop_loss=eyas.at(90.0))
        if bar.index == self.leave:
            self.close()


def test_an_entry_at_the_open_lives_through_its_whole_bar_and_a_stop_through_none_that_is_sure() -> None:
    bars = bars_with((100, 120, 80.5, 100), (100, 107, 95, 104), (104, 111, 89, 91), (91, 130, 60, 100))
    (row,) = excursion_frame(eyas.backtest(Once(), bars)).to_dicts()
    # Bought at 100 on bar 1; the stop at 90 inside bar 2: of that its open and the stop are sure.
    assert (row["mfe"], row["mfe_price"], row["mfe_bar"]) == (14, 107, 1)
    assert (row["mae"], row["mae_price"], row["mae_bar"]) == (-20, 90, 2)
    assert (row["mfe_possible"], row["mae_possible"]) == (22, -22)
    assert (row["mfe_rate"], row["mae_rate"]) == (0.07, -0.1)


def test_an_entry_inside_a_bar_is_sure_of_its_close() -> None:
    bars = bars_with((100, 120, 95, 100), (100, 107, 91, 104), (104, 105, 103, 104), (104, 130, 60, 100))
    (row,) = excursion_frame(eyas.backtest(Once(limit=98.0, leave=2), bars)).to_dicts()
    # Bought at 98 inside bar 1, sold at the open of bar 3.
    assert (row["mfe"], row["mfe_price"], row["mfe_bar"]) == (14, 105, 2)
    assert (row["mae"], row["mae_price"], row["mae_bar"]) == (0, 98, 1)
    assert (row["mfe_possible"], row["mae_possible"]) == (18, -14)


def test_an_entry_in_the_decision_lives_through_nothing_of_its_bar() -> None:
    bars = bars_with((100, 120, 95, 100), (100, 101, 99, 100), (100, 130, 91, 100))
    report = eyas.backtest(Once(leave=1), bars, market_fill="close", exit_fill="close")
    (row,) = excursion_frame(report).to_dicts()
    assert (row["mfe"], row["mfe_bar"], row["mae"], row["mae_bar"]) == (2, 1, -2, 1)
    assert (row["mfe_possible"], row["mae_possible"]) == (2, -2)


def test_what_is_filled_at_an_open_that_lies_behind_lives_from_there() -> None:
    bars = bars_with((100, 120, 95, 101), (101, 102, 100, 101), (101, 130, 91, 100))
    report = eyas.backtest(Once(leave=2), bars, market_fill="same_open", exit_fill="same_open")
    (row,) = excursion_frame(report).to_dicts()
    # Bought at the open of bar 0, sold at that of bar 2.
    assert (row["mfe"], row["mfe_bar"], row["mae"], row["mae_bar"]) == (40, 0, -10, 0)
    assert (row["mfe_possible"], row["mae_possible"]) == (40, -10)


def test_charges_and_fees_are_no_excursion() -> None:
    bars = bars_with((100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 100, 100))
    report = eyas.backtest(Once(leave=2), bars, fee_fixed=3, funding_rate=0.01)
    assert report.trades["profit"][0] < -6
    (row,) = excursion_frame(report).to_dicts()
    assert (row["mfe"], row["mae"], row["mfe_price"], row["mfe_bar"]) == (0, 0, 100, 1)


def test_a_fill_of_a_venue_is_somewhere_inside_the_bar_after_its_step() -> None:
    account = Account("1000", [("matching", "elsewhere")])
    rows = [
        (100, 101, 99, 100),
        (100, 110, 90, 105),
        (105, 106, 104, 105),
        (105, 120, 80, 100),
        (100, 150, 50, 100),
    ]
    number = account.open("buy", ("quantity", 2.0))
    for step, (opened, high, low, close) in enumerate(rows):
        account.advance_rows([(0, step, step, opened, high, low, close, 1.0, np.nan, np.nan)])
        if step == 0:
            assert account.apply(number, "102", "2", time=100)
            closing = account.close(number, ("quantity", 2.0))
        if step == 2:
            assert account.apply(closing, "103", "2", time=300)
    columns = [np.ascontiguousarray(column, dtype=np.float64) for column in zip(*rows, strict=True)]
    (record,) = np.frombuffer(excursions(account.journal(), [Prices(*columns, 8)]), EXCURSION_DTYPE)
    found = {
        name: value / 1e16 for name, value in unpacked(record).items() if name.startswith(("mfe", "mae"))
    }
    # In bar 1 from 102 to 105, the whole of bar 2, in bar 3 from 105 to 103.
    assert (found["mfe"], found["mae"]) == (8, 0)
    assert (found["mfe_possible"], found["mae_possible"]) == (36, -44)


def test_long_trades_are_searched_block_by_block() -> None:
    count = 20_000
    dice = np.random.default_rng(5)
    close = np.round(1000 + np.cumsum(dice.integers(-3, 4, count)) * 0.25, 2)
    bars = bars_of(np.maximum(close, 50))
    entries = np.zeros(count, dtype=np.int8)
    entries[::97] = 1
    exits = np.zeros(count, dtype=np.int8)
    report = eyas.backtest(eyas.Signals(entries=entries, exits=exits, quantity=0.01), bars, cash=10**7)
    assert report.trades.height > 200
    frame = excursion_frame(report)
    for row, (entry, price) in enumerate(
        zip(report.trades["entry_bar"], report.trades["entry_price"], strict=True)
    ):
        best = entry + int(np.argmax(bars.high[entry:]))
        worst = entry + int(np.argmin(bars.low[entry:]))
        assert (frame["mfe_bar"][row], frame["mae_bar"][row]) in (
            (best, worst),
            (best, entry),
            (entry, worst),
        )
        assert frame["mfe"][row] == pytest.approx(0.01 * (bars.high[best] - price), abs=1e-9)
        assert frame["mae"][row] == pytest.approx(0.01 * (bars.low[worst] - price), abs=1e-9)


def test_no_trade_is_an_empty_frame_of_the_same_columns() -> None:
    for bars in (bars_of([1, 2, 3]), bars_of([1, 1])):
        frame = excursion_frame(eyas.backtest(eyas.Strategy(), bars))
        assert frame.height == 0
        assert dict(frame.schema) == COLUMNS


def test_nothing_is_said_of_trades_whose_bars_are_not_there() -> None:
    report = eyas.backtest(Once(), bars_with((100, 120, 95, 100), (100, 107, 91, 104), (104, 111, 89, 91)))
    empty = replace(report, instruments={"": report.bars[:0]})
    frame = excursion_frame(empty)
    assert dict(frame.schema) == COLUMNS
    assert frame.null_count().row(0) == (1,) * len(COLUMNS)


def test_a_portfolio_without_the_bars_of_one_says_nothing_of_its_trades() -> None:
    report = run((7, "several", {}))
    without = {name: bars[:0] if name == "B" else bars for name, bars in report.instruments.items()}
    frame = excursion_frame(replace(report, instruments=without))
    is_there = (report.trades["symbol"] != "B").to_list()
    assert set(is_there) == {True, False}
    assert frame["mfe"].is_not_null().to_list() == is_there
    assert frame.filter(is_there).equals(excursion_frame(report).filter(is_there))


def test_a_run_that_failed_is_measured_up_to_where_it_failed() -> None:
    class Failing(Once):
        def on_bar(self, bar: eyas.Bar) -> None:
            super().on_bar(bar)
            if bar.index == 3:
                raise RuntimeError("enough")

    bars = bars_with(*[(100, 101, 99, 100)] * 4, (100, 300, 1, 100))
    with pytest.raises(eyas.StrategyError) as raised:
        eyas.backtest(Failing(leave=1), bars)
    assert raised.value.report is not None
    (row,) = excursion_frame(raised.value.report).to_dicts()
    assert (row["mfe"], row["mae"], row["mfe_bar"]) == (2, -2, 1)


def test_nothing_is_said_of_a_ticket_that_was_opened_before_its_journal() -> None:
    account = Account("1000", [])
    account.open("buy", ("quantity", 1.0))
    bars = [(100.0, 101.0, 99.0, 100.0)] * 3
    account.advance_rows([(0, 1, 1, *bars[0], 1.0, np.nan, np.nan)])
    later = Account.load(account.save())
    later.open("sell", ("quantity", 1.0))
    later.advance_rows([(0, 2, 2, *bars[1], 1.0, np.nan, np.nan)])
    later.finish()
    columns = [np.ascontiguousarray(column) for column in zip(*bars, strict=True)]
    records = np.frombuffer(excursions(later.journal(), [Prices(*columns, 8)]), EXCURSION_DTYPE)
    assert [unpacked(record)["entered"] > 0 for record in records] == [False, True]


def test_bytes_that_are_no_journal_are_refused() -> None:
    report = eyas.backtest(Once(), bars_of([100, 101, 102]))
    prices, data = prices_of(report), report.journal.data
    width = sum(size for _, _, size in eyas.model.EVENT_FIELDS)
    kind = sum(
        size
        for _, _, size in eyas.model.EVENT_FIELDS[: [f[0] for f in eyas.model.EVENT_FIELDS].index("kind")]
    )
    wrong = bytearray(data)
    filled = next(row for row in range(len(data) // width) if data[row * width + kind] == 3)
    wrong[filled * width + kind + 1] = 99  # no phase
    for damaged in (data[:-1], bytes(wrong)):
        with pytest.raises(ValueError, match="no journal of this version"):
            excursions(damaged, prices)


def test_columns_must_belong_together() -> None:
    one, two = np.ones(1), np.ones(2)
    with pytest.raises(ValueError, match="same length"):
        Prices(one, two, one, one, 8)
    with pytest.raises(ValueError, match="same length"):
        Prices(one, one, one, one, 8, np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match="from 0 to 16"):
        Prices(one, one, one, one, 17)
    assert len(Prices(one, one, one, one, 16)) == 1
