"""Files come into a catalog series by series, and what is not good is kept where it can be found."""

from __future__ import annotations

import csv
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
    assert [entry.name for entry in catalog.series()] == ["BTCUSDT 1h (binance)", "ETHUSDT 1m (binance)"]
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
