"""A sweep as Markdown and as JSON Lines: its best trials, or all of them, and how far to trust the best."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.reports.html import write_whole
from eyas.reports.text.columns import Column, Columns
from eyas.reports.text.escape import line
from eyas.reports.text.formats import Format
from eyas.reports.text.markdown import bullets, heading, joined, table_text
from eyas.reports.text.tables import Table, format_of, table_of_frame

if TYPE_CHECKING:
    import polars as pl

    from eyas.sweep import Sweep

RATES = ("total_return", "annual_return", "max_drawdown", "exposure", "win_rate", "volatility")
MONEY = ("equity_final", "net_profit", "average_trade", "best_trade", "worst_trade", "fees", "charges")
COUNTS = ("trades", "max_drawdown_bars", "refused", "ambiguous_bars")
SHOWN = ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "profit_factor", "calmar", "fees")


def trials_table(sweep: Sweep) -> Table:
    """Return all trials of a sweep: those that may be best first, best first, then the others by number."""
    frame = sweep.frame()
    ranked = sweep.ranked.tolist()
    taken = set(ranked)
    frame = frame[[*ranked, *(place for place in range(len(frame)) if place not in taken)]]
    sought = {one.title for one in sweep.aim.objectives}
    parameters = set(frame.columns[1 : 1 + len(sweep.space.axes)])
    columns = []
    for name in frame.columns:
        kind = frame.schema[name]
        form = parameter_format(kind) if name in parameters else figure_format(name, kind)
        columns.append(Column(name, "", form, name in {"trial", *sought, *SHOWN, *parameters}))
    return table_of_frame("trials", columns, frame, title="Trials", empty="No trial has run.")


def parameter_format(kind: pl.DataType) -> Format:
    """Return how a parameter is written: numbers to six digits, to the right; anything else as it is."""
    return (lambda value: f"{value:.6g}") if kind.is_float() else str if kind.is_integer() else "text"


def figure_format(name: str, kind: pl.DataType) -> str:
    """Return how a figure of the trials is written."""
    if name in RATES:
        return "percent"
    if name in MONEY:
        return "money"
    if name in COUNTS:
        return "count"
    return "ratio" if kind.is_float() else format_of(kind)


def sweep_markdown(
    sweep: Sweep, path: str | Path | None = None, *, columns: Columns | None = None, rows_max: int | None = 50
) -> str:
    """Return a sweep as Markdown, and write it to `path` where one is given.

    `columns` are those of the trials, best first; `rows_max` says how many of them are shown (None: all).
    """
    parts = [
        heading(sweep.title),
        line(f"{len(sweep):,} trials ({sweep.search}), {sweep.objective}."),
        bullets(outcome(sweep)),
        heading("Trials", 2),
        trials_table(sweep).markdown(columns=columns, rows_max=rows_max),
    ]
    if len(sweep.ranked):
        found = sweep.statistics
        rows = found.rows(math.sqrt(sweep.trials.span.bars_per_year))
        parts += [heading("How far to trust the best", 2), line(found.sentence), bullets(found.reasons[1:])]
        parts.append(table_text(["figure", "value"], rows))
    parts += [heading("Settings", 2), table_text(["setting", "value"], sweep.settings())]
    text = joined(parts)
    if path is not None:
        write_whole(text, path, "report.md")
    return text


def outcome(sweep: Sweep) -> list[str]:
    """Return what became of the trials, a sentence each."""
    counts = sweep.counts()
    words = {
        "done": "ran to their end",
        "refused": "were refused by the strategy",
        "failed": "failed",
        "constrained": "break a constraint",
        "nan": f"have no number for {sweep.objective}",
    }
    found = [f"{counts[name]:,} trials {text}." for name, text in words.items() if counts[name]]
    if not len(sweep.ranked):
        found.insert(0, f"No trial can be the best: {sweep.why_nothing()}.")
    return [*found, *sweep.remarks]


def write_sweep_lines(
    sweep: Sweep, path: str | Path, *, columns: Columns | None = None, append: bool = False
) -> Path:
    """Write all trials of a sweep as JSON Lines, best first; return the path."""
    return trials_table(sweep).json_lines(path, columns=columns, append=append)
