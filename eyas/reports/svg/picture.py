"""The frame that all pictures share: grid, ticks, label, and the marks that stretch inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.reports.svg.text import attribute

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.svg.axis import Axis

HEIGHT = 200
LABELS = 24
TITLE = 18
WIDE_UNITS, HIGH_UNITS = 4000, 2000


class Key(NamedTuple):
    """Name a style in a picture: `style` is the class of its marks."""

    style: str
    text: str


def picture(
    label: str,
    x: Axis,
    y: Axis,
    marks: Sequence[str],
    *,
    keys: Sequence[Key] = (),
    height: int = HEIGHT,
) -> str:
    """Return a picture as HTML: a key, and an SVG of marks over a grid between two axes.

    `label` says in a sentence what it shows, for those who cannot see it. Each mark is SVG text, in units of
    the picture's own: `stretched` for shapes, percent and pixels of `height` for texts.
    """
    room = max((len(tick.text) for tick in y.ticks), default=0)
    whole = height + LABELS + (TITLE if x.title else 0)
    parts = [
        f'<div class="picture room-{min(9, max(2, room))}">',
        _key_line(keys, y.title),
        f'<svg class="plot" role="img" aria-label="{attribute(label)}" width="100%" height="{whole}">',
        _grid(y, height),
        *marks,
        _x_ticks(x, height),
        _x_title(x, height),
        "</svg></div>",
    ]
    return "".join(parts)


def stretched(content: str, height: int = HEIGHT) -> str:
    """Return shapes in units of 4000 × 2000 that stretch over the whole picture; lines keep their width."""
    return (
        f'<svg class="marks" width="100%" height="{height}" viewBox="0 0 {WIDE_UNITS} {HIGH_UNITS}" '
        f'preserveAspectRatio="none">{content}</svg>'
    )


def units(axis: Axis, values: NDArray[np.float64], size: int, *, is_upward: bool = False) -> list[int]:
    """Return where values are in whole units of a stretched drawing; `is_upward` counts from below."""
    share = axis.share(values)
    found: list[int] = np.rint(size * (1 - share if is_upward else share)).astype(np.int64).tolist()
    return found


def percent_of(axis: Axis, value: float) -> str:
    """Return where a value is from the left, as a length that an SVG attribute takes."""
    return f"{100 * float(axis.share(value)):.4g}%"


def pixel_of(axis: Axis, value: float, height: int = HEIGHT) -> str:
    """Return where a value is from the top, in pixels."""
    return f"{height * (1 - float(axis.share(value))):.5g}"


def nothing(sentence: str, title: str = "") -> str:
    """Return what stands in the place of a picture that has nothing to show."""
    said = f'<p class="empty">{attribute(sentence)}</p>'
    return f'<div class="picture">{_key_line([], title)}{said}</div>' if title else said


def _key_line(keys: Sequence[Key], title: str) -> str:
    """Return a line above the picture that names its vertical axis and its styles."""
    if not keys and not title:
        return ""
    named = f"<span>{attribute(title)}</span>" if title else ""
    shown = "".join(f'<span><i class="swatch {style}"></i>{attribute(text)}</span>' for style, text in keys)
    return f'<p class="picture-key">{named}{shown}</p>'


def _grid(y: Axis, height: int) -> str:
    lines, texts = [], []
    for tick in y.ticks:
        place = pixel_of(y, tick.value, height)
        style = ' class="zero"' if abs(tick.value) <= 1e-9 * (y.high - y.low) else ""
        lines.append(f'<line{style} x1="0" x2="100%" y1="{place}" y2="{place}"/>')
        texts.append(f'<text x="-8" y="{place}">{tick.text}</text>')
    return f'<g class="grid">{"".join(lines)}</g><g class="ticks-y">{"".join(texts)}</g>'


def _x_ticks(x: Axis, height: int) -> str:
    texts, lines = [], []
    for tick in x.ticks:
        place = float(x.share(tick.value))
        anchor = ' text-anchor="start"' if place < 0.02 else ' text-anchor="end"' if place > 0.98 else ""
        minor = ' class="minor"' if tick.is_minor else ""
        at = f"{100 * place:.4g}%"
        texts.append(f'<text{minor} x="{at}" y="{height + 17}"{anchor}>{attribute(tick.text)}</text>')
        if x.unit != "name":
            lines.append(f'<line x1="{at}" x2="{at}" y1="{height}" y2="{height + 4}"/>')
    base = f'<line x1="0" x2="100%" y1="{height}" y2="{height}"/>'
    return f'<g class="base">{base}{"".join(lines)}</g><g class="ticks-x">{"".join(texts)}</g>'


def _x_title(x: Axis, height: int) -> str:
    if not x.title:
        return ""
    return f'<text class="axis-title" x="100%" y="{height + LABELS + 10}">{attribute(x.title)}</text>'
