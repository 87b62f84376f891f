"""Expressions become steps; what cannot is refused with its line."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from eyas.compiled.assembler import CODES, INT_MAX, Label
from eyas.compiled.frames import (
    MISSING,
    UNKNOWN,
    Known,
    Method,
    Myself,
    Names,
    Path,
    Static,
    TheAccount,
    TheBar,
    is_value,
)

BINARY = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
}
UNARY = {ast.USub: "negative", ast.UAdd: "positive", ast.Not: "not"}
COMPARE = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
OWN = {"is_flat", "is_long", "is_short", "position"}
PLAIN = (bool, int, float, str)


class Expressions(Names):
    """Translate expressions: each comes to a register."""

    def value(self, node: ast.expr) -> int:
        """Return the register that holds an expression's value."""
        found = self.static(node)
        if found is not None:
            return self.known(found, node)
        match node:
            case ast.Constant(value=value):
                return self.constant(value, node)
            case ast.Name():
                return self.local(node)
            case ast.Attribute():
                return self.field(node)
            case ast.Subscript(value=base, slice=index):
                if isinstance(index, ast.Slice):
                    raise self.refusal(
                        node, "slices are arrays, and there are none: use an indicator in on_start"
                    )
                return self.step("item", *self.both(base, index))
            case ast.NamedExpr(target=target, value=what):
                source = self.value(what)
                return self.assign_local(target.id, source)
            case ast.Call():
                return self.call(node)
        return self.operation(node)

    def operation(self, node: ast.expr) -> int:
        """Return the register of what operators make of values."""
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                return self.step(BINARY[type(op)], *self.both(left, right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in UNARY:
                return self.step(UNARY[type(op)], self.value(operand))
            case ast.BoolOp():
                return self.either(node)
            case ast.Compare():
                return self.compared(node)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.chosen(test, body, other)
        raise self.refusal(node, f"{spoken(node)} is not part of what can be compiled")

    def call(self, node: ast.Call) -> int:
        """Return the register of what a call comes to."""
        raise NotImplementedError

    def inlined(self, function: Any, arguments: list[tuple[str, Any]], node: ast.AST) -> int:
        """Return the register of what one of the strategy's own functions comes to."""
        raise NotImplementedError

    def step(self, name: str, b: int = 0, c: int = 0) -> int:
        """Add a step, and return the register of its result."""
        target = self.out.register()
        self.out.put(name, target, b, c)
        return target

    def constant(self, value: Any, node: ast.AST) -> int:
        """Return the register of a constant."""
        if value is not None and type(value) not in PLAIN:
            raise self.refusal(node, f"{type(value).__name__} is not part of what can be compiled")
        if type(value) is int and not -INT_MAX <= value <= INT_MAX:
            raise self.refusal(node, "a whole number must fit into 64 bits")
        return self.out.constant(value)

    def known(self, found: Static, node: ast.expr) -> int:
        """Return the register of something that is known before the run."""
        match found:
            case Known(value) if value is None or type(value) in PLAIN:
                return self.constant(value, node)
            case Known(value):
                what = getattr(value, "__name__", None) or type(value).__name__
                raise self.refusal(node, f"{what} is no number, truth value or text")
            case Path():
                return self.bound(found, node)
            case Myself():
                raise self.refusal(node, "the strategy can only be asked for its attributes")
            case TheBar():
                raise self.refusal(node, "the bar can only be asked for its fields")
            case TheAccount():
                raise self.refusal(node, "the account can only be asked for its figures")
            case Method(name):
                raise self.refusal(node, f"{name} is a method: it can only be called")
        raise self.refusal(node, "it is not part of what can be compiled")

    def bound(self, path: Path, node: ast.AST) -> int:
        """Return the register to which the value at a path is bound."""
        value = self.value_of(path)
        if value is MISSING:
            register = self.out.input(path.steps)
            text = f"'{self.cls.__name__}' object has no attribute '{path.steps[0][1]}'"
            self.out.put("need_attribute", register, self.out.text(text))
            return register
        if path.steps[0][1] in ("bars", "extra") and value is UNKNOWN:
            return self.out.input(path.steps)
        if value is not UNKNOWN and not is_value(value):
            raise self.refusal(node, f"it is a {type(value).__name__}, which is no number, text or series")
        if value is not None and type(value).__module__ == "numpy":
            kind = "bool" if "bool" in type(value).__name__ else "float"
            raise self.refusal(node, f"it is a {type(value).__name__} of numpy: write {kind}(…) in on_start")
        if type(value) is int and not -INT_MAX <= value <= INT_MAX:
            raise self.refusal(node, "a whole number must fit into 64 bits")
        return self.out.input(path.steps)

    def local(self, node: ast.Name) -> int:
        """Return the register of a local variable."""
        name = node.id
        if name not in self.frame.source.locals:
            raise self.refusal(node, f"there is nothing called {name}")
        register = self.frame.registers.get(name)
        if register is None:
            register = self.frame.registers[name] = self.out.register()
        if self.assigned is not None and register not in self.assigned:
            self.frame.unset[register] = name
            self.out.put("need_local", register, self.out.text(name))
        return register

    def assign_local(self, name: str, source: int) -> int:
        """Write a local variable, and return its register."""
        frame = self.frame
        if name in frame.aliases:
            del frame.aliases[name]
        register = frame.registers.get(name)
        if register is None:
            register = frame.registers[name] = self.out.register()
        self.out.put("move", register, source)
        if self.assigned is not None:
            self.assigned.add(register)
        return register

    def both(self, left: ast.expr, right: ast.expr) -> tuple[int, int]:
        """Return the registers of two operands; the first keeps its value whatever the second does."""
        first, second = self.all_of([left, right])
        return first, second

    def all_of(self, nodes: list[ast.expr]) -> list[int]:
        """Return the registers of operands in order: no later one can change an earlier one."""
        found = []
        for place, node in enumerate(nodes):
            register = self.value(node)
            if isinstance(node, ast.Name | ast.Attribute) and any(map(self.changes, nodes[place + 1 :])):
                register = self.step("move", register)
            found.append(register)
        return found

    def changes(self, node: ast.expr) -> bool:
        """Return whether evaluating something may write a variable or an attribute."""
        for one in ast.walk(node):
            if isinstance(one, ast.NamedExpr):
                return True
            if isinstance(one, ast.Attribute) and isinstance(getattr(self.cls, one.attr, None), property):
                return True
            found = self.static(one.func) if isinstance(one, ast.Call) else None
            if isinstance(found, Method) or (
                isinstance(found, Known) and isinstance(found.value, FunctionType)
            ):
                return True
        return False

    def field(self, node: ast.Attribute) -> int:
        """Return the register of an attribute."""
        name = node.attr
        match self.static(node.value):
            case TheBar():
                if name == "symbol":
                    return self.out.input((("symbol", None),))
                if name not in CODES["bar"]:
                    raise self.refusal(node, f"a bar has no {name}")
                return self.step("bar_field", CODES["bar"][name])
            case TheAccount():
                if name not in CODES["account"] or name in ("is_flat", "is_long", "is_short"):
                    raise self.refusal(node, f"of the account it is not known what {name} is")
                return self.step("account_field", CODES["account"][name])
            case Myself():
                return self.own(node)
        base = self.value(node.value)
        if name not in CODES["field"]:
            raise self.refusal(node, f"{name} is no field of a ticket, an order or a series")
        return self.step("field", base, CODES["field"][name])

    def own(self, node: ast.Attribute) -> int:
        """Return the register of an attribute of the strategy that is not known before the run."""
        name = node.attr
        if name in self.kept:
            register = self.out.input((("attribute", name),))
            if self.value_of(Path((("attribute", name),))) is MISSING:
                text = f"'{self.cls.__name__}' object has no attribute '{name}'"
                self.out.put("need_attribute", register, self.out.text(text))
            return register
        found = getattr(self.cls, name)
        from eyas.strategy import Strategy

        if getattr(Strategy, name, None) is found:
            if name in OWN:
                return self.step("account_field", CODES["account"][name])
            raise self.refusal(node, f"{name} is a collection, which cannot be compiled")
        return self.inlined(found.fget, [("", Myself())], node)

    def either(self, node: ast.BoolOp) -> int:
        """Return the register of `a and b`: of the first operand that decides."""
        target, end = self.out.register(), self.out.label()
        jump = "jump_unless" if isinstance(node.op, ast.And) else "jump_if"
        before = None
        for place, operand in enumerate(node.values):
            self.out.put("move", target, self.value(operand))
            if place < len(node.values) - 1:
                self.out.put(jump, end, target)
            if place == 0:
                before = copied(self.assigned)
        self.out.place(end)
        self.assigned = before
        return target

    def chosen(self, test: ast.expr, body: ast.expr, other: ast.expr) -> int:
        """Return the register of `a if test else b`."""
        target, no, end = self.out.register(), self.out.label(), self.out.label()
        self.unless(test, no)
        before = copied(self.assigned)
        self.out.put("move", target, self.value(body))
        self.out.put("jump", end)
        self.out.place(no)
        self.assigned = copied(before)
        self.out.put("move", target, self.value(other))
        self.out.place(end)
        self.assigned = before
        return target

    def unless(self, test: ast.expr, no: Label) -> None:
        """Go on where a condition holds, and to a place where it does not."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            for operand in test.values:
                self.unless(operand, no)
        else:
            self.out.put("jump_unless", no, self.value(test))

    def compared(self, node: ast.Compare) -> int:
        """Return the register of a comparison, which may be a chain."""
        target, end = self.out.register(), self.out.label()
        left = self.value(node.left)
        if isinstance(node.left, ast.Name | ast.Attribute) and any(map(self.changes, node.comparators)):
            left = self.step("move", left)
        before = None
        for place, (op, other) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if isinstance(op, ast.In | ast.NotIn):
                self.among(target, left, other, inside=isinstance(op, ast.In))
                right = left
            else:
                right = self.value(other)
                self.out.put(self.comparison(op, node), target, left, right)
            if place < len(node.ops) - 1:
                if isinstance(op, ast.In | ast.NotIn):
                    raise self.refusal(node, "a chain of `in` is not part of what can be compiled")
                self.out.put("jump_unless", end, target)
                left = self.step("move", right)
            if place == 0:
                before = copied(self.assigned)
        self.out.place(end)
        if len(node.ops) > 1:
            self.assigned = before
        return target

    def comparison(self, op: ast.cmpop, node: ast.Compare) -> str:
        """Return the step of a comparison."""
        if isinstance(op, ast.Is | ast.IsNot):
            sides = [node.left, *node.comparators]
            if not any(isinstance(one, ast.Constant) and one.value in (None, True, False) for one in sides):
                raise self.refusal(node, "`is` compares with None, True or False alone: use ==")
            return "is" if isinstance(op, ast.Is) else "is_not"
        return COMPARE[type(op)]

    def among(self, target: int, left: int, other: ast.expr, *, inside: bool) -> None:
        """Compare with each of some values that stand in the source."""
        if not isinstance(other, ast.Tuple | ast.List | ast.Set):
            raise self.refusal(other, "`in` looks into values that stand there: x in (1, 2, 3)")
        end = self.out.label()
        self.out.put("move", target, self.out.constant(value=False))
        for one in other.elts:
            self.out.put("equal", target, left, self.value(one))
            self.out.put("jump_if", end, target)
        self.out.place(end)
        if not inside:
            self.out.put("not", target, target)


def copied(found: set[int] | None) -> set[int] | None:
    """Return a copy of what is assigned."""
    return None if found is None else set(found)


def spoken(node: ast.AST) -> str:
    """Return what a piece of source is, in words."""
    words = {
        ast.List: "a list",
        ast.Tuple: "a tuple",
        ast.Dict: "a dict",
        ast.Set: "a set",
        ast.JoinedStr: "an f-string",
        ast.Lambda: "a lambda",
        ast.ListComp: "a comprehension",
        ast.GeneratorExp: "a comprehension",
        ast.Await: "await",
        ast.Yield: "yield",
        ast.Starred: "a star",
        ast.BinOp: "this operator",
        ast.UnaryOp: "this operator",
        ast.Try: "try",
        ast.With: "with",
        ast.Raise: "raise",
        ast.Assert: "assert",
        ast.Delete: "del",
        ast.Global: "global",
        ast.Nonlocal: "nonlocal",
        ast.Match: "match",
        ast.Import: "import",
        ast.ImportFrom: "import",
        ast.FunctionDef: "a function inside",
        ast.ClassDef: "a class inside",
    }
    return words.get(type(node), type(node).__name__)
