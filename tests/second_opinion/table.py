"""Write the table of docs/second-opinion.md: every scenario in every engine.

python -m tests.second_opinion.table
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

from tests.second_opinion.cases import ABSENT, ENGINES, SCENARIOS, module_of, totals_of

PAGE = Path(__file__).parents[2] / "docs" / "second-opinion.md"
MARKED = re.compile(r"(<!-- made: python -m tests\.second_opinion\.table -->\n).*?(<!-- end -->)", re.DOTALL)


def table() -> str:
    """Return the table and its legend as Markdown."""
    heads = [f"{module_of(engine).NAME} {version(engine)}" for engine in ENGINES]
    rows = [["scenario", *heads], ["---"] * (len(ENGINES) + 1)]
    rows += [[scenario.name, *(cell(engine, scenario.name) for engine in ENGINES)] for scenario in SCENARIOS]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", *legend()])


def cell(engine: str, name: str) -> str:
    """Return what came of a scenario in an engine."""
    found = totals_of(engine, name)
    if isinstance(found, str):
        return f"– {found}"
    words = [f"{found.equal:,} equal"]
    words += [f"{count} {mark}" for mark, count in sorted(found.explained.items())]
    words += [f"{found.follow} follow"] if found.follow else []
    words += [f"**{len(found.unexplained)} unexplained**"] if found.unexplained else []
    return ", ".join(words)


def legend() -> list[str]:
    """Return each difference with its mark and the engines that have it."""
    rules: dict[str, str] = {}
    owners: dict[str, list[str]] = {}
    for engine in ENGINES:
        module = module_of(engine)
        for difference in module.DIFFERENCES:
            rules[difference.mark] = difference.rule
            owners.setdefault(difference.mark, []).append(module.NAME)
    return [f"- **{mark}** ({', '.join(owners[mark])}): {rules[mark]}" for mark in sorted(rules)]


def written() -> str:
    """Return what stands between the marks of the page."""
    found = MARKED.search(PAGE.read_text(encoding="utf-8"))
    assert found, f"{PAGE.name} has the two marks"
    return found[0].split("\n", 1)[1].removesuffix(found[2]).rstrip("\n")


def main() -> None:
    """Put the table into the page."""
    if ABSENT:
        sys.exit(f"{', '.join(ABSENT)}: not installed here; see `make second-opinion`")
    text = table()
    page = MARKED.sub(lambda marks: f"{marks[1]}{text}\n{marks[2]}", PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page, encoding="utf-8")
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
