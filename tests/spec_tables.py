"""Read the tables of `spec/`: `spec/README.md` says how. `spec_run.py` runs them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

SPEC = Path(__file__).parents[1] / "spec"
PRICES = ("open", "high", "low", "close")
AMOUNTS = ("equity", "cash", "free_cash", "used_margin", "position")
FULL = ("bar", *PRICES, "ask", "journal", "equity")
SHORT = ("ask", *PRICES, "journal")


class Malformed(Exception):
    """A table that does not say what it must."""


@dataclass(frozen=True)
class Row:
    """A row of a table: what comes, what is asked, what must come of it."""

    line: int
    bar: str
    prices: tuple[str, ...]
    ask: str
    journal: str | None
    amounts: dict[str, str]


@dataclass
class Scenario:
    """A heading with its table."""

    page: str
    line: int
    title: str
    rules: list[tuple[str, str]] = field(default_factory=list)
    cash: str = "10000"
    figures: list[tuple[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


# --- reading ---


def read(page: str, text: str) -> list[Scenario]:
    """Return the scenarios of a page; a short table gives one for each row."""
    found: list[Scenario] = []
    now: Scenario | None = None
    tables = 0
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if line.startswith("#"):
            one_table(now, tables)
            now, tables = None, 0
            if line.startswith("### "):
                now = Scenario(page, place + 1, line[4:].strip())
        elif now and line.startswith("|") and not lines[place - 1].startswith("|"):
            tables += 1
            found += table(now, lines, place)
        elif now and line.startswith(("Rules:", "Cash:", "Figures:")):
            if tables:
                raise Malformed(f"{page}:{place + 1}: this line must stand before the table")
            setting(now, line, place + 1)
    one_table(now, tables)
    if not found:
        raise Malformed(f"{page}: no scenario")
    return found


def one_table(scenario: Scenario | None, tables: int) -> None:
    if scenario and tables != 1:
        raise Malformed(f"{scenario.page}:{scenario.line}: {tables} tables under one heading, not 1")


def setting(scenario: Scenario, line: str, number: int) -> None:
    name, _, value = line.partition(":")
    if name == "Cash":
        scenario.cash = value.strip()
        return
    pairs = [tuple(word.split("=")) for word in value.split()]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise Malformed(f"{scenario.page}:{number}: {line} is not name=value")
    getattr(scenario, name.lower()).extend(pairs)


def table(scenario: Scenario, lines: list[str], first: int) -> list[Scenario]:
    """Return the scenario with its rows, or one scenario for each row of a short table."""
    page, header = scenario.page, cells(lines[first])
    fixed = SHORT if header[0] == "ask" else FULL
    if tuple(header[: len(fixed)]) != fixed or not set(header[len(fixed) :]) <= set(AMOUNTS):
        raise Malformed(f"{page}:{first + 1}: columns are {header}, not {[*fixed]} and amounts")
    rows = []
    for place in range(first + 2, len(lines)):
        if not lines[place].startswith("|"):
            break
        values = cells(lines[place])
        if len(values) != len(header):
            raise Malformed(f"{page}:{place + 1}: {len(values)} cells for {len(header)} columns")
        row = dict(zip(header, values, strict=True))
        prices = tuple(row[name] for name in PRICES)
        amounts = {name: row[name] for name in AMOUNTS if name in row}
        rows.append(Row(place + 1, row.get("bar", "0"), prices, row["ask"], row["journal"], amounts))
    if not rows or set("".join(lines[first + 1].split("|"))) - set("-: "):
        raise Malformed(f"{page}:{first + 1}: a table needs a line of dashes and rows")
    if fixed is FULL:
        check_order(page, rows)
        return [replace(scenario, rows=rows)]
    return [short(scenario, row) for row in rows]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.endswith("|") else [line]


def check_order(page: str, rows: list[Row]) -> None:
    """Refuse rows that do not count up, and prices where there can be none."""
    bars = 0
    for place, row in enumerate(rows):
        at_edge = (row.bar == "start" and place == 0) or (row.bar == "end" and place == len(rows) - 1)
        word, _, number = row.bar.partition(" ")
        if at_edge != (not any(row.prices)) or not (
            at_edge or row.bar == str(bars) or (word == "refused" and number.isdigit() and not row.ask)
        ):
            raise Malformed(f"{page}:{row.line}: row {row.bar} after {bars} bars, or its prices, cannot be")
        bars += row.bar == str(bars)


def short(scenario: Scenario, row: Row) -> Scenario:
    asked = Row(row.line, "start", ("",) * 4, row.ask, None, {})
    title = f"{scenario.title}: {row.ask}, line {row.line}"
    return replace(scenario, title=title, line=row.line, rows=[asked, replace(row, ask="")])
