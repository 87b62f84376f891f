"""Random wishes in words, around the last close of an instrument."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Protocol

SIZES = (
    "1", "2", "0.5", "3", "10", "5", "0.001", "7.77777777", "50", "200",
    "fraction 1", "fraction 0.5", "fraction 0.95", "fraction 0.333333333333",
    "notional 100", "notional 1000", "notional 333.33", "notional 20000",
)  # fmt: skip
PARTS = ("", "", "", "1", "0.5", "20", "fraction 0.5", "fraction 0.333333333333", "notional 100", "2")


class Priced(Protocol):
    """What knows a price in ticks."""

    tick: Decimal
    close: int

    def price(self, ticks: int) -> Decimal: ...


def number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Asker:
    """Draw what is asked, for one story."""

    def __init__(self, rng: Random, rules: dict[str, str], walks: Sequence[Priced], cash: str) -> None:
        self.rng, self.rules, self.walks = rng, rules, walks
        self.net = rules.get("holding") == "net"
        self.stated = "signal_price" in (rules.get("market_fill"), rules.get("exit_fill"))
        self.started = False
        self.bare = False  # sizes are quantities alone
        self.sizes = list(SIZES)
        if "leverage" in rules:
            most = Decimal(cash) * Decimal(rules["leverage"])
            for share in ("0.3", "0.5", "0.9", "0.99", "0.6", "0.95"):
                self.sizes.append(f"notional {number(round(most * Decimal(share), 2))}")
        self.brackets = rng.random() < 0.85
        self.fancy = rng.choice((0.1, 0.3, 0.6))

    def asks(self, quiet: float) -> tuple[str, ...]:
        rng = self.rng
        if rng.random() < quiet:
            return ()
        return tuple(self.ask() for _ in range(rng.choice((1, 1, 2, 3))))

    def ask(self) -> str:
        rng = self.rng
        what = rng.choices(
            ("open", "close", "reduce", "cancel", "amend", "levels", "add", "transfer", "error", "delist"),
            (10, 4, 2, 1, 1, 1, 1.5, 0.15, 0.15, 0.015),
        )[0]
        name = rng.choice((0, 0, 0, 1, 1, 2, 3))
        if what == "close":
            stated = (
                self.stated_price(0) if (self.stated and rng.random() < 0.8) or rng.random() < 0.1 else ""
            )
            size = rng.choice(PARTS[:8] if self.bare else PARTS) or ("fraction 1" if stated else "")
            ticket = f"@t{name}" if rng.random() < 0.95 else rng.randint(0, 12)
            return " ".join(filter(None, (f"close {ticket}", size, stated)))
        if what == "cancel":
            return f"cancel @o{name}" if rng.random() < 0.9 else f"cancel {rng.randint(0, 9)}"
        if what == "amend":
            return self.amend(name)
        if what == "levels":
            return self.levels(name)
        if what == "transfer":
            return f"transfer {rng.choice(('100', '-50', '0.0000000000000001', '1000'))}"
        if what == "error":
            return "error"
        if self.rules.get("matching") == "elsewhere" and self.started and rng.random() < 0.5:
            return self.fill(name)
        if what == "delist":
            return f"delist {rng.randrange(len(self.walks))}"
        return self.order(what, name)

    def fill(self, name: int) -> str:
        """Draw what a venue says that it has filled."""
        rng = self.rng
        quantity = rng.choice(("1", "0.5", "2", "10", "0.001", "3"))
        fee = rng.choice(("", " fee 0.25", " fee -0.01", " fee 0.0000000000000001"))
        return f"fill @o{name} {quantity} at {self.around(rng.choice(self.walks))}{fee}"

    def amend(self, name: int) -> str:
        rng, walk = self.rng, self.rng.choice(self.walks)
        parts = [f"amend @o{name}"]
        if rng.random() < 0.6:
            parts.append(f"price {self.around(walk)}")
        if rng.random() < 0.2:
            parts.append(f"limit {self.around(walk)}")
        if rng.random() < 0.4 or len(parts) == 1:
            parts.append(f"quantity {rng.choice(('1', '2', '5', '0.7'))}")
        return " ".join(parts)

    def levels(self, name: int) -> str:
        rng, walk = self.rng, self.rng.choice(self.walks)
        parts = [f"levels @t{name}"]
        words = [word for word in ("stop_loss", "take_profit") if rng.random() < 0.6]
        parts += [f"{word} {'none' if rng.random() < 0.2 else self.around(walk)}" for word in words]
        return " ".join(parts) if len(parts) > 1 else f"{parts[0]} stop_loss {self.around(walk)}"

    def around(self, walk: Priced, reach: int = 6) -> str:
        return number(walk.price(walk.close + self.rng.randint(-reach, reach)))

    def stated_price(self, instrument: int) -> str:
        return f"at {self.around(self.walks[instrument], 3)}"

    def order(self, what: str, name: int) -> str:
        """Draw an order with its kind and options."""
        rng = self.rng
        instrument = rng.randrange(len(self.walks))
        walk = self.walks[instrument]
        up = 1 if rng.random() < 0.6 else -1
        side = f"add @t{name}" if what == "add" else "buy" if up > 0 else "sell"
        size = rng.choice(SIZES[:10] if self.bare else self.sizes)
        kind, near = self.kind(walk, up)
        parts = [side, size, kind]
        if what == "reduce":
            parts.append("reduce_only")
            if rng.random() < 0.8:
                return " ".join(filter(None, ("@against", size, kind, "reduce_only", self.options(kind))))
        elif (what == "open" and self.brackets and not self.net) or rng.random() < 0.02:
            parts.append(self.bracket(walk, near, up))
        parts.append(self.options(kind))
        if instrument and what != "add":
            parts.append(f"on {instrument}")
        return " ".join(filter(None, parts))

    def kind(self, walk: Priced, up: int) -> tuple[str, int]:
        """Return how an order trades, and the ticks around which its levels lie."""
        rng = self.rng
        ticks = max(1, walk.close + rng.randint(-6, 6))
        price = number(walk.price(ticks))
        other = number(walk.price(ticks + rng.choice((0, 1, -1, 2, -2))))
        name = rng.choices(
            ("", "limit", "stop", "stop_limit", "touch", "touch_limit", "trail"), (8, 3, 3, 1, 1, 1, 1)
        )[0]
        if name == "":
            stated = self.stated or rng.random() < 0.15
            return (f"at {number(walk.price(walk.close + rng.randint(-2, 2)))}" if stated else ""), walk.close
        if name == "trail":
            return f"trail {self.distance(walk, risky=False)}", walk.close
        texts = {"stop_limit": f"stop {price} limit {other}", "touch_limit": f"touch {price} limit {other}"}
        return texts.get(name, f"{name} {price}"), ticks

    def distance(self, walk: Priced, *, risky: bool) -> str:
        rng = self.rng
        kind = rng.choice(("distance", "distance", "fraction", "risk" if risky else "fraction"))
        if kind == "distance":
            return f"distance {number(walk.tick * rng.choice((1, 2, 3, 4, 6)))}"
        if kind == "risk":
            return f"risk {rng.choice(('0.5', '1', '1.5', '2'))}"
        return f"fraction {rng.choice(('0.01', '0.02', '0.0333', '0.1'))}"

    def level(self, walk: Priced, near: int, away: int, ticks: int, *, risky: bool) -> str:
        """Return a level so many ticks away, on its right side mostly."""
        if self.rng.random() < 0.4:
            return number(walk.price(near + away * ticks))
        return self.distance(walk, risky=risky)

    def bracket(self, walk: Priced, near: int, up: int) -> str:
        """Draw what hangs on an entry."""
        rng, parts = self.rng, []
        risky = rng.random() < 0.5
        if rng.random() < 0.5 or risky:
            ticks = rng.choice((1, 2, 3, 4, 6, 0, -1) if rng.random() < 0.2 else (1, 2, 3, 4, 6))
            parts.append(f"stop_loss {self.level(walk, near, -up, ticks, risky=False)}")
        if rng.random() < 0.5:
            parts.append(self.targets(walk, near, up, risky))
        if rng.random() < self.fancy * 0.6:
            trigger = f" from {self.distance(walk, risky=risky)}" if rng.random() < 0.5 else ""
            parts.append(f"trailing {self.distance(walk, risky=risky)}{trigger}")
        if rng.random() < self.fancy * 0.5:
            offset = f" offset {self.distance(walk, risky=risky)}" if rng.random() < 0.4 else ""
            trigger = self.distance(walk, risky=risky)
            if rng.random() < 0.4:
                trigger = f"rung {rng.choice((1, 1, 2))}"
            parts.append(f"breakeven {trigger}{offset}")
        if rng.random() < self.fancy * 0.4:
            parts.append(rng.choice(("leave_after 1", "leave_after 2", "leave_after 4", "leave_after_s 90")))
        rng.shuffle(parts)
        return " ".join(parts)

    def targets(self, walk: Priced, near: int, up: int, risky: bool) -> str:
        rng = self.rng
        ticks = rng.choice((1, 2, 3, 4, 0))
        if rng.random() > self.fancy:
            return f"take_profit {self.level(walk, near, up, ticks, risky=risky)}"
        rungs = []
        for _ in range(rng.choice((2, 2, 3))):
            rungs.append(f"take_profit {number(walk.price(near + up * ticks))}")
            ticks += rng.choice((1, 2, 3))
            if rng.random() < 0.9:
                rungs[-1] += f" share {rng.choice(('0.5', '0.333333333333', '0.1', '0.9'))}"
        return " ".join(rungs)

    def options(self, kind: str) -> str:
        """Draw lifetimes, partners and ranks."""
        rng, parts = self.rng, list[str]()
        may_be_quick = not kind or kind.startswith(("limit", "at")) or rng.random() < 0.1
        if rng.random() < self.fancy * 0.5:
            parts.append(rng.choice(("day", "for 1", "for 2", "for 3", "until 200", "until 400.5")))
        if rng.random() < self.fancy * 0.3 and may_be_quick:
            parts.append(rng.choice(("ioc", "fok")))
        if rng.random() < self.fancy * 0.3 and (kind.startswith("limit") or rng.random() < 0.05):
            parts.append("post_only")
        if rng.random() < self.fancy * 0.3:
            parts.append(f"other @o{rng.choice((0, 1, 2))}")
        if rng.random() < self.fancy * 0.25:
            parts.append(f"after @o{rng.choice((0, 1, 2))}")
        if rng.random() < self.fancy * 0.2:
            parts.append(f"rank {rng.choice(('1', '2', '-1', '0.5'))}")
        return " ".join(parts)
