"""What a pair is called and where its money goes, each worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.reports.difference import difference
from eyas.reports.difference.naming import CAUSES, NAMES
from tests.reports.difference.runs import flat_bars, listed

Act = Callable[[eyas.Strategy], Any]
BARS = flat_bars(100, 100, 110, 110, 120, 120, 130, 130, 90, 90)


def buys(quantity: float = 10, **options: Any) -> Act:
    return lambda strategy: strategy.buy(quantity, **options)


def closes(**options: Any) -> Act:
    return lambda strategy: strategy.close(**options)


ONCE = {0: [buys()], 4: [closes()]}  # in at 100, out at 120: 200


@pytest.mark.parametrize(
    ("table", "options", "name", "causes"),
    [
        (ONCE, {}, "equal", {}),
        # In at 110 instead of 100.
        ({1: [buys()], 4: [closes()]}, {}, "time", {"time": -100}),
        # Out at 130 instead of 120.
        ({0: [buys()], 5: [closes()]}, {}, "time", {"time": 100}),
        ({0: [buys(12)], 4: [closes()]}, {}, "quantity", {"quantity": 40}),
        # 10 × 100 × 1 % and 10 × 120 × 1 %.
        (ONCE, {"fee_rate": 0.01}, "fee", {"fee": -22}),
        # In at 101, out at 118.8.
        (ONCE, {"slippage": 0.01}, "price", {"price": -22}),
        # Its target is where it would have been closed.
        ({0: [buys(take_profit=eyas.at(115))]}, {}, "exit", {"exit": 0}),
        ({}, {}, "missed", {"missed": -200}),
        ({**ONCE, 5: [buys(1)], 6: [closes()]}, {}, "extra", {"extra": 0}),
        # Still held at the end, at 90.
        ({0: [buys()]}, {"end_policy": "mark_only"}, "open", {"open": -300}),
        # Half of it went at 110: a mean exit of 115.
        ({0: [buys()], 1: [closes(fraction=0.5)], 4: [closes()]}, {}, "exit", {"exit": -50}),
        # Two units more at 110: the mean entry is 1220 / 12.
        ({0: [buys()], 1: [lambda s: s.add(1, 2)], 4: [closes()]}, {"averaging": "any"}, "quantity", None),
        # In at 110 and 12 instead of 10: (10 + 12) / 2 × -10, and 2 × (20 + 10) / 2.
        ({1: [buys(12)], 4: [closes()]}, {}, "time", {"time": -110, "quantity": 30}),
        # The same, and 1 % of 12 × 110 and of 12 × 120.
        (
            {1: [buys(12)], 4: [closes()]},
            {"fee_rate": 0.01},
            "time",
            {"time": -110, "quantity": 30, "fee": Decimal("-27.6")},
        ),
        # At the closes of five bars: 100, 110, 110, 120, 120.
        (ONCE, {"funding_rate": 0.01}, "funding", None),
    ],
)
def test_a_pair_is_called_by_its_first_cause(
    table: dict[int, Any], options: dict[str, Any], name: str, causes: dict[str, Any] | None
) -> None:
    found = difference(listed(BARS, ONCE), listed(BARS, table, **options))
    assert found.differing[0].name == name if name != "equal" else not found.differing
    if causes is not None:
        assert found.causes == {cause: Decimal(money) for cause, money in causes.items() if money}
    assert sum(found.cause_units.values()) == found.b.worth.equity - found.a.worth.equity


def test_a_short_trade_is_split_with_its_own_sign() -> None:
    a = listed(BARS, {0: [lambda s: s.sell(10)], 7: [closes()]})  # in at 100, out at 90: 100
    b = listed(BARS, {1: [lambda s: s.sell(10)], 7: [closes()]})  # in at 110
    assert difference(a, b).causes == {"time": Decimal(100)}


def test_a_funding_that_is_received_has_its_sign() -> None:
    a = listed(BARS, {0: [lambda s: s.sell(10)], 1: [closes()]})
    b = listed(BARS, {0: [lambda s: s.sell(10)], 1: [closes()]}, funding_rate=0.01)
    found = difference(a, b)
    assert found.counts == {"funding": 1}
    assert found.causes == {"funding": found.money}
    assert found.money > 0


def test_cash_is_a_cause_of_the_run() -> None:
    found = difference(listed(BARS, ONCE), listed(BARS, ONCE, cash=12_000))
    assert found.causes == {"cash": Decimal(2000)}
    assert found.counts == {"equal": 1}
    assert not found.is_equal


def test_fees_that_only_follow_the_quantity_are_called_quantity() -> None:
    options = {"fee_rate": 0.0123}
    found = difference(listed(BARS, ONCE, **options), listed(BARS, {**ONCE, 0: [buys(9.87)]}, **options))
    assert found.counts == {"quantity": 1}
    assert set(found.causes) == {"quantity", "fee"}


def test_another_rate_at_the_end_is_a_cause_where_a_symbol_has_money_of_its_own() -> None:
    def run(last: float) -> Any:
        bars = {
            "A": flat_bars(10, 10, 12, 12, symbol="A"),
            "EUR": flat_bars(2, 2, 2, last, symbol="EUR"),
        }
        table = {0: [lambda s: s.buy(5, symbol="A")], 1: [lambda s: s.close()]}  # once for each symbol
        return listed(bars, table, currency={"A": "EUR"})

    # Twice 5 × 2 in the other money, at 3 instead of 2.
    found = difference(run(2), run(3))
    assert found.counts == {"rate": 2}
    assert found.causes == {"rate": Decimal(20)}


def test_every_name_has_its_words_and_its_place() -> None:
    assert list(NAMES)[-1] == "equal"
    assert CAUSES.keys() > NAMES.keys() - {"equal"}
    assert len(set(CAUSES.values())) == len(CAUSES)


def test_decimals_of_prices_may_differ() -> None:
    found = difference(listed(BARS, ONCE), listed(BARS, ONCE, price_decimals=2))
    assert found.counts == {"equal": 1}
    assert found.is_equal
    assert not found.is_identical
    assert np.isclose(float(found.a.equity), 10_200)
