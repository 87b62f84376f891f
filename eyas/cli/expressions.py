"""Read a condition or a number from a command line: names, comparisons and arithmetic, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from types import CodeType
from typing import Any

from eyas.errors import UsageError

FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "max": max, "min": min, "round": round}
OPERATORS = (
    *(
        ast.Add,
        ast.Sub,
        ast.Mult,
        ast.Div,
        ast.FloorDiv,
        ast.Mod,
        ast.UAdd,
        ast.USub,
        ast.Not,
        ast.And,
        ast.Or,
    ),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn),
)
SHAPES = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Tuple, ast.List, ast.Load)
CONSTANTS = (bool, int, float, str)


class Expression:
    """Hold what was typed, to be computed of a mapping or of something with attributes.

    `defaults` are values of names that a mapping does not have.
    """

    def __init__(self, text: str, code: CodeType, defaults: Mapping[str, Any]) -> None:
        self.__name__ = text
        self._code = code
        self._defaults = dict(defaults)

    def __repr__(self) -> str:
        return f"Expression({self.__name__!r}, {self._defaults!r})"

    def __call__(self, thing: Any) -> Any:
        """Return the value for one thing."""
        names = {**self._defaults, **thing} if isinstance(thing, Mapping) else Attributes(thing)
        # The code was made of a tree in which every node is one of the few above.
        return eval(self._code, {"__builtins__": {}, **FUNCTIONS}, names)


class Attributes(dict[str, Any]):
    """Look names up as the attributes of a thing, numbers as Python's own."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __missing__(self, name: str) -> float:
        if name in FUNCTIONS:
            raise KeyError(name)
        return float(getattr(self._thing, name))


def expression_of(
    option: str, text: str, known: Collection[str], defaults: Mapping[str, Any] | None = None
) -> Expression:
    """Return what was typed as something that can be called, or raise UsageError saying what cannot be.

    >>> expression_of("--where", "fast < slow / 2", ["fast", "slow"])({"fast": 5, "slow": 20})
    True
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        mark = f" at {text.strip()[max(0, (error.offset or 1) - 1) :]!r}" if error.offset else ""
        raise UsageError(f"{option} {text!r} cannot be read{mark}: write it as {example(option)}") from None
    for node in ast.walk(tree):
        check_node(option, text, node, known)
    return Expression(text.strip(), compile(tree, option, "eval"), defaults or {})


def condition_of(
    option: str, text: str, known: Collection[str], defaults: Mapping[str, Any] | None = None
) -> Expression:
    """Return a condition, which is true or false; raises UsageError for what is a number."""
    found = expression_of(option, text, known, defaults)
    body = ast.parse(text.strip(), mode="eval").body
    is_not = isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.Not)
    if not isinstance(body, ast.Compare | ast.BoolOp | ast.Name) and not is_not:
        raise UsageError(f"{option} {text!r} is neither true nor false: write it as {example(option)}")
    return found


def example(option: str) -> str:
    """Return how an option is written."""
    known = {"--where": '"fast < slow"', "--constraint": '"trades >= 30"'}
    return known.get(option, '"sharpe * trades"')


def check_node(option: str, text: str, node: ast.AST, known: Collection[str]) -> None:
    """Raise UsageError for a part of an expression that cannot stand there."""
    match node:
        case ast.Name(id=name):
            if name in known or name in FUNCTIONS:
                return
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise UsageError(f"{option} {text!r} asks for {name}, which there is not; {hint}")
        case ast.Constant(value=value) if type(value) in CONSTANTS:
            return
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            return
        case ast.operator() | ast.unaryop() | ast.boolop() | ast.cmpop() if isinstance(node, OPERATORS):
            return
        case _ if isinstance(node, SHAPES):
            return
    what = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__.lower()
    raise UsageError(
        f"{option} {text!r} has {what}, which cannot stand there: names, numbers, words in quotes, "
        f"comparisons, arithmetic and {', '.join(FUNCTIONS)} can"
    )
