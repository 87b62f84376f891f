"""A whole run as Markdown: headline, what to know of it, figures with their definitions, tables, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.errors import UsageError
from eyas.reports.html import write_whole
from eyas.reports.text.columns import Columns
from eyas.reports.text.heat import pooled_lines
from eyas.reports.text.markdown import (
    bullets,
    definition_lines,
    figure_lines,
    heading,
    joined,
    table_text,
)
from eyas.reports.text.run_tables import TABLES, no_table, span_of, table_of
from eyas.reports.text.tables import checked_limit

if TYPE_CHECKING:
    from eyas.reports.report import Report

ROWS_MAX = 500
SHOWN = ("drawdowns", "heat", "trades")


def report_markdown(
    report: Report,
    path: str | Path | None = None,
    *,
    tables: Sequence[str] | None = None,
    columns: Columns | Mapping[str, Columns] | None = None,
    rows_max: int | None = ROWS_MAX,
    definitions: bool = True,
) -> str:
    """Return a run as Markdown, and write it to `path` where one is given.

    `tables` are the names of those to show: without any, the worst drawdowns, the heat map of a portfolio and
    the trades. `columns` are those of the trades, or of each table by its name. Of a table no more than
    `rows_max` rows are shown (None: all), and a sentence says how many there are. `definitions` stand at
    the end, an italic line a figure. Raises UsageError for names that there are not.
    """
    names = shown(report, tables)
    by_name = columns_by_table(columns, names)
    checked_limit(rows_max)
    parts = [heading(report.title), span_of(report), bullets([*report.remarks(), *bounds_of(report)])]
    parts += [heading("Summary", 2), table_text(["figure", "value"], report.summary.rows(), [True, False])]
    for name in names:
        table = table_of(report, name)
        parts += [heading(table.title, 2), table.markdown(columns=by_name.get(name), rows_max=rows_max)]
        if name == "heat":
            parts += [heading("All symbols together", 3), pooled_lines(report)]
    parts.append(heading("Figures", 2))
    for title, figures in report.metrics.groups():
        parts += [heading(title, 3), figure_lines(figures)]
    parts.append(bullets([report.metrics.basis]) if report.metrics.basis else "")
    parts += [heading("Settings", 2), table_of(report, "settings").markdown()]
    if definitions:
        parts.append(heading("Definitions", 2))
        parts += [definition_lines(figures) for _, figures in report.metrics.groups()]
    text = joined(parts)
    if path is not None:
        write_whole(text, path, "report.md")
    return text


def write_report_lines(
    report: Report,
    path: str | Path,
    table: str = "trades",
    *,
    columns: Columns | None = None,
    append: bool = False,
) -> Path:
    """Write a table of a run as JSON Lines: one object a row, numbers exact; return the path.

    Tables are "run" (one line: what ran, and all its figures), "metrics", "trades", "backtest" (the trades
    under the signal lifecycle's names), "drawdowns", "heat", "equity", "events" (the journal, exact),
    "notes" and "settings". With `append` the lines come behind those that the file holds. Raises UsageError
    for another name, or a path that cannot be written to.
    """
    return table_of(report, table).json_lines(path, columns=columns, append=append)


def bounds_of(report: Report) -> list[str]:
    """Return between which results a run lies, where it was asked for."""
    return [report.bounds.sentence] if report.bounds else []


def shown(report: Report, tables: Sequence[str] | None) -> list[str]:
    """Return the names of the tables to show."""
    if tables is None:
        return [name for name in SHOWN if name != "heat" or len(report.symbols) > 1]
    if isinstance(tables, str):
        raise UsageError(f"tables is {tables!r}, but must be a list of names: ['{tables}']")
    for name in tables:
        if name not in TABLES:
            raise no_table(name)
    return list(tables)


def columns_by_table(
    columns: Columns | Mapping[str, Columns] | None, names: Sequence[str]
) -> Mapping[str, Columns]:
    """Return the columns that are asked for, by table; a plain list is that of the trades."""
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        return {"trades": columns}
    for name in columns:
        if name not in TABLES:
            raise no_table(name)
        if name not in names:
            raise UsageError(f"columns names the table {name!r}, which is not shown: add it to tables")
    return columns
