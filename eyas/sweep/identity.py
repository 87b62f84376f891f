"""What a study is: all that decides its rows, in words and hashes, so that it can be told from others."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.quality.beside import hash_of_outside
from eyas.data.quality.verdict import hash_of
from eyas.reports.gathering import names_of
from eyas.sweep.axes import NAMED_MAX, Between

if TYPE_CHECKING:
    from eyas.rules import Rules
    from eyas.strategy import Strategy
    from eyas.sweep.axes import Axis
    from eyas.sweep.space import Space
    from eyas.sweep.work import Work

HASH_LETTERS = 16
DEEPEST = 8
HAS_DOCSTRING = 0x4000000  # inspect.CO_HAS_DOCSTRING, from Python 3.13 on
NOT_CODE = {"__module__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__slotnames__"}


def identity_of(work: Work, space: Space, search: str, seed: int) -> dict[str, str]:
    """Return what decides the rows of a study by name; two studies with the same have the same rows."""
    from importlib.metadata import version

    market = work.trials.market
    strategy = work.strategy
    named = {
        "strategy": f"{type(strategy).__name__} {hash_of_code([type(strategy), state_of(strategy)])}",
        "parameters": parameters_text(space),
        "fixed": repr(
            {**{n: v for n, v in strategy.parameters.items() if n not in space.axes}, **space.fixed}
        ),
        "where": hash_of_code(space.where) if space.where else "none",
        "search": search if search == "grid" else f"{search}, seed {seed}",
        "cash": work.cash,
        "clock": market.clock,
        "rules": rules_text(work.rules, market.symbols),
    }
    for symbol, bars in zip(market.symbols, market.bars, strict=True):
        named[f"data of {symbol}" if symbol else "data"] = hash_of(bars)
    for symbol, bars in work.finer.items():
        named[f"finer bars of {symbol}"] = hash_of(bars)
    for name, one in work.extra.items():
        named[f"extra {name}"] = hash_of_outside(one)
    for place, function in enumerate(work.told):
        named[f"objective {place + 1}"] = hash_of_code(function.function)
    return named | {"eyas": version("eyas"), "python": platform.python_version()}


def parameters_text(space: Space) -> str:
    """Return what is searched, with a hash of the values where there are too many to name them."""
    return "; ".join(f"{name}: {axis}{hash_of_values(axis)}" for name, axis in space.axes.items())


def hash_of_values(axis: Axis) -> str:
    """Return what tells an axis from others with the same text, "" where its text says it all."""
    if isinstance(axis, Between) or isinstance(axis.values, range) or axis.count <= NAMED_MAX:
        return ""
    return f" ({hash_of_code(list(axis.values))})"


def state_of(strategy: Strategy) -> dict[str, Any]:
    """Return what a strategy holds beside its parameters."""
    return {name: value for name, value in vars(strategy).items() if name not in strategy.parameters_declared}


def rules_text(rules: Rules, symbols: tuple[str, ...]) -> str:
    """Return the rules that are not the usual ones, and what each symbol has of its own."""
    own = {symbol: dict(table) for symbol, table in zip(symbols, rules.tables(symbols), strict=True) if table}
    text = ", ".join(f"{name}={value}" for name, value in rules.differences())
    return f"{text or 'the usual'}{f' {own}' if own else ''}"


def hash_of_code(thing: Any) -> str:
    """Return a hash of what a class or a function does, its own helpers included; comments do not count."""
    found = hashlib.sha256()

    def take(data: bytes) -> None:
        found.update(f"{len(data)}:".encode() + data)  # or 1 and 12 would be 11 and 2

    add_thing(take, thing, set(), 0)
    return found.hexdigest()[:HASH_LETTERS]


def add_thing(take: Callable[[bytes], object], thing: Any, seen: set[int], depth: int) -> None:
    """Hand over bytes that say what a thing is: code, a class, or a plain value."""
    for inner in ("__wrapped__", "__func__", "fget"):
        thing = getattr(thing, inner, thing)
    if id(thing) in seen or depth > DEEPEST:
        return
    if isinstance(thing, FunctionType | type):
        if is_of_others(thing):
            take(f"{thing.__module__}.{thing.__qualname__}".encode())
            return
        seen.add(id(thing))
    if isinstance(thing, FunctionType):
        add_function(take, thing, seen, depth)
    elif isinstance(thing, type):
        add_class(take, thing, seen, depth)
    else:
        add_value(take, thing, seen, depth)


def add_value(take: Callable[[bytes], object], thing: Any, seen: set[int], depth: int) -> None:
    """Hand over what is neither a class nor a function: a module, an array, a collection, a plain value."""
    if isinstance(thing, ModuleType):
        take(thing.__name__.encode() if is_of_others(thing) else bytes_of(thing))
    elif isinstance(thing, np.ndarray):
        take(f"{thing.dtype}{thing.shape}".encode() + thing.tobytes())
    elif isinstance(thing, Mapping | tuple | list):
        take(f"{len(thing)} of".encode())
        for value in thing.items() if isinstance(thing, Mapping) else thing:
            add_thing(take, value, seen, depth + 1)
    else:
        take(plain_text(thing).encode())


def add_class(take: Callable[[bytes], object], cls: type, seen: set[int], depth: int) -> None:
    """Hand over a class: those it builds on, and what it has of its own."""
    for base in cls.__mro__[1:-1]:
        add_thing(take, base, seen, depth + 1)
    for name, value in sorted(vars(cls).items()):
        if name not in NOT_CODE:
            take(name.encode())
            add_thing(take, value, seen, depth + 1)


def add_function(take: Callable[[bytes], object], function: FunctionType, seen: set[int], depth: int) -> None:
    """Hand over a function: its code, its defaults, and what it uses from outside."""
    add_code(take, function.__code__)
    cells = [cell.cell_contents for cell in function.__closure__ or () if has_contents(cell)]
    for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values(), *cells):
        add_thing(take, value, seen, depth + 1)
    for name in sorted(names_of(function.__code__)):
        if name in function.__globals__:
            take(name.encode())
            add_thing(take, function.__globals__[name], seen, depth + 1)


def add_code(take: Callable[[bytes], object], code: CodeType) -> None:
    """Hand over what code does, without where it stands."""
    take(code.co_code)
    take(repr((code.co_names, code.co_varnames, code.co_freevars)).encode())
    for place, constant in enumerate(code.co_consts):
        if isinstance(constant, CodeType):
            add_code(take, constant)
        elif place or not has_docstring(code):
            take(plain_text(constant).encode())


def has_docstring(code: CodeType) -> bool:
    """Whether the first constant of code is its docstring; that of a comprehension never is."""
    if sys.version_info >= (3, 13):
        return bool(code.co_flags & HAS_DOCSTRING)
    return not code.co_name.startswith("<") and isinstance(code.co_consts[0], str)


def bytes_of(module: ModuleType) -> bytes:
    """Return the source of a module that a user wrote: what a function calls in it may be anything."""
    try:
        return Path(module.__file__ or "").read_bytes()
    except OSError:
        return module.__name__.encode()


def has_contents(cell: Any) -> bool:
    """Whether a cell of a closure has been filled."""
    try:
        cell.cell_contents  # noqa: B018 - reading an empty one raises
    except ValueError:
        return False
    return True


def is_of_others(thing: Any) -> bool:
    """Whether a thing belongs to eyas or to a library, so that its name says enough."""
    whole = thing.__name__ if isinstance(thing, ModuleType) else thing.__module__ or ""
    module = sys.modules.get(whole)
    file = getattr(module, "__file__", None) or ""
    name = whole.partition(".")[0]
    return (
        name in ("eyas", "builtins")
        or name in sys.stdlib_module_names - {"__main__"}
        or "site-packages" in file
    )


def plain_text(value: Any) -> str:
    """Return a value as text that is the same in every process; else the name of its type."""
    if isinstance(value, frozenset | set):
        return repr(sorted(map(repr, value)))
    text = repr(value)
    return type(value).__qualname__ if " at 0x" in text else text
