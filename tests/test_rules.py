"""The rules in Python are the kernel's rules: the same names, the same defaults, the same limits."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.errors import UsageError
from eyas.model import RULES, Account
from eyas.rules import RuleChanges, Rules
from tests.reference import kernel
from tests.reference.generate import scenarios
from tests.reference.scenario import Scenario
from tests.reference.search import searching
from tests.test_session import bars_of

NAMES = [name for name, _ in RULES]
ALLOWED = dict(RULES)


def refusal(**rules: Any) -> str:
    """Return the sentence that refuses rules; `changed` and `backtest` must say the same."""
    with pytest.raises(UsageError) as caught:
        Rules(**rules)
    for way in (
        lambda: Rules().changed(**rules),
        lambda: eyas.backtest(eyas.Strategy(), bars_of([1, 2]), **rules),
    ):
        with pytest.raises(UsageError) as again:
            way()
        assert str(again.value) == str(caught.value)
    return str(caught.value)


def test_every_rule_of_the_kernel_is_a_field_and_a_keyword() -> None:
    assert [field.name for field in fields(Rules)] == NAMES
    assert list(RuleChanges.__annotations__) == NAMES
    assert list(inspect.signature(Rules).parameters) == NAMES
    assert [name for name, _ in Rules().texts()] == NAMES
    types = {field.name: field.type for field in fields(Rules)}
    assert {name: kind.__forward_arg__ for name, kind in RuleChanges.__annotations__.items()} == types


@given(scenarios())
@searching(40)
def test_the_defaults_are_the_kernels_own(scenario: Scenario) -> None:
    unsaid = replace(scenario, rules=())
    stated = replace(scenario, rules=tuple(Rules().texts()))
    assert kernel.play(stated) == kernel.play(unsaid)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["nonsense", "", (1, 2), {}])
def test_a_wrong_value_is_named_with_what_it_may_be(name: str, value: Any) -> None:
    assert refusal(**{name: value}) == f"{name} is {value}, but must be {ALLOWED[name]}"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("market_fill", ["Close", "open"]),
        ("short", [2, "true"]),
        ("tickets_max", [0, -1, 1.5, 2**32]),
        ("account", ["collateral"]),
        ("leverage", [0, -1, 1e-13, 1_000_001]),
        ("margin_cap", [0, 1.01, -0.5]),
        ("margin_call", [0, -1]),
        ("fee_rate", [1, 1.0, 2, -0.001, -1e-12, 0.9999999999999]),
        ("maker_fee_rate", [1, -1]),
        ("fee_fixed", [-0.01, 1e30]),
        ("spread", [-1, 1e11]),
        ("slippage", [1, -0.1]),
        ("slippage_on", [("market", "target")]),
        ("quantity_step", [-1, 1e11]),
        ("price_tick", [-0.5, 1e11]),
        ("end_policy", ["keep"]),
        ("price_decimals", [-1, 17, 8.0, 1.6, "8"]),
    ],
)
def test_a_value_out_of_range_is_refused(name: str, values: list[Any]) -> None:
    for value in values:
        sentence = refusal(**{name: value})
        assert sentence.startswith(f"{name} is ")
        assert sentence.endswith(f", but must be {ALLOWED[name]}")


NUMBERS = [
    name for name in NAMES if isinstance(getattr(Rules(), name), float) or name.endswith(("call", "rate"))
]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), Decimal("NaN"), Decimal("Infinity"), Fraction(1, 3)]
)
def test_what_is_no_number_is_refused(name: str, value: Any) -> None:
    assert refusal(**{name: value}).endswith(f", but must be {ALLOWED[name]}")


def test_there_are_numbers_to_refuse() -> None:
    assert len(NUMBERS) == 10


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"account": "cash", "leverage": 2}, "leverage other than 1 needs account=margin"),
        ({"account": "cash", "leverage": 1.5}, "leverage other than 1 needs account=margin"),
        ({"margin_call": 1}, "margin_call needs account=margin and leverage above 1"),
        ({"leverage": 0.5}, "leverage is 0.5, but must be a number from 1 to 1000000"),
        ({"margin_call": 1, "account": "cash"}, "margin_call needs account=margin and leverage above 1"),
    ],
)
def test_rules_that_cannot_go_together_are_refused(changes: dict[str, Any], sentence: str) -> None:
    assert refusal(**changes) == sentence


def test_an_unknown_rule_gets_a_hint() -> None:
    with pytest.raises(UsageError, match=r"^there is no rule called fee; did you mean fee_rate\?$"):
        Rules().changed(fee=0.001)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match=r"^there is no rule called slipage; did you mean slippage\?$"):
        eyas.backtest(eyas.Strategy(), bars_of([1, 2]), slipage=0.1)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match=r"called xyz; the rules are market_fill, .*price_decimals$"):
        Rules().changed(xyz=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (0.0006, "0.0006"),
        (0, "0"),
        (Decimal("0.10"), "0.10"),
        (Decimal("1E-5"), "0.00001"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.1), "0.1"),
        (np.int64(0), "0"),
        ("0.001", "0.001"),
    ],
)
def test_a_number_keeps_its_shortest_decimals(value: Any, text: str) -> None:
    assert dict(Rules(fee_rate=value).texts())["fee_rate"] == text


def fee_of(rate: Any, notional: Decimal) -> Decimal:
    """Return the fee, exact, of one fill of a quantity of one at a price."""
    account = Account("1000000", Rules(fee_rate=rate, end_policy="mark_only").texts())
    account.open("buy", ("quantity", 1.0))
    bars = bars_of([float(notional), float(notional)])
    history = eyas.session.history_of(bars)
    history.move_to(0)
    account.advance(history)
    return Decimal(1_000_000) - Decimal(account.exact("cash"))


@given(st.decimals(0, "0.999999999999", places=12))
@searching(50)
def test_the_kernel_charges_a_rate_to_its_last_decimal(rate: Decimal) -> None:
    assert fee_of(rate, Decimal(100)) == 100 * rate
    assert fee_of(float(rate), Decimal(100)) == 100 * rate  # its shortest decimals are the rate


def test_a_tenth_is_a_tenth() -> None:
    assert fee_of(0.1, Decimal(3)) == Decimal("0.3")
    assert fee_of(1e-05, Decimal(1)) == Decimal("0.00001")
    assert fee_of(0.1 + 0.2, Decimal(1)) == Decimal("0.3")  # rounded to 12 decimals


def test_texts_of_what_is_not_a_number() -> None:
    texts = dict(
        Rules(slippage_on=(), short=False, tickets_max=3, leverage=2, margin_call=0.5, tie="target").texts()
    )
    assert (texts["slippage_on"], texts["short"], texts["tickets_max"]) == ("none", "no", "3")
    assert (texts["margin_call"], texts["maker_fee_rate"], texts["tie"]) == ("0.5", "none", "target")
    assert dict(Rules(slippage_on=("limit", "market")).texts())["slippage_on"] == "limit+market"
    assert dict(Rules().texts())["slippage_on"] == "market+stop"


def test_rules_are_a_value() -> None:
    one = Rules(fee_rate=0.001, tie="target")
    assert one == Rules().changed(tie="target", fee_rate=0.001)
    assert hash(one) == hash(Rules(fee_rate=0.001, tie="target"))
    assert one.changed() == one != Rules()
    assert one.changed(tie="stop").fee_rate == 0.001
    with pytest.raises(FrozenInstanceError):
        one.tie = "stop"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Rules("close")  # type: ignore[misc]


def test_base_rules_and_changes_of_a_backtest_add_up() -> None:
    base = Rules(fee_rate=0.001, tie="target")
    found = eyas.backtest(eyas.Strategy(), bars_of([1, 2]), rules=base, tie="stop", spread=1)
    assert found.rules == Rules(fee_rate=0.001, spread=1)
    for wrong in ({"fee_rate": 0.1}, {}, "fee_rate", Rules):
        with pytest.raises(UsageError, match=r"but must be an eyas.Rules"):
            eyas.backtest(eyas.Strategy(), bars_of([1, 2]), rules=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["fee_rate", "slippage", "quantity_step", "price_tick", "spread", "fee_fixed"]
)
def test_a_number_too_small_to_be_kept_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is 1e-17, but must be"):
        Rules(**{name: 1e-17})
    assert getattr(Rules(**{name: 0.0}), name) == 0


def test_a_decimal_of_many_digits_is_rounded_once() -> None:
    many = Decimal(0.001)  # noqa: RUF032 - its 55 digits are the point
    assert dict(Rules(fee_rate=many).texts())["fee_rate"].startswith("0.00100000000000000002")
