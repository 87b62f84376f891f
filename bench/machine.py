"""Say on what machine, with which versions and under what load a run was measured."""

from __future__ import annotations

import datetime
import os
import platform
import re
from pathlib import Path
from typing import Any

from bench.environments import output_of, python_of

PACKAGES = {
    "eyas": ("eyas", "numpy", "polars"),
    "peers": ("backtesting", "numpy", "pandas"),
    "second-opinion": ("vectorbt", "backtrader", "numba", "numpy", "pandas"),
}


def describe() -> dict[str, Any]:
    """Return the machine, the versions and the time, for the table and the history."""
    return {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "processor": found(r"model name\s*: (.+)", Path("/proc/cpuinfo")) or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": found(r'PRETTY_NAME="(.+)"', Path("/etc/os-release")) or platform.system(),
        "linux": platform.release(),
        "python": platform.python_version(),
        "rust": output_of(("rustc", "--version")).split()[1],
        "versions": {name: versions(name) for name in PACKAGES},
        "load": load(),
    }


def found(pattern: str, path: Path) -> str | None:
    """Return the first match of a pattern in a file, if there is such a file."""
    match = re.search(pattern, path.read_text()) if path.exists() else None
    return match[1].strip() if match else None


def versions(name: str) -> dict[str, str]:
    """Return the versions of the packages that matter in an environment."""
    code = "import importlib.metadata, sys; print(*map(importlib.metadata.version, sys.argv[1:]))"
    packages = PACKAGES[name]
    return dict(zip(packages, output_of((python_of(name), "-c", code, *packages)).split(), strict=True))


def load() -> float:
    """Return how many processes wanted to run in the last minute, on average."""
    return round(os.getloadavg()[0], 2)
