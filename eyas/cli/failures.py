"""What went wrong, told to a person or a machine, and the exit code that says whose fault it is."""

from __future__ import annotations

import json
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any

from eyas.cli.screen import give_up, print_plain, say
from eyas.cli.tables import figures_so_far
from eyas.errors import DataError, StrategyError, UsageError
from eyas.model import iso


class Exit(IntEnum):
    """Name the exit codes."""

    RAN = 0
    STRATEGY_FAILED = 1
    INPUT_WRONG = 2
    EYAS_FAILED = 3
    LOOKS_AHEAD = 4
    NOT_JUDGED = 5
    DIFFERS = 6
    INTERRUPTED = 130


EXIT_CODES = {
    Exit.RAN: "it ran",
    Exit.STRATEGY_FAILED: "the strategy failed",
    Exit.INPUT_WRONG: "the arguments or the data are wrong",
    Exit.EYAS_FAILED: "eyas itself failed",
    Exit.LOOKS_AHEAD: "a check found that the strategy looks ahead",
    Exit.NOT_JUDGED: "a check could not tell",
    Exit.DIFFERS: "two runs differ",
    Exit.INTERRUPTED: "interrupted",
}

LISTED = ", ".join(f"[bold]{code}[/] {text}" for code, text in EXIT_CODES.items())
EPILOG = f"[dim]Exit codes:[/] {LISTED}."

PACKAGE = Path(__file__).parents[1]
# Code that is nobody's strategy: this package, the standard library, what pip installed.
NOT_THEIRS = tuple({str(PACKAGE), *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))})


class Interrupted(Exception):  # noqa: N818 - not an error
    """Say how far a run came before Ctrl-C, and what is to be kept of it (`found`, for a machine)."""

    def __init__(self, said: str, found: dict[str, Any] | None = None) -> None:
        super().__init__(said)
        self.found = found or {}


def tell(error: BaseException, *, as_json: bool, quiet: bool) -> int:
    """Print an error on stderr, and as JSON on stdout if wanted, and return the exit code."""
    match error:
        case StrategyError():
            code, trace = Exit.STRATEGY_FAILED, own_traceback(error.__cause__)
        case UsageError() | DataError():
            code, trace = Exit.INPUT_WRONG, ""
        case Interrupted() | KeyboardInterrupt():
            code, trace = Exit.INTERRUPTED, ""
        case _:
            code, trace = Exit.EYAS_FAILED, "".join(traceback.format_exception(error))
    if trace:
        print_plain(f"{trace}\n", sys.stderr)
    say(sentence(error, code), title="Interrupted" if code is Exit.INTERRUPTED else "Error")
    report = error.report if isinstance(error, StrategyError) else None
    try:
        if as_json:
            found = error.found if isinstance(error, Interrupted) else {}
            kept = found or {"report": report and report.as_json()}
            print_json({**kept, "error": as_object(error, code, trace)})
        elif report and not quiet:
            figures_so_far(report)
    except BrokenPipeError:
        give_up(sys.stdout)  # nobody reads it, but the exit code still says what happened
    return code


def sentence(error: BaseException, code: Exit) -> str:
    """Return the last word on an error, for a person."""
    if code is Exit.EYAS_FAILED:
        return "this is a fault in eyas, not in your strategy or data. Please report it with the lines above."
    return " ".join([str(error), *getattr(error, "__notes__", ())])


def as_object(error: BaseException, code: Exit, trace: str) -> dict[str, Any]:
    """Return an error as plain values."""
    cause = error.__cause__ if isinstance(error, StrategyError) else None
    index = error.bar_index if isinstance(error, StrategyError) else None
    report = error.report if isinstance(error, StrategyError) else None
    return {
        "type": type(error).__name__,
        "message": str(error),
        "cause": None if cause is None else type(cause).__name__,
        "bar_index": index,
        "time": iso(report.time[index]) if report and index is not None else None,
        "traceback": trace or None,
        "exit_code": int(code),
    }


def own_traceback(error: BaseException | None) -> str:
    """Return a traceback with the frames of a person's own files, or nothing when there is none."""
    if error is None:
        return ""
    whole = traceback.TracebackException.from_exception(error)
    for one in chain(whole):
        one.stack[:] = [frame for frame in one.stack if is_theirs(frame.filename)]
    if not whole.stack and not isinstance(error, SyntaxError):
        return ""
    return "".join(whole.format())


def chain(error: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """Yield an exception and all that led to it."""
    yield error
    for other in (error.__cause__, error.__context__, *(error.exceptions or ())):
        if other is not None:
            yield from chain(other)


def is_theirs(filename: str) -> bool:
    """Tell whether a person wrote this file, rather than eyas, Python or a library."""
    return not filename.startswith(("<", *(f"{folder}/" for folder in NOT_THEIRS)))


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on stdout; NaN and infinity, which JSON does not know, are null."""
    print_plain(json.dumps(finite(value), allow_nan=False, ensure_ascii=False) + "\n", sys.stdout)


def finite(value: Any) -> Any:
    """Return a tree of plain values with None for every NaN and infinity.

    >>> finite({"a": [1.5, float("nan")]})
    {'a': [1.5, None]}
    """
    match value:
        case dict():
            return {name: finite(inner) for name, inner in value.items()}
        case list() | tuple():
            return [finite(inner) for inner in value]
        case float() if value - value != 0:
            return None
        case _:
            return value
