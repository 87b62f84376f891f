"""Put together the source of a class that is in no file of its own: of a notebook, or inside of a function.

What the class uses from around it comes along, as far as it has a text: functions and classes by their
source, modules by their import, plain values by their value.
"""

from __future__ import annotations

import ast
import linecache
import sys
import textwrap
from functools import cached_property, lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, str, bytes, type(None))
DEEPEST = 20


def gathered(cls: type) -> tuple[str, list[str]]:
    """Return Python that makes a class when it runs alone, and the names that it uses and that have no text.

    The text is "" where the source of the class itself is not to be had.
    """
    parts = Gathering()
    return (parts.text, parts.lacking) if parts.add(cls.__name__, cls, 0) else ("", [])


class Gathering:
    """Hold the lines that were found so far, in the order in which they can run."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {"from __future__ import annotations": None}
        self.parts: list[str] = []
        self.seen: set[str] = set()
        self.lacking: list[str] = []

    @property
    def text(self) -> str:
        """All of it as one text."""
        head, *imports = self.imports
        return "\n\n\n".join(["\n".join([head, "", *imports]).strip(), *self.parts]) + "\n"

    def add(self, name: str, value: Any, depth: int) -> bool:
        """Add what a name stands for, and what that uses; tell whether its source was found."""
        if name in self.seen or depth > DEEPEST:
            return True
        self.seen.add(name)
        if isinstance(value, ModuleType):
            self.imports[f"import {value.__name__} as {name}"] = None
            return True
        if isinstance(value, PLAIN):
            self.parts.append(f"{name} = {value!r}")
            return True
        if not isinstance(value, type | FunctionType):
            return False
        module = value.__module__
        if depth and module != "__main__" and "<locals>" not in value.__qualname__:
            own = value.__qualname__.partition(".")[0]
            self.imports[f"from {module} import {own}{'' if own == name else f' as {name}'}"] = None
            return True
        source = source_of(value)
        if not source:
            return False
        for other, used in used_by(value).items():
            if not self.add(other, used, depth + 1):
                self.lacking.append(other)
        self.parts.append(source if value.__name__ == name else f"{source}\n\n\n{name} = {value.__name__}")
        return True


def functions_of(value: type | FunctionType) -> list[FunctionType]:
    """Return a function itself, or those that a class defines."""
    if isinstance(value, FunctionType):
        return [value]
    found = []
    for held in vars(value).values():
        one = unwrapped(held)
        if isinstance(one, FunctionType) and one.__module__ == value.__module__:
            found.append(one)
    return found


def unwrapped(held: Any) -> Any:
    """Return the function inside of what a class holds; others are not looked at: they may do anything."""
    match held:
        case staticmethod() | classmethod():
            return unwrapped(held.__func__)
        case property():
            return unwrapped(held.fget)
        case cached_property():
            return unwrapped(held.func)
        case FunctionType():
            return unwrapped(held.__wrapped__) if hasattr(held, "__wrapped__") else held
    return held


def used_by(value: type | FunctionType) -> dict[str, Any]:
    """Return what a class or a function uses from around it by name, what it builds on first."""
    found: dict[str, Any] = {}
    if isinstance(value, type):
        found.update({base.__name__: base for base in value.__bases__ if base is not object})
        module = sys.modules.get(value.__module__)
        around = vars(module) if module else {}
        where: dict[str, Any] = next((one.__globals__ for one in functions_of(value)), around)
        names = {node.id for node in ast.walk(ast.parse(source_of(value))) if isinstance(node, ast.Name)}
        found.update({name: where[name] for name in sorted(names) if name in where})
    for function in functions_of(value):
        free = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        for name, cell in free:
            try:
                if name != "__class__":
                    found[name] = cell.cell_contents
            except ValueError:
                continue  # not filled yet
        for name in sorted(names_of(function.__code__)):
            if name in function.__globals__:
                found[name] = function.__globals__[name]
    found.pop(value.__name__, None)
    return found


def names_of(code: CodeType) -> set[str]:
    """Return the names that code, and code inside of it, looks up."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= names_of(constant)
    return found


def source_of(value: type | FunctionType) -> str:
    """Return the text of a class or a function from the file or the cell that it was made in, or ""."""
    kind = "class" if isinstance(value, type) else "function"
    for file, line in places_of(value):
        text = "".join(linecache.getlines(file))
        for first, last in definitions(text).get((kind, value.__name__), ()):
            if line is None or first <= line <= last:
                return textwrap.dedent("\n".join(text.splitlines()[first - 1 : last]))
    return ""


@lru_cache(maxsize=64)
def definitions(text: str) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return the first and the last line of each class and function of a text, by kind and name."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            found.setdefault((kind, node.name), []).append((first, node.end_lineno or node.lineno))
    return found


def places_of(value: type | FunctionType) -> list[tuple[str, int | None]]:
    """Return files, and lines where they are known, in which the text of a class or a function may be."""
    codes = [function.__code__ for function in functions_of(value)]
    found: list[tuple[str, int | None]] = [(code.co_filename, code.co_firstlineno) for code in codes]
    if found:
        return found
    # A class without functions does not say where it is: in its module, or in a cell, the last one first.
    file = getattr(sys.modules.get(value.__module__), "__file__", None)
    cells = [name for name, entry in linecache.cache.items() if len(entry) > 1 and entry[1] is None]
    return [(file, None)] if file else [(name, None) for name in reversed(cells)]
