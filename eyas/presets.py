"""Six markets by name, each a value of Rules: what other systems do differently, and eyas's own default.

Every difference is a rule that can be given by itself; nothing in eyas asks which preset it runs.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from eyas.errors import UsageError
from eyas.rules import Rules

DEFAULT = Rules()

HAWK = Rules(
    market_fill="close",
    exit_fill="close",
    trail_update="before",
    tickets_max=100,
    leverage=25,
    margin_cap=0.8,
    margin_call=1.0,
    slippage_on=("market", "stop", "limit"),
)

# Its quantity steps differ by instrument: quantity_step={"BTCUSDT": 0.001, …}.
STREAM = Rules(
    tickets_max=3,
    tickets_per_symbol_max=3,
    leverage=3,
    fee_rate=0.0006,
    slippage=0.0001,
)

# Market orders and targets trade at the VWAP of a bar, where its data has that column.
LIFECYCLE = Rules(
    market_fill="given_price",
    exit_fill="given_price",
    time_exit="first",
    gap="level",
    target_trigger="given_price",
    reentry_same_bar=False,
    margin_mode="isolated",
    fee_rate=0.001,
    slippage=0.001,
    slippage_on=("market", "stop", "limit"),
    averaging="extreme",
    price_check="off",
)

KLINE = Rules(
    market_fill="given_price",
    exit_fill="given_price",
    holding="net",
    tickets_per_symbol_max=1,
    short=False,
    account="cash",
    fee_rate=0.001,
    end_policy="mark_only",
    price_check="warn",
)

# Its clock is an option of a run: clock="sequential".
DESK = Rules(
    bracket_from="after_fill",
    gap="level",
    reentry_same_bar=False,
    tickets_per_symbol_max=1,
    account="collateral",
    quantity_step=1,
)

PRESETS = {
    "default": DEFAULT,
    "desk": DESK,
    "hawk": HAWK,
    "kline": KLINE,
    "lifecycle": LIFECYCLE,
    "stream": STREAM,
}


def rules_of(rules: Any) -> Rules:
    """Return rules given as a value, by the name of a preset, or not at all (the default market).

    >>> rules_of("hawk") is HAWK
    True
    """
    if rules is None:
        return DEFAULT
    if isinstance(rules, Rules):
        return rules
    if not isinstance(rules, str):
        kind = type(rules).__name__
        raise UsageError(f"rules is of type {kind}, but must be an eyas.Rules(...), a preset's name or None")
    name = rules.strip().lower()
    if name not in PRESETS:
        near = get_close_matches(name, PRESETS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the presets are {', '.join(PRESETS)}"
        raise UsageError(f"there is no preset called {rules}; {hint}")
    return PRESETS[name]
