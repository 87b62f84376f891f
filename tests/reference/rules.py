"""The rules of the reference market, read from the same texts as the kernel's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .numbers import MONEY_DECIMALS, RATE_DECIMALS, exact, rounded

NUMBERS = {
    "leverage": RATE_DECIMALS,
    "margin_cap": RATE_DECIMALS,
    "margin_call": RATE_DECIMALS,
    "fee_rate": RATE_DECIMALS,
    "maker_fee_rate": RATE_DECIMALS,
    "slippage": RATE_DECIMALS,
    "fee_fixed": MONEY_DECIMALS,
}


@dataclass(frozen=True)
class Rules:
    """Every rule with its default; numbers are exact, in natural units."""

    market_fill: str = "next_open"
    exit_fill: str = "next_open"
    bracket_from: str = "auto"
    gap: str = "open"
    tie: str = "stop"
    reentry_same_bar: bool = True
    short: bool = True
    tickets_max: int | None = None
    account: str = "margin"
    leverage: Fraction = Fraction(1)
    margin_cap: Fraction = Fraction(1)
    margin_call: Fraction | None = None
    fee_rate: Fraction = Fraction(0)
    maker_fee_rate: Fraction | None = None
    fee_fixed: Fraction = Fraction(0)
    spread: Fraction = Fraction(0)
    slippage: Fraction = Fraction(0)
    slippage_on: frozenset[str] = frozenset({"market", "stop"})
    quantity_step: Fraction = Fraction(0)
    price_tick: Fraction = Fraction(0)
    rounding: str = "down"
    end_policy: str = "close_last"
    matching: str = "here"
    price_decimals: int = 8

    @property
    def quantity_decimals(self) -> int:
        return MONEY_DECIMALS - self.price_decimals

    @property
    def maker(self) -> Fraction:
        return self.fee_rate if self.maker_fee_rate is None else self.maker_fee_rate


def rules_of(pairs: tuple[tuple[str, str], ...]) -> Rules:
    """Read rules from names and texts."""
    given = dict(pairs)
    price_decimals = int(given.get("price_decimals", "8"))
    decimals = NUMBERS | {
        "spread": price_decimals,
        "price_tick": price_decimals,
        "quantity_step": MONEY_DECIMALS - price_decimals,
    }
    values: dict[str, object] = {}
    for name, text in given.items():
        if name in ("reentry_same_bar", "short"):
            values[name] = text == "yes"
        elif name == "slippage_on":
            values[name] = frozenset() if text == "none" else frozenset(text.split("+"))
        elif name in ("tickets_max", "price_decimals"):
            values[name] = None if text == "none" else int(text)
        elif name in decimals:
            values[name] = None if text == "none" else rounded(exact(text), decimals[name])
        else:
            values[name] = text
    return Rules(**values)  # type: ignore[arg-type]
