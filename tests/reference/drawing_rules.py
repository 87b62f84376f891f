"""Random rules and terms: what is worth trying of each, and what cannot be together."""

from __future__ import annotations

from decimal import Decimal
from random import Random

# Of each rule what is worth trying, besides its default.
MARKET: dict[str, tuple[str, ...]] = {
    "market_fill": ("close", "signal_price", "given_price", "same_open", "close"),
    "exit_fill": ("close", "signal_price", "given_price", "same_open", "close"),
    "bracket_from": ("fill_bar", "after_fill"),
    "time_exit": ("first",),
    "bracket_price": ("close",),
    "gap": ("level",),
    "tie": ("target", "nearest_to_open", "open_high_low"),
    "stop_trigger": ("close", "given_price"),
    "target_trigger": ("close", "given_price"),
    "trail_update": ("before",),
    "reentry_same_bar": ("no",),
    "holding": ("net",),
    "short": ("no",),
    "tickets_max": ("1", "2", "3"),
    "tickets_per_symbol_max": ("1", "2"),
    "account": ("cash", "collateral"),
    "margin_mode": ("isolated",),
    "leverage": ("2", "3", "25", "1.5", "1.7", "10"),
    "margin_cap": ("0.8", "0.333333333333"),
    "margin_call": ("1", "0.5", "2"),
    "slippage_on": ("market+stop+limit", "limit", "none", "market", "stop"),
    "rounding": ("nearest",),
    "latency_bars": ("1", "2"),
    "latency_ms": ("1", "60000", "90000"),
    "averaging": ("effective", "extreme"),
    "end_policy": ("mark_only",),
    "price_check": ("warn", "off"),
}
TERMS: dict[str, tuple[str, ...]] = {
    "fee_rate": ("0.001", "0.0006", "0.000333333333", "0.1"),
    "maker_fee_rate": ("0.0002", "-0.0001", "0"),
    "fee_fixed": ("1", "0.05", "0.0000000000000001"),
    "fee_per_unit": ("0.01", "0.5"),
    "fee_minimum": ("0.5", "2"),
    "spread": ("0.02", "1", "2"),
    "spread_rate": ("0.001", "0.01"),
    "slippage": ("0.0001", "0.01", "0.000333333333"),
    "slippage_ticks": ("1", "2"),
    "slippage_volume": ("0.1", "0.01"),
    "quantity_step": ("1", "0.5", "0.001", "0.3"),
    "price_tick": ("0.25", "0.25", "0.25", "0.01", "0.5"),
    "fill_volume": ("1", "0.5", "0.3", "0.1"),
    "funding_rate": ("0.001", "-0.0005", "0.0001"),
    "borrow_rate": ("0.001", "0.0002"),
    "price_decimals": ("2", "4", "11"),
}
LIMITS: dict[str, tuple[str, ...]] = {
    "order_notional_max": ("500", "3000"),
    "position_notional_max": ("1000", "5000"),
    "position_share_max": ("0.2", "1"),
    "positions_max": ("1", "2"),
    "exposure_max": ("2000", "8000"),
    "exposure_share_max": ("0.5", "1"),
    "daily_loss_max": ("10", "100"),
    "daily_loss_share_max": ("0.01", "0.1"),
    "open_orders_max": ("1", "3"),
    "price_deviation_max": ("0.01", "0.05"),
    "slippage_max": ("0.00005", "0.001"),
    "leverage_max": ("0.5", "1"),
    "orders_per_minute_max": ("1", "3"),
    "stop_loss_cooldown_s": ("60", "300"),
    "consecutive_losses_max": ("1", "2"),
    "consecutive_errors_max": ("1", "2"),
    "breaker_cooldown_s": ("60", "0"),
}
# What is seldom met by chance, a theme of a whole run each.
THEMES: tuple[dict[str, str], ...] = (
    {"leverage": "25", "margin_call": "1"},
    {"leverage": "10", "margin_call": "2", "holding": "net"},
    {"leverage": "10", "margin_mode": "isolated"},
    {"leverage": "3", "margin_mode": "isolated", "averaging": "effective"},
    {"fill_volume": "0.5"},
    {"fill_volume": "1", "market_fill": "close", "exit_fill": "close"},
    {"holding": "net"},
    {"holding": "net", "fill_volume": "1"},
    {"latency_bars": "1"},
    {"latency_ms": "60000"},
    {"account": "collateral"},
    {"account": "cash"},
    {"trail_update": "before"},
    {"time_exit": "first", "exit_fill": "close"},
    {"market_fill": "close", "exit_fill": "close"},
    {"averaging": "extreme"},
)


def some(rng: Random, table: dict[str, tuple[str, ...]], share: float) -> dict[str, str]:
    return {name: rng.choice(texts) for name, texts in table.items() if rng.random() < share}


# What cannot be together (R38): with the first, the others are dropped; with a `-`, they are without it.
IMPOSSIBLE: tuple[tuple[str, ...], ...] = (
    ("account=cash", "leverage", "margin_mode", "borrow_rate"),
    ("account=collateral", "leverage", "margin_mode"),
    ("margin_mode=isolated", "holding", "margin_call"),
    ("-leverage", "margin_call"),
    ("holding=net", "averaging"),
    ("-price_tick", "slippage_ticks"),
    ("latency_bars", "latency_ms"),
    ("market_fill=same_open", "latency_bars", "latency_ms"),
    ("exit_fill=same_open", "latency_bars", "latency_ms"),
    ("matching=elsewhere", "fill_volume", "holding", "latency_bars", "latency_ms"),
    ("matching=elsewhere", "margin_call", "funding_rate", "borrow_rate"),
)


def possible(rules: dict[str, str]) -> dict[str, str]:
    """Drop what R38 refuses, and what the decimals cannot say."""
    decimals = int(rules.get("price_decimals", "8"))
    room = {
        "spread": decimals,
        "price_tick": decimals,
        "fee_per_unit": decimals,
        "quantity_step": 16 - decimals,
    }
    for name, most in room.items():
        if name in rules and -int(Decimal(rules[name]).as_tuple().exponent) > most:
            del rules[name]
    for when, *others in IMPOSSIBLE:
        name, _, text = when.lstrip("-").partition("=")
        holds = name in rules and (not text or rules[name] == text)
        if holds != when.startswith("-"):
            for other in others:
                rules.pop(other, None)
    return rules


def rules_of(rng: Random) -> dict[str, str]:
    """Draw a few rules, or about a third of them all; limits and finer points only now and then."""
    many = rng.random() < 0.4
    rules = some(rng, MARKET, 0.25 if many else 0.07) | some(rng, TERMS, 0.2 if many else 0.06)
    if rng.random() < 0.12:
        rules |= some(rng, LIMITS, 0.25)
    for name in ("latency_bars", "latency_ms", "slippage_volume", "holding"):
        if rng.random() < 0.5:
            rules.pop(name, None)
    if rng.random() < 0.6:
        rules |= dict(rng.choice(THEMES))
    return possible(rules)


def instruments_of(rng: Random, rules: dict[str, str]) -> list[dict[str, str]]:
    """Draw terms for each of several instruments; mostly there is one."""
    count = rng.choice((1, 1, 1, 1, 2, 3))
    if count == 1:
        return []
    found = []
    foreign = rng.random() < 0.2
    for number in range(count):
        own = some(rng, TERMS, 0.15)
        if foreign and number and rng.random() < 0.7:
            own["currency"] = "0"
        own.pop("price_decimals", None)
        if "price_tick" not in own and "price_tick" not in rules:
            own.pop("slippage_ticks", None)
        if "price_decimals" in rules:
            own = {name: text for name, text in own.items() if name not in ("quantity_step", "spread_rate")}
        merged = possible(dict(rules) | own)
        found.append({name: text for name, text in own.items() if merged.get(name) == text})
    return found
