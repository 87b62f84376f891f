"""The tree polices itself: imports point down, files and functions stay small, the kernel stays pure."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 450
LONGEST_FUNCTION = 60

# Who may know whom: a part imports parts of a lower level, and none of its own level but those of SIDEWAYS.
LEVELS = (
    ("_kernel", "_kernel_js"),
    ("model", "errors"),
    ("timeframes", "ticks", "notes"),
    ("asking", "parameters", "rules", "sight", "market"),  # what a strategy and a run are told
    ("options", "presets"),
    ("strategy", "signals", "journal", "sizing", "indicators", "metrics"),
    ("session", "data", "feeds", "venues", "reports"),
    ("compiled",),
    ("loading", "run", "engine"),
    ("backtest", "sweep", "browser", "paper", "live", "research", "lifecycle", "record"),
    ("lookahead",),  # runs backtests, to see whether they would have gone the same with less data
    ("__init__",),  # the front page: the public names
    ("dialects", "server", "cli"),
    ("__main__",),
)
SIDEWAYS = {
    ("feeds", "data"),
    ("sweep", "backtest"),
    ("sweep", "research"),  # a sweep prints what its own trials say about luck
    ("research", "backtest"),
    ("research", "sweep"),
    ("record", "backtest"),  # a record is run again
}
# The nouns of the kernel come through the model alone.
ONLY_BY = {"_kernel": {"model"}, "_kernel_js": {"model"}}

LEVEL = {part: level for level, parts in enumerate(LEVELS) for part in parts}
# Too heavy for `import eyas`: they are imported inside the functions that use them.
HEAVY = {"polars", "pandas", "pyarrow", "rich", "typer", "jinja2", "pydantic", "asyncio", "multiprocessing"}
HEAVY |= {"optuna", "ray", "cloudpickle", "sqlalchemy", "plotly"}


def sources(*suffixes: str) -> list[Path]:
    """Return the hand-written files of the tree, without what tools made or others wrote."""
    folders = ("eyas", "kernel", "tests", "tools", "examples", "bench", "docs", "web/src")
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)
    made = {"target", "node_modules", "__pycache__"}
    return sorted(path for path in found if not made & set(path.parts) and ".production." not in path.name)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- imports point down ---


def part_of(path: Path, package: Path) -> str:
    """Return the part of the package a file belongs to: its top folder, or its own name."""
    return path.relative_to(package).with_suffix("").parts[0]


def imports_inside(package: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (where, importing part, imported part) for each import between parts of a package."""
    for path in sorted(package.rglob("*.py")):
        importer = part_of(path, package)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, module in imported_modules(tree, path, package):
            if module[0] != package.name:
                continue
            imported = module[1] if len(module) > 1 and is_part(module[1], package) else "__init__"
            if imported != importer:
                yield f"{path.relative_to(package.parent)}:{line}", importer, imported


def is_part(name: str, package: Path) -> bool:
    return name in LEVEL or (package / name).is_dir() or (package / f"{name}.py").exists()


def imported_modules(tree: ast.Module, path: Path, package: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, dotted name in pieces) of each import that runs, at whatever depth of the file."""
    here = path.relative_to(package.parent).with_suffix("").parts
    for node in running(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.split(".")
        elif isinstance(node, ast.ImportFrom):
            # Level 1 is the file's own folder, and so on up.
            above = list(here[: -node.level]) if node.level else []
            base = above + (node.module.split(".") if node.module else [])
            for alias in node.names:
                yield node.lineno, [*base, alias.name]


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree but those that only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other
                yield from running(other)
            continue
        yield child
        yield from running(child)


def complaint(importer: str, imported: str) -> str | None:
    """Return what is wrong with an import of one part by another, or None."""
    for part in (importer, imported):
        if part not in LEVEL:
            return f"eyas/{part} has no level: give it one in tests/test_architecture.py"
    if imported in ONLY_BY and importer not in ONLY_BY[imported]:
        return f"{imported} is known to {', '.join(ONLY_BY[imported])} alone"
    if LEVEL[imported] < LEVEL[importer] or (importer, imported) in SIDEWAYS:
        return None
    direction = "sideways" if LEVEL[imported] == LEVEL[importer] else "up"
    return f"{importer} imports {imported}, which is {direction}"


def complaints(package: Path) -> list[str]:
    found = ((where, complaint(importer, imported)) for where, importer, imported in imports_inside(package))
    return [f"{where}: {wrong}" for where, wrong in found if wrong]


def test_imports_point_down() -> None:
    found = complaints(ROOT / "eyas")
    assert not found, "\n".join(found)


def test_every_part_has_a_level() -> None:
    parts = {part_of(path, ROOT / "eyas") for path in (ROOT / "eyas").rglob("*.py")}
    assert parts - LEVEL.keys() == set()


@pytest.mark.parametrize(
    ("file", "text", "wrong"),
    [
        ("model.py", "from eyas.session import Session", "up"),
        ("model.py", "def late():\n    from eyas import session", "up"),
        ("model.py", "import eyas", "up"),
        ("data/check.py", "from ..backtest import backtest", "up"),
        ("data/check.py", "from eyas.reports.page import page", "sideways"),
        ("data/check.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import eyas.cli", "up"),
        ("session.py", "from eyas._kernel import Account", "alone"),
        ("surprise.py", "from eyas import model", "no level"),
        ("session.py", "from eyas.model import Bars", None),
        ("session.py", "if TYPE_CHECKING:\n    from eyas.backtest import backtest", None),
        ("data/check.py", "from . import epochs\nfrom .epochs import unit\nimport eyas.data.epochs", None),
        ("feeds/history.py", "from eyas.data import bars", None),
        ("cli/run.py", "import eyas\nimport numpy\nimport data", None),
    ],
)
def test_the_checker_sees_planted_imports(tmp_path: Path, file: str, text: str, wrong: str | None) -> None:
    package = tmp_path / "eyas"
    (package / file).parent.mkdir(parents=True)
    (package / file).write_text(text)
    found = complaints(package)
    if wrong is None:
        assert found == []
    else:
        assert len(found) == 1
        assert wrong in found[0]


def test_import_stays_light() -> None:
    code = "import sys, eyas; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert HEAVY & set(run.stdout.split()) == set()


# --- sizes and docstrings ---


def long_files(paths: list[Path]) -> list[str]:
    lengths = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in paths)
    return [f"{path}: {length} lines" for path, length in lengths if length > LONGEST_FILE]


def long_functions(path: Path) -> list[str]:
    """Return the Python functions over the limit; clippy counts the Rust ones (clippy.toml)."""
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lengths = ((node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions)
    return [f"{path}:{node.lineno}: {length} lines" for node, length in lengths if length > LONGEST_FUNCTION]


def test_files_are_small() -> None:
    found = long_files(sources(".py", ".rs", ".ts", ".tsx", ".js", ".mjs"))
    assert not found, "\n".join(found)


def test_functions_are_small() -> None:
    found = [long for path in sources(".py") for long in long_functions(path)]
    assert not found, "\n".join(found)


def test_modules_say_what_they_are() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources(".py")}
    found = [named(path) for path, tree in trees.items() if not ast.get_docstring(tree)]
    assert not found, "\n".join(found)


def test_the_checker_sees_planted_sizes(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("def f():\n" + "    pass\n" * LONGEST_FUNCTION)
    assert long_functions(path) == [f"{path}:1: {LONGEST_FUNCTION + 1} lines"]
    assert long_files([path]) == []
    path.write_text("\n" * (LONGEST_FILE + 1))
    assert long_files([path]) == [f"{path}: {LONGEST_FILE + 1} lines"]


# --- the kernel knows nobody ---


def test_the_kernel_has_no_dependency() -> None:
    manifest = tomllib.loads((ROOT / "kernel/Cargo.toml").read_text())
    assert manifest["dependencies"] == {}
    assert manifest.keys() & {"build-dependencies", "target", "features"} == set()
    assert manifest["package"]["rust-version"] == "1.63"


def test_the_browser_shell_knows_only_the_kernel() -> None:
    manifest = tomllib.loads((ROOT / "kernel/wasm/Cargo.toml").read_text())
    assert manifest["dependencies"].keys() == {"eyas-kernel", "eyas-program"}
    lock = tomllib.loads((ROOT / "kernel/wasm/Cargo.lock").read_text())
    assert lock["version"] == 3, "Debian's cargo 1.65 reads no newer lock file"
    assert [package["name"] for package in lock["package"] if "source" in package] == []


def test_the_kernel_is_safe_and_free_standing() -> None:
    attributes = re.findall(r"^#!\[.*\]$", (ROOT / "kernel/src/lib.rs").read_text(), re.MULTILINE)
    assert {"#![no_std]", "#![forbid(unsafe_code)]"} <= set(attributes)


def test_the_kernel_calls_nobody() -> None:
    reaching = re.compile(r"\bextern crate std\b|\bstd::|\bunsafe\b")
    found = []
    for path in sorted((ROOT / "kernel/src").rglob("*.rs")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            code = line.split("//")[0]
            if reaching.search(code) and "forbid(" not in code:
                found.append(f"{named(path)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)
