"""Tables of klines are those of four-seeds §3.7, also when another program made them."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from eyas.data.database import Database
from eyas.errors import DataError, UsageError
from tests.data.database.made import START_NS, made, same
from tests.postgresql import Server

COLUMNS = {
    "open_time": "bigint",
    **dict.fromkeys(("open_price", "high_price", "low_price", "close_price", "base_volume"), "numeric(20,8)"),
    "close_time": "bigint",
    "quote_volume": "numeric(20,8)",
    "trades_count": "integer",
    **dict.fromkeys(("taker_buy_base_volume", "taker_buy_quote_volume"), "numeric(20,8)"),
    "reserved": "text",
}
# As seed 003 has it, and stricter: nothing may be empty.
NEEDED = ", ".join(f"{name} {kind} NOT NULL" for name, kind in COLUMNS.items())
STRICT = f"CREATE TABLE t_kline_btcusdt_1m ({NEEDED}, PRIMARY KEY (open_time))"


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_the_table_is_that_of_the_specification(postgresql: str, postgresql_server: Server) -> None:
    Database(postgresql, layout="kline").add(made(1, timeframe="1M"))
    columns = postgresql_server.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 't_kline_btcusdt_1mo'::regclass AND attnum > 0",
        name_of(postgresql),
    )
    assert dict(columns) == COLUMNS
    indexes = postgresql_server.execute(
        "SELECT indexdef FROM pg_indexes WHERE tablename = 't_kline_btcusdt_1mo'", name_of(postgresql)
    )
    assert sorted(str(one[0]).rpartition(" ")[2] for one in indexes) == ["(close_time)", "(open_time)"]


def test_times_are_milliseconds_and_a_kline_closes_one_before_the_next(
    postgresql: str, postgresql_server: Server
) -> None:
    Database(postgresql, layout="kline").add(made(1))
    rows = postgresql_server.execute("SELECT * FROM t_kline_btcusdt_1m", name_of(postgresql))
    opened, *numbers = rows[0]
    start = START_NS // 10**6
    assert opened == start
    assert [str(one) for one in numbers] == [
        "99.80000000", "100.25000000", "99.55000000", "100.00000000", "2.00000000", str(start + 59_999),
        "None", "None", "None", "None", "None",
    ]  # fmt: skip


def test_the_table_of_another_program_is_filled_and_kept(postgresql: str, postgresql_server: Server) -> None:
    name = name_of(postgresql)
    postgresql_server.execute(STRICT, name)
    database = Database(postgresql, layout="kline")
    database.add(made(3))
    postgresql_server.execute("UPDATE t_kline_btcusdt_1m SET quote_volume = 7, trades_count = 9", name)
    assert database.add(made(3, volume=np.ones(3)), revise=True).rows_revised == 3
    rows = postgresql_server.execute(
        "SELECT quote_volume, trades_count, base_volume FROM t_kline_btcusdt_1m", name
    )
    assert {tuple(map(int, row)) for row in rows} == {(7, 9, 1)}, "what eyas does not know of is kept"
    assert same(database.load("BTCUSDT", "1m"), made(3, volume=np.ones(3)))


def test_a_table_with_other_columns_is_refused(postgresql: str, postgresql_server: Server) -> None:
    postgresql_server.execute("CREATE TABLE t_kline_btcusdt_1m (open_time bigint)", name_of(postgresql))
    with pytest.raises(DataError, match="t_kline_btcusdt_1m has no column open_price"):
        Database(postgresql, layout="kline").add(made(3))


def test_klines_that_no_market_makes_are_found_when_read(postgresql: str, postgresql_server: Server) -> None:
    database = Database(postgresql, layout="kline")
    database.add(made(3))
    postgresql_server.execute(
        "UPDATE t_kline_btcusdt_1m SET low_price = NULL WHERE open_time % 120000 <> 0", name_of(postgresql)
    )
    with pytest.raises(DataError, match=r"row 2 \(2024-01-01T00:01:00Z\): low is missing") as caught:
        database.load("BTCUSDT", "1m")
    assert "BTCUSDT 1m of PostgreSQL at 127.0.0.1" in str(caught.value)


def test_sqlite_keeps_decimals_as_text(tmp_path: object) -> None:
    path = f"{tmp_path}/bars.db"
    Database(f"sqlite:///{path}", layout="kline").add(made(1))
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT open_price, base_volume FROM t_kline_btcusdt_1m").fetchall()
    connection.close()
    assert rows == [("99.80000000", "2.00000000")]


def test_numbers_that_are_no_decimals_are_shown(tmp_path: object) -> None:
    path = f"{tmp_path}/bars.db"
    database = Database(f"sqlite:///{path}", layout="kline")
    database.add(made(2))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE t_kline_btcusdt_1m SET open_price = 'ten' WHERE open_time % 120000 <> 0")
    connection.commit()
    connection.close()
    with pytest.raises(DataError, match=r"row 2 .*: open is 'ten', which is not a number"):
        database.load("BTCUSDT", "1m")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"close": np.array([99.9, 99.123456789, 99.9])},
            r"row 2 .*close 99.123456789 does not fit NUMERIC\(20,8\)",
        ),
        (
            {"volume": np.array([1e12, 1.0, 2e12])},
            "volume 1000000000000 does not fit .* One other|1 other rows",
        ),
        ({"time": START_NS + np.array([0, 1, 2])}, "row 2 .*klines have whole milliseconds"),
    ],
)
def test_what_a_kline_cannot_hold_is_refused(url: str, changes: dict[str, np.ndarray], said: str) -> None:
    wide = {"low": np.full(3, 90.0), "high": np.full(3, 110.0)}
    database = Database(url, layout="kline")
    database.add(made(1, symbol="OTHER"))
    with pytest.raises(DataError, match=said):
        database.add(made(3, **wide, **changes))
    assert [entry.symbol for entry in database.series()] == ["OTHER"]


def test_the_noise_of_a_sum_is_no_decimal(url: str) -> None:
    database = Database(url, layout="kline")
    database.add(made(1, volume=np.array([0.1 + 0.2])))
    assert database.load("BTCUSDT", "1m").volume[0] == 0.3
    assert database.add(made(1, volume=np.array([0.1 + 0.2]))).rows_same == 1


@pytest.mark.parametrize("name", ["given", "funding"])
def test_columns_that_a_kline_has_not_are_refused(url: str, name: str) -> None:
    with pytest.raises(UsageError, match=f"has no column for {name}"):
        Database(url, layout="kline").add(made(1, **{name: np.array([0.5])}))


def test_klines_have_no_venue(url: str) -> None:
    with pytest.raises(UsageError, match="has no venue: leave out venue='binance'"):
        Database(url, layout="kline").add(made(1), venue="binance")


def test_a_table_that_another_program_spelled_otherwise_is_used(
    postgresql: str, postgresql_server: Server
) -> None:
    name = name_of(postgresql)
    postgresql_server.execute(STRICT.replace("_1m", "_60m"), name)
    hours = made(3, time=START_NS + np.arange(3) * 3600 * 10**9, timeframe="1h")
    database = Database(postgresql, layout="kline")
    assert database.add(hours).rows_new == 3
    assert postgresql_server.execute("SELECT count(*) FROM t_kline_btcusdt_60m", name) == [(3,)]
    assert [one.timeframe for one in database.series()] == ["1h"]
    for spelled in ("1h", "60m"):
        assert same(database.load("BTCUSDT", spelled), hours)
    assert database.remove("BTCUSDT", "1h").rows == 3
    assert database.series() == ()
