"""Conditions on columns as a graph of looks, each made once; what no answer needs is left out."""

from __future__ import annotations

from typing import Any

Look = tuple[Any, ...]
"""A look and what it looks at: other looks, or numbers."""
ALL: Look = ("all",)
NOTHING: Look = ("nothing",)
FLOATS = {"series", "bar_field", "number", "add", "subtract", "multiply", "divide", "negative", "absolute"}
LOOKS_MAX = 200


def both(one: Look, other: Look) -> Look:
    """Return where two conditions hold."""
    if NOTHING in (one, other):
        return NOTHING
    if one in (ALL, other):
        return other
    return one if other == ALL else ("and", one, other)


def either(one: Look, other: Look) -> Look:
    """Return where one of two conditions holds."""
    if ALL in (one, other):
        return ALL
    if one in (NOTHING, other):
        return other
    if other == NOTHING:
        return one
    return ("or", one, other)


def other_than(one: Look) -> Look:
    """Return where a condition does not hold."""
    if one in (ALL, NOTHING):
        return NOTHING if one == ALL else ALL
    return one[1] if one[0] == "not" else ("not", one)


class Lister:
    """Put a graph of looks into a list, each behind those it looks at."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int, int]] = []
        self.places: dict[int, int] = {}
        self.kept: list[Look] = []  # an id is only one's own while its look lives
        self.same: dict[Look, int] = {}
        self.rows = [0, 0]

    def place(self, look: Look) -> int:
        """Return the row that holds what a look sees."""
        found = self.places.get(id(look))
        if found is not None:
            return found
        name, *rest = look
        operands = [self.place(one) if isinstance(one, tuple) else one for one in rest]
        if name == "nothing":
            operands, name = [self.place(ALL)], "not"
        key = (name, *operands)
        found = self.same.get(key)
        if found is None:
            side = 0 if name in FLOATS else 1
            found = self.same[key] = self.rows[side]
            self.rows[side] += 1
            b, c = (*operands, 0, 0)[:2]
            self.steps.append((name, found, b, c))
        self.places[id(look)] = found
        self.kept.append(look)
        return found
