"""Make docs/rules.md from spec/, the kernel's own tables and the presets: `python -m tools.rules_page`.

A test holds the page equal to what this makes, so neither a rule, nor a scenario that proves one, nor a
step in the life of an order can be missing from it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import eyas
from eyas import model, presets

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "spec"
PAGE = ROOT / "docs" / "rules.md"
SHOWN_MAX = 4  # links for one rule
HEADING = re.compile(r"^### (.+)$")
ROW = re.compile(r"^\| (\w+) \| (.+?) \| (.+?) \|$")
PRESETS = ("HAWK", "STREAM", "LIFECYCLE", "KLINE", "DESK", "DEFAULT")


@dataclass(frozen=True)
class Scenario:
    """One scenario of a page: its title, and the rules it sets, of the market and of instruments."""

    page: str
    title: str
    rules: tuple[tuple[str, str], ...]
    text: str

    @property
    def link(self) -> str:
        """Return a link to the scenario from docs/."""
        return f"[{self.title.split(':')[0] if self.title[0] == 'R' else self.page[:-3]}]({self.target})"

    @property
    def target(self) -> str:
        """Return where the scenario is, from docs/, with the anchor that a heading gets."""
        kept = "".join(letter for letter in self.title.lower() if letter.isalnum() or letter in " -_")
        return f"../spec/{self.page}#{kept.replace(' ', '-')}"


def scenarios() -> list[Scenario]:
    """Return every scenario of every page."""
    found = []
    for path in sorted(SPEC.glob("*.md")):
        parts = re.split(r"^(?=### )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        for part in parts:
            title = part.splitlines()[0].removeprefix("### ")
            lines = re.findall(r"^(?:Rules|Instrument):(.*)$", part, flags=re.MULTILINE)
            pairs = [word.partition("=") for line in lines for word in line.split()]
            rules = tuple((name, value) for name, _, value in pairs)
            found.append(Scenario(path.name, title, rules, part))
    return found


def meanings() -> dict[str, tuple[str, str]]:
    """Return what every rule decides and the readings it follows, from spec/rules.md."""
    lines = (SPEC / "rules.md").read_text(encoding="utf-8").splitlines()
    rows = (ROW.match(line) for line in lines)
    names = dict(model.RULES)
    return {row[1]: (row[2], row[3]) for row in rows if row and row[1] in names}


def section(title: str) -> str:
    """Return a section of spec/rules.md without its scenarios."""
    text = (SPEC / "rules.md").read_text(encoding="utf-8")
    return re.split(r"^#+ ", text.split(f"## {title}\n")[1], flags=re.MULTILINE)[0].strip()


def rule_table(names: list[str], shown: list[Scenario]) -> list[str]:
    """Return the rows of a table of rules."""
    allowed, default, means = dict(model.RULES), eyas.Rules(), meanings()
    rows = [
        "| rule | values | default | what it decides | readings | shown in |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        decides, readings = means[name]
        links = [each.link for each in by_relevance(name, shown)]
        values = allowed[name].replace("yes or no (True or False in Python)", "True or False")
        cells = (
            f"`{name}`",
            values,
            written(getattr(default, name)),
            decides,
            readings,
            ", ".join(links[:SHOWN_MAX]),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def by_relevance(name: str, shown: list[Scenario]) -> list[Scenario]:
    """Return the scenarios that set a rule: those about it first, then those that set little else."""
    found = [each for each in shown if any(rule == name for rule, _ in each.rules)]
    return sorted(found, key=lambda each: (name not in each.title, len(each.rules)))


def written(value: Any) -> str:
    """Return a rule's value as a person writes it."""
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def preset_table() -> list[str]:
    """Return what the presets change, one rule a row."""
    values = {name: getattr(presets, name) for name in PRESETS}
    names = [field.name for field in fields(eyas.Rules)]
    differs = [name for name in names if len({str(getattr(rules, name)) for rules in values.values()}) > 1]
    rows = [f"| rule | {' | '.join(PRESETS)} |", "|---|" + "---|" * len(PRESETS)]
    cells = {name: [written(getattr(rules, name)) for rules in values.values()] for name in differs}
    return rows + [f"| `{name}` | {' | '.join(cells[name])} |" for name in differs]


def diagram() -> list[str]:
    """Return the life of an order as a diagram, from the kernel's table of steps."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, event, after in model.STEPS:
        arrows.setdefault((before, after), []).append(event)
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> new"]
    lines += [f"    {before} --> {after}: {', '.join(events)}" for (before, after), events in arrows.items()]
    ends = sorted({after for _, after in arrows} - {before for before, _ in arrows})
    return [*lines, *(f"    {end} --> [*]" for end in ends), "```"]


def refusal_table(shown: list[Scenario]) -> list[str]:
    """Return every reason for saying no, with the scenario that provokes it."""
    rows = ["| refusal | shown in |", "|---|---|"]
    pages = sorted(shown, key=lambda each: each.page != "refusals.md")
    told = dict(re.findall(r"^- `(\w+)`: (.*)$", (SPEC / "refusals.md").read_text("utf-8"), re.MULTILINE))
    for name in model.REFUSALS.values():
        found = [each for each in pages if re.search(rf"\b{name}\b", each.text)]
        if name != "none":
            first = f"[{found[0].page[:-3]}: {found[0].title}]({found[0].target})" if found else told[name]
            rows.append(f"| `{name}` | {first} |")
    return rows


def page() -> str:
    """Return docs/rules.md."""
    shown = scenarios()
    limits = [name for name, _ in model.RULES if name in model.LIMITS]
    terms = [name for name, _ in model.RULES if name in model.TERMS]
    market = [name for name, _ in model.RULES if name not in limits and name not in terms]
    parts = [
        "<!-- Made by `python -m tools.rules_page` from spec/ and the kernel's tables: change those. -->",
        "# The rules of the market",
        INTRODUCTION,
        "## One bar",
        section("One bar"),
        AFTERWARDS,
        "## Rules of the market",
        "\n".join(rule_table(market, shown)),
        "## Terms of an instrument",
        TERMS_TEXT,
        "\n".join(rule_table(terms, shown)),
        "## Limits that a person sets",
        section("Limits that a person sets").split("\n\n")[0],
        "\n".join(rule_table(limits, shown)),
        "## Presets",
        PRESET_TEXT,
        "\n".join(preset_table()),
        "## The life of an order",
        "\n".join(diagram()),
        "## Why an order is refused",
        REFUSAL_TEXT,
        "\n".join(refusal_table(shown)),
        CLOSING,
    ]
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """A run has one order of events for every bar, and named rules for everything that markets do
differently. A rule is a keyword of `eyas.backtest`, or a field of `eyas.Rules`; `eyas rules` lists them in a
terminal.

```python
import eyas

costly = eyas.Rules(fee_rate=0.001, slippage=0.0005, gap="open")
spot = costly.changed(account="cash")
```"""

AFTERWARDS = """\
A touch is a hit. Trailing only tightens. Fees are charged on every fill. Money is exact: scaled
integers, rounded once, half to even. Without `margin_call` nothing closes a losing position for
you: equity may fall below zero."""

TERMS_TEXT = """\
Each of these can be given by symbol: `fee_rate={"BTCUSDT": 0.0006}`; symbols that are not named
keep the default."""

PRESET_TEXT = """\
A preset is a value of `eyas.Rules`: `rules=eyas.presets.HAWK`, or by name, `rules="hawk"`. These
are the rules in which they differ from each other."""

REFUSAL_TEXT = """\
The form of an order is checked when it is submitted; whether it is covered, when it fills, at its
fill price with the fee. The first reason that does not hold is reported, and named by what must
hold. Refusals reach `on_refusal` and the journal."""

CLOSING = """\
The scenarios behind the links stand in [spec/](../spec/README.md) as tables that the Rust kernel,
the Python package and the wasm build run and agree on to the last digit."""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")


if __name__ == "__main__":
    main()
