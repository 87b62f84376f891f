"""What is played through both markets: rules, cash, bars and what is asked for on each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Pair = tuple[str, float]


@dataclass(frozen=True)
class Bar:
    """One bar in floats."""

    time: int
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True)
class Open:
    """Ask for a new ticket."""

    side: str
    size: Pair
    kind: Pair = ("market", 0.0)
    stop_loss: Pair | None = None
    take_profit: Pair | None = None


@dataclass(frozen=True)
class Close:
    """Ask to close a ticket, or a part of it; -1 is the oldest that is open, -2 the next, and round again."""

    ticket: int
    size: Pair = ("fraction", 1.0)


@dataclass(frozen=True)
class Cancel:
    """Take back an order; -1 is the oldest that waits, -2 the next, and round again."""

    order: int


@dataclass(frozen=True)
class Apply:
    """Report what a venue filled of an order (matching=elsewhere)."""

    order: int
    price: str
    quantity: str
    fee: str
    time: int


def named(number: int, there: list[int]) -> int:
    """Return the number that is meant: a negative one counts those that are there."""
    if number >= 0:
        return number
    return there[(-number - 1) % len(there)] if there else 0


Ask = Open | Close | Cancel | Apply


@dataclass(frozen=True)
class Scenario:
    """A whole run. `asks[0]` comes before the first bar, `asks[i + 1]` in the decision of bar i."""

    cash: str
    rules: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    asks: tuple[tuple[Ask, ...], ...]
    finish: bool = True

    @property
    def price_decimals(self) -> int:
        return int(dict(self.rules).get("price_decimals", "8"))


@dataclass(frozen=True)
class Money:
    """What an account is worth at a point of a run, in units of 10^-16, after so many events."""

    events: int
    cash: int
    equity: int
    free_cash: int
    used_margin: int


@dataclass
class Played:
    """What a market made of a scenario: the journal, and its money after every bar and decision."""

    events: list[dict[str, Any]] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
