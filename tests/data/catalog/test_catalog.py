"""The catalog: what goes in comes out, what is there is found, what cannot be one series is refused."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.data.catalog import Catalog, load
from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.timeframes import Session
from tests.data.catalog.made import DAY, HOUR, MINUTE, MONDAY, alike, bars, bars_at, books, trades


def test_what_goes_in_comes_out(catalog):
    given = bars(100_000)
    added = catalog.add(given, venue="binance")
    assert (added.rows_new, added.rows_same, added.rows_revised) == (100_000, 0, 0)
    found = catalog.load("BTCUSDT", "1m")
    assert alike(found, given)
    assert (found.symbol, found.timeframe, found.has_volume) == ("BTCUSDT", "1m", True)
    assert all(getattr(found, name).flags.c_contiguous for name in found.columns)
    assert "binance" in found.source


def test_an_entry_says_what_is_there(catalog):
    catalog.add(bars(50_000), venue="binance", adjustment="raw", source="a file")
    entry = catalog.entry("BTCUSDT", "1m")
    assert (entry.rows, entry.first, entry.last) == (50_000, MONDAY, MONDAY + 49_999 * MINUTE)
    assert (entry.convention, entry.adjustment, entry.kind) == ("open", "raw", "bars")
    assert [(source.name, source.rows) for source in entry.sources] == [("a file", 50_000)]
    assert str(entry) == ("BTCUSDT 1m (binance): 50,000 rows, 2024-01-01T00:00:00Z to 2024-02-04T17:19:00Z")
    assert catalog.series() == (entry,)


@pytest.mark.parametrize(
    ("timeframe", "step", "files"),
    [
        ("1s", DAY // 10, ["2024-01-01", "2024-01-02", "2024-01-03"]),
        ("1m", 5 * DAY, ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]),
        ("1h", 20 * DAY, ["2024", "2025"]),
        ("1d", 20 * DAY, ["all"]),
        ("1M", 31 * DAY, ["all"]),
    ],
)
def test_files_are_cut_by_period(catalog, tmp_path, timeframe, step, files):
    given = bars(30, timeframe, step=step)
    catalog.add(given, venue="v")
    names = sorted(path.name.split(".")[0] for path in (tmp_path / "catalog").rglob("*.parquet"))
    assert names == files
    assert alike(catalog.load("BTCUSDT", timeframe), given)


def test_adding_again_writes_nothing(catalog, tmp_path):
    given = bars(50_000)
    catalog.add(given, venue="v")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*") if path.is_file()}
    again = catalog.add(given, venue="v", source="another name")
    part = catalog.add(given[100:200], venue="v")
    assert (again.rows_new, again.rows_same) == (0, 50_000)
    assert (part.rows_new, part.rows_same) == (0, 100)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*") if path.is_file()} == before


def test_an_import_that_overlaps_adds_what_is_new(catalog):
    given = bars(3_000)
    catalog.add(given[1_000:2_000], venue="v")
    added = catalog.add(given[:1_500], venue="v")
    assert (added.rows_new, added.rows_same) == (1_000, 500)
    catalog.add(given[1_900:], venue="v")
    assert alike(catalog.load("BTCUSDT", "1m"), given)


def test_a_revision_is_reported_and_the_stored_value_stays(catalog):
    given = bars(10)
    catalog.add(given, venue="v")
    close, volume = given.close.copy(), given.volume.copy()
    close[3], volume[3], volume[7] = given.close[3] + 0.5, 77, 78
    changed = Bars(given.time, given.open, given.high, given.low, close, volume, "BTCUSDT", "1m", "vendor")
    added = catalog.add(changed, venue="v")
    assert (added.rows_new, added.rows_same, added.rows_revised, added.revised) == (0, 8, 2, False)
    told = {(one.time, one.column, one.old, one.new) for one in added.revisions}
    assert told == {
        (given.time[3], "close", given.close[3], close[3]),
        (given.time[3], "volume", given.volume[3], 77),
        (given.time[7], "volume", given.volume[7], 78),
    }
    assert "the stored values were kept" in str(added)
    assert "revise=True" in str(added)
    assert alike(catalog.load("BTCUSDT", "1m"), given)
    hash_before = catalog.entry("BTCUSDT", "1m").hash
    assert catalog.add(changed, venue="v").rows_revised == 2
    kept = catalog.revisions("BTCUSDT", "1m")
    assert kept["column"].to_list() == ["close", "volume", "volume"]
    assert kept["taken"].to_list() == [False] * 3
    assert kept["source"].to_list() == ["vendor"] * 3
    assert catalog.add(replace(changed, source="another vendor"), venue="v").rows_revised == 2
    assert len(catalog.revisions("BTCUSDT", "1m")) == 3, "the same difference is kept once"
    assert catalog.entry("BTCUSDT", "1m").hash == hash_before
    taken = catalog.add(changed, venue="v", revise=True)
    assert taken.revised
    assert alike(catalog.load("BTCUSDT", "1m"), changed)
    assert catalog.revisions("BTCUSDT", "1m")["taken"].sum() == 3
    assert catalog.add(changed, venue="v", revise=True).rows_same == 10


def test_a_range_is_a_slice(catalog):
    given = bars(100_000)
    catalog.add(given, venue="v")
    start, end = MONDAY + 31 * DAY, MONDAY + 33 * DAY
    expected = given[31 * 1_440 : 33 * 1_440]
    utc = datetime.UTC
    for one, other in [
        (start, end),
        ("2024-02-01", "2024-02-03"),
        ("2024-02", "2024-02-03T00:00Z"),
        ("2024-02-01T02:00+02:00", datetime.datetime(2024, 2, 3, tzinfo=utc)),
        (datetime.date(2024, 2, 1), np.datetime64("2024-02-03")),
    ]:
        assert alike(catalog.load("BTCUSDT", "1m", start=one, end=other), expected)


def test_a_range_reads_only_its_files(catalog, tmp_path):
    given = bars(100_000)
    catalog.add(given, venue="v")
    next(tmp_path.rglob("2024-01.*")).unlink()
    assert len(catalog.load("BTCUSDT", "1m", start="2024-02")) == 100_000 - 31 * 1_440
    with pytest.raises(DataError, match=r"2024-01\.\w+\.\w+\.parquet is missing\. Import"):
        catalog.load("BTCUSDT", "1m")


def test_longer_bars_are_made_of_the_longest_that_are_stored(catalog):
    catalog.add(bars(100_000), venue="v")
    catalog.add(bars(6_667, "15m", 15 * MINUTE), venue="v")
    found = catalog.load("BTCUSDT", "1h")
    assert found.source.endswith("resampled from 15m")
    assert (found.timeframe, len(found)) == ("1h", 1_666)
    assert catalog.load("BTCUSDT", "5m").source.endswith("resampled from 1m")
    with pytest.raises(DataError, match="has no closed bar of 1M from 2024-03-01"):
        catalog.load("BTCUSDT", "1M", start="2024-03")  # March is not over


def test_longer_bars_are_made_of_those_that_reach_the_furthest(catalog):
    catalog.add(bars(10 * 1_440), venue="v")
    whole = catalog.load("BTCUSDT", "4h")
    catalog.add(bars(24, "1h", HOUR), venue="v")  # of the first day alone
    found = catalog.load("BTCUSDT", "4h")
    assert found.source.endswith("resampled from 1m")
    assert found.time.tolist() == whole.time.tolist()
    later = catalog.load("BTCUSDT", "4h", start="2024-01-05", end="2024-01-06T01:00")
    assert (len(later), later.source[-2:]) == (7, "1m")
    first = catalog.load("BTCUSDT", "4h", end="2024-01-02")
    assert (len(first), first.source[-2:]) == (6, "1h"), "as much as the minutes, and longer"


def test_a_part_is_resampled_like_the_whole(catalog):
    time = MONDAY + MINUTE * np.delete(np.arange(1_000), np.r_[55:65, 118:120, 300:420])
    catalog.add(bars_at(time), venue="v")
    whole = catalog.load("BTCUSDT", "1h")
    assert whole.time[-1] == MONDAY + 15 * HOUR  # 16:40 is the end, so the bar of 16:00 is not closed
    for start in range(0, 900, 17):
        for end in range(start + 61, 1_000, 83):
            one, other = MONDAY + start * MINUTE, MONDAY + end * MINUTE
            rows = (whole.time >= one) & (whole.time < other)
            if rows.any():
                found = catalog.load("BTCUSDT", "1h", start=one, end=other)
                assert found.time.tolist() == whole.time[rows].tolist()
                assert found.volume.tolist() == whole.volume[rows].tolist()
            else:
                with pytest.raises(DataError):
                    catalog.load("BTCUSDT", "1h", start=one, end=other)


def test_bars_are_aligned_to_a_session(catalog):
    session = Session("America/New_York", "09:30", "16:00", (1, 2, 3, 4, 5))
    catalog.add(bars(14 * 1_440, "1m"), venue="v")
    catalog.add(bars(14 * 24, "1h", HOUR), venue="v")
    whole = catalog.load("BTCUSDT", "1h", session=session)
    assert whole.source.endswith("resampled from 1m"), "the stored hours begin at the hour"
    opens = MONDAY + 14 * HOUR + 30 * MINUTE
    assert whole.time[:8].tolist() == [*(opens + np.arange(7) * HOUR).tolist(), opens + DAY]
    assert len(whole) == 70
    for start in range(0, 9 * 24, 7):
        one, other = MONDAY + start * HOUR, MONDAY + (start + 40) * HOUR + 17 * MINUTE
        rows = (whole.time >= one) & (whole.time < other)
        if rows.any():
            found = catalog.load("BTCUSDT", "1h", start=one, end=other, session=session)
            assert found.time.tolist() == whole.time[rows].tolist()
            assert found.volume.tolist() == whole.volume[rows].tolist()


def test_what_is_not_there_is_said(catalog):
    with pytest.raises(UsageError, match="has no BTCUSDT 1m: it is empty"):
        catalog.load("BTCUSDT", "1m")
    catalog.add(bars(100), venue="binance")
    catalog.add(bars(100), venue="kraken")
    catalog.add(bars(100, symbol="ETHUSDT", timeframe="1h", step=HOUR), venue="kraken")
    with pytest.raises(UsageError, match=r"Did you mean BTCUSDT 1m \(binance\), BTCUSDT 1m \(kraken\)\?"):
        catalog.load("BTCUSD", "1m")
    with pytest.raises(UsageError, match=r"has no ETHUSDT 1m\. Did you mean ETHUSDT 1h \(kraken\)\?"):
        catalog.load("ETHUSDT", "1m")
    with pytest.raises(UsageError, match=r"has no ZZZ 1m\. It has BTCUSDT 1m \(binance\), "):
        catalog.load("ZZZ", "1m")
    with pytest.raises(UsageError, match="is there from binance and kraken: say which with venue='binance'"):
        catalog.load("BTCUSDT", "1m")
    with pytest.raises(UsageError, match="is there from binance and kraken"):
        catalog.load("BTCUSDT", "5m")
    with pytest.raises(UsageError, match="at okx"):
        catalog.load("BTCUSDT", "1m", venue="okx")
    with pytest.raises(
        DataError, match=r"from 2025-01-01T00:00:00Z until the end: it reaches from 2024-01-01"
    ):
        catalog.load("ETHUSDT", "1h", start="2025")
    with pytest.raises(UsageError, match="is not before end"):
        catalog.load("ETHUSDT", "1h", start="2025", end="2024")
    with pytest.raises(UsageError, match="timeframe '1x'"):
        catalog.load("ETHUSDT", "1x")


@pytest.mark.parametrize(
    ("data", "said", "match"),
    [
        (bars(5), {"adjustment": "adjusted"}, "are raw, and these are adjusted"),
        (bars(5, has_volume=False), {}, "has volume, and these bars have none"),
        (bars(5), {"format": "mapped"}, "stored as 'parquet'"),
        (bars(5), {"convention": "close"}, "is when a bar opens"),
        (bars(5), {"adjustment": "mended"}, "is not one of 'raw'"),
        (bars(5), {"format": "csv"}, "'parquet' or 'mapped'"),
        (bars(5, timeframe=""), {}, "how long a bar"),
        (bars(5, symbol=""), {}, "which symbol"),
        (bars(5), {"venue": ""}, "need a name"),
        ([1, 2], {}, "not list"),
    ],
)
def test_what_cannot_be_one_series_is_refused(catalog, data, said, match):
    catalog.add(bars(5), venue="v", adjustment="raw")
    before = catalog.series()
    with pytest.raises(UsageError, match=match):
        catalog.add(data, **{"venue": "v", "adjustment": "raw", **said})
    assert catalog.series() == before


@pytest.mark.parametrize(
    ("timeframe", "step", "shift"), [("1d", HOUR, 0), ("1h", HOUR, HOUR // 2), ("1M", DAY, 0)]
)
def test_bars_that_lie_in_each_other_are_refused(catalog, timeframe, step, shift):
    if shift:
        catalog.add(bars(48, timeframe, step), venue="v")
    before = catalog.series()
    given = bars(48, timeframe, step)
    with pytest.raises(UsageError, match=f"bars of {timeframe} cannot be so close. Say the right timeframe="):
        catalog.add(replace(given, time=given.time + shift), venue="v")
    assert catalog.series() == before


def test_a_day_may_be_an_hour_shorter_and_an_hour_cut(catalog):
    catalog.add(bars_at(MONDAY + HOUR * np.array([0, 24, 47, 71]), "1d"), venue="v")
    catalog.add(bars_at(MONDAY + MINUTE * np.array([0, 60, 90, 150, 210]), "1h"), venue="v")
    assert [entry.rows for entry in catalog.series()] == [5, 4]


def test_wrong_bars_are_refused(catalog):
    wrong = bars(5)
    backwards = Bars(wrong.time[::-1], *(getattr(wrong, name) for name in wrong.columns[1:]), "X", "1m")
    with pytest.raises(DataError, match="earlier than"):
        catalog.add(backwards, venue="v")
    high = wrong.low - 1
    with pytest.raises(DataError, match="below low"):
        catalog.add(
            Bars(wrong.time, wrong.open, high, wrong.low, wrong.close, wrong.volume, "X", "1m"), venue="v"
        )
    assert catalog.series() == ()


def test_rare_columns_join_a_series(catalog):
    rate = np.linspace(-0.01, 0.01, 100)
    catalog.add(bars(50_000), venue="v")
    added = catalog.add(bars(100, funding=rate), venue="v", revise=True)
    assert added.rows_revised == 100
    found = catalog.load("BTCUSDT", "1m")
    assert found.columns[-1] == "funding"
    assert found.funding[:100].tobytes() == rate.tobytes()
    assert np.isnan(found.funding[100:]).all()
    # Bars that say nothing about funding contradict nothing.
    assert catalog.add(bars(50_000), venue="v").rows_same == 50_000
    assert catalog.verify() == ()


def test_trades_and_books_are_kept_like_bars(catalog, tmp_path):
    catalog.add(trades(500), venue="v")
    catalog.add(books(100), venue="v")
    catalog.add(bars(10), venue="v")
    assert alike(catalog.trades("BTCUSDT"), trades(500))
    assert alike(catalog.books("BTCUSDT"), books(100))
    assert [entry.timeframe for entry in catalog.series()] == ["books", "trades", "1m"]
    day = catalog.trades("BTCUSDT", start="2024-01-02", end="2024-01-03")
    assert len(day) == 168
    assert len(catalog.books("BTCUSDT", end="2024-01-02")) == 24
    with pytest.raises(UsageError, match="3 levels a side, and these books 2"):
        catalog.add(books(10, depth=2), venue="v")
    assert catalog.verify() == ()
    for ending in ("csv", "parquet", "jsonl"):
        assert catalog.export("BTCUSDT", "trades", tmp_path / f"t.{ending}").rows == 500
        assert catalog.export("BTCUSDT", "books", tmp_path / f"b.{ending}").rows == 100


def test_wrong_trades_and_books_are_refused(catalog):
    some = trades(5)
    price = np.where(np.arange(5) == 2, np.nan, some.price)
    with pytest.raises(DataError, match=r"row 3 .*: price nan is no number\. Drop the row"):
        catalog.add(replace(some, price=price), venue="v")
    with pytest.raises(DataError, match=r"row 2: .* is earlier than .* before it\. Sort them by time"):
        catalog.add(replace(some, time=some.time[::-1]), venue="v")
    twice = books(5)
    with pytest.raises(DataError, match="keep the last of each time"):
        catalog.add(replace(twice, time=np.full(5, MONDAY)), venue="v")
    assert catalog.series() == ()


def test_nothing_adds_nothing(catalog, tmp_path):
    assert catalog.add(bars(5)[:0], venue="v").entry is None
    assert not (tmp_path / "catalog/v").exists()
    catalog.add(bars(5), venue="v")
    assert catalog.add(bars(5)[:0], venue="v").entry.rows == 5


def test_trades_are_known_by_their_number(catalog):
    catalog.add(trades(300), venue="v")
    again = catalog.add(trades(400)[200:], venue="v")
    assert (again.rows_new, again.rows_same) == (100, 100)
    moved = trades(1, start=MONDAY + 40 * DAY, first_number=17)
    added = catalog.add(moved, venue="v")
    assert (added.rows_new, added.rows_revised) == (0, 1)
    assert {one.column for one in added.revisions} >= {"time"}
    assert {one.number for one in added.revisions} == {17}
    assert alike(catalog.trades("BTCUSDT"), trades(400))
    catalog.add(moved, venue="v", revise=True)
    found = catalog.trades("BTCUSDT")
    assert (len(found), found.number[-1], found.time[-1]) == (400, 17, moved.time[0])
    assert catalog.verify() == ()


def test_trades_without_a_number_are_counted(catalog):
    some = trades(10, first_number=-1)
    twice = type(some)(
        *(np.repeat(getattr(some, name), 2) for name in ("time", "price", "quantity", "side", "number")),
        "BTCUSDT",
    )
    assert catalog.add(some, venue="v").rows_new == 10
    added = catalog.add(twice, venue="v")
    assert (added.rows_new, added.rows_same) == (10, 10)
    assert catalog.add(some, venue="v").rows_same == 10
    assert alike(catalog.trades("BTCUSDT"), twice)


def test_a_mapped_series_is_read_without_copying(catalog):
    given = bars(20_000, funding=np.full(20_000, np.nan))
    catalog.add(given[:15_000], venue="v", format="mapped")
    before = catalog.load("BTCUSDT", "1m")
    catalog.add(given[10_000:], venue="v")
    assert alike(before, given[:15_000]), "what was loaded before stays"
    found = catalog.load("BTCUSDT", "1m")
    assert alike(found, given)
    assert isinstance(_owner(found.close), np.memmap)
    assert catalog.entry("BTCUSDT", "1m").files == 1
    assert catalog.verify() == ()
    assert alike(catalog.load("BTCUSDT", "1m", start="2024-01-02", end="2024-01-03"), given[1_440:2_880])


def _owner(column):
    while not isinstance(column, np.memmap):
        column = column.base
    return column


def test_rejects_are_kept_aside(catalog):
    rows = ({"row": 3, "fault": "ohlc", "raw": "1,2,3"}, {"row": 9, "fault": "bad_time", "raw": "x"})
    added = catalog.add(bars(10), venue="v", source="file.csv", rejects=rows)
    assert added.rejects == 2
    catalog.add(bars(10), venue="v", source="file.csv", rejects=rows)
    assert [one["row"] for one in catalog.rejects("BTCUSDT", "1m")] == [3, 9]
    assert catalog.entry("BTCUSDT", "1m").rejects == 2
    assert catalog.verify() == ()


def test_removing_leaves_nothing(catalog, tmp_path):
    catalog.add(bars(50_000), venue="v")
    catalog.add(bars(10, symbol="ETH"), venue="v")
    assert catalog.remove("BTCUSDT", "1m").rows == 50_000
    assert [entry.symbol for entry in catalog.series()] == ["ETH"]
    assert not (tmp_path / "catalog/v/BTCUSDT").exists()
    with pytest.raises(UsageError):
        catalog.remove("BTCUSDT", "1m")


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_an_export_can_be_read_again(catalog, tmp_path, ending):
    given = bars(1_000, funding=np.where(np.arange(1_000) % 480 == 0, 1e-4, np.nan))
    catalog.add(given, venue="v")
    path = tmp_path / f"BTCUSDT_1m.{ending}"
    exported = catalog.export("BTCUSDT", "1m", path, start="2024-01-01T01:00")
    assert (exported.rows, exported.path) == (940, path)
    read = eyas.bars(
        pl.read_ndjson(path, infer_schema_length=None) if ending == "jsonl" else path,
        symbol="BTCUSDT",
        timeframe="1m",
    )
    assert alike(read, given[60:])
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [path.name]


def test_an_export_that_cannot_be_is_refused(catalog, tmp_path):
    catalog.add(bars(10), venue="v")
    with pytest.raises(UsageError, match=r"use \.csv, \.parquet, \.jsonl"):
        catalog.export("BTCUSDT", "1m", tmp_path / "x.xls")
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DataError, match="cannot be written"):
        catalog.export("BTCUSDT", "1m", tmp_path / "taken/x.csv")


def test_the_place_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("EYAS_CATALOG", str(tmp_path / "here"))
    Catalog().add(bars(10), venue="v")
    assert len(load("BTCUSDT", "1m")) == 10
    assert (tmp_path / "here/v/BTCUSDT/1m/manifest.json").exists()
    monkeypatch.delenv("EYAS_CATALOG")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Catalog().store.name == str(tmp_path / "data/eyas/catalog")
    assert not (tmp_path / "data").exists(), "looking makes nothing"
    assert Catalog().series() == ()
    with pytest.raises(UsageError, match="a folder, a URL"):
        Catalog(3)


def test_the_manifest_is_json_that_a_person_can_read(catalog, tmp_path):
    catalog.add(bars(50_000), venue="v", source="a file", adjustment="raw")
    said = json.loads((tmp_path / "catalog/v/BTCUSDT/1m/manifest.json").read_text())
    assert said["format"] == 1
    assert said["total"]["rows"] == 50_000
    assert [part["period"] for part in said["parts"]] == ["2024-01", "2024-02"]
    assert said["sources"][0]["name"] == "a file"
    frame = pl.read_parquet(tmp_path / "catalog/v/BTCUSDT/1m" / said["parts"][0]["file"])
    assert frame.schema["time"] == pl.Datetime("ns", "UTC")
