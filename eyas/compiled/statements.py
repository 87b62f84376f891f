"""Statements become steps."""

from __future__ import annotations

import ast
from typing import Any

from eyas.compiled.calls import Calls
from eyas.compiled.expressions import BINARY, copied, spoken
from eyas.compiled.frames import Frame, Known, Myself, Path, TheBar
from eyas.compiled.source import source_of


class Statements(Calls):
    """Translate a strategy's `on_bar`."""

    def whole(self) -> None:
        """Translate all of it."""
        source = source_of(self.cls.on_bar)  # type: ignore[attr-defined]
        names = [one.arg for one in source.tree.args.args]
        frame = Frame(source, self.out.label(), self.out.register())
        self.sources.append(source)
        self.frames.append(frame)
        if (
            len(names) != 2
            or source.tree.args.vararg
            or source.tree.args.kwarg
            or source.tree.args.kwonlyargs
        ):
            raise self.refusal(source.tree.args, "on_bar takes the strategy and the bar")
        frame.aliases = {names[0]: Myself(), names[1]: TheBar()}
        self.body(source.tree.body)
        self.finish(frame)

    def body(self, statements: list[ast.stmt]) -> None:
        """Translate statements."""
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        """Translate one statement."""
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=value):
                self.value(value)
            case ast.Assign(targets=targets, value=value):
                self.assign(targets, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self.assign([target], value)
            case ast.AnnAssign():
                pass
            case ast.AugAssign():
                self.change_in_place(node)
            case _:
                self.way(node)

    def way(self, node: ast.stmt) -> None:
        """Translate a statement that leads elsewhere."""
        match node:
            case ast.If():
                self.when(node)
            case ast.While():
                self.repeat(node)
            case ast.For():
                self.each(node)
            case ast.Return(value=value):
                if value is not None:
                    self.out.put("move", self.frame.result, self.value(value))
                elif len(self.frames) > 1:
                    self.out.put("move", self.frame.result, self.out.constant(None))
                self.out.put("jump", self.frame.end)
                self.assigned = None
            case ast.Break() | ast.Continue():
                again, end = self.frame.loops[-1]
                self.out.put("jump", end if isinstance(node, ast.Break) else again)
                self.assigned = None
            case _:
                raise self.refusal(node, f"{spoken(node)} is not part of what can be compiled")

    def assign(self, targets: list[ast.expr], value: ast.expr) -> None:
        """Write a value to variables or attributes."""
        if len(targets) == 1 and isinstance(targets[0], ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = targets[0].elts
            if len(pairs) != len(value.elts):
                raise self.refusal(value, f"{len(value.elts)} values are written to {len(pairs)} names")
            sources = [self.step("move", register) for register in self.all_of(value.elts)]
            for target, source in zip(pairs, sources, strict=True):
                self.write(target, source)
            return
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and self.alias(targets[0], value):
            return
        source = self.value(value)
        for target in targets:
            self.write(target, source)

    def alias(self, target: ast.Name, value: ast.expr) -> bool:
        """Let a name lead to something that is no value, where it is written once; return whether it does."""
        found = self.static(value)
        if (
            found is None
            or isinstance(found, Known)
            or (isinstance(found, Path) and not self.leads_on(found))
        ):
            return False
        tree = self.frame.source.tree
        stores = [one for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id == target.id]
        writes = sum(isinstance(one.ctx, ast.Store | ast.Del) for one in stores)
        if writes > 1 or target.id in {one.arg for one in tree.args.args}:
            raise self.refusal(value, f"{target.id} is written more than once, and this is no value")
        self.frame.aliases[target.id] = found
        return True

    def write(self, target: ast.expr, source: int) -> None:
        """Write a register to a variable or an attribute."""
        match target:
            case ast.Name(id=name):
                if name not in self.frame.source.locals or name in self.frame.source.closure:
                    raise self.refusal(
                        target, "only what is local, or an attribute of the strategy, is written"
                    )
                self.assign_local(name, source)
            case ast.Attribute(value=base, attr=name) if isinstance(self.static(base), Myself):
                self.check_kept(name, target)
                self.out.put("keep", self.out.input((("attribute", name),)), source)
            case _:
                raise self.refusal(
                    target, f"{spoken(target)} cannot be written: only names and attributes of self"
                )

    def check_kept(self, name: str, target: ast.expr) -> None:
        """Refuse to write what is no attribute of the strategy's own."""
        from eyas.strategy import Strategy

        if (
            name in ("account", "bars", "extra")
            or hasattr(Strategy, name)
            or hasattr(type(getattr(self.cls, name, None)), "__get__")
        ):
            raise self.refusal(target, f"{name} means something in eyas.Strategy")
        value = self.value_of(Path((("attribute", name),)))
        from eyas.compiled.frames import MISSING, UNKNOWN, is_value

        if value is not MISSING and value is not UNKNOWN and not is_value(value):
            raise self.refusal(target, f"it is a {type(value).__name__}, which is no number, text or series")

    def change_in_place(self, node: ast.AugAssign) -> None:
        """Translate `x += 1`."""
        if type(node.op) not in BINARY:
            raise self.refusal(node, "this operator is not part of what can be compiled")
        reading: Any = ast.copy_location(
            ast.Name(node.target.id, ast.Load())
            if isinstance(node.target, ast.Name)
            else ast.Attribute(node.target.value, node.target.attr, ast.Load())
            if isinstance(node.target, ast.Attribute)
            else node.target,
            node,
        )
        if isinstance(node.target, ast.Subscript):
            raise self.refusal(node, "an item cannot be written: only names and attributes of self")
        self.write(node.target, self.step(BINARY[type(node.op)], *self.both(reading, node.value)))

    def when(self, node: ast.If) -> None:
        """Translate `if`."""
        no, end = self.out.label(), self.out.label()
        self.unless(node.test, no)
        before = copied(self.assigned)
        self.body(node.body)
        first = self.assigned
        if node.orelse:
            self.out.put("jump", end)
        self.out.place(no)
        self.assigned = before
        self.body(node.orelse)
        self.out.place(end)
        self.assigned = self.joined(first, self.assigned)

    def joined(self, one: set[int] | None, other: set[int] | None) -> set[int] | None:
        """Return what is assigned where two ways meet."""
        if one is None or other is None:
            return other if one is None else one
        return one & other

    def repeat(self, node: ast.While) -> None:
        """Translate `while`."""
        self.check_loop(node)
        again, end = self.out.label(), self.out.label()
        self.out.place(again)
        self.unless(node.test, end)
        self.loop(node.body, again, end)
        self.out.put("jump", again)
        self.out.place(end)

    def loop(self, body: list[ast.stmt], again: Any, end: Any) -> None:
        """Translate the body of a loop: what it assigns may not have been assigned behind it."""
        before = copied(self.assigned)
        self.frame.loops.append((again, end))
        self.body(body)
        self.frame.loops.pop()
        self.assigned = before

    def check_loop(self, node: ast.While | ast.For) -> None:
        """Refuse the rarest part of a loop."""
        if node.orelse:
            raise self.refusal(node.orelse[0], "else of a loop is not part of what can be compiled")

    def each(self, node: ast.For) -> None:
        """Translate `for`: over a range, or over tickets, orders or numbers."""
        self.check_loop(node)
        match node.iter:
            case ast.Call(func=function, args=arguments, keywords=[]) if self.static(function) == Known(
                range
            ):
                self.count(node, arguments)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                raise self.refusal(
                    node.iter, f"a loop over {len(items)} values: write them out, or use range"
                )
            case _:
                self.over(node, self.value(node.iter))

    def count(self, node: ast.For, arguments: list[ast.expr]) -> None:
        """Translate `for i in range(…)`."""
        registers = [self.step("move", register) for register in self.all_of(arguments)]
        if not 1 <= len(registers) <= 3:
            raise self.refusal(node.iter, "range takes one to three numbers")
        step, falls = self.out.constant(1), False
        if len(registers) == 3:
            said = arguments[2]
            try:
                by = ast.literal_eval(said)
            except ValueError:
                by = 0
            if type(by) is not int or by == 0:
                raise self.refusal(said, "the step of a range must stand there, and not be 0")
            step, falls = registers.pop(), by < 0
        start, stop = (
            registers if len(registers) == 2 else (self.step("move", self.out.constant(0)), registers[0])
        )
        for register in (start, stop):
            self.out.put("countable", register)
        place = self.step("move", start)
        self.turns(node, place, ("greater" if falls else "less", stop), step, place)

    def over(self, node: ast.For, items: int) -> None:
        """Translate a loop over a list."""
        kept = self.step("move", items)
        length = self.step("length", kept)
        place = self.step("move", self.out.constant(0))
        self.turns(node, place, ("less", length), self.out.constant(1), kept)

    def turns(self, node: ast.For, place: int, test: tuple[str, int], step: int, items: int) -> None:
        """Translate the turns of a loop: `place` counts them, and is the item where `items` is the same."""
        again, end = self.out.label(), self.out.label()
        self.out.place(again)
        self.out.put("jump_unless", end, self.step(test[0], place, test[1]))
        before = copied(self.assigned)
        item = self.step("move", place) if items == place else self.step("item", items, place)
        self.write(node.target, item)
        self.out.put("add", place, place, step)
        self.loop(node.body, again, end)
        self.assigned = before
        self.out.put("jump", again)
        self.out.place(end)
