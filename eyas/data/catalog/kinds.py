"""Take bars, trades and books apart into named columns, and put them together again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data.checks import check_numbers, check_times
from eyas.data.place import Place
from eyas.errors import DataError, UsageError
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS, Bars, iso
from eyas.ticks import Books, Trades

if TYPE_CHECKING:
    from numpy.typing import NDArray

Columns: TypeAlias = "dict[str, NDArray[Any]]"
Data: TypeAlias = "Bars | Trades | Books"

TRADES = ("time", "price", "quantity", "side", "number")
LADDERS = ("bid_price", "bid_quantity", "ask_price", "ask_quantity")
KIND_OF = {Bars: "bars", Trades: "trades", Books: "books"}


def kind_of(data: Any) -> str:
    """Return "bars", "trades" or "books"; raise UsageError for anything else."""
    kind = KIND_OF.get(type(data))
    if kind is None:
        raise UsageError(
            f"the catalog keeps Bars, Trades and Books, not {type(data).__name__}: "
            "make bars with eyas.bars(...)"
        )
    return kind


def columns_of(data: Data, name: str) -> Columns:
    """Return the columns under which the catalog keeps something, checked; `name` is for messages."""
    if isinstance(data, Bars):
        columns: Columns = {field: _one_nan(field, getattr(data, field)) for field in data.columns}
        place = Place(name)
        check_times(data.time, "time", place)
        numbers = {field: column for field, column in columns.items() if field != "time"}
        check_numbers(numbers, {field: field for field in numbers}, data.time, place)
        return columns
    if isinstance(data, Trades):
        _check_order(data.time, name, strictly=False)
        _check_finite(data, name)
        return {field: getattr(data, field) for field in TRADES}
    _check_order(data.time, name, strictly=True)
    columns = {"time": data.time}
    for ladder in LADDERS:
        levels = getattr(data, ladder)
        for level in range(data.depth):
            field = f"{ladder}_{level + 1}"
            columns[field] = _one_nan(field, np.ascontiguousarray(levels[:, level]))
    return columns


def data_of(
    kind: str,
    columns: Mapping[str, NDArray[Any]],
    *,
    symbol: str,
    timeframe: str,
    source: str,
    has_volume: bool,
) -> Data:
    """Put columns together again."""
    if kind == "bars":
        return Bars(**columns, symbol=symbol, timeframe=timeframe, source=source, has_volume=has_volume)
    if kind == "trades":
        return Trades(**columns, symbol=symbol, source=source)
    depth = (len(columns) - 1) // len(LADDERS)
    ladders = {
        ladder: np.stack([columns[f"{ladder}_{level + 1}"] for level in range(depth)], axis=1)
        for ladder in LADDERS
    }
    return Books(columns["time"], **ladders, symbol=symbol, source=source)


def type_of(column: str) -> type:
    """Return the numpy type of a column."""
    return {"time": np.int64, "number": np.int64, "side": np.int8}.get(column, np.float64)


def may_be_missing(column: str) -> bool:
    """Tell whether a column can have NaN in some rows: files hold no value there."""
    return column in RARE_COLUMNS or column.startswith(LADDERS)


def known_columns(kind: str, columns: tuple[str, ...]) -> bool:
    """Tell whether a series of a kind can have these columns."""
    if kind == "bars":
        required = ("time", *PRICE_COLUMNS, "volume")
        return columns[:6] == required and set(columns[6:]) <= {"given", "funding"}
    if kind == "trades":
        return columns == TRADES
    return columns[:1] == ("time",) and len(columns) > 1 and (len(columns) - 1) % len(LADDERS) == 0


def _one_nan(field: str, column: NDArray[Any]) -> NDArray[Any]:
    """Return a column with the same bits in every NaN, as a file gives them back."""
    if not may_be_missing(field):
        return column
    missing = np.isnan(column)
    return np.where(missing, np.nan, column) if missing.any() else column


def _check_finite(data: Trades, name: str) -> None:
    for field in ("price", "quantity"):
        column = getattr(data, field)
        wrong = np.flatnonzero(~np.isfinite(column))
        if len(wrong):
            row = int(wrong[0])
            fault = f"{field} {column[row]} is no number. Drop the row."
            raise DataError(f"{name} row {row + 1} ({iso(data.time[row])}): {fault}")


def _check_order(time: NDArray[np.int64], name: str, *, strictly: bool) -> None:
    wrong = np.flatnonzero(time[1:] <= time[:-1] if strictly else time[1:] < time[:-1]) + 1
    if not len(wrong):
        return
    row = int(wrong[0])
    advice = "Sort them by time, and keep the last of each time." if strictly else "Sort them by time."
    before = "not later than" if strictly else "earlier than"
    raise DataError(
        f"{name} row {row + 1}: {iso(time[row])} is {before} {iso(time[row - 1])} before it. {advice}"
    )
