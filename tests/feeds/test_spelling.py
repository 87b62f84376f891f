"""A download by another spelling of a timeframe goes on with the same series."""

from __future__ import annotations

from tests.feeds.conftest import Asked, Running
from tests.feeds.venues import HOUR_MS, START_MS, Venue, history


def test_sixty_minutes_are_an_hour(running: Running, asked_by: Asked) -> None:
    venue = Venue(history(61), START_MS + 60 * HOUR_MS + HOUR_MS // 2, page=50)
    done = running(venue, timeframe="60m")
    assert (done.timeframe, done.rows_new) == ("1h", 60)
    assert asked_by(venue, lambda: running(venue, timeframe="1h")) == 0
    assert asked_by(venue, lambda: running(venue, timeframe="3600s")) == 0
    assert [one.timeframe for one in running.catalog.series()] == ["1h"]
