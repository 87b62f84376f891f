"""Ask Alpaca for shares and coins through its own client."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.feeds.faults import TryAgain, answered, causes, passing, server_time_s
from eyas.feeds.pages import Page, bars_of, empty
from eyas.feeds.trades import TIMEFRAME
from eyas.model import Bars, iso
from eyas.timeframes import parse

SECOND_NS = 1_000_000_000
KEYS = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")
OPTIONS = ("api_key", "secret_key", "url_override", "adjustment", "feed", "timeout_s")
ADJUSTMENTS = {"raw": "raw", "split": "adjusted", "dividend": "adjusted", "all": "adjusted"}
UNITS = {"m": "Minute", "h": "Hour", "d": "Day", "w": "Week", "M": "Month"}
LIMIT = 10_000


class AlpacaSource:
    """Answer with pages of bars from Alpaca: shares by ticker, coins by pair (BTC/USD).

    Keys come from APCA_API_KEY_ID and APCA_API_SECRET_KEY, or from `options`: api_key, secret_key, adjustment
    ("raw" or "all"; also "split", "dividend"), feed ("iex", "sip" …), url_override, timeout_s.
    """

    name = "alpaca"
    limit = LIMIT

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        options = dict(options or {})
        if unknown := options.keys() - set(OPTIONS):
            raise UsageError(
                f"alpaca has no option {', '.join(sorted(unknown))}: it has {', '.join(OPTIONS)}"
            )
        self.said = options.get("adjustment", "raw")
        if self.said not in ADJUSTMENTS:
            raise UsageError(f"adjustment={self.said!r} is none of {', '.join(ADJUSTMENTS)}")
        self.feed = options.get("feed")
        self.timeout_s = float(options.get("timeout_s", 30.0))
        self.url = options.get("url_override")
        self.keys = (
            options.get("api_key") or os.environ.get(KEYS[0], ""),
            options.get("secret_key") or os.environ.get(KEYS[1], ""),
        )
        self.adjustment = ADJUSTMENTS[self.said]
        # Adjusted prices are another series: they all change with every dividend.
        self.venue = "alpaca" if self.said == "raw" else f"alpaca-{self.said}"
        self.clients: dict[bool, Any] = {}
        _import()
        self.server_ns: int | None = None

    def __call__(self, symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> Page:
        """Return the bars of [start, end) at most `limit`; raise TryAgain, UsageError or DataError."""
        is_coin = "/" in symbol
        step = _timeframe(timeframe)
        # Alpaca's end is inclusive, and its times are whole microseconds.
        window = {"start": _datetime(start_ns + 999), "end": _datetime(end_ns - 1), "limit": limit}
        ask = self._question(symbol, step, window, is_coin=is_coin)
        try:
            rows = ask().data.get(symbol, [])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            fault = passing(error) or TryAgain(
                f"its answer is none that alpaca-py can read ({type(error).__name__})"
            )
            raise fault from error
        except Exception as error:
            raise passing(error) or self._fault(error, symbol, timeframe, start_ns, end_ns) from error
        bars = _bars(rows)
        complete_ns = end_ns if len(bars) < limit else int(bars.time[-1]) + 1
        return Page(bars, complete_to_ns=complete_ns, now_ns=self.server_ns)

    def _question(
        self, symbol: str, step: Any, window: dict[str, Any], *, is_coin: bool
    ) -> Callable[[], Any]:
        """Return a call of Alpaca's client that answers with its set of bars."""
        from alpaca.data.requests import CryptoBarsRequest, StockBarsRequest

        client = self.clients.get(is_coin) or self._client(is_coin=is_coin)
        if is_coin:
            request: Any = CryptoBarsRequest(symbol_or_symbols=symbol, timeframe=step, **window)
            return partial(client.get_crypto_bars, request)
        said = {"adjustment": self.said, "feed": self.feed}
        request = StockBarsRequest(symbol_or_symbols=symbol, timeframe=step, **window, **said)
        return partial(client.get_stock_bars, request)

    def _client(self, *, is_coin: bool) -> Any:
        """Make Alpaca's client, one that gives up after a while and leaves asking again to us."""
        if not all(self.keys) and not is_coin:
            instead = "options={'api_key': …, 'secret_key': …}"
            raise UsageError(f"alpaca needs keys: set {' and '.join(KEYS)}, or give {instead}")
        from alpaca.data import historical

        kind: Any = historical.CryptoHistoricalDataClient if is_coin else historical.StockHistoricalDataClient
        source = self

        class Client(kind):  # type: ignore[misc]  # it is one of two classes
            """Set what Alpaca's client leaves open: it would wait for ever, and for 3 s after each 429."""

            def _one_request(self, method: str, url: str, opts: dict[str, Any], retry: int) -> Any:  # noqa: ARG002
                hooks = {"response": source.note}
                return super()._one_request(
                    method, url, {**opts, "timeout": source.timeout_s, "hooks": hooks}, 0
                )

        keys = {name: key for name, key in zip(("api_key", "secret_key"), self.keys, strict=True) if key}
        self.clients[is_coin] = Client(**keys, url_override=self.url)
        return self.clients[is_coin]

    def close(self) -> None:
        """Close the connections."""
        for client in self.clients.values():
            client._session.close()

    def note(self, response: Any, **_: Any) -> None:
        """Take note of the server's clock."""
        found = server_time_s(response.headers)
        self.server_ns = None if found is None else int(found) * SECOND_NS

    def _fault(self, error: Exception, symbol: str, timeframe: str, start_ns: int, end_ns: int) -> Exception:
        """Return what an error that stays means for a download."""
        status, _ = next(filter(None, map(answered, causes(error))), (0, {}))
        asked = f"alpaca, asked for {symbol} {timeframe} from {iso(start_ns)} to {iso(end_ns)}: "
        words = " ".join(str(error).split())[:160]
        if status in (401, 403):
            advice = (
                f"Check {' and '.join(KEYS)}, and what your plan may see (feed='iex', an end 15 minutes ago)."
            )
            return UsageError(f"{asked}it refuses us (HTTP {status}: {words}). {advice}")
        if status:
            return UsageError(
                f"{asked}it cannot answer that (HTTP {status}: {words}). Check symbol and range."
            )
        return DataError(f"{asked}{type(error).__name__}: {words}. Update alpaca-py, or tell us.")


def _import() -> None:
    """Import Alpaca's client: it takes seconds, and a part of it warns of another part of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import alpaca.data  # noqa: F401
    except ImportError:
        raise UsageError("source='alpaca' needs the extra: pip install 'eyas[download]'") from None


def _timeframe(timeframe: str) -> Any:
    from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

    if timeframe == TIMEFRAME:
        raise UsageError(
            "alpaca gives bars here: for trades use an exchange of ccxt, or a function of your own"
        )
    number, unit = parse(timeframe)
    try:
        return TimeFrame(number, TimeFrameUnit[UNITS[unit]])
    except (KeyError, ValueError):
        raise UsageError(
            f"alpaca has no {timeframe} bars: it has 1m to 59m, 1h to 23h, 1d, 1w, and 1M, 2M, 3M, 6M, 12M"
        ) from None


def _datetime(time_ns: int) -> datetime:
    seconds, rest = divmod(time_ns, SECOND_NS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def _bars(rows: list[Any]) -> Bars:
    if not rows:
        return empty()
    time = np.array([row.timestamp.replace(tzinfo=None) for row in rows], dtype="datetime64[us]")
    columns = [[getattr(row, name) for row in rows] for name in ("open", "high", "low", "close", "volume")]
    return bars_of(time.astype("datetime64[ns]").astype(np.int64), np.array(columns, dtype=np.float64))
