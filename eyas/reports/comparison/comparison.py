"""Several runs side by side: figures, curves on one calendar, how they go together, what sets them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.metrics.definition import DEFINITIONS
from eyas.reports.comparison.aligned import Aligned, aligned, correlations
from eyas.reports.comparison.settings import Setting, settings_of_all
from eyas.reports.metrics import Figure
from eyas.reports.report import Report

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports.text import Columns

RUNS_MAX = 12
SHOWN = (
    *("total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar", "max_drawdown"),
    *("exposure", "trade_count", "win_rate", "profit_factor", "expectancy", "fees_paid"),
)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Show several runs side by side; `reports` are the runs by name, in the order in which they were given.

    It prints as a table of the main figures, the best of each marked with a star; `html` writes a page.
    """

    reports: Mapping[str, Report]

    @property
    def names(self) -> list[str]:
        """Names of the runs."""
        return list(self.reports)

    @cached_property
    def aligned(self) -> Aligned:
        """Equity of the runs at the end of each day, over the cash each began with."""
        return aligned(list(self.reports.values()))

    @cached_property
    def correlations(self) -> NDArray[Any]:
        """How the daily returns of each pair of runs go together; NaN below ten days in common."""
        return correlations(self.aligned.returns())

    @cached_property
    def settings(self) -> list[Setting]:
        """All settings of the runs; `differs` says of each whether it sets them apart."""
        return settings_of_all(self.reports)

    def figures(self, name: str) -> list[Figure]:
        """Return one figure of every run."""
        return [report.metrics.figure(name) for report in self.reports.values()]

    def best(self, name: str) -> set[int]:
        """Return the places of the runs that are best by a figure: none where none is better.

        Those that print alike are equally good: nobody can see by what one is better.
        """
        better = DEFINITIONS[name].higher_is_better
        figures = self.figures(name)
        values = [one.value for one in figures]
        known = [value for value in values if value is not None]
        if better is None or len(known) < 2:
            return set()
        wanted = figures[values.index(max(known) if better else min(known))].text
        found = {place for place, one in enumerate(figures) if one.text == wanted}
        return found if len(found) < len(known) else set()

    def frame(self) -> pl.DataFrame:
        """Return one row a figure: its name, label and unit, and a column for each run (null: not known)."""
        import polars as pl

        names = next(iter(self.reports.values())).metrics
        rows = [
            {
                "figure": name,
                "label": DEFINITIONS[name].label,
                "unit": DEFINITIONS[name].unit,
                **{run: one.value for run, one in zip(self.reports, self.figures(name), strict=True)},
            }
            for name in names
        ]
        return pl.DataFrame(rows, schema_overrides=dict.fromkeys(self.reports, pl.Float64()))

    def as_json(self) -> dict[str, Any]:
        """Return figures and settings of the runs as plain values, for machines."""
        return {
            "runs": {
                name: {"journal": report.journal.digest, "metrics": report.metrics.as_json()}
                for name, report in self.reports.items()
            },
            "differ_in": {
                one.label: dict(zip(self.names, one.texts, strict=True))
                for one in self.settings
                if one.differs
            },
        }

    def markdown(self, path: str | Path | None = None, *, columns: Columns | None = None) -> str:
        """Return the comparison as Markdown, and write it to `path` where one is given."""
        from eyas.reports.text import comparison_markdown

        return comparison_markdown(self, path, columns=columns)

    def json_lines(self, path: str | Path, *, columns: Columns | None = None, append: bool = False) -> Path:
        """Write one object for each run, with all its figures, as JSON Lines, and return the path."""
        from eyas.reports.text import write_comparison_lines

        return write_comparison_lines(self, path, columns=columns, append=append)

    def html(self, path: str | Path = "comparison.html") -> Path:
        """Write the comparison as one self-contained HTML page and return its path."""
        from eyas.reports.comparison.page import write_comparison

        return write_comparison(self, path)

    def _repr_html_(self) -> str:
        from eyas.reports.notebook import comparison_html

        return comparison_html(self)

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.reports)} runs: {', '.join(self.reports)}>"

    def __str__(self) -> str:
        rows = [["", *self.names]]
        for name in SHOWN:
            best = self.best(name)
            texts = [
                f"{one.text}{' *' if place in best else '  '}" for place, one in enumerate(self.figures(name))
            ]
            rows.append([DEFINITIONS[name].label, *texts])
        widths = [max(len(row[at].rstrip()) for row in rows) + 2 for at in range(len(rows[0]))]
        lines = [
            f"{row[0]:<{widths[0]}}"
            + "".join(f"{text:>{width}}" for text, width in zip(row[1:], widths[1:], strict=True))
            for row in rows
        ]
        apart = [f"{one.label}: {one.brief}" for one in self.settings if one.differs]
        return "\n".join(
            [*(line.rstrip() for line in lines), *(["", "They differ in:", *apart] if apart else [])]
        )


def compare(*runs: Report, **named: Report) -> Comparison:
    """Put several runs side by side; give reports, or reports by the names they are to have.

    A name that two reports share gets a number. Raises UsageError for fewer than two, more than 12, or what
    is no report.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     share: float = 1.0
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy(fraction=self.share)
    >>> bars = eyas.sample("AAPL", "1d")
    >>> found = compare(half=eyas.backtest(Hold(share=0.5), bars), whole=eyas.backtest(Hold(), bars))
    >>> found.names
    ['half', 'whole']
    """
    given: tuple[object, ...] = (*runs, *named.values())
    wrong = next((one for one in given if not isinstance(one, Report)), None)
    if wrong is not None:
        raise UsageError(f"compare takes reports of backtests, not {type(wrong).__name__}")
    reports: dict[str, Report] = {}
    for report in runs:
        reports[unused(name_of(report), {*reports, *named})] = report
    reports |= named
    if not 2 <= len(reports) <= RUNS_MAX:
        raise UsageError(f"compare takes 2 to {RUNS_MAX} reports, not {len(reports)}")
    return Comparison(reports)


def name_of(report: Report) -> str:
    """Return what a run is called: its strategy and its parameters."""
    parameters = ", ".join(f"{name}={value}" for name, value in report.parameters.items())
    return f"{report.strategy}({parameters})" if parameters else report.strategy


def unused(name: str, taken: set[str]) -> str:
    """Return a name, with a number where it is taken."""
    number = 2
    found = name
    while found in taken:
        found, number = f"{name} #{number}", number + 1
    return found
