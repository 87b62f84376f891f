"""Notes: what a strategy noted stands beside the orders of the same step, and nothing is lost or mixed up."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as draw

import eyas
from eyas.errors import StrategyError
from eyas.notes import Note, Notes, merged, plain, text_of

MINUTE_NS = 60_000_000_000
BARS = {
    "time": 1_700_000_000_000_000_000 + np.arange(8, dtype=np.int64) * MINUTE_NS,
    **{name: np.full(8, 100.0) for name in ("open", "high", "low", "close")},
}


class Noting(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 1:
            self.note(reason="first", score=np.float64(2.5))
            self.buy(1)
            self.note(late=True)
        if bar.index == 3:
            self.note("time is up", score=1)
            self.close()
        if bar.index == 5:
            self.note(empty=None)


def run(strategy: eyas.Strategy) -> eyas.Report:
    return eyas.backtest(strategy, BARS, quality="off")


def test_a_trade_has_the_notes_of_its_decisions() -> None:
    report = run(Noting())
    row = report.trades.row(0, named=True)
    assert row["note"] == "reason first · score 2.5 · late yes"
    assert row["exit_note"] == "time is up · score 1"
    assert report.entry_notes.to_dicts() == [
        {"reason": "first", "score": 2.5, "late": True, "text": None, "empty": None}
    ]


def test_all_notes_are_a_frame() -> None:
    frame = run(Noting()).notes
    assert frame["step"].to_list() == [1, 1, 3, 5]
    assert frame["time"].dtype == pl.Datetime("ns", "UTC")
    assert frame["score"].to_list() == [2.5, None, 1.0, None]
    assert frame["late"].to_list() == [None, True, None, None]
    assert frame["text"].to_list() == [None, None, "time is up", None]
    assert frame["empty"].to_list() == [None] * 4


def test_a_run_without_notes_has_none() -> None:
    class Silent(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(1)

    report = run(Silent())
    assert report.notes.columns == ["time", "step"]
    assert len(report.notes) == 0
    assert report.trades["note"].to_list() == [None]
    assert report.entry_notes.shape == (0, 0)


def test_notes_do_not_change_what_is_traded() -> None:
    class Quiet(Noting):
        def note(self, text: str | None = None, /, **values: object) -> None:
            pass

    assert run(Noting()).journal.digest == run(Quiet()).journal.digest


def test_what_cannot_be_noted_is_named() -> None:
    class Wrong(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.note(levels=[1, 2])

    with pytest.raises(StrategyError, match=r"note\(levels=…\) takes a number.*not list"):
        run(Wrong())


def test_an_indicator_is_noted_as_its_value_of_then() -> None:
    class Seen(eyas.Strategy):
        def on_start(self) -> None:
            self.mean = self.use(eyas.indicators.sma, "close", 2)

        def on_bar(self, bar: eyas.Bar) -> None:
            self.note(mean=self.mean)

    frame = run(Seen()).notes
    assert np.isnan(frame["mean"][0])
    assert frame["mean"].to_list()[1:] == [100.0] * 7


def test_each_symbol_has_its_own_notes() -> None:
    class Both(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 1:
                self.note(mine=bar.symbol)
                self.buy(1)

        def on_step(self, step: eyas.Step) -> None:
            self.note(step=1)

    report = eyas.backtest(Both(), {"A": BARS, "B": BARS}, quality="off")
    assert report.trades.sort("symbol")["note"].to_list() == ["mine A · step 1", "mine B · step 1"]
    assert set(report.notes["symbol"].to_list()) == {"A", "B", None}
    assert "note_step" in report.notes.columns


def test_the_seed_decides_what_is_drawn() -> None:
    class Drawing(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.note(drawn=self.random.random())

    def drawn(seed: int) -> list[float]:
        return eyas.backtest(Drawing(), BARS, quality="off", seed=seed).notes["drawn"].to_list()

    assert drawn(1) == drawn(1) == np.random.default_rng(1).random(8).tolist()
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_a_seed_is_a_whole_number(seed: object) -> None:
    with pytest.raises(eyas.UsageError, match="seed is"):
        eyas.backtest(Noting(), BARS, seed=seed)  # type: ignore[arg-type]


def test_a_strategy_may_have_random_numbers_of_its_own() -> None:
    class Own(eyas.Strategy):
        def on_start(self) -> None:
            self.random = 5

        def on_bar(self, bar: eyas.Bar) -> None:
            self.note(mine=self.random)

    assert run(Own()).notes["mine"].to_list() == [5.0] * 8


def test_what_was_said_before_the_order_counts() -> None:
    notes = [Note(1, 0, 0, {"a": 1, "b": 1}), Note(2, 0, -1, {"a": 2}), Note(9, 0, 0, {"a": 3, "c": 3})]
    assert merged(notes, 0, 5) == {"a": 2, "b": 1, "c": 3}
    assert merged([Note(1, 0, 1, {"a": 1})], 0, 5) == {}


@given(
    draw.dictionaries(
        draw.text(min_size=1),
        draw.one_of(draw.none(), draw.booleans(), draw.floats(), draw.text(), draw.integers()),
    )
)
def test_any_values_can_be_noted_and_told(values: dict[str, object]) -> None:
    notes = Notes()
    notes.add(0, 0, 0, values)
    assert isinstance(text_of(notes.rows[0].values), str)
    frame = notes.frame(np.zeros(1, np.int64), ())
    assert frame.height == 1
    assert len(frame.columns) == 2 + len(values)


def test_numbers_of_numpy_become_plain() -> None:
    assert type(plain("x", np.int32(3))) is int
    assert type(plain("x", np.bool_(1))) is bool
    assert type(plain("x", np.float32(0.5))) is float


def test_a_name_that_is_taken_loses_nothing() -> None:
    class Named(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 1:
                self.note(time=1, note_time=2, step=3, profit=4, note_profit=5, fine=6)
                self.buy(1)

    report = run(Named())
    assert report.notes.drop("time", "step").row(0, named=True) == {
        "note_note_time": 1,
        "note_time": 2,
        "note_step": 3,
        "profit": 4,
        "note_profit": 5,
        "fine": 6,
    }
    beside = report.trades.hstack(report.entry_notes)
    found = beside.row(0, named=True)
    assert found["note_note_profit"] == 4
    assert (found["note_profit"], found["fine"]) == (5, 6)
    assert found["profit"] == report.trades["profit"][0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"": 1}, "is named ''"),
        ({"why\ud800": 1}, "can be written"),
        ({"why": "half \udc00"}, "decode it with errors='replace'"),
        ({"why": 10**400}, r"note\(why=…\) is too large a number"),
    ],
)
def test_what_no_file_can_hold_is_refused_when_it_is_noted(values: dict[str, object], said: str) -> None:
    class Noted(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.note(**values)

    with pytest.raises(StrategyError, match=said):
        run(Noted())
