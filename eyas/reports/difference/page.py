"""The difference of two runs as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from eyas.reports.difference.context import KINDS
from eyas.reports.difference.naming import CAUSES, NAMES
from eyas.reports.difference.printing import headline, money, sides, trade_texts, when, whose
from eyas.reports.html import inlined, template_of, write_whole
from eyas.reports.page import ASSETS as SHARED

if TYPE_CHECKING:
    from eyas.reports.difference.difference import Difference, Pair

ASSETS = Path(__file__).parent / "assets"
STYLES = (SHARED / "style.css", ASSETS / "difference.css")
SCRIPTS = {
    "early": (SHARED / "early.js",),
    "script": (SHARED / "theme.js", ASSETS / "difference.js"),
}
TRADES_MAX = 1_000
DETAIL_MAX = 400
POINTS_MAX = 600
WIDTH, HEIGHT = 1000.0, 160.0
UNIT = 1e16


class Bar(NamedTuple):
    """One cause as a bar: where it begins and how wide it is, in percent of the room."""

    name: str
    text: str
    trades: str
    money: str
    sign: str
    left: float
    width: float


class Line(NamedTuple):
    """The money between the runs, trade by trade, as a line in a box of 1000 by 160."""

    points: str
    zero: float
    top: str
    bottom: str
    title: str


def write_difference(difference: Difference, path: str | Path) -> Path:
    """Write the page of a difference, whole or not at all, and return its path.

    Raises UsageError when the folder is missing or cannot be written to.
    """
    return write_whole(render(difference), path)


def render(difference: Difference) -> str:
    """Return the page as HTML text; of many trades the first thousand that differ."""
    differing = difference.differing
    return template_of(ASSETS / "difference.html.jinja").render(
        **inlined(STYLES, SCRIPTS),
        difference=difference,
        sides=sides(difference),
        digests=[difference.a.digest, difference.b.digest],
        headline=headline(difference),
        bars=bars_of(difference),
        total=money(difference.units, signed=True),
        line=line_of(difference),
        kinds=KINDS,
        names={name: NAMES[name] for name in difference.counts if name != "equal"},
        detail_max=DETAIL_MAX,
        pairs=[row_of(pair) for pair in differing[:TRADES_MAX]],
        more=len(differing) - min(len(differing), TRADES_MAX),
    )


def bars_of(difference: Difference) -> list[Bar]:
    """Return the causes with money or trades as bars around zero, the largest first."""
    causes, counts = difference.cause_units, difference.counts
    names = sorted({*causes, *counts} - {"equal"}, key=lambda name: -abs(causes.get(name, 0)))
    values = [causes.get(name, 0) / UNIT for name in names]
    low, high = min([0.0, *values]), max([0.0, *values])
    room = (high - low) or 1.0
    return [
        Bar(
            name,
            CAUSES[name],
            f"{counts[name]:,}" if name in counts else "",
            money(causes.get(name, 0), signed=True),
            sign_of(value),
            round(100 * (min(value, 0.0) - low) / room, 2),
            round(100 * abs(value) / room, 2),
        )
        for name, value in zip(names, values, strict=True)
    ]


def sign_of(value: float) -> str:
    """Return gain, loss or nothing, which is also the class of its colour."""
    return "gain" if value > 0 else "loss" if value < 0 else ""


def line_of(difference: Difference) -> Line | None:
    """Return the money between the runs after each trade, by entry; None where one differs at most."""
    differing = difference.differing
    if len(differing) < 2:
        return None
    sums = list(accumulate((pair.units / UNIT for pair in difference.pairs), initial=0.0))
    shown = thinned(sums)
    low, high = min(shown), max(shown)
    room = (high - low) or 1.0
    step = WIDTH / (len(sums) - 1)
    points = " ".join(
        f"{place * step:.1f},{HEIGHT * (high - sums[place]) / room:.1f}" for place in places(sums)
    )
    last = when(difference.pairs[-1].known.entry_ns)
    return Line(
        points=points,
        zero=round(HEIGHT * high / room, 1),
        top=money(round(high * UNIT), signed=True),
        bottom=money(round(low * UNIT), signed=True),
        title=f"After {len(difference.pairs):,} trades, to {last}, they made B {sums[-1]:+,.2f} against A.",
    )


def thinned(values: Sequence[float]) -> list[float]:
    """Return the values that are drawn."""
    return [values[place] for place in places(values)]


def places(values: Sequence[float]) -> list[int]:
    """Return which values are drawn: of every stretch the lowest and the highest, for the eye."""
    if len(values) <= POINTS_MAX:
        return list(range(len(values)))
    stretch = -(-2 * len(values) // POINTS_MAX)
    found = {0, len(values) - 1}
    for start in range(0, len(values), stretch):
        part = range(start, min(start + stretch, len(values)))
        found |= {min(part, key=values.__getitem__), max(part, key=values.__getitem__)}
    return sorted(found)


def row_of(pair: Pair) -> dict[str, object]:
    """Return what the list says of a pair."""
    causes = [f"{name} {money(part, signed=True)}" for name, part in pair.parts.items()]
    return {
        "name": pair.name,
        "text": NAMES[pair.name],
        "whose": whose(pair),
        "a": trade_texts(pair.a),
        "b": trade_texts(pair.b),
        "changed": [
            one != other for one, other in zip(trade_texts(pair.a), trade_texts(pair.b), strict=True)
        ],
        "money": money(pair.units, signed=True),
        "sign": sign_of(pair.units),
        "causes": ", ".join(causes),
    }
