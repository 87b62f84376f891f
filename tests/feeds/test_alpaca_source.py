"""Downloads through the real alpaca-py from an Alpaca on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from eyas.errors import DataError, UsageError
from eyas.feeds.faults import Patience
from tests.feeds.conftest import Asked, Running
from tests.feeds.venues import (
    HARD,
    HOUR_MS,
    MINUTE_MS,
    START_MS,
    Alpaca,
    Row,
    Venue,
    history,
    local_alpaca,
    serving,
    sometimes,
)

pytest.importorskip("alpaca")
DAYS = 12


def sessions() -> list[Row]:
    """Return minutes of which 390 a day have a bar, on five days of seven."""
    rows = history(DAYS * 24 * 60, step_ms=MINUTE_MS)
    return [row for at, row in enumerate(rows) if 870 <= at % 1440 < 1260 and at // 1440 % 7 < 5]


class Broker:
    """An Alpaca on the loopback, and how to download from it."""

    def __init__(self, venue: Venue, host: str, running: Running) -> None:
        self.venue, self.host, self.running = venue, host, running

    def __call__(self, **options: Any) -> Any:
        more = options.pop("more", {})
        given = {
            "symbol": "AAPL",
            "timeframe": "1m",
            "source": "alpaca",
            "options": local_alpaca(self.host, **more),
        }
        return self.running(self.venue, **(given | options))

    def stored(self, symbol: str = "AAPL", **venue: str) -> list[Row]:
        return self.running.stored(symbol, "1m", **venue)


@pytest.fixture
def broker(running: Running) -> Iterator[Broker]:
    now_ms = START_MS + (DAYS - 1) * 24 * HOUR_MS + 1000 * MINUTE_MS + 30_000
    venue = Venue(sessions(), now_ms, MINUTE_MS, page=500)
    with serving(venue, Alpaca) as host:
        yield Broker(venue, host, running)


def test_pages_go_on_with_tokens_and_nights_are_not_asked_for_again(broker: Broker, asked_by: Asked) -> None:
    requests = asked_by(broker.venue, broker)
    assert broker.stored() == broker.venue.closed()
    assert requests == -(-len(broker.venue.closed()) // 500)
    assert asked_by(broker.venue, broker) == 0
    broker.venue.now_ms += HOUR_MS
    assert asked_by(broker.venue, broker) == 1
    assert broker.stored() == broker.venue.closed()


def test_a_weekend_is_asked_for_until_it_is_old(broker: Broker, asked_by: Asked) -> None:
    broker.venue.now_ms = START_MS + 6 * 24 * HOUR_MS
    broker()
    assert asked_by(broker.venue, broker) == 1
    assert broker.stored() == broker.venue.closed()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_goes_wrong_on_the_way(broker: Broker, seed: int, asked_by: Asked) -> None:
    # alpaca-py itself goes from token to token, and begins a page of ours again when one of its own fails.
    broker.venue.page = 1000
    among = tuple(fault for fault in (*HARD, "short", "twice", "disorder") if fault not in ("timeout", "418"))
    broker.venue.faults = sometimes(seed, 0.3, among)
    broker(patience=Patience(tries=60))
    assert broker.stored() == broker.venue.closed()
    broker.venue.faults = lambda number, asked: None
    assert asked_by(broker.venue, broker) == 0


@pytest.mark.parametrize("fault", HARD)
def test_each_fault_passes(broker: Broker, fault: str) -> None:
    broker.venue.faults = lambda number, asked: fault if number == 2 else None
    done = broker(more={"timeout_s": 0.5 if fault == "timeout" else 20})
    assert broker.stored() == broker.venue.closed()
    # On a slow machine an answer that is none of the faults may take that long, too.
    assert (done.retries >= 1) if fault == "timeout" else (done.retries == 1)
    assert len(broker.running.waits) == done.retries == done.requests - 1
    assert done.seconds < 20
    assert all(wait >= 7 for wait in broker.running.waits if fault in ("429", "418"))


def test_adjusted_prices_are_another_series(broker: Broker) -> None:
    broker()
    broker(more={"adjustment": "all", "feed": "iex"})
    assert (broker.venue.asked[-1]["adjustment"], broker.venue.asked[-1]["feed"]) == ("all", "iex")
    found = {entry.venue: entry.adjustment for entry in broker.running.catalog.series()}
    assert found == {"alpaca": "raw", "alpaca-all": "adjusted"}
    assert broker.stored(venue="alpaca-all") == broker.stored(venue="alpaca")


def test_coins_need_no_keys(broker: Broker) -> None:
    options = {"url_override": f"http://{broker.host}", "timeout_s": 1}
    broker(symbol="BTC/USD", options=options)
    assert broker.stored("BTC/USD") == broker.venue.closed()
    assert broker.venue.asked[-1]["path"] == "/v1beta3/crypto/us/bars"


def test_keys_come_from_the_environment(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"url_override": f"http://{broker.host}"}
    monkeypatch.delenv("APCA_API_KEY_ID", raising=False)
    with pytest.raises(UsageError, match="set APCA_API_KEY_ID and APCA_API_SECRET_KEY, or give options="):
        broker(options=options)
    monkeypatch.setenv("APCA_API_KEY_ID", "key")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "wrong")
    with pytest.raises(UsageError, match=r"alpaca, asked for AAPL 1m from 2024-01-01.*refuses us \(HTTP 403"):
        broker(options=options)
    assert (len(broker.venue.asked), broker.running.waits) == (1, [])
    monkeypatch.setenv("APCA_API_SECRET_KEY", "secret")
    assert broker(options=options).rows_new == len(broker.venue.closed())


def test_a_symbol_without_bars(broker: Broker) -> None:
    done = broker(symbol="NONE")
    assert (done.rows_new, done.requests, done.entry) == (0, 1, None)
    assert "The source has no bars from 2024-01-01T00:00:00Z" in str(done)


def test_a_fault_that_stays_ends_it(broker: Broker) -> None:
    broker.venue.faults = lambda number, asked: "500"
    with pytest.raises(DataError, match="alpaca failed: it answered HTTP 500, 2 times in a row"):
        broker(patience=Patience(tries=2))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"timeframe": "7d"}, "alpaca has no 7d bars: it has 1m to 59m"),
        ({"timeframe": "1s"}, "alpaca has no 1s bars"),
        ({"timeframe": "trades"}, "alpaca gives bars here"),
        ({"more": {"adjustment": "half"}}, "adjustment='half' is none of raw, split"),
        ({"more": {"fed": "iex"}}, "alpaca has no option fed: it has api_key"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(broker: Broker, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        broker(**changed)
    assert broker.venue.asked == []
