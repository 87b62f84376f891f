"""Download single trades: a page goes up to its last moment, and the next one begins with that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import DataError
from eyas.feeds.asking import SECOND_NS, Asker, Found
from eyas.feeds.faults import TryAgain
from eyas.ticks import Trades

if TYPE_CHECKING:
    from eyas.feeds.pages import Page

TIMEFRAME = "trades"
COLUMNS = ("time", "price", "quantity", "side", "number")
HOUR_NS = 3600 * SECOND_NS
"""What a page without trades answers for: Binance looks an hour ahead, and others further."""
LATE_NS = 60 * SECOND_NS
"""So close to now trades may still come late."""


class TradesAsker(Asker):
    """Ask one source for the trades of one symbol."""

    def closed_ns(self) -> int:
        """Return up to when trades are settled."""
        return self.now_ns()

    def later(self, start_ns: int, count: int) -> int:
        """Return the moment that comes `count` seconds after one; progress counts these."""
        return start_ns + count * SECOND_NS

    def rows(self, start_ns: int, end_ns: int) -> int:  # noqa: ARG002 - a page is always asked for in full
        """Return how many rows to ask for."""
        return self.limit

    def found(self, page: Page, start_ns: int, end_ns: int, limit: int) -> Found:
        """Judge a page: its last moment may have more trades than came, so that is left to the next one."""
        if not isinstance(page.data, Trades):
            raise DataError(f"{self.name} answered {type(page.data).__name__}, and was asked for Trades")
        came = self._possible(page.data)
        time = came.time
        if not len(time):
            return Found(came, start_ns, None)
        inside = came[int(np.searchsorted(time, start_ns)) : int(np.searchsorted(time, end_ns))]
        self.counts["outside"] += len(came) - len(inside)
        if int(time[-1]) >= end_ns:
            return Found(inside, start_ns, end_ns)
        if not len(inside):
            if start_ns < self.now_ns() - HOUR_NS:
                raise TryAgain("it answered with trades from before those that it was asked for")
            return Found(inside, start_ns, None)
        last_ns = int(inside.time[-1])
        if last_ns > start_ns:
            return Found(inside[: int(np.searchsorted(inside.time, last_ns))], start_ns, last_ns)
        # A moment with more trades than a page holds cannot be seen whole; it is counted.
        self.counts["crowded"] += len(came) >= limit
        return Found(inside, start_ns, start_ns + 1)

    def _possible(self, trades: Trades) -> Trades:
        """Return the trades that can have been, in order of time."""
        good = (
            (trades.price > 0) & (trades.price < np.inf) & (trades.quantity > 0) & (trades.quantity < np.inf)
        )
        self.counts["rejected"] += int((~good).sum())
        rows = np.flatnonzero(good)
        rows = rows[np.argsort(trades.time[rows], kind="stable")]
        return taken(trades, rows)


def walk_trades(asker: Asker, start_ns: int, end_ns: int) -> Iterator[Found]:
    """Yield the trades that a source has in [start, end), page by page, each with how far it goes."""
    at = start_ns
    while at < (until := min(end_ns, asker.closed_ns())):
        found = asker.ask(at, until)
        if found.end_ns is None:
            found = asker.ask(at, until)  # a server that hiccups answers better the second time
        if found.end_ns is None:
            found = found._replace(end_ns=min(at + HOUR_NS, until))
        assert found.end_ns is not None
        assert found.end_ns > at, "a page that goes nowhere would be asked for, for ever"
        yield found
        at = found.end_ns


def trades_believable_ns(asker: Asker, found: Found) -> int:
    """Return up to when it shall be believed that a page has everything: not for what is too new."""
    reach_ns = int(found.bars.time[-1]) + 1 if len(found.bars) else found.start_ns
    return max(reach_ns, min(found.end_ns or reach_ns, asker.now_ns() - LATE_NS))


def taken(trades: Trades, rows: Any) -> Trades:
    """Return some rows of trades."""
    return replace(trades, **{name: getattr(trades, name)[rows] for name in COLUMNS})


def joined_trades(pages: list[Trades], symbol: str) -> Trades:
    """Return pages as one, in order; trades of one moment stay in the order in which they came."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(page, name) for page in pages]) for name in COLUMNS
    }
    whole = replace(pages[0], **columns, symbol=symbol)
    return taken(whole, np.argsort(whole.time, kind="stable"))
