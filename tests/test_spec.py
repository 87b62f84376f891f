"""Run every table of `spec/` through Python, and see that the runner sees wrong ones."""

from __future__ import annotations

import itertools
import re

import pytest

from eyas import _kernel
from tests.spec_run import run
from tests.spec_tables import SPEC, Malformed, Scenario, read

PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(SPEC.glob("*.md"))}
SCENARIOS = [scenario for page, text in PAGES.items() for scenario in read(page, text)]
# What tools/golden.py has recorded: it proves no rule, but every host must reproduce it.
RECORDED = [
    scenario
    for page in sorted((SPEC / "golden").glob("*.md"))
    for scenario in read(f"golden/{page.name}", page.read_text(encoding="utf-8"))
]


def named(scenario: Scenario) -> str:
    return f"{scenario.page.removesuffix('.md')}: {scenario.title}"


@pytest.mark.parametrize("scenario", [*SCENARIOS, *RECORDED], ids=named)
def test_the_kernel_does_what_the_page_says(scenario: Scenario) -> None:
    run(scenario)


@pytest.mark.parametrize("scenario", [*SCENARIOS, *RECORDED], ids=named)
def test_the_kernel_reads_the_words_of_the_page(scenario: Scenario) -> None:
    run(scenario, in_words=True)


def test_every_page_stands_in_the_table_of_pages() -> None:
    listed = set(re.findall(r"^\| \[([\w-]+\.md)\]\(\1\) \|", PAGES["README.md"], re.MULTILINE))
    assert listed == PAGES.keys() - {"README.md"}


def test_every_rule_stands_in_a_scenario() -> None:
    pairs = [[*scenario.rules, *itertools.chain(*scenario.instruments)] for scenario in SCENARIOS]
    assert {name for name, _ in itertools.chain(*pairs)} == {name for name, _ in _kernel.RULES}


def test_every_refusal_stands_in_a_scenario() -> None:
    steps = [step for scenario in SCENARIOS for step in scenario.steps]
    journals = [row.journal or "" for step in steps for row in step.rows]
    provoked = set(re.findall(r"\w+", " ".join(journals)))
    # kernel/tests/spec.rs provokes these.
    elsewhere = set(re.findall(r"^- `(\w+)`", PAGES["refusals.md"], re.MULTILINE))
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
MORE = """\
### Two instruments, finer bars
Rules: fee_rate=0.001 price_decimals=4
Instrument: fee_rate=0
Instrument:
Figures: ambiguous_bars=0

| bar | instrument | time | length | open | high | low | close | volume | given | funding | ask | \
journal | equity | margin_level |
|-----|------------|------|--------|------|------|-----|-------|--------|-------|---------|-----|\
---------|--------|--------------|
| 0 | 0 | 1 | 2 | 100 | 101 | 99 | 100 | 5 | 100.5 | | buy 1 | submitted 1 +1 | | |
| 0 | 1 | 2 | 1 | 50 | 51 | 49 | 50 | | | 0 | buy 2 on 1; save | submitted 2 +2 instrument 1 | 10000 | inf |
| 1.1 | 0 | | | 100 | 101 | 99 | 100 | | | | | | | |
| 1.2 | 0 | | | 100 | 101 | 99 | 101 | | | | | | | |
| 1.1 | 1 | 4 | 1 | 50 | 53 | 49 | 52 | | | | | | | |
| 1 | 0 | 3 | 2 | 100 | 101 | 99 | 101 | 5 | | | | open: filled 1 +1 at 100; open: filled 2 +2 at \
50 fee 0.1 time 240000000000 instrument 1 | | |
| 1 | 1 | 4 | 1 | 50 | 53 | 49 | 52 | 5 | | |  | | 10004.9 | 48.80439024390244 |
| 2 | 0 | 5 | 2 | 101 | 103 | 100 | 102 | 5 | | | cancel 7 | refused 7 order_must_be_waiting | | |
| 2 | 1 | | | - | | | | | | | | | 10005.9 | 48.57233009708738 |
"""
SECOND = """\
| ask | open | high | low | close | journal |
|-----|------|------|-----|-------|---------|
| buy 1 | 1 | 1 | 1 | 1 | open: filled 1 +1 at 1 |
"""


def run_text(text: str) -> None:
    for scenario in read("page.md", text):
        run(scenario)


@pytest.mark.parametrize("in_words", [False, True])
@pytest.mark.parametrize("table", [RIGHT, MORE])
def test_a_right_table_passes(table: str, in_words: bool) -> None:
    for scenario in read("page.md", table):
        run(scenario, in_words)


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
        ("Figures: trades=1", "Folds: mae.1=-2 mfe.1=11", "page.md:1: mfe.1 differs"),
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
        ("Figures: trades=1", "Folds: mfe.2=10", "page.md:1: no fold says mfe.2"),
        ("Figures: trades=1", "Folds: mfe=10", "page.md:1: no fold says mfe"),
        ("Figures: trades=1", "Folds: long.9=0", "page.md:1: no fold says long.9"),
        ("fee_rate=0.001", "fee=0.001", "page.md:1: 'fee'"),
        ("Cash: 1000", "Cash: 0", "page.md:1: cash is 0"),
        ("Rules: fee_rate=0.001", "Rules: fee_rate", "page.md:2: Rules: fee_rate is not name=value"),
        ("### A ticket", "## A ticket", "page.md: no scenario"),
        ("| 0 | 100", "| 2 | 100", "page.md:9: row 2 after 0 bars"),
        ("| 0 | 100 | 102", "| 0 | 100 | ", "page.md:9: '' is no number"),
        ("| end | | |", "| end | 1 | |", "page.md:12: row end after 2 bars"),
        ("| buy 2 ", "| bye 2 ", "page.md:8: nobody can ask bye in the ask 'bye 2 take_profit 105'"),
        ("buy 2 take", "buy 2 up 9 take", "page.md:8: up cannot stand"),
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


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("+2 instrument 1", "+2", "page.md:10: journal differs"),
        ("time 240000000000 instrument 1", "instrument 1", "page.md:14: journal differs"),
        ("| 10004.9 |", "| 10004.8 |", "page.md:15: equity differs"),
        ("48.80439", "48.80438", "page.md:15: margin_level differs"),
        ("ambiguous_bars=0", "ambiguous_bars=1", "page.md:1: ambiguous_bars differs"),
    ],
)
def test_more_columns_that_are_not_so_fail(right: str, wrong: str, why: str) -> None:
    assert right in MORE
    with pytest.raises(AssertionError, match=f"^{re.escape(why)}"):
        run_text(MORE.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("Instrument:\n", "Instrument: tie=target\n", "page.md:1: "),
        ("Instrument:\n", "Instrument: fee\n", "page.md:4: Instrument: fee is not name=value"),
        ("Instrument:\n", "", "page.md:9: there is no instrument 1"),
        ("| submitted 1 +1 | | |", "| submitted 1 +1 | 10000 | |", "page.md:9: amounts stand in the last"),
        ("| 0 | 1 | 2 | 1 |", "| 0 | 0 | 2 | 1 |", "page.md:10: row 0 after 1 bars"),
        ("| 0 | 1 | 2 | 1 |", "| 0 | x | 2 | 1 |", "page.md:10: x is no number of an instrument"),
        ("| 1.2 | 0 |", "| 1.3 | 0 |", "page.md:12: row 1.3 after 1 bars"),
        ("| 1.2 | 0 |", "| 1.2 | 1 |", "page.md:12: row 1.2 after 1 bars"),
        ("| 1.1 | 1 |", "| 2.1 | 1 |", "page.md:14: row 1 after 1 bars"),
        ("| 5 | 100.5 |", "| five | 100.5 |", "page.md:9: 'five' is no number"),
        ("| given | funding |", "| funding | given |", "page.md:7: columns are"),
        ("| equity | margin_level |", "| equity | equity |", "page.md:7: columns are"),
        ("| 2 | 1 | | | - |", "| 2 | 1 | | | |", "page.md:17: row 2 after 3 bars"),
    ],
)
def test_more_columns_that_cannot_be_read_fail(right: str, wrong: str, why: str) -> None:
    assert right in MORE
    with pytest.raises(Malformed, match=f"^{re.escape(why)}"):
        run_text(MORE.replace(right, wrong, 1))


def test_words_that_the_kernel_cannot_read_fail() -> None:
    (scenario,) = read("page.md", RIGHT.replace("buy 2 take", "buy 2 up 9 take"))
    with pytest.raises(Malformed, match=r"^page\.md:8: .*buy 2 up 9 take_profit 105"):
        run(scenario, in_words=True)


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
