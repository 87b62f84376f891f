"""Keep a run in one file: its journal, its curve, its data and code, and everything that decided it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.reports.drafts import whole_file
from eyas.reports.saving.container import write_record
from eyas.reports.saving.parts import Parts

if TYPE_CHECKING:
    from eyas.reports.report import Report

__all__ = ["kept", "path_of", "save"]

RERUN: set[Path] = set()
"""Records that are being run again. A program in one may save to it, and lose what it is held against."""


@contextmanager
def kept(path: Path) -> Iterator[None]:
    """Keep a record as it is while its code runs again; raises UsageError where that code reruns a record."""
    if RERUN:
        raise UsageError(
            "rerun was called by the code of a record that is being run again: put what a program does "
            'beside its strategy under if __name__ == "__main__":'
        )
    target = path.expanduser().resolve()
    RERUN.add(target)
    try:
        yield
    finally:
        RERUN.discard(target)


def path_of(path: Any) -> Path:
    """Return the path of a record, or raise UsageError for what is none."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise UsageError(f"the path of a record is {path!r}, but must be that of a file, such as run.eyas")
    found = os.fspath(path)
    if isinstance(found, bytes) or "\0" in found:
        raise UsageError(f"the path of a record is {path!r}, but must be text: 'run.eyas'")
    return Path(found)


def save(report: Report, path: str | Path = "run.eyas", *, data: bool = True) -> Path:
    """Write a run to a file and return its path; `eyas.open` makes the same report of it again.

    With `data=False` the bars are named by source and hash alone, for data that may not be passed on: the
    record then opens only where that source still has them, or with `eyas.open(path, bars=…)`. A record that
    is just being run again stays as it is. Raises UsageError when it cannot be written.
    """
    path = path_of(path)
    if path.expanduser().resolve() in RERUN:
        return path
    with whole_file(path.expanduser()) as draft:
        parts = Parts(report, data)
        write_record(draft, parts.manifest(), parts.members)
    return path
