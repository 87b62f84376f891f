"""How a strategy words an order: sizes, prices and levels, checked before the kernel sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.model import Series, Ticket, WaitingOrder


class Level(NamedTuple):
    """Say where a level stands: by a price, a distance, a fraction of the entry, or multiples of the risk."""

    kind: str
    value: float


def at(price: float) -> Level:
    """Put a stop or target at a price.

    >>> at(64_000.0)
    Level(kind='price', value=64000.0)
    """
    return Level("price", number("a price", price))


def away(distance: float) -> Level:
    """Put a stop or target at a distance from the entry, in price units.

    >>> away(250.0)
    Level(kind='distance', value=250.0)
    """
    return Level("distance", number("a distance", distance))


def risk(multiple: float) -> Level:
    """Put a target at a multiple of the initial risk: of what lies between the first fill and its stop.

    >>> risk(2)
    Level(kind='risk', value=2.0)
    """
    return Level("risk", number("a multiple of the risk", multiple))


def number_of(item: Any) -> int:
    """Return the number of a ticket or order, or of what was given by its number."""
    if isinstance(item, Ticket | WaitingOrder):
        return item.number
    if isinstance(item, bool) or not isinstance(item, Integral) or item < 1:
        raise UsageError(f"tickets and orders are numbered 1, 2, 3 …, so none has the number {item!r}")
    return int(item)


def number(name: str, value: Any) -> float:
    """Return a number as a float; a text, a truth value or a level is none."""
    if type(value) is float:
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal | Series):
        raise UsageError(f"{name} is {value!r}, but must be a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf  # the kernel refuses it by name


def one_of(
    names: Sequence[str], values: Sequence[float | None], default: tuple[str, float]
) -> tuple[str, float]:
    """Return the one option that was given, with its name."""
    found = default
    for name, value in zip(names, values, strict=True):
        if value is not None:
            if found is not default:
                given = [name for name, value in zip(names, values, strict=True) if value is not None]
                raise UsageError(f"give one of {', '.join(names)}, not {' and '.join(given)}")
            found = (name, number(name, value))
    return found


def level(
    name: str, value: float | Level | None, most: float, *, is_distance: bool = False
) -> tuple[str, float] | None:
    """Return a stop or target as the kernel takes it; a bare number is a fraction of the entry.

    `is_distance` says that a price would mean nothing there.
    """
    if value is None or isinstance(value, Level):
        return value
    fraction = number(name, value)
    if fraction >= most:
        raise UsageError(
            f"{name}={value} would be {fraction:.0%} of the entry, since a bare number is a fraction "
            f"(0.01 is 1 %); {'' if is_distance else f'for a price write eyas.at({value}), '}"
            f"for a distance eyas.away({value})"
        )
    return ("fraction", fraction)
