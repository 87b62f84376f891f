"""Where a name of the source leads: a register, or something that is known before the run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from eyas.compiled.assembler import Assembler, Label
from eyas.compiled.errors import NotCompiled
from eyas.compiled.source import Source
from eyas.model import Series, Times

MISSING = object()


class Unknown(NamedTuple):
    """Stand for a value that is known only when a run is bound."""


class Myself(NamedTuple):
    """Stand for the strategy."""


class TheBar(NamedTuple):
    """Stand for the bar that `on_bar` is given."""


class TheAccount(NamedTuple):
    """Stand for the account."""


class Path(NamedTuple):
    """Lead from the strategy to something that never changes: attributes, places, calls with texts."""

    steps: tuple[tuple[str, Any], ...]


class Known(NamedTuple):
    """Hold a Python object that the source names: a module, a function, a number."""

    value: Any


class Method(NamedTuple):
    """Name a method of the strategy."""

    name: str


class Outside(NamedTuple):
    """Hold what a name outside the strategy stood for.

    `owner` is the function that reads the name, or the module or the class whose attribute it is.
    """

    owner: Any
    name: str
    value: Any

    @property
    def has_changed(self) -> bool:
        """Whether it stands for something else now."""
        now = outside(self.owner, self.name)
        if now is self.value:
            return False
        alike = type(now) is type(self.value) and isinstance(now, PLAIN)
        return not alike or repr(now) != repr(self.value)


def outside(owner: Any, name: str) -> Any:
    """Return what a name that a function reads, or an attribute of a module or a class, stands for now."""
    if not isinstance(owner, FunctionType):
        return getattr(owner, name, MISSING)
    cells = dict(zip(owner.__code__.co_freevars, owner.__closure__ or (), strict=True))
    if name in cells:
        return cells[name].cell_contents
    return owner.__globals__.get(name, getattr(builtins, name, MISSING))


Static = Unknown | Myself | TheBar | TheAccount | Path | Known | Method
Resolve = Callable[[tuple[tuple[str, Any], ...]], Any]
"""From the steps of a path to its value: UNKNOWN where nothing is bound yet, MISSING where nothing is."""
UNKNOWN = Unknown()
PLAIN = (int, float, str, bool)
COLUMNS = {"open", "high", "low", "close", "volume", "given", "funding", "time"}


@dataclass(eq=False)
class Frame:
    """Hold one function while it is translated: its names, and where `return` leads."""

    source: Source
    end: Label
    result: int
    registers: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, Static] = field(default_factory=dict)
    start: int = 0
    unset: dict[int, str] = field(default_factory=dict)
    """Registers of locals that may be read before anything is written, by name."""
    loops: list[tuple[Label, Label]] = field(default_factory=list)
    """Where `continue` and `break` of the loops lead."""


class Names:
    """Find what names lead to, inside a strategy's `on_bar` and what it calls."""

    def __init__(self, cls: type, resolve: Resolve, kept: frozenset[str]) -> None:
        self.cls = cls
        self.resolve = resolve
        self.kept = kept  # attributes that the program writes
        self.out = Assembler()
        self.frames: list[Frame] = []
        self.assigned: set[int] | None = set()  # None where nothing comes by
        self.sources: list[Source] = []
        self.outside: list[Outside] = []  # what the steps hold for good

    @property
    def frame(self) -> Frame:
        """The function that is being translated."""
        return self.frames[-1]

    def refusal(self, node: ast.AST, reason: str) -> NotCompiled:
        """Return the error that names a piece of the function that is being translated."""
        return self.frame.source.refusal(node, reason)

    def static(self, node: ast.expr) -> Static | None:
        """Return what an expression leads to where that is known before the run; None for a value."""
        match node:
            case ast.Name(id=name):
                return self.named(name)
            case ast.Attribute(value=base, attr=name):
                return self.attribute(self.static(base), name, node)
            case ast.Subscript(value=base, slice=index):
                found = self.static(base)
                place = constant_of(index)
                if isinstance(found, Path) and place is not MISSING and self.leads_on(found):
                    return Path((*found.steps, ("item", place)))
            case ast.Call(func=base, args=arguments, keywords=[]):
                found = self.static(base)
                texts = tuple(constant_of(one) for one in arguments)
                if isinstance(found, Path) and all(isinstance(text, str) for text in texts) and texts:
                    return Path((*found.steps, ("call", texts)))
        return None

    def named(self, name: str) -> Static | None:
        """Return what a name leads to; None for a local variable that has a register."""
        frame = self.frame
        if name in frame.aliases:
            return frame.aliases[name]
        source = frame.source
        if name in source.locals and name not in source.closure:
            return None
        found = outside(source.function, name)
        return None if found is MISSING else self.held(source.function, name, found)

    def held(self, owner: Any, name: str, value: Any) -> Known:
        """Return something that is known before the run, and remember where it was found."""
        self.outside.append(Outside(owner, name, value))
        return Known(value)

    def attribute(self, base: Static | None, name: str, node: ast.AST) -> Static | None:
        """Return what an attribute of something known leads to."""
        match base:
            case Myself():
                return self.of_myself(name)
            case Known(value) if isinstance(value, ModuleType | type):
                found = getattr(value, name, MISSING)
                if found is MISSING:
                    raise self.refusal(node, f"{value.__name__} has no {name}")
                return self.held(value, name, found)
            case Path() if self.leads_on(base) or (name in COLUMNS and self.value_of(base) is UNKNOWN):
                return Path((*base.steps, ("attribute", name)))
        return None

    def of_myself(self, name: str) -> Static | None:
        """Return what an attribute of the strategy leads to; None for a value that the program keeps."""
        if name == "account":
            return TheAccount()
        if name in self.kept:
            return None
        found = getattr(self.cls, name, None)
        if isinstance(found, FunctionType) or callable(found):
            return Method(name)
        if isinstance(found, property):
            return None
        return Path((("attribute", name),))

    def value_of(self, path: Path) -> Any:
        """Return what a path leads to: UNKNOWN before a run, MISSING where it leads nowhere."""
        return self.resolve(path.steps)

    def leads_on(self, path: Path) -> bool:
        """Return whether a path leads to something that is no value itself: a view, a tuple."""
        if path.steps[0][1] in ("bars", "extra") and path.steps[-1][1] not in COLUMNS:
            return True
        value = self.value_of(path)
        return value is not UNKNOWN and value is not MISSING and not is_value(value)


def is_value(value: Any) -> bool:
    """Return whether something fits a register."""
    return value is None or isinstance(value, bool | int | float | str | Series | Times) or is_level(value)


def is_level(value: Any) -> bool:
    """Return whether something is a level of eyas."""
    return type(value).__name__ == "Level" and isinstance(value, tuple)


def constant_of(node: ast.expr) -> Any:
    """Return a constant of the source, MISSING for anything else."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return MISSING
