"""What is asked for: orders, with what hangs on them and what has come of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NoReturn

ZERO = Fraction(0)
ONE = Fraction(1)


class RefusedError(Exception):
    """An order may not be: the reason by name."""


class UnreadableError(Exception):
    """Words that mean nothing."""


def refuse(reason: str) -> NoReturn:
    raise RefusedError(reason)


@dataclass(frozen=True)
class Level:
    """Where a level stands: a price, or a distance, a fraction or a risk from the first fill."""

    kind: str
    value: Fraction


@dataclass
class Bracket:
    """All that an entry brings with it."""

    stop_loss: Level | None = None
    rungs: list[tuple[Level, Fraction]] = field(default_factory=list)
    trailing: Level | None = None
    trailing_from: Level | None = None
    breakeven: Level | None = None
    breakeven_rung: int = 0
    offset: Level | None = None
    bars: int = 0
    time_ns: int = 0

    def levels(self) -> list[Level]:
        given = [self.stop_loss, self.trailing, self.trailing_from, self.breakeven, self.offset]
        return [level for level in given if level] + [level for level, _ in self.rungs]

    @property
    def empty(self) -> bool:
        return self == Bracket()


@dataclass
class Order:
    """One wish to trade, and what has come of it; `sign` is 1 for a buy and -1 for a sale."""

    instrument: int
    intent: str  # open, close, add, reduce
    sign: int
    size: tuple[str, Fraction] = ("fraction", ONE)
    kind: str = "market"
    price: Fraction = ZERO
    limit: Fraction = ZERO
    trail: Level | None = None
    ticket: int = 0
    bracket: Bracket = field(default_factory=Bracket)
    lifetime: str = "gtc"
    until_ns: int = 0
    bars: int = 0
    post_only: bool = False
    other: int = 0
    after: int = 0
    rank: Fraction = ZERO
    # what has come of it
    number: int = 0
    group: int = 0  # the orders that cancel each other: the number of the first
    asked_bar: int = -1
    asked_ns: int = 0
    amended_ns: int = 0  # no bar that opened before can fill what was amended
    held: bool = False  # until the order that triggers it has filled
    left: Fraction | None = None  # what it still wants, once that is known
    filled: bool = False  # in part
    first_bar: int | None = None
    first_ns: int = 0
    best: Fraction = ZERO  # the price that a trailing stop order follows
    triggered_bar: int | None = None
    overdue: bool = False  # a touched stop whose rest waits for the next open

    @property
    def closes(self) -> bool:
        return self.intent in ("close", "reduce")

    @property
    def stated_quantity(self) -> Fraction:
        """Its signed quantity, 0 when that is decided at the fill."""
        name, value = self.size
        return self.sign * value if name == "quantity" else ZERO
