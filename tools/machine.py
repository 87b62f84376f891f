"""What `make test` wants of a machine beyond Python, a linker and Rust; it gets what it may."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.wasm import OLDEST_RUST, best_toolchain

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false", "no")
DEBIAN_TIMEOUT_S = 900
RUSTUP_TIMEOUT_S = 180


@dataclass(frozen=True)
class Tool:
    """Name something a test needs, and the Debian packages or rustup's words that bring it."""

    name: str
    purpose: str
    present: Callable[[], bool]
    packages: tuple[str, ...] = ()
    rustup: tuple[str, ...] = ()


def find_node() -> str | None:
    """Return the path of a Node new enough for WebAssembly's BigInt and `node:test`."""
    node = shutil.which("node")
    version = re.match(r"v(\d+)", output_of([node, "--version"])) if node else None
    return node if version and int(version[1]) >= 18 else None


def find_chromium() -> str | None:
    """Return the path of a Chromium or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def find_postgresql() -> Path | None:
    """Return the folder of the newest PostgreSQL server; Debian keeps each version in one of its own."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(3))
    on_path = shutil.which("initdb")
    places = [*reversed(folders), *([Path(on_path).parent] if on_path else [])]
    needed = ("initdb", "pg_ctl", "psql")
    return next((place for place in places if all((place / name).exists() for name in needed)), None)


def output_of(command: list[str], timeout_s: float = 30) -> str:
    """Return what a command prints, or nothing if it cannot run."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout.strip()


def has_oldest_rust() -> bool:
    """Tell whether the oldest Rust that the kernel promises is here and builds for the browser."""
    toolchain = best_toolchain()
    return toolchain is not None and toolchain.version[:2] == OLDEST_RUST


TOOLS = (
    Tool("rustfmt", "the format of Rust code", lambda: bool(output_of(["cargo", "fmt", "--version"])),
         rustup=("component", "add", "rustfmt")),
    Tool("clippy", "the lint of Rust code", lambda: bool(output_of(["cargo", "clippy", "--version"])),
         rustup=("component", "add", "clippy")),
    Tool("wasm", "the kernel in the browser", lambda: best_toolchain() is not None,
         rustup=("target", "add", "wasm32-unknown-unknown")),
    Tool("Rust 1.63", "the oldest Rust that the kernel promises", has_oldest_rust,
         packages=("rustc", "cargo", "libstd-rust-dev-wasm32", "lld")),
    Tool("node", "the kernel's tests in JavaScript", lambda: find_node() is not None, packages=("nodejs",)),
    Tool("chromium", "the report in a real browser", lambda: find_chromium() is not None,
         packages=("chromium", "fonts-liberation")),
    Tool("postgresql", "bars in a PostgreSQL database", lambda: find_postgresql() is not None,
         packages=("postgresql",)),
)  # fmt: skip


def provide(names: Iterable[str]) -> dict[str, str]:
    """Get the named tools where that is allowed; return those still missing, each with its purpose.

    Packages are installed by apt as root, parts of Rust by rustup. EYAS_INSTALL=no forbids both.
    """
    wanted = [tool for tool in TOOLS if tool.name in set(names)]
    missing = [tool for tool in wanted if not tool.present()]
    if missing and os.environ.get("EYAS_INSTALL") != "no":
        install_packages([package for tool in missing for package in tool.packages])
        for tool in missing:
            if tool.rustup and not tool.present():
                install_by_rustup(tool)
    return {tool.name: tool.purpose for tool in missing if not tool.present()}


def install_packages(packages: list[str]) -> None:
    """Install Debian packages, if this is root on a Debian."""
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing with apt-get, for the tests: {' '.join(packages)}", flush=True)
    options = ["-qq", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    attempt(["apt-get", *options, "update"], DEBIAN_TIMEOUT_S)
    attempt(["apt-get", *options, "install", "--no-install-recommends", *packages], DEBIAN_TIMEOUT_S)


def install_by_rustup(tool: Tool) -> None:
    """Add a component or a target to the Rust in use, if rustup manages it."""
    if shutil.which("rustup"):
        print(f"Installing with rustup, for the tests: {' '.join(tool.rustup)}", flush=True)
        attempt(["rustup", *tool.rustup], RUSTUP_TIMEOUT_S)


def attempt(command: list[str], timeout_s: float) -> None:
    """Run an installer and print its words only if it fails: what is missing then is said at the end."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run = subprocess.run(
            command,
            input="",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        print(f"{command[0]} failed: {failure}", flush=True)
        return
    if run.returncode:
        print(f"{command[0]} failed: {run.stdout.strip()[-2000:]}", flush=True)
