"""Venues on the loopback that speak the protocols of Binance and Alpaca, and misbehave when told to."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from eyas.feeds.faults import TryAgain

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
MS_NS = 1_000_000
START_MS = 1_704_067_200_000  # 2024-01-01
Row = tuple[int, float, float, float, float, float]
Trade = tuple[int, float, float, int, int]
"""Time, price, quantity, side, number."""


def history(count: int, *, start_ms: int = START_MS, step_ms: int = HOUR_MS, seed: int = 0) -> list[Row]:
    """Return made bars, one after the other; more of them begin with the same."""
    steps, bodies, above, below, lots = np.random.default_rng(seed).integers(0, 100, (count, 5)).T
    opened = 100 + np.cumsum(steps - 49) / 200
    close = opened + (bodies - 50) / 100
    high = np.maximum(opened, close) + above / 300
    low = np.minimum(opened, close) - below / 300
    volume = lots * 100 / 8
    columns = np.round([opened, high, low, close, volume], 4).T.tolist()
    return [(start_ms + row * step_ms, *columns[row]) for row in range(count)]


@dataclass
class Venue:
    """What a venue knows, when it is, how it answers, and what it was asked."""

    rows: list[Row]
    now_ms: int
    step_ms: int = HOUR_MS
    faults: Callable[[int, dict[str, str]], str | None] = lambda number, asked: None
    windowed: bool = False
    """Whether a page ends one page's length after its start, whether bars are there or not."""
    wrong_end: bool = False
    """Whether a page that would be too long is cut at its beginning."""
    page: int = 1000
    sends_date: bool = True
    a_minute: int = 0
    """How many requests are answered in a minute; 0: any number."""
    asked: list[dict[str, str]] = field(default_factory=list)
    last_page: list[Row] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    minutes: Counter[int] = field(default_factory=Counter)
    released: threading.Event = field(default_factory=threading.Event)

    def retry_after_s(self) -> int:
        """Return how long a client that asked too often shall wait: 7 s, or until the next minute."""
        return 60 - self.now_ms // 1000 % 60 if self.a_minute else 7

    def closed(self, skew_ms: int = 0) -> list[Row]:
        """Return the bars that are closed, by a clock so far ahead of the venue's own."""
        return [row for row in self.rows if row[0] + self.step_ms <= self.now_ms + skew_ms]

    def answer(self, since_ms: int, until_ms: int, limit: int, fault: str | None) -> list[Row]:
        """Return a page, also with the bar that is still forming."""
        if self.windowed:
            until_ms = min(until_ms, since_ms + limit * self.step_ms)
        if fault == "overlap":
            since_ms -= 3 * self.step_ms
        found = [row for row in self.rows if since_ms <= row[0] < until_ms and row[0] <= self.now_ms]
        limit = min(limit, self.page)
        found = found[-limit:] if self.wrong_end else found[:limit]
        # A bar that is still forming has some other values than it will have in the end.
        early = self.now_ms - self.step_ms
        page = [row if row[0] <= early else (row[0], *[row[1]] * 4, 1.0) for row in found]
        if fault == "short":
            page = page[: max(1, len(page) // 3)]
        if fault == "duplicate":
            page = self.last_page
        if fault == "twice":
            page = sorted(page + page[: len(page) // 2])
        if fault == "disorder":
            page = page[::-1]
        if fault == "empty":
            page = []
        self.last_page = page
        return page


class Handler(BaseHTTPRequestHandler):
    """Serve one venue; subclasses know the words of its protocol."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    venue: Venue

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.venue.now_ms / 1000, usegmt=True)

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)
        if self.venue.sends_date:
            self.send_header("Date", self.date_time_string())

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(split.query).items()} | {"path": split.path}
        if split.path.endswith(("/klines", "/bars", "/aggTrades")):
            self.venue.asked.append(asked)
        fault = self.venue.faults(len(self.venue.asked) - 1, asked)
        if self.venue.a_minute and self.venue.asked:
            self.venue.minutes[self.venue.now_ms // MINUTE_MS] += 1
            fault = (
                "429" if self.venue.minutes[self.venue.now_ms // MINUTE_MS] > self.venue.a_minute else fault
            )
        try:
            if not self.misbehave(fault):
                self.serve(asked, fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def misbehave(self, fault: str | None) -> bool:
        """Answer in a way that is none; tell whether that was done."""
        match fault:
            case "429" | "418":
                self.reply(
                    int(fault),
                    {"code": -1003, "msg": "Too many requests."},
                    {"Retry-After": str(self.venue.retry_after_s())},
                )
            case "500":
                self.reply(500, {"code": -1000, "msg": "An unknown error occurred."})
            case "502":
                self.reply_text(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")
            case "404" | "451":
                self.reply_text(int(fault), "<html><body>nothing for you here</body></html>", "text/html")
            case "garbage":
                self.reply_text(200, '[[1704067200000,"1', "application/json")
            case "page":
                self.reply_text(200, "<html>we are being maintained</html>", "text/html")
            case "timeout":
                self.venue.released.wait(30)
                self.close_connection = True
            case "close":
                self.send_response(200)
                self.send_header("Content-Length", "5000")
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'[[1704067200000,"1')
                self.close_connection = True
            case "reset":
                self.close_connection = True
            case _:
                return False
        return True

    def reply(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self.reply_text(status, json.dumps(value), "application/json", headers)

    def reply_text(self, status: int, text: str, kind: str, headers: dict[str, str] | None = None) -> None:
        data = text.encode()
        self.send_response(status)
        head = {"Content-Type": kind, "Content-Length": str(len(data))}
        for name, value in (head | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def serve(self, asked: dict[str, str], fault: str | None) -> None:
        raise NotImplementedError


class Binance(Handler):
    """Speak as much of Binance's spot API as a download needs."""

    def serve(self, asked: dict[str, str], fault: str | None) -> None:
        if asked["path"] == "/api/v3/exchangeInfo":
            self.reply(200, {"timezone": "UTC", "serverTime": self.venue.now_ms, "symbols": [MARKET]})
        elif asked["path"] == "/api/v3/aggTrades":
            self.reply(200, self.trades(asked, fault))
        elif asked["path"] != "/api/v3/klines":
            self.reply(404, {"code": -1, "msg": f"nothing at {asked['path']}"})
        elif asked["symbol"] != "BTCUSDT":
            self.reply(400, {"code": -1121, "msg": "Invalid symbol."})
        else:
            limit = min(int(asked.get("limit", 500)), 1000)
            since_ms = int(asked.get("startTime", START_MS))
            page = self.venue.answer(since_ms, int(asked.get("endTime", 10**15)), limit, fault)
            self.reply(200, [self.line(row) for row in page], {"X-MBX-USED-WEIGHT-1M": "2"})

    def line(self, row: Row) -> list[Any]:
        texts = [f"{value:.8f}" for value in row[1:]]
        return [row[0], *texts, row[0] + self.venue.step_ms - 1, "1.0", 10, "0.5", "0.5", "0"]

    def trades(self, asked: dict[str, str], fault: str | None) -> list[dict[str, Any]]:
        since_ms, until_ms = int(asked["startTime"]), int(asked["endTime"])
        assert until_ms - since_ms <= HOUR_MS, "Binance refuses a longer stretch"
        until_ms = min(until_ms, self.venue.now_ms)
        found = [one for one in self.venue.trades if since_ms <= one[0] <= until_ms]
        limit = min(int(asked["limit"]), self.venue.page)
        found = [] if fault == "empty" else found[: limit // 3 if fault == "short" else limit]
        return [
            {"a": number, "p": f"{price:.2f}", "q": f"{quantity:.3f}", "f": number, "l": number}
            | {"T": time, "m": side < 0, "M": True}
            for time, price, quantity, side, number in found
        ]


class Alpaca(Handler):
    """Speak as much of Alpaca's market data API as a download needs; its pages go on with a token."""

    def serve(self, asked: dict[str, str], fault: str | None) -> None:
        keys = (self.headers.get("APCA-API-KEY-ID"), self.headers.get("APCA-API-SECRET-KEY"))
        if "/stocks/" in asked["path"] and keys != ("key", "secret"):
            self.reply(403, {"message": "forbidden."})
            return
        symbol, limit = asked["symbols"], min(int(asked.get("limit", 1000)), 10_000)
        since_ms, until_ms = _milliseconds(asked["start"]), _milliseconds(asked["end"]) + 1
        if "page_token" in asked:
            since_ms = int(asked["page_token"]) + 1
        known = symbol in ("AAPL", "BTC/USD")
        page = self.venue.answer(since_ms, until_ms, limit, fault) if known else []
        more = bool(page) and any(page[-1][0] < row[0] < until_ms for row in self.venue.rows)
        bars = {symbol: [self.line(row) for row in page]} if page else {}
        self.reply(200, {"bars": bars, "next_page_token": str(page[-1][0]) if more else None})

    def line(self, row: Row) -> dict[str, Any]:
        time = datetime.fromtimestamp(row[0] / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"t": time, **dict(zip("ohlcv", row[1:], strict=True)), "n": 10, "vw": row[1]}


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def function_of(venue: Venue) -> Callable[..., list[Row]]:
    """Return a venue as a source: a function, without a server and a client."""

    def made(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> list[Row]:
        assert start_ns < end_ns
        assert limit > 0
        asked = {"startTime": str(-(-start_ns // MS_NS)), "limit": str(limit)}
        venue.asked.append(asked)
        fault = venue.faults(len(venue.asked) - 1, asked)
        if fault in FAILURES:
            raise FAILURES[fault]
        return venue.answer(-(-start_ns // MS_NS), 10**15, limit, fault)

    made.venue, made.limit = "here", venue.page
    return made


class Server(ThreadingHTTPServer):
    """Serve, and say nothing when a client is killed."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(venue: Venue, kind: type[Handler]) -> Iterator[str]:
    """Serve a venue on the loopback and return host and port."""
    server = Server(("127.0.0.1", 0), type("Served", (kind,), {"venue": venue}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        venue.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def local_binance(host: str, **more: Any) -> dict[str, Any]:
    """Return ccxt's options for a Binance on the loopback: no address of the real one survives."""
    import ccxt

    def here(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: here(one) for name, one in value.items()}
        return f"http://{host}{urlsplit(value).path}"

    spot = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}
    options = {"options": {**spot, "fetchMargins": False}, "urls": {"api": here(ccxt.binance().urls["api"])}}
    return {**options, "rateLimit": 0, "timeout": 20_000, **more}


def local_alpaca(host: str, **more: Any) -> dict[str, Any]:
    """Return the options for an Alpaca on the loopback."""
    keys = {"api_key": "key", "secret_key": "secret"}
    return {"url_override": f"http://{host}", **keys, "timeout_s": 20, **more}


FAILURES = {"timeout": TimeoutError(), "reset": ConnectionResetError(), "429": TryAgain("busy", after_s=7)}
SOFT = ("short", "duplicate", "overlap", "twice", "disorder", "empty")
"""Pages that are none, or not the one that was asked for, with status 200."""
HARD = ("429", "418", "500", "502", "garbage", "page", "timeout", "close", "reset")


def sometimes(seed: int, share: float, among: tuple[str, ...]) -> Callable[[int, dict[str, str]], str | None]:
    """Return faults at random, but a right page between two wrong ones: two that agree could be the truth."""
    random = Random(seed)
    wrong: list[str] = []

    def fault(number: int, asked: dict[str, str]) -> str | None:
        found = random.choice(among) if random.random() < share else None
        if found is None or (found in SOFT and wrong):
            wrong.clear()
            return None
        wrong.extend([found] if found in SOFT else [])
        return found

    return fault


MARKET = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "baseAssetPrecision": 8,
    "quoteAsset": "USDT",
    "quotePrecision": 8,
    "quoteAssetPrecision": 8,
    "orderTypes": ["LIMIT", "MARKET"],
    "icebergAllowed": True,
    "isSpotTradingAllowed": True,
    "isMarginTradingAllowed": False,
    "permissions": ["SPOT"],
    "permissionSets": [["SPOT"]],
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000.0", "stepSize": "0.00001"},
    ],
}
