"""Several runs side by side as one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.reports.benchmark import curve_of
from eyas.reports.folds.calendar import period_returns
from eyas.reports.html import inlined, template_of, write_whole
from eyas.reports.page import ASSETS as SHARED
from eyas.reports.svg.lines import Line, line_chart
from eyas.reports.svg.tables import heat_table

if TYPE_CHECKING:
    from eyas.reports.comparison.comparison import Comparison
    from eyas.reports.metrics import Figure

ASSETS = Path(__file__).parent / "assets"
STYLES = (*(SHARED / name for name in ("style.css", "sections.css")), ASSETS / "comparison.css")
SCRIPTS = {"early": (SHARED / "early.js",), "script": (SHARED / "theme.js", ASSETS / "comparison.js")}
PERIODS = (("year", 3), ("month", 2), ("day", 1))  # the longest of which there are so many
PERIODS_MAX = 36


class Row(NamedTuple):
    """Hold one figure of all runs: its label, its definition, and text and whether it is best of each."""

    label: str
    explained: str
    cells: list[tuple[str, bool]]


def write_comparison(comparison: Comparison, path: str | Path) -> Path:
    """Write the page of a comparison, whole or not at all, and return its path.

    Raises UsageError when the folder is missing or cannot be written to.
    """
    return write_whole(render(comparison), path)


def render(comparison: Comparison) -> str:
    """Return the page as HTML text."""
    from markupsafe import Markup

    return template_of(ASSETS / "comparison.html.jinja").render(
        **inlined(STYLES, SCRIPTS),
        comparison=comparison,
        runs=runs_of(comparison),
        groups=groups_of(comparison),
        growth=Markup(growth_chart(comparison)),
        falls=Markup(fall_chart(comparison)),
        periods=[(title, Markup(text)) for title, text in period_tables(comparison)],
        together=Markup(correlation_table(comparison)),
        apart=[one for one in comparison.settings if one.differs],
        alike=[one for one in comparison.settings if not one.differs],
    )


def runs_of(comparison: Comparison) -> list[dict[str, Any]]:
    """Return what the head of the page says of each run."""
    return [
        {
            "name": name,
            "title": report.title,
            "style": style_of(place),
            "from": report.summary.start[:10],
            "to": report.summary.end[:10],
            "digest": report.journal.digest,
            "remarks": report.remarks(),
        }
        for place, (name, report) in enumerate(comparison.reports.items())
    ]


def groups_of(comparison: Comparison) -> list[tuple[str, list[Row]]]:
    """Return the figures in groups; those that no run has are left out."""
    first = next(iter(comparison.reports.values())).metrics
    found = []
    for title, figures in first.groups():
        rows = [row_of(comparison, one) for one in figures]
        shown = [row for row in rows if any(text != "n/a" for text, _ in row.cells)]
        if shown:
            found.append((title, shown))
    return found


def row_of(comparison: Comparison, figure: Figure) -> Row:
    """Return one figure of all runs."""
    best = comparison.best(figure.name)
    cells = [(one.text, place in best) for place, one in enumerate(comparison.figures(figure.name))]
    return Row(figure.label, str(figure.definition), cells)


def growth_chart(comparison: Comparison) -> str:
    """Return the growth of the money of each run as a picture."""
    found = comparison.aligned
    if len(found.time) < 2:
        return "<p class='empty'>The runs have a day or less: there is no curve to draw.</p>"
    lines = [
        Line(name, found.growth[:, place] - 1, style_of(place)) for place, name in enumerate(comparison.names)
    ]
    return line_chart(
        "Return since the start of each run", found.time, lines, "rate", include=[0.0], height=320
    )


def fall_chart(comparison: Comparison) -> str:
    """Return the drawdown of each run as a picture, empty where there is no curve."""
    found = comparison.aligned
    if len(found.time) < 2:
        return ""
    falls = found.drawdowns()
    lines = [Line(name, falls[:, place], style_of(place)) for place, name in enumerate(comparison.names)]
    return line_chart("Drawdown of each run", found.time, lines, "rate", include=[0.0])


def style_of(place: int) -> str:
    """Return the class of a run's line: six colours, then the same ones dashed."""
    return ("ink", "1", "2", "3", "4", "5")[place % 6] + ("" if place < 6 else "-dashed")


def period_tables(comparison: Comparison) -> list[tuple[str, str]]:
    """Return a table of the returns of years (months, days) with a row for each run, where they are known."""
    curves = [curve_of(report) for report in comparison.reports.values()]
    for unit, least in PERIODS:
        found = [period_returns(curve, unit) for curve in curves]
        starts = np.unique(np.concatenate([one.time for one in found])) if found else np.empty(0, np.int64)
        if least <= len(starts) <= PERIODS_MAX:
            names = {int(time): name for one in found for time, name in zip(one.time, one.names, strict=True)}
            rates = np.full((len(found), len(starts)), np.nan)
            for place, one in enumerate(found):
                rates[place, np.searchsorted(starts, one.time)] = one.rates
            caption = f"Return of each {unit}, %"
            columns = [names[int(time)] for time in starts]
            return [(caption, heat_table(caption, comparison.names, columns, rates, corner="Run"))]
    return []


def correlation_table(comparison: Comparison) -> str:
    """Return how the daily returns go together, as a table; empty where nothing can be said."""
    found = comparison.correlations
    if not np.isfinite(found[~np.eye(len(found), dtype=np.bool_)]).any():
        return ""
    names = comparison.names
    return heat_table(
        "Correlation of daily returns, in hundredths", names, names, found, corner="Run", decimals=0
    )
