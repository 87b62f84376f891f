"""Build the kernel for the browser (build/kernel.wasm) with the oldest Rust at hand.

Debian's Rust 1.63 comes first, because building with it proves what the kernel promises; else the Rust on
the path, if it has the wasm32-unknown-unknown target.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHELL = ROOT / "kernel" / "wasm"
BUILT = SHELL / "target" / "wasm32-unknown-unknown" / "release" / "kernel.wasm"
OUTPUT = ROOT / "build" / "kernel.wasm"
LARGEST_BYTES = 430_000  # a page loads less than half of it: servers and browsers compress
OLDEST_RUST = (1, 63)
# What every browser since 2021 knows, and no path of this machine in the file.
FLAGS = f"-C target-feature=+bulk-memory,+nontrapping-fptoint --remap-path-prefix={ROOT}=eyas"


@dataclass(frozen=True, order=True)
class Toolchain:
    """Pair a rustc with its own cargo: cargo of another age asks questions that rustc cannot answer."""

    version: tuple[int, int, int]
    rustc: str
    cargo: str
    linker: str | None  # None: the one that comes with rustc

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that make cargo use this rustc and linker."""
        linker = {"CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER": self.linker} if self.linker else {}
        return {**os.environ, "RUSTC": self.rustc, "RUSTFLAGS": FLAGS, **linker}


def best_toolchain() -> Toolchain | None:
    """Return the oldest toolchain here that the kernel promises to build with and that knows wasm."""
    system_path = os.confstr("CS_PATH")  # where Debian puts its own, whatever rustup put first on the path
    found = {toolchain_on(system_path), toolchain_on(None)} - {None}
    return min((each for each in found if each and each.version[:2] >= OLDEST_RUST), default=None)


def toolchain_on(path: str | None) -> Toolchain | None:
    """Return the toolchain on a search path, if it can build for the browser."""
    rustc, cargo = shutil.which("rustc", path=path), shutil.which("cargo", path=path)
    if not rustc or not cargo:
        return None
    version = re.match(r"rustc (\d+)\.(\d+)\.(\d+)", ask(rustc, "--version"))
    library = Path(ask(rustc, "--print", "target-libdir", "--target", "wasm32-unknown-unknown") or "/nowhere")
    if not version or not any(library.glob("libstd-*.rlib")):
        return None
    bundled = any(Path(ask(rustc, "--print", "sysroot")).glob("lib/rustlib/*/bin/rust-lld"))
    linker = None if bundled else next(filter(None, map(shutil.which, ("wasm-ld", "wasm-ld-14"))), None)
    if not bundled and not linker:
        return None
    major, minor, patch = map(int, version.groups())
    return Toolchain((major, minor, patch), rustc, cargo, linker)


def ask(*command: str) -> str:
    """Return a command's answer, or nothing where it has none."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else ""


def build(toolchain: Toolchain) -> Path:
    """Build the file without asking a registry, and refuse one that is too large for a page."""
    flags = ["--release", "--locked", "--offline", "--target", "wasm32-unknown-unknown"]
    flags += ["--target-dir", str(SHELL / "target")]  # whatever CARGO_TARGET_DIR says
    command = [toolchain.cargo, "build", "--manifest-path", str(SHELL / "Cargo.toml"), *flags]
    OUTPUT.unlink(missing_ok=True)  # whatever fails now, nobody tests yesterday's file
    subprocess.run(command, check=True, env=toolchain.environment)
    OUTPUT.parent.mkdir(exist_ok=True)
    shutil.copyfile(BUILT, OUTPUT)
    size_bytes = OUTPUT.stat().st_size
    version = ".".join(map(str, toolchain.version))
    print(f"build/kernel.wasm: {size_bytes:,} bytes, by Rust {version} ({toolchain.rustc})")
    if size_bytes > LARGEST_BYTES:
        raise SystemExit(f"build/kernel.wasm has {size_bytes:,} bytes; {LARGEST_BYTES:,} are allowed")
    return OUTPUT


def main() -> None:
    """Build, or say what is missing."""
    toolchain = best_toolchain()
    if toolchain is None:
        raise SystemExit(
            "No Rust here can build for the browser. Either: rustup target add wasm32-unknown-unknown\n"
            "or, on Debian 12: apt-get install rustc cargo libstd-rust-dev-wasm32 lld"
        )
    try:
        build(toolchain)
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)


if __name__ == "__main__":
    main()
