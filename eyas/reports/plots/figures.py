"""Every figure of a run, by name."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.reports.benchmark import benchmark_of
from eyas.reports.plots.curves import drawdown_figure, equity_figure, exposure_figure, rolling_figure
from eyas.reports.plots.look import Look, look_of, plotly
from eyas.reports.plots.returns import distribution_figure, months_figure, years_figure
from eyas.reports.plots.trades import excursions_figure, price_figure, trades_figure

if TYPE_CHECKING:
    from eyas.reports.benchmark import Benchmark
    from eyas.reports.report import Report

COMPARED: dict[str, Callable[[Report, Look, Benchmark | None], Any]] = {
    "equity": equity_figure,
    "years": years_figure,
    "rolling": rolling_figure,
}
OWN: dict[str, Callable[[Report, Look], Any]] = {
    "drawdown": drawdown_figure,
    "months": months_figure,
    "distribution": distribution_figure,
    "trades": trades_figure,
    "excursions": excursions_figure,
    "exposure": exposure_figure,
}
FIGURES = (
    *("equity", "drawdown", "price", "months", "years", "rolling"),
    *("distribution", "trades", "excursions", "exposure"),
)


def figure(
    report: Report,
    name: str = "equity",
    *,
    benchmark: Any = None,
    theme: str = "light",
    symbol: str | None = None,
) -> Any:
    """Return a figure of a run as a plotly.graph_objects.Figure, which can be changed and written to a file.

    Names are "equity", "drawdown", "price", "months", "years", "rolling", "distribution", "trades",
    "excursions" and "exposure". `benchmark` is what equity, years and rolling figures are held against:
    Bars, a frame or another Report; holding the run's own instruments when None, nothing when False. `theme`
    is "light" or "dark". `symbol` is whose price is drawn of a portfolio. Above 5,000 points a line is
    thinned for the eye. Raises UsageError for other names, and without the extra eyas[plotly].
    """
    if name not in FIGURES:
        near = get_close_matches(str(name), FIGURES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(FIGURES)}"
        raise UsageError(f"there is no figure {name!r}: {hint}")
    if symbol is not None and name != "price":
        raise UsageError(f"symbol is for the figure 'price': {name!r} is of the whole run")
    look = look_of(theme)
    plotly()  # before any work: the extra may be missing
    if name == "price":
        return price_figure(report, look, symbol)
    if name in OWN:
        return OWN[name](report, look)
    return COMPARED[name](report, look, None if benchmark is False else benchmark_of(benchmark, report))
