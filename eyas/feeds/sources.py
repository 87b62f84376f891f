"""Find a source by its name, or take a function of the user's as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from eyas.errors import UsageError
from eyas.feeds.pages import Answer, Source

NAMES = ("alpaca", "ccxt:<exchange>")


@dataclass(frozen=True, slots=True)
class Named:
    """Know a source together with what the catalog writes about it.

    `limit` is how many bars a page has at most; `adjustment` what was done to the prices.
    """

    ask: Source
    name: str
    venue: str
    limit: int = 1000
    adjustment: str = "unknown"

    def __call__(self, symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> Answer:
        """Ask it."""
        return self.ask(symbol, timeframe, start_ns, end_ns, limit)

    def close(self) -> None:
        """Close what it holds open."""
        if (close := getattr(self.ask, "close", None)) is not None:
            close()


def source_of(source: Any, options: Mapping[str, Any] | None = None, venue: str | None = None) -> Named:
    """Return a source from its name and the options of its client, or from a function.

    A function (or an object that can be called) may carry its own `name`, `venue`, `limit` and `adjustment`.
    Raises UsageError for a name that is none.
    """
    if isinstance(source, str):
        found = _by_name(source, dict(options or {}))
        return found if venue is None else Named(found.ask, found.name, venue, found.limit, found.adjustment)
    if not callable(source):
        raise UsageError(
            f"source={source!r} is neither a name ({', '.join(NAMES)}) nor a function of symbol, timeframe, "
            "start_ns, end_ns and limit that returns bars"
        )
    if options:
        raise UsageError("options are for the sources that have a name: give yours to your own function")
    name = getattr(source, "name", None) or getattr(source, "__name__", None) or type(source).__name__
    at = venue or getattr(source, "venue", None)
    if not at:
        raise UsageError(f"say where the bars of {name} come from, such as venue='binance'")
    return Named(
        source, name, at, int(getattr(source, "limit", 1000)), getattr(source, "adjustment", "unknown")
    )


def _by_name(name: str, options: dict[str, Any]) -> Named:
    kind, _, rest = name.partition(":")
    makers: dict[str, Callable[[], Named]] = {
        "ccxt": lambda: _ccxt(rest, options),
        "alpaca": lambda: _alpaca(options),
    }
    if kind not in makers or bool(rest) != (kind == "ccxt"):
        near = get_close_matches(kind, makers, n=1)
        hint = f" Did you mean {near[0]}{':binance' if near[0] == 'ccxt' else ''}?" if near else ""
        raise UsageError(
            f"there is no source {name!r}.{hint} There are {' and '.join(NAMES)}, such as ccxt:binance, and "
            "any function of yours"
        )
    return makers[kind]()


def _ccxt(exchange: str, options: dict[str, Any]) -> Named:
    from eyas.feeds.ccxt_source import CcxtSource

    made = CcxtSource(exchange, options)
    return Named(made, made.name, made.venue, made.limit, "raw")


def _alpaca(options: dict[str, Any]) -> Named:
    from eyas.feeds.alpaca_source import AlpacaSource

    made = AlpacaSource(options)
    return Named(made, made.name, made.venue, made.limit, made.adjustment)
