"""Every vendor's format is known by itself and gives the bars that its file holds.

The files in formats/ are made after the vendors' own: their columns, their ways to write times, their names.
"""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from eyas.data.reading import DIALECTS, read, read_trades
from eyas.errors import DataError, UsageError
from eyas.model import Bars, iso

FORMATS = Path(__file__).parent / "formats"


def row(bars: Bars, at: int) -> tuple[Any, ...]:
    """Return a bar as its time and five numbers."""
    fields = ("open", "high", "low", "close", "volume")
    return (iso(bars.time[at]), *(float(getattr(bars, field)[at]) for field in fields))


SPOT_2024 = ("2024-12-31T22:00:00Z", 93488.83, 93599.99, 93388.84, 93488.84, 389.1223)
SPOT_2025 = ("2025-01-01T00:00:00Z", 93576.0, 94509.42, 93489.03, 94401.14, 755.99010)
EURUSD = (1.05155, 1.05197, 1.05155, 1.05190)
LATER = (1.05190, 1.05220, 1.05180, 1.05188)

KNOWN = {
    "BTCUSDT-1h-2024-12-31.csv": (
        "binance", "BTCUSDT", "1h", SPOT_2024,
        ("2024-12-31T23:00:00Z", 93488.84, 93692.45, 93460.0, 93576.0, 310.6554),
    ),
    "BTCUSDT-1h-2025-01-01.csv": (
        "binance", "BTCUSDT", "1h", SPOT_2025,
        ("2025-01-01T01:00:00Z", 94401.13, 94408.72, 93578.77, 93607.74, 586.53456),
    ),
    "ETHUSDT-1m-2024-03.csv": (
        "binance", "ETHUSDT", "1m", ("2024-03-01T00:00:00Z", 3340.09, 3342.78, 3337.5, 3338.34, 1632.283),
        ("2024-03-01T00:01:00Z", 3338.34, 3338.35, 3332.44, 3333.81, 2215.014),
    ),
    "AAPL.csv": (
        "yahoo", "AAPL", "4d",
        ("2020-08-27T00:00:00Z", 508.570007, 509.940002, 495.329987, 500.040009, 155552400.0),
        ("2020-08-31T00:00:00Z", 127.580002, 131.0, 126.0, 129.039993, 225702700.0),
    ),
    "alpaca_AAPL_1Day.csv": (
        "alpaca", "AAPL", "1d", ("2022-01-03T05:00:00Z", 177.83, 182.88, 177.71, 182.01, 104701220.0),
        ("2022-01-04T05:00:00Z", 182.63, 182.94, 179.12, 179.70, 99310438.0),
    ),
    "BINANCE_BTCUSDT, 60.csv": (
        "tradingview", "BTCUSDT", "1h",
        ("2024-01-01T00:00:00Z", 42283.58, 42554.57, 42261.02, 42475.23, 1271.68108),
        ("2024-01-01T01:00:00Z", 42475.23, 42775.0, 42431.65, 42613.56, 1196.37856),
    ),
    "NASDAQ_AAPL, 1D_3f2b1.csv": (
        "tradingview", "AAPL", "1d", ("2024-01-02T14:30:00Z", 187.15, 188.44, 183.885, 185.64, 82488674.0),
        ("2024-01-03T14:30:00Z", 184.22, 185.88, 183.43, 184.25, 58414461.0),
    ),
    # The server is on Eastern European time: in winter two hours ahead of UTC.
    "EURUSD60.csv": (
        "metatrader4", "EURUSD", "1h",
        ("2017-01-02T00:00:00Z", *EURUSD, 37.0), ("2017-01-02T01:00:00Z", *LATER, 52.0),
    ),
    "EURUSD_H1_201701020200_201701020300.csv": (
        "metatrader5", "EURUSD", "1h",
        ("2017-01-02T00:00:00Z", *EURUSD, 37.0), ("2017-01-02T01:00:00Z", *LATER, 52.0),
    ),
    # New York's winter time, all year: five hours behind UTC.
    "DAT_ASCII_EURUSD_M1_2017.csv": (
        "histdata", "EURUSD", "1m",
        ("2017-01-02T07:00:00Z", *EURUSD, 0.0), ("2017-01-02T07:01:00Z", *LATER, 0.0),
    ),
    "DAT_MT_EURUSD_M1_2017.csv": (
        "histdata-metatrader", "EURUSD", "1m",
        ("2017-01-02T07:00:00Z", *EURUSD, 0.0), ("2017-01-02T07:01:00Z", *LATER, 0.0),
    ),
    "XBTUSD_60.csv": (
        "kraken", "XBTUSD", "1h", ("2013-10-06T21:00:00Z", 122.0, 122.0, 122.0, 122.0, 0.1),
        ("2013-10-07T21:00:00Z", 123.61, 123.61, 123.61, 123.61, 0.1),
    ),
    # Summer time began between the two: 15:00 was 20:00 UTC, 9:00 is 13:00 UTC.
    "AAPL_full_1hour_adjsplitdiv.txt": (
        "firstrate", "AAPL", "1h", ("2024-03-08T20:00:00Z", 169.9, 170.1, 169.2, 170.0, 5400123.0),
        ("2024-03-11T13:00:00Z", 171.1, 172.0, 170.9, 171.5, 3100456.0),
    ),
    "BTC_USDT-1h.json": (
        "freqtrade", "BTC/USDT", "1h",
        ("2024-01-01T00:00:00Z", 42283.58, 42554.57, 42261.02, 42475.23, 1271.68108),
        ("2024-01-01T01:00:00Z", 42475.23, 42775.0, 42431.65, 42613.56, 1196.37856),
    ),
}  # fmt: skip


@pytest.mark.parametrize("file", KNOWN)
def test_a_file_is_known_by_itself(file: str) -> None:
    dialect, symbol, timeframe, first, last = KNOWN[file]
    found = read(FORMATS / file)
    assert (found.dialect, found.bars.symbol, found.bars.timeframe) == (dialect, symbol, timeframe)
    assert (row(found.bars, 0), row(found.bars, -1)) == (first, last)
    assert read(FORMATS / file, dialect=dialect).bars.time.tolist() == found.bars.time.tolist()


def test_every_vendor_has_a_sample() -> None:
    # These have a test of their own below, or in test_ticks.py.
    others = {"binance-trades", "binance-aggtrades", "kraken-trades", "histdata-ticks", "yfinance"}
    sampled = others | {"usual", "yahoo-adjusted"} | {dialect for dialect, *_ in KNOWN.values()}
    assert {dialect.name for dialect in DIALECTS} == sampled


def test_a_folder_of_monthly_zips_is_one_series(tmp_path: Path) -> None:
    for name in ("BTCUSDT-1h-2025-01-01", "BTCUSDT-1h-2024-12-31"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.write(FORMATS / f"{name}.csv", f"{name}.csv")
    (tmp_path / "BTCUSDT-1h-2025-01-01.zip.CHECKSUM").write_text("0 x")
    for source in (tmp_path, f"{tmp_path}/BTCUSDT-1h-*.zip", sorted(tmp_path.glob("*.zip"), reverse=True)):
        found = read(source)
        assert (found.rows, found.kept, dict(found.counts)) == (4, 4, {})
        assert (row(found.bars, 0), row(found.bars, 2)) == (SPOT_2024, SPOT_2025)
        assert (found.bars.symbol, found.bars.timeframe, found.adjustment) == ("BTCUSDT", "1h", "raw")


def test_dumps_in_milliseconds_and_microseconds_in_one_file(tmp_path: Path) -> None:
    both = [(FORMATS / f"BTCUSDT-1h-{day}.csv").read_text() for day in ("2024-12-31", "2025-01-01")]
    path = tmp_path / "all.csv"
    path.write_text("".join(both))
    found = read(path, symbol="BTCUSDT")
    assert (found.dialect, found.kept) == ("binance", 4)
    assert (row(found.bars, 0), row(found.bars, 2)) == (SPOT_2024, SPOT_2025)


def test_yahoo_with_raw_or_adjusted_prices() -> None:
    raw, adjusted = read(FORMATS / "AAPL.csv"), read(FORMATS / "AAPL.csv", dialect="yahoo-adjusted")
    assert [(reject.line, reject.fault) for reject in raw.rejects] == [(3, "missing")]
    assert [(reject.line, reject.fault) for reject in adjusted.rejects] == [(3, "missing")]
    assert (raw.adjustment, adjusted.adjustment) == ("unknown", "adjusted")
    factor = 486.297333 / 500.040009
    assert adjusted.bars.close[0] == 486.297333
    assert adjusted.bars.open[0] == pytest.approx(508.570007 * factor, rel=1e-12)
    assert adjusted.bars.high[0] == pytest.approx(509.940002 * factor, rel=1e-12)
    assert adjusted.bars.low[0] == pytest.approx(495.329987 * factor, rel=1e-12)
    assert adjusted.bars.volume[0] == raw.bars.volume[0]


def test_prices_that_are_the_close_stay_so_when_adjusted(tmp_path: Path) -> None:
    path = tmp_path / "A.csv"
    prices = [7.3e8 + step * 1.1e7 for step in range(20)]
    rows = [
        f"2020-01-{day:02}" + f",{price!r}" * 4 + f",{price / 3!r},1" for day, price in enumerate(prices, 1)
    ]
    path.write_text("Date,Open,High,Low,Close,Adj Close,Volume\n" + "\n".join(rows))
    found = read(path, dialect="yahoo-adjusted")
    for name in ("open", "high", "low"):
        assert np.array_equal(getattr(found.bars, name), found.bars.close)


def test_the_json_of_alpaca() -> None:
    path = FORMATS / "alpaca_bars.json"
    with pytest.raises(UsageError, match=r"rows of several symbols: AAPL, MSFT\. Say symbol=, or import"):
        read(path)
    found = read(path, symbol="AAPL")
    assert (found.dialect, found.rows, found.bars.symbol) == ("alpaca", 2, "AAPL")
    assert row(found.bars, 0) == ("2022-01-03T05:00:00Z", 177.83, 182.88, 177.71, 182.01, 104701220.0)
    assert found.bars.given is not None
    assert found.bars.given.tolist() == [180.989567, 180.392834]
    assert read(path, symbol="MSFT").bars.close.tolist() == [334.75]


def test_one_symbol_of_alpaca_and_its_stream(tmp_path: Path) -> None:
    bar = {"o": 1, "h": 2, "l": 1, "c": 2, "v": 5, "n": 3, "vw": 1.5, "t": "2022-01-03T05:00:00Z"}
    page, stream = tmp_path / "page.json", tmp_path / "stream.jsonl"
    page.write_text(json.dumps({"bars": [bar], "symbol": "AAPL", "next_page_token": None}))
    stream.write_text(json.dumps({"T": "b", "S": "AAPL", **bar}) + "\n")
    for path in (page, stream):
        found = read(path)
        assert (found.dialect, found.bars.symbol, found.bars.close.tolist()) == ("alpaca", "AAPL", [2.0])
    trade = {
        "t": "2022-01-03T05:00:00.000000001Z",
        "x": "V",
        "p": 10.5,
        "s": 100,
        "c": ["@"],
        "i": 7,
        "z": "C",
    }
    page.write_text(json.dumps({"trades": {"AAPL": [trade]}}))
    trades = read_trades(page).trades
    assert (trades.symbol, trades.price[0], trades.quantity[0], trades.number[0]) == ("AAPL", 10.5, 100.0, 7)
    assert iso(trades.time[0]) == "2022-01-03T05:00:00.000000001Z"


def test_volume_of_metatrader_5_is_the_real_one_where_there_is_one(tmp_path: Path) -> None:
    name = "EURUSD_H1_201701020200_201701020300.csv"
    text = (FORMATS / name).read_text()
    assert read(FORMATS / name).notes[0] == "the volume is that in ticks: the file has no other"
    (tmp_path / name).write_text(text.replace("\t37\t0\t", "\t37\t2500\t"))
    assert read(tmp_path / name).bars.volume.tolist() == [2500.0, 0.0]
    daily = [line.split("\t") for line in text.splitlines()]
    path = tmp_path / "EURUSD_Daily_201701020000_201701030000.csv"
    path.write_text("\n".join("\t".join([cells[0], *cells[2:]]) for cells in daily[:2]))
    assert row(read(path).bars, 0)[0] == "2017-01-02T00:00:00Z"  # a day is a day, whatever the clock


def test_the_zone_of_a_server_is_assumed_aloud_and_can_be_said() -> None:
    found = read(FORMATS / "EURUSD60.csv")
    assert found.time_zone == "Europe/Athens"
    note = (
        "the files do not say whose clock their times show: Europe/Athens was assumed. Say time_zone= if the "
        "server runs on another"
    )
    assert found.notes == (note,)
    said = read(FORMATS / "EURUSD60.csv", time_zone="UTC")
    assert (row(said.bars, 0)[0], said.notes) == ("2017-01-02T02:00:00Z", ())


def test_what_could_be_two_dialects_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    shutil.copy(FORMATS / "EURUSD60.csv", path)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path} could be metatrader4 (the history centre of MetaTrader 4: its server's time, volume in "
        "ticks) "
        "or histdata-metatrader (HistData's files for MetaTrader: New York's winter time all year round, bid "
        'prices). Say dialect="metatrader4" or dialect="histdata-metatrader".'
    )
    assert row(read(path, dialect="histdata-metatrader").bars, 0)[0] == "2017-01-02T07:00:00Z"


@pytest.mark.parametrize(("word", "adjustment"), [("UNADJUSTED", "raw"), ("adjsplit", "adjusted")])
def test_first_rate_says_in_the_name_how_prices_are_adjusted(
    tmp_path: Path, word: str, adjustment: str
) -> None:
    path = tmp_path / f"AAPL_full_1hour_{word}.txt"
    shutil.copy(FORMATS / "AAPL_full_1hour_adjsplitdiv.txt", path)
    assert (read(path).dialect, read(path).adjustment) == ("firstrate", adjustment)


def test_freqtrade_as_feather_and_parquet_and_json(tmp_path: Path) -> None:
    candles = json.loads((FORMATS / "BTC_USDT-1h.json").read_text())
    frame = pl.DataFrame(candles, orient="row", schema=["date", "open", "high", "low", "close", "volume"])
    dated = frame.with_columns(pl.col("date").cast(pl.Int64).cast(pl.Datetime("ms", "UTC")))
    future = "BTC_USDT_USDT-1h-futures"
    dated.write_ipc(tmp_path / f"{future}.feather", compression="lz4")
    dated.write_parquet(tmp_path / f"{future}.parquet")
    (tmp_path / f"{future}.json.gz").write_bytes(gzip.compress(json.dumps(candles).encode()))
    for ending in ("feather", "parquet", "json.gz"):
        found = read(tmp_path / f"{future}.{ending}")
        assert (found.dialect, found.bars.symbol, found.bars.timeframe) == (
            "freqtrade",
            "BTC/USDT:USDT",
            "1h",
        )
        assert row(found.bars, 0) == KNOWN["BTC_USDT-1h.json"][3]
    dated.write_ipc(tmp_path / "BTC_USDT_USDT-8h-funding_rate.feather")
    with pytest.raises(DataError, match="holds funding rates, not bars"):
        read(tmp_path / "BTC_USDT_USDT-8h-funding_rate.feather")


def test_json_lines_with_a_broken_line() -> None:
    found = read(FORMATS / "bars.jsonl", timeframe="1m")
    assert [(reject.line, reject.fault) for reject in found.rejects] == [(2, "not_json")]
    assert found.rejects[0].raw == '{"time": "2024-01-01T00:01:00Z", "open": 1, "high": 2, '
    assert found.bars.close.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("file", "dialect", "symbol", "first", "sides"),
    [
        ("BTCUSDT-trades-2024-01-01.csv", "binance-trades", "BTCUSDT",
         ("2024-01-01T00:00:00Z", 42283.58, 0.03484, 3356468152), [1, -1]),
        ("BTCUSDT-aggTrades-2025-01-01.csv", "binance-aggtrades", "BTCUSDT",
         ("2025-01-01T00:00:00.01143Z", 93576.0, 0.00192, 3358524470), [1, -1]),
        ("ETHUSDT-aggTrades-2024-03.csv", "binance-aggtrades", "ETHUSDT",
         ("2024-03-01T00:00:00.025Z", 3340.09, 1.5, 1491868270), [-1, 1]),
        ("XBTEUR.csv", "kraken-trades", "XBTEUR", ("2013-09-10T23:47:11Z", 93.0, 0.1, -1), [0, 0]),
    ],
)  # fmt: skip
def test_trades_of_vendors(
    file: str, dialect: str, symbol: str, first: tuple[str, float, float, int], sides: list[int]
) -> None:
    found = read_trades(FORMATS / file)
    trades = found.trades
    assert (found.dialect, trades.symbol, trades.side.tolist()) == (dialect, symbol, sides)
    assert (iso(trades.time[0]), trades.price[0], trades.quantity[0], trades.number[0]) == first


def test_a_dialect_that_a_file_is_not_of(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1704067200,1,2,1,2\n")
    with pytest.raises(DataError, match=r"has 5 columns and no header, and so is not the history centre of"):
        read(path, dialect="metatrader4")
    with pytest.raises(UsageError, match=r"there is no dialect 'bloomberg' here\. Known are binance, yahoo"):
        read(path, dialect="bloomberg")


def test_two_days_do_not_outweigh_the_name(tmp_path: Path) -> None:
    path = tmp_path / "ACME_1d.csv"
    path.write_text("time,open,high,low,close\n2024-01-05,1,1,1,1\n2024-01-08,1,1,1,1\n")
    assert read(path).bars.timeframe == "1d"


def test_what_is_said_beats_what_the_name_tells() -> None:
    found = read(FORMATS / "EURUSD60.csv", symbol="EUR", timeframe="2h")
    assert (found.bars.symbol, found.bars.timeframe) == ("EUR", "2h")
    assert np.array_equal(found.bars.time, read(FORMATS / "EURUSD60.csv").bars.time)


def test_the_page_lists_every_dialect() -> None:
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text()
    assert [one.name for one in DIALECTS if f"`{one.name}`" not in page] == []


def test_the_table_that_yfinance_saves(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(
        "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n"
        "2024-01-02,184.08,186.86,182.34,185.57,82488700\n2024-01-03,nan,1,1,1,1\n"
    )
    found = read(path, timeframe="1d")
    assert (found.dialect, found.bars.symbol) == ("yfinance", "AAPL")
    assert row(found.bars, 0) == ("2024-01-02T00:00:00Z", 185.57, 186.86, 182.34, 184.08, 82488700.0)
    assert [(one.row, one.line) for one in found.rejects] == [(2, 5)]
