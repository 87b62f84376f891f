"""Say why a strategy cannot be sent to another process, and how to mend it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eyas.strategy import Strategy

Dumps = Callable[[Any], bytes]


def why_not(strategy: Strategy, functions: Sequence[Any], error: Exception, dumps: Dumps) -> str:
    """Return the sentence that names what cannot be sent, and what would help."""
    name = type(strategy).__name__
    reason = f"{type(error).__name__}: {error}"
    for what, value, remedy in held(strategy, functions):
        problem = refusal(dumps, value)
        if problem:
            return (
                f"{name} cannot be sent to worker processes: {what} is a {type(value).__name__}, which "
                f"cannot be pickled ({problem}). {remedy}, or run in this process alone: workers=1"
            )
    return (
        f"{name} cannot be sent to worker processes: {reason}. Make what it holds in on_start, or run in "
        "this process alone: workers=1"
    )


def held(strategy: Strategy, functions: Sequence[Any]) -> Iterator[tuple[str, Any, str]]:
    """Yield what a strategy takes along: what it is called, the thing, and what to do about it."""
    name = type(strategy).__name__
    for word, value in vars(strategy).items():
        yield f"its attribute {word}", value, "Make it in on_start"
    for cls in type(strategy).__mro__:
        if cls.__module__.startswith("eyas.") or cls is object:
            continue
        for word, value in vars(cls).items():
            if isinstance(value, FunctionType):
                yield from used_by(f"{cls.__name__}.{word}", value)
            elif not word.startswith("__"):
                yield f"{cls.__name__}.{word}", value, "Make it in on_start"
    for one in functions:
        function = getattr(one, "function", one)
        if isinstance(function, FunctionType):
            yield from used_by("the objective", function)
        else:
            yield f"the objective of {name}", function, "Give a plain function"


def used_by(title: str, function: FunctionType) -> Iterator[tuple[str, Any, str]]:
    """Yield the outside names that a function uses."""
    try:
        found = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return
    for word, value in {**found.nonlocals, **found.globals}.items():
        if word != "__class__":  # of super(): the class itself
            yield f"{word}, which {title} uses,", value, "Make it in on_start and keep it on self"


def refusal(dumps: Dumps, value: Any) -> str:
    """Return why a thing cannot be pickled, "" where it can be."""
    try:
        dumps(value)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the reason
        return str(error) or type(error).__name__
    return ""
