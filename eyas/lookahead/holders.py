"""Find what a strategy can read beside its bars: names of its module, closures, its class, itself."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dis import get_instructions
from functools import partial
from pathlib import Path
from types import CellType, CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from eyas.lookahead.tables import Table, table_of
from eyas.model import Series
from eyas.strategy import Strategy

DEEPEST = 3
ROWS_MIN = 8
PLAIN = (Series, str, bytes, int, float, complex, type(None), np.generic)
OWN = ("account", "bars", "extra", "_recorder", "_Strategy__sight")
PACKAGE = str(Path(__file__).parents[1])
NOT_THEIRS = tuple({PACKAGE, *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))})


@dataclass(frozen=True)
class Holder:
    """Name a place that holds columns, and say how to put others there; `is_own` for the strategy's own."""

    name: str
    table: Table
    put: Callable[[Any], None]
    is_own: bool = False


def holders_of(strategy: Any) -> list[Holder]:
    """Return every place that a strategy, or a function that makes one, can read columns from."""
    return list(Search().of(strategy))


class Search:
    """Look through names once each, so that what refers to itself has an end."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.caches: list[Any] = []
        """Functions that remember what they returned (`functools.cache`)."""

    def of(self, subject: Any) -> Iterator[Holder]:
        """Yield what a strategy, its class or a function can reach."""
        if isinstance(subject, Strategy):
            for name, value in vars(subject).items():
                if name not in OWN:
                    yield from self.value(
                        f"self.{name}", value, self.setter(vars(subject), name), is_own=True
                    )
            subject = type(subject)
        if isinstance(subject, type):
            for cls in subject.__mro__:
                if not is_of_library(cls):
                    yield from self.of_class(cls)
        elif callable(subject):
            yield from self.function(getattr(subject, "func", subject))

    def of_class(self, cls: type) -> Iterator[Holder]:
        """Yield what a class holds, and what its methods can read."""
        for name, value in list(vars(cls).items()):
            function = getattr(value, "fget", getattr(value, "__func__", value))
            if hasattr(function, "cache_clear"):
                yield from self.value(f"{cls.__name__}.{name}", function, partial(setattr, cls, name))
            elif isinstance(function, FunctionType):
                yield from self.function(function)
            elif not name.startswith("__"):
                yield from self.value(f"{cls.__name__}.{name}", value, partial(setattr, cls, name))

    def function(self, function: Any) -> Iterator[Holder]:
        """Yield what a function reads from its module, its closure and its defaults."""
        if isinstance(function, MethodType):
            function = function.__func__
        if not isinstance(function, FunctionType) or id(function) in self.seen:
            return
        self.seen.add(id(function))
        if function.__code__.co_filename.startswith(NOT_THEIRS):
            return
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            yield from self.cell(name, cell)
        names, scope = set(names_in(function.__code__)), function.__globals__
        for name in sorted(globals_in(function.__code__) & scope.keys()):
            value = scope[name]
            if isinstance(value, ModuleType):
                yield from self.module(name, value, names)
            else:
                yield from self.value(f"global {name}", value, self.setter(scope, name))
        for name, value in (function.__kwdefaults__ or {}).items():
            yield from self.value(f"default {name}", value, self.setter(function.__kwdefaults__, name))
        yield from self.defaults(function)

    def defaults(self, function: FunctionType) -> Iterator[Holder]:
        """Yield what a function has as defaults of its positional parameters."""
        given = function.__defaults__ or ()
        code = function.__code__
        names = code.co_varnames[: code.co_argcount][code.co_argcount - len(given) :]
        for place, (name, value) in enumerate(zip(names, given, strict=True)):

            def put(new: Any, place: int = place) -> None:
                now = list(function.__defaults__ or ())
                now[place] = new
                function.__defaults__ = tuple(now)

            yield from self.value(f"default {name}", value, put)

    def module(self, name: str, module: ModuleType, names: set[str]) -> Iterator[Holder]:
        """Yield what is read from another module of the person's own."""
        file = getattr(module, "__file__", None)
        if file is None or file.startswith(NOT_THEIRS):
            return
        for inner in sorted(names & vars(module).keys()):
            yield from self.value(f"{name}.{inner}", vars(module)[inner], self.setter(vars(module), inner))

    def cell(self, name: str, cell: CellType) -> Iterator[Holder]:
        """Yield what a closure holds."""
        try:
            value = cell.cell_contents
        except ValueError:  # not yet filled
            return

        def put(new: Any) -> None:
            cell.cell_contents = new

        yield from self.value(f"closure {name}", value, put)

    def value(
        self, name: str, value: Any, put: Callable[[Any], None], depth: int = 0, *, is_own: bool = False
    ) -> Iterator[Holder]:
        """Yield a value that holds columns, or what is inside it."""
        if isinstance(value, PLAIN) or id(value) in self.seen or depth > DEEPEST:
            return
        if hasattr(value, "cache_clear") and hasattr(value, "__wrapped__"):
            self.caches.append(value)
            value = value.__wrapped__
        if isinstance(value, FunctionType | MethodType):
            yield from self.function(value)
            return
        self.seen.add(id(value))
        table = table_of(value)
        if table is not None:
            if len(table) >= ROWS_MIN:
                yield Holder(name, table, put, is_own)
        elif isinstance(value, type):
            if not is_of_library(value):
                yield from self.of_class(value)
        else:
            for label, one, setter in self.inside(name, value):
                yield from self.value(label, one, setter, depth + 1, is_own=is_own)

    def inside(self, name: str, value: Any) -> Iterator[tuple[str, Any, Callable[[Any], None]]]:
        """Yield by name what a mapping, a short list or an object of the person's own holds."""
        if isinstance(value, list):
            items = list(enumerate(value)) if len(value) < ROWS_MIN else []
            yield from ((f"{name}[{place}]", one, self.setter(value, place)) for place, one in items)
        elif isinstance(value, dict):
            yield from (
                (f"{name}[{key!r}]", one, self.setter(value, key)) for key, one in list(value.items())
            )
        elif not is_of_library(type(value)):
            held = getattr(value, "__dict__", {})
            yield from ((f"{name}.{key}", one, self.setter(held, key)) for key, one in list(held.items()))

    @staticmethod
    def setter(container: Any, key: Any) -> Callable[[Any], None]:
        """Return a function that puts another value into a container."""

        def put(new: Any) -> None:
            container[key] = new

        return put


def is_of_library(cls: type) -> bool:
    """Tell whether a class is nobody's own; a plain namespace is whoever's that fills it."""
    module = sys.modules.get(cls.__module__)
    if module is None or cls is SimpleNamespace:
        return False
    file = getattr(module, "__file__", None)
    return cls.__module__ in sys.builtin_module_names if file is None else file.startswith(NOT_THEIRS)


def globals_in(code: CodeType) -> set[str]:
    """Return the names that code, and the code inside it, looks up in its module: not attributes."""
    found = {one.argval for one in get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return found.union(*(globals_in(one) for one in code.co_consts if isinstance(one, CodeType)))


def names_in(code: CodeType) -> Iterator[str]:
    """Yield the names that code reads, and the code inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)
