"""No name makes a statement: it is kept as it is, or refused with a reason."""

from __future__ import annotations

import pytest

from eyas.data.database import Database
from eyas.data.database.names import series_of, table_of
from eyas.errors import UsageError
from tests.data.database.made import made, same

HOSTILE = [
    "x; drop table eyas_bars",
    "x'); DELETE FROM eyas_series; --",
    'say "hi"',
    "../../etc/passwd",
    "%s %(venue)s ?1 :name",
    "Ünïcödé ₿ 漢字",
    "BTC/USDT:USDT",
    "back\\slash",
    "$$;select 1$$",
    "A" * 200,
]


def test_any_name_is_only_a_name(url: str) -> None:
    database = Database(url)
    database.add(made(3))
    for rows, name in enumerate(HOSTILE, start=1):
        database.add(made(rows), symbol=name, venue=name)
    for rows, name in enumerate(HOSTILE, start=1):
        assert same(database.load(name, "1m", venue=name), made(rows))
    assert len(database.series()) == len(HOSTILE) + 1
    for rows, name in enumerate(HOSTILE, start=1):
        assert database.remove(name, "1m").rows == rows
    assert same(database.load("BTCUSDT", "1m"), made(3))
    assert [entry.rows for entry in database.series()] == [3]


def test_a_table_of_klines_has_a_plain_name(url: str) -> None:
    database = Database(url, layout="kline")
    database.add(made(3))
    for name in [*HOSTILE, "btcusdt", "_X", "A" * 41, "A\n", "É"]:
        with pytest.raises(UsageError, match="cannot name a table of klines"):
            database.add(made(3), symbol=name)
        with pytest.raises(UsageError, match="cannot name a table of klines"):
            database.load(name, "1m")
    assert same(database.load("BTCUSDT", "1m"), made(3))
    assert len(database.series()) == 1


@pytest.mark.parametrize("name", ["A" * 201, "A\x00B", "A\nB", " A", "\ud800"])
def test_names_that_would_not_come_back_are_refused(name: str) -> None:
    for given in ({"symbol": name}, {"venue": name}):
        with pytest.raises(UsageError, match=r"use at most 200|cannot be seen"):
            Database("sqlite:///never-made.db").add(made(3), **given)


@pytest.mark.parametrize("timeframe", ["", "7", "1x", "1M; drop table x", "0m", "99999m", "1mo"])
def test_a_timeframe_is_a_number_and_a_unit(timeframe: str) -> None:
    with pytest.raises(UsageError, match="timeframe"):
        Database("sqlite:///never-made.db", layout="kline").add(made(3, timeframe=timeframe))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "1INCHUSDT", "BTC_240628", "A_1M", "A" * 40])
@pytest.mark.parametrize("timeframe", ["1s", "1m", "4h", "1d", "1w", "1M", "12M", "9999m"])
def test_a_name_of_a_table_can_be_read_back(symbol: str, timeframe: str) -> None:
    table = table_of(symbol, timeframe)
    assert series_of(table) == (symbol, timeframe)
    assert table == table.lower()
    assert len(table) <= 63, "PostgreSQL cuts longer names"
