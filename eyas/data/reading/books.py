"""Read snapshots of order books, leniently: one row for each level, or one row for each snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data.checks import LARGEST_PRICE, LARGEST_VOLUME, SMALLEST_PRICE, wrong_prices
from eyas.data.names import Layout, plain_name
from eyas.data.place import Place, Wrong, plain
from eyas.data.reading.dialects import BOOKS, Dialect
from eyas.data.reading.merge import Merged, merge
from eyas.data.reading.raw import Floats, Raw, Sifted
from eyas.data.reading.recognise import Shape, symbol_column
from eyas.data.reading.result import BooksReading, Reject
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
from eyas.ticks import Books

if TYPE_CHECKING:
    from numpy.typing import NDArray

Side: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.float64]]"

RECEIVED = ("recv", "received", "receivetime", "recvtime", "localtimestamp", "known", "knowntime", "tsrecv")
TIMES = (
    *RECEIVED,
    "eventtime",
    "time",
    "timestamp",
    "ts",
    "t",
    "datetime",
    "date",
    "transactiontime",
    "tsevent",
)
"""When a snapshot was known comes before when the venue made it."""
PRICE, QUANTITY = r"(?:price|px|p)", r"(?:quantity|qty|size|sz|amount|volume|vol|q)"
WIDE = (
    re.compile(rf"(?:best)?(?P<side>bid|ask)s?(?P<what>{PRICE}|{QUANTITY})?\[?(?P<level>\d*)\]?"),
    re.compile(rf"(?P<side>bid|ask)s?\[?(?P<level>\d+)\]?[.]?(?P<what>{PRICE}|{QUANTITY})"),
)
LONG = {
    "price": ("price", "px", "p"),
    "quantity": ("quantity", "qty", "size", "amount", "volume"),
    "side": ("side",),
}
ENOUGH_ROWS, MOST_ZEROS = 100, 0.05
"""More rows of no quantity than this, in a table that is long enough to tell, are no faults."""


def read_books(
    source: Any,
    *,
    symbol: str | None = None,
    dialect: str | None = None,
    time_zone: str | None = None,
    strict: bool = False,
) -> BooksReading:
    """Read snapshots of an order book from files or frames, and put every bad row aside.

    A long table has the columns time, side (bid or ask), price and quantity: the rows of one time are one
    snapshot. A wide table has bid_price_0, bid_qty_0, ask_price_0, ask_qty_0 and so on (also bid, ask,
    bid_qty, ask_qty alone): a row is a snapshot, and a level may be missing. Where a table says when a
    snapshot was received, that is its time. The rest is as in `read`.

    >>> quotes = {"time": [1700000000, 1700000001], "bid": [10, 11], "ask": [10.5, 10.5], "bid_qty": [1, 1]}
    >>> read_books(quotes).counts
    {'crossed': 1}
    """
    asked = Asked(symbol, None, dialect, time_zone, None, strict)
    opener = partial(open_path, dialects=BOOKS, namer=laid_out, narrowest=3)
    return books_of(
        *gather(source, asked, opener, partial(open_frame, dialects=BOOKS, namer=laid_out)), asked
    )


def books_of(raws: Sequence[Raw], lost: Sequence[Reject], asked: Asked) -> BooksReading:
    """Return the snapshots of sources that are one series; `lost` are whole files that could not be read."""
    raws = one_series(raws, asked)
    is_long = {"side" in raw.table.numbers for raw in raws}
    if len(is_long) > 1:
        raise DataError("some files have a row for each level and some for each snapshot: read them apart.")
    check = wrong_levels if is_long.pop() else wrong_quotes
    parts, lost = sift_all(raws, lost, asked, check)
    if check is wrong_levels:
        _refuse_changes(parts)
    if asked.strict:
        refuse(parts, once=False)
    merged = merge(parts, once=False)
    if check is wrong_quotes:
        _last_of_each_time(merged)
    bids, asks = _of_levels(merged) if check is wrong_levels else _of_quotes(merged)
    time = np.unique(merged.time) if check is wrong_levels else merged.time
    books = Books(time, *bids, *asks, symbol_of_series(raws, asked), source_name(parts))
    kept = len(merged.time)
    return BooksReading(**outcome(merged, parts, lost, asked), kept=kept, books=books)


def laid_out(shape: Shape, place: Place, dialect: Dialect) -> Layout:
    """Return at which positions the columns of a book are: by level in a wide table, or of a long one."""
    names = [plain_name(name) for name in shape.names]
    time = next((names.index(name) for name in TIMES if name in names), None)
    if not names and dialect.columns:
        numbers = {name: at for at, name in enumerate(dialect.columns) if name not in ("", "time")}
        return Layout((dialect.columns.index("time"),), numbers)
    if time is None:
        listed = ", ".join(repr(name) for name in shape.names) or "none, for it has no header"
        raise DataError(
            f"{place.name} has no column for the time of a snapshot. Its columns are {listed}: "
            "call the right one time."
        )
    long = {
        field: next((names.index(name) for name in usual if name in names), None)
        for field, usual in LONG.items()
    }
    symbol = symbol_column(shape.names)
    if None not in long.values():
        return Layout((time,), {field: at for field, at in long.items() if at is not None}, symbol)
    wide = _wide(names)
    if not any(name.startswith("bid_price") for name in wide) or not any(
        name.startswith("ask_price") for name in wide
    ):
        raise DataError(
            f"{place.name} is no order book: it needs the columns side, price and quantity, or bid_price_0, "
            "bid_qty_0, ask_price_0, ask_qty_0 and so on. Rename them."
        )
    return Layout((time,), wide, symbol)


def _wide(names: Sequence[str]) -> dict[str, int]:
    """Return the columns of a wide table by side, what they are, and level."""
    found = {}
    for at, name in enumerate(names):
        match = next((match for match in (pattern.fullmatch(name) for pattern in WIDE) if match), None)
        if match is not None:
            is_quantity = match["what"] is not None and re.fullmatch(QUANTITY, match["what"]) is not None
            what = "quantity" if is_quantity else "price"
            found[f"{match['side']}_{what}_{int(match['level'] or 0):04}"] = at
    return found


def wrong_levels(columns: Floats, names: Mapping[str, str]) -> Iterator[Wrong]:
    """Yield the rows of a long table that are no level of a book."""
    yield from wrong_prices(columns["price"], names["price"])
    quantity = columns["quantity"]
    bad = np.flatnonzero(~((quantity > 0) & (quantity <= LARGEST_VOLUME)))
    if len(bad):
        say = f"{names['quantity']} {{}} is no quantity of a level. Correct the row or drop it."
        yield Wrong("quantity", bad, lambda row: say.format(plain(quantity[row])))
    nobody = np.flatnonzero(columns["side"] == 0)
    if len(nobody):
        yield Wrong("side", nobody, lambda _: f"{names['side']} is empty. Write bid or ask, or drop the row.")


def wrong_quotes(columns: Floats, names: Mapping[str, str]) -> Iterator[Wrong]:
    """Yield the rows of a wide table that are no book: prices that cannot be, bids above asks."""
    for field, values in columns.items():
        low, high = (SMALLEST_PRICE, LARGEST_PRICE) if "price" in field else (-1.0, LARGEST_VOLUME)
        bad = np.flatnonzero(~(np.isnan(values) | ((values > low) & (values <= high))))
        if len(bad):
            fault = "not_above_zero" if "price" in field else "quantity"
            yield Wrong(fault, bad, partial(_no_level, names[field], values))
    bid, ask = _side(columns, "bid")[0], _side(columns, "ask")[0]
    with np.errstate(invalid="ignore"):
        best_bid = np.fmax.reduce(bid, axis=1)
        best_ask = np.fmin.reduce(ask, axis=1)
        crossed = np.flatnonzero(best_bid > best_ask)
    if len(crossed):
        say = "the best bid {} is above the best ask {}. Correct the row or drop it."
        yield Wrong("crossed", crossed, lambda row: say.format(plain(best_bid[row]), plain(best_ask[row])))


def _no_level(name: str, values: NDArray[np.float64], row: int) -> str:
    return f"{name} {plain(values[row])} is in no book. Correct the row or drop it."


def _refuse_changes(parts: Sequence[Sifted]) -> None:
    """Refuse a table of what changed in a book: its rows of one time are no snapshot, whatever they hold."""
    for part in parts:
        columns = part.columns
        gone, rows = int(np.count_nonzero((columns["quantity"] == 0) & (columns["price"] > 0))), len(part.bad)
        if rows >= ENOUGH_ROWS and gone > rows * MOST_ZEROS:
            raise DataError(
                f"{part.raw.table.place.name}: {gone:,} of {rows:,} rows have the quantity 0, which takes a "
                "level away. So these are the changes of a book and no snapshots: apply them to a snapshot, "
                "and read what comes of it."
            )


def _side(columns: Floats, side: str) -> Side:
    """Return the prices and quantities of a side of a wide table, level by level as they come."""
    levels = sorted(name.rsplit("_", 1)[1] for name in columns if name.startswith(f"{side}_price"))
    count = len(next(iter(columns.values())))
    none = np.full(count, np.nan)
    price = [columns[f"{side}_price_{level}"] for level in levels]
    quantity = [columns.get(f"{side}_quantity_{level}", none) for level in levels]
    return np.column_stack(price), np.column_stack(quantity)


def _of_quotes(merged: Merged) -> tuple[Side, Side]:
    """Return both sides of a wide table, the best level first."""
    bid, ask = _side(merged.columns, "bid"), _side(merged.columns, "ask")
    depth = max(bid[0].shape[1], ask[0].shape[1])
    return _best_first(bid, -1, depth), _best_first(ask, 1, depth)


def _best_first(side: Side, sign: int, depth: int) -> Side:
    """Return a side with its best level first, and as many levels as asked for."""
    order = np.argsort(sign * side[0], axis=1, kind="stable")  # NaN comes last
    wider = ((0, 0), (0, depth - side[0].shape[1]))
    price, quantity = (
        np.pad(np.take_along_axis(one, order, axis=1), wider, constant_values=np.nan) for one in side
    )
    return price, quantity


def _last_of_each_time(merged: Merged) -> None:
    """Keep the last snapshot of each time: nobody can have acted upon the others."""
    last = np.append(merged.time[1:] != merged.time[:-1], True)[: len(merged.time)]
    if not last.all():
        count = len(last) - np.count_nonzero(last)
        merged.notes.append(
            f"{count:,} snapshots have the time of the one after them: the last of each was kept"
        )
        merged.time = merged.time[last]
        merged.columns = {name: column[last] for name, column in merged.columns.items()}


def _of_levels(merged: Merged) -> tuple[Side, Side]:
    """Return both sides of a long table: the rows of one time are one snapshot."""
    _, snapshot = np.unique(merged.time, return_inverse=True)
    side, price = merged.columns["side"], merged.columns["price"]
    placed = []
    again = 0
    for sign in (1, -1):
        rows = np.flatnonzero(side == sign)
        order = rows[np.lexsort((-sign * price[rows], snapshot[rows]))]
        # Files that overlap say a level twice; the later one counts.
        steps = (np.diff(snapshot[order]) != 0) | (np.diff(price[order]) != 0)
        again += max(0, len(order) - 1 - int(np.count_nonzero(steps)))
        order = order[np.append(steps, True)[: len(order)]]
        owner = snapshot[order]
        level = np.arange(len(order)) - np.searchsorted(owner, owner, side="left")
        placed.append((order, owner, level))
    if again:
        merged.notes.append(f"{again:,} levels came again in their snapshot: the last of each was kept")
    depth = max((int(level.max()) + 1 for _, _, level in placed if len(level)), default=1)
    shape = (int(snapshot.max()) + 1 if len(snapshot) else 0, depth)
    bids, asks = (_filled(merged, shape, *one) for one in placed)
    return bids, asks


def _filled(
    merged: Merged,
    shape: tuple[int, int],
    order: NDArray[np.intp],
    owner: NDArray[np.intp],
    level: NDArray[np.intp],
) -> Side:
    """Return the levels of a side in a table of snapshots."""
    price, quantity = np.full(shape, np.nan), np.full(shape, np.nan)
    price[owner, level] = merged.columns["price"][order]
    quantity[owner, level] = merged.columns["quantity"][order]
    return price, quantity
