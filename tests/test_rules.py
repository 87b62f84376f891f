"""The rules in Python are the kernel's rules: the same names, the same defaults, the same limits."""

from __future__ import annotations

import copy
import inspect
import pickle
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
from eyas.model import RULES, TERMS, Account
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
    if (name, value) == ("currency", "nonsense"):
        return  # a symbol, which only a run can know
    assert refusal(**{name: value}) == f"{name} is {value}, but must be {ALLOWED[name]}"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("market_fill", ["Close", "open"]),
        ("short", [2, "true"]),
        ("tickets_max", [0, -1, 1.5, 2**32]),
        ("tickets_per_symbol_max", [0, -1, 1.5]),
        ("account", ["credit"]),
        ("latency_bars", [-1, 1.5, 1_000_001]),
        ("latency_ms", [-1, 1e13]),
        ("leverage", [0, -1, 1e-13, 1_000_001]),
        ("margin_cap", [0, 1.01, -0.5]),
        ("margin_call", [0, -1]),
        ("fee_rate", [1, 1.0, 2, -0.001, -1e-12, 0.9999999999999]),
        ("maker_fee_rate", [1, -1]),
        ("fee_fixed", [-0.01, 1e30]),
        ("fee_per_unit", [-0.01, 1e11]),
        ("fee_minimum", [-0.01, 1e30]),
        ("spread", [-1, 1e11]),
        ("spread_rate", [-0.1, 1]),
        ("slippage_ticks", [-1, 0.5]),
        ("slippage_volume", [-0.1, 1]),
        ("fill_volume", [0, -0.1, 1.1]),
        ("funding_rate", [1, -1]),
        ("borrow_rate", [1, -0.1]),
        ("order_notional_max", [0, -1]),
        ("position_share_max", [0, -1]),
        ("daily_loss_share_max", [0, 1.1]),
        ("orders_per_minute_max", [0, 1.5]),
        ("stop_loss_cooldown_s", [-1, 1e10]),
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
    name
    for name in NAMES
    if isinstance(getattr(Rules(), name), float)
    or name.endswith(("call", "rate", "share_max", "notional_max"))
]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), Decimal("NaN"), Decimal("Infinity"), Fraction(1, 3)]
)
def test_what_is_no_number_is_refused(name: str, value: Any) -> None:
    assert refusal(**{name: value}).endswith(f", but must be {ALLOWED[name]}")


def test_there_are_numbers_to_refuse() -> None:
    assert len(NUMBERS) == 24


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"account": "cash", "leverage": 2}, "leverage other than 1 needs account=margin"),
        ({"account": "cash", "leverage": 1.5}, "leverage other than 1 needs account=margin"),
        ({"margin_call": 1}, "margin_call needs account=margin and leverage above 1"),
        ({"leverage": 0.5}, "leverage below 1 would tie up more than a position costs"),
        ({"margin_call": 1, "account": "cash"}, "margin_call needs account=margin and leverage above 1"),
        ({"margin_mode": "isolated", "account": "cash"}, "margin_mode=isolated needs account=margin"),
        ({"margin_mode": "isolated", "holding": "net"}, "margin_mode=isolated needs holding=tickets"),
        ({"holding": "net", "averaging": "extreme"}, "averaging other than any needs holding=tickets"),
        ({"slippage_ticks": 1}, "slippage_ticks needs a price_tick"),
        ({"latency_bars": 1, "latency_ms": 1}, "latency_bars and latency_ms cannot both be set"),
    ],
)
def test_rules_that_cannot_go_together_are_refused(changes: dict[str, Any], sentence: str) -> None:
    assert refusal(**changes) == sentence


def test_an_unknown_rule_gets_a_hint() -> None:
    with pytest.raises(UsageError, match=r"^there is no rule called fee; did you mean fee_rate\?$"):
        Rules().changed(fee=0.001)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match=r"^there is no rule called slipage; did you mean slippage\?$"):
        eyas.backtest(eyas.Strategy(), bars_of([1, 2]), slipage=0.1)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match=r"called xyz; the rules are market_fill, .*breaker_cooldown_s$"):
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
    for wrong in ({"fee_rate": 0.1}, {}, 3, Rules):
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


# --- terms by symbol ---


def test_a_table_says_what_differs_by_symbol() -> None:
    rules = Rules(fee_rate={"MSFT": 0.002, "AAPL": 0.001}, quantity_step={"AAPL": 1}, spread=0.5)
    assert rules.tables(["AAPL", "GOOG", "MSFT"]) == [
        [("fee_rate", "0.001"), ("quantity_step", "1")],
        [],
        [("fee_rate", "0.002")],
    ]
    texts = dict(rules.texts())
    assert (texts["fee_rate"], texts["quantity_step"], texts["spread"]) == ("0.0", "0.0", "0.5")
    assert rules.differences() == [
        ("fee_rate", "AAPL: 0.001, MSFT: 0.002"),
        ("spread", "0.5"),
        ("quantity_step", "AAPL: 1"),
    ]


def test_rules_with_a_table_are_a_value_that_nobody_can_change() -> None:
    given = {"AAPL": 0.001}
    rules = Rules(fee_rate=given)
    given["AAPL"] = 0.5
    assert rules.fee_rate == {"AAPL": 0.001}
    assert rules == Rules(fee_rate={"AAPL": 0.001}) != Rules(fee_rate={"AAPL": 0.002})
    assert hash(rules) == hash(rules.changed()) == hash(Rules(fee_rate={"AAPL": 0.001}))
    assert pickle.loads(pickle.dumps(rules)) == copy.deepcopy(rules) == rules
    with pytest.raises(TypeError):
        rules.fee_rate["AAPL"] = 0.5  # type: ignore[index]


def test_a_wrong_value_in_a_table_is_named_with_its_symbol() -> None:
    assert refusal(fee_rate={"AAPL": 2}) == f"fee_rate of AAPL is 2, but must be {ALLOWED['fee_rate']}"
    assert refusal(slippage_ticks={"AAPL": 2}) == "slippage_ticks needs a price_tick (AAPL)"
    assert "price_decimals is 8.0" in refusal(price_decimals={"AAPL": 8.0})
    assert refusal(tie={"AAPL": "stop"}).startswith("tie is {'AAPL': 'stop'}, but must be ")
    assert refusal(fee_rate={1: 0.001}).startswith("fee_rate is {1: 0.001}, but must be ")


def test_a_number_is_not_a_truth_value() -> None:
    assert refusal(fee_rate=True).startswith("fee_rate is True, but must be a fraction of the traded money")
    assert refusal(leverage=False).startswith("leverage is False, but must be ")
    assert Rules(short=False).short is False


def test_a_table_names_symbols_of_the_run() -> None:
    bars = eyas.bars(bars_of([1, 2]), symbol="AAPL")
    with pytest.raises(UsageError, match=r"^fee_rate names APPL, but the run has AAPL; did you mean AAPL\?$"):
        eyas.backtest(eyas.Strategy(), bars, fee_rate={"APPL": 0.001})
    with pytest.raises(UsageError, match=r"^fee_rate names X, but the run has one instrument"):
        eyas.backtest(eyas.Strategy(), bars_of([1, 2]), fee_rate={"X": 0.001})
    with pytest.raises(UsageError, match=r"^currency is EURUSD, but the run has AAPL$"):
        eyas.backtest(eyas.Strategy(), bars, currency="EURUSD")


def test_a_table_is_the_rule_of_its_symbol() -> None:
    class Buy(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(1)

    bars = eyas.bars(bars_of([100, 100, 100]), symbol="AAPL")
    by_table = eyas.backtest(Buy(), bars, fee_rate={"AAPL": 0.01}, maker_fee_rate={"AAPL": None})
    assert by_table.journal == eyas.backtest(Buy(), bars, fee_rate=0.01).journal
    assert by_table.summary.fees == 2
    assert dict(by_table.settings())["fee_rate"] == "AAPL: 0.01"
    assert by_table.as_json()["rules"]["fee_rate"] == "AAPL: 0.01"


def test_a_currency_is_a_symbol_or_a_number() -> None:
    symbols = ["AAPL", "EURUSD", "SAP"]
    one = [("currency", "1")]
    assert Rules(currency={"SAP": "EURUSD"}).tables(symbols) == [[], [], one]
    assert Rules(currency={"SAP": 1}).tables(symbols) == [[], [], one]
    assert Rules(currency={"SAP": 1, "AAPL": None}).tables(symbols) == [[], [], one]
    for rules in (Rules(currency="EURUSD"), Rules(currency=1), Rules(currency="1")):
        account = Account("100", rules.texts(), instruments=rules.tables(symbols))
        said = [
            dict(table).get("currency", dict(rules.texts())["currency"]) for table in rules.tables(symbols)
        ]
        assert said == ["1", "none", "1"]
        assert account.equity == 100
    assert Rules(currency="none").tables(symbols) == Rules().tables(symbols) == [[], [], []]


@pytest.mark.parametrize(
    ("currency", "sentence"),
    [
        ({"SAP": "EURUSD", "EURUSD": "AAPL"}, "currency of SAP is EURUSD, which has one of its own"),
        ({"SAP": 7}, "currency of SAP is 7, which the run does not have"),
        ({"SAP": "EURUSB"}, "currency is EURUSB, but the run has AAPL, EURUSD, SAP; did you mean EURUSD?"),
    ],
)
def test_a_currency_that_cannot_be_gets_a_sentence(currency: Any, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        Rules(currency=currency).tables(["AAPL", "EURUSD", "SAP"])
    assert str(caught.value) == sentence


def test_what_may_differ_by_symbol_is_typed_so() -> None:
    types = {field.name: str(field.type) for field in fields(Rules)}
    assert [name for name, kind in types.items() if kind.endswith("Term")] == TERMS
