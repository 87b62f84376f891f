"""Drawn strategies, as source: said up front, deciding by what they hold and remember, or with every hook.

`written(number)` is the same source for ever: a failure names the number.
"""

from __future__ import annotations

import linecache
from random import Random
from typing import Any, NamedTuple

import eyas
from tests.parity.looks import HEAD, Looks, Seen
from tests.parity.orders import Orders

KINDS = ("up front", "up front", "state", "state", "state", "state", "state", "hooks")
PHASES = """\
if self.phase == "wait":
    if {0}:
        self.phase = "armed"
        self.entered = bar.index
elif self.phase == "armed":
    if bar.index - self.entered > {2}:
        self.phase = "wait"
    elif {1}:
        {3}
        self.phase = "in"
elif self.is_flat and not self.account.waiting_orders:
    self.phase = "wait"
    self.rounds += 1"""


class Written(NamedTuple):
    """Hold a strategy's source, another set of its parameters, and which ways apply to it."""

    number: int
    kind: str
    source: str
    variant: dict[str, Any]

    @property
    def needs_minutes(self) -> bool:
        """Whether it looks at longer bars, which bars of a day have none of."""
        return "timeframe=" in self.source

    def made(self) -> type[eyas.Strategy]:
        """Return the class, whose source can be read again as if it stood in a file."""
        name = f"/parity/strategy_{self.number}.py"
        linecache.cache[name] = (len(self.source), None, self.source.splitlines(keepends=True), name)
        found: dict[str, Any] = {"__name__": f"parity_{self.number}"}
        exec(compile(self.source, name, "exec"), found)
        made: type[eyas.Strategy] = found["Made"]
        return made


def written(number: int) -> Written:
    """Write a strategy."""
    draw = Random(number)
    kind = KINDS[number % len(KINDS)]
    looks = Looks(draw, up_front=kind == "up front")
    more: list[str] = []
    if kind == "up front":
        body, more = up_front(looks)
    else:
        body = state(looks)
        if kind == "hooks":
            more = hooks(looks)
    parameters = [f"{name}: {type(value).__name__} = {value!r}" for name, value in looks.parameters.items()]
    start = [
        *looks.start,
        "self.count = 0", "self.rounds = 0", "self.entered = 0", "self.best = None", "self.phase = 'wait'",
        "self.last = 0", "self.halved = 0",
    ]  # fmt: skip
    lines = [
        HEAD, "", "class Made(eyas.Strategy):", *indented(parameters), "",
        "    def on_start(self):", *indented(start, 2), "",
        "    def on_bar(self, bar):", *indented(body, 2), *more,
    ]  # fmt: skip
    return Written(number, kind, "\n".join(lines) + "\n", looks.variant)


def indented(lines: list[str], by: int = 1) -> list[str]:
    """Return lines further to the right; a line of several too."""
    return ["    " * by + line for text in lines for line in text.splitlines()]


def up_front(looks: Looks) -> tuple[list[str], list[str]]:
    """Write `on_bar`, and `signals` that say the same."""
    exits, longs, shorts = looks.condition(), looks.condition(), looks.condition()
    sides = looks.draw.choice(["both", "both", "long", "short"])
    words, known = asked_up_front(looks)
    on_bar = ", ".join(f"{name}={line}" for name, line, _ in words)
    arrays = ", ".join(f"{name}={array}" for name, _, array in words)
    guard, guards = (f" and {known.bar} >= 0", f" & ({known.array} >= 0)") if known else ("", "")
    body = [f"if {exits.bar}:", "    self.close()"]
    if sides != "short":
        body += [f"if ({longs.bar}){guard}:", f"    self.buy({on_bar})"]
    if sides != "long":
        word = "elif" if sides == "both" else "if"
        body += [f"{word} ({shorts.bar}){guard}:", f"    self.sell({on_bar})"]
    unsaid = {"both": "shorts &= ~longs", "long": "shorts &= False", "short": "longs &= False"}
    rows = [
        *looks.arrays,
        f"longs, shorts, exits = {longs.array}, {shorts.array}, {exits.array}",
        unsaid[sides],
        f"entries = (longs{guards}) * 1 - (shorts{guards}) * 1",
        f"return eyas.Signals(entries=entries, exits=exits, {arrays})",
    ]
    return body, ["", "    def signals(self, bars):", *indented(rows, 2)]


def asked_up_front(looks: Looks) -> tuple[list[tuple[str, str, str]], Seen | None]:
    """Draw what an entry says: names, each as a line and as an array; and the series that must be known."""
    draw = looks.draw
    share, money = looks.number("share", 0.1, 1.0, 3), looks.number("money", 200, 3_000, 2)
    words = [
        draw.choice(
            [
                ("fraction", share, share),
                ("notional", money, money),
                ("quantity", f"{money} / bar.close", f"{money} / bars.close"),
                ("quantity", f"{money} / (bar.close + bar.volume)", f"{money} / (bars.close + bars.volume)"),
            ]
        )
    ]
    levels, known = draw.randrange(4), None
    if levels & 1:
        known = looks.distance()
        line = f"min(0.2, max(0.003, {known.bar} / bar.close * 2.5))"
        array = f"np.minimum(0.2, np.maximum(0.003, {known.array} / bars.close * 2.5))"
        words.append(("stop_loss", line, array))
    if levels & 2:
        target = looks.number("target", 0.004, 0.03)
        words.append(("take_profit", target, target))
    return words, known


def state(looks: Looks) -> list[str]:
    """Write an `on_bar` that decides by what is held, what waits and what it remembers."""
    draw, orders = looks.draw, Orders(looks)
    # What changes something on every bar is asked on every bar; what does not is left out where it may be.
    body = ["self.count += 1"] if draw.random() < 0.3 else []
    if draw.random() < 0.25:
        body += [f"if not ({looks.clock().bar}) and bar.index % 3 == 0:", "    return"]
    if draw.random() < 0.1:  # it fails there: on a bar, or in the first halt
        fails = draw.choice(
            [f"1 / (bar.index - {draw.randint(20, 600)}) > 2", "bar.close / bar.volume < 1e-6"]
        )
        body.append(f"if {fails}: self.cancel()")
    for manage in draw.sample(orders.managing, draw.choice([0, 1, 1, 2, 3])):
        body += manage().splitlines()
    if draw.random() < 0.2:
        found = PHASES.format(
            looks.condition().bar,
            looks.condition().bar,
            draw.randint(2, 30),
            orders.entry(draw.choice(["buy", "sell"])),
        )
        return body + found.splitlines()
    for enter in draw.sample(orders.entering, draw.choice([1, 1, 2])):
        body += enter().splitlines()
    return body


def hooks(looks: Looks) -> list[str]:
    """Write the other hooks: programs have none of them, and both pumps call all."""
    share = looks.number("share", 0.05, 0.4, 3)
    lines = [
        "def on_fill(self, fill):",
        "    self.last = fill.order",
        "    self.rounds += 1",
        f"    if self.rounds % {looks.draw.randint(3, 9)} == 0 and self.rounds < 200:",
        "        if self.rounds % 2:",
        f"            self.buy(fraction={share}, limit=self.bars.close.value * 0.98, good_for=4)",
        "        else:",
        f"            self.sell(fraction={share}, take_profit=0.02)",
        "def on_refusal(self, refusal):",
        "    self.count += 3",
        "    if self.count < 900 and self.count % 2:",
        "        self.cancel()",
        "def on_end(self):",
        "    self.phase = 'over'",
    ]
    if looks.draw.random() < 0.5:
        lines += [
            "def on_step(self, step):",
            "    if step.index % 17 == 5:",
            "        self.close(fraction=0.5)",
        ]
    return ["", *indented(lines)]
