"""The comparison itself, on made-up results: what is off by more than the tolerance is never called equal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.second_opinion import table
from tests.second_opinion.cases import BY_NAME, SCENARIOS
from tests.second_opinion.compare import Comparison, Difference, Meeting, compared
from tests.second_opinion.results import Result, Trade, merged
from tests.second_opinion.scenarios import MARKETS, Plan, Scenario, crosses, planned, pulses

TRADES = [
    Trade(3, 7, 1, 10.0, 100.0, 104.0, 0.5),
    Trade(7, 9, -1, 10.0, 104.0, 103.0, 0.5),
    Trade(12, 15, 1, 10.0, 102.0, 101.0, 0.5),
]
CURVE = np.linspace(1_000.0, 1_038.5, 20)
NEVER = np.zeros(20, np.int8)
NO_PLAN = Plan(Scenario(name="made up", fee_fixed=0.25), None, 10, NEVER, NEVER)  # type: ignore[arg-type]


def laid(
    ours: list[Trade], theirs: list[Trade], *rules: Difference, their_curve: NDArray[np.float64] = CURVE
) -> Comparison:
    """Compare two lists of trades, with curves that are alike."""
    return compared(NO_PLAN, Result(ours, CURVE), Result(theirs, their_curve), rules)


def test_equal_results_are_equal() -> None:
    found = laid(TRADES, list(TRADES))
    assert (found.trades, found.equal, found.follow, found.unexplained) == (3, 3, 0, [])


@pytest.mark.parametrize("field", ["quantity", "entry_price", "exit_price", "fee"])
def test_more_than_the_tolerance_is_seen(field: str) -> None:
    for part, equal in ((0.5e-8, 3), (1.5e-8, 2)):
        changed = replace(TRADES[1], **{field: getattr(TRADES[1], field) * (1 + part)})
        found = laid([TRADES[0], changed, TRADES[2]], TRADES)
        assert found.equal == equal
        assert bool(found.unexplained) == (equal == 2)


@pytest.mark.parametrize("field", ["entry_bar", "exit_bar", "side"])
def test_another_bar_or_side_is_seen(field: str) -> None:
    changed = replace(TRADES[1], **{field: getattr(TRADES[1], field) + 1})
    assert laid([TRADES[0], changed, TRADES[2]], TRADES).unexplained


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_missing_trade_is_seen_on_either_side(place: int) -> None:
    fewer = [trade for trade in TRADES if trade is not TRADES[place]]
    for found in (laid(fewer, TRADES), laid(TRADES, fewer)):
        assert found.unexplained
        assert found.equal == 2


def test_the_equity_is_compared_on_every_bar() -> None:
    off = CURVE.copy()
    off[11] *= 1 + 3e-9
    assert "bar 11" in laid(TRADES, TRADES, their_curve=off).unexplained[0]
    assert "curves of 20 and 19" in laid(TRADES, TRADES, their_curve=CURVE[1:]).unexplained[0]
    off = CURVE.copy()
    off[-1] += 1e-5
    assert "equity" in laid(TRADES, TRADES, their_curve=off).unexplained[0]


def test_a_rule_explains_its_trade_and_what_follows_from_it() -> None:
    knows = Difference("x", "made up", lambda meeting: meeting.ours is TRADES[0])
    apart = [replace(TRADES[0], exit_bar=8), replace(TRADES[1], entry_bar=8), TRADES[2]]
    found = laid(TRADES, apart, knows)
    assert found.explained == {"x": 1}
    assert (found.equal, found.follow, found.unexplained) == (1, 2, [])
    assert laid(TRADES, apart).unexplained


def test_a_rule_does_not_explain_the_equity() -> None:
    knows = Difference("x", "made up", lambda meeting: meeting.ours is TRADES[0])
    cheaper = [replace(TRADES[0], exit_price=103.0), *TRADES[1:]]
    less = CURVE - 10.0
    assert laid(TRADES, cheaper, knows, their_curve=less).unexplained == []
    assert "equity" in laid(TRADES, cheaper, knows).unexplained[0]


def test_a_rule_does_not_explain_a_fee() -> None:
    knows = Difference("x", "made up", lambda meeting: True)
    dearer = [replace(TRADES[0], fee=0.6), *TRADES[1:]]
    assert laid(TRADES, dearer, knows).unexplained
    dearer = [replace(TRADES[0], fee=0.6, exit_price=103.0), *TRADES[1:]]
    assert laid(TRADES, dearer, knows).unexplained


def test_a_rule_sees_the_trade_before() -> None:
    seen: list[Trade | None] = []

    def note(meeting: Meeting) -> bool:
        seen.append(meeting.before)
        return True

    laid([TRADES[0], TRADES[2]], TRADES, Difference("x", "made up", note))
    assert seen == [TRADES[0]]


def test_parts_of_a_trade_are_merged() -> None:
    parts = [Trade(1, 5, 1, 4.0, 10.0, 12.0, 0.1), Trade(1, 9, 1, 6.0, 10.0, 7.0, 0.2)]
    (whole,) = merged(parts, 10.0)
    assert (whole.entry_bar, whole.exit_bar, whole.quantity) == (1, 9, 10.0)
    assert whole.exit_price == pytest.approx(9.0)
    assert whole.fee == pytest.approx(0.3)
    assert merged(parts[:1], 10.0) == [], "half of it is still open"


def test_names_are_of_one_scenario_each() -> None:
    assert len(BY_NAME) == len(SCENARIOS)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("signal", ["cross", "pulse"])
def test_a_plan_has_no_foresight(market: str, signal: Any) -> None:
    plan = planned(Scenario(name="made up", signal=signal), market)
    bars = plan.bars
    assert len(np.unique(plan.want)) == 3
    assert len(np.unique(plan.leave)) == 3
    assert not np.any(plan.want[plan.leave != 0] == plan.leave[plan.leave != 0])
    assert plan.want[-1] == plan.leave[-1] == 0
    changed = bars.close.copy()
    changed[200:] *= 1.5
    waves = crosses if signal == "cross" else pulses
    for before, after in zip(waves(bars.close), waves(changed), strict=True):
        assert np.array_equal(before[:200], after[:200])


def test_the_docs_have_every_scenario_and_nothing_unexplained() -> None:
    rows = table.written().splitlines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows if row.startswith("|")] == list(BY_NAME)
    assert "unexplained" not in table.written()
