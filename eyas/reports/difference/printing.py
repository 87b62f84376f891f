"""The difference of two runs in words and tables: for a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eyas.journal import MONEY_DECIMALS
from eyas.model import iso
from eyas.reports.difference.context import KINDS, Change
from eyas.reports.difference.naming import CAUSES, NAMES
from eyas.reports.difference.trades import Trade, amount, mean_price

if TYPE_CHECKING:
    from eyas.reports.difference.difference import Difference, Pair

FIRST_TRADES = 10
DETAIL_LINES = 12
SHORT = 120
CENT = 10**14
LEFT, RIGHT = "left", "right"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the difference: its title, its columns with how each is aligned, its rows of texts."""

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def headline(difference: Difference) -> list[str]:
    """Return the difference in sentences: how much money, how many trades, and what was not the same."""
    if difference.is_identical:
        return [identical(difference)]
    return [money_sentence(difference), trades_sentence(difference), *changes_sentence(difference)]


def identical(difference: Difference) -> str:
    """Return the one line of two runs that are the same."""
    trades = difference.a.trades
    said = f"Identical: {counted(trades, 'trade')}, both journals have the SHA-256 {difference.a.digest}."
    if difference.changes:
        named = "; ".join(change.sentence for change in difference.changes)
        said += f" What was not the same made no difference: {named}"
    return said


def money_sentence(difference: Difference) -> str:
    """Return how much money lies between the runs."""
    a, b = difference.a.worth.equity, difference.b.worth.equity
    if a == b:
        return f"A and B ended with the same money: {money(a)}."
    less = "less" if b < a else "more"
    return f"B ended with {money(abs(b - a))} {less} than A: {money(b)} against {money(a)}."


def trades_sentence(difference: Difference) -> str:
    """Return how many trades agree, and when the first that does not was entered."""
    if not difference.pairs:
        return "Neither run has a trade."
    counts = difference.counts
    paired = sum(count for name, count in counts.items() if name not in ("missed", "extra"))
    parts = [f"{counted(paired, 'trade')} in both, {counts.get('equal', 0):,} of them equal"]
    parts += [f"{counts[name]:,} {NAMES[name]}" for name in ("missed", "extra") if name in counts]
    said = f"{'; '.join(parts)}."
    if difference.differing:
        first = difference.differing[0]
        told = f"{whose(first)}, {when(first.known.entry_ns)}, {NAMES[first.name]}"
        return f"{said} The first that differs: {told}."
    if difference.a.digest != difference.b.digest and not difference.run_parts:
        return f"{said} Only orders that traded nothing set the journals apart."
    return said


def changes_sentence(difference: Difference) -> list[str]:
    """Return what was not the same before the first trade, in a line; nothing where it is not known."""
    if not difference.changes:
        return ["Data, code, parameters, rules and versions are the same, as far as these reports know."]
    said = "; ".join(
        f"{'' if change.name else KINDS[change.kind].lower() + ' '}{change.sentence.rstrip('.')}"
        for change in difference.changes
    )
    if len(said) <= SHORT and not any(change.kind == "code" for change in difference.changes):
        return [f"Not the same: {said}."]
    kinds = dict.fromkeys(KINDS[change.kind].lower() for change in difference.changes)
    return [f"Not the same: {', '.join(kinds)}."]


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "trade"), counted(2000, "trade")
    ('1 trade', '2,000 trades')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def whose(pair: Pair) -> str:
    """Return side and symbol of a pair."""
    side = "long" if pair.known.direction > 0 else "short"
    return f"{side} {pair.known.symbol}".strip()


def money(units: int, *, signed: bool = False) -> str:
    """Return an amount to the cent; one below it with its first two digits, so that it is not taken for none.

    >>> money(-123456 * 10**14), money(10**13), money(5 * 10**16, signed=True)
    ('-1,234.56', '0.0010', '+5.00')
    """
    sign = "+" if signed and units > 0 else ""
    value = amount(units)
    if units and abs(units) < CENT:
        digits = min(MONEY_DECIMALS, MONEY_DECIMALS + 2 - len(str(abs(units))))
        return f"{sign}{value:.{digits}f}"
    return f"{sign}{value:,.2f}"


def tables_of(difference: Difference, first_trades: int = FIRST_TRADES) -> list[Table]:
    """Return the tables of a difference that have rows: causes, what was not the same, the first trades."""
    found = [
        causes_table(difference),
        changes_table(difference.changes),
        trades_table(difference, first_trades),
    ]
    return [table for table in found if table.rows]


def causes_table(difference: Difference) -> Table:
    """Return the causes with their money, the largest first, and their sum."""
    causes = difference.cause_units
    names = sorted({*causes, *difference.counts} - {"equal"}, key=lambda name: -abs(causes.get(name, 0)))
    rows = [
        (
            name,
            CAUSES[name],
            f"{difference.counts[name]:,}" if name in difference.counts else "",
            money(causes.get(name, 0), signed=True),
        )
        for name in names
    ]
    if rows:
        total = difference.units
        rows.append(("together", "", "", money(total, signed=True)))
    columns = (("cause", LEFT), ("what it is", LEFT), ("trades", RIGHT), ("money", RIGHT))
    note = "Money by every cause it has; a trade is counted at the first cause that explains it."
    return Table("Where the money went", columns, tuple(rows), note)


def changes_table(changes: Sequence[Change]) -> Table:
    """Return what was not the same before the first trade."""
    rows = tuple((KINDS[change.kind], change.sentence) for change in changes)
    return Table("What was not the same", (("kind", LEFT), ("A → B", LEFT)), rows)


def trades_table(difference: Difference, first_trades: int) -> Table:
    """Return the first trades that differ, a row for each run's."""
    shown = difference.differing[:first_trades]
    rows: list[tuple[str, ...]] = []
    for pair in shown:
        rows.append((pair.name, "A", *trade_texts(pair.a), ""))
        rows.append((whose(pair), "B", *trade_texts(pair.b), money(pair.units, signed=True)))
    columns = (
        *(("trade", LEFT), ("", LEFT), ("entered", LEFT), ("price", RIGHT), ("quantity", RIGHT)),
        *(("left", LEFT), ("price", RIGHT), ("why", LEFT), ("profit", RIGHT), ("B − A", RIGHT)),
    )
    left = len(difference.differing) - len(shown)
    note = f"Times are UTC. {left:,} more differ." if left else "Times are UTC."
    return Table("The first trades that differ", columns, tuple(rows), note)


def trade_texts(trade: Trade | None) -> tuple[str, ...]:
    """Return what is said of a trade; dashes where there is none."""
    if trade is None:
        return ("–", "", "", "–", "", "", "")
    return (
        when(trade.entry_ns),
        number(mean_price(trade.entered, trade.quantity)),
        number(trade.quantity),
        "still open" if trade.is_open else when(trade.exit_ns),
        number(mean_price(trade.left, trade.quantity)),
        trade.reason.replace("_", " "),
        money(trade.value),
    )


def number(units: int) -> str:
    """Return a price or a quantity with at most eight digits that count.

    >>> number(15 * 10**15), number(123456789 * 10**12)
    ('1.5', '12,345.679')
    """
    value = amount(units)
    text = f"{value:,.8g}" if 10**11 < abs(units) < 10**24 else f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def when(time_ns: int) -> str:
    """Return a time in UTC, no longer than it has to be.

    >>> when(0), when(5_400_000_000_000)
    ('1970-01-01', '1970-01-01 01:30')
    """
    text = iso(time_ns).removesuffix("Z").replace("T", " ")
    return text.removesuffix(":00").removesuffix(" 00:00")


def text_of(difference: Difference) -> str:
    """Return the difference as plain text."""
    if difference.is_identical:
        return identical(difference)
    lines = [*sides(difference), "", *headline(difference)]
    for table in tables_of(difference):
        lines += ["", table.title, "", *aligned(table)]
        if table.title == changes_table(()).title:
            lines += details(difference.changes)
        if table.note:
            lines += ["", table.note]
    return "\n".join(lines)


def sides(difference: Difference) -> list[str]:
    """Return what the two runs are."""
    return [
        f"{name}: {side.source + ', ' if side.source else ''}{side.title}"
        for name, side in (("A", difference.a), ("B", difference.b))
    ]


def aligned(table: Table) -> list[str]:
    """Return the rows of a table below their titles, in columns."""
    titles = tuple(title for title, _ in table.columns)
    widths = [max(len(row[at]) for row in (titles, *table.rows)) for at in range(len(titles))]
    lines = []
    for row in (titles, *table.rows):
        cells = [
            f"{text:>{width}}" if align == RIGHT else f"{text:<{width}}"
            for text, width, (_, align) in zip(row, widths, table.columns, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def details(changes: Sequence[Change]) -> list[str]:
    """Return the first lines of what was revised in data and code."""
    lines: list[str] = []
    for change in changes:
        if change.detail:
            left = len(change.detail) - DETAIL_LINES
            more = [f"  … {left:,} more lines"] if left > 0 else []
            lines += ["", *(f"  {line}" for line in change.detail[:DETAIL_LINES]), *more]
    return lines


def markdown_of(difference: Difference) -> str:
    """Return the difference as Markdown."""
    lines = ["# Difference of two runs", ""]
    lines += [f"- {escaped(line)}" for line in sides(difference)]
    lines += ["", *(line for said in headline(difference) for line in (escaped(said), ""))]
    if difference.is_identical:
        return "\n".join(lines)
    for table in tables_of(difference):
        lines += [f"## {table.title}", ""]
        lines.append("| " + " | ".join(title for title, _ in table.columns) + " |")
        lines.append("|" + "|".join("---:" if align == RIGHT else "---" for _, align in table.columns) + "|")
        lines += ["| " + " | ".join(escaped(text) for text in row) + " |" for row in table.rows]
        lines.append("")
        if table.note:
            lines += [table.note, ""]
    for change in difference.changes:
        if change.detail:
            language = "diff" if change.kind == "code" else ""
            lines += [f"### {escaped(change.sentence)}", "", *fenced(change.detail, language), ""]
    return "\n".join(lines)


def fenced(lines: Sequence[str], language: str) -> list[str]:
    """Return lines as a block of code whose fence occurs in none of them."""
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    return [f"{fence}{language}", *lines, fence]


def escaped(text: str) -> str:
    """Return a text that stays one cell of a Markdown table and is taken as it is."""
    for sign in "\\|*_`<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
