"""Calls become steps: orders, functions of numbers, series; the strategy's own functions are put in place."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
from types import FunctionType
from typing import Any

from eyas.asking import at, away, risk
from eyas.compiled.assembler import CODES, NONE, Asking
from eyas.compiled.errors import NotCompiled
from eyas.compiled.expressions import Expressions
from eyas.compiled.frames import Frame, Known, Method, Myself, Path, Static
from eyas.compiled.source import Source, source_of
from eyas.strategy import Strategy

CONVERSIONS: dict[Any, str] = {abs: "absolute", float: "float", int: "whole", bool: "truth", len: "length"}
EXTREMES: dict[Any, str] = {min: "least", max: "most"}
LEVELS: dict[Any, str] = {at: "price", away: "distance", risk: "risk"}
FUNCTIONS = {getattr(math, name): name for name in CODES["function"]}
VERBS = ("buy", "sell", "add", "close", "cancel", "amend", "move")
POSITIONAL = {
    "buy": ("quantity",),
    "sell": ("quantity",),
    "add": ("ticket", "quantity"),
    "close": ("ticket",),
    "cancel": ("order",),
    "amend": ("order",),
    "move": ("ticket",),
}
CHANGES = {
    "close": ("quantity", "fraction"),
    "amend": ("price", "limit", "quantity"),
    "move": ("stop_loss", "take_profit"),
}
DEPTH_MAX = 12


class Calls(Expressions):
    """Translate calls."""

    def call(self, node: ast.Call) -> int:
        """Return the register of what a call comes to."""
        if any(isinstance(one, ast.Starred) for one in node.args) or any(
            not one.arg for one in node.keywords
        ):
            raise self.refusal(node, "arguments are said one by one: no stars")
        match self.static(node.func):
            case Method(name) if self.is_own(name):
                return self.verb(name, node)
            case Method(name):
                found = inspect.getattr_static(self.cls, name)
                if isinstance(found, staticmethod):
                    return self.inlined(found.__func__, self.arguments(node), node)
                if isinstance(found, classmethod):
                    raise self.refusal(node, "a class method is not part of what can be compiled")
                return self.inlined(found, [("", Myself()), *self.arguments(node)], node)
            case Known(value):
                return self.function(value, node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("crossed_above", "crossed_below"):
            if len(node.args) != 1 or node.keywords:
                raise self.refusal(node, f"{node.func.attr} takes one other series, or a number")
            return self.step(node.func.attr, *self.both(node.func.value, node.args[0]))
        raise self.refusal(node, f"it is not known what {ast.unparse(node.func)} does")

    def is_own(self, name: str) -> bool:
        """Return whether a method is one of eyas."""
        return getattr(self.cls, name) is getattr(Strategy, name, None)

    def function(self, function: Any, node: ast.Call) -> int:
        """Return the register of what a function that the source names comes to."""
        plain = not node.keywords
        count = len(node.args)
        try:
            hash(function)
        except TypeError:
            raise self.refusal(node, "it is not known what this does") from None
        if function in CONVERSIONS and plain and count == 1:
            return self.converted(CONVERSIONS[function], node.args[0])
        if function in EXTREMES and plain and count > 1:
            first, *others = self.all_of(node.args)
            for other in others:
                first = self.step(EXTREMES[function], first, other)
            return first
        if function is round and plain and count in (1, 2):
            registers = self.all_of(node.args)
            return self.step("round", registers[0], [*registers, self.out.constant(None)][1])
        if function is pow and plain and count == 2:
            return self.step("power", *self.all_of(node.args))
        if function in FUNCTIONS and plain and count == 1:
            return self.step("function", self.value(node.args[0]), CODES["function"][FUNCTIONS[function]])
        if function in LEVELS and plain and count == 1:
            return self.step("level", self.value(node.args[0]), CODES["level"][LEVELS[function]])
        if isinstance(function, FunctionType) and not function.__module__.startswith("eyas."):
            return self.inlined(function, self.arguments(node), node)
        raise self.refusal(node, self.why_not(function, node))

    def why_not(self, function: Any, node: ast.Call) -> str:
        """Return why a function cannot be called."""
        name = ast.unparse(node.func)
        if getattr(function, "__module__", "") == "math":
            return f"of math there are {', '.join(FUNCTIONS.values())}, each of one number"
        if function in (min, max):
            return f"{name} takes two numbers or more, one by one"
        if getattr(builtins, getattr(function, "__name__", ""), None) is function:
            return f"{name} is not part of what can be compiled"
        return f"{name} is not compiled Python of the strategy's own: compute with it in on_start"

    def converted(self, name: str, argument: ast.expr) -> int:
        """Return the register of a number made of another."""
        if name == "length":
            found = self.static(argument)
            if isinstance(found, Path) and found.steps == (("attribute", "bars"),):
                return self.step("length", self.bound(Path((*found.steps, ("attribute", "close"))), argument))
        return self.step(name, self.value(argument))

    def arguments(self, node: ast.Call) -> list[tuple[str, Any]]:
        """Return the arguments of a call, by name or "" for place: registers, or what is known early."""
        nodes = [("", one) for one in node.args] + [(one.arg or "", one.value) for one in node.keywords]
        found: list[tuple[str, Any]] = []
        for name, one in nodes:
            known = self.static(one)
            alias = known is not None and not isinstance(known, Known)
            if alias and not (isinstance(known, Path) and not self.leads_on(known)):
                found.append((name, known))
            else:
                # A copy: the parameter may be written, and what was given may be too.
                found.append((name, self.step("move", self.value(one))))
        return found

    def inlined(self, function: Any, arguments: list[tuple[str, Any]], node: ast.AST) -> int:
        """Put a function in place of its call, and return the register of what it returns."""
        try:
            source = source_of(function)
        except NotCompiled as error:
            if error.file:
                raise
            raise self.refusal(node, error.reason) from None
        if any(frame.source.function is function for frame in self.frames):
            raise self.refusal(node, "a function that calls itself cannot be compiled")
        if len(self.frames) > DEPTH_MAX:
            raise self.refusal(node, f"functions that call functions go {DEPTH_MAX} deep at most")
        given = self.parameters(source, arguments, node)
        frame = Frame(source, self.out.label(), self.out.register())
        frame.start = len(self.out.code)
        self.sources.append(source)
        self.out.put("move", frame.result, self.out.constant(None))
        self.frames.append(frame)
        for name, value in given.items():
            if isinstance(value, int):
                frame.registers[name] = value
                if self.assigned is not None:
                    self.assigned.add(value)
            else:
                frame.aliases[name] = value
        before = self.assigned
        self.body(source.tree.body)
        self.finish(frame)
        # What is behind a call can be reached, whatever the function returned from.
        self.assigned = before
        return frame.result

    def body(self, statements: list[ast.stmt]) -> None:
        """Translate statements."""
        raise NotImplementedError

    def finish(self, frame: Frame) -> None:
        """End a function: clear at its beginning what it may read before writing."""
        self.out.place(frame.end)
        cleared = [("move", register, self.out.unset, 0) for register in frame.unset]
        self.out.code[frame.start : frame.start] = cleared
        self.frames.pop()

    def parameters(self, source: Source, arguments: list[tuple[str, Any]], node: ast.AST) -> dict[str, Any]:
        """Return what each parameter of a function is given."""
        try:
            signature = inspect.signature(source.function)
            kinds = {one.kind for one in signature.parameters.values()}
            if kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
                raise self.refusal(node, f"{source.tree.name} takes any number of arguments")
            bound = signature.bind(
                *(value for name, value in arguments if not name),
                **{name: value for name, value in arguments if name},
            )
        except TypeError as error:
            raise self.refusal(node, f"{source.tree.name}: {error}") from None
        found: dict[str, Any] = dict(bound.arguments)
        for name, parameter in signature.parameters.items():
            if name not in found:
                found[name] = self.step("move", self.constant(parameter.default, node))
        return found

    def verb(self, name: str, node: ast.Call) -> int:
        """Return the register of what a verb comes to: the number of an order, or whether it was done."""
        if name not in VERBS:
            raise self.refusal(node, f"{name} cannot be compiled")
        positional = POSITIONAL[name]
        if len(node.args) > len(positional):
            raise self.refusal(node, f"{name} takes {', '.join(positional)} by place, and all else by name")
        said = dict(zip(positional, node.args, strict=False))
        for keyword in node.keywords:
            assert keyword.arg
            if keyword.arg in said:
                raise self.refusal(node, f"{keyword.arg} is said twice")
            said[keyword.arg] = keyword.value
        if name in ("buy", "sell", "add"):
            return self.order(name, said, node)
        return self.change(name, said, node)

    def order(self, name: str, said: dict[str, ast.expr], node: ast.Call) -> int:
        """Return the register of an order's number."""
        ladder = said.get("take_profit")
        rungs = self.rungs(ladder) if isinstance(ladder, ast.List) else None
        if rungs is not None:
            del said["take_profit"]
        target = said.pop("ticket", None)
        if name == "add" and target is None:
            raise self.refusal(node, "add needs the ticket that is added to")
        for option in said:
            if option not in CODES["say"] or (name == "add" and option in TICKET_OPTIONS):
                raise self.refusal(node, f"{name} has no option {option} that can be compiled")
        nodes = [*([target] if target else []), *said.values()]
        pieces = [one for rung in rungs or () for one in rung if one is not None]
        registers = self.all_of([*nodes, *pieces])
        ticket = registers.pop(0) if target else NONE
        values = {name: registers.pop(0) for name in said}
        found = None
        if rungs is not None:
            found = tuple(
                (registers.pop(0), NONE if share is None else registers.pop(0)) for _, share in rungs
            )
        asking = Asking(name, ticket, tuple(values.items()), found)
        return self.step("ask", self.out.ask(asking))

    def rungs(self, ladder: ast.List) -> list[tuple[ast.expr, ast.expr | None]]:
        """Return the rungs of a ladder: a level, and its share where one is said."""
        found: list[tuple[ast.expr, ast.expr | None]] = []
        for rung in ladder.elts:
            if isinstance(rung, ast.Tuple | ast.List):
                if len(rung.elts) != 2:
                    raise self.refusal(rung, "a rung is a level, or (level, share)")
                found.append((rung.elts[0], rung.elts[1]))
            else:
                found.append((rung, None))
        if not found:
            raise self.refusal(ladder, "take_profit is an empty ladder: leave it out")
        return found

    def change(self, name: str, said: dict[str, ast.expr], node: ast.Call) -> int:
        """Return the register of what closing, cancelling or changing something comes to."""
        item = POSITIONAL[name][0]
        options = CHANGES.get(name, ())
        for option in said:
            if option != item and option not in options:
                raise self.refusal(node, f"{name} has no option {option}")
        if item not in said and name in ("amend", "move"):
            raise self.refusal(node, f"{name} needs what it changes")
        registers = dict(zip(said, self.all_of(list(said.values())), strict=True))
        target = registers.get(item, self.out.constant(None))
        if name == "cancel":
            kept = self.step("move", target)
            self.out.put("cancel", kept)
            return self.out.constant(None)
        first = self.out.registers(len(options))
        for place, option in enumerate(options):
            self.out.put("move", first + place, registers.get(option, self.out.constant(None)))
        return self.step("move_levels" if name == "move" else name, target, first)


TICKET_OPTIONS = {
    "stop_loss",
    "take_profit",
    "trailing",
    "trailing_from",
    "breakeven",
    "breakeven_offset",
    "breakeven_after",
    "leave_after",
    "reduce_only",
}
__all__ = ["Calls", "Static"]
