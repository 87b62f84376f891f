# ruff: noqa: E501 - sources of strategies, a line each
"""Every construct comes to the same journal and equity, compiled and in Python."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.compiled.ways import market, same, strategy

START = """\
self.fast = self.use(eyas.indicators.sma, "close", 5)
self.slow = self.use(eyas.indicators.sma, "close", 13)
self.bands = self.use(lambda c: (eyas.indicators.sma(c, 8) * 0.99, eyas.indicators.sma(c, 8) * 1.01), "close")
self.count = 0
self.best = None
self.last = 0.0
self.mode = "both"
self.limits = (0.2, 3, "long")
"""

# Each does something on most markets; orders show what a value was.
PIECES = {
    "cross": "if self.fast.crossed_above(self.slow):\n    self.buy(fraction=0.5)\n"
    "elif self.fast.crossed_below(self.slow):\n    self.close()",
    "cross_number": "if self.fast.crossed_above(100.0): self.buy(1)\nif self.fast.crossed_below(bar.open): self.close()",
    "series_arithmetic": "x = (self.fast - self.slow) / self.slow * 100 + 0.5 - -self.fast / 1e3 + abs(self.slow)\n"
    "if x > 1: self.buy(quantity=round(abs(x), 2), limit=bar.close - 0.5)",
    "look_back": "if bar.index > 3 and self.fast[-1] > self.fast[-2] > self.fast[-3]: self.buy(1)\n"
    "elif bar.index > 5 and self.bars.close[-4] < self.bars.low[-1]: self.close()",
    "tuple_of_series": "low, high = self.bands[0], self.bands[1]\nif bar.close < low: self.buy(1)\n"
    "if bar.close > high: self.close()",
    "state": "self.count += 1\nif self.count % 7 == 0 and self.is_flat:\n    self.buy(self.count / 10)\n"
    "    self.last = bar.close\nelif self.is_long and bar.close > self.last * 1.01:\n    self.close()",
    "none": "if self.best is None or bar.close > self.best:\n    self.best = bar.close\n    self.buy(0.1)\n"
    "if self.best is not None and bar.close < self.best * 0.97: self.close(); self.best = None",
    "floors": "a = bar.index - 50\nb = a // 7 + a % 7 - (-a) // 3\nc = bar.close // 7.5 + bar.close % 7.5 - (-bar.close) % 7\n"
    "if b > 3 and c > 2: self.sell(abs(b) * 0.01 + c * 0.001)\nelse: self.close()",
    "powers": "a = bar.close ** 2 / 10000 + 2 ** 3 + 2 ** -1 + (bar.index % 5) ** 2 + bar.close ** 0.5\n"
    "if a > 30: self.buy(round(a, 3) / 100)",
    "whole": "i = int(bar.close) - int(-bar.close / 3) + round(bar.close) + round(2.5) + bool(bar.volume)\n"
    "if i % 3 == 1: self.buy(float(i) / 100)\nif not i % 4: self.close()",
    "math": "a = math.sqrt(bar.close) + math.floor(bar.close) + math.ceil(-bar.close) + math.fabs(-2) + math.trunc(2.7)\n"
    "b = math.log(bar.close) + math.exp(bar.close / 100) + math.log10(bar.close) + math.log2(bar.close)\n"
    "if not math.isnan(self.slow) and a + b > math.pi and math.isfinite(a): self.buy(round(a + b, 4) / 100)",
    "extremes": "a = min(bar.close, bar.open, self.slow) - max(1, 2.0, bar.low) + min(3, 2)\n"
    "if a < 0: self.buy(abs(a) / 100 + 0.01)",
    "short_circuit": "a = self.count and bar.close\nb = a or bar.index\nself.count = not self.count\n"
    "c = bar.close if self.count else (bar.open or 1)\nif b > c: self.buy(0.5)\nelse: self.close()",
    "chains": "if 90 < bar.close <= 110 != bar.open and bar.index not in (3, 5, 7):\n    self.buy(0.3)\n"
    "if bar.index in (20, 40, 60, 80, 200): self.close()",
    "texts": "if self.mode == 'both' and self.limits[2] != 'short' and bar.symbol == 'X':\n    self.sell(self.limits[0])\n"
    "    self.mode = 'wait'\nelif self.mode in ('wait', 'rest') and bar.index % 9 == 0:\n    self.close(); self.mode = 'both'",
    "tickets": "for ticket in self.account.tickets:\n    if ticket.direction == 'long' and ticket.open_profit < 0:\n"
    "        self.close(ticket)\n    elif bar.index - ticket.opened_bar > 10: self.close(ticket, fraction=0.5)\n"
    "if len(self.account.tickets) < 3: self.buy(0.2)\n"
    "if self.account.tickets and self.account.tickets[-1].entry_price > bar.close * 1.02: self.sell(0.1)",
    "orders": "if not self.account.waiting_orders: self.last_order = self.buy(0.5, limit=bar.close * 0.99, good_for=20)\n"
    "for order in self.account.waiting_orders:\n    if order.price < bar.close * 0.97: self.cancel(order)\n"
    "    elif bar.index % 5 == 0: self.amend(order, price=bar.close * 0.985)\nif bar.index % 50 == 0: self.cancel()",
    "move": "if self.is_flat: self.buy(0.5, stop_loss=0.05)\nfor t in self.account.tickets:\n"
    "    if t.stop_loss is not None and t.stop_loss < bar.close * 0.96: self.move(t.number, stop_loss=bar.close * 0.97)\n"
    "    if bar.index % 11 == 0: self.move(t, take_profit=at(bar.close * 1.02))",
    "levels": "if self.is_flat:\n    if bar.index % 2: self.buy(1, stop_loss=at(bar.close - 2), take_profit=risk(1.5))\n"
    "    else: self.sell(1, stop_loss=away(2.5), take_profit=away(1.0))",
    "ladder": "if self.is_flat: self.buy(2, stop_loss=0.03, take_profit=[(0.01, 0.5), (away(3), 0.5), risk(2)],"
    " breakeven_after=1, breakeven_offset=0.001)",
    "options": "if bar.index % 20 == 0: self.buy(1, stop=bar.high + 0.1, limit=bar.high + 0.5, time_in_force='day', rank=1)\n"
    "if bar.index % 20 == 10: self.sell(1, trail=0.01, leave_after=5)\n"
    "if bar.index % 20 == 15: self.buy(1, touch=bar.low - 0.1, good_till=bar.time + 3_600_000_000_000, post_only=False)\n"
    "if bar.index % 33 == 1: self.buy(0.5, trailing=away(1), trailing_from=0.005, breakeven=0.004)",
    "chained_orders": "if self.is_flat and not self.account.waiting_orders:\n    first = self.buy(1, limit=bar.close - 1)\n"
    "    second = self.sell(1, limit=bar.close + 1, cancels=first)\n    self.buy(0.5, after=second)",
    "add": "if self.is_flat: self.buy(0.3)\nelif self.account.ticket_count == 1 and bar.index % 6 == 0:\n"
    "    self.add(self.account.tickets[0], 0.1)\nif bar.index % 40 == 39: self.close(quantity=0.2)",
    "refused": "self.buy(-1)\nself.buy(float('nan') if False else self.slow)\nself.sell(1e30)\nself.buy(1, stop_loss=at(bar.close * 2))",
    "account": "a = self.account\nif a.equity > a.cash and a.free_cash > 100 or a.margin_level < 2: self.sell(0.2)\n"
    "if a.position < -1 or a.open_profit < -50 or a.used_margin > 5000: self.close()\n"
    "if self.is_short and self.position < -0.5 and a.event_count > 5: self.buy(0.3)",
    "loops": "total = 0\nfor i in range(1, 6):\n    if i == 4: continue\n    total += i * bar.close\n    if total > 700: break\n"
    "for i in range(5, 0, -2): total -= i\nn = 0\nwhile n < 3: n += 1\n"
    "if total > 600 + n: self.buy(0.1)\nelse: self.close()",
    "times": "if bar.time // 60_000_000_000 % 30 == 0 and self.bars.time[-1] == bar.time and bar.close_time >= bar.time:\n"
    "    self.buy(0.4)\nelif self.bars.time - bar.time == 0 and len(self.bars) % 17 == 3: self.close()",
    "unpacked": "a, b = bar.close, bar.open\na, b = b, a\nc: float = a - b\nif c > 0.2: self.buy(c)\nx = y = c\nif x + y < -1: self.close()",
    "early_return": "if bar.index < 20:\n    return\nif self.is_flat:\n    self.buy(1)\n    return\nself.close()",
    "walrus": "if (x := bar.close - bar.open) > 0.5 and x < 3: self.buy(x / 10)\nelse: self.close()",
    "int_float": "a = 3\nb = a / 2\nc = a * 1.0\nif a == c and b == 1.5 and 7 // 2 == 3 and -7 // 2 == -4 and True + 1 == 2: self.buy(b)",
    "series_value": "v = self.fast.value\nif v > float(self.slow) and self.fast == v and self.fast.value != 3: self.buy(0.1)",
    "many_numbers": "for number in self.close(): self.cancel(number)\nif self.is_flat: self.buy(1, limit=bar.close)",
}


@pytest.mark.parametrize("name", PIECES)
def test_both_ways_come_to_the_same(name: str) -> None:
    made = strategy(PIECES[name], START)
    outcomes = [same(made, market(300, seed)) for seed in (1, 2, 3)]
    assert {one.failure for one in outcomes} == {""}
    assert any(one.journal for one in outcomes)


HELPERS = """\
LIMIT = 0.5
size: float = 0.2
use_stop: bool = True
@property
def is_rising(self):
    return self.fast > self.slow
def enough(self, bar, most=3):
    if self.account.ticket_count >= most:
        return False
    return bar.close > self.level(2) * 0.5
def level(self, factor):
    self.calls += 1
    return factor * LOWEST + half(factor)
@staticmethod
def twice(x):
    return x * 2"""


def test_functions_are_put_in_place() -> None:
    on_bar = (
        "if self.is_rising and self.enough(bar):\n"
        "    self.buy(self.twice(self.size) * self.LIMIT, stop_loss=0.02 if self.use_stop else None)\n"
        "elif not self.enough(bar, most=2) and self.calls + self.level(1) > 10: self.close()"
    )
    start = START + "self.calls = 0"
    head = "LOWEST = 1.5\ndef half(x, by=2):\n    return x / by"
    made = strategy(on_bar, start, more=HELPERS, head=head)
    assert same(made).journal
    assert same(made, size=0.4, use_stop=False).journal


def test_longer_bars_and_views_follow() -> None:
    start = (
        "self.hour = self.use(eyas.indicators.sma, 'close', 3, timeframe='1h')\n"
        "self.hours = self.bars('1h')\nself.near = self.use(eyas.indicators.sma, 'close', 4)"
    )
    on_bar = (
        "if self.hour.crossed_above(bar.close) or self.near.crossed_below(self.hour): self.buy(0.5)\n"
        "elif self.near > self.hour and self.bars('1h').high.value > bar.close: self.close()\n"
        "if len(self.hours.close) > 3 and self.hours.close[-1] > self.hours.close[-2] and bar.index % 9 == 0:\n"
        "    self.sell(0.2)"
    )
    assert same(strategy(on_bar, start), market(900, 5)).journal


def test_a_run_in_pieces_goes_on() -> None:
    from eyas import model
    from eyas.compiled import compiled
    from eyas.rules import Rules
    from eyas.session import Session

    made, bars = strategy(PIECES["state"], START), market(300)
    whole, pieces = (Session(made(), bars, Rules(), "10000") for _ in range(2))
    for session, cuts in ((whole, [0, 300]), (pieces, [0, 7, 64, 200, 300])):
        session.start()
        bound = compiled(made).bind(session.strategy, session)
        for first, last in pairwise(cuts):
            model.pump_program(session.account, session.history, session.equity, bound, first, last)
    assert whole.account.journal() == pieces.account.journal()
    assert (whole.equity == pieces.equity).all()
