"""Orders known up front, as arrays: the way of an array strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Asking: TypeAlias = ArrayLike | Mapping[str, ArrayLike | None]

SIZE_NAMES = ("quantity", "notional", "fraction")
NOTHING = np.zeros(1, dtype=np.int8)
NO_LEVEL = np.full(1, np.nan)
NO_RANK = np.zeros(1)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Signals:
    """Say for every bar what to ask for in its decision: one value a bar, decided by that bar's close.

    `entries` is above 0 to open a long, below 0 to open a short, 0 for nothing; `exits` is true to
    close all tickets first. Sizes: `quantity`, `notional` or `fraction` of the free cash (1.0 when
    nothing is said); `stop_loss` and `take_profit` are fractions of the entry, NaN for none; `rank` is
    which entries come first when cash is scarce, higher first. These may be one number or one a bar, and of
    several instruments a mapping: {symbol: either}, where a symbol that `entries` and `exits` do not name
    does nothing. Orders are market orders. Raises UsageError for another length.
    """

    entries: Asking
    exits: Asking = False
    quantity: Asking | None = None
    notional: Asking | None = None
    fraction: Asking | None = None
    stop_loss: Asking | None = None
    take_profit: Asking | None = None
    rank: Asking = 0.0
    name: str = "Signals"

    def columns(self, symbols: Sequence[str], counts: Sequence[int]) -> list[dict[str, Any] | None]:
        """Return the arrays of each instrument as the kernel's pump takes them, None for nothing at all."""
        given = [name for name in SIZE_NAMES if getattr(self, name) is not None]
        if len(given) > 1:
            raise UsageError(f"give one of quantity, notional, fraction, not {' and '.join(given)}")
        size_name = given[0] if given else "fraction"
        names = ("entries", "exits", "stop_loss", "take_profit", "rank")
        asked = {name: by_symbol(name, getattr(self, name), symbols) for name in names}
        sizes = by_symbol(size_name, getattr(self, size_name) if given else 1.0, symbols)
        return [
            columns_of(
                symbol, {name: one.get(symbol) for name, one in asked.items()}, size_name, sizes, count
            )
            for symbol, count in zip(symbols, counts, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what was said of one instrument, and how an error names it."""

    name: str
    values: Any


def by_symbol(name: str, values: Any, symbols: Sequence[str]) -> dict[str, Said]:
    """Return what is said of each instrument that it is said of."""
    if values is None:
        return {}
    if isinstance(values, Mapping):
        known = ", ".join(filter(None, symbols)) or "one instrument without a symbol"
        for symbol in values:
            if symbol not in symbols:
                raise UsageError(f"{name} names {symbol}, but the run has {known}")
        named = {symbol: one for symbol, one in values.items() if one is not None}
        return {symbol: Said(f"{name} of {symbol}", one) for symbol, one in named.items()}
    if len(symbols) > 1 and np.size(values) != 1:
        raise UsageError(
            f"{name} has shape {np.shape(values)} for {len(symbols)} instruments: "
            "give {symbol: array, …}, or one number for all"
        )
    return dict.fromkeys(symbols, Said(name, values))


def columns_of(
    symbol: str, asked: Mapping[str, Said | None], size_name: str, sizes: Mapping[str, Said], count: int
) -> dict[str, Any] | None:
    """Return the columns of one instrument, None where nothing is ever asked."""
    entries, exits = asked["entries"], asked["exits"]
    if entries is None and (exits is None or exits.values is False):
        return None
    if entries is not None and symbol not in sizes:
        raise UsageError(f"{size_name} does not name {symbol}, whose entries need a size")
    return {
        "entries": directions(entries, count),
        "exits": directions(exits, count),
        "size_name": size_name,
        "sizes": column(sizes.get(symbol), count, NO_LEVEL),
        "stop_loss": column(asked["stop_loss"], count, NO_LEVEL),
        "take_profit": column(asked["take_profit"], count, NO_LEVEL),
        "rank": column(asked["rank"], count, NO_RANK),
    }


def column(said: Said | None, count: int, otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one float a bar, or one for all; `otherwise` where nothing was said."""
    if said is None:
        return otherwise
    try:
        array = np.atleast_1d(np.asarray(said.values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise UsageError(f"{said.name} must be numbers: {error}") from None
    return shaped(said.name, array, count)


def directions(said: Said | None, count: int) -> NDArray[np.int8]:
    """Return the sign of one value a bar, or of one for all; nothing where nothing was said."""
    if said is None:
        return NOTHING
    array = np.atleast_1d(np.asarray(said.values))
    if array.dtype == np.bool_:
        return shaped(said.name, array.view(np.int8), count)
    if array.dtype != np.int8:
        numbers = column(Said(said.name, array), count, NO_LEVEL)
        if np.isnan(numbers).any():
            raise UsageError(f"{said.name} must be numbers: above 0, below 0 or 0")
        array = np.sign(numbers).astype(np.int8)
    return shaped(said.name, array, count)


def shaped(name: str, array: NDArray[Any], count: int) -> NDArray[Any]:
    """Return a contiguous column of the right length, or raise UsageError."""
    if array.shape not in ((count,), (1,)):
        raise UsageError(
            f"{name} has shape {array.shape} for {count} bars: give one value a bar, or one for all"
        )
    return np.ascontiguousarray(array)
