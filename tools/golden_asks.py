"""What is asked in spec/golden/: for each preset, random wishes that suit the system it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eyas import _kernel
from tests.spec_tables import Row
from tools.golden_market import Dice, Walk, money

Asks = Iterator[str]


@dataclass(frozen=True)
class Scene:
    """The moment of a decision: the account as it is now, and the bar that has just closed."""

    account: _kernel.Account
    dice: Dice
    walk: Walk
    row: Row

    @property
    def on(self) -> str:
        """Return the words that name the instrument; none for the first."""
        return f" on {self.row.instrument}" if self.row.instrument else ""

    def ticket(self) -> _kernel.Ticket | None:
        """Draw an open ticket of the instrument."""
        found = [ticket for ticket in self.account.tickets if ticket.instrument == self.row.instrument]
        return self.dice.pick(found) if found else None

    def order(self) -> _kernel.WaitingOrder | None:
        """Draw a waiting order of the instrument."""
        found = [order for order in self.account.waiting_orders if order.instrument == self.row.instrument]
        return self.dice.pick(found) if found else None

    def newest(self) -> int:
        """Return the number of the order that was asked last, 0 when it waits no more."""
        orders = self.account.waiting_orders
        return max((order.number for order in orders), default=0)

    def side(self) -> str:
        """Draw the side of an entry."""
        return self.dice.pick(("buy", "sell"))

    def price(self, side: str, least: int, most: int) -> str:
        """Draw a price so many cents beyond the close: above it for a buy, below for a sale."""
        away = self.dice.between(least, most)
        return money(max(100, self.walk.close + (away if side == "buy" else -away)))

    def inside(self) -> str:
        """Draw a price inside the bar."""
        return money(self.dice.between(self.walk.low, self.walk.high))

    def cents(self, least: int, most: int) -> str:
        """Draw an amount of whole cents."""
        return money(self.dice.between(least, most))

    def distance(self, least: int, most: int) -> str:
        """Draw a level: mostly a distance, now and then the fraction of the price that is as far."""
        away = self.dice.between(least, most)
        # Prices are about 100: a cent is about a ten thousandth.
        return f"distance {money(away)}" if self.dice.chance(0.7) else f"fraction {money(away, 4)}"

    def maybe(self, share: float, words: str) -> str:
        """Return words that are said so often."""
        return f" {words}" if self.dice.chance(share) else ""


def other(side: str) -> str:
    """Return the other side."""
    return "sell" if side == "buy" else "buy"


def against(ticket: _kernel.Ticket) -> str:
    """Return the side that makes a ticket smaller."""
    return "sell" if ticket.direction == "long" else "buy"


# --- the presets ---


def hawk(scene: Scene) -> Asks:
    """Bring orders with distances and trailing stops, at leverage 25; waiting ones for a few bars."""
    dice = scene.dice
    if dice.chance(0.35):
        side = scene.side()
        limit, stop = scene.price(other(side), 10, 150), scene.price(side, 10, 150)
        kind = dice.pick(("", "", f" limit {limit}", f" stop {stop}"))
        lifetime = f" for {dice.between(1, 6)}" if kind else ""
        loss = scene.maybe(0.65, f"stop_loss distance {scene.cents(60, 250)}")
        target = scene.maybe(0.7, f"take_profit distance {scene.cents(60, 250)}")
        trigger = scene.maybe(0.5, f"from distance {scene.cents(50, 150)}")
        trailing = scene.maybe(0.3, f"trailing distance {scene.cents(60, 200)}{trigger}")
        yield f"{side} {dice.between(10, 90)}0{kind}{loss}{target}{trailing}{lifetime}"
    yield from leaving(scene, 0.1)
    yield from taking_back(scene, 0.08)


def stream(scene: Scene) -> Asks:
    """Enter with a stop and a ladder of targets, at the market or at a limit."""
    dice = scene.dice
    if dice.chance(0.35):
        side = scene.side()
        kind = scene.maybe(0.35, f"limit {scene.price(other(side), 10, 150)}")
        stop = f" stop_loss {scene.distance(80, 250)}"
        even = scene.maybe(0.4, f"breakeven rung 1{scene.maybe(0.5, 'offset distance 0.1')}")
        trailing = scene.maybe(0.2, f"trailing risk {scene.cents(50, 150)}")
        size = money(dice.between(20_000, 900_000), 4)
        yield f"{side} {size}{kind}{stop}{ladder(scene)}{even}{trailing}"
    yield from leaving(scene, 0.06)
    yield from taking_back(scene, 0.1)


def ladder(scene: Scene) -> str:
    """Draw a target, or a ladder of up to three; the last rung takes all."""
    rungs, away, text = scene.dice.between(0, 3), 0, ""
    for rung in range(rungs):
        away += scene.dice.between(50, 150)
        share = f" share {scene.dice.pick(('0.3', '0.5', '0.6'))}" if rung < rungs - 1 else ""
        text += f" take_profit distance {money(away)}{share}"
    return text


def lifecycle(scene: Scene) -> Asks:
    """Enter with money, stop, target and a time limit; then add, take parts off, and move the levels."""
    dice = scene.dice
    if dice.chance(0.25):
        side = scene.side()
        kind = dice.pick(("", "", f" at {scene.inside()}", f" limit {scene.price(other(side), 10, 150)}"))
        stop, target = scene.price(other(side), 200, 400), scene.price(side, 100, 400)
        size = f"notional {dice.between(3, 20)}00"
        yield f"{side} {size}{kind} stop_loss {stop} take_profit {target} leave_after {dice.between(3, 15)}"
    ticket = scene.ticket()
    if ticket and dice.chance(0.2):
        yield f"add {ticket.number} notional {dice.between(2, 10)}00"
    if ticket and dice.chance(0.12):
        yield f"close {ticket.number} fraction {dice.pick(('0.25', '0.3', '0.5'))}"
    if ticket and dice.chance(0.12):
        yield levels(scene, ticket)
    yield from taking_back(scene, 0.1)


def levels(scene: Scene, ticket: _kernel.Ticket) -> str:
    """Move stop or target of a ticket; now and then to the wrong side of the close."""
    side = against(ticket)
    stop = scene.maybe(0.7, f"stop_loss {scene.price(side, -20, 250)}")
    target = scene.maybe(0.6, f"take_profit {scene.dice.pick(('none', scene.price(other(side), 10, 300)))}")
    return f"levels {ticket.number}{stop}{target or ' take_profit none'}"


def kline(scene: Scene) -> Asks:
    """Buy and sell at prices that the order states, most of them inside the bar, into one net position."""
    dice = scene.dice
    if not dice.chance(0.4):
        return
    side = dice.pick(("buy", "buy", "sell"))
    held = scene.account.position > 0
    if held and dice.chance(0.25):
        yield f"sell fraction {dice.pick(('0.5', '1'))}{scene.maybe(0.7, f'at {scene.inside()}')}"
        return
    stated = scene.inside() if dice.chance(0.85) else scene.price(side, 200, 300)
    size = dice.pick((scene.cents(100, 6000), f"notional {dice.between(1, 60)}00", "fraction 0.3"))
    yield f"{side} {size if side == 'buy' else scene.cents(100, 3000)}{scene.maybe(0.85, f'at {stated}')}"


def desk(scene: Scene) -> Asks:
    """Hold one ticket at a time, with levels as fractions of the entry; close it by a signal."""
    dice = scene.dice
    ticket = scene.ticket()
    if dice.chance(0.08 if ticket else 0.5):
        side = scene.side()
        stop = f" stop_loss fraction {dice.pick(('0.01', '0.015', '0.02', '0.03'))}"
        target = scene.maybe(0.9, f"take_profit fraction {dice.pick(('0.01', '0.02', '0.025', '0.04'))}")
        notional = f"notional {dice.between(1, 90)}50"
        size = dice.pick((scene.cents(500, 12000), "fraction 0.5", "fraction 1", notional))
        yield f"{side} {size}{stop}{target}"
    if ticket and dice.chance(0.1):
        yield f"close {ticket.number}"


# --- what several of them ask ---


def leaving(scene: Scene, share: float) -> Asks:
    """Close a ticket, or a part of it."""
    ticket = scene.ticket()
    if ticket and scene.dice.chance(share):
        part = scene.dice.pick(("", " fraction 0.5", f" fraction {scene.cents(10, 90)}", " 15"))
        yield f"close {ticket.number}{part}"


def taking_back(scene: Scene, share: float) -> Asks:
    """Cancel a waiting order."""
    order = scene.order()
    if order and scene.dice.chance(share):
        yield f"cancel {order.number}"
