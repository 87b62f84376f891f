"""Run every check of the tree, say what each one is, and close with one line that counts them all.

    python -m tools.run_tests [lint]

A check that fails does not stop the others. A tool that is missing skips its check, and the end says so
loudly; with CI set a skip is a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools.machine import IN_CI, provide

ROOT = Path(__file__).parents[1]
WASM_MANIFEST = ("--manifest-path", "kernel/wasm/Cargo.toml")
RULE = "─" * 78
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# How cargo, node and pytest say it: "test result: ok. 3 passed; 1 failed; 0 …", "# pass 3", "3 passed in 2s".
CARGO_COUNT = re.compile(r"^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)
NODE_COUNT = re.compile(r"^(?:#|ℹ) (pass|fail|skipped) (\d+)$", re.MULTILINE)
PYTEST_CLOSING = re.compile(r"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [\d.]+s", re.MULTILINE)
PYTEST_WORDS = {
    "passed": "passed", "xfailed": "passed", "skipped": "skipped",
    "failed": "failed", "error": "failed", "errors": "failed", "xpassed": "failed",
}  # fmt: skip


@dataclass(frozen=True)
class Check:
    """Name a check, its command, the tools it cannot do without and those without which it does less."""

    title: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    lint: bool = False


PYTHON = (sys.executable, "-m")
PROCESSES = str(min(4, max(2, os.cpu_count() or 2)))
NODE_TEST = ("kernel/wasm/test.mjs", "build/kernel.wasm")
CLIPPY = ("--all-targets", "--locked", "--quiet", "--", "-D", "warnings", "-W", "clippy::too_many_lines")
CHECKS = (
    Check("Rust format", ("cargo", "fmt", "--check"), needs=("rustfmt",), lint=True),
    Check("Rust format, wasm", ("cargo", "fmt", "--check", *WASM_MANIFEST), needs=("rustfmt",), lint=True),
    Check("Rust lint", ("cargo", "clippy", "--workspace", *CLIPPY), needs=("clippy",), lint=True),
    Check("Rust lint, wasm", ("cargo", "clippy", *WASM_MANIFEST, *CLIPPY), needs=("clippy",), lint=True),
    Check("Python format", (*PYTHON, "ruff", "format", "--check"), lint=True),
    Check("Python lint", (*PYTHON, "ruff", "check"), lint=True),
    Check("Python types", (*PYTHON, "mypy"), lint=True),
    Check(
        "the stub of eyas._kernel",
        (*PYTHON, "mypy.stubtest", "--mypy-config-file=pyproject.toml", "eyas._kernel"),
        lint=True,
    ),
    Check("kernel", ("cargo", "test", "--locked", "--package=eyas-kernel", "--package=eyas-program")),
    Check("kernel for the browser", (*PYTHON, "tools.wasm"), needs=("wasm",), wants=("Rust 1.63",)),
    Check("kernel in Node", ("node", "--test-reporter=spec", *NODE_TEST), needs=("wasm", "node")),
    Check(
        "eyas, its docs and its architecture",
        (*PYTHON, "pytest", "--numprocesses", PROCESSES, "-m", "not cluster"),
        wants=("chromium", "postgresql"),
    ),
    # Its nodes are processes enough, and they are given time limits.
    Check("eyas on a cluster", (*PYTHON, "pytest", "-m", "cluster")),
)


def main(arguments: list[str]) -> int:
    """Run the checks asked for and return the exit code."""
    if arguments not in ([], ["lint"]):
        print(__doc__, file=sys.stderr)
        return 2
    checks = [check for check in CHECKS if check.lint or not arguments]
    missing = provide({tool for check in checks for tool in (*check.needs, *check.wants)})
    total: Counter[str] = Counter()
    failures: list[str] = []
    for check in checks:
        counts = Counter(skipped=1) if missing.keys() & set(check.needs) else run(check)
        total += counts
        if counts["failed"]:
            failures.append(f"{check.title}: {' '.join(check.command)}")
    return close(total, failures, missing)


def run(check: Check) -> Counter[str]:
    """Run one check, showing its output as it comes; what gives no counts of its own counts as one."""
    print(f"\n{RULE}\n{check.title}: {shown(check.command)}\n{RULE}", flush=True)
    start = time.perf_counter()
    exit_code, output = stream(check.command)
    counts = count(output)
    if exit_code and not counts["failed"]:
        counts["failed"] = 1
    elif not counts:
        counts["passed"] = 1
    verdict = "failed" if counts["failed"] else "ok"
    print(f"{check.title}: {verdict} in {time.perf_counter() - start:.1f} s", flush=True)
    return counts


def shown(command: tuple[str, ...]) -> str:
    """Return a command as a person would type it."""
    return " ".join(command).replace(sys.executable, "python")


def stream(command: tuple[str, ...]) -> tuple[int, str]:
    """Run a command from the root, pass its output on as it comes, and return exit code and output."""
    environment = {"PROPTEST_RNG_SEED": "1", **os.environ, "PYTHONUNBUFFERED": "1"}
    if sys.stdout.isatty():
        environment |= {"CARGO_TERM_COLOR": "always", "FORCE_COLOR": "1", "PY_COLORS": "1"}
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as failure:
        print(failure, flush=True)
        return 127, ""
    assert process.stdout is not None
    chunks = []
    with process:
        while chunk := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
            chunks.append(chunk)
    return process.returncode, ANSI.sub("", b"".join(chunks).decode(errors="replace"))


def count(output: str) -> Counter[str]:
    """Add up what cargo, node and pytest say of how many tests passed, failed and were skipped."""
    counts: Counter[str] = Counter()
    for passed, failed, ignored in CARGO_COUNT.findall(output):
        counts += Counter(passed=int(passed), failed=int(failed), skipped=int(ignored))
    for word, number in NODE_COUNT.findall(output):
        counts[{"pass": "passed", "fail": "failed", "skipped": "skipped"}[word]] += int(number)
    for closing in PYTEST_CLOSING.findall(output):
        for part in closing.split(", "):
            number, word = part.split()
            if word in PYTEST_WORDS:
                counts[PYTEST_WORDS[word]] += int(number)
    return +counts


def close(total: Counter[str], failures: list[str], missing: dict[str, str]) -> int:
    """Print what failed, what was skipped and the closing line; return the exit code."""
    print(f"\n{RULE}")
    for failure in failures:
        print(f"FAILED   {failure.replace(sys.executable, 'python')}")
    for tool, purpose in missing.items():
        print(f"SKIPPED  {purpose}: {tool} is missing and could not be installed here")
    if total["skipped"] and not missing:
        print("SKIPPED  some tests: their reasons are above")
    if IN_CI and (missing or total["skipped"]):
        print("In CI nothing is skipped: a missing tool is a failure.")
        total["failed"] += 1
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{skipped}")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
