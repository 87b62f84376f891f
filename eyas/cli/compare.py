"""The command `eyas compare`: open several records, and put their figures side by side."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.cli import settings
from eyas.cli.diff import PAGE_FILES, TEXT_FILES
from eyas.cli.failures import Exit, print_json
from eyas.cli.screen import print_plain, show
from eyas.errors import UsageError
from eyas.metrics.definition import DEFINITIONS
from eyas.record.opening import open_record
from eyas.reports.comparison import Comparison, compare
from eyas.reports.comparison.comparison import SHOWN

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Hold what was typed for a comparison."""

    records: list[Path] = field(default_factory=list)
    html: Path | None = None
    markdown: Path | None = None
    as_json: bool = False
    quiet: bool = False


def run(request: Request) -> Exit:
    """Put runs side by side. Raises what `eyas.cli.failures.tell` tells of."""
    if len(request.records) < 2:
        raise UsageError("a comparison needs two records or more: eyas compare a.eyas b.eyas")
    settings.check_target("--html", request.html, PAGE_FILES, request.records)
    settings.check_target("--markdown", request.markdown, TEXT_FILES, request.records)
    found = compare(**{name: open_record(path) for name, path in names_of(request.records).items()})
    if request.markdown:
        found.markdown(request.markdown.expanduser())
    if request.html:
        found.html(request.html.expanduser())
    if request.as_json:
        print_json({"comparison": found.as_json(), "error": None})
    elif not request.quiet:
        print_comparison(found)
        for label, path in (("Markdown", request.markdown), ("Page", request.html)):
            if path:
                print_plain(f"{label}: {path}\n", sys.stdout)
    return Exit.RAN


def names_of(records: list[Path]) -> dict[str, Path]:
    """Return the records by short names: those of their files, or their paths where two files share one."""
    stems = [path.stem for path in records]
    names = [path.stem if stems.count(path.stem) == 1 else str(path) for path in records]
    numbered = [f"{name} #{at + 1}" if names.count(name) > 1 else name for at, name in enumerate(names)]
    return {name: path.expanduser() for name, path in zip(numbered, records, strict=True)}


def print_comparison(comparison: Comparison) -> None:
    """Print the main figures: in a terminal the best of each stands out, elsewhere it has a star."""
    if not sys.stdout.isatty():
        print_plain(f"{comparison}\n", sys.stdout)
        return
    from rich.text import Text

    show(drawn(comparison))
    apart = [one for one in comparison.settings if one.differs]
    if apart:
        show(Text("\nThey differ in", "bold"))
        for one in apart:
            show(Text.assemble((f"{one.label}  ", "dim"), one.brief))


def drawn(comparison: Comparison) -> Table:
    """Return the main figures as a table with a column for each run."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", style="dim", no_wrap=True)
    for name in comparison.names:
        table.add_column(name, justify="right", overflow="fold")
    for name in SHOWN:
        best = comparison.best(name)
        texts = [
            Text(f"{one.text} *" if place in best else f"{one.text}  ", "green" if place in best else "")
            for place, one in enumerate(comparison.figures(name))
        ]
        table.add_row(DEFINITIONS[name].label, *texts)
    return table
