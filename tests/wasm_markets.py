"""The markets in which Node and Python must write the same journal, and what is asked in them.

An ask has holes, such as `{price}` or `{ticket}`, that the strategy fills with what it draws and sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Terms = dict[str, str]


@dataclass
class Market:
    """A market as kernel/wasm/parity.mjs is told of it, and what must happen in it."""

    rules: Terms
    instruments: list[Terms] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    must_happen: str = ""
    """Kinds, causes and refusals of events without which the market proves little."""


COSTS = {"fee_rate": "0.001", "slippage": "0.0005", "spread": "0.03"}

# The strategy asks in numbers: the methods of a host against the floats of Python.
NUMBERS: dict[str, Market] = {
    "default": Market({}),
    "costs": Market(
        {
            **COSTS,
            "fee_fixed": "0.0123456789",
            "maker_fee_rate": "-0.0002",
            "slippage_on": "market+stop+limit",
        }
    ),
    "cash": Market({**COSTS, "account": "cash", "quantity_step": "0.01", "rounding": "nearest"}),
    "leverage": Market({**COSTS, "leverage": "20", "margin_call": "30", "tickets_max": "5"}),
    "close": Market(
        {"market_fill": "close", "exit_fill": "close", "tie": "target", "reentry_same_bar": "no"}
    ),
    "level": Market(
        {"gap": "level", "bracket_from": "fill_bar", "tie": "nearest_to_open", "margin_cap": "0.9"}
    ),
    "later": Market(
        {"bracket_from": "after_fill", "end_policy": "mark_only", "short": "no", "price_tick": "0.01"}
    ),
    "coarse": Market({**COSTS, "price_decimals": "3", "leverage": "3.7"}),
    "venue": Market({"matching": "elsewhere"}),
}

ENTRIES = [
    "{side} {quantity} {on}",
    "{side} {quantity} {on} stop_loss distance {distance} take_profit distance {distance}",
    "{side} {quantity} {on} stop_loss distance {distance} take_profit risk 0.5 share 0.4 take_profit risk 2",
    "{side} {quantity} limit {price} {on} stop_loss distance {distance}",
    "{side} notional {money} stop {price} {on} take_profit fraction {rate}",
    "{side} fraction {share} {on} stop_loss fraction {rate}",
    "sell {quantity} stop {under} limit {price} {on} take_profit distance {distance}",
    "buy {quantity} touch {under} limit {price} {on} for {few}",
    "{side} {quantity} touch {price} {on} rank {few}",
    "{side} {quantity} trail distance {distance} {on} until {time}",
    "{side} {quantity} trail fraction {rate} {on} take_profit distance {distance}",
]
TICKETS = [
    "{side} {quantity} {on} trailing fraction {rate} from distance {distance}",
    "{side} {quantity} {on} trailing distance {distance}",
    "{side} {quantity} limit {price} {on} stop_loss distance {distance} trailing risk 1 from risk 0.5",
    "buy {quantity} {on} stop_loss distance 1.5 breakeven risk 0.3 offset distance 0.05",
    "sell {quantity} {on} take_profit distance 0.2 share 0.5 take_profit distance 1.5 breakeven rung 1",
    "{side} {quantity} {on} leave_after {few} trailing fraction {rate}",
    "{side} {quantity} {on} leave_after_s {time} stop_loss distance {distance}",
    "levels {ticket} stop_loss {under} take_profit {above}",
    "levels {ticket} stop_loss {above}",
    "levels {ticket} take_profit none",
]
LIFETIMES = [
    "buy {quantity} limit {above} {on} ioc",
    "{side} {quantity} limit {price} {on} fok",
    "{side} {quantity} limit {price} {on} day",
    "sell {quantity} limit {price} {on} post_only",
    "{side} {quantity} limit {price} {on} reduce_only",
    "{side} {quantity} stop {price} {on} reduce_only for {few}",
    "{side} {quantity} {on} reduce_only",
    "{side} {quantity} limit {price} {on} other {order}",
    "{side} {quantity} stop {price} {on} after {order}",
    "{side} {quantity} {on} after {order}",
]
CHANGES = [
    "add {ticket} {quantity}",
    "add {ticket} {quantity} limit {price}",
    "close {ticket}",
    "close {ticket} fraction {share}",
    "close {ticket} {quantity}",
    "cancel {order}",
    "amend {order} price {price}",
    "amend {order} price {price} limit {price} quantity {quantity}",
    "transfer {money}",
    "transfer -{money}",
    "error",
]
ALL = ENTRIES + TICKETS + LIFETIMES + CHANGES
STATED = [
    "{side} {quantity} at {price} {on} stop_loss distance {distance}",
    "{side} {quantity} at {price} {on} take_profit fraction {rate}",
    "close {ticket} fraction {share} at {price}",
]
FILLS = ["fill {order} {quantity} at {price} fee {share} time {time}"] * 12

LIMITS = {
    "order_notional_max": "1200",
    "position_notional_max": "3000",
    "position_share_max": "0.3",
    "positions_max": "4",
    "exposure_max": "9000",
    "exposure_share_max": "2",
    "daily_loss_max": "70",
    "open_orders_max": "6",
    "price_deviation_max": "0.015",
    "slippage_max": "0.01",
    "leverage_max": "3",
    "orders_per_minute_max": "1",
    "stop_loss_cooldown_s": "120",
    "consecutive_losses_max": "3",
    "consecutive_errors_max": "2",
    "breaker_cooldown_s": "300",
}

# The strategy asks in words: every kind of order and every option, under rules of all sorts.
WORDS: dict[str, Market] = {
    "all orders": Market(
        {"tie": "finer_bars"},
        asks=ALL,
        must_happen="stop_limit limit_if_touched market_if_touched trailing_stop breakeven time_limit "
        "take_profit stop_loss average reduce expired other_filled parent_gone triggered amended warned "
        "not_filled_at_once post_only_must_rest close",
    ),
    "net": Market({**COSTS, "holding": "net", "leverage": "3"}, asks=ALL, must_happen="average close"),
    "collateral": Market(
        {**COSTS, "account": "collateral", "exit_fill": "close", "averaging": "effective"},
        asks=ALL,
        must_happen="cash_must_cover_order average close",
    ),
    "isolated": Market(
        {**COSTS, "margin_mode": "isolated", "leverage": "60", "fee_minimum": "0.2", "averaging": "extreme"},
        asks=[*ENTRIES[:6], *TICKETS[:2], *CHANGES],
        must_happen="liquidation average",
    ),
    "volume": Market(
        {"fill_volume": "0.08", "slippage_volume": "0.02", "quantity_step": "0.05", "tie": "open_high_low"},
        asks=ALL,
        must_happen="not_filled_at_once stop_loss take_profit",
    ),
    "latency in bars": Market(
        {"latency_bars": "1", "gap": "level", "time_exit": "first"},
        asks=ALL,
        must_happen="order_must_be_waiting time_limit",
    ),
    "latency in time": Market(
        {"latency_ms": "95000", "account": "cash", "bracket_from": "after_fill"}, asks=ALL
    ),
    "trailing": Market(
        {
            "trail_update": "before",
            "bracket_from": "fill_bar",
            "exit_fill": "close",
            "reentry_same_bar": "no",
        },
        asks=[*ENTRIES, *TICKETS, *TICKETS],
        must_happen="trailing_stop breakeven time_limit amended",
    ),
    "charges": Market(
        {
            "funding_rate": "0.0001",
            "borrow_rate": "0.0002",
            "tickets_max": "6",
            "fee_per_unit": "0.013",
            "fee_minimum": "0.07",
            "fee_fixed": "0.01",
            "slippage_ticks": "2",
            "price_tick": "0.01",
            "spread_rate": "0.0003",
            "slippage_on": "market+stop+limit",
        },
        asks=ALL,
        must_happen="funding borrow",
    ),
    "given prices": Market(
        {
            "market_fill": "given_price",
            "exit_fill": "signal_price",
            "price_check": "warn",
            "stop_trigger": "given_price",
            "target_trigger": "close",
            "bracket_price": "close",
        },
        asks=[*ALL, *STATED * 6],
        must_happen="price_must_be_inside_bar stop_loss take_profit",
    ),
    "limits": Market(
        {**LIMITS, "leverage": "5", "tickets_per_symbol_max": "6"},
        asks=ALL,
        must_happen="halted losses errors loss_must_stay_within_day",
    ),
    "portfolio": Market(
        {**COSTS, "leverage": "6", "margin_call": "3", "funding_rate": "0.00005"},
        [
            {},
            {"price_decimals": "2", "quantity_step": "0.1", "maker_fee_rate": "-0.0001"},
            {"currency": "0", "fill_volume": "0.3", "spread": "0.05", "price_decimals": "5"},
        ],
        ALL,
        "margin_called margin_call funding delisted",
    ),
    "another venue": Market(
        {"matching": "elsewhere", "leverage": "4"},
        [{}, {"price_decimals": "4"}],
        [*ENTRIES, *LIFETIMES, *CHANGES, *FILLS],
        "filled warned venue",
    ),
}
