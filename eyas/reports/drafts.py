"""Write a file whole or not at all: a draft beside it takes its place when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from eyas.errors import UsageError


@contextmanager
def whole_file(path: str | Path, example: str = "") -> Iterator[Path]:
    """Give a draft to write; at the end it becomes the file, unless something was raised: then it is gone.

    Raises UsageError where there can be no file of that path (see `target_of`), or it cannot be written to.
    """
    target = target_of(path, example)
    # In the same folder, because only within one file system can a file replace another in one step.
    draft = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        yield draft
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another path") from error
    finally:
        with suppress(OSError):  # the folder may be gone, or the name too long
            draft.unlink()  # also when a person interrupts


def target_of(path: str | Path, example: str = "") -> Path:
    """Return where a file is to be written, links followed; `example` names one for a message.

    Raises UsageError for what is no path, a folder that is missing, a path that is a folder, and one that is
    a device, a pipe or a socket: those cannot be written whole or not at all, and would be replaced.
    """
    given: Any = path
    if not isinstance(given, str | os.PathLike) or isinstance(os.fspath(given), bytes) or "\0" in str(path):
        such = repr(example or "run.eyas")
        raise UsageError(f"the path of a file is {path!r}, but must be text such as {such}")
    try:
        target = Path(path).expanduser().resolve()
        if not target.parent.is_dir():
            raise UsageError(f"{path}: there is no folder {target.parent}; create it or choose another path")
        if target.is_dir():
            such = f", such as {Path(path) / example}" if example else ""
            raise UsageError(f"{path} is a folder; name a file in it{such}")
        if target.exists() and not target.is_file():
            raise UsageError(f"{path} is a device, a pipe or a socket and no file; choose another path")
    except (OSError, RuntimeError) as error:  # a name too long, a folder that may not be read, no such ~user
        said = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot be written ({said}); choose another path") from error
    return target
