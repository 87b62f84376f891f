"""The command `eyas diff`: open two records, say why they differ, and answer with the exit code."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from eyas.cli import settings
from eyas.cli.failures import Exit, print_json
from eyas.cli.screen import console_of, print_plain, show
from eyas.record.diff import diff
from eyas.reports.difference.printing import (
    RIGHT,
    Table,
    details,
    headline,
    sides,
    tables_of,
)
from eyas.reports.html import write_whole

if TYPE_CHECKING:
    from rich.table import Table as RichTable
    from rich.text import Text

    from eyas.reports.difference import Difference

PAGE_FILES = (".html", ".htm")
TEXT_FILES = (".md", ".markdown")
GAIN, LOSS = "green", "red"
DATE = len("2024-01-31")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Hold what was typed for a difference."""

    a: Path
    b: Path
    html: Path | None = None
    markdown: Path | None = None
    as_json: bool = False
    quiet: bool = False


def run(request: Request) -> Exit:
    """Say why two runs differ. Raises what `eyas.cli.failures.tell` tells of."""
    read = (request.a, request.b)
    settings.check_target("--html", request.html, PAGE_FILES, read)
    settings.check_target("--markdown", request.markdown, TEXT_FILES, read)
    found = diff(request.a.expanduser(), request.b.expanduser())
    if request.markdown:
        write_whole(f"{found.markdown()}\n", request.markdown.expanduser())
    if request.html:
        found.html(request.html.expanduser())
    if request.as_json:
        print_json({"difference": found.as_json(), "error": None})
    elif not request.quiet:
        print_difference(found)
        for label, path in (("Markdown", request.markdown), ("Page", request.html)):
            if path:
                print_plain(f"{label}: {path}\n", sys.stdout)
    return Exit.RAN if found.is_equal else Exit.DIFFERS


def print_difference(difference: Difference) -> None:
    """Print a difference: in a terminal with colours and to its width, elsewhere as plain text."""
    if not sys.stdout.isatty():
        print_plain(f"{difference}\n", sys.stdout)
        return
    from rich.text import Text

    first, *others = headline(difference)
    if difference.is_identical:
        show(Text(first, "bold"))
        return
    show(Text("\n".join(sides(difference)), "dim"))
    show(Text.assemble("\n", (first, "bold"), "\n", "\n".join(others), "\n"))
    for table in tables_of(difference):
        show(Text(table.title, "bold"))
        show(drawn(table))
        if table.title == "What was not the same":
            for line in details(difference.changes):
                show(Text(line, colour_of_line(line)))
        show(Text(f"{table.note}\n", "dim") if table.note else Text(""))


def drawn(table: Table) -> RichTable:
    """Return a table for a terminal; where that is too narrow, words wrap and the quantities are left out."""
    from rich.table import Table as RichTable

    narrow = console_of(sys.stdout).width < widest(table)
    found = RichTable(box=None, header_style="dim", pad_edge=False, padding=(0, 1 if narrow else 2, 0, 0))
    kept = [at for at, (title, _) in enumerate(table.columns) if not (narrow and title == "quantity")]
    for title, align in (table.columns[at] for at in kept):
        least = DATE if title in ("entered", "left") else None
        justify: Literal["left", "right"] = "right" if align == RIGHT else "left"
        found.add_column(title, justify=justify, no_wrap=align == RIGHT, min_width=least)
    for row in table.rows:
        found.add_row(*(coloured(row[at]) for at in kept))
    return found


def widest(table: Table) -> int:
    """Return how wide a table is when nothing wraps."""
    columns = [title for title, _ in table.columns]
    return sum(max(len(row[at]) for row in (columns, *table.rows)) + 2 for at in range(len(columns)))


def coloured(text: str) -> Text:
    """Return an amount with a sign in the colour of a gain or a loss."""
    from rich.text import Text

    is_money = text[:1] in "+-" and text[1:2].isdigit()
    return Text(text, (GAIN if text[0] == "+" else LOSS) if is_money else "")


def colour_of_line(line: str) -> str:
    """Return the colour of a line of a unified diff."""
    return {"+": GAIN, "-": LOSS}.get(line.strip()[:1], "dim")
