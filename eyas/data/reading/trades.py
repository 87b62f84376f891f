"""Read single trades, leniently: dumps of Binance and Kraken, any table of time, price and quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.checks import LARGEST_VOLUME, wrong_prices
from eyas.data.names import Layout, plain_name
from eyas.data.place import Place, Wrong, plain
from eyas.data.reading.dialects import TRADES, Dialect
from eyas.data.reading.merge import Merged, merge_trades
from eyas.data.reading.raw import Floats, Raw
from eyas.data.reading.recognise import Shape, symbol_column
from eyas.data.reading.result import Reject, TradesReading
from eyas.data.reading.series import (
    Asked,
    gather,
    one_series,
    outcome,
    refuse,
    sift_all,
    source_name,
    symbol_of_series,
)
from eyas.data.reading.sources import open_frame, open_path
from eyas.errors import DataError
from eyas.ticks import Trades

if TYPE_CHECKING:
    from numpy.typing import NDArray

USUAL = {
    "time": ("time", "timestamp", "transacttime", "ts", "t", "date", "datetime", "tradetime"),
    "price": ("price", "p", "px"),
    "quantity": ("quantity", "qty", "size", "amount", "volume", "vol", "q", "s"),
    "side": ("side", "takerside", "direction", "tks"),
    "maker": ("isbuyermaker", "buyermaker", "m"),
    "number": ("id", "tradeid", "aggtradeid", "number", "tid", "i"),
}
NEEDED = ("time", "price", "quantity")


def read_trades(
    source: Any,
    *,
    symbol: str | None = None,
    dialect: str | None = None,
    time_zone: str | None = None,
    strict: bool = False,
) -> TradesReading:
    """Read trades from files or frames, put every bad row aside, and say what was understood.

    The columns are time, price, quantity (or qty, size, amount, volume), and where they are present side (buy
    or sell, of the taker) or is_buyer_maker, and an id. Trades that come again under their id are kept once.
    The rest is as in `read`.

    >>> trades = {"time": [1700000000, 1700000001], "price": [10, -1], "qty": [2, 1], "side": ["buy", "sell"]}
    >>> reading = read_trades(trades)
    >>> reading.trades, reading.counts
    (<Trades, 1 rows, 2023-11-14T22:13:20Z to 2023-11-14T22:13:20Z>, {'not_above_zero': 1})
    """
    asked = Asked(symbol, None, dialect, time_zone, None, strict)
    opener = partial(open_path, dialects=TRADES, namer=laid_out, narrowest=3)
    return trades_of(
        *gather(source, asked, opener, partial(open_frame, dialects=TRADES, namer=laid_out)), asked
    )


def trades_of(raws: Sequence[Raw], lost: Sequence[Reject], asked: Asked) -> TradesReading:
    """Return the trades of sources that are one series; `lost` are whole files that could not be read."""
    raws = one_series(raws, asked)
    parts, lost = sift_all(raws, lost, asked, wrong_trades)
    if asked.strict:
        refuse(parts, once=False)
    merged = merge_trades(parts)
    trades = _trades(merged, symbol_of_series(raws, asked), source_name(parts))
    return TradesReading(**outcome(merged, parts, lost, asked), kept=len(trades), trades=trades)


def wrong_trades(columns: Floats, names: Mapping[str, str]) -> Iterator[Wrong]:
    """Yield the rows whose prices and quantities no trade can have, fault by fault."""
    yield from wrong_prices(columns["price"], names["price"])
    quantity = columns["quantity"]
    bad = np.flatnonzero(~((quantity > 0) & (quantity <= LARGEST_VOLUME)))
    if len(bad):
        say = f"{names['quantity']} {{}} is no quantity that was traded. Correct the row or drop it."
        yield Wrong("quantity", bad, lambda row: say.format(plain(quantity[row])))


def laid_out(shape: Shape, place: Place, dialect: Dialect) -> Layout:
    """Return at which positions the columns of trades are."""
    if not shape.names:
        columns = dialect.columns or ("time", "price", "quantity", "side")
        at = {name: at for at, name in enumerate(columns[: shape.width]) if name}
        if "price" not in at or "quantity" not in at:
            raise DataError(
                f"{place.name} has {shape.width} columns and no header: give it one, or say dialect=."
            )
        time = at.pop("time")
        return Layout((time,), at)
    names = [plain_name(name) for name in shape.names]
    found = {
        field: next((names.index(name) for name in usual if name in names), None)
        for field, usual in USUAL.items()
    }
    missing = [field for field in NEEDED if found[field] is None]
    if missing:
        has = ", ".join(repr(name) for name in shape.names)
        raise DataError(
            f"{place.name} has no column for {', '.join(missing)} of trades. Its columns are {has}: "
            "rename the right ones."
        )
    numbers = {field: at for field, at in found.items() if at is not None and field != "time"}
    time_at = found["time"]
    return Layout(() if time_at is None else (time_at,), numbers, symbol_column(shape.names))


def _trades(merged: Merged, symbol: str, source: str) -> Trades:
    count, columns = len(merged.time), merged.columns
    side: NDArray[Any] = columns.get("side", columns.get("maker", np.zeros(count)))
    number: NDArray[Any] = columns.get("number", np.full(count, -1))
    return Trades(
        merged.time,
        columns["price"],
        columns["quantity"],
        side.astype(np.int8),
        number.astype(np.int64),
        symbol=symbol,
        source=source,
    )
