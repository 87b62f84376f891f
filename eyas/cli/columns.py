"""Print rows in columns: to the width of a terminal, and to any width elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence

from eyas.cli.screen import print_plain, show
from eyas.model import iso

LEVEL_COLOURS = {"pass": "green", "warn": "yellow", "fail": "bold red"}
GAP = 2


def print_columns(
    titles: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = (),
    colours: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Print rows under titles; the last column wraps in a terminal. `colours` are by what a cell says."""
    if not sys.stdout.isatty():
        widths = [max(len(row[at]) for row in (titles, *rows)) for at in range(len(titles))]
        for row in (titles, *rows):
            cells = [
                cell.rjust(widths[at]) if at in right else cell.ljust(widths[at])
                for at, cell in enumerate(row)
            ]
            print_plain((" " * GAP).join(cells).rstrip() + "\n", sys.stdout)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, GAP, 0, 0))
    for at, title in enumerate(titles):
        is_last = at == len(titles) - 1
        table.add_column(
            title,
            justify="right" if at in right else "left",
            style="cyan" if at == 0 else "",
            no_wrap=not is_last and at != 0,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell, (colours or {}).get(cell, "")) for cell in row))
    show(table)


def moment(time_ns: int) -> str:
    """Return a time as a table shows it: to the minute, and a day where it is a midnight.

    >>> moment(1_500_000_000_000_000_000), moment(1_499_990_400_000_000_000)
    ('2017-07-14 02:40', '2017-07-14')
    """
    text = iso(time_ns).removesuffix("Z")
    day, _, clock = text.partition("T")
    return day if clock == "00:00:00" else f"{day} {clock[:5]}"


def size(count: int) -> str:
    """Return a number of bytes as a person says it.

    >>> size(900), size(1_234_567)
    ('900 B', '1.2 MB')
    """
    number = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
