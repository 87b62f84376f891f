"""The command `eyas rerun`: run a record again, and answer with the exit code whether it is identical."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from eyas.cli.failures import Exit, print_json
from eyas.cli.screen import print_plain
from eyas.errors import UsageError
from eyas.record.rerun import rerun


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Hold what was typed for running a record again."""

    record: Path
    data: str = ""
    as_json: bool = False
    quiet: bool = False


def run(request: Request) -> Exit:
    """Run a record again. Raises what `eyas.cli.failures.tell` tells of."""
    if request.data and not Path(request.data).expanduser().exists():
        raise UsageError(f"--data {request.data}: there is no such file; it was looked for in {Path.cwd()}")
    with strategies_print(request):
        found = rerun(request.record.expanduser(), bars=request.data or None)
    if request.as_json:
        print_json({"rerun": found.as_json(), "error": None})
    elif not request.quiet:
        print_plain(f"{found}\n", sys.stdout)
    return Exit.RAN if found.identical else Exit.DIFFERS


@contextmanager
def strategies_print(request: Request) -> Iterator[None]:
    """Send what the strategy prints to stderr when stdout is for a machine."""
    if not request.as_json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield
