"""A file that holds no bars gets a sentence: which file, what is wrong with it, and what to do."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pytest

Says: TypeAlias = Callable[[str, str | bytes | None], str]

HEADER = "time,open,high,low,close,volume\n"
GOOD = "2024-01-01,10,12,9,11,5\n"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "time,open,high,low",
            (
                "prices.csv has no column for close (also called c). Its columns are 'time', 'open', "
                "'high', 'low': rename the right one."
            ),
        ),
        (
            "time,open,high,low,adj close",
            (
                "prices.csv has no column for close (also called c). Its columns are 'time', 'open', "
                "'high', 'low', 'adj close': rename the right one."
            ),
        ),
        (
            "open,high,low,price,volume",
            (
                "prices.csv has no columns for time, close. Its columns are 'open', 'high', 'low', "
                "'price', 'volume': rename the right ones."
            ),
        ),
        (
            "ts,id,price,qty",
            (
                "prices.csv has no columns for open, high, low, close. Its columns are 'ts', 'id', "
                "'price', 'qty'. Those are no bars: trades are imported with kind='trades' and quotes with "
                "kind='books', and read by eyas.data.read_trades and read_books."
            ),
        ),
        (
            "ts,bid,ask",
            (
                "prices.csv has no columns for open, high, low, close. Its columns are 'ts', 'bid', 'ask'. "
                "Those are no bars: trades are imported with kind='trades' and quotes with kind='books', and "
                "read by eyas.data.read_trades and read_books."
            ),
        ),
        (
            "time,o,h,l,c,close",
            (
                "prices.csv has several columns that could be the close: 'c' and 'close'. Rename or drop "
                "all but one."
            ),
        ),
        (
            "Timestamp,Date,o,h,l,c",
            (
                "prices.csv has several columns that could be the time: 'Timestamp' and 'Date'. Rename or "
                "drop all but one."
            ),
        ),
        (
            "time,time,o,h,l,c",
            (
                "prices.csv has several columns that could be the time: 'time' and 'time'. Rename or drop "
                "all but one."
            ),
        ),
        (
            "Date,Time,o,h,l,c",  # not a date and a time of day, for the time below is an epoch number
            (
                "prices.csv has several columns that could be the time: 'Date' and 'Time'. Rename or drop "
                "all but one."
            ),
        ),
        (
            "hello",
            (
                "prices.csv: the first line, 'hello', is neither a header nor a bar. eyas reads time, "
                "open, high, low, close and perhaps volume, separated by commas, semicolons or tabs."
            ),
        ),
    ],
)
def test_columns_that_are_missing_or_doubtful(header: str, message: str, says: Says) -> None:
    assert says("prices.csv", f"{header}\n2024-01-01,1704067200,1,1,1,1\n") == message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty. It needs a header and a row for each bar."),
        ("a.csv", b"\n \n", "a.csv is empty. It needs a header and a row for each bar."),
        ("a.csv", b"# no bars\n", "a.csv holds only comments. It needs a header and a row for each bar."),
        ("a.csv", b"\xff\xfet\x00i\x00", "a.csv is UTF-16 text. Save it as UTF-8."),
        ("a.csv", b"t\xe9me,open\n", "a.csv: line 1 is not UTF-8 text (byte 0xe9). Save the file as UTF-8."),
        (
            "a.csv",
            b"PK\x03\x04\x00",
            "a.csv is not text: it holds zero bytes. eyas reads CSV and Parquet files.",
        ),
        ("a.csv", b"PAR1 and so on", "a.csv is a Parquet file: rename it to end in .parquet."),
        (
            "a.csv",
            HEADER.encode() + b"2024-01-01,\xe9,2,1,1\n",
            (
                "a.csv row 1 (line 2, 2024-01-01T00:00:00Z): open is '\ufffd', which is not a number. "
                "Correct it or drop the row."
            ),
        ),
        ("a.csv.gz", b"x", "a.csv.gz cannot be unpacked: Not a gzipped file (b'x'). Fetch it again."),
        (
            "a.csv.gz",
            gzip.compress(b"time" * 100)[:-6],
            (
                "a.csv.gz cannot be unpacked: Compressed file ended before the end-of-stream marker was "
                "reached. Fetch it again."
            ),
        ),
        ("a.zip", b"x", "a.zip cannot be unpacked: File is not a zip file. Fetch it again, or unpack it."),
        ("a.parquet", b"", "a.parquet is empty. It needs columns and a row for each bar."),
        (
            "a.parquet",
            HEADER.encode(),
            "a.parquet is not a Parquet file, whatever its name. If it is text, call it .csv.",
        ),
        (
            "a.xlsx",
            b"x",
            (
                "a.xlsx has an ending that eyas does not know. It reads .csv, .csv.gz, .tsv, .tsv.gz, "
                ".txt, .txt.gz, .zip, .parquet, .pq."
            ),
        ),
    ],
)
def test_files_that_hold_no_table(name: str, content: bytes, message: str, says: Says) -> None:
    assert says(name, content) == message


def test_paths_that_lead_nowhere(says: Says) -> None:
    looked = f"it was looked for in {Path.cwd()}."
    assert says("none.csv", None) == f"there is no file none.csv; {looked}"
    assert says("BTCUSDT", None) == (
        f"there is no file BTCUSDT; {looked} For the bundled data use eyas.sample(symbol, timeframe)."
    )
    assert says(".", None) == ". is a directory. Name a CSV or Parquet file in it."


def test_a_zip_of_two_files(says: Says) -> None:
    with zipfile.ZipFile("two.zip", "w") as archive:
        archive.writestr("a.csv", HEADER + GOOD)
        archive.writestr("b.csv", HEADER + GOOD)
    message = "two.zip must hold one .csv file; it holds a.csv, b.csv. Unpack the right one."
    assert says("two.zip", None) == message


@pytest.mark.parametrize("cut", [4, 100, 500])
def test_a_broken_parquet_file(cut: int, says: Says) -> None:
    columns = {name: [1.0] * 100 for name in HEADER.strip().split(",")}
    pl.DataFrame(columns).write_parquet("whole.parquet")
    content = Path("whole.parquet").read_bytes()
    message = says("broken.parquet", content[:cut] + b"PAR1")
    assert re.fullmatch(r"broken\.parquet cannot be read as Parquet: .+\. Fetch it again\.", message)
