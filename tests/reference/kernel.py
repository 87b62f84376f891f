"""Play a scenario through `eyas._kernel` and read its journal with every digit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from eyas import _kernel

from .numbers import MONEY_DECIMALS, exact, units
from .scenario import Apply, Ask, Cancel, Close, Money, Open, Played, Scenario, named

TABLES = {
    "kind": _kernel.EVENT_KINDS,
    "phase": _kernel.PHASES,
    "cause": _kernel.CAUSES,
    "refusal": _kernel.REFUSALS,
}


def events_of(account: _kernel.Account) -> list[dict[str, Any]]:
    """Return the journal as dictionaries of exact integers, with names for codes."""
    journal = account.journal()
    width = sum(size for _, _, size in _kernel.EVENT_FIELDS)
    events = []
    for start in range(0, len(journal), width):
        event: dict[str, Any] = {}
        place = start
        for name, kind, size in _kernel.EVENT_FIELDS:
            number = int.from_bytes(journal[place : place + size], "little", signed=kind.startswith("i"))
            event[name] = TABLES[name][number] if name in TABLES else number
            place += size
        events.append(event)
    return events


def money_of(account: _kernel.Account) -> Money:
    """Return what the account is worth now, exactly."""
    names = ("cash", "equity", "free_cash", "used_margin")
    return Money(account.event_count, **{name: units_of(account.exact(name)) for name in names})


def units_of(text: str) -> int:
    return units(exact(text), MONEY_DECIMALS)


def ask(account: _kernel.Account, wish: Ask) -> None:
    """Put one wish to the kernel."""
    if isinstance(wish, Open):
        account.open(wish.side, wish.size, wish.kind, stop_loss=wish.stop_loss, take_profit=wish.take_profit)
    elif isinstance(wish, Close):
        account.close(wish.ticket, wish.size)
    elif isinstance(wish, Cancel):
        account.cancel(wish.order)
    else:
        account.apply(wish.order, wish.price, wish.quantity, wish.fee, time=wish.time)


def resolved(account: _kernel.Account, wish: Ask) -> Ask:
    """Return a wish with the number that it means now."""
    if isinstance(wish, Close):
        return replace(wish, ticket=named(wish.ticket, [ticket.number for ticket in account.tickets]))
    if isinstance(wish, Cancel | Apply):
        return replace(wish, order=named(wish.order, [order.number for order in account.waiting_orders]))
    return wish


def history_of(scenario: Scenario) -> _kernel.History:
    """Return the scenario's bars as the columns that the kernel reads."""
    bars = scenario.bars
    time = np.array([bar.time for bar in bars], dtype=np.int64)
    prices = [(bar.open, bar.high, bar.low, bar.close) for bar in bars]
    open_, high, low, close = (np.array(column) for column in zip(*prices, strict=True))
    return _kernel.History(time, open_, high, low, close, np.ones(len(bars)))


def play(scenario: Scenario) -> Played:
    """Return the kernel's journal, and its money after every bar and decision and at the end."""
    return play_and_resolve(scenario)[0]


def play_and_resolve(scenario: Scenario) -> tuple[Played, Scenario]:
    """Return what `play` does, and the scenario with every number said outright."""
    account = _kernel.Account(scenario.cash, list(scenario.rules), time=7)
    history = history_of(scenario)
    played, said = Played(), []
    for index, wishes in enumerate(scenario.asks):
        if index:
            history.move_to(index - 1)
            account.advance(history)
            played.money.append(money_of(account))
        now = []
        for wish in wishes:
            now.append(resolved(account, wish))
            ask(account, now[-1])
        said.append(tuple(now))
        played.money.append(money_of(account))
    if scenario.finish:
        account.finish()
        played.money.append(money_of(account))
    played.events = events_of(account)
    return played, replace(scenario, asks=tuple(said))
