"""What the tests of the command line share: two ways to run a command, in a folder with strategies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eyas.cli import main
from tests.cli.commands import BROKEN, CROSS, Result, Run, command, environment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Be in a folder with cross.py and broken.py, and leave no trace in this Python."""
    (tmp_path / "cross.py").write_text(CROSS)
    (tmp_path / "broken.py").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        # What lies in this folder goes; the libraries that a run imported stay.
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in the folder of strategies."""

    def run(*arguments: str) -> Result:
        code = main(arguments)
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def eyas(folder: Path) -> Run:
    """Run a command as a process of its own, in the folder of strategies."""

    def eyas(*arguments: str) -> Result:
        done = subprocess.run(
            command(*arguments), capture_output=True, text=True, check=False, env=environment()
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return eyas
