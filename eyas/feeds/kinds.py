"""Name what differs between downloading bars and downloading trades."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.feeds.asking import Asker, Found, believable_ns, walk
from eyas.feeds.ledger import Stretch, joined, missing, without
from eyas.feeds.trades import TIMEFRAME, TradesAsker, joined_trades, trades_believable_ns, walk_trades

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars
    from eyas.ticks import Trades


class Kind(NamedTuple):
    """Say how one kind of data is asked for, walked over, believed and joined, and what of it is missing."""

    what: str
    asker: type[Asker]
    walk: Callable[[Asker, int, int], Iterator[Found]]
    believable_ns: Callable[[Asker, Found], int]
    joined: Callable[[list[Any], Asker], Bars | Trades]
    missing: Callable[[Asker, Stretch, NDArray[np.int64], list[Stretch]], list[Stretch]]


def kind_of(timeframe: str) -> Kind:
    """Return the kind that a timeframe stands for; "trades" is one."""
    return TRADES if timeframe == TIMEFRAME else BARS


def joined_bars(pages: list[Bars], asker: Asker) -> Bars:
    """Return pages as one, in order and each time once; of two rows with one time the later came later."""
    time = np.concatenate([page.time for page in pages])
    rows = np.argsort(time, kind="stable")
    rows = rows[np.append(np.diff(time[rows]) > 0, True)]
    columns = {
        name: np.concatenate([getattr(page, name) for page in pages])[rows] for name in pages[0].columns
    }
    return replace(pages[0], **columns, symbol=asker.symbol, timeframe=asker.timeframe)


def _missing_bars(
    asker: Asker, wanted: Stretch, time: NDArray[np.int64], believed: list[Stretch]
) -> list[Stretch]:
    return missing(wanted, time, believed, asker.timeframe, asker.limit)


def _missing_trades(
    asker: Asker,  # noqa: ARG001 - bars need it
    wanted: Stretch,
    time: NDArray[np.int64],  # noqa: ARG001 - that a trade is stored says nothing about its neighbours
    believed: list[Stretch],
) -> list[Stretch]:
    return without(wanted, joined(believed))


BARS = Kind(
    "bars",
    Asker,
    walk,
    believable_ns,
    joined_bars,
    _missing_bars,
)
TRADES = Kind(
    "trades",
    TradesAsker,
    walk_trades,
    trades_believable_ns,
    lambda pages, asker: joined_trades(pages, asker.symbol),
    _missing_trades,
)
