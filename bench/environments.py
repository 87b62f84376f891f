"""Fresh virtual environments: eyas as a person would install it, and the peer apart from it.

backtesting.py is under the AGPL, backtrader under the GPL, vectorbt under the Apache License with the Commons
Clause. They are installed here to be measured, in environments of their own; nothing of them is imported by
eyas or shipped with it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "bench"
WHEEL = ("wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")
# One package of the statistics that are asked for a second opinion comes as source alone.
INSTALL = ("install", "--quiet", "--no-compile", "--only-binary", ":all:", "--no-binary", "peewee")
PIP_PARTS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")
MEGABYTE = 1e6


def output_of(command: Sequence[str | Path], **environment: str) -> str:
    """Run a command in the root of the tree and return what it printed; its complaints are shown."""
    variables = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def python_of(name: str) -> Path:
    """Return the interpreter of one of our environments."""
    return BUILD / name / "bin" / "python"


def prepare(name: str, lock: Path) -> Path:
    """Make an environment with what a lock file pins, or take the one that was made from it before."""
    python, stamp = python_of(name), BUILD / name / "made-from"
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == digest):
        print(f"Making {python.parents[1].relative_to(ROOT)} from {lock.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", BUILD / name], check=True)
        pip(python, *INSTALL, "--require-hashes", "-r", str(lock))
        stamp.write_text(digest)
    return python


def pip(python: Path, *arguments: str, **environment: str) -> None:
    """Run pip in an environment."""
    output_of((python, "-m", "pip", "--disable-pip-version-check", *arguments), **environment)


def install_eyas() -> Path:
    """Build the wheel of this tree, install it beside its pinned dependencies, return the interpreter."""
    python = prepare("eyas", ROOT / "requirements" / "run.lock")
    for old in BUILD.glob("eyas-*.whl"):
        old.unlink()
    here = Path(sys.executable)
    pip(here, *WHEEL, "--wheel-dir", str(BUILD), ".", PATH=f"{here.parent}{os.pathsep}{os.environ['PATH']}")
    wheel = next(BUILD.glob("eyas-*.whl"))
    pip(python, *INSTALL, "--no-deps", "--no-index", "--force-reinstall", str(wheel))
    return python


def sizes(name: str) -> dict[str, float]:
    """Return what an environment takes on disk, in MB: lean, its bytecode (made here), pip."""
    compile_all = (python_of(name), "-m", "compileall", "-q", str(BUILD / name / "lib"))
    # It exits with 1 where a package carries a file for another Python: such files stay as they are.
    subprocess.run(compile_all, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    files = [path for path in (BUILD / name).rglob("*") if path.is_file() and not path.is_symlink()]
    of_pip = [path for path in files if belongs_to_pip(path)]
    rest = set(files) - set(of_pip)
    bytecode = {path for path in rest if "__pycache__" in path.parts}
    return {"lean": megabytes(rest - bytecode), "bytecode": megabytes(bytecode), "pip": megabytes(of_pip)}


def belongs_to_pip(path: Path) -> bool:
    """Return whether a file came with the empty environment: pip and its helpers."""
    parts = path.parts
    if "site-packages" not in parts:
        return False
    package = parts[parts.index("site-packages") + 1]
    return package.startswith(PIP_PARTS)


def megabytes(paths: Iterable[Path]) -> float:
    """Return the sum of files' lengths, in MB of a million bytes."""
    return sum(path.stat().st_size for path in paths) / MEGABYTE
