"""Lines and areas over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.reports.downsample import lttb
from eyas.reports.svg.axis import Axis, linear_axis
from eyas.reports.svg.picture import (
    HEIGHT,
    HIGH_UNITS,
    WIDE_UNITS,
    Key,
    percent_of,
    picture,
    pixel_of,
    stretched,
    units,
)
from eyas.reports.svg.text import attribute, value_text
from eyas.reports.svg.time_axis import moment, since_start, time_axis

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS_MAX = 360
STRIPS_MAX = 60


class Line(NamedTuple):
    """Hold one line: its name, a value for each time (NaN: interrupted) and its style, a class.

    One that `is_step` keeps a value until the next time (areas alone).
    """

    name: str
    values: NDArray[np.float64]
    style: str = "ink"
    is_step: bool = False


def line_chart(
    label: str,
    time_ns: NDArray[np.int64],
    lines: Sequence[Line],
    unit: str = "ratio",
    *,
    include: Sequence[float] = (),
    title: str = "",
    height: int = HEIGHT,
) -> str:
    """Return lines over time as HTML: each has a value for each time; long ones are thinned for the eye.

    Two lines or more are named in a key. Strips over the picture say the numbers on hover.
    """
    x = time_axis(time_ns)
    shown = np.concatenate([line.values for line in lines])
    y = linear_axis(shown, unit, include=include, ticks=_ticks(height), title=title)
    drawn = "".join(line_mark(x, y, time_ns, line) for line in lines)
    keys = [Key(f"line-{line.style}", line.name) for line in lines] if len(lines) > 1 else []
    marks = [stretched(drawn, height), strips(x, time_ns, lines, unit, height)]
    return picture(_described(label, time_ns, lines, unit), x, y, marks, keys=keys, height=height)


def area_chart(
    label: str,
    time_ns: NDArray[np.int64],
    areas: Sequence[Line],
    unit: str = "rate",
    *,
    title: str = "",
    extra: Sequence[tuple[float, float, str]] = (),
    height: int = HEIGHT,
) -> str:
    """Return areas between zero and each line as HTML, such as drawdowns, or long above and short below.

    `extra` are texts at (nanoseconds since the first, value).
    """
    x = time_axis(time_ns)
    shown = np.concatenate([area.values for area in areas])
    include = [0.0, *(value * (1 + 18 / height) for _, value, _ in extra)]  # with room for the texts
    y = linear_axis(shown, unit, include=include, ticks=_ticks(height), title=title)
    drawn = "".join(area_mark(x, y, time_ns, area) for area in areas)
    keys = [Key(f"fill-{area.style}", area.name) for area in areas] if len(areas) > 1 else []
    texts = "".join(
        f'<text class="mark-text" x="{percent_of(x, at)}" y="{pixel_of(y, value, height)}" dy="13">'
        f"{attribute(text)}</text>"
        for at, value, text in extra
    )
    marks = [stretched(drawn, height), texts, strips(x, time_ns, areas, unit, height)]
    return picture(_described(label, time_ns, areas, unit), x, y, marks, keys=keys, height=height)


def line_mark(x: Axis, y: Axis, time_ns: NDArray[np.int64], line: Line) -> str:
    """Return one line as an SVG path, with a gap where a value is NaN."""
    across, values = since_start(time_ns), np.asarray(line.values, np.float64)
    rows = lttb(across, values, POINTS_MAX)
    return f'<path class="line-{line.style}" d="{path_of(x, y, across[rows], values[rows])}"/>'


def area_mark(x: Axis, y: Axis, time_ns: NDArray[np.int64], area: Line) -> str:
    """Return the area between the base and a line as an SVG path; NaN is at the base."""
    across = since_start(time_ns)
    values = np.where(np.isfinite(area.values), area.values, y.base)
    if area.is_step:
        across, values = np.repeat(across, 2)[1:], np.repeat(values, 2)[:-1]
    if not len(values):
        return ""
    ends = [across[:1], across, across[-1:]]
    closed = np.concatenate([[y.base], values, [y.base]])
    return f'<path class="fill-{area.style}" d="{path_of(x, y, np.concatenate(ends), closed)}Z"/>'


def path_of(x: Axis, y: Axis, across: NDArray[np.float64], values: NDArray[np.float64]) -> str:
    """Return the data of a path through points; it is lifted over what is not finite.

    >>> axis = Axis(0.0, 1.0)
    >>> path_of(axis, axis, np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.5]))
    'M0 2000L2000 0 4000 1000'
    """
    parts: list[str] = []
    finite = np.isfinite(values)
    lefts = units(x, across, WIDE_UNITS)
    tops = units(y, np.where(finite, values, y.low), HIGH_UNITS, is_upward=True)
    length = 0  # of the stretch that is being drawn
    for left, top, is_known in zip(lefts, tops, finite.tolist(), strict=True):
        if not is_known:
            length = 0
            continue
        parts.append(("M", "L", " ")[min(length, 2)] + f"{left} {top}")
        length += 1
    return "".join(parts)


def strips(
    x: Axis, time_ns: NDArray[np.int64], lines: Sequence[Line], unit: str, height: int = HEIGHT
) -> str:
    """Return invisible strips, each with the values of the row in its middle as a tooltip."""
    count = min(STRIPS_MAX, len(time_ns))
    if count < 2 or x.high <= x.low:
        return ""
    across = since_start(time_ns)
    span = int(time_ns.max() - time_ns.min())
    found, width = [], 100 / count
    for number in range(count):
        middle = (number + 0.5) / count * x.high
        row = min(len(across) - 1, int(np.searchsorted(across, middle)))
        if row and middle - across[row - 1] < across[row] - middle:
            row -= 1
        said = [
            (f"{line.name} " if len(lines) > 1 else "") + value_text(float(line.values[row]), unit)
            for line in lines
        ]
        text = attribute(", ".join([moment(int(time_ns[row]), span), *said]))
        found.append(f'<rect x="{number * width:.4g}%" width="{width:.4g}%"><title>{text}</title></rect>')
    return f'<svg class="strips" width="100%" height="{height}">{"".join(found)}</svg>'


def _ticks(height: int) -> int:
    """Return about how many ticks have room beside a picture."""
    return max(2, height // 38)


def _described(label: str, time_ns: NDArray[np.int64], lines: Sequence[Line], unit: str) -> str:
    """Return a label with what the lines say in numbers."""
    parts = [label]
    for line in lines:
        known = line.values[np.isfinite(line.values)]
        if len(known):
            low, high, last = (value_text(float(one), unit) for one in (known.min(), known.max(), known[-1]))
            parts.append(f"{line.name}: lowest {low}, highest {high}, last {last}.")
    if len(time_ns):
        span = int(time_ns.max() - time_ns.min())
        first, last = moment(int(time_ns.min()), span), moment(int(time_ns.max()), span)
        parts.insert(1, f"From {first} to {last}.")
    return " ".join(parts)
