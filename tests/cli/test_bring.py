"""`eyas data import` and `eyas data download` bring data in, and keep what came when they are stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import eyas
from eyas.data.catalog import Catalog
from eyas.data.reading import kinds
from eyas.feeds import sources
from eyas.feeds.sources import Named
from eyas.model import Bars
from tests.cli.commands import Run

FORMATS = Path(__file__).parents[1] / "data" / "reading" / "formats"
HOUR_S = 3600
GOOD = "time,open,high,low,close,volume\n2024-01-01,10,12,9,11,5\n2024-01-02,11,13,10,12,6\n"
BAD = f"{GOOD}2024-01-03,12,11,10,12,5\n2024-01-04,x,13,10,12,5\n2024-01-05,12,13,11,12,5\n"


@pytest.fixture
def catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    monkeypatch.setenv("EYAS_CATALOG", str(folder / "catalog"))
    return Catalog()


def write(path: str, bars: Bars) -> None:
    pl.DataFrame({name: getattr(bars, name) for name in bars.columns}).write_csv(path)


def test_a_file_is_imported_once(run: Run, catalog: Catalog) -> None:
    write("BTCUSDT_1m.csv", eyas.sample("BTCUSDT", "1m"))
    result = run("data", "import", "BTCUSDT_1m.csv", "--venue", "binance")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("BTCUSDT 1m (binance): 10,080 new, 0 there already")
    again = json.loads(run("data", "import", "BTCUSDT_1m.csv", "--venue", "binance", "--json").out)
    assert (again["rows_new"], again["rows_same"], again["error"]) == (0, 10_080, None)
    assert run("data", "import", "BTCUSDT_1m.csv", "--venue", "binance", "--quiet").out == ""
    assert len(catalog.load("BTCUSDT", "1m")) == 10_080


def test_a_bad_row_stops_nothing_and_is_told(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(BAD)
    result = run("data", "import", "ACME_1d.csv", "--venue", "made", "--rejects", "bad.csv")
    assert result.code == 0
    assert "3 new" in result.out
    assert "Put aside: 2 rows (ohlc 1, not_a_number 1); all are in bad.csv" in result.out
    assert "ACME_1d.csv row 3 (line 4): " in result.out
    assert Path("bad.csv").read_text().count("\n") == 3
    assert len(catalog.load("ACME", "1d")) == 3
    without = run("data", "import", "ACME_1d.csv", "--venue", "made")
    assert "--rejects FILE.csv writes them out" in without.out


def test_strict_stops_at_the_first_bad_row(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(BAD)
    result = run("data", "import", "ACME_1d.csv", "--venue", "made", "--strict")
    assert (result.code, result.out) == (2, "")
    assert "ACME_1d.csv row 3 (line 4, 2024-01-03T00:00:00Z): " in result.err
    assert catalog.series() == ()


def test_revisions_are_taken_only_when_asked(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(GOOD)
    run("data", "import", "ACME_1d.csv", "--venue", "made")
    Path("ACME_1d.csv").write_text(GOOD.replace(",12,6", ",12.5,6"))
    kept = run("data", "import", "ACME_1d.csv", "--venue", "made")
    assert "1 differ: the stored values were kept. To take the new values, add them with --revise" in kept.out
    assert catalog.load("ACME", "1d").close[1] == 12
    assert (
        "the new values were taken" in run("data", "import", "ACME_1d.csv", "--venue", "made", "--revise").out
    )
    assert catalog.load("ACME", "1d").close[1] == 12.5


def test_a_file_without_a_good_row_is_told_to_a_script_too(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(GOOD.replace("2024-01-0", "01/02/200"))
    result = run("data", "import", "ACME_1d.csv", "--venue", "made")
    assert result.code == 2
    assert "ACME 1d: nothing to add; 2 read, 2 put aside" in result.out
    assert catalog.series() == ()


def test_notes_speak_of_options(run: Run, catalog: Catalog) -> None:
    assert run("data", "import", str(FORMATS / "EURUSD60.csv"), "--venue", "made").code == 0
    said = run("data", "import", str(FORMATS / "EURUSD60.csv"), "--venue", "made").out
    assert "Say --time-zone if the server runs on another" in said
    assert len(catalog.series()) == 1


def test_what_is_known_better_of_the_prices_is_said(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(GOOD)
    run("data", "import", "ACME_1d.csv", "--venue", "made", "--adjustment", "raw")
    assert catalog.entry("ACME", "1d").adjustment == "raw"
    refused = run("data", "import", "ACME_1d.csv", "--venue", "made")
    assert (refused.code, "say --adjustment raw" in refused.err) == (2, True), refused.err
    assert run("data", "import", "ACME_1d.csv", "--venue", "made", "--adjustment", "half").code == 2


def test_a_series_is_stored_as_was_asked(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(GOOD)
    assert run("data", "import", "ACME_1d.csv", "--venue", "made", "--format", "mapped").code == 0
    assert catalog.entry("ACME", "1d").format == "mapped"
    wrong = run("data", "import", "ACME_1d.csv", "--venue", "other", "--format", "csv")
    assert wrong.code == 2
    assert "mapped" in wrong.err


def test_a_file_that_cannot_be_read_stops_no_other(run: Run, catalog: Catalog) -> None:
    Path("ACME_1d.csv").write_text(GOOD)
    Path("OTHER_1d.csv").write_text("nothing of use\n")
    result = run("data", "import", "ACME_1d.csv", "OTHER_1d.csv", "--venue", "made")
    assert result.code == 2, "it is told to a script too"
    assert "ACME 1d (made): 2 new" in result.out
    assert "Not read: OTHER_1d.csv: " in result.out
    said = json.loads(run("data", "import", "ACME_1d.csv", "OTHER_1d.csv", "--venue", "made", "--json").out)
    assert [one["file"] for one in said["lost"]] == ["OTHER_1d.csv"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import"], "Missing argument 'FILE'"),
        (["import", "missing.csv", "--venue", "x"], "there is no file missing.csv"),
        (["import", "ACME_1d.csv"], "does not say which venue its prices are of. Say --venue."),
        (["import", "ACME_1d.csv", "--venue", "x", "--time-zone", "Mars/Base"], "Mars/Base"),
        (["import", "ACME_1d.csv", "--venue", "x", "--dialect", "excel"], "excel"),
        (["import", "ACME_1d.csv", "--venue", "x", "--stamp", "middle"], "middle"),
        (
            ["import", "ACME_1d.csv", "--venue", "x", "--rejects", "bad.txt"],
            "--rejects bad.txt must end in .csv",
        ),
        (
            ["import", "ACME_1d.csv", "--venue", "x", "--rejects", "ACME_1d.csv"],
            "is a file that this run reads",
        ),
        (["import", "ACME_1d.csv", "--venue", "x", "--catalog", "cross.py/in"], "Not a directory"),
        (["download", "A", "1h"], "Missing option"),
        (["download", "A", "1h", "--source", "nowhere", "--start", "2024"], "there is no source 'nowhere'"),
        (["download", "A", "1h", "--source", "ccxt:mtgox", "--start", "2024"], "mtgox"),
        (["download", "A", "1x", "--source", "alpaca", "--start", "2024"], "1x"),
        (["download", "A", "1h", "--source", "alpaca", "--start", "once"], "--start once is no time"),
        (
            ["download", "A", "1h", "--source", "alpaca", "--start", "2024", "--option", "feed"],
            "--option feed is not",
        ),
    ],
)
def test_wrong_input_gets_a_sentence(run: Run, catalog: Catalog, arguments: list[str], sentence: str) -> None:
    Path("ACME_1d.csv").write_text(GOOD)
    before = set(Path().iterdir())
    result = run("data", *arguments)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert set(Path().iterdir()) == before


def test_an_interrupted_import_keeps_what_was_added(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ACME", "BETA", "CARS"):
        Path(f"{name}_1d.csv").write_text(GOOD)
    really = kinds.open_path

    def stopped(path: Path, *arguments: Any) -> Any:
        if path.name.startswith("CARS"):
            raise KeyboardInterrupt
        return really(path, *arguments)

    monkeypatch.setattr(kinds, "open_path", stopped)
    result = run("data", "import", "ACME_1d.csv", "BETA_1d.csv", "CARS_1d.csv", "--venue", "made")
    assert result.code == 130
    assert result.err == (
        "Interrupted: at file 2 of 3; what was added is kept; import the same again and the rest is added\n"
    )
    assert [one.symbol for one in catalog.series()] == ["ACME", "BETA"]


def source_that(act: Callable[[int], None]) -> Callable[[str, dict[str, Any]], Named]:
    """Return a finder of sources that finds one of hourly bars, which does something before each page."""
    pages = []

    def ask(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> list[list[float]]:
        pages.append(start_ns)
        act(len(pages))
        first = -(-start_ns // (HOUR_S * 10**9))
        return [[hour * HOUR_S, 10, 12, 9, 11, 5] for hour in range(first, first + limit)]

    return lambda name, options: Named(ask, name, options.get("venue", "made"), 100)


DOWNLOAD = (
    "data",
    "download",
    "ACME",
    "1h",
    "--source",
    "ccxt:made",
    "--start",
    "2024-01-01",
    "--end",
    "2024-02-01",
)


def test_history_is_downloaded_and_goes_on(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_by_name", source_that(lambda _: None))
    result = run(*DOWNLOAD)
    assert (result.code, result.err) == (0, "")
    assert "ACME 1h (made) from ccxt:made: 744 new bars, 8 requests" in result.out
    again = json.loads(run(*DOWNLOAD, "--json").out)
    assert run(*DOWNLOAD, "--again", "--adjustment", "raw").code == 2, "one series has one adjustment"
    assert (again["download"]["rows_new"], again["download"]["requests"]) == (0, 0)
    assert len(catalog.load("ACME", "1h")) == 744


def test_an_interrupted_download_keeps_what_came(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(page: int) -> None:
        if page == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(sources, "_by_name", source_that(interrupt))
    result = run(*DOWNLOAD)
    assert result.code == 130
    assert "Interrupted: ACME 1h from 2024-01-01T00:00:00Z" in result.err
    assert "200 new bars are stored" in result.err
    assert "Repeat the download and it goes on from there." in result.err
    assert len(catalog.load("ACME", "1h")) == 200
    rest = run(*DOWNLOAD)
    assert "544 new bars, 6 requests" in rest.out


def test_the_options_of_a_client_have_types(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def by_name(name: str, options: dict[str, Any]) -> Named:
        given.update(options)
        return source_that(lambda _: None)(name, {})

    monkeypatch.setattr(sources, "_by_name", by_name)
    options = ("timeout=5000", "enableRateLimit=false", "feed=iex", "apiKey=123456789012")
    run(*DOWNLOAD, *(part for option in options for part in ("--option", option)))
    assert given == {"timeout": 5000, "enableRateLimit": False, "feed": "iex", "apiKey": "123456789012"}
