"""docs/rules.md says what spec/, the kernel and the presets say."""

from __future__ import annotations

import re

from eyas import model
from tools import rules_page


def test_the_page_is_what_its_sources_make() -> None:
    made = rules_page.page()
    assert rules_page.PAGE.read_text(encoding="utf-8") == made, "python -m tools.rules_page makes it anew"


def test_every_rule_is_explained_and_shown_by_a_scenario() -> None:
    meanings, shown = rules_page.meanings(), rules_page.scenarios()
    assert set(meanings) == {name for name, _ in model.RULES}
    unproven = [name for name, _ in model.RULES if not rules_page.by_relevance(name, shown)]
    assert unproven == []


def test_every_refusal_is_shown_by_a_scenario_or_says_why_it_is_not() -> None:
    rows = rules_page.refusal_table(rules_page.scenarios())[2:]
    assert len(rows) == len(model.REFUSALS) - 1
    assert sum("[" in row for row in rows) >= len(rows) - 5


def test_every_anchor_is_a_heading() -> None:
    headings = {(each.page, each.target) for each in rules_page.scenarios()}
    targets = {target for _, target in headings}
    for link in re.findall(r"\]\((\.\./spec/[^)]*#[^)]*)\)", rules_page.page()):
        assert link in targets


def test_the_diagram_has_every_step() -> None:
    arrows = "\n".join(rules_page.diagram())
    for before, event, after in model.STEPS:
        assert re.search(rf"{before} --> {after}: .*\b{event}\b", arrows)
