"""The rules of the reference market, read from the same texts as the kernel's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from .numbers import MONEY_DECIMALS, RATE_DECIMALS, exact, rounded

ZERO = Fraction(0)
ONE = Fraction(1)
Pairs = Iterable[tuple[str, str]]

RATES = (
    "leverage", "margin_cap", "margin_call", "fee_rate", "maker_fee_rate", "slippage", "slippage_volume",
    "spread_rate", "fill_volume", "funding_rate", "borrow_rate", "position_share_max", "exposure_share_max",
    "daily_loss_share_max", "price_deviation_max", "slippage_max", "leverage_max",
)  # fmt: skip
MONEYS = (
    "fee_fixed", "fee_minimum", "order_notional_max", "position_notional_max", "exposure_max",
    "daily_loss_max",
)  # fmt: skip
PRICES = ("spread", "price_tick", "fee_per_unit")
WHOLES = (
    "tickets_max", "tickets_per_symbol_max", "latency_bars", "slippage_ticks", "currency", "price_decimals",
    "positions_max", "open_orders_max", "orders_per_minute_max", "consecutive_losses_max",
    "consecutive_errors_max",
)  # fmt: skip
SECONDS = ("stop_loss_cooldown_s", "breaker_cooldown_s")


@dataclass(frozen=True)
class Terms:
    """On what terms one instrument trades."""

    fee_rate: Fraction = ZERO
    maker_fee_rate: Fraction | None = None
    fee_fixed: Fraction = ZERO
    fee_per_unit: Fraction = ZERO
    fee_minimum: Fraction = ZERO
    spread: Fraction = ZERO
    spread_rate: Fraction = ZERO
    slippage: Fraction = ZERO
    slippage_ticks: int = 0
    slippage_volume: Fraction = ZERO
    quantity_step: Fraction = ZERO
    price_tick: Fraction = ZERO
    fill_volume: Fraction | None = None
    funding_rate: Fraction = ZERO
    borrow_rate: Fraction = ZERO
    currency: int | None = None
    price_decimals: int = 8

    @property
    def quantity_decimals(self) -> int:
        return MONEY_DECIMALS - self.price_decimals

    @property
    def maker(self) -> Fraction:
        return self.fee_rate if self.maker_fee_rate is None else self.maker_fee_rate

    @property
    def unit(self) -> Fraction:
        return Fraction(1, 10**self.quantity_decimals)


@dataclass(frozen=True)
class Limits:
    """What a person allows themselves, checked when an entry is asked for."""

    order_notional_max: Fraction | None = None
    position_notional_max: Fraction | None = None
    position_share_max: Fraction | None = None
    positions_max: int | None = None
    exposure_max: Fraction | None = None
    exposure_share_max: Fraction | None = None
    daily_loss_max: Fraction | None = None
    daily_loss_share_max: Fraction | None = None
    open_orders_max: int | None = None
    price_deviation_max: Fraction | None = None
    slippage_max: Fraction | None = None
    leverage_max: Fraction | None = None
    orders_per_minute_max: int | None = None
    stop_loss_cooldown_s: int = 0
    consecutive_losses_max: int | None = None
    consecutive_errors_max: int | None = None
    breaker_cooldown_s: int = 1800 * 10**9


@dataclass(frozen=True)
class Rules:
    """Every rule of the market with its default; numbers are exact, in natural units."""

    market_fill: str = "next_open"
    exit_fill: str = "next_open"
    bracket_from: str = "auto"
    time_exit: str = "last"
    bracket_price: str = "level"
    gap: str = "open"
    tie: str = "stop"
    stop_trigger: str = "range"
    target_trigger: str = "range"
    trail_update: str = "after"
    reentry_same_bar: bool = True
    holding: str = "tickets"
    short: bool = True
    tickets_max: int | None = None
    tickets_per_symbol_max: int | None = None
    account: str = "margin"
    margin_mode: str = "cross"
    leverage: Fraction = ONE
    margin_cap: Fraction = ONE
    margin_call: Fraction | None = None
    slippage_on: frozenset[str] = frozenset({"market", "stop"})
    rounding: str = "down"
    latency_bars: int = 0
    latency_ms: int = 0
    averaging: str = "any"
    end_policy: str = "close_last"
    price_check: str = "strict"
    matching: str = "here"
    terms: Terms = Terms()
    limits: Limits = Limits()

    @property
    def net(self) -> bool:
        return self.holding == "net"

    @property
    def isolated(self) -> bool:
        return self.margin_mode == "isolated"


def value_of(name: str, text: str, price_decimals: int) -> object:
    """Read the value of one rule; durations are in nanoseconds."""
    if text == "none" and name != "slippage_on":
        return None
    if name in ("reentry_same_bar", "short"):
        return text == "yes"
    if name == "slippage_on":
        return frozenset() if text == "none" else frozenset(text.split("+"))
    if name in WHOLES:
        return int(text)
    if name in SECONDS:
        return int(rounded(exact(text) * 10**9, 0))
    if name == "latency_ms":
        return int(rounded(exact(text) * 10**6, 0))
    decimals = dict.fromkeys(RATES, RATE_DECIMALS) | dict.fromkeys(MONEYS, MONEY_DECIMALS)
    decimals |= dict.fromkeys(PRICES, price_decimals) | {"quantity_step": MONEY_DECIMALS - price_decimals}
    return rounded(exact(text), decimals[name]) if name in decimals else text


def terms_of(pairs: Pairs, start: Terms = Terms()) -> Terms:
    """Read the terms of an instrument; what is not said is as in `start`."""
    given = dict(pairs)
    decimals = int(given.get("price_decimals", start.price_decimals))
    values = {name: value_of(name, text, decimals) for name, text in given.items()}
    return replace(start, **values)  # type: ignore[arg-type]


def rules_of(pairs: Pairs) -> Rules:
    """Read rules from names and texts."""
    given = dict(pairs)
    parts: dict[str, dict[str, str]] = {"market": {}, "terms": {}, "limits": {}}
    for name, text in given.items():
        where = "terms" if hasattr(Terms(), name) else "limits" if hasattr(Limits(), name) else "market"
        parts[where][name] = text
    decimals = int(given.get("price_decimals", "8"))
    market = {name: value_of(name, text, decimals) for name, text in parts["market"].items()}
    limits = {name: value_of(name, text, decimals) for name, text in parts["limits"].items()}
    return Rules(
        **market,  # type: ignore[arg-type]
        terms=terms_of(parts["terms"].items()),
        limits=Limits(**limits),  # type: ignore[arg-type]
    )
