"""Which modules a person wrote, and which a module imports: not Python's own, not what pip installed."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType

PACKAGE = str(Path(__file__).parents[1])
LIBRARIES = tuple(
    {PACKAGE, *(str(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))}
)
INSTALLED = {"site-packages", "dist-packages"}


def file_of(module: ModuleType | None) -> str:
    """Return the file of a module that a person wrote, "" for a library and for what has no file."""
    file = str(getattr(module, "__file__", None) or "")
    if not file or file.startswith(tuple(f"{folder}/" for folder in LIBRARIES)):
        return ""
    return "" if INSTALLED & set(Path(file).parts) else file


@lru_cache(maxsize=512)
def imported_by(text: str, package: str) -> tuple[str, ...]:
    """Return the names of the modules that a text of a package imports; what is no Python has none.

    `from a import b` names both `a` and `a.b`, since b may be either; a package is named before its parts.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        for name in named_by(node, package):
            parts = name.split(".")
            found.update(dict.fromkeys(".".join(parts[:count]) for count in range(1, len(parts) + 1)))
    return tuple(found)


def named_by(node: ast.AST, package: str) -> Iterator[str]:
    """Yield the dotted names that one statement of a module in a package imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join(filter(None, [*above, node.module or ""]))
        if base:
            yield base
        yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)


@lru_cache(maxsize=256)
def is_standard(name: str) -> bool:
    """Tell whether a dotted name is of Python itself or of eyas, which no person wrote for a strategy."""
    top = name.partition(".")[0]
    return top == "eyas" or (top in sys.stdlib_module_names and top != "__main__")
