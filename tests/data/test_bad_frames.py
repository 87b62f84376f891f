"""Bad frames and columns get the same sentences as files, and advice in the words of their library."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from eyas.data import bars
from eyas.errors import DataError, UsageError

PRICES = {"open": [10.0, 10, 10], "high": [12.0, 12, 12], "low": [9.0, 9, 9], "close": [11.0, 11, 11]}
FRAME = pl.DataFrame({"time": ["2024-01-01", "2024-01-02", "2024-01-03"], **PRICES})


def refusal(source: object) -> str:
    with pytest.raises(DataError) as caught:
        bars(source)  # type: ignore[arg-type]
    return str(caught.value)


def test_frames_and_columns_are_named() -> None:
    bad = {**PRICES, "low": [9.0, 13.0, 9.0]}
    days = ["2024-01-01", "2024-01-02", "2024-01-03"]
    fault = (
        "row 2 (2024-01-02T00:00:00Z): high 12 is below low 13; every bar needs low <= open, close <= high. "
    )
    fault += "Correct the row or drop it."
    assert refusal(FRAME.with_columns(low=pl.Series(bad["low"]))) == f"the polars frame {fault}"
    assert refusal(FRAME.with_columns(low=pl.Series(bad["low"])).lazy()) == f"the polars frame {fault}"
    assert refusal(pd.DataFrame(bad, index=pd.DatetimeIndex(days))) == f"the pandas frame {fault}"
    assert refusal({"time": days, **bad}) == f"the mapping of columns {fault}"
    rows = list(zip(np.array(days, "M8[s]"), *bad.values(), strict=True))
    array = np.array(rows, dtype=[("time", "M8[s]"), *((name, "f8") for name in bad)])
    assert refusal(array) == f"the numpy array {fault}"


def test_a_frame_is_told_how_to_sort_itself() -> None:
    assert refusal(FRAME[::-1]).endswith('To sort them, use eyas.bars(frame.sort("time")).')
    frame = pd.DataFrame(FRAME.to_dict(as_series=False))
    assert refusal(frame[::-1]).endswith('To sort them, use eyas.bars(frame.sort_values("time")).')
    indexed = frame.set_index(pd.DatetimeIndex(frame.pop("time")))
    assert refusal(indexed[::-1]).endswith("To sort them, use eyas.bars(frame.sort_index()).")
    mapping = {name: column[::-1] for name, column in FRAME.to_dict(as_series=False).items()}
    assert refusal(mapping).endswith("To sort them, take `order = numpy.argsort(time)` of every column.")


def test_a_frame_is_told_how_to_drop_repeats() -> None:
    rows = [0, 1, 1, 2]
    twice = FRAME[rows]
    frame = pd.DataFrame(twice.to_dict(as_series=False))
    indexed = frame.set_index(pd.DatetimeIndex(frame["time"])).drop(columns="time")
    assert 'use eyas.bars(frame.unique("time", keep="last", maintain_order=True))' in refusal(twice)
    assert 'use eyas.bars(frame.drop_duplicates("time", keep="last"))' in refusal(frame)
    assert 'use eyas.bars(frame[~frame.index.duplicated(keep="last")])' in refusal(indexed)
    for advised in (
        twice.unique("time", keep="last", maintain_order=True),
        frame.drop_duplicates("time", keep="last"),
        indexed[~indexed.index.duplicated(keep="last")],
    ):
        assert len(bars(advised)) == 3


def test_datetimes_made_in_the_wrong_unit() -> None:
    epochs = pl.Series([1_700_000_040_000, 1_700_000_100_000, 1_700_000_160_000])
    early = FRAME.with_columns(time=epochs.cast(pl.Datetime("us")))
    assert refusal(early) == (
        "the polars frame row 1: time 1970-01-20T16:13:20.04Z and every other time is in the first weeks of "
        "1970, so epoch numbers were read in a wrong unit, such as milliseconds as microseconds. Pass the "
        "numbers themselves, or convert them in their own unit."
    )
    late = FRAME.with_columns(time=(epochs * 1000).cast(pl.Datetime("ms")))
    assert refusal(late) == (
        "the polars frame row 1: time 55840-11-09T09:20:00.000 is outside the years 1900 to 2100. "
        "Was it made from an epoch number in another unit? 2 other rows have the same fault."
    )
    array = np.array([1_700_000_040_000_000] * 3, "M8[ms]")
    assert "time 55840-11-09T09:20:00.000 is outside the years 1900 to 2100." in refusal(
        {"time": array, **PRICES}
    )


@pytest.mark.parametrize("missing", [None, float("nan"), np.datetime64("NaT"), pd.NaT])
def test_a_missing_time(missing: object) -> None:
    days = [*pd.to_datetime(["2024-01-01", "2024-01-02"]).to_pydatetime(), missing]
    assert refusal({"time": days, **PRICES}) == (
        "the mapping of columns row 3: time is missing. Fill it in or drop the row."
    )


def test_columns_of_the_wrong_kind() -> None:
    assert refusal(FRAME.with_columns(time=pl.Series([True, False, True]))) == (
        "the polars frame: the column time holds Boolean, not times. "
        "Write times as 2024-01-31T09:30:00Z, as 2024-01-31, or as an epoch number."
    )
    assert refusal(FRAME.with_columns(open=pl.col("open") > 0)) == (
        "the polars frame: the column open holds Boolean, not numbers. Convert it to numbers first."
    )
    assert refusal({"time": FRAME["time"], **PRICES, "open": [1, 2, "three"]}) == (
        "the mapping of columns row 3 (2024-01-03T00:00:00Z): open is 'three', which is not a number. "
        "Correct it or drop the row."
    )
    assert refusal({"time": FRAME["time"], **PRICES, "open": [[1], [2], [3]]}) == (
        "the mapping of columns: the column open has 2 dimensions; a column has one."
    )
    assert refusal({"time": FRAME["time"], **PRICES, "open": [[1], [2, 3], [3]]}) == (
        "the mapping of columns: the column open is not a plain list of values."
    )
    assert refusal({"time": FRAME["time"], **PRICES, "open": [1.0]}) == (
        "the mapping of columns has columns of different lengths: time 3, open 1, high 3, low 3, close 3. "
        "Give every column a value for each bar."
    )


def test_pandas_frames_that_are_not_plain() -> None:
    frame = pd.DataFrame(PRICES, index=pd.date_range("2024-01-01", periods=3))
    several = frame.copy()
    several.columns = pd.MultiIndex.from_product([frame.columns, ["AAPL"]])
    assert refusal(several) == (
        "the pandas frame has columns in 2 levels. "
        "Choose one instrument, for example frame.xs('AAPL', axis=1, level=-1)."
    )
    assert len(bars(several.xs("AAPL", axis=1, level=-1))) == 3
    assert refusal(frame.assign(date=frame.index)) == (
        "the pandas frame has times in its index and in the column 'date'. "
        "Drop one: frame.drop(columns='date') or frame.reset_index(drop=True)."
    )
    assert refusal(frame.reset_index(drop=True)).startswith(
        "the pandas frame has no column for time (also called timestamp, date, datetime, open_time, ts, t)."
    )


def test_a_lazy_frame_that_fails() -> None:
    broken = FRAME.lazy().with_columns(open=pl.lit("x").str.to_integer())
    assert refusal(broken).startswith("the polars frame cannot be collected: ")


def test_what_is_no_source_at_all() -> None:
    with pytest.raises(
        UsageError, match=r"^bars cannot be made from int: pass a path to a CSV or Parquet file"
    ):
        bars(5)  # type: ignore[arg-type]
    with pytest.raises(
        UsageError, match=r"^a numpy array of shape \(3, 5\) does not say which column is which"
    ):
        bars(np.ones((3, 5)))
    with pytest.raises(
        UsageError, match=r"^timeframe '1 minute' is not a number and one of s, m, h, d, w, M"
    ):
        bars(FRAME, timeframe="1 minute")
