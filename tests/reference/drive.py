"""Play a story through `eyas._kernel`, and read its journal with every digit."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from eyas import _kernel

from .numbers import MONEY_DECIMALS, exact, units
from .story import Played, Story

TABLES = {
    "kind": _kernel.EVENT_KINDS,
    "phase": _kernel.PHASES,
    "cause": _kernel.CAUSES,
    "refusal": _kernel.REFUSALS,
    "order_kind": _kernel.ORDER_KINDS,
}
AMOUNTS = ("equity", "free_cash", "used_margin", "open_profit", "cash")


def events_of(account: Any) -> list[dict[str, Any]]:
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


def amounts_of(account: Any) -> dict[str, int]:
    found = {name: units(exact(account.exact(name)), MONEY_DECIMALS) for name in AMOUNTS}
    return found | {"events": account.event_count}


def play(story: Story) -> Played:
    """Return the kernel's journal and its amounts after each moment; the story names numbers outright."""
    account = _kernel.Account(
        story.cash, list(story.rules), time=7, instruments=[list(one) for one in story.instruments] or None
    )
    played = Played(story=story)

    def ask(texts: tuple[str, ...]) -> None:
        for text in texts:
            account.ask(text)
        played.amounts.append(amounts_of(account))

    ask(story.first)
    for step in story.steps:
        with suppress(ValueError):
            account.advance_rows(list(step.rows), list(step.finer))
        played.amounts.append(amounts_of(account))
        ask(step.asks)
    if story.finish:
        account.finish()
        played.amounts.append(amounts_of(account))
    played.events = events_of(account)
    return played
