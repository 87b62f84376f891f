"""Figures of the curve: equity beside its benchmark, drawdown, what was held, and rolling figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.reports.benchmark import curve_of
from eyas.reports.downsample import lttb
from eyas.reports.folds.exposure import exposure
from eyas.reports.folds.rolling import rolling
from eyas.reports.folds.underwater import underwater
from eyas.reports.plots.look import POINTS_MAX, Look, canvas, moments, plotly, safe, say_instead
from eyas.reports.remarks import duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.curve import Curve
    from eyas.metrics.drawdowns import Drawdown
    from eyas.reports.benchmark import Benchmark
    from eyas.reports.report import Report

WORST = 5


def equity_figure(report: Report, look: Look, benchmark: Benchmark | None) -> Any:
    """Return equity over time, and the benchmark scaled to it."""
    curve = curve_of(report)
    found = canvas(look, "Equity", report.title)
    if not len(curve):
        return say_instead(found, "There is no equity.", look)
    lines = [("Equity", curve.equity, look["equity"], 2.0)]
    if benchmark is not None and benchmark.overlaps:
        lines.insert(0, (benchmark.name, benchmark.values, look["benchmark"], 1.5))
    for name, values, colour, width in lines:
        rows = lttb(np.arange(len(values), dtype=np.float64), values, POINTS_MAX)
        found.add_trace(
            plotly().Scatter(
                x=places(curve, rows), y=values[rows], name=safe(name), mode="lines",
                line={"color": colour, "width": width}, hovertemplate="%{y:,.2f}", connectgaps=False,
            )
        )  # fmt: skip
    found.update_layout(hovermode="x unified")
    found.update_yaxes(tickformat=",")
    return in_steps(found, curve)


def drawdown_figure(report: Report, look: Look) -> Any:
    """Return how far equity was below its highest, and where the deepest falls were."""
    curve = curve_of(report)
    fold = underwater(curve, WORST, POINTS_MAX)
    found = canvas(look, "Drawdown", report.title)
    if fold.sentence:
        return say_instead(found, fold.sentence, look)
    found.add_trace(
        plotly().Scatter(
            x=places(curve, fold.row, fold.time), y=fold.depth, name="Drawdown", mode="lines", fill="tozeroy",
            line={"color": look["underwater"], "width": 1}, fillcolor=look["underwater_soft"],
            hovertemplate="%{y:.2%}", showlegend=False,
        )
    )  # fmt: skip
    if not len(curve.restarts):
        found.add_trace(worst_marks(fold.worst, look))
    found.update_layout(hovermode="x")
    found.update_yaxes(tickformat=".0%", rangemode="tozero")
    return in_steps(found, curve)


def worst_marks(worst: list[Drawdown], look: Look) -> Any:
    """Return a mark at the bottom of each of the deepest falls."""
    texts = [
        f"<b>No. {rank}: {one.depth:.2%}</b><br>high {day(one.start_ns)}<br>bottom {day(one.bottom_ns)}<br>"
        + (f"recovered {day(one.recovery_ns)}" if one.recovery_ns is not None else "not recovered by the end")
        + f"<br>{duration(one.length_ns)} under water"
        for rank, one in enumerate(worst, 1)
    ]
    return plotly().Scatter(
        x=moments(np.array([one.bottom_ns for one in worst], np.int64)), y=[-one.depth for one in worst],
        mode="markers+text", text=[str(rank) for rank in range(1, len(worst) + 1)], name="Deepest",
        textposition="bottom center", textfont={"color": look["muted"], "size": 11},
        marker={"color": look["loss"], "size": 6},
        hovertext=texts, hovertemplate="%{hovertext}<extra></extra>", showlegend=False, cliponaxis=False,
    )  # fmt: skip


def exposure_figure(report: Report, look: Look) -> Any:
    """Return what was held over time, long above and short below, as fractions of equity."""
    from eyas.reports.exposure import exposure_frame

    fold = exposure(exposure_frame(report), POINTS_MAX)
    said = (
        ""
        if fold.sentence
        else f"{fold.share_held:.1%} of the time in the market, {fold.mean:.1%} of equity on average"
    )
    found = canvas(look, "Exposure", said)
    if fold.sentence:
        return say_instead(found, fold.sentence, look)
    sides = (("Long", fold.long, "gain", "tozeroy"), ("Short", -fold.short, "loss", "tozeroy"))
    for name, values, colour, fill in sides:
        if np.nansum(np.abs(values)) > 0:
            found.add_trace(
                plotly().Scatter(
                    x=moments(fold.time), y=values, name=name, mode="lines", fill=fill,
                    line={"color": look[colour], "width": 1, "shape": "hv"}, fillcolor=look[f"{colour}_soft"],
                    hovertemplate="%{y:.1%}",
                )
            )  # fmt: skip
    found.update_layout(hovermode="x unified")
    found.update_yaxes(tickformat=".0%")
    return found


def rolling_figure(report: Report, look: Look, benchmark: Benchmark | None) -> Any:
    """Return Sharpe and Sortino ratio, volatility and return of the last so many days, below each other."""
    curve = curve_of(report)
    against = benchmark.curve if benchmark is not None and benchmark.overlaps else None
    fold = rolling(curve, against)
    found = canvas(
        look,
        "Rolling figures",
        "" if fold.sentence else f"Each of the last {fold.name}",
        1 if fold.sentence else 3,
    )
    if fold.sentence:
        return say_instead(found, fold.sentence, look)
    panels = [
        (1, "Sharpe", fold.sharpe, "equity", ":.2f"),
        (1, "Sortino", fold.sortino, "one", ":.2f"),
        (2, "Return", fold.total_return, "equity", ":.1%"),
        (2, "Volatility a year", fold.volatility, "two", ":.1%"),
    ]
    if fold.beta is not None:
        panels.append((3, f"Beta to {safe(benchmark.name if benchmark else '')}", fold.beta, "three", ":.2f"))
    for row, name, values, colour, form in panels:
        found.add_trace(
            plotly().Scatter(
                x=moments(fold.time), y=values, name=name, mode="lines", hovertemplate=f"%{{y{form}}}",
                line={"color": look[colour], "width": 1.5},
            ), row=row, col=1,
        )  # fmt: skip
    found.update_layout(hovermode="x unified")
    found.update_yaxes(tickformat=".0%", row=2, col=1)
    for row, text in ((1, "ratio"), (2, "share"), (3, "beta")):
        found.update_yaxes(title_text=text, row=row, col=1)
    return found


def places(curve: Curve, rows: NDArray[np.intp], time: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """Return where rows stand on the x axis: their times, or, where these fall back, their numbers."""
    if len(curve.restarts):
        return rows
    return moments(curve.time[rows] if time is None else time)


def in_steps(found: Any, curve: Curve) -> Any:
    """Name the x axis where it counts steps: symbols that ran one after the other have no one calendar."""
    if len(curve.restarts):
        found.update_xaxes(title_text="step (the symbols ran one after the other)", tickformat=",")
    return found


def day(time_ns: int) -> str:
    """Return a time as a person reads it, to the minute."""
    return str(np.datetime64(time_ns, "ns").astype("datetime64[m]")).replace("T", " ").removesuffix(" 00:00")
