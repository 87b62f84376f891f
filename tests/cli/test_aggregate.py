"""Trades and order books come into the catalog as bars do, and bars are made of stored trades."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.data import aggregate, import_files
from eyas.data.catalog import Catalog
from tests.cli.commands import Run

START_MS = 1_709_251_200_000  # 2024-03-01T00:00:00Z
BOOK = (
    "time,bid,bid_qty,ask,ask_qty\n1709251200,10,5,10.5,4\n1709251201,10,5,9.5,4\n1709251202,10.1,5,10.5,4\n"
)


def milliseconds(at: int) -> int:
    return START_MS + at * 10_000


def month(first: int, count: int, *, bad: int | None = None) -> str:
    """Return a dump of one trade every 10 seconds."""
    rows = [
        (at, -1 if at == bad else 100 + at % 7, 1 + at % 3, at, at, milliseconds(at), not at % 2, True)
        for at in range(first, first + count)
    ]
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.fixture
def catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    monkeypatch.setenv("EYAS_CATALOG", str(folder / "catalog"))
    Path("dumps").mkdir()
    with zipfile.ZipFile("dumps/ETHUSDT-aggTrades-2024-03.zip", "w") as packed:
        packed.writestr("ETHUSDT-aggTrades-2024-03.csv", month(0, 100, bad=50))
    # The second one overlaps the first, and the third is no table.
    Path("dumps/ETHUSDT-aggTrades-2024-04.csv").write_text(month(90, 100))
    return Catalog()


def test_trades_are_known_by_their_files(run: Run, catalog: Catalog) -> None:
    result = run("data", "import", "dumps", "--rejects", "bad.csv")
    assert (result.code, result.err) == (0, "")
    first, second, *_ = result.out.splitlines()
    assert first.startswith("ETHUSDT trades (binance): 99 new, 0 there already, 1 rejected; 100 read, ")
    assert second.startswith("ETHUSDT trades (binance): 90 new, 10 there already")
    assert "not_above_zero 1); all are in bad.csv" in result.out
    trades = catalog.trades("ETHUSDT")
    assert (len(trades), trades.side[:2].tolist()) == (189, [-1, 1])
    again = json.loads(run("data", "import", "dumps", "--json").out)
    assert (again["rows_new"], again["rows_same"]) == (0, 199)
    assert [(one["symbol"], one["timeframe"]) for one in again["series"]] == [("ETHUSDT", "trades")] * 2


def test_bars_and_trades_may_lie_side_by_side(run: Run, catalog: Catalog) -> None:
    bars = eyas.sample("BTCUSDT", "1m")
    pl.DataFrame({name: getattr(bars, name) for name in bars.columns}).write_csv("dumps/BTCUSDT_1m.csv")
    Path("dumps/ETHUSDT-aggTrades-2024-05.csv").write_text("nothing of use\n")
    result = run("data", "import", "dumps", "--venue", "binance")
    assert result.code == 2, "a file is lost, and stops no other"
    assert [one.name for one in catalog.series()] == ["BTCUSDT 1m (binance)", "ETHUSDT trades (binance)"]
    one = run("data", "import", "dumps", "--venue", "other", "--timeframe", "1m", "--quiet")
    assert one.code == 2
    assert [entry.name for entry in catalog.series(venue="other")] == ["BTCUSDT 1m (other)"]


def test_what_no_name_tells_is_said(run: Run, catalog: Catalog) -> None:
    Path("XBTUSD.csv").write_text("1709251200.5,100.5,2\n1709251201,100.5,x\n1709251201.25,101,1\n")
    said = ("--kind", "trades", "--dialect", "kraken-trades")
    result = run("data", "import", "XBTUSD.csv", *said)
    assert "XBTUSD trades (kraken): 2 new" in result.out
    assert run("data", "import", "XBTUSD.csv", "--dialect", "kraken-trades", "--quiet").code == 0
    Path("quotes.csv").write_text(BOOK)
    named = ("--venue", "made", "--symbol", "ACME")
    assert "ACME books (made): 2 new" in run("data", "import", "quotes.csv", "--kind", "books", *named).out
    assert catalog.books("ACME").bid_price[:, 0].tolist() == [10.0, 10.1]
    wrong = run("data", "import", "quotes.csv", *named)
    assert wrong.code == 2, "quotes are no bars"
    frame = {"time": [1709251200], "price": [5], "qty": [1]}
    done = import_files(frame, catalog, kind="trades", venue="made", symbol="ACME")
    assert done.rows_new == 1
    strict = run("data", "import", "XBTUSD.csv", *said, "--strict")
    assert (strict.code, "XBTUSD.csv row 2 (line 2" in strict.err) == (2, True)


def test_bars_are_made_of_trades(run: Run, catalog: Catalog) -> None:
    run("data", "import", "dumps")
    trades = catalog.trades("ETHUSDT")
    result = run("data", "aggregate", "ETHUSDT:trades", "--every", "1m")
    assert (result.code, result.out) == (0, "ETHUSDT 1m (binance): 31 new, 0 there already\n")
    stored, made = catalog.load("ETHUSDT", "1m"), aggregate(trades, every="1m")
    assert all(np.array_equal(getattr(stored, name), getattr(made, name)) for name in made.columns)
    run("data", "aggregate", "ETHUSDT:trades@binance", "--volume", "50", "--out", "volume.csv")
    assert len(pl.read_csv("volume.csv")) == len(aggregate(trades, volume=50))
    part = ("--start", "2024-03-01T00:05", "--end", "2024-03-01T00:15", "--json")
    plain = run("data", "aggregate", "ETHUSDT:trades", "--every", "5m", *part).out
    assert (json.loads(plain)["rows_new"], json.loads(plain)["error"]) == (1, None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["aggregate", "ETHUSDT:trades"],
            "give exactly one of --every, --ticks, --volume and --value, not none",
        ),
        (["aggregate", "ETHUSDT:trades", "--every", "1m", "--ticks", "5"], "not --every and --ticks"),
        (["aggregate", "ETHUSDT:trades", "--ticks", "5"], "write them with --out FILE"),
        (["aggregate", "ETHUSDT:trades", "--ticks", "0", "--out", "x.csv"], "ticks must be a whole number"),
        (["aggregate", "ETHUSDT:trades", "--every", "1d"], "close no bar"),
        (["aggregate", "ETHUSDT:trades", "--every", "1x"], "1x"),
        (
            ["aggregate", "ETHUSDT:1m", "--every", "1h"],
            "holds no trades: give a series such as ETHUSDT:trades",
        ),
        (["aggregate", "BTC:trades", "--every", "1h"], "no BTC trades"),
        (
            ["aggregate", "ETHUSDT:trades", "--every", "5m", "--start", "2024-03-01T00:01"],
            "lies in a bar of 5m: begin at 2024-03-01T00:00:00Z",
        ),
        (["import", "dumps", "--kind", "ticks"], "--kind ticks is not one of bars, trades, books"),
        (["import", "dumps", "--kind", "trades", "--timeframe", "1m"], "leave --timeframe out"),
        (["import", "dumps", "--kind", "trades", "--stamp", "close"], "leave --stamp out"),
    ],
)
def test_wrong_input_gets_a_sentence(run: Run, catalog: Catalog, arguments: list[str], sentence: str) -> None:
    run("data", "import", "dumps")
    result = run("data", *arguments)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
