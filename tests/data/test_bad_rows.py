"""A bad row gets a sentence: which file, row and line, column, value, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

Says: TypeAlias = Callable[[str, str | bytes | None], str]

HEADER = "time,open,high,low,close,volume\n"
GOOD = "2024-01-01,10,12,9,11,5\n"
NEXT = "2024-01-02"
ROW_2 = "prices.csv row 2 (line 3, 2024-01-02T00:00:00Z): "


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("10,9.5,10,10,5", "high 9.5 is below low 10; every bar needs low <= open, close <= high. Correct"),
        ("12.5,12,9,11,5", "open 12.5 is above high 12; every bar needs"),
        ("8.75,12,9,11,5", "open 8.75 is below low 9; every bar needs"),
        ("10,12,9,12.01,5", "close 12.01 is above high 12; every bar needs"),
        ("10,12,9,8,5", "close 8 is below low 9; every bar needs"),
        ("nan,12,9,11,5", "open is missing (NaN). Fill it in or drop the row."),
        ("10,inf,9,11,5", "high is infinite. Correct the row or drop it."),
        ("10,12,-inf,11,5", "low is infinite. Correct the row or drop it."),
        ("10,12,0,11,5", "low 0 is not above zero, as a price must be. Correct the row or drop it."),
        ("10,12,9,-11,5", "close -11 is not above zero, as a price must be. Correct the row or drop it."),
        ("10,12,0.000000004,11,5", "low 0.000000004 is zero at 8 decimals. Use a smaller unit"),
        (
            "10,12e9,9,11,5",
            "high 12000000000 is more than a price can be (9,000,000,000). Use a larger unit.",
        ),
        ("10,12,9,11,-1", "volume -1 is below zero. Correct the row or drop it."),
        ("10,12,9,11,nan", "volume is missing (NaN). Write 0 where nothing was traded, or leave the whole"),
        ("10,12,9,11,inf", "volume is infinite. Correct the row or drop it."),
        (
            "10,12,9,11,2e18",
            "volume 2e+18 is more than any market trades. Correct the row or use a larger unit.",
        ),
        ("ten,12,9,11,5", "open is 'ten', which is not a number. Correct it or drop the row."),
        ('"1,234.5",12,9,11,5', "open is '1,234.5', which is not a number. Write a point for decimals"),
        ("10,12,9,,5", "close is empty. Fill it in or drop the row."),
        ("10,12,9,11,", "volume is empty. Fill it in or drop the row."),
        ("10,12,9", "close is empty. Fill it in or drop the row."),
        ("10,12,9,0x10,5", "close is '0x10', which is not a number."),
        ("10,12,9,1_0,5", "close is '1_0', which is not a number."),
    ],
)
def test_a_value_that_no_bar_has(row: str, fault: str, says: Says) -> None:
    alone = says("prices.csv", f"{HEADER}{GOOD}{NEXT},{row}\n2024-01-03,10,12,9,11,5\n")
    assert alone.startswith(ROW_2 + fault)
    assert "same fault" not in alone
    once_more = f"{HEADER}{GOOD}{NEXT},{row}\n2024-01-03,{row}\n"
    assert says("prices.csv", once_more) == f"{alone} One other row has the same fault."


def test_the_other_rows_are_counted(says: Says) -> None:
    rows = "".join(f"{1_700_000_000 + minute * 60},1,2,1,-1,0\n" for minute in range(1500))
    assert says("prices.csv", HEADER + rows).endswith("1,499 other rows have the same fault.")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            GOOD + GOOD,
            (
                "prices.csv row 2 (line 3, 2024-01-01T00:00:00Z): time is the same as in row 1, and a time "
                'has one bar. To keep the last, use eyas.bars(polars.read_csv("prices.csv").unique("time", '
                'keep="last", maintain_order=True)).'
            ),
        ),
        (
            GOOD + "2023-12-31,10,12,9,11,5\n2024-01-02,10,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3, 2023-12-31T00:00:00Z): time is earlier than "
                "2024-01-01T00:00:00Z in row 1, and bars come oldest first. To sort them, use "
                'eyas.bars(polars.read_csv("prices.csv").sort("time")).'
            ),
        ),
        (
            GOOD + "2023-12-31,10,12,9,11,5\n2023-12-30,10,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3, 2023-12-31T00:00:00Z): time is earlier than "
                "2024-01-01T00:00:00Z in row 1: the rows run newest first. To sort them, use "
                'eyas.bars(polars.read_csv("prices.csv").sort("time")).'
            ),
        ),
        (
            GOOD + ",10,12,9,11,5\n",
            "prices.csv row 2 (line 3): time is missing. Fill it in or drop the row.",
        ),
        (
            GOOD + "yesterday,10,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3): time 'yesterday' is not a time that eyas can read. Write times "
                "as 2024-01-31T09:30:00Z, as 2024-01-31, or as an epoch number."
            ),
        ),
        (
            GOOD + "2024-02-30,10,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3): time '2024-02-30' is not a time that eyas can read. Write "
                "times as 2024-01-31T09:30:00Z, as 2024-01-31, or as an epoch number."
            ),
        ),
        (
            "31/01/2024,10,12,9,11,5\n",
            (
                "prices.csv row 1 (line 2): time '31/01/2024' is not a time that eyas can read. The year "
                "comes first, so that day and month cannot be mixed up. Write times as "
                "2024-01-31T09:30:00Z, as 2024-01-31, or as an epoch number."
            ),
        ),
        (
            "2300-01-01,10,12,9,11,5\n",
            (
                "prices.csv row 1 (line 2): time '2300-01-01' is not a time that eyas can read. The years "
                "1900 to 2100 are accepted."
            ),
        ),
        (
            "1500000,10,12,9,11,5\n1500060,10,12,9,11,5\n",
            (
                "prices.csv row 1 (line 2): time 1500000 would be 1970-01-18 if read as seconds and "
                "1970-01-01 as milliseconds or finer. Epoch numbers lie between 1990 and 2100, in seconds, "
                "milliseconds, microseconds or nanoseconds; earlier dates as 1962-01-31. One other row has "
                "the same fault."
            ),
        ),
        (
            "1700000000,10,12,9,11,5\n1700000060000,10,12,9,11,5\n1700000120,10,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3): time 1700000060000 would be 2023-11-14 in milliseconds, but "
                "row 1 (1700000000) is in seconds. Give every row the same unit."
            ),
        ),
        (
            "1700000000000000000000,10,12,9,11,5\n",
            (
                "prices.csv row 1 (line 2): time 1.7e+21 would be millions of years away if read as "
                "seconds, millions of years away as milliseconds, millions of years away as microseconds "
                "and the year 55841 as nanoseconds. Epoch numbers lie between 1990 and 2100, in seconds, "
                "milliseconds, microseconds or nanoseconds; earlier dates as 1962-01-31."
            ),
        ),
        (
            "45292.5,10,12,9,11,5\n",
            (
                "prices.csv row 1 (line 2): time 45292.5 would be 1970-01-01 in any unit. Epoch numbers "
                "lie between 1990 and 2100, in seconds, milliseconds, microseconds or nanoseconds; earlier "
                "dates as 1962-01-31."
            ),
        ),
        (
            "20240131,10,12,9,11,5\n20240230,10,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3): time 20240230 is not a day written as YYYYMMDD. Correct it, or "
                "write it as 2024-01-31."
            ),
        ),
        (
            GOOD + "2024-01-02,1,234.5,12,9,11,5\n",
            (
                "prices.csv row 2 (line 3) has 7 values where the first line has 6. A comma inside a "
                "number does this: write 1234.5, not 1,234.5."
            ),
        ),
        (
            GOOD + "\n   \n2024-01-02,10,x,9,11,5\n",
            (
                "prices.csv row 2 (line 5, 2024-01-02T00:00:00Z): high is 'x', which is not a number. "
                "Correct it or drop the row."
            ),
        ),
        ("", "prices.csv has columns but no rows. It needs a row for each bar."),
    ],
)
def test_a_row_out_of_order(rows: str, message: str, says: Says) -> None:
    assert says("prices.csv", HEADER + rows) == message


def test_a_fault_leaves_no_warning_and_nothing_printed(capfd: pytest.CaptureFixture[str], says: Says) -> None:
    says("prices.csv", HEADER + GOOD + "x,y\nz")
    says("broken.parquet", b"PAR1" + b"\x01" * 40 + b"PAR1")
    assert capfd.readouterr() == ("", "")
