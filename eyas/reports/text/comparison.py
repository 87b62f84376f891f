"""Several runs side by side as Markdown and as JSON Lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.metrics.definition import DEFINITIONS
from eyas.reports.html import write_whole
from eyas.reports.text.columns import Column, Columns
from eyas.reports.text.escape import line
from eyas.reports.text.markdown import definition_line, heading, joined, table_text
from eyas.reports.text.tables import Table, table_of_rows

if TYPE_CHECKING:
    from eyas.reports.comparison import Comparison


def figures_table(comparison: Comparison) -> Table:
    """Return one row a figure, and a column for each run; the best of each has a star."""
    rows: list[dict[str, Any]] = []
    for name in names_of(comparison):
        definition, best = DEFINITIONS[name], comparison.best(name)
        figures = comparison.figures(name)
        texts = [f"{one.text}{' ★' if place in best else ''}" for place, one in enumerate(figures)]
        rows.append(
            {
                "figure": name,
                "label": definition.label,
                "unit": definition.unit,
                **dict(zip(comparison.names, texts, strict=True)),
            }
        )
    columns = [Column("figure", visible=False), Column("label", "figure"), Column("unit", visible=False)]
    columns += [Column(run, run, right) for run in comparison.names]
    return table_of_rows("comparison", columns, rows, title="Figures")


def right(text: Any) -> str:
    """Return the text of a figure, in a column that is aligned to the right."""
    return str(text)


def names_of(comparison: Comparison) -> list[str]:
    """Return the figures that every run has."""
    first, *others = (report.metrics for report in comparison.reports.values())
    return [name for name in first if all(name in one for one in others)]


def runs_table(comparison: Comparison) -> Table:
    """Return one row a run, and a column for each figure: as numbers."""
    rows = [{"run": run, **report.metrics.as_json()} for run, report in comparison.reports.items()]
    names = names_of(comparison)
    formats = {"rate": "percent", "money": "money", "count": "count", "bars": "count", "duration": "duration"}
    columns = [Column("run")]
    columns += [
        Column(name, DEFINITIONS[name].label, formats.get(DEFINITIONS[name].unit, "ratio")) for name in names
    ]
    return table_of_rows("runs", columns, rows, title="Runs")


def comparison_markdown(
    comparison: Comparison, path: str | Path | None = None, *, columns: Columns | None = None
) -> str:
    """Return several runs side by side as Markdown, and write it to `path` where one is given.

    `columns` are the names of the runs, "label", "figure" (its name) and "unit".
    """
    names = comparison.names
    apart = [[one.label, *one.texts] for one in comparison.settings if one.differs]
    told = comparison.correlations
    together = [
        [name, *("n/a" if value != value else f"{value:.2f}" for value in row.tolist())]
        for name, row in zip(names, told, strict=True)
    ]
    parts = [
        heading(f"{len(names)} runs side by side"),
        figures_table(comparison).markdown(columns=columns),
        line("★ is the best of the runs."),
        heading("What sets them apart", 2),
        table_text(["setting", *names], apart) if apart else "All settings are the same.",
        heading("How their days go together", 2),
        line("Correlation of daily returns, -1 to 1; n/a below ten days in common."),
        table_text(["run", *names], together, [True, *[False] * len(names)]),
        heading("Definitions", 2),
        *(definition_line(DEFINITIONS[name]) for name in names_of(comparison)),
    ]
    text = joined(parts)
    if path is not None:
        write_whole(text, path, "report.md")
    return text


def write_comparison_lines(
    comparison: Comparison, path: str | Path, *, columns: Columns | None = None, append: bool = False
) -> Path:
    """Write several runs as JSON Lines: a line a run, with every figure as a number; return the path."""
    return runs_table(comparison).json_lines(path, columns=columns, append=append)
