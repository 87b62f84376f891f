"""Read the values that a parameter takes in a sweep: `fast=5:25`, `slow=30:130:5`, `mode=fade,follow`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from eyas.cli.settings import pairs
from eyas.errors import UsageError
from eyas.parameters import Parameter, value_of_text
from eyas.sweep import between

LOG = "log"


def swept(
    owner: str, declared: Mapping[str, Parameter], texts: Iterable[str], *, is_grid: bool
) -> dict[str, Any]:
    """Return the parameters of `--set` as a sweep takes them, or raise UsageError.

    `LOW:HIGH` are all whole numbers from one to the other, both included, `LOW:HIGH:STEP` every so manieth;
    between numbers with decimals there is no end without a step, so a grid needs one. `LOW:HIGH:log` is
    drawn by its logarithm. `A,B,C` are values in turn, `A` is one that every trial has.
    """
    found: dict[str, Any] = {}
    for name, text in pairs("--set", texts).items():
        if name not in declared:
            found[name] = text  # for the sweep to refuse, with what was meant
        elif ":" in text and declared[name].kind in (int, float):
            found[name] = range_of(f"{owner}.{name}", declared[name], text, is_grid=is_grid)
        elif "," in text:
            values = [part.strip() for part in text.split(",") if part.strip()]
            found[name] = [value_of_text(f"{owner}.{name}", declared[name], part) for part in values]
        else:
            found[name] = value_of_text(f"{owner}.{name}", declared[name], text)
    return found


def range_of(title: str, parameter: Parameter, text: str, *, is_grid: bool) -> Any:
    """Return the values of a range, or raise UsageError."""
    low_text, high_text, *rest = (part.strip() for part in text.split(":"))
    if len(rest) > 1:
        raise UsageError(f"{title} is {text!r}, but a range is LOW:HIGH or LOW:HIGH:STEP")
    if rest == [LOG]:
        if is_grid:
            raise UsageError(f"{title} is {text!r}, drawn by its logarithm, so say --search random or tpe")
        low, high = (number(title, parameter, part) for part in (low_text, high_text))
        return between(low, high, log=True)
    low, high = number(title, parameter, low_text), number(title, parameter, high_text)
    if low > high:
        raise UsageError(f"{title} is {text!r}: the first must not be above the second")
    if parameter.kind is int:
        step = number(title, parameter, rest[0]) if rest else 1
        if step < 1:
            raise UsageError(f"{title} is {text!r}: the step must be above 0")
        return range(low, high + 1, step)
    if not rest:
        if is_grid:
            raise UsageError(
                f"{title} is {text!r}, which has no end without a step: write {text}:STEP, or --search random"
            )
        return between(low, high)
    return decimals(title, text, low_text, high_text, rest[0])


def number(title: str, parameter: Parameter, text: str) -> Any:
    """Return an end or a step as the parameter's type."""
    return value_of_text(title, parameter, text)


def decimals(title: str, text: str, low: str, high: str, step: str) -> list[float]:
    """Return the numbers of a range with decimals: exactly those that one would write down.

    >>> decimals("x", "0.1:0.3:0.1", "0.1", "0.3", "0.1")
    [0.1, 0.2, 0.3]
    """
    try:
        first, last, apart = Decimal(low), Decimal(high), Decimal(step)
    except InvalidOperation:
        raise UsageError(f"{title} is {text!r}, but a range is LOW:HIGH:STEP, of numbers") from None
    if not apart > 0:
        raise UsageError(f"{title} is {text!r}: the step must be above 0")
    count = int((last - first) / apart) + 1
    if count > 1_000_000:
        raise UsageError(f"{title} is {text!r}, which are {count:,} values: take a longer step")
    return [float(first + place * apart) for place in range(count)]
