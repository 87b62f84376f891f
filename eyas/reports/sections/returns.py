"""Sections of the equity curve: its calendar, its distribution, its falls, and how its figures rolled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.reports.folds.calendar import MONTHS, fitting_returns, monthly_returns, period_returns
from eyas.reports.folds.distribution import returns_distribution
from eyas.reports.folds.rolling import Rolling, rolling
from eyas.reports.folds.underwater import Underwater, underwater
from eyas.reports.remarks import duration
from eyas.reports.sections.section import Section
from eyas.reports.sections.sentences import quantile_text
from eyas.reports.svg.bars import Bar, bar_chart, histogram
from eyas.reports.svg.lines import Line, area_chart, line_chart
from eyas.reports.svg.picture import nothing
from eyas.reports.svg.tables import Column, heat_table, table
from eyas.reports.svg.text import NOTHING, percent_text
from eyas.reports.svg.time_axis import moment

if TYPE_CHECKING:
    from eyas.metrics.curve import Curve

YEARS_MAX = 60
NUMBERED = 5
NUMBER_ROOM = 0.025
STILL = "not yet"
IN_TURN = "The symbols ran one after the other, so there is no one line of time to draw on."


def monthly_section(curve: Curve) -> Section:
    """Return the table of the returns of all months and years."""
    found = monthly_returns(curve)
    title = "Returns by month and year"
    if found.sentence:
        return Section("monthly", title, nothing(found.sentence), wide=True)
    years = [str(year) for year in found.years[-YEARS_MAX:]]
    html = heat_table(
        "Return of each month and year, in percent",
        years,
        MONTHS,
        found.rates[-YEARS_MAX:],
        totals=("Year", found.totals[-YEARS_MAX:]),
    )
    note = "In percent, by the calendar in UTC; the first and the last month and year as far as the run went."
    if len(found.years) > YEARS_MAX:
        note += f" The last {YEARS_MAX} of {len(found.years):,} years."
    return Section("monthly", title, html, note, wide=True)


def period_section(curve: Curve, benchmark: Curve | None = None, name: str = "") -> Section:
    """Return the bars of the returns of years, or of shorter periods where there is only one year."""
    found = fitting_returns(curve)
    title = f"Return by {found.unit}"
    if found.sentence:
        return Section("periods", title, nothing(found.sentence))
    others = None
    if benchmark is not None:
        theirs = period_returns(benchmark, found.unit)
        by_time = dict(zip(theirs.time.tolist(), theirs.rates.tolist(), strict=True))
        times = found.time[-YEARS_MAX:].tolist()
        others = (name, np.array([by_time.get(time, math.nan) for time in times]))
    names = [_short(one, found.unit) for one in found.names][-YEARS_MAX:]
    rates = found.rates[-YEARS_MAX:].tolist()
    theirs_said = [""] * len(names) if others is None else [_said(name, rate) for rate in others[1].tolist()]
    bars = [Bar(*one) for one in zip(names, rates, theirs_said, strict=True)]
    html = bar_chart(f"Return of each {found.unit}", bars, "rate", others=others)
    note = f"The first and the last {found.unit} are as far as the run went."
    if found.unit != "year":
        note += f" {_span(curve)}"
    if len(found.time) > YEARS_MAX:
        note += f" The last {YEARS_MAX} of {len(found.time):,}."
    return Section("periods", title, html, note)


def distribution_section(curve: Curve) -> Section:
    """Return the histogram of the daily returns, of those of bars where the run had few days."""
    found = returns_distribution(curve)
    title = "Distribution of daily returns" if "daily" in found.of else "Distribution of the returns of bars"
    if found.sentence:
        return Section("returns", title, nothing(found.sentence))
    return Section("returns", title, histogram(title, found, title="Number of returns"), quantile_text(found))


def drawdown_section(curve: Curve) -> Section:
    """Return the underwater curve with its deepest falls numbered, and their table."""
    found = underwater(curve)
    title = "Deepest drawdowns"
    if not found.worst:
        return Section("drawdowns", title, nothing(found.sentence), wide=True)
    html = nothing(IN_TURN) if len(curve.restarts) else _underwater_picture(found)
    note = "From the highest equity so far to the first that is as high again. Times are UTC."
    return Section("drawdowns", title, html + _drawdown_table(curve, found), note, wide=True)


def rolling_section(curve: Curve, benchmark: Curve | None = None, name: str = "") -> Section:
    """Return the rolling return, volatility, Sharpe and Sortino ratio, and the beta against a benchmark."""
    found = rolling(curve, benchmark)
    if found.sentence:
        return Section("rolling", "Rolling figures", nothing(found.sentence), wide=True)
    title = f"Rolling figures of {found.name}"
    note = (
        f"Each point looks back on {found.name} with a return; volatility and ratios are scaled to a year, "
        f"from {'daily returns' if found.unit == 'days' else 'returns of bars'} and a risk-free rate of 0 %."
    )
    pictures = _rolling_pictures(found, name)
    style = "pictures five" if len(pictures) == 5 else "pictures"
    html = f'<div class="{style}">{"".join(pictures)}</div>'
    return Section("rolling", title, html, note, wide=True)


def _rolling_pictures(found: Rolling, benchmark: str) -> list[str]:
    shown = [
        ("Return", found.total_return, "rate"),
        ("Volatility a year", found.volatility, "rate"),
        ("Sharpe ratio", found.sharpe, "ratio"),
        ("Sortino ratio", found.sortino, "ratio"),
    ]
    if found.beta is not None:
        shown.append((f"Beta against {benchmark}", found.beta, "ratio"))
    pictures = []
    for name, values, unit in shown:
        if not np.isfinite(values).any():
            pictures.append(nothing("It cannot be said of any window.", name))
            continue
        label = f"{name}, rolling over {found.name}."
        pictures.append(
            line_chart(label, found.time, [Line(name, values)], unit, include=[0.0], title=name, height=130)
        )
    return pictures


def _underwater_picture(found: Underwater) -> str:
    start = int(found.time.min())
    room = NUMBER_ROOM * float(found.time.max() - start)
    numbers: list[tuple[float, float, str]] = []
    for number, one in enumerate(found.worst[:NUMBERED], 1):
        at = float(one.bottom_ns - start)
        if all(abs(at - other) >= room for other, _, _ in numbers):
            numbers.append((at, -one.depth, str(number)))
    deepest = Line("Below the highest equity", found.depth, "underwater")
    return area_chart(
        "How far equity was below its highest.",
        found.time,
        [deepest],
        title=deepest.name,
        extra=numbers,
        height=130,
    )


def _drawdown_table(curve: Curve, found: Underwater) -> str:
    span = int(curve.years * 365.25 * 86_400e9)
    has_lengths = not len(curve.restarts)
    rows = []
    for number, one in enumerate(found.worst, 1):
        up = one.recovery_length_ns
        rows.append(
            [
                str(number),
                percent_text(one.depth),
                moment(one.start_ns, span),
                moment(one.bottom_ns, span),
                STILL if one.recovery_ns is None else moment(one.recovery_ns, span),
                duration(one.length_ns) if has_lengths else NOTHING,
                (STILL if up is None else duration(up)) if has_lengths else NOTHING,
                f"{one.bars:,}",
            ]
        )
    titles = ("Depth", "From", "Bottom", "Recovered", "Length", "Bottom to recovery", "Bars")
    columns = [Column("No.", is_number=False)]
    columns += [Column(title, is_number=title in ("Depth", "Bars")) for title in titles]
    return table("The deepest drawdowns", columns, rows)


def _said(name: str, rate: float) -> str:
    return f"{name} {percent_text(rate)}" if math.isfinite(rate) else ""


def _short(name: str, unit: str) -> str:
    """Return the name of a period as an axis has it: months and days without their year."""
    return name if unit == "year" else name.rsplit(" ", 1)[0]


def _span(curve: Curve) -> str:
    first, last = (
        str(np.datetime64(int(curve.time[0]), "ns"))[:10],
        str(np.datetime64(int(curve.time[-1]), "ns"))[:10],
    )
    return f"From {first} to {last}."
