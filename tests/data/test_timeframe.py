"""The length of a bar and the symbol are read off the times and the file's name."""

from __future__ import annotations

import numpy as np
import pytest

from eyas.data.names import symbol_of
from eyas.data.timeframe import check_timeframe, infer
from eyas.errors import UsageError

SECOND = 10**9


@pytest.mark.parametrize(
    ("seconds", "timeframe"),
    [
        (1, "1s"),
        (30, "30s"),
        (60, "1m"),
        (300, "5m"),
        (5400, "90m"),
        (3600, "1h"),
        (14_400, "4h"),
        (86_400, "1d"),
        (259_200, "3d"),
        (604_800, "1w"),
    ],
)
def test_even_distances(seconds: int, timeframe: str) -> None:
    assert infer(np.arange(10) * seconds * SECOND) == timeframe


def test_weekends_and_gaps_do_not_matter() -> None:
    days = np.arange("2024-01-01", "2024-03-01", dtype="M8[D]")
    weekdays = days[np.is_busday(days)].astype("M8[ns]").astype(np.int64)
    assert infer(weekdays) == "1d"


def test_months_differ_in_length() -> None:
    months = np.arange("2023-01", "2024-06", dtype="M8[M]").astype("M8[ns]").astype(np.int64)
    assert infer(months) == "1M"
    assert infer(months[1:3]) == "4w"  # a February alone is four weeks


@pytest.mark.parametrize("time", [[], [5], [0, 1, 3, 7], [0, 10, 20], [0, SECOND, 3 * SECOND, 7 * SECOND]])
def test_no_timeframe(time: list[int]) -> None:
    assert infer(np.array(time, np.int64)) == ""


def test_a_timeframe_is_empty_or_a_number_and_a_unit() -> None:
    for timeframe in ("", "1s", "90m", "12M"):
        check_timeframe(timeframe)
    for timeframe in ("h", "1y", "0m", "4H", " "):
        with pytest.raises(UsageError, match=r"is not a number and one of s, m, h, d, w, M, such as '4h'$"):
            check_timeframe(timeframe)


@pytest.mark.parametrize(
    ("path", "symbol"),
    [
        ("BTCUSDT_1m.csv", "BTCUSDT"),
        ("data/2024/BTCUSDT-1m-2024-01.zip", "BTCUSDT"),
        ("AAPL.csv", "AAPL"),
        ("BTC-USD.csv", "BTC-USD"),
        ("BTC-USD_1d.csv.gz", "BTC-USD"),
        ("aapl_1d_wiki.parquet", "AAPL"),
        ("eurusd-1h.parquet", "EURUSD"),
        ("prices.csv", ""),
        ("my_data.csv", ""),
        ("Prices.csv", ""),
        ("2024.csv", ""),
        (".csv", ""),
    ],
)
def test_symbols(path: str, symbol: str) -> None:
    assert symbol_of(path) == symbol
