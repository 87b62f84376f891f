"""Plain values as JSON and back, without loss: infinity, NaN, decimals, tuples and tables included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

EXPONENT_MAX = 1000


def to_json(value: Any) -> Any:
    """Return a value as JSON has it; what JSON does not know is an object that names its kind.

    >>> to_json([1.5, float("inf"), Decimal("0.1"), ("market", "stop")])
    [1.5, {'float': 'inf'}, {'decimal': '0.1'}, {'tuple': ['market', 'stop']}]
    """
    if isinstance(value, np.generic):
        value = value.item()
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        case tuple():
            return {"tuple": [to_json(one) for one in value]}
        case set() | frozenset():
            return {"set": [to_json(one) for one in sorted(value)]}
        case list():
            return [to_json(one) for one in value]
        case Mapping():
            return {"table": {str(name): to_json(one) for name, one in value.items()}}
    return {"decimal": str(value)}


def from_json(value: Any) -> Any:
    """Return what `to_json` was given; raises ValueError for what it never writes."""
    match value:
        case {"float": str(text)}:
            return float(text)
        case {"decimal": str(text)}:
            return decimal_of(text)
        case {"tuple": list(values)}:
            return tuple(from_json(one) for one in values)
        case {"set": list(values)}:
            return frozenset(from_json(one) for one in values)
        case {"table": dict(values)}:
            return {name: from_json(one) for name, one in values.items()}
        case list():
            return [from_json(one) for one in value]
        case dict():
            raise ValueError(f"a value of the kind {', '.join(value) or 'none'} is not known")
    return value


def decimal_of(text: str) -> Decimal:
    """Return a decimal; raises ValueError for what is none, or would fill the memory in a sum."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no decimal number") from None
    if found.is_finite() and abs(found.adjusted()) > EXPONENT_MAX:
        raise ValueError(f"{text!r} is too large, or too small, for any price or amount")
    return found
