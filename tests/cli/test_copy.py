"""`eyas data copy` takes bars into a database and back, and nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import eyas
from eyas.data import Database
from eyas.data.catalog import Catalog
from eyas.ticks import Trades
from tests.cli.commands import Run

DAILY = eyas.sample("AAPL", "1d")
FILE = "sqlite:///bars.db"


@pytest.fixture
def catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    monkeypatch.setenv("EYAS_CATALOG", str(folder / "catalog"))
    made = Catalog()
    made.add(DAILY, venue="nasdaq", adjustment="raw")
    made.add(eyas.sample("EURUSD", "1h")[:100], venue="made")
    made.add(Trades(DAILY.time[:1], [5], [1], [1], [1], symbol="AAPL"), venue="nasdaq")
    return made


def test_all_bars_go_there_and_come_back(run: Run, catalog: Catalog) -> None:
    result = run("data", "copy", "--to", FILE)
    assert (result.code, result.err) == (0, "")
    assert {line.partition(":")[0] for line in result.out.splitlines()} == {
        "AAPL 1d (nasdaq)", "EURUSD 1h (made)",
    }  # fmt: skip
    again = json.loads(run("data", "copy", "--to", FILE, "--json").out)
    assert sorted((one["rows_new"], one["rows_same"]) for one in again["copied"]) == [(0, 100), (0, 252)]
    back = run("data", "copy", "AAPL:1d@nasdaq", "--from", FILE, "--catalog", "other")
    assert back.out.startswith("AAPL 1d (nasdaq): 252 new")
    other = Catalog("other")
    assert [one.name for one in other.series()] == ["AAPL 1d (nasdaq)"]
    assert other.entry("AAPL", "1d").hash == catalog.entry("AAPL", "1d").hash
    assert other.entry("AAPL", "1d").adjustment == "raw"


def test_tables_of_klines_know_no_venue(run: Run, catalog: Catalog) -> None:
    there = ("--to", FILE, "--layout", "kline")
    assert run("data", "copy", "EURUSD:1h", *there).code == 0
    assert len(Database(FILE, layout="kline").load("EURUSD", "1h")) == 100
    back = ("--from", FILE, "--layout", "kline", "--catalog", "other")
    refused = run("data", "copy", *back)
    assert (refused.code, "Say --venue." in refused.err) == (2, True)
    assert run("data", "copy", *back, "--venue", "made").code == 0
    close = Catalog("other").load("EURUSD", "1h").close
    assert np.array_equal(close, catalog.load("EURUSD", "1h").close)


def test_what_a_table_does_not_say_of_its_prices_can_be_said(run: Run, catalog: Catalog) -> None:
    there = ("--layout", "kline", "--venue", "nasdaq")
    assert run("data", "copy", "AAPL:1d", "--to", FILE, *there).code == 0
    refused = run("data", "copy", "--from", FILE, *there)
    assert (refused.code, "--adjustment raw" in refused.err) == (2, True)
    done = run("data", "copy", "--from", FILE, *there, "--adjustment", "raw")
    assert (done.code, done.out.startswith("AAPL 1d (nasdaq): 0 new, 252 there already")) == (0, True)


def test_new_values_are_taken_only_when_asked(run: Run, catalog: Catalog) -> None:
    run("data", "copy", "AAPL:1d", "--to", FILE)
    changed = eyas.bars(
        {name: getattr(DAILY, name) + (name == "volume") for name in DAILY.columns}, symbol="AAPL"
    )
    catalog.add(changed, venue="nasdaq", timeframe="1d", adjustment="raw", revise=True)
    kept = run("data", "copy", "AAPL:1d", "--to", FILE)
    assert "252 differ: the stored values were kept" in kept.out
    assert "add them with --revise" in kept.out
    assert "the new values were taken" in run("data", "copy", "AAPL:1d", "--to", FILE, "--revise").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "give --from or --to, the one that is a database"),
        (["--from", FILE, "--to", FILE], "give --from or --to"),
        (["--to", "mysql://x"], "mysql"),
        (["--to", FILE, "--layout", "wide"], "--layout wide is not one of"),
        (["AAPL:1h", "--to", FILE], "AAPL"),
        (["AAPL:trades", "--to", FILE], "are no bars, and a database keeps bars"),
        (["AAPL", "--to", FILE], "'AAPL' is not a series such as BTCUSDT:1h"),
        (["--to", FILE, "--catalog", "nothing"], "holds no bars to copy"),
    ],
)
def test_wrong_input_gets_a_sentence(run: Run, catalog: Catalog, arguments: list[str], sentence: str) -> None:
    result = run("data", "copy", *arguments)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
