"""Exact numbers of the reference market: fractions in natural units, rounded only where a reading says so."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

MONEY_DECIMALS = 16
RATE_DECIMALS = 12
# What the kernel's 64 bit integers keep a quarter of: the largest price and the largest quantity in units.
UNITS_MAX = (2**63 - 1) // 4


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Return the value at so many decimals, half to even."""
    return Fraction(round(value * 10**decimals), 10**decimals)


def money(value: Fraction) -> Fraction:
    """Return an amount of money: whatever is one is rounded once, to its unit (R12)."""
    return rounded(value, MONEY_DECIMALS)


def exact(text: str) -> Fraction:
    return Fraction(Decimal(text))


def read(value: float, decimals: int) -> Fraction | None:
    """Return what is meant by a float: its shortest text, rounded half to even; None when out of range."""
    if not math.isfinite(value):
        return None
    number = rounded(exact(repr(value)), decimals)
    return number if abs(number) * 10**decimals < UNITS_MAX else None


def units(value: Fraction, decimals: int) -> int:
    """Return a number in its smallest units; it must be a whole number of them."""
    scaled = value * 10**decimals
    assert scaled.denominator == 1, f"{value} has more than {decimals} decimals"
    return int(scaled)
