"""The same bars come out of every kind of source, whatever the unit of time."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eyas.data import bars, text
from eyas.data.checks import check_numbers
from eyas.data.place import Place
from eyas.errors import DataError
from eyas.model import Bars

FIELDS = ("time", "open", "high", "low", "close", "volume")
NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
PRICES = st.floats(1e-8, 9e9, exclude_min=True, allow_subnormal=False)


@st.composite
def frames(draw: st.DrawFn, unit: str) -> pl.DataFrame:
    """Return bars that are right, their times whole numbers of a unit as int64."""
    count = draw(st.integers(1, 40))
    steps = st.integers(1, 10**14 // NANOSECONDS[unit])
    start = draw(st.integers(631_152_000, 4_000_000_000)) * (10**9 // NANOSECONDS[unit])
    time = start + np.cumsum([0, *draw(st.lists(steps, min_size=count - 1, max_size=count - 1))])
    four = np.array(draw(st.lists(st.lists(PRICES, min_size=4, max_size=4), min_size=count, max_size=count)))
    four.sort(axis=1)
    volume = draw(st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=count, max_size=count))
    columns = {"time": time, "open": four[:, 1], "high": four[:, 3], "low": four[:, 0], "close": four[:, 2]}
    return pl.DataFrame({**columns, "volume": volume})


def by_line(path: Path) -> Bars:
    """Load a text file by the slow and forgiving reader alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "read_fast", lambda *_: None)
        return bars(path)


def same(one: Bars, two: Bars) -> bool:
    return all(np.array_equal(getattr(one, field), getattr(two, field)) for field in FIELDS)


@pytest.mark.parametrize("unit", NANOSECONDS)
@settings(max_examples=settings().max_examples // 2)  # of each of four units
@given(data=st.data())
def test_every_source_gives_the_same_bars(unit: str, data: st.DataObject) -> None:
    frame = data.draw(frames(unit))
    expected = Bars(
        frame["time"].to_numpy() * NANOSECONDS[unit], *(frame[field].to_numpy() for field in FIELDS[1:])
    )
    assert same(bars(frame), expected)
    assert same(bars(frame.to_dict(as_series=False)), expected)
    assert same(bars(pd.DataFrame(frame.to_dict(as_series=False))), expected)
    with TemporaryDirectory() as folder:
        frame.write_csv(Path(folder) / "a.csv")
        frame.write_parquet(Path(folder) / "a.parquet")
        assert same(bars(Path(folder) / "a.csv"), expected)
        assert same(bars(Path(folder) / "a.parquet"), expected)
    if unit != "s":
        dated = frame.with_columns(time=frame["time"].cast(pl.Datetime(unit)))  # type: ignore[arg-type]
        assert same(bars(dated), expected)
        written = io.BytesIO()
        dated.write_csv(written)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            path.write_bytes(written.getvalue())
            assert same(bars(path), expected)


@given(data=st.data())
def test_the_two_readers_of_text_agree(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        data.draw(frames("ms")).write_csv(path)
        assert same(bars(path), by_line(path))


@given(
    st.lists(
        st.sampled_from([0.0, -1.0, 1e-9, 1.0, 2.0, 3.0, 2.0 + 1e-9, 1e10, np.nan, np.inf]),
        min_size=4,
        max_size=4,
    )
)
def test_the_check_refuses_what_breaks_the_law_and_nothing_else(prices: list[float]) -> None:
    columns = {
        name: np.array([price]) for name, price in zip(("open", "high", "low", "close"), prices, strict=True)
    }
    rounded = [round(price, 8) if np.isfinite(price) else price for price in prices]
    first, high, low, last = rounded
    lawful = (
        all(0 < price <= 9e9 for price in rounded) and low <= min(first, last) and max(first, last) <= high
    )
    try:
        check_numbers(columns, {name: name for name in columns}, np.zeros(1, np.int64), Place("it"))
    except DataError:
        assert not lawful
    else:
        assert lawful


@given(st.data())
def test_spoilt_text_gives_bars_or_an_error_and_both_readers_agree(data: st.DataObject) -> None:
    good = "time,open,high,low,close,volume\n2024-01-01,1,2,1,2,5\n2024-01-02 00:00:00Z,1,2,1,2,5\n"
    spoilt = list(good)
    junk = st.sampled_from(
        [*"\n\r,;\t\"'#-+.:eEZ0123456789 \0\x85\u2028é", "", "nan", "\ufeff", '""', "9" * 30]
    )
    for _ in range(data.draw(st.integers(0, 6))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(junk)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes("".join(spoilt).encode())
        try:
            found = bars(path)
        except DataError:
            with pytest.raises(DataError):
                by_line(path)
        else:
            assert same(found, by_line(path))
