"""Say whether trading cost anything: a study in which it was free prefers whatever trades most."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eyas.rules import Rules

COSTS = (
    *("fee_rate", "maker_fee_rate", "fee_fixed", "fee_per_unit", "fee_minimum"),
    *("spread", "spread_rate", "slippage", "slippage_ticks", "slippage_volume"),
)
"""The rules that make a fill cost something; funding and borrowing are paid for time, not for trading."""

FREE = (
    "Trading was free in this sweep: no fee, no spread, no slippage. What trades most looks better than it "
    "is; sweep again with the costs that you will pay (fee_rate, spread_rate, slippage)."
)


def is_free(rules: Rules) -> bool:
    """Return whether no fill costs anything, of any symbol.

    >>> from eyas.rules import Rules
    >>> is_free(Rules()), is_free(Rules(funding_rate=0.0001)), is_free(Rules(spread={"IBM": "0.01"}))
    (True, True, False)
    """
    return not any(has_amount(getattr(rules, name)) for name in COSTS)


def has_amount(value: Any) -> bool:
    """Return whether a term, or a symbol's own, is neither nothing nor left unsaid."""
    own = value.values() if isinstance(value, Mapping) else [value]
    return any(one is not None and Decimal(str(one)) != 0 for one in own)
