"""Ask an exchange through ccxt, which knows its addresses, symbols, limits and errors."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.feeds.faults import TryAgain, answered, causes, passing, retry_after_s, server_time_s
from eyas.feeds.pages import Page, bars_of, empty
from eyas.feeds.trades import TIMEFRAME
from eyas.model import Bars
from eyas.ticks import Trades

MILLISECOND_NS = 1_000_000
STAYING = frozenset({400, 401, 404, 405, 410, 451})
"""Statuses that ccxt counts as failures which pass, where the exchange gave no reason; they do not."""
USUAL_LIMIT = 500
SIDES = {"buy": 1, "sell": -1}


class CcxtSource:
    """Answer with pages of bars or trades from an exchange that ccxt supports.

    `options` go to ccxt's constructor: {"options": {"defaultType": "swap"}}, {"timeout": 30_000}, keys. Its
    rate limiter is on. ccxt is imported here and not before, since that takes seconds.
    """

    def __init__(self, exchange: str, options: dict[str, Any] | None = None) -> None:
        self.exchange = _exchange(exchange, options or {})
        self.id = exchange
        self.name = f"ccxt:{exchange}"
        market = self.exchange.options.get("defaultType", "spot")
        # The same symbol is another market there, and would be another revision of the same bars.
        self.venue = exchange if market in ("spot", None) else f"{exchange}-{market}"
        features = (self.exchange.features or {}).get(market or "spot") or {}
        features = features.get("linear") or features
        self.limit = int((features.get("fetchOHLCV") or {}).get("limit") or USUAL_LIMIT)
        self.limit_trades = int((features.get("fetchTrades") or {}).get("limit") or USUAL_LIMIT)

    def __call__(self, symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> Page:  # noqa: ARG002
        """Return the bars (or trades) from `start_ns` on; raise TryAgain, UsageError or DataError."""
        import ccxt

        self._check(timeframe)
        since_ms = -(-start_ns // MILLISECOND_NS)
        try:
            self.exchange.load_markets()
            if timeframe == TIMEFRAME:
                data: Any = _trades(
                    self.exchange.fetch_trades(symbol, since_ms, min(limit, self.limit_trades))
                )
            else:
                data = _bars(self.exchange.fetch_ohlcv(symbol, timeframe, since_ms, limit))
        except ccxt.BaseError as error:
            raise self._fault(error, symbol, timeframe) from error
        except (TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
            raise TryAgain(f"its answer is none that ccxt can read ({type(error).__name__})") from error
        return Page(data, now_ns=self._server_ns())

    def close(self) -> None:
        """Close the connections."""
        self.exchange.session.close()

    def _check(self, timeframe: str) -> None:
        """Refuse what the exchange does not have, before anything is sent."""
        call, what = ("fetchTrades", "trades") if timeframe == TIMEFRAME else ("fetchOHLCV", "bars")
        if not self.exchange.has.get(call):
            raise UsageError(f"{self.id} gives no {what}: ccxt has no {call} for it")
        known = list(self.exchange.timeframes or ())
        if known and timeframe not in (*known, TIMEFRAME):
            raise UsageError(f"{self.id} has no {timeframe} bars: it has {', '.join(known)}")

    def _fault(self, error: Exception, symbol: str, timeframe: str) -> Exception:
        """Return what an error of ccxt's means for a download."""
        import ccxt

        status, headers = next(filter(None, map(answered, causes(error))), (0, {}))
        if isinstance(error, ccxt.OperationFailed) and status not in STAYING:
            headers = headers or self.exchange.last_response_headers or {}
            limited = isinstance(error, ccxt.DDoSProtection | ccxt.RateLimitExceeded)
            after_s = retry_after_s(429, headers) if limited or status else None
            return TryAgain(_short(error, status), after_s=after_s)
        if status >= 500 and type(error) is ccxt.ExchangeError and (found := passing(error)):
            return found
        asked = f"{self.id}, asked for {symbol} {timeframe}: "
        if isinstance(error, ccxt.BadSymbol):
            return UsageError(f"{self.id} has no symbol {symbol}.{self._near(symbol)}")
        if isinstance(error, ccxt.AuthenticationError):
            advice = "Give its keys in options={'apiKey': …, 'secret': …}, or ask for public data"
            return UsageError(f"{asked}it refuses us ({_short(error, status)}). {advice}.")
        if isinstance(error, ccxt.BadRequest | ccxt.NotSupported | ccxt.ArgumentsRequired):
            return UsageError(
                f"{asked}it cannot answer that ({_short(error, status)}). Check symbol and range."
            )
        return DataError(
            f"{asked}{_short(error, status)}. Check that the exchange is reachable and serves you."
        )

    def _near(self, symbol: str) -> str:
        known = [*(self.exchange.symbols or ()), *(self.exchange.markets_by_id or ())]
        near = get_close_matches(symbol.upper(), known, n=3, cutoff=0.6)
        return (
            f" Did you mean {' or '.join(near)}?"
            if near
            else " Write it as BTC/USDT, or as the exchange does."
        )

    def _server_ns(self) -> int | None:
        """Return the exchange's clock from the head of its last answer."""
        found = server_time_s(self.exchange.last_response_headers)
        return None if found is None else int(found * 1000) * MILLISECOND_NS


def _exchange(name: str, options: dict[str, Any]) -> Any:
    """Make ccxt's object for an exchange, one that takes nothing but JSON for an answer."""
    try:
        import ccxt
    except ImportError:
        raise UsageError("source='ccxt:…' needs the extra: pip install 'eyas[download]'") from None
    if name not in ccxt.exchanges:
        near = get_close_matches(name.lower(), ccxt.exchanges, n=3, cutoff=0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"ccxt knows no exchange {name!r}.{hint} ccxt.exchanges lists them")

    kind: Any = getattr(ccxt, name)

    class Checked(kind):  # type: ignore[misc]  # it is known by its name only
        """Take text for a failure: ccxt hands it on, and its parser makes no bars of it."""

        def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            answer = super().fetch(url, method, headers, body)
            if not isinstance(answer, dict | list):
                raise ccxt.BadResponse(f"{self.id} answered no JSON")
            return answer

    return Checked({"enableRateLimit": True, **options})


def _bars(rows: Any) -> Bars:
    if not rows:
        return empty()
    time = np.array([row[0] for row in rows], dtype=np.int64) * MILLISECOND_NS
    # What an exchange leaves out is None, and NaN here; the page's sifting keeps such rows aside.
    return bars_of(time, np.array([row[1:6] for row in rows], dtype=np.float64).T)


def _trades(rows: Any) -> Trades:
    """Return trades; a number of the venue's that is none, or is text, is not kept."""
    rows = rows or []
    return Trades(
        np.array([row["timestamp"] for row in rows], dtype=np.int64) * MILLISECOND_NS,
        np.array([row["price"] for row in rows], dtype=np.float64),
        np.array([row["amount"] for row in rows], dtype=np.float64),
        np.array([SIDES.get(row["side"], 0) for row in rows], dtype=np.int8),
        np.array([_number(row["id"]) for row in rows], dtype=np.int64),
    )


def _number(text: Any) -> int:
    plain = str(text)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else -1


def _short(error: Exception, status: int) -> str:
    """Return an error in a few words: ccxt repeats the whole page that an exchange answered."""
    text = " ".join(str(error).split())
    words = text if len(text) <= 160 else f"{text[:157]}…"
    return f"{type(error).__name__}{f', HTTP {status}' if status else ''}: {words}"
