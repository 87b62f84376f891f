"""Run every table of `spec/` through Python, and see that the runner sees wrong ones."""

from __future__ import annotations

import re

import pytest

from eyas import _kernel
from tests.spec_run import run
from tests.spec_tables import SPEC, Malformed, Scenario, read

PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(SPEC.glob("*.md"))}
SCENARIOS = [scenario for page, text in PAGES.items() for scenario in read(page, text)]


def named(scenario: Scenario) -> str:
    return f"{scenario.page.removesuffix('.md')}: {scenario.title}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_the_kernel_does_what_the_page_says(scenario: Scenario) -> None:
    run(scenario)


def test_every_rule_stands_in_a_scenario() -> None:
    used = {name for scenario in SCENARIOS for name, _ in scenario.rules}
    assert used == {name for name, _ in _kernel.RULES}


def test_every_refusal_stands_in_a_scenario() -> None:
    page = PAGES["refusals.md"]
    rows = [row for scenario in read("refusals.md", page) for row in scenario.rows]
    provoked = set(re.findall(r"\w+", " ".join(row.journal or "" for row in rows)))
    elsewhere = set(re.findall(r"^- `(\w+)`", page, re.MULTILINE))
    assert elsewhere == {
        "close_must_be_market_order",
        "matching_must_be_elsewhere",
        "rules_must_be_possible",
    }
    names = set(_kernel.REFUSALS.values()) - {"none"}
    assert names & provoked == names - elsewhere


RIGHT = """\
### A ticket
Rules: fee_rate=0.001
Cash: 1000
Figures: trades=1

| bar | open | high | low | close | ask | journal | equity |
|-----|------|------|-----|-------|-----|---------|--------|
| start | | | | | buy 2 take_profit 105 | submitted 1 +2 | 1000 |
| 0 | 100 | 102 | 99 | 101 | | open: filled 1 +2 at 100 fee 0.2 | 1001.8 |
| 1 | 101 | 106 | 101 | 104 | | range: filled of 1 -2 at 105 fee 0.21 profit 10 take_profit; \
range: closed of 1 +2 at 105 from 100 fee 0.41 profit 9.59 take_profit | 1009.59 |
| refused 1 | 100 | 101 | 99 | 100 | | bar_must_be_later | 1009.59 |
| end | | | | | fill 1 1 at 100 refused | | 1009.59 |
"""
SECOND = """\
| ask | open | high | low | close | journal |
|-----|------|------|-----|-------|---------|
| buy 1 | 1 | 1 | 1 | 1 | open: filled 1 +1 at 1 |
"""


def run_text(text: str) -> None:
    for scenario in read("page.md", text):
        run(scenario)


def test_a_right_table_passes() -> None:
    run_text(RIGHT)


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("at 100 fee 0.2 ", "at 100 fee 0.3 ", "page.md:9: journal differs"),
        ("open: filled 1", "range: filled 1", "page.md:9: journal differs"),
        ("submitted 1 +2", "submitted 2 +2", "page.md:8: journal differs"),
        ("9.59 take_profit |", "9.59 stop_loss |", "page.md:10: journal differs"),
        ("; range: closed", "; range: Closed", "page.md:10: journal differs"),
        ("| open: filled 1 +2 at 100 fee 0.2 |", "| |", "page.md:9: journal differs"),
        ("| 1001.8 |", "| 1001.80 |", "page.md:9: equity differs"),
        ("bar_must_be_later", "bar_must_be_in_range", "page.md:11: journal differs"),
        ("at 100 refused", "at 100", "page.md:12: fill 1 1 at 100 was not taken"),
        ("trades=1", "trades=2", "page.md:1: trades differs"),
    ],
)
def test_tables_that_are_not_so_fail(right: str, wrong: str, why: str) -> None:
    assert right in RIGHT
    with pytest.raises(AssertionError, match=f"^{re.escape(why)}"):
        run_text(RIGHT.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("trades=1", "trade=1", "page.md:1: there is no figure trade"),
        ("fee_rate=0.001", "fee=0.001", "page.md:1: 'fee'"),
        ("Cash: 1000", "Cash: 0", "page.md:1: cash is 0"),
        ("Rules: fee_rate=0.001", "Rules: fee_rate", "page.md:2: Rules: fee_rate is not name=value"),
        ("### A ticket", "## A ticket", "page.md: no scenario"),
        ("| 0 | 100", "| 2 | 100", "page.md:9: row 2 after 0 bars"),
        ("| 0 | 100 | 102", "| 0 | 100 | ", "page.md:9: prices"),
        ("| end | | |", "| end | 1 | |", "page.md:12: row end after 2 bars"),
        ("| buy 2 ", "| bye 2 ", "page.md:8: nobody can ask 'bye"),
        ("buy 2 take", "buy 2 at 9 take", "page.md:8: at cannot stand"),
        ("buy 2 take", "buy 2e0 take", "page.md:8: 2e0 is no number"),
        ("| journal |", "| events |", "page.md:6: columns are"),
        ("| 1001.8 |", "|", "page.md:9: 7 cells for 8 columns"),
        ("|-----|--", "| bar |--", "page.md:6: a table needs a line of dashes"),
        ("| end |", "\n| end |", "page.md:13: columns are"),
        ("Figures: trades=1\n", SECOND, "page.md:1: 2 tables under one heading"),
    ],
)
def test_tables_that_cannot_be_read_fail(right: str, wrong: str, why: str) -> None:
    assert right in RIGHT
    with pytest.raises(Malformed, match=f"^{re.escape(why)}"):
        run_text(RIGHT.replace(right, wrong, 1))


def test_a_difference_shows_both_sides_and_marks_what_differs() -> None:
    with pytest.raises(AssertionError) as raised:
        run_text(RIGHT.replace("fee 0.21 profit 10", "fee 0.21 profit 11", 1))
    same = "      range: closed of 1 +2 at 105 from 100 fee 0.41 profit 9.59 take_profit"
    assert str(raised.value).split("\n") == [
        "page.md:10: journal differs",
        "  expected:",
        "    ! range: filled of 1 -2 at 105 fee 0.21 profit 11 take_profit",
        same,
        "  got:",
        "    ! range: filled of 1 -2 at 105 fee 0.21 profit 10 take_profit",
        same,
    ]
