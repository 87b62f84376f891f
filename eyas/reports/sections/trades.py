"""Sections of the trades: their results, how far they ran, when they began, why they ended."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.reports.excursions import excursion_frame
from eyas.reports.folds.distribution import distribution
from eyas.reports.folds.excursions import ExcursionPoints, excursion_points
from eyas.reports.folds.groups import Groups, grouped_trades
from eyas.reports.sections.section import Section
from eyas.reports.sections.sentences import quantile_text
from eyas.reports.svg.axis import Axis, linear_axis
from eyas.reports.svg.bars import Bar, bar_chart, histogram
from eyas.reports.svg.picture import nothing
from eyas.reports.svg.points import Guide, Points, scatter
from eyas.reports.svg.tables import Cell, Column, table
from eyas.reports.svg.text import number_text, percent_text, signed_percent

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.metrics.grouped import By
    from eyas.metrics.trades import Trades
    from eyas.reports.report import Report

NO_TRADES = "No trade was closed."
FEW = 5
FAR = 2.5
FEWEST_TO_HOLD = 50
MOMENTS: tuple[tuple[By, str], ...] = (
    ("hour", "Hour of entry, UTC"),
    ("weekday", "Weekday of entry, UTC"),
    ("month", "Month of entry, UTC"),
)
KINDS: tuple[tuple[By, str], ...] = (("side", "Side"), ("exit_reason", "Why it ended"))


def result_section(trades: pl.DataFrame) -> Section:
    """Return the histogram of what trades earned, as a fraction of the money entered."""
    title = "Distribution of trades"
    found = distribution(trades["profit_rate"].to_numpy(), of="trades")
    if found.sentence:
        return Section("results", title, nothing(found.sentence if len(trades) else NO_TRADES))
    if found.is_constant:
        said = f"The one trade came to {signed_percent(found.mean)}"
        all_same = f"All {found.count:,} trades came to {signed_percent(found.mean)}"
        return Section("results", title, nothing(f"{said if found.count == 1 else all_same}, net of fees."))
    html = histogram("Results of trades", found, title="Number of trades")
    return Section(
        "results", title, html, f"{quantile_text(found)} Results are net of fees, over the money entered."
    )


def excursion_section(report: Report) -> Section:
    """Return how far each trade ran against and for itself, beside its result."""
    title = "Excursions"
    if not len(report.trades):
        return Section("excursions", title, nothing(NO_TRADES), wide=True)
    found = excursion_points(report.trades, excursion_frame(report))
    if found.sentence:
        return Section("excursions", title, nothing(found.sentence), wide=True)
    html = f'<div class="pictures">{excursion_pictures(found, report.trades["ticket"].to_numpy())}</div>'
    ratio = found.edge_ratio
    note = (
        f"In the mean a trade ran {percent_text(found.mean_favourable)} for itself and "
        f"{percent_text(-found.mean_adverse)} against itself"
        f"{'' if math.isnan(ratio) else f', an edge ratio of {number_text(ratio)}'}. "
        "Excursions are before fees, results after them, all over the money entered."
    )
    if any(far_of(values) for values in (found.result, found.favourable, found.adverse)):
        note += " The few that lie beyond the edges stand at them."
    if len(found.row) < found.count:
        note += f" {len(found.row):,} of {found.count:,} trades are drawn, the furthest among them."
    return Section("excursions", title, html, note, wide=True)


def excursion_pictures(found: ExcursionPoints, tickets: NDArray[np.generic]) -> str:
    """Return the two pictures: adverse and favourable excursion against the result."""
    titles = [
        f"Trade {ticket}: result {signed_percent(result)}, ran {percent_text(up)} for itself, "
        f"{percent_text(-down)} against itself"
        for ticket, result, up, down in zip(
            tickets[found.row].tolist(), found.result, found.favourable, found.adverse, strict=True
        )
    ]
    is_gain = found.result > 0
    result, y = held(found.result, "Result")
    against, left = held(-found.adverse, "Furthest against the trade (MAE)")
    favour, right = held(found.favourable, "Furthest for the trade (MFE)")
    reach, top = min(left.high, -y.low), min(right.high, y.high)
    adverse = scatter(
        "Result of each trade by how far it ran against itself.",
        left,
        y,
        Points(against, result, is_gain, titles),
        guide=Guide((0.0, 0.0), (reach, -reach), "closed at its worst") if reach > 0 else None,
    )
    favourable = scatter(
        "Result of each trade by how far it ran for itself.",
        right,
        y,
        Points(favour, result, is_gain, titles),
        guide=Guide((0.0, 0.0), (top, top), "closed at its best") if top > 0 else None,
    )
    return adverse + favourable


def held(values: NDArray[np.float64], title: str) -> tuple[NDArray[np.float64], Axis]:
    """Return values and an axis for nearly all of them: a few that are far beyond are held to its ends."""
    far = far_of(values)
    axis = linear_axis(far or values, "rate", include=[0.0], title=title)
    return np.clip(values, axis.low, axis.high), axis


def far_of(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return between which numbers nearly all values lie, where others are so far that they hide these."""
    if len(values) < FEWEST_TO_HOLD:
        return None
    low, high = (float(one) for one in np.quantile(values, (0.005, 0.995)))
    size = max(abs(low), abs(high))
    return (low, high) if size and float(np.abs(values).max()) > FAR * size else None


def moment_section(trades: Trades) -> Section:
    """Return the mean result of trades by hour, weekday and month of their entry."""
    title = "When trades began"
    if not len(trades):
        return Section("moments", title, nothing(NO_TRADES), wide=True)
    pictures = "".join(_moment_picture(grouped_trades(trades, by), name) for by, name in MOMENTS)
    note = f"Mean result of the trades that began then; pale where they are fewer than {FEW}."
    return Section("moments", title, f'<div class="pictures three">{pictures}</div>', note, wide=True)


def group_section(trades: Trades) -> Section:
    """Return tables of the trades by side and by why they ended."""
    title = "Trades by side and by exit"
    if not len(trades):
        return Section("groups", title, nothing(NO_TRADES), wide=True)
    tables = "".join(group_table(grouped_trades(trades, by), name) for by, name in KINDS)
    note = (
        "A trade is won when its profit, net of fees, is above zero. "
        f"A mean of fewer than {FEW} trades says little."
    )
    return Section("groups", title, f'<div class="pictures">{tables}</div>', note, wide=True)


def group_table(found: Groups, name: str) -> str:
    """Return a table with a row a group: its trades, the share won, the mean result, the profit."""
    titles = ("Trades", "Won", "Mean result", "Profit")
    columns = [Column(name, is_number=False), *map(Column, titles)]
    rows: list[list[str | Cell]] = []
    for place in range(len(found)):
        mean, profit = float(found.mean_rate[place]), float(found.profit[place])
        rows.append(
            [
                found.names[place].replace("_", " "),
                f"{found.count[place]:,}",
                percent_text(float(found.won[place])),
                Cell(signed_percent(mean), _style(mean)),
                Cell(number_text(profit), _style(profit)),
            ]
        )
    return f"<div>{table(f'Trades by {name.lower()}', columns, rows)}</div>"


def _moment_picture(found: Groups, title: str) -> str:
    there = [name for name, count in zip(found.names, found.count.tolist(), strict=True) if count]
    if len(there) == 1:
        when = {"hour": f"from {there[0]}:00 to {there[0]}:59", "weekday": f"on {there[0]}"}
        return nothing(f"All trades began {when.get(found.by, f'in {there[0]}')}.", title)
    bars = [
        Bar(name, mean, f"{count:,} trade{'' if count == 1 else 's'}", is_pale=count < FEW)
        for name, mean, count in zip(found.names, found.mean_rate.tolist(), found.count.tolist(), strict=True)
    ]
    return bar_chart(f"Mean result by {title.lower()}", bars, "rate", title=title)


def _style(amount: float) -> str:
    return "gain" if amount > 0 else "loss" if amount < 0 else ""
