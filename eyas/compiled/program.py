"""A strategy's `on_bar` as a program, and the program bound to one run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from eyas import model
from eyas.compiled.errors import NotCompiled
from eyas.compiled.frames import MISSING, UNKNOWN, Outside, Resolve
from eyas.compiled.source import Source, source_of
from eyas.compiled.statements import Statements
from eyas.compiled.watching import watched
from eyas.model import Series, Times
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from eyas.market import Market
    from eyas.session import Session

HOOKS = ("on_step", "on_fill", "on_refusal", "on_end")
ROUNDS_MAX = 20
UNSET = model.BoundProgram  # what stands for an attribute that is not there yet


class Stage(NamedTuple):
    """Hold what of a session a program is bound to."""

    market: Market
    history: model.History


class Written(NamedTuple):
    """Hold a program as it was written for attributes of certain kinds, and what is bound to it."""

    code: model.ProgramCode
    inputs: tuple[tuple[tuple[str, Any], ...], ...]
    data: bytes


class Program:
    """Hold what compiles a class: made once, and bound to every run of it.

    The steps depend on what the attributes are (a series, a number, a tuple of series …), never on their
    values: they are written once for each kind of run.
    """

    def __init__(self, cls: type[Strategy]) -> None:
        self.cls = cls
        self.written: dict[Any, Written] = {}
        self.roots: set[str] = set()
        self.outside: dict[tuple[int, str], Outside] = {}
        self._write(unbound)

    def bind(
        self, strategy: Strategy, session: Session | Stage, *, watches: bool = True
    ) -> model.BoundProgram:
        """Return the program of a run: after `on_start`, before the first bar.

        Raises NotCompiled where an attribute is of a kind that no program can hold, or the run of a kind
        that no program can follow. Unless `watches`, it decides on every bar: slower, and the same.
        """
        market = session.market
        if market.is_portfolio:
            raise self._refusal("programs decide on one instrument, and this run has several")
        if any(market.finer):
            raise self._refusal("programs do not walk through finer bars: leave finer out")
        resolve = resolver(strategy, market.symbols[0])
        if any(one.has_changed for one in self.outside.values()):
            # A number of the module, say, that `on_start` or another study has set.
            self.outside.clear()
            self.written.clear()
        while True:
            roots = sorted(self.roots)
            key = tuple(kind_of(getattr(strategy, name, MISSING)) for name in roots)
            found = self.written.get(key)
            if found is None:
                found = self._write(resolve)
                if len(self.roots) > len(roots):
                    self.written.clear()
                    continue
                self.written[key] = found
            break
        values = [UNSET if value is MISSING else value for value in map(resolve, found.inputs)]
        return model.BoundProgram(found.code, session.history, values, watches=watches)

    def _write(self, resolve: Resolve) -> Written:
        """Translate `on_bar`, again until it is known which attributes it writes."""

        def seen(steps: tuple[tuple[str, Any], ...]) -> Any:
            if steps[0][0] == "attribute":
                self.roots.add(steps[0][1])
            return resolve(steps)

        kept: frozenset[str] = frozenset()
        while True:
            made = Statements(self.cls, seen, kept)
            try:
                made.whole()
            except RecursionError:
                raise self._refusal("its expressions are nested too deep") from None
            writes = frozenset(name for source in made.sources for name in written_in(source))
            if writes <= kept:
                break
            kept |= writes
        self.outside |= {(id(one.owner), one.name): one for one in made.outside}
        watched(made)
        try:
            data = made.out.data()
            code = model.ProgramCode(data)
        except (OverflowError, ValueError) as error:
            raise self._refusal(f"it is too long for a program ({error})") from None
        return Written(code, tuple(made.out.bound), data)

    def _refusal(self, reason: str) -> NotCompiled:
        source = source_of(self.cls.on_bar)
        return NotCompiled(
            reason, file=source.file, line=source.tree.lineno, piece=f"{self.cls.__name__}.on_bar"
        )


def unbound(_: tuple[tuple[str, Any], ...]) -> Any:
    """Stand for a resolver where there is no run yet."""
    return UNKNOWN


def written_in(source: Source) -> set[str]:
    """Return the attributes that a method writes."""
    first = source.tree.args.args[0].arg if source.tree.args.args else ""
    return {
        node.attr
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == first
    }


def resolver(strategy: Strategy, symbol: str) -> Resolve:
    """Return what finds a value of a strategy by its path."""

    def resolve(steps: tuple[tuple[str, Any], ...]) -> Any:
        found: Any = strategy
        for place, (how, what) in enumerate(steps):
            if how == "symbol":
                return symbol
            if how == "attribute":
                found = getattr(found, what, MISSING) if place == 0 else getattr(found, what)
            elif how == "item":
                found = found[what]
            else:
                found = found(*what)
            if found is MISSING:
                return MISSING
        return found

    return resolve


def kind_of(value: Any) -> Any:
    """Return what a program depends on of a value."""
    if isinstance(value, Series | Times):
        return type(value)
    if isinstance(value, tuple | list):
        return type(value), tuple(kind_of(one) for one in value)
    if isinstance(value, dict):
        return dict, tuple((key, kind_of(one)) for key, one in value.items())
    return type(value)


PROGRAMS: WeakKeyDictionary[type, Program] = WeakKeyDictionary()


def compiled(strategy: Strategy | type[Strategy]) -> Program:
    """Return the program of a strategy's class: read and checked once.

    Raises NotCompiled, a UsageError with `.file`, `.line` and `.reason`, for what cannot be compiled.
    """
    cls = strategy if isinstance(strategy, type) else type(strategy)
    own = {} if isinstance(strategy, type) else vars(strategy)
    for name in HOOKS:
        if getattr(cls, name) is not getattr(Strategy, name) or name in own:
            raise refused_hook(getattr(cls, name), name)
    if cls.on_bar is Strategy.on_bar or "on_bar" in own:
        raise NotCompiled(f"{cls.__name__} has no on_bar of its class")
    found = PROGRAMS.get(cls)
    if found is None:
        found = PROGRAMS[cls] = Program(cls)
    return found


def refused_hook(function: Any, name: str) -> NotCompiled:
    """Return the error that names a hook that programs do not call."""
    reason = f"a compiled strategy has on_start and on_bar alone, and this one has {name}"
    try:
        source = source_of(function)
    except NotCompiled:
        return NotCompiled(reason)
    return NotCompiled(reason, file=source.file, line=source.tree.lineno, piece=f"def {name}(…)")
