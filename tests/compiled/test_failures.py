# ruff: noqa: E501 - sources of strategies, a line each
"""What fails in Python fails compiled: on the same bar, with the same sentence."""

from __future__ import annotations

import pytest

from tests.compiled.test_constructs import START
from tests.compiled.ways import market, same, strategy

FAILURES = {
    "if bar.index == 30: self.buy(1 / 0)": "ZeroDivisionError: division by zero",
    "if bar.index == 30: self.buy(1.0 / (bar.index - 30))": "ZeroDivisionError: float division by zero",
    "if bar.index == 70: self.buy(bar.index % 0)": "ZeroDivisionError: integer modulo by zero",
    "if bar.index == 70: self.buy(bar.close % 0)": "ZeroDivisionError: float modulo",
    "x = bar.close / bar.volume": "ZeroDivisionError: float division by zero",
    "x = self.fast[-9]": "IndexError: sma(close, 5)[-9] is before the first of 1 bars",
    "if bar.index == 3: x = self.fast[4]": "LookAheadError: sma(close, 5)[4] is later than now (bar 3): a strategy "
    "sees closed bars only",
    "x = self.account.tickets[0]": "IndexError: list index out of range",
    "if self.fast: pass": "TypeError: sma(close, 5) is neither true nor false: compare it with a number or a series",
    "if self.best < 3: pass": "TypeError: '<' not supported between instances of 'NoneType' and 'int'",
    "x = self.fast ** 2": "TypeError: unsupported operand type(s) for ** or pow(): 'eyas._kernel.Series' and 'int'",
    "x = self.mode + 1": 'TypeError: can only concatenate str (not "int") to str',
    "x = -self.best": "TypeError: bad operand type for unary -: 'NoneType'",
    "x = math.sqrt(-bar.close)": "ValueError: math domain error",
    "x = math.log(0)": "ValueError: math domain error",
    "x = math.exp(bar.close * 100)": "OverflowError: math range error",
    "x = int(self.slow * 1)": "ValueError: cannot convert float NaN to integer",
    "x = 0.0 ** -1": "ZeroDivisionError: 0.0 cannot be raised to a negative power",
    "x = 10.0 ** 400": "OverflowError: (34, 'Numerical result out of range')",
    "if bar.index > 40:\n    x = 1\nif bar.index > 20: self.buy(x)": "UnboundLocalError: cannot access local variable "
    "'x' where it is not associated with a value",
    "x = self.nowhere": "AttributeError: 'Made' object has no attribute 'nowhere'",
    "if bar.index > 9: self.later += 1": "AttributeError: 'Made' object has no attribute 'later'",
    "for i in range(bar.close): pass": "TypeError: 'float' object cannot be interpreted as an integer",
    "self.buy(1, fraction=0.5)": "UsageError: give one of quantity, notional, fraction, not quantity and fraction",
    "self.buy(True)": "UsageError: quantity is True, but must be a number",
    "self.buy(self.mode)": "UsageError: quantity is 'both', but must be a number",
    "self.buy(1, stop_loss=95)": "UsageError: stop_loss=95 would be 9500% of the entry, since a bare number is a "
    "fraction (0.01 is 1 %); for a price write eyas.at(95), for a distance eyas.away(95)",
    "self.sell(1, take_profit=12.5)": "UsageError: take_profit=12.5 would be 1250% of the entry",
    "self.buy(1, stop_loss=risk(1))": "UsageError: stop_loss cannot be a multiple of the risk",
    "self.buy(1, limit=3, touch=2, stop=1)": "UsageError: an order cannot have stop and touch and limit",
    "self.buy(1, at=0)": "UsageError: at=0 is no price",
    "self.buy(1, trail=at(3))": "UsageError: trail is a distance: give",
    "self.buy(1, good_for=0)": "UsageError: good_for is 0, but must be a whole number of bars above 0",
    "self.buy(1, post_only=1)": "UsageError: post_only is 1, but must be True or False",
    "self.buy(1, rank=self.slow)": "UsageError: rank is nan",
    "self.buy(1, cancels=0)": "UsageError: tickets and orders are numbered 1, 2, 3 …, so none has the number 0",
    "self.buy(1, trailing_from=0.1)": "UsageError: trailing_from needs trailing",
    "self.buy(1, breakeven_offset=0.1)": "UsageError: breakeven_offset needs breakeven or breakeven_after",
    "self.buy(1, breakeven_after=1)": "UsageError: breakeven_after counts rungs, and take_profit has none",
    "self.buy(1, take_profit=[(0.1, 1.0), 0.2])": "UsageError: the share of rung 1 of take_profit is 1.0",
    "self.buy(1, take_profit=[(0.1, 0.5)])": "UsageError: the share of rung 1 of take_profit is 0.5, but the last",
    "self.buy(1, time_in_force='week')": "UsageError: time_in_force is 'week', but must be one of gtc",
    "self.close(-3)": "UsageError: tickets and orders are numbered",
    "self.amend(1)": "UsageError: amend needs something to change: price, limit, quantity",
    "if self.is_flat: self.buy(1)\nfor t in self.account.tickets: self.move(t, stop_loss=0.01)": "UsageError: "
    "stop_loss=0.01 would be a price, for a ticket that was entered at",
    "x = len(3)": "TypeError: object of type 'int' has no len()",
    "x = self.count.value": "AttributeError: 'int' object has no attribute 'value'",
}


@pytest.mark.parametrize("on_bar", FAILURES)
def test_it_fails_as_python_does(on_bar: str) -> None:
    outcome = same(strategy(on_bar, START), market(120, 4))
    assert outcome.failure.startswith(FAILURES[on_bar])


LIMITS = {
    "self.count += 2 ** 62": "OverflowError: a whole number left the range of 64 bits",
    "while True: pass": "RuntimeError: a loop on one bar took more than 10,000,000 turns",
    "self.best = self.account.tickets[0] if self.account.tickets else None\nself.buy(0.1)": "RuntimeError: a compiled "
    "strategy keeps no ticket, order or list",
}


@pytest.mark.parametrize("on_bar", LIMITS)
def test_the_limits_of_programs_are_named(on_bar: str) -> None:
    from tests.compiled.ways import run

    made = strategy(on_bar, START)
    assert run(made(), market(120, 4), "compiled").failure.startswith(LIMITS[on_bar])
