"""The nouns: bars are read-only columns that slice without copying, times read as ISO 8601."""

from __future__ import annotations

import datetime
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas import _kernel, model
from eyas.model import PRICE_COLUMNS, Bars, iso
from tests.test_session import START_NS, bars_of

COLUMNS = ("time", *PRICE_COLUMNS, "volume")


def test_the_model_hands_on_every_name_of_the_kernel() -> None:
    public = {name for name in vars(_kernel) if not name.startswith("_")}
    assert public <= set(model.__all__)
    for name in public:
        assert getattr(model, name) is getattr(_kernel, name)
    assert list(model.__all__) == sorted(
        model.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )


def test_columns_are_typed_contiguous_and_cannot_be_written() -> None:
    whole = np.arange(2, 12)
    bars = Bars(whole[::2], whole[::2], whole[::2], whole[::2], whole[::2], whole[::2].astype(np.float32))
    for name in COLUMNS:
        column = getattr(bars, name)
        assert column.dtype == (np.int64 if name == "time" else np.float64)
        assert column.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 5
    whole[0] = 99  # the caller's own array stays the caller's
    with pytest.raises(FrozenInstanceError):
        bars.close = whole  # type: ignore[misc]


def test_bars_slice_without_copying_and_keep_their_name() -> None:
    bars = eyas.bars(bars_of([1, 2, 3, 4, 5]), symbol="X")
    part = bars[1:3]
    assert (len(bars), len(part), len(bars[:0]), len(bars[-2:])) == (5, 2, 0, 2)
    assert part.close.tolist() == [2, 3]
    assert (part.symbol, part.timeframe, part.source) == (bars.symbol, bars.timeframe, bars.source)
    for name in COLUMNS:
        assert np.shares_memory(getattr(part, name), getattr(bars, name))
    with pytest.raises(TypeError, match=r"not a sequence of rows: use its columns, or bars\[10:20\]"):
        list(bars)


def test_bars_say_what_they_are() -> None:
    bars = bars_of([1, 2, 3])
    assert repr(bars) == "<Bars 1m, 3 rows, 2026-05-28T20:27:00Z to 2026-05-28T20:29:00Z>"
    assert repr(eyas.bars(bars, symbol="X", timeframe="")).startswith("<Bars X, 3 rows, ")
    assert repr(Bars(*[np.empty(0)] * 6)) == "<Bars bars, empty>"
    assert repr(bars[:0]) == "<Bars 1m, empty>"


def test_bars_are_what_they_were_after_pickling() -> None:
    bars = bars_of([1, 2, 3])
    again = pickle.loads(pickle.dumps(bars))
    assert repr(again) == repr(bars)
    assert all((getattr(again, name) == getattr(bars, name)).all() for name in COLUMNS)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (START_NS, "2026-05-28T20:27:00Z"),
        (START_NS + 500_000_000, "2026-05-28T20:27:00.5Z"),
        (np.int64(1_500_000_000_000_000_000), "2017-07-14T02:40:00Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
    ],
)
def test_a_time_reads_as_iso_8601(time: int, text: str) -> None:
    assert iso(time) == text


@given(st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2260, 1, 1)))
def test_a_time_can_be_read_back(moment: datetime.datetime) -> None:
    whole = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    assert datetime.datetime.fromisoformat(iso(whole * 1000)).replace(tzinfo=None) == moment


def test_rare_columns_are_sliced_and_checked() -> None:
    time = np.arange(3, dtype=np.int64)
    price = np.ones(3)
    plain = Bars(time, price, price, price, price, price)
    assert (plain.given, plain.funding) == (None, None)
    assert plain.columns == ("time", "open", "high", "low", "close", "volume")
    bars = Bars(time, price, price, price, price, price, given=price * 2, funding=price * 0)
    assert bars.columns[-2:] == ("given", "funding")
    assert bars[1:].given is not None
    assert bars[1:].given.tolist() == [2, 2]
    with pytest.raises(ValueError, match="read-only"):
        bars.given[0] = 5  # type: ignore[index]
    with pytest.raises(ValueError, match="given has the shape"):
        Bars(time, price, price, price, price, price, given=np.ones(2))
