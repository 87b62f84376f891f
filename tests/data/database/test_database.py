"""Bars go into a database and come back to the last bit, once each, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from sqlalchemy import event

from eyas.data.catalog import Catalog
from eyas.data.database import Database, eyas_layout, layout
from eyas.data.quality.verdict import hash_of
from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.timeframes import Session, resample
from tests.data.database.conftest import KINDS
from tests.data.database.made import MINUTE_NS, START_NS, any_bars, made, same

LAYOUTS = ("eyas", "kline")
NUMBERS = count()


@pytest.fixture(params=LAYOUTS)
def database(url: str, request: pytest.FixtureRequest) -> Database:
    return Database(url, layout=request.param)


def test_what_goes_in_comes_back(database: Database) -> None:
    bars = made()
    added = database.add(bars)
    loaded = database.load("BTCUSDT", "1m")
    assert same(loaded, bars)
    assert (added.rows_new, added.rows_same, added.rows_revised) == (100, 0, 0)
    assert (loaded.symbol, loaded.timeframe) == ("BTCUSDT", "1m")
    entry = database.entry("BTCUSDT", "1m")
    assert entry == added.entry == database.series()[0]
    assert (entry.rows, entry.first, entry.last) == (100, bars.time[0], bars.time[-1])


def test_adding_again_changes_nothing(database: Database) -> None:
    database.add(made())
    entry = database.entry("BTCUSDT", "1m")
    again = database.add(made())
    assert (again.rows_new, again.rows_same, again.revisions) == (0, 100, ())
    assert again.entry == entry == database.entry("BTCUSDT", "1m")


def test_overlapping_bars_are_stored_once(database: Database) -> None:
    database.add(made(100))
    added = database.add(made(100, first=60))
    assert (added.rows_new, added.rows_same) == (60, 40)
    assert same(database.load("BTCUSDT", "1m"), made(160))


def test_older_bars_come_before(database: Database) -> None:
    database.add(made(10, first=100))
    database.add(made(10))
    assert database.load("BTCUSDT", "1m").time.tolist() == [*made(10).time, *made(10, first=100).time]


def test_differences_are_reported_and_taken_only_when_asked(database: Database) -> None:
    bars = made(10)
    database.add(bars)
    close = bars.close.copy()
    close[3] += 0.125
    changed = replace(bars, close=close)

    kept = database.add(changed)
    (revision,) = kept.revisions
    assert (revision.time, revision.column) == (bars.time[3], "close")
    assert (revision.old, revision.new) == (bars.close[3], close[3])
    assert (kept.rows_same, kept.rows_revised, kept.revised) == (9, 1, False)
    assert same(database.load("BTCUSDT", "1m"), bars)

    taken = database.add(changed, revise=True)
    assert (taken.rows_revised, taken.revised) == (1, True)
    assert same(database.load("BTCUSDT", "1m"), changed)
    assert database.add(changed).rows_same == 10


def test_a_range_is_half_open(database: Database) -> None:
    database.add(made(10))
    loaded = database.load("BTCUSDT", "1m", start=START_NS + MINUTE_NS, end=START_NS + 3 * MINUTE_NS)
    assert same(loaded, made(2, first=1))
    assert len(database.load("BTCUSDT", "1m", start="2024-01-01T00:08:30Z")) == 1
    with pytest.raises(
        DataError, match="has no bars of BTCUSDT 1m in this range: it has 2024-01-01T00:00:00Z to"
    ):
        database.load("BTCUSDT", "1m", start="2025")
    with pytest.raises(UsageError, match="start 2025-01-01T00:00:00Z is not before end 2024-01-01T00:00:00Z"):
        database.load("BTCUSDT", "1m", start="2025", end="2024")


def test_a_minute_is_no_month(database: Database) -> None:
    database.add(made(3))
    month = made(1, timeframe="1M")
    database.add(month)
    assert len(database.load("BTCUSDT", "1m")) == 3
    assert same(database.load("BTCUSDT", "1M"), month)


def test_bars_without_volume_have_none(database: Database) -> None:
    bars = made(5, volume=np.zeros(5), has_volume=False)
    database.add(bars)
    assert database.load("BTCUSDT", "1m").has_volume is False
    zero = made(5, first=5, volume=np.zeros(5), symbol="OTHER")
    database.add(zero)
    assert database.load("OTHER", "1m").has_volume is True


def test_a_removed_series_is_gone(database: Database) -> None:
    database.add(made(5))
    database.add(made(6, symbol="OTHER"))
    entry = database.entry("BTCUSDT", "1m")
    assert replace(database.remove("BTCUSDT", "1m"), hash=entry.hash) == entry
    assert [entry.symbol for entry in database.series()] == ["OTHER"]
    with pytest.raises(UsageError, match=r"has no BTCUSDT 1m. It has OTHER 1m"):
        database.load("BTCUSDT", "1m")
    assert database.add(made(5)).rows_new == 5


def test_nothing_to_add_is_no_harm(database: Database) -> None:
    assert database.add(made()[:0]).rows_new == 0


def test_bars_that_no_market_makes_stay_out(database: Database) -> None:
    with pytest.raises(DataError, match=r"BTCUSDT 1m row 1 .*: high 1 is below low"):
        database.add(made(3, high=np.array([1.0, 200, 200])))
    with pytest.raises(DataError, match="is the same as in row"):
        database.add(made(2, time=np.array([START_NS, START_NS])))
    with pytest.raises(DataError, match="outside the years 1900 to 2100"):
        database.add(made(1, time=np.array([8 * 10**18])))


def test_years_and_pages_are_crossed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyas.data.database.transfer.PAGE", 7)
    bars = made(50, time=START_NS + np.arange(50) * 3600 * 24 * 90 * 10**9)
    database = Database(url)
    for rows in (50, 49, 14, 7, 1):
        symbol = f"ROWS{rows}"
        database.add(bars[:rows], symbol=symbol)
        assert same(database.load(symbol, "1m"), bars[:rows])


def test_a_series_knows_where_it_is_from(url: str) -> None:
    database = Database(url)
    first = database.add(made(5), venue="binance", source="a.csv", adjustment="raw").entry
    second = database.add(made(5, first=5), venue="binance", source="b.csv", adjustment="raw").entry
    assert first is not None
    assert second is not None
    assert [(one.name, one.rows) for one in second.sources] == [("a.csv", 5), ("b.csv", 5)]
    assert (second.adjustment, second.convention, second.venue) == ("raw", "open", "binance")
    assert (second.rows, second.first, second.last) == (10, first.first, made(10).time[-1])


def test_a_hash_is_worked_out_when_somebody_asks(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(url)
    first = database.add(made(5), venue="binance").entry
    assert first is not None
    assert first.hash == hash_of(made(5))
    with monkeypatch.context() as patched:
        # Neither adding a bar nor listing or loading reads the series for its hash.
        patched.setattr("eyas.data.database.eyas_layout.hash_of", None)
        added = database.add(made(1, first=5), venue="binance").entry
        assert added is not None
        assert (added.hash, added.rows, database.series()) == ("", 6, (added,))
        assert len(database.load("BTCUSDT", "1m")) == 6
    assert database.entry("BTCUSDT", "1m") == replace(added, hash=hash_of(made(6)))
    assert database.add(made(6), venue="other").entry.hash == hash_of(made(6)), "however it came in"  # type: ignore[union-attr]


def test_a_hash_knows_columns_that_came_later(url: str) -> None:
    database = Database(url)
    database.add(made(3))
    funded = made(2, first=3, funding=np.array([0.001, np.nan]))
    entry = database.add(funded).entry
    assert entry is not None
    assert entry.columns == ("time", "open", "high", "low", "close", "volume", "funding")
    assert database.entry("BTCUSDT", "1m").hash == hash_of(database.load("BTCUSDT", "1m"))
    database.add(replace(funded, close=funded.close + 0.125), revise=True)
    assert database.entry("BTCUSDT", "1m").hash == hash_of(database.load("BTCUSDT", "1m"))


def test_adding_a_bar_reads_only_its_neighbours(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(url)
    database.add(made(5_000))
    read: list[int] = []
    really = layout.fetch

    def counted(*arguments: Any) -> dict[str, Any]:
        found = really(*arguments)
        read.append(len(found["time"]))
        return found

    for place in (layout, eyas_layout):
        monkeypatch.setattr(place, "fetch", counted)
    assert database.add(made(1, first=5_000)).rows_new == 1
    assert read
    assert sum(read) <= 17


def test_bars_that_lie_in_each_other_are_refused(database: Database) -> None:
    hour = 60 * MINUTE_NS
    time = START_NS + np.arange(48) * hour
    with pytest.raises(UsageError, match=r"bars of 1d cannot be so close. Say the right timeframe="):
        database.add(made(48, time=time, timeframe="1d"))
    assert database.series() == ()
    database.add(made(48, time=time, timeframe="1h"))
    with pytest.raises(UsageError, match="bars of 1h cannot be so close"):
        database.add(made(10, time=time[10:20] + hour // 2, timeframe="1h"))
    assert same(database.load("BTCUSDT", "1h"), made(48, time=time, timeframe="1h"))
    assert database.add(made(1, time=time[-1:] + hour // 2, timeframe="1h")).rows_new == 1, "a cut hour"


def test_bars_that_contradict_the_stored_ones_bring_nothing_new(database: Database) -> None:
    database.add(made(30))
    other = made(40)
    other = replace(other, close=other.close + 0.125)
    with pytest.raises(DataError, match="of 30 rows that are stored already 30 come with other values"):
        database.add(other)
    assert same(database.load("BTCUSDT", "1m"), made(30))
    assert database.add(other[:30]).rows_revised == 30, "without new rows it is only a report"
    assert database.add(other, revise=True).rows_new == 10
    assert same(database.load("BTCUSDT", "1m"), other)


def test_another_spelling_of_a_timeframe_is_no_other_series(database: Database, tmp_path: Path) -> None:
    hours = START_NS + np.arange(30) * 60 * MINUTE_NS
    database.add(made(20, time=hours[:20], timeframe="60m"))
    assert database.add(made(30, time=hours, timeframe="1h")).rows_new == 10
    assert [one.timeframe for one in database.series()] == ["1h"]
    assert same(database.load("BTCUSDT", "3600s"), made(30, time=hours))
    assert database.load("BTCUSDT", "24h").timeframe == "1d"
    (added,) = database.export_to(Catalog(tmp_path / "catalog"), timeframe="60m", venue="v")
    assert added.rows_new == 30
    assert database.remove("BTCUSDT", "60m").rows == 30
    assert database.series() == ()


def test_longer_bars_are_made_of_shorter_ones(database: Database) -> None:
    database.add(made(600))
    loaded = database.load("BTCUSDT", "1h", start="2024-01-01T01", end="2024-01-01T03")
    assert same(loaded, resample(made(120, first=60), "1h"))
    assert loaded.source.endswith(", resampled from 1m")
    assert len(database.load("BTCUSDT", "4h")) == 2, "the third is not closed"
    assert len(database.load("BTCUSDT", "1h", session=Session("UTC", "02:30", "05:00"))) == 3
    with pytest.raises(UsageError, match="has no BTCUSDT 90s"):
        database.load("BTCUSDT", "90s")
    with pytest.raises(DataError, match="has no closed bar of 1d of BTCUSDT 1m in this range"):
        database.load("BTCUSDT", "1d")


def test_series_are_listed_by_symbol_and_venue(url: str) -> None:
    database = Database(url)
    for symbol, venue in (("A", "one"), ("A", "two"), ("B", "one")):
        database.add(made(2), symbol=symbol, venue=venue)
    assert [one.venue for one in database.series("A")] == ["one", "two"]
    assert [one.symbol for one in database.series(venue="one")] == ["A", "B"]


def test_klines_go_into_a_series_that_knows_more(url: str, tmp_path: Path) -> None:
    klines, catalog = Database(url, layout="kline"), Catalog(tmp_path / "catalog")
    catalog.add(made(5), venue="binance", adjustment="raw")
    klines.add(replace(made(10), close=made(10).close + 0.125))
    with pytest.raises(UsageError, match="holds prices that are raw, and these are unknown"):
        klines.export_to(catalog, venue="binance")
    (added,) = klines.export_to(catalog, venue="binance", adjustment="raw", revise=True)
    assert (added.rows_new, added.rows_revised, added.revised) == (5, 5, True)


def test_series_of_several_venues_are_told_apart(url: str) -> None:
    database = Database(url)
    database.add(made(5), venue="binance")
    database.add(made(6), venue="kraken")
    with pytest.raises(
        UsageError, match=r"several venues have BTCUSDT 1m: say venue=..., one of 'binance', 'kraken'"
    ):
        database.load("BTCUSDT", "1m")
    assert len(database.load("BTCUSDT", "1m", venue="kraken")) == 6


@pytest.mark.parametrize(
    ("about", "changes", "said"),
    [
        ({"adjustment": "adjusted"}, {}, "prices that are raw, and these are adjusted"),
        ({}, {}, "prices that are raw, and these are unknown"),
        (
            {"adjustment": "raw"},
            {"has_volume": False, "volume": np.zeros(5)},
            "has volume, and these bars have none",
        ),
    ],
)
def test_what_does_not_belong_together_stays_apart(
    url: str, about: dict[str, str], changes: dict[str, object], said: str
) -> None:
    database = Database(url)
    database.add(made(5), adjustment="raw")
    with pytest.raises(UsageError, match=said):
        database.add(made(5, first=5, **changes), **about)
    assert len(database.load("BTCUSDT", "1m")) == 5


def test_a_catalog_and_a_database_copy_each_other(database: Database, tmp_path: Path) -> None:
    one, other = Catalog(tmp_path / "one"), Catalog(tmp_path / "other")
    one.add(made(50), venue="binance", adjustment="raw", source="a.csv")
    months = np.arange("2024-01", "2024-06", dtype="datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    one.add(made(5, symbol="OTHER", timeframe="1M", time=months), venue="binance")
    assert [added.rows_new for added in database.import_from(one)] == [50, 5]
    assert [added.rows_new for added in database.import_from(one, symbol="OTHER")] == [0]
    database.export_to(other, venue="binance")
    assert same(other.load("BTCUSDT", "1m"), made(50))
    assert same(other.load("OTHER", "1M"), one.load("OTHER", "1M"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_bars_come_back_to_the_bit(
    kind: str, layout: Literal["eyas", "kline"], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/bars.db" if kind == "sqlite" else request.getfixturevalue("postgresql")
    database = Database(url, layout=layout)

    @settings(max_examples=10)
    @given(any_bars(decimals=None if layout == "eyas" else 8))
    def comes_back(bars: Bars) -> None:
        symbol = f"S{next(NUMBERS)}"
        database.add(bars, symbol=symbol)
        assert same(database.load(symbol, "1m"), bars)
        assert database.add(bars, symbol=symbol).rows_same == len(bars)

    comes_back()


def test_adding_again_does_not_compare_every_row_with_every_other(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bars.db")
    bars = made(20_000)
    database.add(bars)
    steps = count()

    def listen(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(lambda: next(steps) > 5_000, 10_000)  # true ends the statement

    event.listen(database.engine, "connect", listen)
    assert database.add(bars).rows_same == 20_000
    assert next(steps) > 0, "the steps were counted"
