"""Drawn lines that ask for orders, and that look after tickets and orders that are there."""

from __future__ import annotations

from tests.parity.looks import Looks

TRAIL = """\
for ticket in self.account.tickets:
    if ticket.direction == "long":
        level = bar.close * (1 - {0})
        if ticket.stop_loss is None or ticket.stop_loss < level:
            self.move(ticket, stop_loss=at(level))
    else:
        level = bar.close * (1 + {0})
        if ticket.stop_loss is None or ticket.stop_loss > level:
            self.move(ticket.number, stop_loss=at(level))"""
HALVE = """\
for ticket in self.account.tickets:
    if ticket.open_profit > {0} and ticket.number > self.halved:
        self.close(ticket, fraction=0.5)
        self.halved = ticket.number"""
LEAVE = """\
for ticket in self.account.tickets:
    if bar.index - ticket.opened_bar > {0}: self.close(ticket)"""
REPLACE = """\
for order in self.account.waiting_orders:
    if order.ticket == 0 and abs(order.price - bar.close) > bar.close * {0}:
        if bar.index % 2:
            self.cancel(order)
        else:
            self.amend(order, price=bar.close * (0.99 if order.side == "buy" else 1.01))"""
GUARD = """\
if self.account.equity < {0}:
    self.close()
    self.cancel()
    return"""
BEST = """\
if self.best is None or bar.close > self.best:
    self.best = bar.close
if self.is_long and bar.close < self.best * (1 - {0}):
    self.close()
    self.best = None"""
REVERSE = """\
if {0}:
    if self.is_short: self.close()
    if not self.is_long: {2}
elif {1}:
    if self.is_long: self.close()
    if not self.is_short: {3}"""
PAIR = """\
if self.is_flat and not self.account.waiting_orders and {0}:
    first = self.buy({1}, stop=bar.high * 1.001)
    self.last = self.sell({1}, stop=bar.low * 0.999, cancels=first)"""
PYRAMID = """\
if self.is_flat:
    if {0}: {1}
elif self.account.ticket_count < {3} and {2}:
    self.add(self.account.tickets[-1], fraction=0.1)"""
LADDER = """\
if self.account.ticket_count < 2 and {0}:
    self.{1}({2}, stop_loss={3}, take_profit=[({4}, 0.5), (away(bar.close * 0.02), 0.5), risk({5})])"""
COUNTER = """\
if {0}: self.rounds += 1
else: self.rounds = 0
if self.rounds == {1} and self.account.ticket_count < {2}:
    {3}
    self.entered = bar.index
elif bar.index - self.entered >= {4} and not self.is_flat:
    self.close()"""
GRID = """\
if not self.account.waiting_orders and {0}:
    for step in range(1, {1}):
        self.{2}({3}, limit=bar.close * (1 {4} step * 0.004), good_for={5}, take_profit={6})"""
SIZED = """\
risked = self.account.equity * 0.01 / ({0} + bar.close * 0.002)
if {1} and self.account.ticket_count < 3 and {0} > 0:
    self.{2}(quantity=risked, stop_loss=away({0} * 2 + bar.close * 0.004))"""
MATHS = """\
x = round(bar.close * 7.3, 1) % 5 - math.floor(bar.open / 3.7) % 3 + math.sqrt(bar.high) // 2
x = max(x % 7, (bar.open - bar.close) // 0.3 % 4, bar.index - 200 if bar.index < 203 else 1)
x -= (-bar.low) % 1.5
if x > {0} and self.account.ticket_count < 3: {1}
elif x < -1 and not self.is_flat: self.close(quantity=abs(self.position) / 3)"""
KINDS = (
    "",
    "",
    ", limit=bar.close * {near}, good_for={few}",
    ", limit=bar.close * {near}, time_in_force='{life}'",
    ", limit=bar.close * {near}, good_till=bar.close_time + {few} * 60_000_000_000",
    ", limit=bar.close * {near}, post_only=True, good_for={few}",
    ", stop=bar.close * {far}, good_for={few}",
    ", stop=bar.close * {far}, limit=bar.close * {farther}, good_for={few}",
    ", touch=bar.close * {near}, rank={few}, good_for=9",
    ", trail=0.006, good_for={few}",
)
LEVELS = (
    "",
    ", stop_loss={stop}",
    ", stop_loss={stop}, take_profit={target}",
    ", take_profit=away(bar.close * 0.011)",
    ", stop_loss=at(bar.close * {under}), take_profit=risk(1.5)",
    ", trailing={stop}",
    ", trailing=away(bar.close * 0.009), trailing_from={target}",
    ", stop_loss={stop}, breakeven={target}, breakeven_offset=0.0005",
    ", stop_loss={stop}, take_profit=[({target}, 0.5), risk(3)], breakeven_after=1",
    ", stop_loss={stop}, leave_after={few}",
)


class Orders:
    """Draw what a strategy asks for."""

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self.draw = looks.draw
        self.managing = (
            self.trail, self.halve, self.leave, self.replace, self.guard, self.best, self.exit, self.clear,
        )  # fmt: skip
        self.entering = (
            self.plain, self.plain, self.plain, self.reverse, self.reverse, self.pair, self.pyramid,
            self.ladder, self.counter, self.grid, self.sized, self.maths,
        )  # fmt: skip

    def size(self) -> str:
        """Draw how much."""
        return self.draw.choice(
            [
                f"fraction={self.looks.number('share', 0.05, 0.9, 3)}",
                f"notional={self.looks.number('money', 100, 2_500, 2)}",
                f"{self.looks.number('money', 100, 2_500, 1)} / bar.close",
                "quantity=round(self.account.cash / bar.close / 4, 4)",
                "",
            ]
        )

    def entry(self, side: str, *, resting: bool = True) -> str:
        """Draw an order: its size, its kind, its levels."""
        buys = side == "buy"
        words = {
            "near": self.draw.choice(["0.997", "0.99"] if buys else ["1.003", "1.01"]),
            "far": "1.002" if buys else "0.998",
            "farther": "1.006" if buys else "0.994",
            "under": "0.98" if buys else "1.02",
            "few": self.draw.randint(1, 12),
            "life": self.draw.choice(["day", "ioc", "fok"]),
            "stop": self.looks.number("stop", 0.003, 0.03),
            "target": self.looks.number("target", 0.003, 0.04),
        }
        kind = self.draw.choice(KINDS if resting else KINDS[:1])
        text = (kind + self.draw.choice(LEVELS)).format(**words)
        return f"self.{side}({(self.size() + text).removeprefix(', ')})"

    def side(self) -> str:
        return self.draw.choice(["buy", "buy", "sell"])

    def holds(self) -> str:
        """Draw a condition on what the account holds."""
        return self.draw.choice(
            [
                "self.is_flat", "self.is_flat", f"self.account.ticket_count < {self.draw.randint(1, 4)}",
                "not self.account.waiting_orders", "self.account.free_cash > self.account.equity * 0.3",
                "self.account.open_profit >= 0", "self.position <= 0",
            ]
        )  # fmt: skip

    def plain(self) -> str:
        head = f"if {self.holds()} and {self.condition()}:"
        if self.draw.random() < 0.6:
            return f"{head}\n    {self.entry(self.side())}\nelif {self.condition()}:\n    self.close()"
        return f"{head}\n    {self.entry(self.side())}"

    def condition(self) -> str:
        return f"({self.looks.condition().bar})"

    def reverse(self) -> str:
        buy, sell = self.entry("buy", resting=False), self.entry("sell", resting=False)
        return REVERSE.format(self.condition(), self.condition(), buy, sell)

    def pair(self) -> str:
        size = self.size() or "fraction=0.5"
        return PAIR.format(self.condition(), size)

    def pyramid(self) -> str:
        first = self.entry(self.side())
        return PYRAMID.format(self.condition(), first, self.condition(), self.draw.randint(2, 5))

    def ladder(self) -> str:
        size = self.size() or "fraction=0.5"
        stop, target = self.looks.number("stop", 0.004, 0.02), self.looks.number("target", 0.004, 0.015)
        risk = self.draw.choice(["2", "3.5"])
        return LADDER.format(self.condition(), self.side(), size, stop, target, risk)

    def counter(self) -> str:
        few = self.draw.randint(1, 4)
        return COUNTER.format(self.condition(), few, few, self.entry(self.side()), self.draw.randint(2, 25))

    def grid(self) -> str:
        side = self.side()
        sign = "-" if side == "buy" else "+"
        steps, few = self.draw.randint(2, 5), self.draw.randint(1, 20)
        target = self.looks.number("target", 0.003, 0.02)
        return GRID.format(self.condition(), steps, side, "fraction=0.1", sign, few, target)

    def sized(self) -> str:
        return SIZED.format(self.looks.distance().bar, self.condition(), self.side())

    def maths(self) -> str:
        return MATHS.format(self.draw.choice(["4", "2.5", "7"]), self.entry(self.side()))

    def trail(self) -> str:
        return TRAIL.format(self.looks.number("trail", 0.004, 0.03))

    def halve(self) -> str:
        return HALVE.format(self.looks.number("gain", 1, 60, 1))

    def leave(self) -> str:
        return LEAVE.format(self.draw.randint(1, 40))

    def replace(self) -> str:
        return REPLACE.format(self.looks.number("away", 0.002, 0.03))

    def guard(self) -> str:
        return GUARD.format(self.looks.number("least", 7_000, 9_990, 0))

    def best(self) -> str:
        return BEST.format(self.looks.number("drop", 0.002, 0.03))

    def exit(self) -> str:
        return f"if not self.is_flat and {self.condition()}: self.close()"

    def clear(self) -> str:
        return f"if bar.index % {self.draw.randint(3, 40)} == 0: self.cancel()"
