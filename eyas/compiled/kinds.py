"""What kind of value each register of a program can hold, whatever way the program goes."""

from __future__ import annotations

from typing import Any

from eyas.compiled.assembler import CONSTANTS, FREE, NONE, Assembler, Label
from eyas.compiled.frames import MISSING, UNKNOWN, Resolve
from eyas.model import PROGRAM_NAMES, Series, Times

Kinds = frozenset[str]
NUMBERS: Kinds = frozenset(("bool", "int", "float"))
WHOLE: Kinds = frozenset(("bool", "int"))
ANY: Kinds = frozenset(
    ("unset", "none", "bool", "int", "float", "text", "series", "times", "level", "ticket", "order", "list")
)
TRUTH: Kinds = frozenset(("bool",))
FLOAT: Kinds = frozenset(("float",))
INT: Kinds = frozenset(("int",))
ARITHMETIC = {"add", "subtract", "multiply", "floor_divide", "remainder", "power"}
COMPARISONS = {"less", "less_equal", "equal", "not_equal", "greater", "greater_equal", "is", "is_not"}
RESULTS: dict[str, Kinds] = {
    **dict.fromkeys(COMPARISONS, TRUTH),
    **dict.fromkeys(("not", "truth", "crossed_above", "crossed_below", "amend", "move_levels"), TRUTH),
    "divide": FLOAT,
    "float": FLOAT,
    "whole": INT,
    "length": INT,
    "ask": INT,
    "close": frozenset(("list",)),
    "level": frozenset(("level",)),
    "round": frozenset(("int", "float")),
    "function": NUMBERS,
    "field": ANY - {"unset"},
    "item": frozenset(("int", "float", "ticket", "order")),
}
ACCOUNT: dict[str, Kinds] = {
    **dict.fromkeys(("ambiguous_bars", "ticket_count", "bar_index", "event_count"), INT),
    **dict.fromkeys(("is_flat", "is_long", "is_short"), TRUTH),
    **dict.fromkeys(("tickets", "waiting_orders"), frozenset(("list",))),
}
BAR: dict[str, Kinds] = dict.fromkeys(("time", "close_time", "index", "instrument"), INT)
NO_RESULT = {"jump", "jump_if", "jump_unless", "need_local", "need_attribute", "countable", "cancel", "end"}


def kind_of_value(value: Any) -> Kinds:
    """Return the kind of a value that is bound or a constant."""
    if value is UNKNOWN:
        return ANY
    if value is MISSING:
        return frozenset(("unset",))
    if value is None:
        return frozenset(("none",))
    if isinstance(value, Series):
        return frozenset(("series",))
    if isinstance(value, Times):
        return frozenset(("times",))
    words = {bool: "bool", int: "int", float: "float", str: "text"}
    return frozenset((words.get(type(value), "level"),))


def kinds_of(out: Assembler, resolve: Resolve) -> dict[int, Kinds]:
    """Return the kinds of every register, by its number in the assembler."""
    found: dict[int, Kinds] = {place: kind_of_value(resolve(steps)) for steps, place in out.bound.items()}
    for place, value in enumerate(out.values):
        found[CONSTANTS + place] = kind_of_value(value)
    found[out.unset] = frozenset(("unset",))
    steps = [step for step in out.code if not isinstance(step, Label)]
    before = None
    while before != found:
        before = dict(found)
        for name, a, b, c in steps:
            if name not in NO_RESULT:
                found[a] = found.get(a, frozenset()) | result_of(name, found, b, c)
    return found


def result_of(name: str, found: dict[int, Kinds], b: int, c: int) -> Kinds:
    """Return the kinds of what a step writes."""
    if name in RESULTS:
        return RESULTS[name]
    if name in ("move", "keep"):
        return found.get(b, frozenset())
    if name == "bar_field":
        return BAR.get(PROGRAM_NAMES["bar"][b], FLOAT)
    if name == "account_field":
        return ACCOUNT.get(PROGRAM_NAMES["account"][b], FLOAT)
    first = found.get(b, frozenset())
    second = found.get(c, frozenset()) if name in ARITHMETIC or name in ("least", "most") else first
    if name in ("least", "most"):
        return first | second
    # Whole numbers stay whole, times apart are whole, all else is a float.
    result: set[str] = set()
    if first & (WHOLE | {"times"}) and second & (WHOLE | {"times"}):
        result.add("int")
    if (first | second) & {"float", "series"} or name == "power":
        result.add("float")
    return frozenset(result)


__all__ = ["ANY", "FREE", "NONE", "NUMBERS", "WHOLE", "Kinds", "kinds_of"]
