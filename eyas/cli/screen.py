"""Write to a terminal in colour and to its width, and to anything else as plain text."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def console_of(stream: TextIO) -> Console:
    """Return Rich's view of a stream; NO_COLOR, TERM and COLUMNS are heeded by it."""
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def show(what: RenderableType, stream: TextIO | None = None) -> None:
    """Print something of Rich's; by way of a text, so that a closed pipe is an error like any other."""
    stream = stream or sys.stdout
    console = console_of(stream)
    with console.capture() as captured:
        console.print(what, soft_wrap=not stream.isatty())
    print_plain("\n".join(line.rstrip() for line in captured.get().split("\n")), stream)


def print_plain(text: str, stream: TextIO) -> None:
    """Print a text as it is."""
    stream.write(text)
    stream.flush()


def say(sentence: str, *, title: str) -> None:
    """Print a titled sentence on stderr."""
    from rich.text import Text

    colour = "bold red" if title == "Error" else "bold yellow"
    show(Text.assemble((f"{title}: ", colour), sentence), sys.stderr)


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person watches a stream, on something that can draw."""
    return stream.isatty() and console_of(stream).is_interactive


def is_closed(stream: TextIO) -> bool:
    """Tell whether the other end of a pipe has gone."""
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def give_up(stream: TextIO) -> None:
    """Send what is left for a closed pipe to nowhere, so that nobody hears of it when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
