"""The tables that the commands print: a run's figures, the samples, the rules."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from eyas.cli.screen import console_of, print_plain, show
from eyas.data import samples
from eyas.model import RULES
from eyas.presets import PRESETS
from eyas.rules import Rules

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from eyas.reports import Report

COLOURED = {"Return", "Return a year", "Profit of trades", "Average trade"}
GAIN, LOSS = "green", "red"
GAP, BETWEEN = 2, 4


class Terms(NamedTuple):
    """Say which figures are printed beside the headline, and on what terms."""

    metrics: bool = False
    explain: bool = False
    benchmark: Any = None
    risk_free: float = 0.0


def print_report(report: Report, written: Mapping[str, Path | None], terms: Terms | None = None) -> None:
    """Print what ran, its figures, what to know of them, and last the files that were written.

    With `metrics` of the terms all figures follow in groups, with `explain` each with its definition.
    """
    terms = terms or Terms()
    settings = settings_line(report)
    notes = [f"Note: {remark}\n" for remark in report.remarks()]
    files = [f"{label}: {path}\n" for label, path in written.items() if path]
    if sys.stdout.isatty():
        from rich.text import Text

        show(Text.assemble((report.title, "bold"), (f"\n{settings}" if settings else "", "dim"), "\n"))
        show(figures(report))
    else:
        print_plain("\n".join(filter(None, (report.title, settings))) + f"\n\n{report.summary}\n", sys.stdout)
    if terms.explain or terms.metrics:
        print_metrics(report, terms)
    print_plain("".join(["\n", *notes, *files] if notes or files else []), sys.stdout)


def print_metrics(report: Report, terms: Terms) -> None:
    """Print all figures of a run in groups, or each with its definition."""
    found = report.metrics_with(benchmark=terms.benchmark, risk_free=terms.risk_free)
    if terms.explain:
        print_plain(f"\n{found.explain()}\n\n{found.basis}\n", sys.stdout)
    elif not sys.stdout.isatty():
        print_plain(f"\n{found}\n", sys.stdout)
    else:
        from rich.text import Text

        for title, group in found.groups():
            show(Text(f"\n{title}", "bold"))
            show(pairs([(one.label, one.text) for one in group]))
        show(Text(f"\n{found.basis}", "dim"))


def figures_so_far(report: Report) -> None:
    """Print the figures of a run that failed, up to its last bar."""
    if not sys.stdout.isatty():
        print_plain(f"Up to that bar:\n\n{report.summary}\n", sys.stdout)
        return
    from rich.text import Text

    show(Text("\nUp to that bar:\n", "bold"))
    show(figures(report))


def settings_line(report: Report) -> str:
    """Return the parameters, and the rules that differ from the default market."""
    changed = [*report.parameters.items(), *report.rules.differences()]
    return " ".join(f"{name}={value}" for name, value in changed)


def figures(report: Report) -> Table:
    """Return the figures, side by side where there is room: the account's, then those of the trades."""
    from rich.table import Table

    rows = report.summary.rows()
    middle = next(at for at, (label, _) in enumerate(rows) if label == "Trades")
    refused = [row for row in rows if row[0].startswith("Refused")]
    left, right = rows[:middle], [row for row in rows[middle:] if row not in refused]
    outer = Table.grid()
    if width_of(left) + width_of(right) + BETWEEN <= console_of(sys.stdout).width:
        beside = Table.grid(padding=(0, BETWEEN, 0, 0))
        beside.add_row(pairs(left), pairs(right))
        outer.add_row(beside)
    else:
        outer.add_row(pairs([*left, *right]))
    if refused:
        outer.add_row("")
        outer.add_row(pairs(refused))
    return outer


def width_of(rows: Sequence[tuple[str, str]]) -> int:
    """Return how wide labels and figures are as two columns."""
    return max(len(label) for label, _ in rows) + GAP + max(len(text) for _, text in rows)


def pairs(rows: Sequence[tuple[str, str]]) -> Table:
    """Return labels and figures as two columns."""
    from rich.table import Table

    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for label, text in rows:
        table.add_row(label, coloured(label, text))
    return table


def coloured(label: str, text: str) -> Text:
    """Return a figure in the colour of a gain or a loss, where it is one."""
    from rich.text import Text

    if label.startswith("Refused"):
        return Text(text, "yellow")
    if label not in COLOURED or text == "n/a":
        return Text(text)
    return Text(text, LOSS if text.startswith("-") else GAIN)


def print_samples() -> None:
    """Print the bundled series."""
    rows = [
        (f"{one.symbol}:{one.timeframe}", f"{one.rows:,}", about(one.about, one.adjusted))
        for one in samples()
    ]
    print_table(("--sample", "Bars", "What it is"), rows, right=1)


def about(text: str, adjusted: bool) -> str:
    """Return what a sample is, and whether it can be had adjusted."""
    return f"{text}; with :adjusted without their jumps" if adjusted else text


def print_rules() -> None:
    """Print every rule, its default and what it may be."""
    usual = dict(Rules().texts())
    # A backtest is its own market, so `matching` is no choice here.
    rows = [(name, usual[name], allowed) for name, allowed in RULES if name != "matching"]
    print_table(("--rule", "Default", "May be"), rows)


def print_presets() -> None:
    """Print every preset: how many rules it changes, and which."""
    rows = [(name, str(len(rules.differences())), settings_of(rules)) for name, rules in PRESETS.items()]
    print_table(("--rules", "Changes", "Which"), rows, right=1)


def settings_of(rules: Rules) -> str:
    """Return the rules that differ from the default market, on one line."""
    return " ".join(f"{name}={text}" for name, text in rules.differences()) or "nothing"


def print_table(titles: tuple[str, str, str], rows: Sequence[tuple[str, str, str]], right: int = -1) -> None:
    """Print three columns; the last wraps in a terminal, and nothing does elsewhere."""
    if not sys.stdout.isatty():
        widths = [max(len(row[at]) for row in (titles, *rows)) for at in (0, 1)]
        for row in (titles, *rows):
            second = row[1].rjust(widths[1]) if right == 1 else row[1].ljust(widths[1])
            print_plain(f"{row[0]:<{widths[0]}}  {second}  {row[2]}\n", sys.stdout)
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 3, 0, 0))
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at == right else "left", style="cyan" if at == 0 else "")
    for row in rows:
        table.add_row(*row)
    show(table)
