"""Files come into a catalog series by series, and what is not good is kept where it can be found."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest

from eyas.data.catalog import Catalog
from eyas.data.importing import import_files
from eyas.errors import DataError, UsageError

FORMATS = Path(__file__).parent / "reading" / "formats"
HEADER = "time,open,high,low,close,volume\n"
GOOD = "".join(f"2024-01-{day:02},10,12,9,11,{day}\n" for day in range(1, 6))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog")


def folder(tmp_path: Path, **files: str) -> Path:
    """Return a new folder with files in it."""
    made = tmp_path / "files"
    made.mkdir()
    for name, text in files.items():
        (made / f"{name}.csv").write_text(text)
    return made


def test_monthly_zips_of_two_symbols_are_two_series(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path)
    for name in ("BTCUSDT-1h-2024-12-31", "BTCUSDT-1h-2025-01-01", "ETHUSDT-1m-2024-03"):
        with zipfile.ZipFile(source / f"{name}.zip", "w") as archive:
            archive.write(FORMATS / f"{name}.csv", f"{name}.csv")
    told: list[tuple[int, int, str]] = []
    found = import_files(source, catalog, progress=lambda *state: told.append(state))
    assert [entry.name for entry in catalog.series()] == [
        "BTCUSDT 1h (binance)",
        "ETHUSDT 1m (binance-futures)",
    ]
    assert (found.rows_read, found.rows_new, found.rows_same, found.rejects) == (6, 6, 0, ())
    assert catalog.entry("BTCUSDT", "1h").adjustment == "raw"
    assert told == [
        (0, 3, "BTCUSDT-1h-2024-12-31.zip"),
        (1, 3, "BTCUSDT-1h-2025-01-01.zip"),
        (2, 3, "ETHUSDT-1m-2024-03.zip"),
        (3, 3, ""),
    ]
    again = import_files(source, catalog)
    assert (again.rows_new, again.rows_same) == (0, 6)
    assert "2 series: 6 rows read, 0 new, 6 there already, 0 differ" in repr(again)


def test_rejects_are_kept_in_the_catalog_and_in_a_file(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path, ACME_1d=f"{HEADER}{GOOD}2024-01-08,x,12,9,11,5\n", EMPTY_1d="")
    found = import_files(source, catalog, venue="test", rejects=tmp_path / "rejects.csv")
    assert [(one.fault, one.line) for one in found.rejects] == [("file", 0), ("not_a_number", 7)]
    (kept,) = catalog.rejects("ACME", "1d")
    assert (kept["line"], kept["raw"]) == (7, "2024-01-08,x,12,9,11,5")
    with (tmp_path / "rejects.csv").open(newline="") as file:
        assert [one["fault"] for one in csv.DictReader(file)] == ["file", "not_a_number"]
    assert repr(found).splitlines() == [
        "ACME 1d (test): 5 new, 0 there already, 1 rejected; 6 read, 1 put aside (usual)",
        f"{source}/EMPTY_1d.csv is empty. It needs a header and a row for each bar.",
        f"2 put aside: they are in {tmp_path}/rejects.csv",
    ]


def test_strict_stops_at_the_first_bad_row(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path, ACME_1d=f"{HEADER}{GOOD}2024-01-08,x,12,9,11,5\n")
    with pytest.raises(DataError, match=r"ACME_1d\.csv row 6 \(line 7, 2024-01-08T00:00:00Z\): open is 'x'"):
        import_files(source, catalog, venue="test", strict=True)
    assert catalog.series() == ()


def test_other_values_are_revisions(tmp_path: Path, catalog: Catalog) -> None:
    import_files(folder(tmp_path, ACME_1d=HEADER + GOOD), catalog, venue="test")
    (tmp_path / "files" / "ACME_1d.csv").write_text(HEADER + GOOD.replace(",11,3", ",11.5,3"))
    found = import_files(tmp_path / "files", catalog, venue="test")
    assert (found.rows_same, found.rows_revised) == (4, 1)
    assert catalog.load("ACME", "1d").close[2] == 11.0
    import_files(tmp_path / "files", catalog, venue="test", revise=True)
    assert catalog.load("ACME", "1d").close[2] == 11.5


def test_one_table_of_many_symbols(tmp_path: Path, catalog: Catalog) -> None:
    found = import_files(FORMATS / "alpaca_bars.json", catalog, timeframe="1d")
    assert [entry.name for entry in catalog.series()] == ["AAPL 1d (alpaca)", "MSFT 1d (alpaca)"]
    assert found.rows_new == 3
    frame = pl.DataFrame(
        {
            "symbol": ["B", "A", "B"],
            "time": ["2024-01-01", "2024-01-01", "2024-01-02"],
            **{name: [1.0, 2.0, -3.0] for name in ("open", "high", "low", "close")},
        }
    )
    found = import_files(frame, catalog, venue="test", timeframe="1d")
    assert [(one.reading.bars.symbol, len(one.reading.bars)) for one in found.series] == [("A", 1), ("B", 1)]
    assert [(one.row, one.fault) for one in found.rejects] == [(3, "not_above_zero")]


def test_what_no_file_tells_must_be_said(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path, prices=HEADER + GOOD)
    with pytest.raises(UsageError, match=r"prices\.csv does not say whose prices it holds\. Say symbol=\."):
        import_files(source, catalog, venue="test")
    with pytest.raises(
        UsageError, match=r"prices\.csv does not say which venue its prices are of\. Say venue=\."
    ):
        import_files(source, catalog, symbol="ACME")
    import_files(source, catalog, symbol="ACME", venue="test")
    assert [entry.name for entry in catalog.series()] == ["ACME 1d (test)"]
    (source / "OTHER_1d.csv").write_text(HEADER + GOOD)
    found = import_files(source, catalog, venue="test")
    assert [entry.symbol for entry in catalog.series()] == ["ACME", "OTHER"]
    assert [one.sentence for one in found.lost] == [
        f"{source}/prices.csv does not say whose prices it holds. Say symbol=."
    ]


def test_files_without_a_name_are_not_one_series(tmp_path: Path, catalog: Catalog) -> None:
    other = GOOD.replace("2024-01-0", "2024-02-0")
    source = folder(tmp_path, ACME_1d=HEADER + GOOD, my_prices=HEADER + GOOD, my_others=HEADER + other)
    found = import_files(source, catalog, venue="test")
    assert [entry.rows for entry in catalog.series()] == [5]
    assert [one.sentence for one in found.lost] == [
        f"{source}/my_{name}.csv does not say whose prices it holds. Say symbol=."
        for name in ("others", "prices")
    ]
    assert import_files(source / "my_*.csv", catalog, venue="test", symbol="MINE").rows_new == 10


def test_a_missing_venue_stops_no_other(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path, ACME_1d=HEADER + GOOD, XBTUSD_1440="1704067200,10,12,9,11,5,7\n")
    found = import_files(source, catalog)
    assert [entry.name for entry in catalog.series()] == ["XBTUSD 1d (kraken)"]
    assert [one.sentence for one in found.lost] == [
        f"{source}/ACME_1d.csv does not say which venue its prices are of. Say venue=."
    ]


def test_rows_that_come_twice_are_told(tmp_path: Path, catalog: Catalog) -> None:
    found = import_files(folder(tmp_path, ACME_1d=HEADER + GOOD + GOOD), catalog, venue="test")
    told = "ACME 1d (test): 5 new, 0 there already; 10 read, 5 the same twice, 0 put aside (usual)"
    assert repr(found) == told


def test_one_of_several_symbols_can_be_chosen(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path, ACME_1d=HEADER + GOOD, OTHER_1d=HEADER + GOOD)
    import_files(source, catalog, venue="test", symbol="OTHER")
    assert [entry.symbol for entry in catalog.series()] == ["OTHER"]
    with pytest.raises(UsageError, match=r"none of the files is of XYZ: they are of ACME, OTHER\."):
        import_files(source, catalog, venue="test", symbol="XYZ")


def test_a_folder_of_freqtrade(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path)
    (source / "futures").mkdir()
    shutil.copy(FORMATS / "BTC_USDT-1h.json", source)
    for kind in ("futures", "mark", "funding_rate"):
        shutil.copy(FORMATS / "BTC_USDT-1h.json", source / "futures" / f"BTC_USDT_USDT-1h-{kind}.json")
    found = import_files(source, catalog, venue="binance")
    symbols = {entry.symbol for entry in catalog.series()}
    assert symbols == {"BTC/USDT", "BTC/USDT:USDT", "BTC/USDT:USDT mark"}
    assert [one.fault for one in found.lost] == ["file"]


def test_who_knows_how_prices_are_adjusted_can_say_so(tmp_path: Path, catalog: Catalog) -> None:
    source = folder(tmp_path, ACME_1d=HEADER + GOOD)
    said = {"venue": "test", "adjustment": "raw", "format": "mapped"}
    assert import_files(source, catalog, **said).rows_new == 5
    entry = catalog.entry("ACME", "1d")
    assert (entry.adjustment, entry.format) == ("raw", "mapped")
    with pytest.raises(UsageError, match="say adjustment='raw'"):
        import_files(source, catalog, venue="test")
    assert import_files(source, catalog, venue="test", adjustment="raw").rows_same == 5


def test_two_bars_do_not_tell_how_long_one_lasts(tmp_path: Path, catalog: Catalog) -> None:
    rows = "2024-01-05,10,12,9,11,1\n2024-01-08,10,12,9,11,1\n"
    source = folder(tmp_path, ACME=HEADER + rows)
    with pytest.raises(UsageError, match="two bars, too few to tell"):
        import_files(source / "ACME.csv", catalog, venue="test")
    assert import_files(source / "ACME.csv", catalog, venue="test", timeframe="1d").rows_new == 2
    assert [entry.name for entry in catalog.series()] == ["ACME 1d (test)"]


def test_spot_and_futures_of_one_name_are_two_series(tmp_path: Path, catalog: Catalog) -> None:
    row = "1704067200000,10,12,9,11,5,1704070799999,1,1,1,1,0\n"
    names = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    for market, text in (("spot", row), ("futures", f"{names}taker_buy_quote_volume,ignore\n{row}")):
        (tmp_path / "files" / market).mkdir(parents=True)
        (tmp_path / "files" / market / "BTCUSDT-1h-2024-01.csv").write_text(text)
    assert import_files(tmp_path / "files", catalog).rows_new == 2
    assert [entry.name for entry in catalog.series()] == [
        "BTCUSDT 1h (binance)",
        "BTCUSDT 1h (binance-futures)",
    ]


def test_a_bar_that_is_still_forming_is_left_for_the_next_import(tmp_path: Path, catalog: Catalog) -> None:
    today = dt.datetime.now(dt.UTC).replace(tzinfo=None).date()
    days = [today - dt.timedelta(days=3 - count) for count in range(5)]  # until tomorrow: no clock races this
    source = folder(tmp_path, ACME_1d=HEADER + "".join(f"{day},10,12,9,11,1\n" for day in days))
    found = import_files(source, catalog, venue="test")
    assert found.rows_new in (3, 4)
    assert f"{5 - found.rows_new} not over yet and left out" in repr(found)
    assert catalog.entry("ACME", "1d").rows == found.rows_new


def test_another_spelling_of_a_timeframe_is_no_other_series(tmp_path: Path, catalog: Catalog) -> None:
    lines = [f"2024-01-01 {hour:02}:00,10,12,9,11,1" for hour in range(6)]
    for name, part in (("BTCUSDT_60m.csv", lines[:4]), ("BTCUSDT_1h.csv", lines[3:])):
        (tmp_path / name).write_text("time,open,high,low,close,volume\n" + "\n".join(part) + "\n")
    done = import_files([tmp_path / "BTCUSDT_60m.csv", tmp_path / "BTCUSDT_1h.csv"], catalog, venue="v")
    assert [(one.timeframe, one.rows) for one in catalog.series()] == [("1h", 6)]
    assert len(done.series) == 1, "both files say the same series"
    chosen = import_files(tmp_path / "BTCUSDT_60m.csv", catalog, venue="v", timeframe="60m")
    assert chosen.rows_same == 4
