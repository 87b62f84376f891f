"""Tables as HTML: plain ones, and such whose cells are coloured by their number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.reports.svg.text import NOTHING, attribute, decimals_for, number_text, percent_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHADES = 6


class Column(NamedTuple):
    """Name a column of a table; numbers stand to the right."""

    title: str
    is_number: bool = True


class Cell(NamedTuple):
    """Hold a cell: its text, and its style ("gain", "loss" or none), which says what the text says too."""

    text: str
    style: str = ""


def table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]]) -> str:
    """Return a table as HTML, whose first column names its rows; a wide one scrolls by itself.

    `caption` says what it is to those who cannot see its place.
    """
    head = "".join(_head(column) for column in columns)
    body = "".join(
        "<tr>"
        + "".join(
            _cell(cell, column, place) for place, (cell, column) in enumerate(zip(row, columns, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    return _scrolled(caption, head, body, "plain")


def heat_table(
    caption: str,
    row_names: Sequence[str],
    column_names: Sequence[str],
    rates: NDArray[np.float64],
    *,
    totals: tuple[str, NDArray[np.float64]] | None = None,
    corner: str = "",
    decimals: int | None = None,
) -> str:
    """Return rates (rows × columns, NaN: none) in percent as a table whose cells are shaded by their size.

    `totals` are a last column, shaded by its own size. The number is in every cell,
    with so many decimals that they differ where `decimals` is not given.
    """
    shades = shades_of(rates)
    known = np.abs(rates[np.isfinite(rates)])
    if decimals is None:
        decimals = min(4, max(1, decimals_for(100 * float(known.max(initial=0.0)) / 10)))
    heads = [*column_names, *([totals[0]] if totals else [])]
    head = f'<th scope="col">{attribute(corner)}</th>' + "".join(
        f'<th scope="col" class="number">{attribute(name)}</th>' for name in heads
    )
    total_shades = shades_of(totals[1]) if totals else None
    body = []
    for row, name in enumerate(row_names):
        cells = [
            heat_cell(float(rates[row, place]), int(shades[row, place]), decimals)
            for place in range(len(column_names))
        ]
        if totals and total_shades is not None:
            cells.append(heat_cell(float(totals[1][row]), int(total_shades[row]), decimals, "total"))
        body.append(f'<tr><th scope="row">{attribute(name)}</th>{"".join(cells)}</tr>')
    return _scrolled(caption, head, "".join(body), "plain heat")


def shades_of(rates: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return a shade for each rate, from −6 (the largest loss) to 6 (the largest gain); 0 is none.

    What is full is the 95 % quantile of the sizes, so that one far value does not pale the rest.

    >>> shades_of(np.array([0.1, -0.05, 0.0, np.nan])).tolist()
    [6, -4, 0, 0]
    """
    known = np.where(np.isfinite(rates), rates, 0.0)
    sizes = np.abs(known[known != 0])
    if not sizes.size:
        return np.zeros(rates.shape, np.int64)
    full = max(float(np.quantile(sizes, 0.95)), float(sizes.max()) / 4)
    shades = np.ceil(np.minimum(np.abs(known) / full, 1.0) * SHADES - 1e-9)
    found: NDArray[np.int64] = (np.sign(known) * np.maximum(shades, known != 0)).astype(np.int64)
    return found


def heat_cell(rate: float, shade: int, decimals: int, style: str = "") -> str:
    """Return one cell of a heat table."""
    if not math.isfinite(rate):
        return f'<td class="number {style}"></td>'.replace(' "', '"')
    shaded = f"up-{shade}" if shade > 0 else f"down-{-shade}" if shade < 0 else ""
    classes = " ".join(part for part in ("number", style, shaded) if part)
    return f'<td class="{classes}" title="{percent_text(rate)}">{number_text(100 * rate, decimals)}</td>'


def _scrolled(caption: str, head: str, body: str, style: str) -> str:
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{attribute(caption)}">'
        f'<table class="{style}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _head(column: Column) -> str:
    style = ' class="number"' if column.is_number else ""
    return f'<th scope="col"{style}>{attribute(column.title)}</th>'


def _cell(cell: str | Cell, column: Column, place: int) -> str:
    text, style = cell if isinstance(cell, Cell) else (cell, "")
    classes = " ".join(part for part in ("number" if column.is_number else "", style) if part)
    named = f' class="{classes}"' if classes else ""
    shown = attribute(text or NOTHING)
    return f'<th scope="row"{named}>{shown}</th>' if place == 0 else f"<td{named}>{shown}</td>"
