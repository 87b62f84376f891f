"""What a notebook shows of a run, of its figures, of a sweep or a comparison: calm, small, and only HTML.

No scripts, and no style but on the elements themselves, so that nothing leaks into the notebook. Text has
the notebook's own colour and lines are that colour thinned out: it reads on light and on dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import iso
from eyas.reports.downsample import lttb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.comparison import Comparison
    from eyas.reports.difference import Difference
    from eyas.reports.metrics import Figure, Metrics
    from eyas.reports.report import Report
    from eyas.reports.summary import Summary
    from eyas.sweep import Sweep

SPARK_POINTS_MAX = 240
SPARK_WIDTH, SPARK_HEIGHT = 480, 72
UNSCALED = "vector-effect='non-scaling-stroke'"
ROWS_MAX = 12
REMARKS_MAX = 6
TEXT_MAX = 300
HEADLINE = (
    *("total_return", "annual_return", "sharpe", "max_drawdown"),
    *("trade_count", "win_rate", "profit_factor", "fees_paid"),
)
FONT = "font:13px/1.45 Inter,ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
BOX = f"{FONT};max-width:780px;font-variant-numeric:tabular-nums;text-align:left;padding:4px 0"
QUIET = "opacity:.68"
LINE = "border-top:1px solid rgba(128,128,128,.28)"
TITLE = "font-size:16px;font-weight:600"
# What a notebook's own style would set on tables and cells is set back here.
PLAIN = "background:none;border:none;font-size:13px;vertical-align:top;white-space:normal"
CELL = f"{PLAIN};padding:3px 20px 3px 0;text-align:left;max-width:320px"
NUMBER = f"{PLAIN};padding:3px 20px 3px 0;text-align:right;white-space:nowrap"
HEAD = f"{PLAIN};padding:3px 20px 3px 0;font-weight:600"
RULED = f"background:none;border:none;{LINE}"


def report_html(report: Report) -> str:
    """Return a run as a notebook shows it: what ran, its equity as a line, headline figures, what to know."""
    head = title_html(report.title, span(report))
    figures = [report.metrics.figure(name) for name in HEADLINE if name in report.metrics]
    tiles = [(one.label, one.text, str(one.definition)) for one in figures]
    return box(
        head
        + spark(report.curve, report.summary.cash)
        + tiles_html(tiles)
        + sentences_html(shown_of(report.remarks()))
    )


def span(report: Report) -> str:
    """Return over what a run went."""
    if not len(report.time):
        return "no bars"
    parameters = ", ".join(f"{name} {value}" for name, value in report.parameters.items())
    steps = "bars" if report.steps is None else "steps"
    whole = f"{day(report.time.min())} to {day(report.time.max())}, {len(report.time):,} {steps}"
    return f"{whole} · {parameters}" if parameters else whole


def day(time_ns: int | np.int64) -> str:
    """Return a time without what is zero of it."""
    return iso(time_ns).removesuffix("Z").replace("T", " ").removesuffix(" 00:00:00")


def metrics_html(metrics: Metrics) -> str:
    """Return all figures in groups; a definition shows where one is pointed at."""
    groups = [
        "<div style='break-inside:avoid;margin:0 0 14px'>"
        f"<div style='font-weight:600;padding:2px 0'>{text(title)}</div>"
        f"{''.join(figure_html(one) for one in figures)}</div>"
        for title, figures in metrics.groups()
    ]
    basis = f"<div style='{QUIET}'>{text(metrics.basis)}</div>" if metrics.basis else ""
    return box(f"<div style='columns:2 300px;column-gap:36px'>{''.join(groups)}</div>{basis}")


def figure_html(one: Figure) -> str:
    """Return one figure as a line: its label, its number."""
    row = f"display:flex;justify-content:space-between;gap:16px;padding:2px 0;{LINE}"
    definition = one.definition
    said = f"{definition.sentence} Formula: {definition.formula}"
    return (
        f"<div style='{row}' title='{text(said)}'><span>{text(one.label)}</span>"
        f"<span style='white-space:nowrap'>{text(one.text)}</span></div>"
    )


def summary_html(summary: Summary) -> str:
    """Return the headline figures of a run as a table of two columns."""
    return box(table_html([], [list(row) for row in summary.rows()]))


def comparison_html(comparison: Comparison) -> str:
    """Return several runs side by side as a notebook shows them: the main figures, the best marked."""
    from eyas.metrics.definition import DEFINITIONS
    from eyas.reports.comparison.comparison import SHOWN

    rows = [
        [
            DEFINITIONS[name].label,
            *(
                f"{one.text}{' ★' if place in comparison.best(name) else ''}"
                for place, one in enumerate(comparison.figures(name))
            ),
        ]
        for name in SHOWN
    ]
    return box(table_html(["", *comparison.names], rows))


def sweep_html(sweep: Sweep) -> str:
    """Return a sweep as a notebook shows it: its best trials, what became of the others, the verdict."""
    from eyas.reports.text.columns import chosen
    from eyas.reports.text.sweep import outcome, trials_table

    table = trials_table(sweep)
    columns = chosen(None, table.columns)
    rows = [[one.text(one.of(row)) for one in columns] for row in islice(table.rows(), ROWS_MAX)]
    more = [f"{len(table) - ROWS_MAX:,} trials more in sweep.frame()."] if len(table) > ROWS_MAX else []
    trust = [sweep.statistics.sentence] if len(sweep.ranked) else []
    head = title_html(sweep.title, f"{len(sweep):,} trials ({sweep.search}), {sweep.objective}")
    drawn = table_html([one.heading for one in columns], rows) if rows else ""
    return box(head + drawn + sentences_html([*more, *outcome(sweep), *trust]))


def difference_html(difference: Difference) -> str:
    """Return why two runs differ as a notebook shows it: the money by cause, and how many trades each has."""
    head = title_html(
        f"{difference.a.title} and {difference.b.title}",
        "Both runs are the same." if difference.is_identical else outcome_of(difference),
    )
    causes = {cause: f"{money:+,.2f}" for cause, money in difference.causes.items()}
    names = dict.fromkeys([*causes, *difference.counts])
    rows = [[name, causes.get(name, ""), f"{difference.counts.get(name, 0):,}"] for name in names]
    return box(head + (table_html(["", "money", "trades"], rows) if rows else ""))


def outcome_of(difference: Difference) -> str:
    """Return which of two runs ended with more, and by how much."""
    if not difference.money:
        return "Both ended with the same money."
    return f"The second ended with {abs(difference.money):,.2f} {'more' if difference.money > 0 else 'less'}."


def box(html: str) -> str:
    """Return HTML as one block of a notebook."""
    return f'<div style="{BOX}">{html}</div>'


def tiles_html(tiles: Sequence[tuple[str, str, str]]) -> str:
    """Return figures as tiles: a small label above its number; what it means shows where it is pointed at."""
    cell = f"min-width:120px;flex:1 1 22%;padding:6px 0;{LINE}"
    drawn = (
        f"<div style='{cell}' title='{text(title)}'><div style='{QUIET};font-size:12px'>{text(label)}</div>"
        f"<div style='font-size:17px'>{text(number)}</div></div>"
        for label, number, title in tiles
    )
    return f"<div style='display:flex;flex-wrap:wrap;gap:0 20px;margin:8px 0'>{''.join(drawn)}</div>"


def shown_of(remarks: Sequence[str]) -> list[str]:
    """Return the first few remarks, and how many more there are."""
    more = len(remarks) - REMARKS_MAX
    return [*remarks[:REMARKS_MAX], *([f"{more:,} more in report.remarks()."] if more > 0 else [])]


def sentences_html(sentences: Iterable[str]) -> str:
    """Return sentences, a line each."""
    return "".join(f"<div style='{QUIET};padding:2px 0'>{text(one)}</div>" for one in sentences)


def title_html(title: str, below: str) -> str:
    """Return a title, and what is said below it."""
    return f"<div style='{TITLE}'>{text(title)}</div><div style='{QUIET}'>{text(below)}</div>"


def table_html(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is text and whose others are numbers."""

    def row(cells: Sequence[str], first: str, others: str, tag: str) -> str:
        drawn = (
            f"<{tag} style='{others if place else first}'>{text(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr style='{RULED}'>{''.join(drawn)}</tr>"

    head = row(headings, f"{HEAD};text-align:left", f"{HEAD};text-align:right", "th") if headings else ""
    body = "".join(row(cells, CELL, NUMBER, "td") for cells in rows)
    style = "border-collapse:collapse;border:none;margin:8px 0"
    return f"<div style='overflow-x:auto'><table style='{style}'>{head}{body}</table></div>"


def spark(values: NDArray[np.float64], opening: float) -> str:
    """Return a line as a small picture, with the level it began on; nothing where there is no line."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return ""
    rows = lttb(np.arange(len(known), dtype=np.float64), known, SPARK_POINTS_MAX)
    shown = known[rows]
    low, high = min(float(shown.min()), opening), max(float(shown.max()), opening)
    # Halves, because the difference of the largest floats is none.
    reach = high / 2 - low / 2
    room = 4.0

    def height(value: float) -> float:
        share = (value / 2 - low / 2) / reach if reach > 0 else 0.5
        return round(SPARK_HEIGHT - room - share * (SPARK_HEIGHT - 2 * room), 1)

    across = np.round(rows / (len(known) - 1) * SPARK_WIDTH, 1).tolist()
    points = " ".join(f"{x:g},{height(value):g}" for x, value in zip(across, shown.tolist(), strict=True))
    said = f"Equity from {float(known[0]):,.2f} to {float(known[-1]):,.2f}"
    level = height(opening)
    return (
        f"<svg role='img' aria-label='{text(said)}' viewBox='0 0 {SPARK_WIDTH} {SPARK_HEIGHT}' "
        f"preserveAspectRatio='none' style='display:block;width:100%;height:{SPARK_HEIGHT}px;margin:8px 0' "
        "fill='none' stroke='currentColor'>"
        f"<title>{text(said)}</title>"
        f"<path d='M0 {level:g}H{SPARK_WIDTH}' stroke-opacity='.35' stroke-dasharray='2 4' {UNSCALED}/>"
        f"<polyline points='{points}' stroke-width='1.5' stroke-linejoin='round' {UNSCALED}/></svg>"
    )


def text(value: object) -> str:
    """Return anything as text that is only text; a long one is cut."""
    said = str(value)
    return escape(said if len(said) <= TEXT_MAX else f"{said[: TEXT_MAX - 1]}…", quote=True)
