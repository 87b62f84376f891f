"""Every code block in README.md and docs/ runs, and so does every example in a docstring.

The blocks of one page run in order, in one namespace and one empty folder:

- ```python is executed; with prompts (`>>>`) its output is compared too. A block whose first line is a
  comment that names a file (`# my_strategy.py`) is also written to that file, for the commands that follow.
- ```console has a command after each `$ `, and what it prints. The commands that begin with `eyas` are run
  (in this process, where they need no shell).
  They must exit with 0, or with the number that `$ echo $?` shows next; output that is shown must be what
  is printed, where `...` stands for anything.
- ```text, ```sh and ```toml (and any other language) are for people: output, set-up, settings. Python has no
  way out.
"""

from __future__ import annotations

import doctest
import importlib
import io
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import eyas
from eyas.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(eyas.__path__, "eyas.")
    if found.name.rpartition(".")[2] not in ("_kernel", "_kernel_js", "__main__")
)
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"# (\w+\.py)$")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
SHELL = re.compile(r"[|<>&;$`]")
PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block of a page and the line its text begins on."""

    language: str
    text: str
    line: int


@dataclass
class Command:
    """A command of a console block, what it should print (nothing: anything) and exit with."""

    text: str
    printed: str = ""
    exit_code: int = 0


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for match in FENCE.finditer(page):
        indent, language, text = match.groups()
        line = page.count("\n", 0, match.start(3)) + 1
        yield Block(language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE), line)


def commands(text: str) -> list[Command]:
    """Return the commands of a console block; `$ echo $?` says what the one before it exits with."""
    found: list[Command] = []
    asked = False
    for line in text.splitlines():
        if line == "$ echo $?":
            asked = True
        elif line.startswith("$ "):
            found.append(Command(line[2:]))
            asked = False
        elif asked:
            found[-1].exit_code = int(line)
        elif found and found[-1].text.endswith("\\"):
            found[-1].text = found[-1].text[:-1] + line.strip()
        elif found:
            found[-1].printed += line + "\n"
    return found


def run_page(path: Path, text: str) -> None:
    """Run the blocks of a page in the current folder, as one module."""
    sys.modules["page"] = module = ModuleType("page")
    for block in blocks(text):
        if block.language == "python":
            run_python(block, path, vars(module))
        elif block.language == "console":
            run_console(block, path)


def run_python(block: Block, path: Path, namespace: dict[str, Any]) -> None:
    """Execute a block so that a traceback points into the page."""
    if block.text.lstrip().startswith(">>>"):
        parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=LOOSELY)
        example = parser.get_doctest(block.text, namespace, path.name, str(path), block.line - 1)
        report: list[str] = []
        runner.run(example, out=report.append, clear_globs=False)
        assert report == [], "".join(report)
        namespace.update(example.globs)
        return
    if name := FILE_NAME.match(block.text.split("\n", 1)[0]):
        Path(name[1]).write_text(block.text, encoding="utf-8")
    exec(compile("\n" * (block.line - 1) + block.text, str(path), "exec"), namespace)


def run_console(block: Block, path: Path) -> None:
    """Run the block's eyas commands; those of the front page as the program that a person has."""
    run = by_shell if path.name == "README.md" else here
    for command in commands(block.text):
        if command.text.split()[0] != "eyas":
            continue
        code, printed = (by_shell if SHELL.search(command.text) else run)(command.text)
        where = f"{path}:{block.line}: $ {command.text}"
        assert code == command.exit_code, f"{where}\n{printed}"
        if command.printed.strip():
            alike = doctest.OutputChecker().check_output(command.printed.strip(), printed.strip(), LOOSELY)
            assert alike, f"{where}\nthe page shows:\n{command.printed}\nit prints:\n{printed}"


def by_shell(line: str) -> tuple[int, str]:
    """Run a command of the shell with the eyas of this Python; return its exit code and what it prints."""
    search_path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": search_path, **PLAIN}
    run = subprocess.run(
        f"({line}) 2>&1", shell=True, check=False, text=True, env=environment, capture_output=True
    )
    return run.returncode, run.stdout


def here(line: str) -> tuple[int, str]:
    """Run a command in this process, which takes a tenth of the time."""
    printed = io.StringIO()
    before, folder = dict(os.environ), os.getcwd()  # noqa: PTH109 - compared as text
    os.environ.update(PLAIN)
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            code = main(shlex.split(line)[1:])
    finally:
        os.environ.clear()
        os.environ.update(before)
        for name, module in list(sys.modules.items()):
            # What the page wrote is no library: the next page may have a file of the same name.
            if (getattr(module, "__file__", None) or "").startswith(folder):
                del sys.modules[name]
    return code, printed.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    run_page(page, page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


PLANTED = """
```python
# planted.py
x = 1
```
  ```python
  assert x == {x}
  ```
```python
>>> x + {more}
2
```
```console
$ make anything
$ eyas --no-such-option
...
$ echo $?
{exit_code}
```
```sh
exit 1
```
"""


@pytest.mark.parametrize(
    ("x", "more", "exit_code", "error"),
    [(1, 1, 2, None), (2, 1, 2, "planted.md"), (1, 2, 2, "Expected"), (1, 1, 0, "--no-such-option")],
)
def test_the_runner_sees_planted_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, x: int, more: int, exit_code: int, error: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PLANTED.format(x=x, more=more, exit_code=exit_code)
    if error is None:
        run_page(tmp_path / "planted.md", page)
    else:
        with pytest.raises(AssertionError) as caught:
            run_page(tmp_path / "planted.md", page)
        assert error in str(caught.getrepr())
    assert Path("planted.py").read_text() == "# planted.py\nx = 1\n"
