"""The language of the tables in `spec/`: words become orders of exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .numbers import MONEY_DECIMALS, RATE_DECIMALS, UNITS_MAX, exact, rounded
from .rules import Terms
from .wishes import Bracket, Level, Order, UnreadableError, refuse

ONE = Fraction(1)


class Words:
    """The words of one ask, taken from the front; the first refusal of what they say is kept."""

    def __init__(self, text: str, terms: Terms) -> None:
        self.rest, self.terms = text.split(), terms
        self.refusal: str | None = None

    def next(self) -> str:
        if not self.rest:
            raise UnreadableError("words are missing")
        return self.rest.pop(0)

    def skip(self, *names: str) -> str | None:
        return self.rest.pop(0) if self.rest and self.rest[0] in names else None

    def whole(self) -> int:
        word = self.next()
        if not word.isdigit():
            raise UnreadableError(word)
        return int(word)

    def number(self, decimals: int) -> Fraction:
        try:
            return rounded(exact(self.next()), decimals)
        except (ValueError, ArithmeticError):
            raise UnreadableError("no number") from None

    def keep(self, reason: str) -> Fraction:
        self.refusal = self.refusal or reason
        return ONE

    def positive(self, decimals: int, nan: str, wrong: str, large: str) -> Fraction:
        """Read a number above zero; what is none is refused by name."""
        if self.rest and self.rest[0] in ("nan", "inf", "-inf"):
            return self.keep({"nan": nan, "inf": large, "-inf": wrong}[self.next()])
        word = self.rest[0] if self.rest else ""
        value = self.number(decimals)
        if value == 0 and exact(word) > 0 and wrong == "quantity_must_be_positive":
            return self.keep("quantity_must_reach_step")
        if value <= 0:
            return self.keep(wrong)
        return self.keep(large) if value * 10**decimals > UNITS_MAX else value

    def price(self) -> Fraction:
        names = ("price_must_be_a_number", "price_must_be_positive", "price_must_be_in_range")
        return self.positive(self.terms.price_decimals, *names)

    def size(self) -> tuple[str, Fraction]:
        nan, wrong = "quantity_must_be_a_number", "quantity_must_be_positive"
        name = self.skip("notional", "fraction") or "quantity"
        if name == "fraction":
            wrong = "fraction_must_be_above_zero_to_one"
            value = self.positive(RATE_DECIMALS, nan, wrong, wrong)
            return name, value if value <= 1 else self.keep(wrong)
        decimals = self.terms.quantity_decimals if name == "quantity" else MONEY_DECIMALS
        if name == "notional" and self.rest and self.rest[0] not in ("nan", "inf", "-inf"):
            value = self.number(decimals)
            return name, value if value > 0 else self.keep(wrong)
        return name, self.positive(decimals, nan, wrong, "quantity_must_be_in_range")

    def level(self, wrong: str) -> Level:
        kind = self.skip("distance", "fraction", "risk") or "price"
        decimals = RATE_DECIMALS if kind in ("fraction", "risk") else self.terms.price_decimals
        return Level(kind, self.positive(decimals, "level_must_be_a_number", wrong, wrong))

    def order(self, order: Order) -> Order:
        """Read size, kind and options into an order."""
        if order.intent != "close" or self.rest:
            order.size = self.size()
        self.kind(order)
        while self.rest:
            self.option(order)
        if self.refusal:
            refuse(self.refusal)
        return order

    def kind(self, order: Order) -> None:
        word = self.skip("at", "limit", "trail", "stop", "touch")
        if word == "trail":
            order.kind, order.trail = "trailing_stop", self.level("trail_must_be_positive")
        elif word:
            kinds = {"at": "market", "limit": "limit", "stop": "stop", "touch": "market_if_touched"}
            order.kind = kinds[word]
            order.price = self.price()
            if word in ("stop", "touch") and self.skip("limit"):
                order.kind = {"stop": "stop_limit", "touch": "limit_if_touched"}[word]
                order.limit = self.price()

    def option(self, order: Order) -> None:
        """Read one of the words that may follow."""
        word = self.next()
        if word in ("day", "ioc", "fok"):
            order.lifetime = word
        elif word == "until":
            order.lifetime, order.until_ns = "gtd", self.seconds()
        elif word in ("for", "other", "after"):
            setattr(order, {"for": "bars"}.get(word, word), self.whole())
        elif word == "post_only":
            order.post_only = True
        elif word == "reduce_only":
            order.intent = "reduce"
        elif word == "rank":
            order.rank = self.number(RATE_DECIMALS)
        else:
            self.level_option(word, order.bracket)

    def seconds(self) -> int:
        return int(self.number(9) * 10**9)

    def level_option(self, word: str, bracket: Bracket) -> None:
        """Read what hangs on an entry."""
        if word == "stop_loss":
            bracket.stop_loss = self.level("stop_must_be_beyond_price")
        elif word == "take_profit":
            level = self.level("target_must_be_beyond_price")
            bracket.rungs.append((level, self.number(RATE_DECIMALS) if self.skip("share") else ONE))
        elif word == "trailing":
            bracket.trailing = self.level("trail_must_be_positive")
            bracket.trailing_from = self.level("trail_must_be_positive") if self.skip("from") else None
        elif word == "breakeven":
            self.breakeven(bracket)
        elif word == "leave_after":
            bracket.bars = self.whole()
        elif word == "leave_after_s":
            bracket.time_ns = self.seconds()
        else:
            raise UnreadableError(word)

    def breakeven(self, bracket: Bracket) -> None:
        wrong = "breakeven_must_stay_below_trigger"
        if self.skip("rung"):
            bracket.breakeven_rung = self.whole()
        else:
            bracket.breakeven = self.level(wrong)
        if self.skip("offset"):
            bracket.offset = self.level(wrong)


def take_instrument(words: list[str]) -> int:
    """Take `on 2` out of the words, wherever it stands; the first instrument when left out."""
    if "on" not in words:
        return 0
    place = words.index("on")
    number = words[place + 1]
    del words[place : place + 2]
    return int(number)


def read_order(
    text: str,
    held: Callable[[int], tuple[int, int] | None],
    terms: list[Terms],
    place: Callable[[int], None],
) -> Order:
    """Read `buy …`, `sell …`, `add …` or `close …`; `held` says instrument and sign of an open ticket.

    `place` is told the instrument before anything is refused.
    """
    words = text.split()
    verb, instrument = words.pop(0), take_instrument(words)
    order = Order(instrument, {"add": "add", "close": "close"}.get(verb, "open"), -1 if verb == "sell" else 1)
    if verb in ("add", "close"):
        order.ticket = int(words.pop(0))
        found = held(order.ticket)
        if found:
            order.instrument, order.sign = found[0], found[1] if verb == "add" else -found[1]
    place(order.instrument)
    if order.instrument >= len(terms):
        refuse("instrument_must_be_listed")
    return Words(" ".join(words), terms[order.instrument]).order(order)
