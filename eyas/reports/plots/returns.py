"""Figures of returns: the months as a heat map, the years as bars, how often returns of which size came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.reports.benchmark import curve_of
from eyas.reports.folds.calendar import MONTHS, fitting_returns, monthly_returns, period_returns
from eyas.reports.folds.distribution import Distribution, distribution, returns_distribution
from eyas.reports.plots.look import TOP, Look, canvas, plotly, safe, say_instead

if TYPE_CHECKING:
    from eyas.reports.benchmark import Benchmark
    from eyas.reports.report import Report


def months_figure(report: Report, look: Look) -> Any:
    """Return the return of each month as a heat map, a row a year, and the year's own at its end."""
    fold = monthly_returns(curve_of(report))
    found = canvas(look, "Monthly returns", report.title)
    if fold.sentence:
        return say_instead(found, fold.sentence, look)
    values = np.column_stack([fold.rates, fold.totals])
    texts = [[cell_text(value) for value in row] for row in values.tolist()]
    known = np.abs(fold.rates[np.isfinite(fold.rates)])
    most = float(np.quantile(known, 0.95)) if len(known) else 0.0
    most = most or 0.01
    found.add_trace(
        plotly().Heatmap(
            x=[*MONTHS, "Year"], y=[str(year) for year in fold.years.tolist()], z=values, text=texts,
            texttemplate="%{text}", zmin=-most, zmax=most, xgap=2, ygap=2, hoverongaps=False,
            colorscale=[[0, look["loss"]], [0.5, look["paper"]], [1, look["gain"]]], showscale=False,
            hovertemplate="%{x} %{y}: %{z:.2%}<extra></extra>",
        )
    )  # fmt: skip
    found.update_yaxes(autorange="reversed", type="category", dtick=1, showgrid=False)
    found.update_xaxes(side="top", type="category")
    found.update_layout(height=max(240, TOP + 68 + 30 * len(fold.years)), margin={"t": TOP + 20})
    return found


def cell_text(rate: float) -> str:
    """Return a rate in a cell: nothing where there is none, and no minus before a zero.

    >>> cell_text(-0.0001), cell_text(0.123)
    ('0.0%', '12.3%')
    """
    return "" if rate != rate else f"{rate:.1%}".replace("-0.0%", "0.0%")


def years_figure(report: Report, look: Look, benchmark: Benchmark | None) -> Any:
    """Return the return of each year as bars, beside the benchmark's; of months or days in a short run."""
    fold = fitting_returns(curve_of(report))
    found = canvas(
        look, {"year": "Yearly", "month": "Monthly", "day": "Daily"}[fold.unit] + " returns", report.title
    )
    if fold.sentence:
        return say_instead(found, fold.sentence, look)
    if benchmark is not None and benchmark.overlaps:
        other = period_returns(benchmark.curve, fold.unit)
        if not other.sentence:
            found.add_trace(
                plotly().Bar(
                    x=other.names, y=other.rates, name=safe(benchmark.name), marker={"color": look["line"]},
                    hovertemplate="%{y:.2%}",
                )
            )  # fmt: skip
    colours = np.where(np.nan_to_num(fold.rates) < 0, look["loss"], look["gain"])
    found.add_trace(
        plotly().Bar(
            x=fold.names,
            y=fold.rates,
            name="Return (blue: gain)",
            marker={"color": colours},
            hovertemplate="%{y:.2%}",
        )
    )
    found.update_layout(hovermode="x unified", barmode="group", bargap=0.35)
    found.update_xaxes(type="category", categoryorder="array", categoryarray=fold.names)
    found.update_yaxes(tickformat=".0%")
    return found


def distribution_figure(report: Report, look: Look) -> Any:
    """Return how often returns of which size came, and below it the same of trades."""
    folds = [returns_distribution(curve_of(report))]
    trades = distribution(report.trades["profit_rate"].to_numpy(), of="trades")
    folds += [trades] if not trades.sentence else []
    found = canvas(look, "Distribution of returns", lines_of(folds), len(folds))
    if folds[0].sentence:
        return say_instead(found, folds[0].sentence, look)
    for row, fold in enumerate(folds, 1):
        place = {"row": row, "col": 1} if len(folds) > 1 else {}
        found.add_trace(bins_of(fold, look), **place)
        middle = (fold.edges[:-1] + fold.edges[1:]) / 2
        if fold.normal.any():
            found.add_trace(
                plotly().Scatter(
                    x=middle, y=fold.normal, mode="lines", name="Normal", hoverinfo="skip", showlegend=False,
                    line={"color": look["muted"], "width": 1.5, "dash": "dot", "shape": "spline"},
                ),
                **place,
            )  # fmt: skip
        for name, value in (("mean", fold.mean), ("median", fold.median)):
            found.add_vline(
                x=value,
                line={"color": look["ink"], "width": 1, "dash": "dash" if name == "mean" else "solid"},
                **place,
            )
        found.update_xaxes(tickformat=".1%", matches=None, showticklabels=True, **place)
        found.update_yaxes(title_text=safe(fold.of), **place)
    found.update_layout(bargap=0.04, showlegend=False)
    return found


def lines_of(folds: Sequence[Distribution]) -> str:
    """Return what the lines of histograms are, and what is not drawn."""
    if folds[0].sentence:
        return ""
    parts = ["Solid: median; dashed: mean"]
    if any(fold.normal.any() for fold in folds):
        parts.append("dotted: a normal distribution of the same mean and deviation")
    parts += [f"{fold.zero:,} {fold.of} are exactly 0 and not drawn" for fold in folds if fold.zero]
    return "; ".join(parts)


def bins_of(fold: Distribution, look: Look) -> Any:
    """Return the bars of a histogram; each says its range and its count."""
    middle = (fold.edges[:-1] + fold.edges[1:]) / 2
    ranges = [
        f"{low:.2%} to {high:.2%}"
        for low, high in zip(fold.edges[:-1].tolist(), fold.edges[1:].tolist(), strict=True)
    ]
    return plotly().Bar(
        x=middle, y=fold.counts, width=np.diff(fold.edges), name=safe(fold.of), customdata=ranges,
        marker={"color": np.where(middle < 0, look["loss"], look["gain"]), "line": {"width": 0}},
        hovertemplate="%{customdata}: %{y:,}<extra></extra>",
    )  # fmt: skip
