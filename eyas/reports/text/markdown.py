"""Markdown: tables whose cells hold any text, lists of pairs, figures with their definitions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from eyas.reports.text.escape import inline, line

if TYPE_CHECKING:
    from eyas.metrics.definition import Definition
    from eyas.reports.metrics import Figure

PADDED_MAX = 40  # a cell longer than that does not widen its column
NOT_KNOWN = "N/A"


def table_text(
    headings: Sequence[str], rows: Iterable[Sequence[str]], is_text: Sequence[bool] | None = None
) -> str:
    r"""Return a table; what is not text is aligned to the right.

    >>> print(table_text(["name", "profit"], [["a|b", "1.50"]], [True, False]))
    | name | profit |
    | :--- | -----: |
    | a\|b |   1.50 |
    """
    left = [True] * len(headings) if is_text is None else list(is_text)
    cells = [[inline(one) for one in row] for row in (headings, *rows)]
    widths = [min(PADDED_MAX, max(3, *(len(row[place]) for row in cells))) for place in range(len(headings))]

    def drawn(row: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if is_left else cell.rjust(width)
            for cell, width, is_left in zip(row, widths, left, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        f":{'-' * (width - 1)}" if is_left else f"{'-' * (width - 1)}:"
        for width, is_left in zip(widths, left, strict=True)
    ]
    return "\n".join([drawn(cells[0]), f"| {' | '.join(rule)} |", *(drawn(row) for row in cells[1:])])


def heading(text: str, level: int = 1) -> str:
    """Return a heading."""
    # Number signs at its end would be taken for the end of the heading.
    said = re.sub(r"#(?=#*$)", r"\\#", line(text))
    return f"{'#' * level} {said or 'Untitled'}"


def bullets(texts: Iterable[str]) -> str:
    """Return a list of texts."""
    return "\n".join(f"- {line(text)}" for text in texts)


def figure_line(label: str, text: str, higher_is_better: bool | None = None) -> str:
    """Return the line of one figure, in a list.

    >>> figure_line("Sharpe ratio", "n/a", True)
    '- **Sharpe ratio:** N/A (higher is better)'
    """
    better = {True: " (higher is better)", False: " (lower is better)", None: ""}[higher_is_better]
    return f"- **{inline(label)}:** {NOT_KNOWN if text == 'n/a' else inline(text)}{better}"


def figure_lines(figures: Iterable[Figure]) -> str:
    """Return figures as a list, each with the side on which it is better."""
    return "\n".join(figure_line(one.label, one.text, one.definition.higher_is_better) for one in figures)


def definition_line(definition: Definition) -> str:
    """Return what a figure means in one italic line: what it is, its formula, where it is from, its gate."""
    parts = [
        definition.what,
        *(
            f"{name}: {text}"
            for name, text in (
                ("Formula", definition.formula),
                ("Convention", definition.convention),
                ("Source", definition.source),
                ("N/A when", definition.none_when),
            )
            if text
        ),
    ]
    said = " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)
    return f"*{inline(f'{definition.label}: {said}')}*"


def definition_lines(figures: Iterable[Figure]) -> str:
    """Return the definitions of figures, a paragraph each."""
    return "\n\n".join(definition_line(one.definition) for one in figures)


def joined(parts: Iterable[str]) -> str:
    """Return the parts of a page with an empty line between them; empty parts are left out."""
    return "\n\n".join(kept(parts)) + "\n"


def kept(parts: Iterable[str]) -> Iterator[str]:
    """Yield the parts that say something."""
    return (part for part in parts if part)
