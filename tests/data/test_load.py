"""Bars come in from any usual source, whatever the columns are called and the times are written like."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from eyas.data import bars
from eyas.model import Bars

MINUTE = 60_000_000_000
START = 1_704_067_200_000_000_000  # 2024-01-01
TIMES = [START, START + MINUTE, START + 2 * MINUTE]
COLUMNS: dict[str, Any] = {
    "open": [10.0, 11, 12],
    "high": [12.0, 12.5, 13],
    "low": [9.0, 10, 11.25],
    "close": [11.0, 12, 11.5],
    "volume": [5.0, 0, 7.5],
}
ROWS = "".join(
    f"{{}},{o},{h},{low},{c},{v}\n".replace("{}", f"{{{row}}}")
    for row, (o, h, low, c, v) in enumerate(zip(*COLUMNS.values(), strict=True))
)
TEXT = "time,open,high,low,close,volume\n" + ROWS.format(
    "2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z", "2024-01-01T00:02:00Z"
)


def is_whole(found: Bars) -> bool:
    """Return whether bars are those of this file, to the last bit."""
    columns = {name: getattr(found, name).tolist() for name in COLUMNS}
    return found.time.tolist() == TIMES and columns == COLUMNS


def write(folder: Path, text: str | bytes, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip("\n"),
        TEXT + "\n\n",
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        "\ufeff" + TEXT,
        "# a comment\n\n" + TEXT,
        TEXT.replace("\n", "\n\n"),
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace(",", " , "),
        TEXT.replace(",", '","').replace("\n", '"\n"').join('""').removesuffix('""'),
        TEXT.replace("\n", ",\n"),
        TEXT.replace("time,", "Open Time,").replace("close,", "CLOSE,"),
        TEXT.replace("time,open,high,low,close,volume", "ts,O,H,L,C,V"),
        TEXT.replace("time,open,high,low,close,volume", ",open,high,low,close,Base Volume"),
        TEXT.split("\n", 1)[1],
    ],
    ids=[
        "plain", "no last newline", "blank lines last", "CRLF", "CR", "BOM", "comment", "blank lines between",
        "semicolons", "tabs", "spaces", "quotes", "separator last", "names", "letters", "index", "no header",
    ],
)  # fmt: skip
def test_dialects_of_csv(text: str, tmp_path: Path) -> None:
    assert is_whole(bars(write(tmp_path, text)))


@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-01", "2024-01-01 00:01", "2024-01-01 00:02:00.000"),
        ("2024-01-01 00:00:00", "2024-01-01 00:01:00", "2024-01-01 00:02:00"),
        ("2024-01-01T01:00:00+01:00", "2024-01-01T01:01:00+01:00", "2024-01-01T01:02:00+01:00"),
        ("2023-12-31 19:00:00-0500", "2024-01-01 00:01:00 UTC", "2024-01-01T05:32:00+05:30"),
        ("2024/1/1 0:00", "2024/01/01 0:01", "2024.01.01 0:02"),
        ("1704067200", "1704067260", "1704067320"),
        ("1704067200.0", "1704067260", "1704067320"),
        ("1704067200000", "1704067260000", "1704067320000"),
        ("1704067200000000", "1704067260000000", "1704067320000000"),
        ("1704067200000000000", "1704067260000000000", "1704067320000000000"),
    ],
)
def test_ways_to_write_a_time(times: tuple[str, str, str], tmp_path: Path) -> None:
    text = "time,open,high,low,close,volume\n" + ROWS.format(*times)
    assert is_whole(bars(write(tmp_path, text)))
    assert is_whole(bars({"time": list(times), **COLUMNS}))


@pytest.mark.parametrize(
    ("epoch", "after_ns"),
    [
        (1_704_067_200.25, 250_000_000),
        (1_704_067_200.1, 100_000_000),  # a float of this size is off by 24 nanoseconds
        (1_704_067_200_000.75, 750_000),
        (1_704_067_200_000_001.0, 1_000),
        (1_704_067_200_000_001_000.0, 1_000),
    ],
)
def test_fractions_of_epochs_are_kept_to_the_microsecond(epoch: float, after_ns: int) -> None:
    assert bars({"time": [epoch], "o": [1], "h": [1], "l": [1], "c": [1]}).time[0] == START + after_ns


def test_days_without_dashes_and_days_long_ago(tmp_path: Path) -> None:
    compact = "date,o,h,l,c\n19620102,1,1,1,1\n19620103,1,1,1,1\n"
    written = "date,o,h,l,c\n1962-01-02,1,1,1,1\n1962-01-03,1,1,1,1\n"
    for text in (compact, written):
        found = bars(write(tmp_path, text))
        assert found.time.astype("M8[ns]").astype("M8[D]").tolist() == [date(1962, 1, 2), date(1962, 1, 3)]


def test_a_date_and_a_time_of_day(tmp_path: Path) -> None:
    head = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<VOL>\n"
    rows = ROWS.replace(",", "\t").format("2024.01.01\t00:00", "2024.01.01\t00:01", "2024.01.01\t00:02")
    assert is_whole(bars(write(tmp_path, head + rows, "EURUSD.tsv")))
    frame = pl.DataFrame(
        {"Date": [date(2024, 1, 1)] * 3, "Time": ["00:00:00", "00:01:00", "00:02:00"], **COLUMNS}
    )
    assert is_whole(bars(frame))
    assert is_whole(bars(frame.with_columns(Time=pl.col("Time").str.to_time())))


def test_an_exchange_dump_without_a_header(tmp_path: Path) -> None:
    rest = ",1704067259999,1.5,3,1.5,1.5,0"
    text = ROWS.replace("\n", rest + "\n").format("1704067200000000", "1704067260000000", "1704067320000000")
    found = bars(write(tmp_path, text, "BTCUSDT-1m-2024-01.csv"))
    assert is_whole(found)
    assert (found.symbol, found.timeframe) == ("BTCUSDT", "1m")


def test_packed_files(tmp_path: Path) -> None:
    assert is_whole(bars(write(tmp_path, gzip.compress(TEXT.encode()), "a.csv.gz")))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside/a.csv", TEXT)
        archive.writestr("__MACOSX/inside/._a.csv", "junk")
        archive.writestr("a.csv.CHECKSUM", "junk")
    assert is_whole(bars(str(tmp_path / "a.zip")))


def test_a_name_that_looks_like_a_pattern(tmp_path: Path) -> None:
    assert is_whole(bars(write(tmp_path, TEXT, "a[1]*.csv")))
    pl.DataFrame({"time": TIMES, **COLUMNS}).write_parquet(tmp_path / "a[1].parquet")
    assert is_whole(bars(tmp_path / "a[1].parquet"))


def test_other_columns_are_left_alone(tmp_path: Path) -> None:
    extra = {"adj close": [0.0, 0, 0], "symbol": ["X", None, "X"], "close_time": [1, 2, 3]}
    frame = pl.DataFrame({**extra, "time": TIMES, **COLUMNS})
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    for source in (tmp_path / "a.csv", tmp_path / "a.parquet", frame, frame.lazy()):
        assert is_whole(bars(source))


def test_a_volume_may_be_missing() -> None:
    found = bars({"time": TIMES, **{name: column for name, column in COLUMNS.items() if name != "volume"}})
    assert found.volume.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "times",
    [
        pl.Series(TIMES),
        pl.Series(TIMES).cast(pl.Datetime("ns")),
        pl.Series(TIMES).cast(pl.Datetime("ns")).cast(pl.Datetime("ms")),
        pl.Series(TIMES).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("Asia/Tokyo"),
        pl.Series(["2024-01-01", "2024-01-01 00:01", "2024-01-01 00:02"]).cast(pl.Categorical),
        np.array(TIMES, "M8[ns]"),
        np.array(TIMES, "M8[ns]").astype("M8[s]"),
        np.array(TIMES, "M8[ns]").astype("M8[m]"),
        np.array(TIMES, np.uint64),
        np.array(TIMES) / 1e9,
        np.array(TIMES) / 1e6,
        [datetime(2024, 1, 1, 0, minute) for minute in range(3)],
        [datetime(2024, 1, 1, 0, minute, tzinfo=UTC) for minute in range(3)],
        [datetime(2024, 1, 1, 2, minute, tzinfo=timezone(timedelta(hours=2))) for minute in range(3)],
        [
            np.datetime64("2024-01-01T00:00"),
            np.datetime64("2024-01-01T00:01"),
            np.datetime64("2024-01-01T00:02:00"),
        ],
        np.array(["2024-01-01", "2024-01-01 00:01", "2024-01-01 00:02"], "S"),
        pd.to_datetime(TIMES),
        pd.to_datetime(TIMES, utc=True).tz_convert("America/New_York"),
        pd.Series(pd.to_datetime(TIMES, utc=True).tz_convert("America/New_York")),
        pd.Series(pd.to_datetime(TIMES, utc=True).tz_convert("America/New_York"), dtype=object),
        pd.Series(TIMES, dtype="Int64"),
    ],
    ids=lambda times: f"{type(times).__module__}.{type(times).__name__} {getattr(times, 'dtype', '')}",
)
def test_kinds_of_times(times: Any) -> None:
    assert is_whole(bars({"time": times, **COLUMNS}))


@pytest.mark.parametrize(
    "prices",
    [
        [10, 11, 12],
        (10, 11.0, np.float32(12)),
        ["10", " 11 ", "12.0"],
        [Decimal(10), Decimal("11.0"), 12],
        np.array([10, 11, 12], np.int8),
        np.array([10, 11, 12], np.float16),
        pl.Series(["10", "11", "12"]),
        pl.Series([10, 11, 12], dtype=pl.Decimal(10, 2)),
        pd.Series([10, 11, 12], dtype="Int64"),
        pd.Series([10, 11, 12], dtype="Float64"),
        pd.Series(["10", "11", "12"]),
    ],
    ids=lambda prices: f"{type(prices).__module__}.{type(prices).__name__} {getattr(prices, 'dtype', '')}",
)
def test_kinds_of_numbers(prices: Any) -> None:
    assert is_whole(bars({"time": TIMES, **COLUMNS, "open": prices}))


def test_pandas_frames() -> None:
    index = pd.DatetimeIndex(pd.to_datetime(TIMES), name="Date")
    frame = pd.DataFrame(COLUMNS, index=index)
    tokyo = frame.set_index(index.tz_localize("UTC").tz_convert("Asia/Tokyo"))
    named = frame.set_index(pd.Index(TIMES, name="time"))
    capitals = frame.rename(columns=str.title).assign(**{"Adj Close": 0.0})
    for one in (
        frame,
        tokyo,
        named,
        capitals,
        frame.reset_index(),
        frame.astype("Float64"),
        frame.astype(object),
    ):
        assert is_whole(bars(one))


def test_numpy_arrays_with_named_fields() -> None:
    rows = list(zip(TIMES, *COLUMNS.values(), strict=True))
    array = np.array(rows, dtype=[("time", "i8"), *((name, "f8") for name in COLUMNS)])
    assert is_whole(bars(array))
    assert is_whole(bars(array.view(np.recarray)))


def test_anything_that_speaks_arrow() -> None:
    class Arrow:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pl.DataFrame({"time": TIMES, **COLUMNS}).__arrow_c_stream__(requested_schema)

    assert is_whole(bars(Arrow()))  # type: ignore[arg-type]


def test_bars_come_back_as_they_are() -> None:
    first = bars({"time": TIMES, **COLUMNS}, symbol="X", timeframe="1m")
    again = bars(first)
    renamed = bars(first, symbol="Y")
    assert (again.symbol, again.timeframe) == ("X", "1m")
    assert (renamed.symbol, renamed.timeframe) == ("Y", "1m")
    assert np.shares_memory(again.close, first.close)


def test_one_bar_is_enough() -> None:
    found = bars({"time": ["2024-01-01"], "o": [1], "h": [1], "l": [1], "c": [1]})
    assert (len(found), found.timeframe) == (1, "")


def test_the_noise_of_binary_fractions_is_no_fault() -> None:
    found = bars({"time": ["2024-01-01"], "o": [0.1 + 0.2], "h": [0.3], "l": [0.3 + 4e-9], "c": [0.3]})
    assert found.open[0] == 0.1 + 0.2


def test_what_the_caller_changes_later_does_not_matter() -> None:
    frame = pd.DataFrame(COLUMNS, index=pd.to_datetime(TIMES))
    arrays = {"time": np.array(TIMES), **{name: np.array(column) for name, column in COLUMNS.items()}}
    from_arrays, from_pandas = bars(arrays), bars(frame)
    for name in COLUMNS:
        arrays[name][:] = -1
        frame[name].array[:] = -1
    arrays["time"][:] = 0
    assert is_whole(from_arrays)
    assert is_whole(from_pandas)
    with pytest.raises(ValueError, match="read-only"):
        from_arrays.close[0] = 1


def test_polars_frames_are_not_copied() -> None:
    frame = pl.DataFrame({"time": TIMES, **COLUMNS})
    assert np.shares_memory(bars(frame).close, frame["close"].to_numpy())


def test_where_bars_came_from(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT, "aapl_1m.csv")
    found = bars(path)
    assert (found.symbol, found.timeframe, found.source) == ("AAPL", "1m", str(path))
    assert bars(path, symbol="", timeframe="2m").symbol == ""
    assert bars(path, symbol="B", timeframe="2m").timeframe == "2m"
    assert bars({"time": TIMES, **COLUMNS}).source == "mapping of columns"


def test_polars_and_pandas_are_imported_only_when_needed() -> None:
    code = (
        "import sys, eyas.data\n"
        "assert not {'polars', 'pandas'} & set(sys.modules)\n"
        "eyas.data.sample('AAPL', '1d')\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
