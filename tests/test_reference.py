"""The kernel against a second market, written from the readings by somebody who had not read the kernel."""

from __future__ import annotations

from fractions import Fraction
from itertools import zip_longest

import pytest
from hypothesis import given

from tests.reference import kernel, market
from tests.reference.elsewhere import Elsewhere
from tests.reference.generate import scenarios
from tests.reference.scenario import Apply, Bar, Cancel, Close, Open, Scenario
from tests.reference.search import searching

MINUTE = 60_000_000_000


def compare(scenario: Scenario, other: type[market.Market] = market.Market) -> None:
    """Check that both markets write the same events, field by field, and hold the same money after each."""
    ours, theirs = kernel.play(scenario), market.play(scenario, other)
    for mine, its in zip_longest(ours.events, theirs.events):
        assert mine == its
    assert ours.money == theirs.money


@given(scenarios())
@searching(400)
def test_both_markets_agree_to_the_last_digit(scenario: Scenario) -> None:
    compare(scenario)


@given(scenarios(most=20, venue=True))
@searching(200)
def test_both_agree_on_what_a_venue_filled(scenario: Scenario) -> None:
    compare(scenario, Elsewhere)


def flat(price: float, count: int) -> tuple[Bar, ...]:
    return tuple(Bar((index + 1) * MINUTE, price, price, price, price) for index in range(count))


def wide(price: float, reach: float) -> Bar:
    return Bar(2 * MINUTE, price, price + reach, price - reach, price)


# Minimal cases of differences that were found and judged, and of equalities that chance seldom meets.
SETTLED = {
    "a stop as near to the open as the target goes first (R17)": Scenario(
        "10000",
        (("tie", "nearest_to_open"),),
        (*flat(100.0, 1), wide(100.0, 3.0)),
        ((), (Open("buy", ("quantity", 1.0), ("market", 0.0), ("distance", 2.0), ("distance", 2.0)),), ()),
    ),
    "equity equal to the margin in use is called (R13)": Scenario(
        "100",
        (("leverage", "2"), ("margin_call", "1")),
        flat(100.0, 3),
        ((), (Open("buy", ("quantity", 2.0)), Open("buy", ("quantity", 1.0), ("limit", 50.0))), (), ()),
    ),
    "a close by notional is sized at its fill price (R30)": Scenario(
        "10000",
        (("spread", "2"),),
        flat(100.0, 4),
        ((), (Open("buy", ("quantity", 50.0)),), (Close(1, ("notional", 1000.0)),), (), ()),
    ),
    "a close by notional rounds down, whatever `rounding` says (R30)": Scenario(
        "10000",
        (("quantity_step", "1"), ("rounding", "nearest")),
        flat(100.0, 4),
        ((), (Open("buy", ("quantity", 50.0)),), (Close(1, ("notional", 1099.0)),), (), ()),
    ),
    "a fraction that buys more than a quantity can be is refused": Scenario(
        "1000000",
        (),
        flat(0.00001, 3),
        ((), (Open("buy", ("fraction", 0.95)),), (), ()),
    ),
    "a fraction with a rebate does not search for ever": Scenario(
        "1000",
        (("price_decimals", "0"), ("maker_fee_rate", "-0.3")),
        flat(99.0, 3),
        ((), (Open("buy", ("fraction", 0.5), ("limit", 99.0)),), (), ()),
    ),
}


# The venue sells all that the ticket held, 1, where 4 were asked for: the rest of the close goes too (R24).
VENUE = Scenario(
    "10000",
    (("matching", "elsewhere"),),
    flat(100.0, 2),
    (
        (),
        (Open("buy", ("quantity", 1.0)), Apply(1, "100", "1", "0", MINUTE + 1), Close(1, ("quantity", 4.0))),
        (Apply(2, "101", "1", "0", 2 * MINUTE + 1), Cancel(2)),
    ),
    finish=False,
)


@pytest.mark.parametrize("name", SETTLED)
def test_settled_differences(name: str) -> None:
    compare(SETTLED[name])


def test_a_venue_sells_all_that_a_ticket_held() -> None:
    compare(VENUE, Elsewhere)
    assert [event["kind"] for event in kernel.play(VENUE).events[-4:]] == [
        "filled",
        "closed",
        "cancelled",
        "refused",
    ]


def test_a_comparison_can_fail() -> None:
    class Wrong(market.Market):
        def margin_call(self) -> None:
            self.book.cash += Fraction(1, 10**16)

    with pytest.raises(AssertionError):
        compare(next(iter(SETTLED.values())), Wrong)
