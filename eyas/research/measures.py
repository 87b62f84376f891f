"""What a run came to as figures by name, of the whole of it or from a step on; and what is asked of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.model import curve_figures
from eyas.sweep.figures import FIGURES, Span
from eyas.sweep.objective import OfReport, aim_of

if TYPE_CHECKING:
    from typing import Any

    from eyas.reports import Report

Asked: TypeAlias = "str | tuple[str, str] | Callable[[Any], float] | OfReport"
Figures: TypeAlias = Mapping[str, float]

RATES = ("win_rate", "total_return", "annual_return", "max_drawdown", "exposure", "volatility")
# Of a run twice as long there is twice as much.
GROWING = ("total_return", "net_profit", "trades", "fees", "charges", "refused", "ambiguous_bars")
COUNTS = ("trades", "max_drawdown_bars", "refused", "ambiguous_bars")


class Objective:
    """Say how good a run is by one thing, larger is better; it is asked for as a sweep's objective is.

    A figure by name ("-fees", or ("fees", "min"), for the least of it), a function of a row, or one of a
    Report (`eyas.sweep.of_report`). `more` are figures beside those of a row. Raises UsageError for others.
    """

    def __init__(self, asked: Asked, more: Sequence[str] = ()) -> None:
        self.of_whole: Callable[[Report], float] | None = None
        self.of_row: Callable[[Any], float] | None = None
        self.figure = asked.removeprefix("-") if isinstance(asked, str) else ""
        if self.figure in more:
            self.name, self.sign = self.figure, -1.0 if str(asked).startswith("-") else 1.0
            return
        objectives = aim_of(asked, ()).objectives
        if len(objectives) > 1:
            raise UsageError("what a search is judged by must be one objective: name one figure")
        (one,) = objectives
        self.name = one.title
        self.sign = 1.0 if one.direction == "maximize" else -1.0
        self.figure = "" if one.function else one.title
        if isinstance(one.function, OfReport):
            self.of_whole = one.function
        else:
            self.of_row = one.function

    def __repr__(self) -> str:
        return f"<Objective {self.name}>"

    @property
    def is_figure(self) -> bool:
        """Whether it is a figure by name."""
        return bool(self.figure)

    @property
    def grows(self) -> bool:
        """Whether a run twice as long has twice as much of it, so that only runs of one length compare."""
        return self.figure in GROWING

    def of_report(self, report: Report, first: int = 0) -> float:
        """Return how good a run is from a step on; NaN where that cannot be said."""
        if self.of_whole:
            return self.sign * self.of_whole(after(report, first))
        return self.of_figures(figures_of(report, first))

    def of_figures(self, figures: Figures) -> float:
        """Return how good figures are; what is a function of a Report cannot say: NaN."""
        if self.of_whole:
            return math.nan
        if self.of_row:
            value: Any = self.of_row(SimpleNamespace(**figures))
            return math.nan if value is None else self.sign * float(value)
        return self.sign * figures[self.figure]

    def shown(self, value: float) -> str:
        """Return a score as text, with the sign of what it is made of."""
        return text_of(self.figure, self.sign * value)


def after(report: Report, first: int) -> Report:
    """Return a run as it was from a step on; before it nothing may have been held.

    The steps of a portfolio keep their numbers, which are those of its journal.
    """
    if not first:
        return report
    if report.steps is None:
        bars = report.bars
        return replace(
            report,
            instruments={bars.symbol: bars[first:]},
            time=report.time[first:],
            curve=report.curve[first:],
            indicators={name: values[first:] for name, values in report.indicators.items()},
        )
    rows = {symbol: int(np.searchsorted(steps, first)) for symbol, steps in report.steps.items()}
    return replace(
        report,
        instruments={symbol: one[rows[symbol] :] for symbol, one in report.instruments.items()},
        steps={symbol: steps[rows[symbol] :] for symbol, steps in report.steps.items()},
        time=report.time[first:],
        curve=report.curve[first:],
        indicators={},
    )


def figures_of(report: Report, first: int = 0) -> dict[str, float]:
    """Return the figures of a run from a step on, named as a sweep's row is; NaN for the unknown."""
    part = after(report, first)
    summary = part.summary
    found = {name: number_of(getattr(summary, name, None)) for name in FIGURES}
    found["refused"] = float(sum(summary.refused.values()))
    found["ambiguous_bars"] = float(part.ambiguous_bars)
    return found | shape_of(part, found)


def shape_of(part: Report, known: Figures) -> dict[str, float]:
    """Return the figures of a curve that a summary does not have, or keeps silent about below 30 days.

    As in a sweep's row: runs are compared with each other by them, also short ones.
    """
    shape = curve_figures(part.summary.cash, part.curve, Span.of(part.time).bars_per_year)
    fall = known["max_drawdown"]
    return {
        **{name: shape[name] for name in ("sharpe", "sortino", "volatility")},
        "calmar": known["annual_return"] / fall if fall > 0 else math.nan,
    }


def number_of(value: Any) -> float:
    """Return a number as a float, and None (or anything else) as NaN."""
    return float(value) if isinstance(value, int | float) else math.nan


def text_of(figure: str, value: float) -> str:
    """Return a figure as text, as a person reads it.

    >>> text_of("total_return", 0.1234), text_of("trades", 12.0), text_of("sharpe", float("nan"))
    ('12.34 %', '12', 'n/a')
    """
    if math.isnan(value):
        return "n/a"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if figure in RATES:
        return f"{value:,.2%}".replace("%", " %")
    if figure in COUNTS:
        return f"{value:,.0f}"
    return f"{value:,.2f}"
