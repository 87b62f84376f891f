"""Many points between two axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.reports.svg.axis import Axis, Tick
from eyas.reports.svg.picture import (
    HIGH_UNITS,
    WIDE_UNITS,
    Key,
    percent_of,
    picture,
    pixel_of,
    stretched,
    units,
)
from eyas.reports.svg.text import attribute

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT = 260
TITLED_MAX = 120
ROOM_FOR_TEXT = 0.35


class Points(NamedTuple):
    """Hold points: where each is across and up, whether it is a gain, and its tooltip (or none of any)."""

    across: NDArray[np.float64]
    values: NDArray[np.float64]
    is_gain: NDArray[np.bool_]
    titles: Sequence[str] = ()


class Guide(NamedTuple):
    """Hold a line from one point to another, and its text."""

    start: tuple[float, float]
    end: tuple[float, float]
    text: str


def scatter(label: str, x: Axis, y: Axis, points: Points, *, guide: Guide | None = None) -> str:
    """Return points as HTML: gains are round and blue, losses square and orange.

    The furthest carry their titles.
    """
    across, values, is_gain, titles = points
    order = np.argsort(-(np.abs(x.share(across) - 0.5) + np.abs(y.share(values) - 0.5)), kind="stable")
    spots = []
    for row in order[: TITLED_MAX if titles else 0][::-1].tolist():
        left, top = percent_of(x, float(across[row])), pixel_of(y, float(values[row]), HEIGHT)
        spots.append(f'<circle cx="{left}" cy="{top}" r="6"><title>{attribute(titles[row])}</title></circle>')
    drawn = points_mark(x, y, across, values, is_gain)
    marks = [
        _guide(x, y, guide) if guide else "",
        stretched(drawn, HEIGHT),
        f'<g class="spots">{"".join(spots)}</g>',
    ]
    thinner = [Tick(tick.value, tick.text, place % 2 == 1) for place, tick in enumerate(x.ticks)]
    thin = Axis(x.low, x.high, tuple(thinner), x.unit, x.title)
    keys = [Key("gain round", "won"), Key("loss", "lost")]
    return picture(label, thin, y, marks, keys=keys, height=HEIGHT)


def points_mark(
    x: Axis,
    y: Axis,
    across: NDArray[np.float64],
    values: NDArray[np.float64],
    is_gain: NDArray[np.bool_],
) -> str:
    """Return all points as two SVG paths of hardly any length, whose ends are round or square.

    Of none at all a printer draws no square ends.
    """
    parts = []
    for style, rows in (("loss", ~is_gain), ("gain", is_gain)):
        lefts = units(x, across[rows], WIDE_UNITS)
        tops = units(y, values[rows], HIGH_UNITS, is_upward=True)
        path = "".join(f"M{left} {top}h1" for left, top in zip(lefts, tops, strict=True))
        parts.append(f'<path class="points-{style}" d="{path}"/>' if path else "")
    return "".join(parts)


def _guide(x: Axis, y: Axis, guide: Guide) -> str:
    (from_x, from_y), (to_x, to_y) = guide.start, guide.end
    left, right = percent_of(x, from_x), percent_of(x, to_x)
    top, bottom = pixel_of(y, from_y, HEIGHT), pixel_of(y, to_y, HEIGHT)
    line = f'<line x1="{left}" y1="{top}" x2="{right}" y2="{bottom}"/>'
    # Points lie on one side of the line, before its end; its text is on the other, and left of it.
    middle = 0.62
    here = from_x + middle * (to_x - from_x)
    if float(x.share(here)) < ROOM_FOR_TEXT:
        # A short line near the left: its text stands behind its end.
        named = f'<text x="{right}" y="{bottom}" dx="6" dy="4">{attribute(guide.text)}</text>'
        return f'<g class="guide">{line}{named}</g>'
    at = percent_of(x, here)
    height = pixel_of(y, from_y + middle * (to_y - from_y), HEIGHT)
    shift = -8 if to_y > from_y else 16
    named = f'<text x="{at}" y="{height}" dy="{shift}" text-anchor="end">{attribute(guide.text)}</text>'
    return f'<g class="guide">{line}{named}</g>'
