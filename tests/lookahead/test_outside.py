"""Knowledge from elsewhere: globals, closures, attributes, files, and extras stamped too early."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import eyas
from eyas.lookahead import LookAhead, check
from eyas.lookahead.holders import holders_of
from eyas.lookahead.tables import table_of
from eyas.timeframes import resample
from tests.lookahead.conftest import walk

# What a person's module may hold: the bars of the run, and what was made of them.
CLOSES = walk(1_000).close.copy()
LONGER = walk(1_100).close.copy()
ABOVE = np.append(CLOSES[1:] > CLOSES[:-1], False)
BOX = SimpleNamespace(inner={"closes": CLOSES.tolist()})
BY_TIME = dict(zip(walk(1_000).time.tolist(), CLOSES.tolist(), strict=True))
CALENDAR = {"2031-01-01": 1.0, "2031-01-02": 2.0, **{f"2031-02-{day:02}": 0.0 for day in range(1, 20)}}
WEIGHTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def trade(strategy: eyas.Strategy, rising: bool) -> None:
    if rising and strategy.is_flat:
        strategy.buy(1)
    elif not rising:
        strategy.close()


class PeekGlobal(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, CLOSES[min(bar.index + 1, len(CLOSES) - 1)] > bar.close)


class PeekLonger(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, LONGER[bar.index + 2] > bar.close)


class PeekInside(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, BOX.inner["closes"][min(bar.index + 1, 999)] > bar.close)


class PeekByTime(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, BY_TIME.get(bar.time + 600_000_000_000, 0.0) > bar.close)


class PeekClass(eyas.Strategy):
    _data = CLOSES

    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, self._data[min(bar.index + 1, 999)] > bar.close)


class PeekDefault(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar, data: Any = CLOSES) -> None:
        trade(self, data[min(bar.index + 1, 999)] > bar.close)


class PeekHelper(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, helper(bar.index) > bar.close)


def helper(index: int) -> float:
    return float(CLOSES[min(index + 1, 999)])


class PastOnly(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        trade(self, CLOSES[bar.index] > CLOSES[max(0, bar.index - 1)])


class Harmless(eyas.Strategy):
    def on_start(self) -> None:
        self.seen: list[float] = []

    def on_bar(self, bar: eyas.Bar) -> None:
        self.seen.append(bar.close)
        trade(self, WEIGHTS[bar.index % 9] > 0.4 and CALENDAR.get("2031-01-01", 0.0) > 0.5)


def outside(found: LookAhead) -> list[tuple[str, str]]:
    return [(one.level, one.column) for one in found.named("outside")]


@pytest.mark.parametrize(
    ("strategy", "name"),
    [
        (PeekGlobal, "global CLOSES"),
        (PeekLonger, "global LONGER"),
        (PeekInside, "global BOX.inner"),
        (PeekByTime, "global BY_TIME"),
        (PeekClass, "PeekClass._data"),
        (PeekDefault, "default data"),
        (PeekHelper, "global CLOSES"),
    ],
)
def test_the_future_of_a_place_outside_is_found_by_name(
    bars: eyas.Bars, strategy: type[eyas.Strategy], name: str
) -> None:
    before = CLOSES.copy(), LONGER.copy(), dict(BY_TIME)
    found = check(strategy, bars, cuts=4, warm_ups=())
    assert ("fail", name) in outside(found), str(found)
    assert found.change
    assert found.change.how == "with other values"
    assert np.array_equal(CLOSES, before[0]), "what was put elsewhere for a moment is back"
    assert np.array_equal(LONGER, before[1])
    assert before[2] == BY_TIME
    assert PeekClass._data is CLOSES


def test_a_closure_and_a_file_are_found(bars: eyas.Bars, tmp_path: Path) -> None:
    hidden = bars.close.copy()

    class Closure(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            trade(self, hidden[min(bar.index + 1, 999)] > bar.close)

    path = tmp_path / "prices.npy"
    np.save(path, bars.close)

    class File(eyas.Strategy):
        def on_start(self) -> None:
            self.prices = np.load(path)

        def on_bar(self, bar: eyas.Bar) -> None:
            trade(self, self.prices[min(bar.index + 1, 999)] > bar.close)

    assert ("fail", "closure hidden") in outside(check(Closure, bars, cuts=4))
    assert ("fail", "self.prices") in outside(check(File, bars, cuts=4))


def test_what_is_only_held_is_a_warning(bars: eyas.Bars) -> None:
    found = check(PastOnly, bars, cuts=4, warm_ups=())
    assert outside(found) == [("warn", "global CLOSES")]
    assert found.verdict == "warn"
    assert "of those after now" in str(found)


def test_signals_from_elsewhere_that_are_always_right_are_found(bars: eyas.Bars) -> None:
    class Above(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            trade(self, bool(ABOVE[bar.index]))

    found = check(Above, bars, cuts=4, warm_ups=())
    assert [one.name for one in found.findings] == ["foresight", "outside"]
    assert found.verdict == "fail"


def test_what_has_nothing_to_do_with_the_bars_is_left_in_peace(bars: eyas.Bars) -> None:
    found = check(Harmless, bars, cuts=4)
    assert found.verdict == "pass", str(found)


def test_an_attribute_of_the_same_name_is_no_global(bars: eyas.Bars) -> None:
    class Reads(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            trade(self, self.bars.close[-1] > bar.open)

    assert holders_of(Reads()) == []


def test_a_function_that_ignores_its_bars_is_found(bars: eyas.Bars) -> None:
    found = check(lambda bars: eyas.Signals(entries=ABOVE), bars)
    assert found.verdict == "fail"
    assert outside(found) == [("fail", "")]
    assert "something other than the bars" in found.findings[0].text


# --- extras ---


class Candle(eyas.Strategy):
    """Go by a longer candle that came as an extra."""

    def on_bar(self, bar: eyas.Bar) -> None:
        close = self.extra["hour"].close
        trade(self, len(close) > 0 and close[-1] > bar.close)


def hour_columns(bars: eyas.Bars, late_ns: int) -> dict[str, Any]:
    hours = resample(bars, "1h")
    return {"time": hours.time + late_ns, "close": hours.close.copy(), "low": hours.low.copy()}


def test_an_extra_that_is_stamped_when_its_interval_begins_is_found(bars: eyas.Bars) -> None:
    found = check(Candle, bars, extra={"hour": hour_columns(bars, 0)}, warm_ups=())
    assert found.verdict == "fail"
    [one] = found.named("extra")
    assert one.column == "hour.close"
    assert "holds the close of the interval that begins at its time" in one.text


def test_an_extra_that_is_stamped_when_its_interval_ends_passes(bars: eyas.Bars) -> None:
    for extra in (hour_columns(bars, 3_600_000_000_000), resample(bars, "1h")):
        assert check(Candle, bars, extra={"hour": extra}).verdict == "pass"
    known = hour_columns(bars, 0)
    known["known"] = known["time"] + 3_600_000_000_000
    assert check(Candle, bars, extra={"hour": known}).verdict == "pass"


def test_an_early_extra_that_nobody_goes_by_is_a_warning(bars: eyas.Bars) -> None:
    class Blind(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            trade(self, bar.index % 20 < 10)

    found = check(Blind, bars, extra={"hour": hour_columns(bars, 0)}, warm_ups=())
    assert [(one.name, one.level) for one in found.findings] == [("extra", "warn")]


# --- tables ---


def frame_of(kind: str, columns: dict[str, Any]) -> Any:
    if kind == "mapping":
        return columns
    if kind == "fields":
        return np.rec.fromarrays(list(columns.values()), names=list(columns))
    frames = pytest.importorskip(kind)
    return frames.DataFrame(columns)


@pytest.mark.parametrize("kind", ["mapping", "fields", "pandas", "polars"])
def test_a_table_is_made_anew_in_its_own_form(kind: str) -> None:
    columns = {
        "time": np.arange(20) * 10**9 + 1_700_000_000 * 10**9,
        "score": np.linspace(1, 2, 20),
        "label": np.arange(20) % 3,
        "is_open": np.arange(20) % 2 == 0,
    }
    value = frame_of(kind, columns)
    table = table_of(value)
    assert table is not None
    assert table.time is not None
    assert table.time.tolist() == columns["time"].tolist()
    later = table.later_than(int(columns["time"][11]))
    assert later.sum() == 8
    for variant in ("mirrored", "low", "high"):
        other = table.with_other_rows(later, variant)
        assert type(other) is type(value)
        again = table_of(other)
        assert again is not None
        for name, values in again.columns.items():
            assert np.array_equal(values[:12], columns[name][:12])
        assert not np.isin(again.columns["score"][12:], columns["score"][12:]).all()
    few = table_of(table.take(np.flatnonzero(~later)))
    assert few is not None
    assert len(few) == 12


@pytest.mark.parametrize(
    "value",
    [
        [1.0, 2.0, 3.0],
        (1, 2, 3),
        np.arange(6.0).reshape(3, 2),
        {"2024-01-01": 1, "2024-01-02": 2, "2024-01-03": 3},
    ],
)
def test_small_forms_are_tables_too(value: Any) -> None:
    table = table_of(value)
    assert table is not None
    assert len(table) == 3
    before = next(iter(table.columns.values()))
    changed = set()
    for variant in ("low", "high"):
        other = table.with_other_rows(np.array([False, False, True]), variant)
        assert type(other) is type(value)
        again = table_of(other)
        assert again is not None
        after = next(iter(again.columns.values()))
        assert after[:2].tolist() == before[:2].tolist()
        changed.add(after[2] != before[2])
    assert True in changed


@pytest.mark.parametrize("value", [None, "text", 3, ["a"], {"a": 1}, {}, [], object(), np.zeros((2, 2, 2))])
def test_what_holds_no_columns_is_no_table(value: Any) -> None:
    assert table_of(value) is None


def test_times_of_any_zone_are_read_in_utc() -> None:
    moments = np.arange(10) * 3_600_000_000_000 + 1_700_006_400_000_000_000
    zoned = pd.DataFrame({"date": pd.to_datetime(moments, utc=True), "x": np.arange(10.0)})
    zoned["date"] = zoned["date"].dt.tz_convert("America/New_York")
    in_polars = pl.DataFrame({"date": moments.view("M8[ns]"), "x": np.arange(10.0)}).with_columns(
        pl.col("date").dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    )
    for frame in (zoned, zoned.set_index("date"), in_polars):
        table = table_of(frame)
        assert table is not None
        assert table.time is not None
        assert table.time.tolist() == moments.tolist()
