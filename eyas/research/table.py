"""Tables of text, no wider than a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Return rows under a head; the first `left` columns begin on the left, the others end on the right.

    Columns that would not fit into 100 characters are left out from the right, and said so.

    >>> print(table(("name", "trades"), [("A", "5"), ("Long", "12")]))
    name  trades
    A          5
    Long      12
    """
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    fitting = len(head)
    while fitting > left and sum(widths[:fitting]) + 2 * (fitting - 1) > WIDTH:
        fitting -= 1
    lines = [
        "  ".join(
            f"{cell:<{width}}" if place < left else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row[:fitting], widths, strict=False))
        ).rstrip()
        for row in (head, *rows)
    ]
    if fitting < len(head):
        lines.append(f"(and {', '.join(head[fitting:])}: see .frame())")
    return "\n".join(lines)


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Return labels and their values in two columns.

    >>> print(pairs([("Windows", "4"), ("Trades", "120")]))
    Windows    4
    Trades   120
    """
    first = max((len(label) for label, _ in rows), default=0)
    second = max((len(text) for _, text in rows), default=0)
    return "\n".join(f"{label:<{first}}  {text:>{second}}" for label, text in rows)


def wrapped(text: str) -> str:
    """Return a sentence in lines no wider than a terminal."""
    return textwrap.fill(text, WIDTH)


def cut(text: str, width: int) -> str:
    """Return text no longer than a width.

    >>> cut("fast=5, slow=30", 8)
    'fast=5,…'
    """
    return text if len(text) <= width else text[: width - 1] + "…"


def named(parameters: dict[str, object]) -> str:
    """Return parameters as a person writes them.

    >>> named({"fast": 5, "share": 0.25})
    'fast=5, share=0.25'
    """
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in parameters.items()
    )
