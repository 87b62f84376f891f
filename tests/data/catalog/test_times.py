"""The times of a series, without the rest of its rows."""

from __future__ import annotations

import pytest

from eyas.data.catalog import files
from eyas.errors import UsageError
from tests.data.catalog.made import HOUR, MINUTE, MONDAY, bars, books, trades


@pytest.mark.parametrize("file_format", ["parquet", "mapped"])
def test_times_are_those_of_the_rows(catalog, file_format):
    given = bars(3_000)
    catalog.add(given, venue="v", format=file_format)
    assert catalog.times("BTCUSDT", "1m").tolist() == given.time.tolist()
    part = catalog.times("BTCUSDT", "1m", start=MONDAY + 7 * MINUTE, end=MONDAY + 9 * MINUTE)
    assert part.tolist() == given.time[7:9].tolist()
    assert len(catalog.times("BTCUSDT", "1m", start="2030")) == 0


def test_trades_and_books_have_times_too(catalog):
    for data, name in ((trades(50), "trades"), (books(50), "books")):
        catalog.add(data, venue="v")
        assert catalog.times("BTCUSDT", name).tolist() == data.time.tolist()


def test_nothing_else_is_read(catalog, monkeypatch):
    catalog.add(bars(50), venue="v")
    asked = []
    really = files._frame
    monkeypatch.setattr(files, "_frame", lambda sources, names: asked.append(names) or really(sources, names))
    catalog.times("BTCUSDT", "1m")
    assert asked == [("time",)]


def test_a_series_that_is_not_there_has_no_times(catalog):
    catalog.add(bars(5, "1h", HOUR), venue="v")
    with pytest.raises(UsageError, match="has no BTCUSDT 1m"):
        catalog.times("BTCUSDT", "1m")
