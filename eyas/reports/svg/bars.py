"""Bars for named things, and histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.reports.svg.axis import Axis, Tick, band_axis, linear_axis
from eyas.reports.svg.lines import path_of
from eyas.reports.svg.picture import HEIGHT, Key, percent_of, picture, pixel_of, stretched
from eyas.reports.svg.text import attribute, decimals_for, number_text, percent_text, value_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.folds.distribution import Distribution

FILLED, FEW = 0.72, 4
TEXTS_MAX, TEXTS_NARROW_MAX = 14, 7
LETTERS_NARROW_MAX, LETTERS_MAX = 38, 60
LISTED_IN_ONE_COLUMN = 6
SAID_MAX = 40
TEXT_ROOM = 0.08


class Bar(NamedTuple):
    """Hold one bar: its name, its value (NaN: none), what else its tooltip says; pale says little."""

    name: str
    value: float
    note: str = ""
    is_pale: bool = False


def bar_chart(
    label: str,
    bars: Sequence[Bar],
    unit: str = "rate",
    *,
    others: tuple[str, NDArray[np.float64]] | None = None,
    title: str = "",
) -> str:
    """Return bars as HTML, gains and losses in their colours; few of them carry their numbers.

    `others` are named values, one for each bar (NaN: none), that a line marks across it, such as those of a
    benchmark.
    """
    x = band_axis([bar.name for bar in bars])
    values = np.array([bar.value for bar in bars])
    shown = values if others is None else np.concatenate([values, others[1]])
    has_texts = len(bars) <= TEXTS_MAX
    y = linear_axis(shown, unit, include=[0.0, *(_room_for_texts(values) if has_texts else [])], title=title)
    marks = [bars_mark(x, y, bars, unit)]
    if others is not None:
        marks.append(_crossing_lines(x, y, others[1]))
    if has_texts:
        marks.append(_texts_on_bars(x, y, values, unit))
    keys = []
    if others is not None:
        keys = [Key("loss", "loss"), Key("gain", "gain"), Key("line-benchmark", others[0])]
    said = ", ".join(f"{bar.name} {value_text(bar.value, unit)}" for bar in bars)
    return picture(f"{label}: {said}." if len(bars) <= SAID_MAX else f"{label}.", x, y, marks, keys=keys)


def bar_list(label: str, bars: Sequence[Bar], unit: str = "money") -> str:
    """Return named bars as a list of HTML, a line each with its number: for many names, or long ones.

    All stand around one zero, and share one scale. Those without a number are left out.
    """
    known = [bar for bar in bars if math.isfinite(bar.value)]
    low = min([0.0, *(bar.value for bar in known)])
    span = max([0.0, *(bar.value for bar in known)]) - low or 1.0
    lines = []
    for bar in known:
        style = "gain" if bar.value > 0 else "loss" if bar.value < 0 else ""
        left, width = 100 * (min(bar.value, 0.0) - low) / span, 100 * abs(bar.value) / span
        drawn = f'<i class="{style}" style="left:{left:.4g}%;width:{width:.4g}%"></i>' if style else ""
        note = f' title="{attribute(bar.note)}"' if bar.note else ""
        lines.append(
            f'<li{note}><span class="name">{attribute(bar.name)}</span><span class="room">{drawn}</span>'
            f'<span class="number">{value_text(bar.value, unit)}</span></li>'
        )
    zero = f"--zero:{-100 * low / span:.4g}%"
    few = " few" if len(known) <= LISTED_IN_ONE_COLUMN else ""
    return f'<ul class="bar-list{few}" aria-label="{attribute(label)}" style="{zero}">{"".join(lines)}</ul>'


def bars_mark(x: Axis, y: Axis, bars: Sequence[Bar], unit: str) -> str:
    """Return bars as SVG; what is above zero is a gain, what is below it a loss."""
    found = []
    filled = FILLED * min(1.0, len(bars) / FEW)
    for place, bar in enumerate(bars):
        if not math.isfinite(bar.value):
            continue
        text = attribute(f"{bar.name}: {value_text(bar.value, unit)}{', ' if bar.note else ''}{bar.note}")
        left = percent_of(x, place - filled / 2)
        width = 100 * filled / (x.high - x.low)
        style = ("gain" if bar.value > 0 else "loss") + (" pale" if bar.is_pale else "")
        found.append(_bar(y, left, width, bar.value, style, text))
    return f'<g class="bars">{"".join(found)}</g>'


def histogram(label: str, found: Distribution, *, title: str = "", height: int = HEIGHT) -> str:
    """Return a distribution as HTML: bars of gains and losses, mean and median, and the normal curve.

    The tooltip of each bar says how many of how many it holds. What lies beyond the picture is counted at
    its sides.
    """
    edges = found.edges
    step = float(edges[1] - edges[0])
    x = _edge_axis(edges, step)
    shown = np.concatenate([found.counts, found.normal])
    top = float(shown.max()) * (1 + 2 * TEXT_ROOM)  # for the texts of mean and median
    y = linear_axis(shown, "count", include=[0.0, top], title=title, ticks=3)
    digits = max(0, decimals_for(100 * step * 0.999))
    bars = []
    for place, count in enumerate(found.counts.tolist()):
        if not count:
            continue
        low, high = float(edges[place]), float(edges[place + 1])
        span = f"{percent_text(low, digits)} to {percent_text(high, digits)}"
        text = attribute(f"{span}: {count:,} of {found.count:,}")
        style = "gain" if low >= -1e-12 * step else "loss"
        width = 100 * (high - low) / (x.high - x.low)
        bars.append(_bar(y, percent_of(x, low), width * 0.94, float(count), style, text, height))
    middles = (edges[1:] + edges[:-1]) / 2
    curve = ""
    if found.normal.any():
        curve = stretched(f'<path class="line-normal" d="{path_of(x, y, middles, found.normal)}"/>', height)
    marks = [f'<g class="bars">{"".join(bars)}</g>', curve, _middles(x, found, height), _outside(found)]
    keys = [Key("loss", "loss"), Key("gain", "gain")]
    if curve:
        keys.append(Key("line-normal", "normal curve of the same mean and deviation"))
    mean, median = percent_text(found.mean), percent_text(found.median)
    said = f"{label}. {found.count:,} {found.of}: mean {mean}, median {median}."
    return picture(said, x, y, marks, keys=keys, height=height)


def _edge_axis(edges: NDArray[np.float64], step: float) -> Axis:
    """Return the axis of a histogram, whose ticks are some of its edges, zero among them."""
    round_ones = linear_axis(edges, "rate", ticks=6)
    ticks = [tick for tick in round_ones.ticks if edges[0] - step / 2 <= tick.value <= edges[-1] + step / 2]
    # Every second one is left off where it is narrow, but never zero.
    zero = next((number for number, tick in enumerate(ticks) if abs(tick.value) < step / 2), 0)
    every = [Tick(tick.value, tick.text, (number - zero) % 2 == 1) for number, tick in enumerate(ticks)]
    return Axis(float(edges[0]), float(edges[-1]), tuple(every), "rate")


def _bar(y: Axis, left: str, width: float, value: float, style: str, text: str, height: int = HEIGHT) -> str:
    """Return one bar between the base of an axis and a value, a pixel high at least."""
    top = float(pixel_of(y, max(value, y.base), height))
    bottom = float(pixel_of(y, min(value, y.base), height))
    if value:
        top = min(top, bottom - 1) if value > 0 else top
        bottom = max(bottom, top + 1)
    return (
        f'<rect class="{style}" x="{left}" width="{width:.4g}%" y="{top:.5g}" height="{bottom - top:.4g}">'
        f"<title>{text}</title></rect>"
    )


def _texts_on_bars(x: Axis, y: Axis, values: NDArray[np.float64], unit: str) -> str:
    """Return the numbers at the ends of the bars; with a digit less where there are many."""
    found = []
    scale = 100 if unit == "rate" else 1
    decimals = min(4, max(1 if unit == "rate" else 0, decimals_for(scale * (y.high - y.low) / 20)))
    texts = [number_text(scale * value, decimals) for value in values.tolist()]
    letters = len(values) * max(map(len, texts), default=0)
    style = "minor" if letters > LETTERS_NARROW_MAX or len(values) > TEXTS_NARROW_MAX else ""
    style = "tight" if letters > LETTERS_MAX else style
    minor = f' class="{style}"' if style else ""
    for place, (value, text) in enumerate(zip(values.tolist(), texts, strict=True)):
        if not math.isfinite(value):
            continue
        shift = -5 if value >= 0 else 13
        found.append(
            f'<text{minor} x="{percent_of(x, place)}" y="{pixel_of(y, value)}" dy="{shift}">{text}</text>'
        )
    return f'<g class="bar-texts">{"".join(found)}</g>'


def _room_for_texts(values: NDArray[np.float64]) -> list[float]:
    """Return what has to be on the axis so that a number fits beyond the longest bar of each side."""
    known = values[np.isfinite(values)]
    low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
    room = TEXT_ROOM * (high - low)
    return [low - room if low < 0 else low, high + room if high > 0 else high]


def _crossing_lines(x: Axis, y: Axis, values: NDArray[np.float64]) -> str:
    found = []
    half = 0.46 * min(1.0, len(values) / FEW)
    for place, value in enumerate(values.tolist()):
        if math.isfinite(value):
            left, right, top = percent_of(x, place - half), percent_of(x, place + half), pixel_of(y, value)
            found.append(f'<line x1="{left}" x2="{right}" y1="{top}" y2="{top}"/>')
    return f'<g class="line-benchmark">{"".join(found)}</g>'


def _middles(x: Axis, found: Distribution, height: int) -> str:
    """Return lines at mean and median, their texts on the sides where they are not in each other's way."""
    parts = []
    mean_is_right = found.mean >= found.median
    for name, value, is_wanted in (
        ("mean", found.mean, mean_is_right),
        ("median", found.median, not mean_is_right),
    ):
        share = float(x.share(value))
        if not 0 <= share <= 1:
            continue
        # Near an end there is no room on its side: there the text goes to the other, a line lower.
        flips = (is_wanted and share > 0.7) or (not is_wanted and share < 0.3)
        anchor, shift = ("start", 5) if is_wanted != flips else ("end", -5)
        at = percent_of(x, value)
        parts.append(f'<line class="{name}" x1="{at}" x2="{at}" y1="0" y2="{height}"/>')
        parts.append(
            f'<text x="{at}" y="{25 if flips else 11}" dx="{shift}" text-anchor="{anchor}">'
            f"{name} {percent_text(value)}</text>"
        )
    return f'<g class="middles">{"".join(parts)}</g>'


def _outside(found: Distribution) -> str:
    """Return how many values lie beyond each side."""
    parts = []
    if found.below:
        parts.append(
            f'<text x="0" y="46" dx="2" text-anchor="start">← {number_text(found.below, 0)} more</text>'
        )
    if found.above:
        parts.append(
            f'<text x="100%" y="46" dx="-2" text-anchor="end">{number_text(found.above, 0)} more →</text>'
        )
    return f'<g class="outside">{"".join(parts)}</g>'
