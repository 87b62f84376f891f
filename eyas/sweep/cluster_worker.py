"""What runs on the nodes of a cluster: a chunk of trials, after the node has said which eyas it has."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError

if TYPE_CHECKING:
    from eyas.sweep.work import Rows, Work

DIGITS = 12
kept: dict[str, Work] = {}
"""The work of the sweep that this process serves, so that its columns and indicators are taken once."""


@dataclass(frozen=True, slots=True)
class Release:
    """Say which eyas and which Python run here, by what decides about the figures of a trial."""

    eyas: str
    kernel: str
    sources: str
    python: str

    def __str__(self) -> str:
        return f"eyas {self.eyas} (kernel {self.kernel}, sources {self.sources}) on Python {self.python}"


@cache
def release() -> Release:
    """Return the release of this process; computed once, from the files of the package."""
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec

    try:
        number = version("eyas")
    except PackageNotFoundError:
        number = "without a version"
    package = Path(__file__).parents[1]
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(f"{path.relative_to(package)}\0".encode())
        sources.update(path.read_bytes())
    compiled = find_spec("eyas._kernel")
    assert compiled is not None
    kernel = hashlib.sha256(Path(str(compiled.origin)).read_bytes())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Release(number, kernel.hexdigest()[:DIGITS], sources.hexdigest()[:DIGITS], python)


def refuse_another(here: Release, there: Mapping[str, str] | str, node: str) -> None:
    """Raise UsageError when a node has another release than the machine that asks it."""
    if isinstance(there, str):
        raise UsageError(f"node {node} cannot import eyas ({there}): install {here} there")
    if dict(there) == asdict(here):
        return
    raise UsageError(
        f"node {node} has {Release(**there)}, but this machine has {here}: the same trials would not be "
        "promised to come out the same; install the same eyas on both"
    )


def run_chunk(token: str, holder: Sequence[Any], expected: Release, chunk: Sequence[dict[str, Any]]) -> Rows:
    """Run a chunk of trials in a worker of a node.

    `holder` is a list of one reference to the work, fetched when this process first serves it: its columns
    then are read-only views of the node's object store, one copy for all its workers.
    """
    import ray

    from eyas.sweep.work import run_trials

    node = str(ray.util.get_node_ip_address())  # type: ignore[no-untyped-call]
    refuse_another(expected, asdict(release()), node)
    if token not in kept:
        kept.clear()
        light, columns = ray.get(holder[0])
        kept[token] = light.attached(columns)
    return run_trials(kept[token], chunk)
