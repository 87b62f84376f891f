"""Numbers and labels as text."""

from __future__ import annotations

import math
from html import escape

from eyas.reports.html import minus

NOTHING = "–"
LARGE = 1e15


def number_text(value: float, decimals: int = 2) -> str:
    """Return a number with thousands separated and a true minus; a dash for what is not known.

    >>> number_text(-1234.5, 1), number_text(float("nan"))
    ('−1,234.5', '–')
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= LARGE:
        return minus(f"{value:.3g}")
    # Adding 0.0 turns a rounded −0.0 into 0.0.
    return minus(f"{round(value, decimals) + 0.0:,.{decimals}f}")


def percent_text(value: float, decimals: int = 2) -> str:
    """Return a fraction in percent.

    >>> percent_text(-0.12345)
    '−12.35 %'
    """
    text = number_text(100 * value, decimals)
    return text if text in {NOTHING, "∞", "−∞"} else f"{text} %"


def signed_percent(value: float, decimals: int = 2) -> str:
    """Return a fraction in percent, a gain with its plus."""
    text = percent_text(value, decimals)
    return f"+{text}" if value > 0 and any(digit in text for digit in "123456789") else text


def decimals_for(step: float) -> int:
    """Return how many decimals tell numbers apart that are a step from each other.

    >>> decimals_for(0.05), decimals_for(20.0)
    (2, 0)
    """
    if not (step > 0 and math.isfinite(step)):
        return 2
    return min(12, max(0, -math.floor(math.log10(step) + 1e-9)))


def axis_text(value: float, step: float, unit: str) -> str:
    """Return a tick's number: of a "rate" in percent, of anything else as it is, short above a million."""
    if unit == "rate":
        return percent_text(value, decimals_for(100 * step))
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if LARGE > abs(value) >= size and step >= size / 1000:
            return f"{number_text(value / size, decimals_for(step / size))} {letter}"
    return number_text(value, decimals_for(step))


def value_text(value: float, unit: str) -> str:
    """Return a number as the tables have it: with two decimals, rates in percent; counts have none."""
    if unit == "rate":
        return percent_text(value)
    return number_text(value, 0 if unit == "count" else 2)


def attribute(text: str) -> str:
    """Return a text that can stand between quotes."""
    return escape(text, quote=True)
