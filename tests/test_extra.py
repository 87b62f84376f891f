"""What a run is given beside its bars: seen when it is known, refused by a sentence where it is wrong."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.data.outside import outside
from eyas.market import Market
from eyas.model import Bars
from eyas.ticks import Books, Trades
from tests.reference.search import searching
from tests.test_higher_timeframes import DAY_START_NS, at_minutes, run
from tests.test_session import MINUTE_NS
from tests.test_strategy import Do


def at(*minutes: float) -> np.ndarray[Any, Any]:
    """Return times, some minutes after midnight."""
    return DAY_START_NS + np.array([round(minute * MINUTE_NS) for minute in minutes], dtype=np.int64)


def seen_at(bars: Any, extra: Any, look: Any, **options: Any) -> list[Any]:
    """Return what a look at `self.extra` gives on every bar."""
    found: list[Any] = []

    class Looking(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            found.append(look(self.extra))

    eyas.backtest(Looking(), bars, extra=extra, **options)
    return found


def books_at(*minutes: float) -> Books:
    """Return snapshots with two levels; the second of them has no offer below its best."""
    count = len(minutes)
    first = 100.0 + np.arange(count)
    ask = np.column_stack([first + 1, first + 2])
    ask[1:2, 1] = np.nan
    return Books(
        at(*minutes),
        np.column_stack([first, first - 1]),
        np.full((count, 2), 5.0),
        ask,
        np.full((count, 2), 7.0),
    )


FIVE = at_minutes(range(5))  # they close at minutes 1 to 5


def test_a_row_is_seen_from_the_close_at_which_it_is_known() -> None:
    rows = {"time": at(0.5, 1, 3.01), "score": [1.0, 2.0, 3.0]}
    assert seen_at(FIVE, {"mood": rows}, lambda extra: extra["mood"].score.value) == [2, 2, 2, 3, 3]
    assert seen_at(FIVE, {"mood": rows}, lambda extra: len(extra["mood"])) == [2, 2, 2, 3, 3]
    later = rows | {"known": at(2, 2, 9)}
    values = seen_at(FIVE, {"mood": later}, lambda extra: extra["mood"].score.value)
    np.testing.assert_array_equal(values, [np.nan, 2, 2, 2, 2])
    times = seen_at(
        FIVE, {"mood": later}, lambda e: (e["mood"].time[:].tolist(), e["mood"].known[:].tolist())
    )
    assert times[0] == ([], [])
    assert times[1] == times[4] == (at(0.5, 1).tolist(), at(2, 2).tolist())


class Arrow:
    """A table of any library that hands out Arrow's columns, and nothing else of it."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


SCORES = [0.5, -1.0, 2.0]
TIMES = at(1, 2, 4)
FRAMES: dict[str, Any] = {
    "mapping": {"time": TIMES, "score": SCORES},
    "lists": {"date": [pd.Timestamp(int(time)) for time in TIMES], "score": SCORES},
    "text": {"Timestamp": [f"2026-06-01T00:0{minute}:00Z" for minute in (1, 2, 4)], "score": SCORES},
    "polars": pl.DataFrame({"time": TIMES.view("M8[ns]"), "word": ["a", "b", "c"], "score": SCORES}),
    "lazy": pl.LazyFrame({"time": TIMES, "score": pl.Series(SCORES, dtype=pl.Float32)}),
    "pandas": pd.DataFrame({"time": TIMES.view("M8[ns]"), "score": SCORES}),
    "index": pd.DataFrame({"score": SCORES}, index=pd.DatetimeIndex(TIMES.view("M8[ns]"), tz="UTC")),
    "named index": pd.DataFrame({"score": SCORES}, index=pd.Index(TIMES, name="time")),
    "fields": np.array(list(zip(TIMES, SCORES, strict=True)), dtype=[("time", "i8"), ("score", "f8")]),
    "arrow": Arrow(pl.DataFrame({"time": TIMES, "score": SCORES})),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_of_any_kind_is_read(kind: str) -> None:
    found = outside("mood", FRAMES[kind])
    assert found.time.tolist() == found.known.tolist() == TIMES.tolist()
    assert {name: values.tolist() for name, values in found.columns.items()} == {"score": SCORES}
    assert found.left_out == (("word",) if kind == "polars" else ())


def test_columns_of_numbers_of_any_kind_are_read() -> None:
    frame = pl.DataFrame(
        {
            "time": TIMES,
            "whole": [1, None, 3],
            "true": [True, False, None],
            "exact": pl.Series(["1.5", "2", "3"]).cast(pl.Decimal(10, 2)),
            "Score 1": SCORES,
        }
    )
    found = outside("mood", frame)
    np.testing.assert_array_equal(found.columns["whole"], [1, np.nan, 3])
    np.testing.assert_array_equal(found.columns["true"], [1, 0, np.nan])
    np.testing.assert_array_equal(found.columns["exact"], [1.5, 2, 3])
    values = seen_at(FIVE, {"mood": frame}, lambda extra: extra["mood"]["Score 1"].value)
    assert values == [0.5, -1, -1, 2, 2]


def test_bars_are_known_when_they_close() -> None:
    hours = at_minutes([-60, 0, 60], "1h", seed=4)
    minutes = at_minutes(range(58, 62))
    assert seen_at(minutes, {"hour": hours}, lambda extra: len(extra["hour"])) == [1, 2, 2, 2]
    assert seen_at(minutes, {"hour": hours}, lambda extra: extra["hour"].close.value)[1] == hours.close[1]


def test_a_last_bar_of_unknown_length_is_never_known() -> None:
    one = np.array([1.0, 2.0])
    uneven = Bars(at(0, 1), one, one, one, one, one)
    seen = seen_at(FIVE, {"uneven": uneven}, lambda extra: len(extra["uneven"]))
    assert seen == [1] * 5


def test_bars_in_a_frame_say_when_they_were_known() -> None:
    columns = dict.fromkeys(("open", "high", "low", "close"), SCORES)
    frame = {"time": TIMES, "known": TIMES, **columns}
    seen = seen_at(FIVE, {"other": frame}, lambda extra: float(extra["other"].close))
    assert seen == seen_at(FIVE, {"mood": {"time": TIMES, "score": SCORES}}, lambda e: float(e["mood"].score))


def test_trades_are_known_at_their_time() -> None:
    trades = Trades(
        at(0.1, 0.1, 3), np.array([9.0, 10, 11]), np.ones(3), np.array([1, -1, 0], np.int8), np.full(3, -1)
    )
    seen = seen_at(
        FIVE, {"trades": trades}, lambda extra: (extra["trades"].price[-1], extra["trades"].side[-1])
    )
    assert seen == [(10, -1), (10, -1), (11, 0), (11, 0), (11, 0)]


def test_a_book_shows_its_levels_best_first() -> None:
    def look(extra: Any) -> Any:
        book = extra["book"]
        return book.bids, book.asks, len(book), book.time[:].tolist()

    seen = seen_at(FIVE, {"book": books_at(2, 3.5)}, look)
    assert seen[0] == ([], [], 0, [])
    assert seen[1] == seen[2] == ([(100, 5), (99, 5)], [(101, 7), (102, 7)], 1, at(2).tolist())
    assert seen[3] == ([(101, 5), (100, 5)], [(102, 7)], 2, at(2, 3.5).tolist())
    best = seen_at(
        FIVE,
        {"book": books_at(2, 3.5)},
        lambda e: tuple(e["book"][name].value for name in ("bid", "ask", "mid", "spread", "ask_quantity")),
    )
    assert np.isnan(best[0]).all()
    assert best[3] == (101, 102, 101.5, 1, 7)
    ages = seen_at(FIVE[2:], {"book": books_at(2, 3.5)}, lambda extra: int(at(5)[0]) - extra["book"].time)
    assert ages == [3 * MINUTE_NS, 1.5 * MINUTE_NS, 1.5 * MINUTE_NS]


def test_an_indicator_of_an_outside_series() -> None:
    found: list[tuple[float, float]] = []

    class Mood(eyas.Strategy):
        def on_start(self) -> None:
            self.average = self.use(eyas.indicators.sma, self.extra["mood"].score, 2)
            self.both = self.use(np.subtract, self.extra["mood"].score, "low")
            self.best = self.use(eyas.indicators.sma, self.extra["book"].mid, 1)

        def on_bar(self, bar: eyas.Bar) -> None:
            found.append((self.average.value, self.both.value))

    frame = {"time": TIMES, "score": SCORES, "low": [0.0, 1.0, 1.0]}
    report = eyas.backtest(Mood(), FIVE, extra={"mood": frame, "book": books_at(2)})
    np.testing.assert_array_equal(found, [(np.nan, 0.5), (-0.25, -2), (-0.25, -2), (0.5, 1), (0.5, 1)])
    assert list(report.indicators) == ["mood.sma(score, 2)", "mood.subtract(score, low)", "book.sma(mid, 1)"]
    np.testing.assert_array_equal(report.indicators["mood.sma(score, 2)"], [np.nan, -0.25, -0.25, 0.5, 0.5])


@pytest.mark.parametrize("by_kernel", [True, False])
@searching(40)
@given(st.data())
def test_on_one_clock_it_is_known_by_the_step(by_kernel: bool, data: Any) -> None:
    """Whichever symbol is shown, what is known goes by when its bar closed; also one after the other."""
    minutes = st.lists(st.integers(0, 30), min_size=1, max_size=8, unique=True).map(sorted)
    bars = {name: at_minutes(data.draw(minutes), symbol=name) for name in ("A", "B")}
    known = sorted(data.draw(st.lists(st.integers(0, 64), max_size=8)))
    rows = {"time": at(*(half / 2 for half in known)), "score": np.arange(len(known)) - 3.0}
    told: list[tuple[int, int, bool]] = []

    class Looking(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            score = self.extra["mood"].score
            told.append((bar.close_time, len(score), score.crossed_above(0)))

    in_turn = ["B", "A"] if data.draw(st.booleans()) else None
    market = Market(bars, in_turn=in_turn, extra={"mood": outside("mood", rows)})
    run(Looking(), market, by_kernel=by_kernel)
    assert len(told) == sum(map(len, bars.values()))
    for time, count, _ in told:
        assert count == sum(row <= time for row in rows["time"])
    steps = [time for time, _, _ in told]
    for place, (time, count, crossed) in enumerate(told):
        # The step before is the last one that closed earlier, of the same run through time.
        start = len(bars["B"]) if in_turn and place >= len(bars["B"]) else 0
        earlier = [one for one in steps[start:place] if one < time]
        before = sum(row <= earlier[-1] for row in rows["time"]) if earlier else 0
        assert crossed is bool(earlier and 0 < before <= 4 < count)


def test_a_crossing_is_seen_after_an_instrument_of_a_single_bar() -> None:
    bars = {"B": at_minutes([0], symbol="B"), "A": at_minutes([0, 1, 2], symbol="A")}
    told: list[tuple[str, bool]] = []

    class Looking(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            told.append((bar.symbol, self.extra["mood"].score.crossed_above(0)))

    rows = outside("mood", {"time": at(1, 2), "score": [-1.0, 1.0]})
    run(Looking(), Market(bars, in_turn=["B", "A"], extra={"mood": rows}), by_kernel=True)
    assert told == [("B", False), ("A", False), ("A", True), ("A", False)]


def test_a_copy_is_the_same_view() -> None:
    def look(extra: Any) -> Any:
        for kind in (copy.copy, copy.deepcopy):
            assert kind(extra)["mood"].score.value == kind(extra["mood"]).score.value == extra["mood"].score
            assert kind(extra["book"]).bids == extra["book"].bids
        return sorted(extra), "mood" in extra, "other" in extra, len(extra)

    rows = {"time": at(0), "score": [1.0]}
    [*_, seen] = seen_at(FIVE, {"mood": rows, "book": books_at(0)}, look)
    assert seen == (["book", "mood"], True, False, 2)


def test_nothing_later_than_now_can_be_reached() -> None:
    def look(extra: Any) -> Any:
        score = extra["mood"].score
        with pytest.raises(eyas.LookAheadError, match=r"mood.score\[1\] is later than now \(row 0\)"):
            score[1]
        with pytest.raises(eyas.LookAheadError, match=r"mood.time\[1\] is later than now"):
            extra["mood"].time[1]
        for array in (score[:], np.asarray(score), extra["mood"].time[:]):
            base: Any = array
            while isinstance(base, np.ndarray | memoryview):
                assert len(base) <= 8  # one row, or its bytes
                base = base.base if isinstance(base, np.ndarray) else base.obj

    seen_at(FIVE, {"mood": {"time": at(0, 90), "score": [1.0, 2.0]}}, look)


def test_an_empty_one_is_never_known() -> None:
    values = seen_at(FIVE, {"mood": {"time": [], "score": []}}, lambda extra: extra["mood"].score.value)
    assert np.isnan(values).all()
    assert seen_at(FIVE, {"book": books_at()}, lambda extra: extra["book"].asks) == [[]] * 5


def test_an_interval_has_it_in_both_runs() -> None:
    class Mood(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if self.is_flat and self.extra["mood"].score > 0:
                self.buy(1, stop_loss=eyas.away(1), take_profit=eyas.away(1))

    bars = at_minutes(range(60))
    rows = {"time": at(30), "score": [1.0]}
    found = eyas.interval(Mood(), bars, extra={"mood": rows}, cash=1000)
    assert all(
        one.trades["entry_time"][0] == found.stop.trades["entry_time"][0]
        for one in (found.stop, found.target)
    )
    journal = found.stop.journal
    assert journal.event(int(journal.where("filled")[0]))["bar"] == 30


# --- what is wrong ---


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda s: s.extra["moood"], "the run was given no extra 'moood'; did you mean mood?"),
        (lambda s: s.extra["x"], "the run was given no extra 'x'; it has mood"),
        (lambda s: s.extra["mood"]["scoer"], "extra 'mood' has no column 'scoer'; did you mean score?"),
        (lambda s: s.extra["mood"].scoer, "extra 'mood' has no column 'scoer'; did you mean score?"),
        (lambda s: s.extra["mood"].word, "extra 'mood': the column word holds no numbers"),
        (
            lambda s: s.use(np.add, s.extra["mood"].score, s.bars.close),
            r"close is of the bars, and not of extra\['mood'\]: an indicator has one timeframe",
        ),
        (
            lambda s: s.use(eyas.indicators.sma, s.extra["mood"].score, 2, timeframe="1h"),
            r"mood.score is of extra\['mood'\], and not of bars of 1h",
        ),
        (lambda s: s.use(np.roll, s.extra["mood"].score, -1), "looks ahead"),
    ],
)
def test_what_is_not_there_is_said(look: Any, said: str) -> None:
    frame = pl.DataFrame({"time": TIMES, "score": SCORES, "word": ["a", "b", "c"]})
    with pytest.raises(eyas.StrategyError, match=said):
        eyas.backtest(Do(start=look), FIVE, extra={"mood": frame})


def test_without_any_the_way_to_give_one_is_said() -> None:
    with pytest.raises(
        eyas.StrategyError, match=r"no extra 'mood'; it was given none: say extra=\{name: frame\}"
    ):
        eyas.backtest(Do(bar0=lambda s: s.extra["mood"]), FIVE)


UNSORTED = Bars(at(2, 1), *[np.ones(2)] * 5, timeframe="1m")


@pytest.mark.parametrize(
    ("extra", "error", "said"),
    [
        (
            {"mood": {"time": at(1, 3, 2), "score": SCORES}},
            eyas.DataError,
            r"extra 'mood' row 3: time is 2026-06-01T00:02:00Z, before the row above it \(2026-.*\). Sort",
        ),
        (
            {"mood": {"time": at(1, 2), "known": at(9, 8), "score": [1, 2]}},
            eyas.DataError,
            "row 2: known is .*Sort",
        ),
        (
            {"mood": {"time": np.array(["2026-06-01", "NaT"], "M8[ns]")}},
            eyas.DataError,
            "extra 'mood' row 2: time",
        ),
        ({"mood": {"time": [1.78e18, np.nan]}}, eyas.DataError, "extra 'mood' row 2: time"),
        (
            {"mood": {"time": ["2026-06-01", "soon"]}},
            eyas.DataError,
            "extra 'mood' row 2: time 'soon' is not",
        ),
        ({"mood": {"score": SCORES}}, eyas.DataError, "extra 'mood' has no column time: it has score"),
        ({"mood": {"time": TIMES, "score": [1.0]}}, eyas.DataError, "column score has 1 values for 3 times"),
        ({"bars": UNSORTED}, eyas.DataError, "extra 'bars' row 2: time"),
        (
            {"other": {"Date": TIMES, "Open": SCORES, "High": SCORES, "Low": SCORES, "Close": SCORES}},
            eyas.DataError,
            r"extra 'other' holds bars \(.*\), and a bar is not known at its Date but when it closes",
        ),
        ({"book": books_at(2, 1)}, eyas.DataError, "extra 'book' row 2: time"),
        ({"mood": "mood.csv"}, eyas.UsageError, "extra 'mood' is str, but must be a polars or pandas frame"),
        ([FRAMES["polars"]], eyas.UsageError, "extra is list, but must be"),
        ({"": FRAMES["polars"]}, eyas.UsageError, "'' is no name"),
    ],
)
def test_what_is_wrong_is_named(extra: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        eyas.backtest(eyas.Strategy(), FIVE, extra=extra)


def test_signals_see_no_extra() -> None:
    with pytest.raises(eyas.UsageError, match="see no extra: write a Strategy, or leave extra out"):
        eyas.backtest(eyas.Signals(entries=np.zeros(5)), FIVE, extra={"mood": FRAMES["polars"]})
