"""Hold what is finer than a bar: single trades, and the orders that stand in a book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import iso

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Trades:
    """Hold the trades of one instrument as columns, oldest first.

    `time` is in nanoseconds since 1970 UTC and may repeat; `price` and `quantity` are float64; `side` is +1
    where the buyer took, -1 where the seller did, 0 where nobody said (int8); `number` is the venue's own
    (int64, -1 where there is none). The columns are read-only.
    """

    time: NDArray[np.int64]
    price: NDArray[np.float64]
    quantity: NDArray[np.float64]
    side: NDArray[np.int8]
    number: NDArray[np.int64]
    symbol: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        kinds = {"time": np.int64, "price": np.float64, "quantity": np.float64, "side": np.int8}
        for name, kind in (*kinds.items(), ("number", np.int64)):
            column = np.ascontiguousarray(getattr(self, name), dtype=kind).view()
            column.flags.writeable = False
            if column.shape != (len(self.time),):
                raise ValueError(f"{name} has the shape {column.shape} for {len(self.time)} times")
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> Trades:
        """Return the trades of a slice of rows, without copying."""
        names = ("time", "price", "quantity", "side", "number")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def __repr__(self) -> str:
        return _shown("Trades", self.symbol, self.time)


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Books:
    """Hold snapshots of an order book, oldest first: `depth` levels a side, the best one first.

    `time` is when a snapshot was known (nanoseconds UTC); the others have the shape (snapshots, depth), NaN
    where a side has fewer levels. The columns are read-only.
    """

    time: NDArray[np.int64]
    bid_price: NDArray[np.float64]
    bid_quantity: NDArray[np.float64]
    ask_price: NDArray[np.float64]
    ask_quantity: NDArray[np.float64]
    symbol: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        time = np.ascontiguousarray(self.time, dtype=np.int64).view()
        time.flags.writeable = False
        object.__setattr__(self, "time", time)
        shape = (len(time), self.bid_price.shape[1] if np.ndim(self.bid_price) == 2 else -1)
        for name in ("bid_price", "bid_quantity", "ask_price", "ask_quantity"):
            column = np.ascontiguousarray(getattr(self, name), dtype=np.float64).view()
            column.flags.writeable = False
            if column.shape != shape:
                raise ValueError(f"{name} has the shape {column.shape}, not (snapshots, depth) {shape}")
            object.__setattr__(self, name, column)

    @property
    def depth(self) -> int:
        """How many levels a side has at most."""
        return int(self.bid_price.shape[1])

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> Books:
        """Return the snapshots of a slice of rows, without copying."""
        names = ("time", "bid_price", "bid_quantity", "ask_price", "ask_quantity")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def __repr__(self) -> str:
        return _shown("Books", self.symbol, self.time)


def _shown(kind: str, symbol: str, time: NDArray[np.int64]) -> str:
    name = f"{kind} {symbol}".rstrip()
    if not len(time):
        return f"<{name}, empty>"
    return f"<{name}, {len(time):,} rows, {iso(time[0])} to {iso(time[-1])}>"
