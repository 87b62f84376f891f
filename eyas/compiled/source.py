"""The source of a function as a syntax tree, with the line numbers of its file."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from eyas.compiled.errors import NotCompiled


@dataclass(frozen=True, eq=False)
class Source:
    """Hold a function, its tree, and which names are local to it; `file` is where it stands."""

    function: FunctionType
    tree: ast.FunctionDef
    file: str
    locals: frozenset[str]
    closure: dict[str, Any]

    def refusal(self, node: ast.AST, reason: str) -> NotCompiled:
        """Return the error that names a piece of this source."""
        line = getattr(node, "lineno", self.tree.lineno)
        return NotCompiled(reason, file=self.file, line=line, piece=ast.unparse(node))


def source_of(function: Any) -> Source:
    """Return the source of a plain function, or raise NotCompiled where there is none."""
    if not isinstance(function, FunctionType):
        raise NotCompiled(f"{getattr(function, '__name__', function)!r} is not written in Python")
    name = function.__qualname__
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        raise NotCompiled(f"the source of {name} cannot be read: save it in a file") from None
    node = tree.body[0]
    ast.increment_lineno(tree, max(first, 1) - 1)
    file = function.__code__.co_filename
    if not isinstance(node, ast.FunctionDef):
        raise NotCompiled(
            f"{name} is no plain function", file=file, line=first, piece=lines[0].strip() or name
        )
    names = function.__code__
    closure = dict(
        zip(names.co_freevars, (cell.cell_contents for cell in function.__closure__ or ()), strict=True)
    )
    source = Source(function, node, file, frozenset((*names.co_varnames, *names.co_cellvars)), closure)
    if node.decorator_list and not is_plain(node.decorator_list):
        raise source.refusal(node.decorator_list[0], "a decorator may change what the function does")
    return source


def is_plain(decorators: list[ast.expr]) -> bool:
    """Return whether decorators leave the function as it is."""
    known = {"property", "staticmethod", "override", "typing.override"}
    return all(ast.unparse(one) in known for one in decorators)
