"""Downloads of single trades: each once, none lost at the edges of pages, from the real ccxt too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eyas.errors import DataError
from eyas.feeds.faults import Patience
from eyas.ticks import Trades
from tests.feeds.conftest import Asked, Running
from tests.feeds.venues import (
    HARD,
    HOUR_MS,
    MS_NS,
    START_MS,
    Binance,
    Trade,
    Venue,
    local_binance,
    serving,
    sometimes,
)

START_NS = START_MS * MS_NS


def made(gaps_ms: list[int]) -> list[Trade]:
    """Return trades so long after each other, numbered."""
    times = (START_MS + np.cumsum(gaps_ms)).tolist()
    return [(at, 100 + row % 7 / 4, 1 + row % 5 / 8, 1 - row % 2 * 2, row) for row, at in enumerate(times)]


def columns_of(trades: list[Trade]) -> Trades:
    """Return trades as columns."""
    time, price, quantity, side, number = np.array(trades or np.empty((0, 5))).T
    return Trades(
        time.astype(np.int64) * MS_NS, price, quantity, side.astype(np.int8), number.astype(np.int64)
    )


def source_of(venue: Venue) -> Any:
    """Return a venue's trades as a source: a function."""

    def trades(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> Trades:
        assert timeframe == "trades"
        venue.asked.append({})
        return columns_of([one for one in venue.trades if one[0] * MS_NS >= start_ns][:limit])

    trades.venue, trades.limit = "here", venue.page
    return trades


def stored(running: Running) -> list[Trade]:
    """Return what the catalog has."""
    trades = running.catalog.trades("BTC/USDT")
    columns = (trades.time // MS_NS, trades.price, trades.quantity, trades.side, trades.number)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.sampled_from([0, 0, 1, 700, 50_000]), min_size=1, max_size=80), page=st.integers(6, 20)
)
def test_every_trade_is_stored_once(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int], page: int
) -> None:
    trades = made(gaps)
    crowd = int(np.unique([one[0] for one in trades], return_counts=True)[1].max())
    venue = Venue([], START_MS + 80 * HOUR_MS, page=max(page, crowd + 1), trades=trades)
    running = Running(tmp_path_factory.mktemp("place"))
    middle = START_NS + sum(gaps) * MS_NS // 2
    for end in (middle + 1, None):
        running(venue, timeframe="trades", source=source_of(venue), end=end)
    assert stored(running) == trades
    before = len(venue.asked)
    assert running(venue, timeframe="trades", source=source_of(venue)).rows_new == 0
    assert len(venue.asked) - before <= 2


def test_more_trades_in_a_moment_than_a_page_holds_are_counted(running: Running) -> None:
    venue = Venue([], START_MS + HOUR_MS, page=10, trades=made([5] + [0] * 14 + [5]))
    done = running(venue, timeframe="trades", source=source_of(venue))
    assert done.counts["crowded"] == 1
    assert stored(running) == [*venue.trades[:10], venue.trades[-1]]
    assert "11 new trades" in str(done)


def test_bars_are_no_trades(running: Running) -> None:
    venue = Venue([], START_MS + HOUR_MS)
    with pytest.raises(DataError, match="was asked for Trades"):
        running(venue, timeframe="trades", source=lambda *asked: [], venue="here")
    with pytest.raises(DataError, match="was asked for bars of 1h"):
        running(venue, source=lambda *asked: columns_of([]), venue="here", start="2023-12-01")


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_from_an_exchange(running: Running, seed: int | None, asked_by: Asked) -> None:
    pytest.importorskip("ccxt")
    choices, shares = [0, 0, 3, 2_000, 30_000, HOUR_MS * 3 // 2], [0.2, 0.2, 0.2, 0.2, 0.197, 0.003]
    trades = made(np.random.default_rng(3).choice(choices, 3000, p=shares).tolist())
    venue = Venue([], trades[-1][0] + HOUR_MS, page=300, trades=trades)
    if seed is not None:
        among = (*(fault for fault in HARD if fault != "timeout"), "empty", "short")
        venue.faults = sometimes(seed, 0.2, among)
    with serving(venue, Binance) as host:
        given = {"timeframe": "trades", "source": "ccxt:binance", "options": local_binance(host)}
        done = running(venue, patience=Patience(tries=40), **given)
        assert stored(running) == trades
        assert done.rows_new == len(trades)
        venue.faults = lambda number, asked: None
        assert asked_by(venue, lambda: running(venue, **given)) <= 2
