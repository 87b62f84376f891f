"""The kernel against a second market, written from the readings by somebody who had not read the kernel."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from typing import Any

import pytest

from tests.reference import bell, drive, story
from tests.reference.draw import story as draw
from tests.reference.ledger import pay
from tests.reference.shrink import shrink
from tests.reference.state import State
from tests.reference.story import Played, Story
from tests.reference.tables import run
from tests.spec_tables import SPEC, Scenario, read

# Stories in `make test`; EYAS_FUZZ_CASES says another number, and EYAS_FUZZ_SEED where to begin.
CASES = int(os.environ.get("EYAS_FUZZ_CASES", "1600"))
FIRST = int(os.environ.get("EYAS_FUZZ_SEED", "0"))
PARTS = 8

PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(SPEC.glob("*.md"))}
SCENARIOS = [scenario for page, text in PAGES.items() for scenario in read(page, text)]


def named(scenario: Scenario) -> str:
    return f"{scenario.page.removesuffix('.md')}: {scenario.title}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_the_reference_does_what_the_page_says(scenario: Scenario) -> None:
    run(scenario)


# --- random stories ---


def same(ours: Played, theirs: Played) -> str:
    """Return where two markets part, or nothing: field by field in events, digit by digit in amounts."""
    for mine, its in zip_longest(ours.events, theirs.events):
        if mine != its:
            return f"reference {told(mine, its)}\n   kernel {told(its, mine)}"
    for mine, its in zip_longest(ours.amounts, theirs.amounts):
        if mine != its:
            return f"reference {told(mine, its)}\n   kernel {told(its, mine)}"
    return ""


def told(event: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    """Return an event in a line: its name and what the other has otherwise."""
    if event is None:
        return "nothing"
    differs = {name: value for name, value in event.items() if not other or other.get(name) != value}
    return f"{event.get('kind', 'amounts')} {event.get('order', '')} of {event.get('ticket', '')}: {differs}"


def difference(drawn: Story, *, shrunk: bool = False) -> str:
    """Play a story through both markets; numbers are named by the reference, so that both hear the same."""
    ours = story.play(drawn)
    assert ours.story
    try:
        return same(ours, drive.play(ours.story))
    except ValueError as impossible:
        # A story that was made smaller can have lost the rule that another needs.
        return "" if shrunk else f"the kernel refuses the rules: {impossible}"


@pytest.mark.parametrize("part", range(PARTS))
def test_both_markets_agree_to_the_last_digit(part: int) -> None:
    """Failing, this prints the seed and the smallest story that still differs."""
    for seed in range(FIRST + part * CASES // PARTS, FIRST + (part + 1) * CASES // PARTS):
        found = difference(draw(seed))
        if found:
            small = shrink(draw(seed), lambda other: bool(difference(other, shrunk=True)))
            pytest.fail(f"seed {seed}\n{small.told()}\n{difference(small)}", pytrace=False)


def test_stories_tell_of_the_whole_market() -> None:
    """Every kind of event and nearly every cause happens in the stories, so their agreement says much."""
    kinds, causes = set[str](), set[str]()
    for seed in range(300):
        events = story.play(draw(seed)).events
        kinds |= {event["kind"] for event in events}
        causes |= {event["cause"] for event in events if event["kind"] == "filled"}
    assert kinds >= {"charged", "triggered", "amended", "warned", "margin_called", "halted"}
    assert causes >= {"average", "reduce", "trailing_stop", "breakeven", "time_limit", "liquidation"}


def test_a_comparison_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def steal(state: State) -> None:
        pay(state, state.books[0], Fraction(-1, 10**16))

    drawn = replace(draw(1), steps=draw(1).steps[:2])
    assert not difference(drawn)
    monkeypatch.setattr(bell, "margin_call", steal)
    assert "cash" in difference(drawn)


def test_shrinking_keeps_what_differs() -> None:
    drawn = next(one for one in map(draw, range(100)) if len(one.steps) > 5)
    small = shrink(drawn, lambda other: len(other.steps) >= 2)
    assert (len(small.steps), small.rules, small.first) == (2, (), ())
