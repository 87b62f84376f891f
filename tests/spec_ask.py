"""Ask in words as a person asks in floats: what a table's `ask` holds, through the methods of the account."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from eyas import _kernel
from tests.spec_tables import Malformed

NUMBER = re.compile(r"-?\d+(\.\d+)?|nan|-?inf")
SECOND_NS = 1_000_000_000

Named = tuple[str, float]


class Words:
    """The words of one ask, taken from the front."""

    def __init__(self, text: str, where: str) -> None:
        self.rest, self.text, self.where = text.split(), text, where

    def wrong(self, what: str) -> Malformed:
        return Malformed(f"{self.where}: {what} in the ask {self.text!r}")

    def next(self) -> str:
        if not self.rest:
            raise self.wrong("something is missing")
        return self.rest.pop(0)

    def skip(self, *names: str) -> str | None:
        return self.rest.pop(0) if self.rest and self.rest[0] in names else None

    def number(self) -> float:
        word = self.next()
        if not NUMBER.fullmatch(word):
            raise self.wrong(f"{word} is no number")
        return float(word)

    def whole(self) -> int:
        word = self.next()
        if not word.isdigit():
            raise self.wrong(f"{word} is no whole number")
        return int(word)

    def nanoseconds(self) -> int:
        word = self.next()
        if not NUMBER.fullmatch(word):
            raise self.wrong(f"{word} is no number")
        return int(Decimal(word) * SECOND_NS)

    def size(self) -> Named:
        return self.skip("notional", "fraction") or "quantity", self.number()

    def level(self) -> Named:
        return self.skip("distance", "fraction", "risk") or "price", self.number()

    def level_after(self, name: str) -> Named | None:
        return self.level() if self.skip(name) else None

    def instrument(self) -> int:
        """Take `on 2`, which may stand anywhere: the instrument, 0 when left out."""
        if "on" not in self.rest:
            return 0
        place = self.rest.index("on")
        after = Words(" ".join(self.rest[place + 1 :]), self.where)
        instrument = after.whole()
        self.rest[place:] = after.rest
        return instrument

    def end(self) -> None:
        if self.rest:
            raise self.wrong(f"{self.rest[0]} cannot stand")


# --- orders ---


def kind_of(words: Words, options: dict[str, Any]) -> Named:
    """Read how an order trades; what does not fit into a name and a price goes to the options."""
    if words.skip("at"):
        return "market", words.number()
    if words.skip("limit"):
        return "limit", words.number()
    if words.skip("trail"):
        options["trail"] = words.level()
        return "trailing_stop", 0.0
    first = words.skip("stop", "touch")
    if first is None:
        return "market", 0.0
    price = words.number()
    if words.skip("limit"):
        options["limit"] = words.number()
        return "stop_limit" if first == "stop" else "limit_if_touched", price
    return "stop" if first == "stop" else "market_if_touched", price


def options_of(words: Words, options: dict[str, Any]) -> dict[str, Any]:
    """Read what may follow the kind of order, in any order."""
    plain: dict[str, tuple[str, Callable[[], Any]]] = {
        "for": ("bars", words.whole),
        "leave_after": ("leave_after_bars", words.whole),
        "leave_after_s": ("leave_after_ns", words.nanoseconds),
        "other": ("other", words.whole),
        "after": ("after", words.whole),
        "rank": ("rank", words.number),
        "stop_loss": ("stop_loss", words.level),
        "trailing": ("trailing", lambda: (words.level(), words.level_after("from"))),
        "breakeven": ("breakeven", lambda: breakeven(words)),
    }
    while words.rest:
        word = words.next()
        if word in plain:
            name, read = plain[word]
            options[name] = read()
        elif word in ("day", "ioc", "fok"):
            options["time_in_force"] = word
        elif word == "until":
            options |= {"time_in_force": "gtd", "until": words.nanoseconds()}
        elif word in ("post_only", "reduce_only"):
            options[word] = True
        elif word == "take_profit":
            level = words.level()
            share = words.number() if words.skip("share") else 1.0
            options.setdefault("take_profits", []).append((level, share))
        else:
            raise words.wrong(f"{word} cannot stand")
    return options


def breakeven(words: Words) -> tuple[Named | None, Named | None, int]:
    if words.skip("rung"):
        rung = words.whole()
        return None, words.level_after("offset"), rung
    trigger = words.level()
    return trigger, words.level_after("offset"), 0


def open_order(account: _kernel.Account, side: str, words: Words) -> None:
    instrument, size = words.instrument(), words.size()
    options: dict[str, Any] = {}
    kind = kind_of(words, options)
    options_of(words, options)
    stop_loss, take_profit = options.pop("stop_loss", None), None
    rungs = options.get("take_profits", [])
    if len(rungs) == 1 and rungs[0][1] == 1:
        take_profit = options.pop("take_profits")[0][0]
    account.open(
        side,
        size,
        kind,
        stop_loss=stop_loss,
        take_profit=take_profit,
        instrument=instrument,
        options=options or None,
    )


def add_order(account: _kernel.Account, words: Words) -> None:
    ticket, size = words.whole(), words.size()
    options: dict[str, Any] = {}
    kind = kind_of(words, options)
    account.add(ticket, size, kind, options_of(words, options) or None)


def close_order(account: _kernel.Account, words: Words) -> None:
    ticket = words.whole()
    size = words.size() if words.rest else ("fraction", 1.0)
    if words.rest:
        # A method has no way to close but at the market.
        account.ask(words.text)
        return
    account.close(ticket, size)


# --- the rest ---


def amend(account: _kernel.Account, words: Words) -> None:
    number = words.whole()
    changes: dict[str, float] = {}
    while words.rest:
        name = words.skip("price", "limit", "quantity")
        if name is None:
            raise words.wrong(f"{words.rest[0]} cannot stand")
        changes[name] = words.number()
    account.amend(number, **changes)


def levels(account: _kernel.Account, words: Words) -> None:
    ticket = words.whole()
    changes: dict[str, float] = {}
    while words.rest:
        name = words.skip("stop_loss", "take_profit")
        if name is None:
            raise words.wrong(f"{words.rest[0]} cannot stand")
        changes[name] = 0.0 if words.skip("none") else words.number()
    account.amend_ticket(ticket, **changes)


def fill(account: _kernel.Account, words: Words) -> None:
    number, quantity = words.whole(), words.next()
    if not words.skip("at"):
        raise words.wrong("at is missing")
    price = words.next()
    fee = words.next() if words.skip("fee") else "0"
    if not words.skip("time"):
        raise words.wrong("time is missing")
    time = words.nanoseconds()
    words.end()
    account.apply(number, price, quantity, fee, time=time)


def ask_in_floats(account: _kernel.Account, text: str, where: str) -> None:
    """Ask for one thing through the method that it has."""
    words = Words(text, where)
    verb = words.next()
    if verb in ("buy", "sell"):
        open_order(account, verb, words)
    elif verb == "add":
        add_order(account, words)
    elif verb == "close":
        close_order(account, words)
    elif verb == "amend":
        amend(account, words)
    elif verb == "levels":
        levels(account, words)
    elif verb == "fill":
        fill(account, words)
    elif verb in ("cancel", "delist"):
        number = words.whole()
        words.end()
        (account.cancel if verb == "cancel" else account.delist)(number)
    elif verb == "transfer":
        money = words.next()
        words.end()
        account.transfer(money)
    elif verb == "error":
        words.end()
        account.record_error()
    else:
        raise words.wrong(f"nobody can ask {verb}")
