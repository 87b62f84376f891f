"""Downloads through the real ccxt from a Binance on the loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from eyas.errors import DataError, UsageError
from eyas.feeds.faults import Patience
from tests.feeds.conftest import Asked, Running
from tests.feeds.venues import (
    HARD,
    HOUR_MS,
    MS_NS,
    SOFT,
    START_MS,
    Binance,
    Venue,
    history,
    local_binance,
    serving,
    sometimes,
)

pytest.importorskip("ccxt")


class Exchange:
    """A Binance on the loopback, and how to download from it."""

    def __init__(self, venue: Venue, host: str, running: Running) -> None:
        self.venue, self.host, self.running = venue, host, running

    def __call__(self, **options: Any) -> Any:
        more = options.pop("more", {})
        given = {"source": "ccxt:binance", "options": local_binance(self.host, **more)}
        return self.running(self.venue, **(given | options))


@pytest.fixture
def exchange(running: Running) -> Iterator[Exchange]:
    venue = Venue(history(2501), START_MS + 2500 * HOUR_MS + HOUR_MS // 2)
    with serving(venue, Binance) as host:
        yield Exchange(venue, host, running)


def test_a_download_is_the_exchanges_closed_history(exchange: Exchange, asked_by: Asked) -> None:
    done = exchange()
    assert exchange.running.stored() == exchange.venue.closed()
    assert (done.venue, done.source, done.requests, done.rows_new) == ("binance", "ccxt:binance", 3, 2500)
    assert [asked["limit"] for asked in exchange.venue.asked] == ["1000", "1000", "500"]
    entry = exchange.running.catalog.entry("BTC/USDT", "1h")
    assert (entry.adjustment, entry.sources[0].name) == ("raw", "ccxt:binance")
    assert asked_by(exchange.venue, exchange) == 0
    exchange.venue.now_ms += HOUR_MS
    assert asked_by(exchange.venue, exchange) == 1
    assert len(exchange.running.stored()) == 2501


def test_before_the_listing_and_by_the_exchanges_own_symbol(exchange: Exchange) -> None:
    done = exchange(symbol="BTCUSDT", start="2022-01-01")
    assert exchange.running.stored("BTCUSDT") == exchange.venue.closed()
    assert done.requests <= 4


@pytest.mark.parametrize("skew_ms", [-HOUR_MS, 3 * HOUR_MS])
def test_the_exchanges_clock_counts(exchange: Exchange, skew_ms: int) -> None:
    exchange(skew_ms=skew_ms)
    assert exchange.running.stored() == exchange.venue.closed()


def test_without_its_clock_ours_does(exchange: Exchange) -> None:
    exchange.venue.sends_date = False
    exchange()
    assert exchange.running.stored() == exchange.venue.closed()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_goes_wrong_on_the_way(exchange: Exchange, seed: int, asked_by: Asked) -> None:
    exchange.venue.page = 250
    # Some of these take as long as the client waits; that is set to be short, once.
    among = tuple(fault for fault in (*HARD, *SOFT) if fault != "timeout")
    exchange.venue.faults = sometimes(seed, 0.5, among)
    done = exchange(patience=Patience(tries=60))
    assert exchange.running.stored() == exchange.venue.closed()
    assert done.requests <= 10 * 8
    exchange.venue.faults = lambda number, asked: None
    assert asked_by(exchange.venue, exchange) == 0


@pytest.mark.parametrize("fault", [*HARD, *SOFT])
def test_each_fault_passes(exchange: Exchange, fault: str) -> None:
    exchange.venue.faults = lambda number, asked: fault if number == 1 else None
    done = exchange(more={"timeout": 500 if fault == "timeout" else 20_000})
    assert exchange.running.stored() == exchange.venue.closed()
    # On a slow machine an answer that is none of the faults may take that long, too.
    assert (done.retries >= 1) if fault == "timeout" else (done.retries == (fault in HARD))
    assert done.seconds < 20
    assert all(wait >= 7 for wait in exchange.running.waits if fault in ("429", "418"))
    assert len(exchange.running.waits) == done.retries


def test_a_rate_limit_is_kept_to(exchange: Exchange) -> None:
    exchange.venue.page, exchange.venue.a_minute, exchange.running.time_goes_on = 200, 3, True
    done = exchange()
    assert exchange.running.stored() == exchange.venue.closed()
    # Three of thirteen pages a minute, and the one that is refused.
    assert (done.requests, done.retries) == (13 + 4, 4)
    assert max(exchange.venue.minutes.values()) == 4
    assert len(exchange.venue.minutes) == 5


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("429", "DDoSProtection, HTTP 429"),
        ("502", "ExchangeNotAvailable, HTTP 502"),
        ("garbage", "BadResponse: binance answered no JSON"),
        ("reset", "NetworkError"),
    ],
)
def test_a_fault_that_stays_ends_it_with_a_sentence(exchange: Exchange, fault: str, said: str) -> None:
    exchange.venue.faults = lambda number, asked: fault if number >= 1 else None
    with pytest.raises(DataError) as caught:
        exchange(patience=Patience(tries=3))
    assert f"ccxt:binance failed: {said}" in str(caught.value)
    assert "3 times in a row, for the bars from 2024-02-11T16:00:00Z on. 1,000 new" in str(caught.value)
    assert len(str(caught.value)) < 600
    assert len(exchange.venue.asked) == 4


@pytest.mark.parametrize("status", ["404", "451"])
def test_a_refusal_without_a_reason_is_not_asked_for_again(exchange: Exchange, status: str) -> None:
    exchange.venue.faults = lambda number, asked: status if number == 1 else None
    with pytest.raises(
        DataError, match=f"asked for BTC/USDT 1h: ExchangeNotAvailable, HTTP {status}"
    ) as caught:
        exchange()
    assert caught.value.__notes__[0].startswith("1,000 new bars are stored, up to 2024-02-11T15:00:00Z.")
    assert (len(exchange.venue.asked), exchange.running.waits) == (2, [])


def test_a_symbol_that_is_not_there_is_not_asked_for_again(exchange: Exchange) -> None:
    with pytest.raises(UsageError, match=r"binance has no symbol BTC/USD\. Did you mean BTC/USDT"):
        exchange(symbol="BTC/USD")
    assert (exchange.venue.asked, exchange.running.waits) == ([], [])


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"source": "ccxt:binanse"}, "ccxt knows no exchange 'binanse'. Did you mean binance"),
        ({"source": "ccxt:zzzzzz"}, "ccxt knows no exchange 'zzzzzz'"),
        ({"source": "ccxt:"}, "no source 'ccxt:'"),
        ({"timeframe": "7m"}, "binance has no 7m bars: it has 1s, 1m"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(exchange: Exchange, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        exchange(**changed)
    assert exchange.venue.asked == []


def test_a_swap_is_another_venue() -> None:
    from eyas.feeds.sources import source_of

    spot, swap = source_of("ccxt:binance"), source_of("ccxt:binance", {"options": {"defaultType": "swap"}})
    assert (spot.venue, swap.venue, spot.limit) == ("binance", "binance-swap", 1000)
    assert source_of("ccxt:binance", venue="mine").venue == "mine"
    assert spot.ask.exchange.enableRateLimit, "ccxt itself waits between requests"  # type: ignore[attr-defined]
    for one in (spot, swap):
        one.close()


def test_no_address_of_the_real_exchange_is_used(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="urllib3"):
        exchange(end=(START_MS + 10 * HOUR_MS) * MS_NS)
    assert caplog.records, "urllib3 says where it connects to"
    assert not [one for one in caplog.messages if "binance.com" in one or "https" in one]
