"""Every table that a run has, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.model import iso
from eyas.reports.settings import settings_groups
from eyas.reports.text.columns import Column
from eyas.reports.text.heat import heat_table
from eyas.reports.text.tables import Table, table_of_frame, table_of_rows
from eyas.reports.text.trade_tables import signals_table, trades_table

if TYPE_CHECKING:
    from eyas.reports.report import Report

DRAWDOWNS_MAX = 10
METRICS = (
    Column("name", visible=False),
    Column("group"),
    Column("label", "figure"),
    Column("value", format="quantity", visible=False),
    Column("text", "value"),
    Column("unit", visible=False),
    Column("better", visible=False),
    Column("formula"),
    Column("convention", visible=False),
    Column("source", visible=False),
    Column("none_when", "n/a when", visible=False),
)
DRAWDOWNS = (
    Column("rank", "#", "count"),
    Column("depth", format="percent"),
    Column("start", "from the high on", "time"),
    Column("bottom", "deepest on", "time"),
    Column("recovery", "recovered on", "time"),
    Column("length_ns", "length", "duration"),
    Column("recovery_length_ns", "way back", "duration"),
    Column("bars", format="count"),
    Column("bars_down", format="count", visible=False),
    Column("bars_up", format="count", visible=False),
)


def run_table(report: Report) -> Table:
    """Return the whole run as one row: what ran, and all its figures; a line of a log of runs."""
    alone = report.bars if len(report.symbols) == 1 else None
    row: dict[str, Any] = {
        "title": report.title,
        "strategy": report.strategy,
        # An infinite parameter is text: JSON knows no infinity.
        "parameters": {
            name: str(value) if value in (np.inf, -np.inf) else value
            for name, value in report.parameters.items()
        },
        "symbols": list(report.symbols),
        "timeframe": alone.timeframe if alone else None,
        "clock": report.clock,
        "rules": dict(report.rules.differences()),
        "seed": report.seed,
        "summary": asdict(report.summary),
        "metrics": report.metrics.as_json(),
        "journal": report.journal.digest,
    }
    return table_of_rows("run", [Column(name, visible=name in ("title", "journal")) for name in row], [row])


def metrics_table(report: Report) -> Table:
    """Return every figure of a run, with its definition."""
    rows = [
        {
            "name": one.name,
            "group": one.definition.group,
            "label": one.label,
            "value": one.value,
            "text": one.text,
            "unit": one.definition.unit,
            "better": {True: "higher", False: "lower", None: None}[one.definition.higher_is_better],
            "formula": one.definition.formula,
            "convention": one.definition.convention,
            "source": one.definition.source,
            "none_when": one.definition.none_when,
        }
        for _, figures in report.metrics.groups()
        for one in figures
    ]
    return table_of_rows("metrics", METRICS, rows, title="Figures")


def drawdowns_table(report: Report) -> Table:
    """Return the worst drawdowns of a run, deepest first."""
    from eyas.metrics.drawdowns import worst_drawdowns
    from eyas.reports.benchmark import curve_of

    rows = [
        {
            "rank": rank,
            "depth": one.depth,
            "start": np.datetime64(one.start_ns, "ns"),
            "bottom": np.datetime64(one.bottom_ns, "ns"),
            "recovery": None if one.recovery_ns is None else np.datetime64(one.recovery_ns, "ns"),
            "length_ns": one.length_ns,
            "recovery_length_ns": one.recovery_length_ns,
            "bars": one.bars,
            "bars_down": one.bars_down,
            "bars_up": one.bars_up,
        }
        for rank, one in enumerate(worst_drawdowns(curve_of(report), DRAWDOWNS_MAX), 1)
    ]
    return table_of_rows("drawdowns", DRAWDOWNS, rows, title="Worst drawdowns", empty="Equity never fell.")


def equity_table(report: Report) -> Table:
    """Return time and equity after every step."""
    columns = [Column("time", format="time"), Column("equity", format="money")]
    return table_of_frame("equity", columns, report.equity, title="Equity")


def notes_table(report: Report) -> Table:
    """Return what the strategy noted, a row a note."""
    columns = [Column("time", format="time"), Column("step", format="count"), Column("symbol")]
    columns += [Column(name) for name in report.notes.columns if name not in ("time", "step", "symbol")]
    return table_of_frame("notes", columns, report.notes, title="Notes", empty="The strategy noted nothing.")


def events_table(report: Report) -> Table:
    """Return the journal, an event a row, exact: prices, quantities and money are Decimals."""
    journal = report.journal
    names = list(journal.event(0)) if len(journal) else []

    def rows() -> Any:
        for place in range(len(journal)):
            event = journal.event(place)
            yield {"time": np.datetime64(event.pop("time_ns"), "ns"), **event}

    columns = [Column("time" if name == "time_ns" else name) for name in names] or [Column("time")]
    return Table("events", "Journal", columns, rows, len(journal), "Nothing happened.")


def settings_table(report: Report) -> Table:
    """Return everything that decided the run: a group, a label and a text a row."""
    rows = [
        {"group": title, "label": label, "text": text}
        for title, pairs in settings_groups(report)
        for label, text in pairs
    ]
    columns = [Column("group"), Column("label", "setting"), Column("text", "value")]
    return table_of_rows("settings", columns, rows, title="Settings")


TABLES: dict[str, Callable[[Report], Table]] = {
    "run": run_table,
    "metrics": metrics_table,
    "trades": trades_table,
    "backtest": signals_table,
    "drawdowns": drawdowns_table,
    "heat": heat_table,
    "equity": equity_table,
    "events": events_table,
    "notes": notes_table,
    "settings": settings_table,
}


def table_of(report: Report, name: str) -> Table:
    """Return a table of a run by its name; raises UsageError for one that there is not.

    >>> import eyas
    >>> bars = eyas.sample("AAPL", "1d")[:20]
    >>> report = eyas.backtest(eyas.Signals(entries=[1] + [0] * 19, quantity=1), bars)
    >>> print(table_of(report, "trades").markdown(columns=["direction", "bars"]))
    | side | bars |
    | :--- | ---: |
    | long |   18 |
    """
    if name not in TABLES:
        raise no_table(name)
    return TABLES[name](report)


def no_table(name: object) -> UsageError:
    """Return what to say of a table that there is not."""
    near = get_close_matches(str(name), TABLES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(TABLES)}"
    return UsageError(f"there is no table {name!r}: {hint}")


def span_of(report: Report) -> str:
    """Return from when to when a run went, and over how many bars."""
    if not len(report.time):
        return "no bars"
    steps = "bars" if report.steps is None else "steps"
    return f"{iso(report.time.min())} to {iso(report.time.max())}, {len(report.time):,} {steps}"
