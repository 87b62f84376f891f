"""SQL over everything in a catalog."""

from __future__ import annotations

import sys

import polars as pl
import pytest

from eyas.errors import UsageError
from tests.data.catalog.made import HOUR, bars, books, trades


@pytest.fixture
def filled(catalog):
    catalog.add(bars(50_000), venue="binance")
    catalog.add(bars(100, "1h", HOUR, symbol='O\'Neil "x"'), venue="nyse", format="mapped")
    catalog.add(bars(100, symbol="F", funding=bars(100).open / 1e6), venue="binance")
    catalog.add(trades(500), venue="binance")
    return catalog


def test_all_series_are_one_table(filled):
    found = filled.sql(
        "SELECT venue, symbol, timeframe, count(*) AS rows, max(high) AS high, count(funding) AS funding "
        "FROM bars GROUP BY ALL ORDER BY rows DESC, symbol"
    )
    assert found.rows() == [
        ("binance", "BTCUSDT", "1m", 50_000, bars(50_000).high.max(), 0),
        ("binance", "F", "1m", 100, bars(100).high.max(), 100),
        ("nyse", 'O\'Neil "x"', "1h", 100, bars(100, step=HOUR).high.max(), 0),
    ]


def test_times_are_times(filled):
    found = filled.sql(
        "SELECT time FROM bars WHERE symbol = 'F' AND time >= '2024-01-01 01:38:00+00' ORDER BY time"
    )
    assert found.schema["time"] == pl.Datetime("us", "UTC")
    assert found["time"].to_physical().to_list() == (bars(100).time[98:] // 1_000).tolist()
    days = filled.sql(
        "SELECT date_trunc('day', time) AS day, count(*) FROM bars WHERE timeframe = '1h' GROUP BY 1"
    )
    assert min(days.rows())[1] == 24


def test_trades_and_books_are_tables_too(filled):
    assert filled.sql("SELECT sum(quantity) AS q FROM trades")["q"].to_list() == [trades(500).quantity.sum()]
    assert filled.sql("SELECT * FROM books").is_empty()
    filled.add(books(20), venue="v")
    assert filled.sql("SELECT max(ask_price_3) AS best FROM books")["best"].to_list() == [160.0]


def test_an_empty_catalog_has_empty_tables(catalog):
    assert catalog.sql("SELECT close FROM bars").is_empty()
    assert not (catalog.store.root).exists()


@pytest.mark.parametrize(
    "query", ["SELEKT", "SELECT x FROM bars", "DROP VIEW bars", "CREATE TABLE t (a INT)", ""]
)
def test_what_is_no_question_is_refused(filled, query):
    with pytest.raises(UsageError, match="the query"):
        filled.sql(query)


def test_results_keep_their_types(filled):
    found = filled.sql(
        "SELECT 1 AS a, 2 AS a, NULL AS nothing, symbol, [1.5] AS list, time "
        "FROM bars WHERE symbol = 'F' LIMIT 2 -- two"
    )
    assert found.schema["list"] == pl.List(pl.Decimal(2, 1))
    assert found.schema["time"] == pl.Datetime("us", "UTC")
    assert found.shape == (2, 6)
    with pytest.raises(UsageError, match="cast an INTERVAL to TEXT"):
        filled.sql("SELECT INTERVAL 1 DAY AS day")


def test_without_the_extra_it_says_which(filled, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"needs the extra: pip install 'eyas\[sql\]'"):
        filled.sql("SELECT 1")
