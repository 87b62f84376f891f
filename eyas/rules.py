"""The rules of a market, as a value: every named difference between markets and dialects."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Literal, TypedDict, Unpack

from eyas.errors import UsageError
from eyas.model import RULES, check_rules

FillAt = Literal["next_open", "close"]
Number = float | Decimal


class RuleChanges(TypedDict, total=False):
    """Name the rules that differ from a base, as keywords of `eyas.backtest` and `Rules.changed`."""

    market_fill: FillAt
    exit_fill: FillAt
    bracket_from: Literal["auto", "fill_bar", "after_fill"]
    gap: Literal["open", "level"]
    tie: Literal["stop", "target", "nearest_to_open"]
    reentry_same_bar: bool
    short: bool
    tickets_max: int | None
    account: Literal["margin", "cash"]
    leverage: Number
    margin_cap: Number
    margin_call: Number | None
    fee_rate: Number
    maker_fee_rate: Number | None
    fee_fixed: Number
    spread: Number
    slippage: Number
    slippage_on: tuple[Literal["market", "stop", "limit"], ...]
    quantity_step: Number
    price_tick: Number
    rounding: Literal["down", "nearest"]
    end_policy: Literal["close_last", "mark_only"]
    matching: Literal["here", "elsewhere"]
    price_decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Say how a market fills, costs and covers; what is not named is the default market.

    Rates and fractions are fractions (0.001 is 0.1 %), money is money. Raises UsageError for a value
    or a combination that cannot be. Every rule is explained in docs/rules.md.

    >>> Rules(fee_rate=0.001, tie="target").changed(slippage=0.0005).slippage
    0.0005
    """

    market_fill: FillAt = "next_open"
    exit_fill: FillAt = "next_open"
    bracket_from: Literal["auto", "fill_bar", "after_fill"] = "auto"
    gap: Literal["open", "level"] = "open"
    tie: Literal["stop", "target", "nearest_to_open"] = "stop"
    reentry_same_bar: bool = True
    short: bool = True
    tickets_max: int | None = None
    account: Literal["margin", "cash"] = "margin"
    leverage: Number = 1.0
    margin_cap: Number = 1.0
    margin_call: Number | None = None
    fee_rate: Number = 0.0
    maker_fee_rate: Number | None = None
    fee_fixed: Number = 0.0
    spread: Number = 0.0
    slippage: Number = 0.0
    slippage_on: tuple[Literal["market", "stop", "limit"], ...] = ("market", "stop")
    quantity_step: Number = 0.0
    price_tick: Number = 0.0
    rounding: Literal["down", "nearest"] = "down"
    end_policy: Literal["close_last", "mark_only"] = "close_last"
    matching: Literal["here", "elsewhere"] = "here"
    price_decimals: int = 8

    def __post_init__(self) -> None:
        if not hasattr(self.price_decimals, "__index__"):
            allowed = dict(RULES)["price_decimals"]
            raise UsageError(f"price_decimals is {self.price_decimals}, but must be {allowed}")
        try:
            check_rules(self.texts())
        except ValueError as error:
            raise UsageError(str(error)) from None

    def changed(self, **changes: Unpack[RuleChanges]) -> Rules:
        """Return these rules with some of them changed."""
        names = [name for name, _ in RULES]
        for name in changes:
            if name not in names:
                near = get_close_matches(name, names, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]}?" if near else f"; the rules are {', '.join(names)}"
                raise UsageError(f"there is no rule called {name}{hint}")
        return replace(self, **changes)

    def texts(self) -> list[tuple[str, str]]:
        """Return every rule as the kernel reads it: name and text."""
        return [(field.name, as_text(getattr(self, field.name))) for field in fields(self)]


def as_text(value: Any) -> str:
    """Return a rule's value as the kernel's text; a float keeps its shortest decimals."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case tuple() | list() | set() | frozenset() if all(isinstance(part, str) for part in value):
            # A set has no order of its own, and a text must not depend on the process.
            return "+".join(sorted(value) if isinstance(value, set | frozenset) else value) or "none"
        case float():
            return repr(float(value))
        case _:
            return str(value)
