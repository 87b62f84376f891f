"""What the tests of downloads share: a world in which nobody waits, and a catalog of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from eyas.data.catalog import Catalog
from eyas.feeds.asking import World
from eyas.feeds.download import download
from eyas.feeds.downloaded import Downloaded
from tests.feeds.venues import MS_NS, START_MS, Row, Venue, function_of

Asked = Callable[[Venue, Callable[[], Any]], int]


class Running:
    """Download from venues into one catalog, by the venue's clock, and note the waits."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.catalog = Catalog(place)
        self.waits: list[float] = []
        self.time_goes_on = False

    def __call__(self, at: Venue, *, skew_ms: int = 0, **options: Any) -> Downloaded:
        """Download by a clock so far ahead of the venue's; by default from the venue as a function."""

        def sleep(wait_s: float) -> None:
            self.waits.append(wait_s)
            at.now_ms += round(wait_s * 1000) if self.time_goes_on else 0

        world = World(lambda: (at.now_ms + skew_ms) * MS_NS, sleep, Random(5))
        given = {
            "symbol": "BTC/USDT",
            "timeframe": "1h",
            "source": options.get("source") or function_of(at),
            "start": START_MS * MS_NS,
            "catalog": self.catalog,
            "world": world,
        }
        return download(**(given | options))

    def stored(self, symbol: str = "BTC/USDT", timeframe: str = "1h", **venue: str) -> list[Row]:
        """Return the rows that the catalog has."""
        bars = self.catalog.load(symbol, timeframe, **venue)
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        times = (bars.time // MS_NS).tolist()
        return list(zip(times, *(column.tolist() for column in columns), strict=True))


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(tmp_path / "catalog")


@pytest.fixture
def asked_by() -> Asked:
    """Return how many requests a venue gets from a call."""

    def count(venue: Venue, call: Callable[[], Any]) -> int:
        before = len(venue.asked)
        call()
        return len(venue.asked) - before

    return count
