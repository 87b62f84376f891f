"""Markdown tables that read well in the source too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, aligned in the source too; columns of figures stand to the right."""
    columns = list(zip(heads, *rows, strict=True))
    first, rule, *body = zip(*map(aligned, columns), strict=True)
    return "\n".join(f"| {' | '.join(row)} |" for row in (first, rule, *body))


def aligned(column: Sequence[str]) -> list[str]:
    """Return the cells of a column at one width, with the rule under its head."""
    head, *cells = column
    width = max(map(len, column))
    if all(cell.lstrip("-")[:1].isdigit() for cell in cells):
        return [head.rjust(width), "-" * (width - 1) + ":", *(cell.rjust(width) for cell in cells)]
    return [head.ljust(width), "-" * width, *(cell.ljust(width) for cell in cells)]
