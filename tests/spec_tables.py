"""Read the tables of `spec/`: `spec/README.md` says how. `spec_run.py` runs them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

SPEC = Path(__file__).parents[1] / "spec"
PRICES = ("open", "high", "low", "close")
AMOUNTS = ("equity", "cash", "free_cash", "used_margin", "position", "margin_level", "open_profit")
BEFORE_PRICES = ("instrument", "time", "length")
AFTER_PRICES = ("volume", "given", "funding")
SETTINGS = ("Rules:", "Instrument:", "Cash:", "Figures:", "Folds:")

Pairs = list[tuple[str, str]]


class Malformed(Exception):
    """A table that does not say what it must."""


@dataclass(frozen=True)
class Row:
    """A row of a table: what comes, what is asked, what must come of it."""

    line: int
    bar: str
    prices: tuple[str, ...] = ("",) * 4
    ask: str = ""
    journal: str | None = None
    amounts: dict[str, str] = field(default_factory=dict)
    instrument: int = 0
    time: str = ""
    length: str = ""
    volume: str = "1"
    given: str = ""
    funding: str = ""

    @property
    def has_prices(self) -> bool:
        return any(self.prices)

    @property
    def is_missing(self) -> bool:
        """Whether the instrument has no bar in this step."""
        return self.prices[0] == "-" and not set(self.prices[1:]) - {"", "-"}


@dataclass
class Step:
    """What comes at once: the rows of one number, and the finer bars inside them."""

    name: str
    finer: list[Row]
    rows: list[Row]


@dataclass
class Scenario:
    """A heading with its table."""

    page: str
    line: int
    title: str
    rules: Pairs = field(default_factory=list)
    instruments: list[Pairs] = field(default_factory=list)
    cash: str = "10000"
    figures: Pairs = field(default_factory=list)
    folds: Pairs = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


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
        elif now and line.startswith(SETTINGS):
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
    pairs = [(word.partition("=")[0], word.partition("=")[2]) for word in value.split()]
    # An instrument may have nothing but the terms of the rules.
    if not (pairs or name == "Instrument") or any(word.count("=") != 1 for word in value.split()):
        raise Malformed(f"{scenario.page}:{number}: {line} is not name=value")
    if name == "Instrument":
        scenario.instruments.append(pairs)
    else:
        {"Rules": scenario.rules, "Figures": scenario.figures, "Folds": scenario.folds}[name].extend(pairs)


def table(scenario: Scenario, lines: list[str], first: int) -> list[Scenario]:
    """Return the scenario with its steps, or one scenario for each row of a short table."""
    page, header = scenario.page, cells(lines[first])
    is_short = header[0] == "ask"
    fixed = columns(is_short, header)
    more = header[len(fixed) :]
    unknown = set(more) - set(AMOUNTS) or len({*header}) < len(header)
    if header[: len(fixed)] != fixed or unknown or not (is_short or more):
        raise Malformed(f"{page}:{first + 1}: columns are {header}, not {fixed} and amounts")
    rows = []
    for place in range(first + 2, len(lines)):
        if not lines[place].startswith("|"):
            break
        rows.append(row_of(f"{page}:{place + 1}", place + 1, header, cells(lines[place])))
    if not rows or set("".join(lines[first + 1].split("|"))) - set("-: "):
        raise Malformed(f"{page}:{first + 1}: a table needs a line of dashes and rows")
    if is_short:
        return [short(scenario, row) for row in rows]
    return [replace(scenario, steps=steps_of(page, rows))]


def columns(is_short: bool, header: list[str]) -> list[str]:
    """Return the columns before the further amounts, with those of the optional ones that the header has."""
    before = [name for name in BEFORE_PRICES if name in header]
    after = [name for name in AFTER_PRICES if name in header]
    first, last = ("ask", ["journal"]) if is_short else ("bar", ["ask", "journal"])
    return [first, *before, *PRICES, *after, *last]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.endswith("|") else [line]


def row_of(where: str, line: int, header: list[str], values: list[str]) -> Row:
    if len(values) != len(header):
        raise Malformed(f"{where}: {len(values)} cells for {len(header)} columns")
    cell = dict(zip(header, values, strict=True))
    instrument = cell.get("instrument") or "0"
    if not instrument.isdigit():
        raise Malformed(f"{where}: {instrument} is no number of an instrument")
    others = {name: cell[name] for name in ("time", "length", *AFTER_PRICES) if name in cell}
    return Row(
        line,
        cell.get("bar", "0"),
        tuple(cell[name] for name in PRICES),
        cell["ask"],
        cell["journal"],
        {name: cell[name] for name in AMOUNTS if name in cell},
        int(instrument),
        **others,
    )


# --- putting together what comes at once ---


def steps_of(page: str, rows: list[Row]) -> list[Step]:
    """Return the steps of rows. Refuse rows that do not count up, and cells that cannot be there."""
    steps: list[Step] = []
    finer: list[Row] = []
    bars = 0
    for place, row in enumerate(rows):
        wrong = Malformed(f"{page}:{row.line}: row {row.bar} after {bars} bars, or its cells, cannot be")
        if "." in row.bar:
            before = sum(other.instrument == row.instrument for other in finer)
            written = (row.ask, row.journal, *row.amounts.values())
            if row.bar.partition(".")[2] != str(before + 1) or not row.has_prices or any(written):
                raise wrong
            finer.append(row)
        elif bars and row.bar == str(bars - 1) == steps[-1].name:
            if finer or row.instrument <= steps[-1].rows[-1].instrument or not row.has_prices:
                raise wrong
            steps[-1].rows.append(row)
        else:
            at_edge = (row.bar == "start" and place == 0) or (row.bar == "end" and place == len(rows) - 1)
            refused = re.fullmatch(r"refused (\d+)", row.bar)
            fits = at_edge or row.bar == str(bars) or (refused and not row.ask)
            here = f"{refused[1] if refused else row.bar}."
            inside = all(other.bar.startswith(here) for other in finer)
            if not fits or not inside or at_edge == row.has_prices:
                raise wrong
            bars += row.bar == str(bars)
            steps.append(Step(row.bar, finer, [row]))
            finer = []
    if finer:
        raise Malformed(f"{page}:{finer[0].line}: row {finer[0].bar} is inside no bar")
    for step in steps:
        check_step(page, step)
    return steps


def check_step(page: str, step: Step) -> None:
    for row in step.rows[:-1]:
        if any(row.amounts.values()):
            raise Malformed(f"{page}:{row.line}: amounts stand in the last row of a step")
    if all(row.is_missing for row in step.rows):
        raise Malformed(f"{page}:{step.rows[0].line}: no instrument has a bar in this step")


def short(scenario: Scenario, row: Row) -> Scenario:
    asked, comes = Row(row.line, "start", ask=row.ask), replace(row, ask="")
    title = f"{scenario.title}: {row.ask}, line {row.line}"
    steps = [Step("start", [], [asked]), Step("0", [], [comes])]
    return replace(scenario, title=title, line=row.line, steps=steps)
