"""What is not of a series is not mixed into it."""

from __future__ import annotations

import pytest

from eyas.errors import DataError
from eyas.model import Bars
from tests.data.catalog.made import bars


def test_rows_of_another_clock_are_not_mixed_in(catalog):
    """What contradicts most of the stored rows is another series: nothing of it is added."""
    given = bars(100)
    catalog.add(given, venue="v")
    hour = 3_600_000_000_000
    late = Bars(
        given.time + hour, given.open, given.high, given.low, given.close, given.volume, "BTCUSDT", "1m", "x"
    )
    with pytest.raises(DataError, match=r"of 40 rows .* 40 come with other values.*nothing was added"):
        catalog.add(late, venue="v")
    assert len(catalog.load("BTCUSDT", "1m")) == 100
    assert catalog.verify() == ()
    assert catalog.add(late, venue="v", revise=True).rows_new == 60
    assert len(catalog.load("BTCUSDT", "1m")) == 160
