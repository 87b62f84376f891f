"""What is asked in spec/golden/ of the default market and of a portfolio: every kind of order and option."""

from __future__ import annotations

from decimal import Decimal

from tools.golden_asks import Asks, Scene, against, ladder, leaving, levels, other, taking_back
from tools.golden_market import money

HOUR_S = 3600


def everything(scene: Scene) -> Asks:
    """Ask the default market for a little of everything."""
    dice = scene.dice
    if dice.chance(0.4):
        yield entry(scene)
    if dice.chance(0.12):
        yield from bracket_of_orders(scene)
    if dice.chance(0.08):
        yield from pair(scene)
    yield from changes(scene)
    yield from leaving(scene, 0.08)
    yield from taking_back(scene, 0.05)
    if dice.chance(0.04):
        yield dice.pick(("save", "transfer 250", "transfer -120.5", "error", "cancel 1"))


def portfolio(scene: Scene) -> Asks:
    """Ask for one of several instruments: ranked entries of every kind, closes, changes."""
    dice = scene.dice
    if dice.chance(0.4):
        rank = scene.maybe(0.4, f"rank {dice.pick(('-1', '1', '1.5', '2'))}")
        yield f"{entry(scene)}{rank}{scene.on}"
    yield from changes(scene)
    yield from leaving(scene, 0.1)
    yield from taking_back(scene, 0.05)


# --- entries ---


def entry(scene: Scene) -> str:
    """Draw an order of any kind, with a lifetime that it can have, and what hangs on it."""
    side = scene.side()
    kind, lifetimes = kind_of(scene, side)
    lifetime = scene.dice.pick(lifetimes)
    return f"{side} {size(scene)}{kind}{bracket(scene)}{lifetime}"


def size(scene: Scene) -> str:
    """Draw how much."""
    dice = scene.dice
    notional = f"notional {dice.between(1, 40)}00"
    return dice.pick((scene.cents(100, 3000), str(dice.between(1, 30)), notional, "fraction 0.2"))


def kind_of(scene: Scene, side: str) -> tuple[str, tuple[str, ...]]:
    """Draw a kind of order, and the lifetimes that fit it, an empty one among them."""
    dice = scene.dice
    hours = dice.between(1, 9)
    until = (int(Decimal(scene.row.time or 0)) // 60 + hours) * HOUR_S
    waiting = ("", "", " day", f" until {until}", f" for {dice.between(1, 6)}")
    below, above = scene.price(other(side), 10, 160), scene.price(side, 10, 160)
    kinds = (
        ("", ("", "", " ioc", " fok")),
        (f" limit {below}", (*waiting, " ioc", " fok", " post_only")),
        (f" limit {scene.price(side, 0, 40)}", ("", " post_only", " ioc", " fok")),
        (f" stop {above}", waiting),
        (f" stop {above} limit {scene.price(side, 5, 200)}", waiting),
        (f" touch {below}", waiting),
        (f" touch {below} limit {scene.price(other(side), 5, 200)}", waiting),
        (f" trail {scene.distance(40, 200)}", waiting),
    )
    return dice.pick((kinds[0], *kinds))


def bracket(scene: Scene) -> str:
    """Draw what hangs on an entry: levels, a trailing stop, a break-even, a time limit."""
    dice = scene.dice
    stop = scene.maybe(0.6, f"stop_loss {scene.distance(60, 250)}")
    risk = stop and dice.chance(0.3)
    trailing = f"trailing risk {scene.cents(50, 150)}" if risk else f"trailing {scene.distance(60, 200)}"
    trigger = scene.maybe(0.5, f"from {scene.distance(50, 150)}")
    even = f"breakeven distance {scene.cents(40, 120)} offset distance 0.15"
    even = dice.pick((f"breakeven {scene.distance(40, 120)}", even))
    limit = dice.pick((f"leave_after {dice.between(2, 12)}", f"leave_after_s {dice.between(2, 12) * HOUR_S}"))
    targets = ladder(scene)
    if targets and dice.chance(0.3):
        even = f"breakeven rung 1{scene.maybe(0.4, 'offset distance 0.1')}"
    elif stop and not targets and dice.chance(0.5):
        targets = f" take_profit risk {dice.pick(('1', '1.5', '2'))}"
    moving = scene.maybe(0.25, trailing + trigger) + scene.maybe(0.25, even)
    return f"{stop}{targets}{moving}{scene.maybe(0.15, limit)}"


# --- orders that know each other ---


def bracket_of_orders(scene: Scene) -> Asks:
    """Enter at a limit, and let its fill bring a target and a stop that reduce, and cancel each other."""
    side, quantity = scene.side(), scene.dice.between(2, 15)
    yield f"{side} {quantity} limit {scene.price(other(side), 5, 80)}{scene.maybe(0.4, 'for 4')}"
    parent = scene.newest()
    exit_side = other(side)
    yield f"{exit_side} {quantity} limit {scene.price(side, 30, 200)} reduce_only after {parent}"
    target = scene.newest()
    stop = scene.price(exit_side, 100, 250)
    yield f"{exit_side} {quantity} stop {stop} reduce_only after {parent} other {target}"


def pair(scene: Scene) -> Asks:
    """Wait on both sides: the first that fills cancels the other."""
    quantity = scene.dice.between(2, 15)
    yield f"buy {quantity} stop {scene.price('buy', 30, 150)} stop_loss distance 1.2"
    first = scene.newest()
    kind = scene.dice.pick((f"stop {scene.price('sell', 30, 150)}", f"limit {scene.price('buy', 30, 150)}"))
    yield f"sell {quantity} {kind} other {first}"


# --- changes ---


def changes(scene: Scene) -> Asks:
    """Add to a ticket, reduce it by an order, move its levels, or amend an order that waits."""
    dice, ticket, order = scene.dice, scene.ticket(), scene.order()
    if ticket and dice.chance(0.08):
        side = other(against(ticket))
        kind = scene.maybe(0.5, f"limit {scene.price(other(side), 10, 120)}")
        yield f"add {ticket.number} {dice.between(1, 8)}{kind}"
    if ticket and dice.chance(0.08):
        side = against(ticket)
        limit, stop = scene.price(other(side), 10, 120), scene.price(side, 10, 120)
        kind = dice.pick(("", f" limit {limit}", f" stop {stop}"))
        yield f"{side} {dice.between(1, 12)}{kind} reduce_only{scene.on}"
    if ticket and dice.chance(0.08):
        yield levels(scene, ticket)
    if order and order.price is not None and dice.chance(0.12):
        yield amendment(scene, order.number, order.kind, round(order.price * 100))


def amendment(scene: Scene, number: int, kind: str, price: int) -> str:
    """Move the price of an order by some cents, or change its quantity."""
    moved = money(price + scene.dice.between(-40, 40))
    if kind in ("stop_limit", "limit_if_touched"):
        moved += f" limit {money(price + scene.dice.between(-60, 60))}"
    quantity = scene.dice.between(1, 20)
    return scene.dice.pick((f"amend {number} price {moved}", f"amend {number} quantity {quantity}"))
