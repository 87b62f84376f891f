"""Trades and order books are read as leniently as bars, from any table that holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from eyas.data.catalog import Catalog
from eyas.data.reading import read_books, read_trades
from eyas.errors import DataError
from eyas.model import iso

NAN = float("nan")
SIDES = (("bid", 10.0), ("bid", 9.0), ("ask", 11.0), ("ask", 12.0))


@pytest.mark.parametrize(
    ("header", "sides"),
    [
        ("time,price,quantity,side", ("buy", "sell", "")),
        ("timestamp,price,qty,Side", ("B", "S", "unknown")),
        ("ts,p,size,taker_side", ("BUY", "Ask", "none")),
        ("date,px,amount,direction", ("1", "-1", "0")),
    ],
)
def test_trades_under_many_names(tmp_path: Path, header: str, sides: tuple[str, str, str]) -> None:
    path = tmp_path / "BTC-USD_trades.csv"
    path.write_text(
        header + "".join(f"\n170000000{at},10.5,{at + 1},{side}" for at, side in enumerate(sides))
    )
    found = read_trades(path)
    assert found.trades.side.tolist() == [1, -1, 0]
    assert found.trades.quantity.tolist() == [1.0, 2.0, 3.0]
    assert (found.trades.symbol, found.counts, found.kept) == ("BTC-USD", {}, 3)


def test_a_buyer_who_was_the_maker_sold_to(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"time": [1700000000, 1700000001], "price": [1.0, 2.0], "qty": [3, 4], "m": [True, False]}
    )
    assert read_trades(frame).trades.side.tolist() == [-1, 1]
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ndjson(tmp_path / "a.jsonl")
    for name in ("a.parquet", "a.jsonl"):
        assert read_trades(tmp_path / name).trades.side.tolist() == [-1, 1]


def test_bad_trades_are_put_aside_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = ["1700000000,10,1,buy", "1700000001,0,1,buy", "1700000001,10,0,buy", "1700000001,10,1,perhaps"]
    path.write_text("\n".join(["time,price,qty,side", *rows, "1700000001,ten,1,buy", "1700000002,11,1,sell"]))
    found = read_trades(path)
    assert [(one.line, one.fault) for one in found.rejects] == [
        (3, "not_above_zero"), (4, "quantity"), (5, "side"), (6, "not_a_number"),
    ]  # fmt: skip
    assert found.rejects[2].sentence == (
        "side is 'perhaps', which is neither buy nor sell. Correct it or drop the row."
    )
    assert found.trades.price.tolist() == [10.0, 11.0]
    with pytest.raises(DataError, match=r"t\.csv row 2 \(line 3, .*price 0 is not above zero"):
        read_trades(path, strict=True)


def test_trades_that_come_again_are_one_and_times_may_repeat() -> None:
    trades = {
        "id": [5, 6, 6, 7, 7, 8],
        "time": [1700000001, 1700000001, 1700000001, 1700000000, 1700000000, 1700000001],
        "price": [1.0, 2, 2, 3, 4, 5],
        "qty": [1.0, 1, 1, 1, 1, 1],
    }
    found = read_trades(trades)
    assert dict(found.counts) == {"conflicting": 1, "duplicate": 1, "out_of_order": 2}
    assert found.trades.number.tolist() == [7, 5, 6, 8]
    assert found.trades.price.tolist() == [4.0, 1.0, 2.0, 5.0]
    assert (found.rejects[0].row, found.rejects[0].fault) == (4, "conflicting")
    huge = read_trades({"id": [2**62 + 1, 2**62 + 2], "time": [1700000000] * 2, "p": [1, 1], "q": [1, 1]})
    assert huge.trades.number.tolist() == [2**62 + 1, 2**62 + 2]
    unnumbered = read_trades({"time": [1700000000] * 2, "p": [1, 1], "q": [1, 1]})
    assert (len(unnumbered.trades), unnumbered.trades.number.tolist()) == (2, [-1, -1])


def test_trades_without_a_number_in_files_that_overlap_come_once(tmp_path: Path) -> None:
    lines = ["1700000000,10,1\n", "1700000001,10,1\n", "1700000001,10,1\n", "1700000002,11,2\n"]
    (tmp_path / "XBT_1.csv").write_text("time,price,quantity\n" + "".join(lines[:3]))
    (tmp_path / "XBT_2.csv").write_text("time,price,quantity\n" + "".join(lines[1:]))
    found = read_trades(tmp_path)
    assert [time % 10**10 // 10**9 for time in found.trades.time.tolist()] == [0, 1, 1, 2]
    assert (found.counts, found.rejects) == ({"duplicate": 2}, ())
    assert len(read_trades(tmp_path / "XBT_1.csv").trades) == 3


def test_long_numbers_of_trades_keep_their_end_beside_trades_without_one(tmp_path: Path) -> None:
    (tmp_path / "BTC_1.csv").write_text("id,time,price,qty\n1234567890123456789,1700000000,10,1\n")
    (tmp_path / "BTC_2.csv").write_text("time,price,qty\n1700000001,10,1\n")
    assert read_trades(tmp_path).trades.number.tolist() == [1234567890123456789, -1]


def test_books_with_a_row_for_each_level() -> None:
    rows = [
        (1700000000, "bid", 10.0, 1.0), (1700000000, "bid", 10.5, 2.0), (1700000000, "ask", 11.0, 3.0),
        (1700000001, "sell", 11.5, 5.0), (1700000001, "Buy", 10.0, 4.0), (1700000001, "ask", 11.0, 0.0),
    ]  # fmt: skip
    frame = pl.DataFrame(rows, orient="row", schema=["time", "side", "price", "size"])
    found = read_books(frame, symbol="BTCUSDT")
    books = found.books
    assert (len(books), books.depth, books.symbol) == (2, 2, "BTCUSDT")
    assert np.array_equal(books.bid_price, [[10.5, 10.0], [10.0, NAN]], equal_nan=True)
    assert np.array_equal(books.bid_quantity, [[2.0, 1.0], [4.0, NAN]], equal_nan=True)
    assert np.array_equal(books.ask_price, [[11.0, NAN], [11.5, NAN]], equal_nan=True)
    assert [(one.row, one.fault) for one in found.rejects] == [(6, "quantity")]


def test_files_that_overlap_give_each_level_once(tmp_path: Path) -> None:
    header, level = "time,side,price,qty\n", "{},{},{},{}\n"
    rows = [(1_700_000_000 + time, side, price, 1 + time) for time in range(3) for side, price in SIDES]
    for name, part in (("BTC_1.csv", rows[:8]), ("BTC_2.csv", rows[4:])):
        (tmp_path / name).write_text(header + "".join(level.format(*row) for row in part))
    found = read_books(tmp_path)
    assert found.books.depth == 2
    assert found.books.bid_price.tolist() == [[10.0, 9.0]] * 3
    assert found.books.ask_quantity.tolist() == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    assert found.notes == ("4 levels came again in their snapshot: the last of each was kept",)


def test_the_changes_of_a_book_are_no_snapshots() -> None:
    changes = {
        "time": np.arange(200) // 4 + 1_700_000_000,
        "side": ["bid", "ask"] * 100,
        "price": [10.0, 11.0] * 100,
        "qty": [0.0, *[1.0] * 9] * 20,
    }
    with pytest.raises(DataError, match=r"20 of 200 rows have the quantity 0.*apply them to a snapshot"):
        read_books(changes)
    some = {**changes, "qty": [0.0, *[1.0] * 39] * 5}
    assert read_books(some).counts == {"quantity": 5}


@pytest.mark.parametrize(
    "names",
    [
        ("bid_price_0", "bid_qty_0", "ask_price_0", "ask_qty_0", "bid_price_1", "bid_qty_1"),
        (
            "bids[0].price",
            "bids[0].amount",
            "asks[0].price",
            "asks[0].amount",
            "bids[1].price",
            "bids[1].amount",
        ),
        ("bid_px_00", "bid_sz_00", "ask_px_00", "ask_sz_00", "bid_px_01", "bid_sz_01"),
        ("bid1_price", "bid1_size", "ask1_price", "ask1_size", "bid2_price", "bid2_size"),
    ],
)
def test_books_with_a_row_for_each_snapshot(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = tmp_path / "book.csv"
    text = ",".join(("timestamp", *names)) + "\n1700000000,10,1,11,2,9,3\n1700000001,10,1,11,2,,\n"
    path.write_text(text + "1700000002,12,1,11,2,9,3\n1700000003,x,1,11,2,9,3\n")
    found = read_books(path)
    assert np.array_equal(found.books.bid_price, [[10, 9], [10, NAN]], equal_nan=True)
    assert np.array_equal(found.books.ask_quantity, [[2, NAN], [2, NAN]], equal_nan=True)
    assert [(one.line, one.fault) for one in found.rejects] == [(4, "crossed"), (5, "not_a_number")]


def test_best_quotes_come_when_they_were_received() -> None:
    quotes = {
        "update_id": [1, 2],
        "best_bid_price": [10.0, 10.5],
        "best_bid_qty": [1.0, 2],
        "best_ask_price": [11.0, 11.5],
        "best_ask_qty": [3.0, 4],
        "transaction_time": [1700000000000, 1700000001000],
        "local_timestamp": [1700000000250, 1700000001250],
    }
    found = read_books(quotes)
    assert [iso(time) for time in found.books.time] == ["2023-11-14T22:13:20.25Z", "2023-11-14T22:13:21.25Z"]
    assert found.books.bid_price.tolist() == [[10.0], [10.5]]
    with pytest.raises(DataError, match=r"is no order book: it needs the columns side, price and quantity"):
        read_books({"time": [1], "price": [2], "qty": [3]})


def test_of_quotes_with_one_time_the_last_is_the_one_that_was_known(tmp_path: Path) -> None:
    ticks = {"time": [5, 6, 6, 6, 7], "bid": [1.0, 2.0, 3.0, 4.0, 5.0], "ask": [9.0] * 5}
    ticks["time"] = [1_700_000_000 + second for second in ticks["time"]]
    found = read_books(ticks, symbol="EURUSD")
    assert (found.rows, found.kept, found.rejects) == (5, 3, ())
    assert found.books.bid_price[:, 0].tolist() == [1.0, 4.0, 5.0]
    assert found.notes == ("2 snapshots have the time of the one after them: the last of each was kept",)
    assert Catalog(tmp_path).add(found.books, venue="oanda").rows_new == 3


def test_the_ticks_of_histdata_are_quotes(tmp_path: Path) -> None:
    path = tmp_path / "DAT_ASCII_EURUSD_T_201701.csv"
    path.write_text("20170102 020000003,1.05155,1.05160,0\n20170102 020000503,1.05150,1.05140,0\n")
    found = read_books(path)
    assert (found.dialect, found.books.symbol, found.time_zone) == ("histdata-ticks", "EURUSD", "-05:00")
    assert iso(found.books.time[0]) == "2017-01-02T07:00:00.003Z"
    assert found.books.ask_price.tolist() == [[1.05160]]
    assert [(one.line, one.fault) for one in found.rejects] == [(2, "crossed")]
