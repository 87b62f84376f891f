"""What a run comes to, in the words that all engines can be put into."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Trade:
    """One round trip, at average prices; its last exit ends it."""

    entry_bar: int
    exit_bar: int
    side: int
    quantity: float
    entry_price: float
    exit_price: float
    fee: float


@dataclass(frozen=True, slots=True)
class Result:
    """Hold what a run came to: closed trades in the order of their entry, and the equity after every bar."""

    trades: list[Trade]
    curve: NDArray[np.float64]

    @property
    def equity(self) -> float:
        """The last equity: what is open then is marked at the close."""
        return float(self.curve[-1])


def merged(parts: list[Trade], quantity: float = 0.0) -> list[Trade]:
    """Return trades made of the parts that were entered together and left one by one.

    With a quantity, those of which less than that has been left are still open, and are no trades yet.
    """
    found: dict[int, Trade] = {}
    for part in sorted(parts, key=lambda part: (part.entry_bar, part.exit_bar)):
        before = found.get(part.entry_bar)
        found[part.entry_bar] = part if before is None else joined(before, part)
    return [trade for trade in found.values() if trade.quantity >= quantity]


def joined(first: Trade, second: Trade) -> Trade:
    """Return one trade made of two parts of it."""
    quantity = first.quantity + second.quantity
    left = first.exit_price * first.quantity + second.exit_price * second.quantity
    fee = first.fee + second.fee
    return replace(second, quantity=quantity, exit_price=left / quantity, fee=fee)
