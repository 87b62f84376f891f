"""The kernel in the browser and the kernel in Python write the same journal, byte for byte.

kernel/wasm/parity.mjs lets a strategy that draws its decisions trade in Node; this file lets the same one
trade in Python: in numbers, or in words where every kind of order is asked for. What it asks for depends on
what it sees of the account, so the two must see the same too.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eyas import _kernel
from tests.wasm_markets import NUMBERS, WORDS, Market
from tools.machine import IN_CI, find_node

ROOT = Path(__file__).parents[1]
WASM = ROOT / "build" / "kernel.wasm"
MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000
AMOUNTS = ("cash", "equity", "free_cash", "used_margin", "open_profit", "position", "margin_level")
BARS_IN_NUMBERS, BARS_IN_WORDS = 3_000, 1_500
SAVED_EVERY, SAVED_AFTER = 499, 137

Below = Callable[[int], int]
Columns = dict[str, np.ndarray[Any, Any]]
# Instrument, opening and closing time, open, high, low, close, volume, given price, funding.
Row = tuple[int, int, int, float, float, float, float, float, float, float]


def random(seed: int) -> Below:
    """Return numbers below a bound, one after another, as kernel/wasm/market.mjs draws them."""
    state = seed

    def below(bound: int) -> int:
        nonlocal state
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        return int(state / 2**32 * bound)

    return below


def columns_of(below: Below, bars: int) -> Columns:
    """Return a walk in whole cents that stays near 100."""
    rows, cents = [], 10_000
    for _ in range(bars):
        start = max(cents + below(41) - 20, 1_000)
        cents = max(start + below(201) - 100 + (1 if start < 10_000 else -1), 1_000)
        high = (max(start, cents) + below(60)) / 100
        low = (min(start, cents) - below(60)) / 100
        rows.append((start / 100, high, low, cents / 100, below(1_000) / 8))
    prices = np.ascontiguousarray(np.array(rows).T)
    time = np.arange(1, bars + 1, dtype=np.int64) * MINUTE_NS
    return {"time": time, **dict(zip(("open", "high", "low", "close", "volume"), prices, strict=True))}


# --- in numbers ---


def decide(account: _kernel.Account, below: Below, close: float) -> None:
    """Decide on one bar, as kernel/wasm/parity.mjs does."""
    tickets, waiting = account.tickets, account.waiting_orders
    wish = below(10)
    side = "buy" if below(2) == 0 else "sell"
    away = 1 if side == "buy" else -1
    sizes = [
        ("quantity", below(2_000) / 100),
        ("notional", float(below(3_000))),
        ("fraction", below(110) / 100),
        ("quantity", account.free_cash / close / 3),
    ]
    size = sizes[below(4)]
    level = below(500) / 100
    stops = [None, ("distance", level), ("fraction", level / 100), ("price", close - away * level)]
    targets = [None, ("distance", level), ("fraction", level / 50), ("price", close + away * level)]
    stop_loss, take_profit = stops[below(4)], targets[below(4)]
    price = close + (below(400) - 200) / 100
    if wish <= 2:
        kind = (("market", 0.0), ("limit", price), ("stop", price))[wish]
        account.open(side, size, kind, stop_loss=stop_loss, take_profit=take_profit)
    elif wish == 3 and tickets:
        account.close(tickets[below(len(tickets))].number, size)
    elif wish == 4 and tickets:
        account.close(tickets[0].number)
    elif wish == 5 and waiting:
        account.cancel(waiting[below(len(waiting))].number)
    elif wish == 6 and account.equity < account.cash:
        account.cancel(below(50))


def fill(account: _kernel.Account, below: Below) -> None:
    """Fill one waiting order, as a venue would."""
    waiting = account.waiting_orders
    if waiting:
        number = waiting[below(len(waiting))].number
        price, quantity, fee = (f"{least + below(4)}.{10 + below(90)}" for least in (90, 0, -1))
        time = (account.bar_index + 1) * MINUTE_NS + SECOND_NS
        account.apply(number, price, quantity, fee, time=time)


def play_in_numbers(market: dict[str, Any]) -> dict[str, Any]:
    """Trade one instrument, and return what Node returns of it."""
    below = random(market["seed"])
    columns = columns_of(below, market["bars"])
    history = _kernel.History(*columns.values())
    account = _kernel.Account(market["cash"], list(market["rules"].items()), time=0)
    equity = []
    for index in range(market["bars"]):
        history.move_to(index)
        account.advance(history)
        if market["rules"].get("matching") == "elsewhere":
            fill(account, below)
        decide(account, below, float(columns["close"][index]))
        equity.append(account.equity)
    account.finish()
    equity[-1] = account.equity
    return told(account, [account], equity, 0, [])


# --- in words ---


def play_in_words(market: dict[str, Any]) -> dict[str, Any]:
    """Trade some instruments, save the account on the way, and return what Node returns of it."""
    below = random(market["seed"])
    pairs = [list(own.items()) for own in market["instruments"]]
    columns = [columns_of(below, market["bars"]) for _ in range(len(pairs) or 1)]
    rules = list(market["rules"].items())
    account = _kernel.Account(market["cash"], rules, time=0, instruments=pairs or None)
    accounts, equity, seen, saved = [account], [], [], 0
    for index in range(market["bars"]):
        trades = [place == 0 or below(8) > 0 for place in range(len(columns))]
        places = [place for place, is_there in enumerate(trades) if is_there]
        rows = [row_of(columns[place], place, index, below) for place in places]
        finer = [*map(rising, rows), *map(falling, rows)] if below(2) == 0 else []
        account.advance_rows(rows, finer)
        if index % SAVED_EVERY == SAVED_AFTER:
            account, saved = _kernel.Account.load(account.save()), index
            accounts.append(account)
        for _ in range(below(3)):
            place = below(len(columns))
            text = market["asks"][below(len(market["asks"]))]
            cents = round(float(columns[place]["close"][index]) * 100)
            account.ask(words(text, account, below, place, cents))
        if below(20) == 0:
            seen.append(sight_of(account))
        equity.append(account.equity)
    if len(columns) > 1:
        for text in ("buy 0.1 limit 1 on 1", "delist 1"):
            account.ask(text)
    account.finish()
    equity[-1] = account.equity
    return told(account, accounts, equity, saved, seen)


def row_of(columns: Columns, instrument: int, bar: int, below: Below) -> Row:
    """Return the bar of an instrument, which is known half a minute after it opens."""
    opens = int(columns["time"][bar])
    names = ("open", "high", "low", "close", "volume")
    first, high, low, last, volume = (float(columns[name][bar]) for name in names)
    given = float("nan") if below(4) == 0 else (first + last) / 2
    funding = float("nan") if below(16) > 0 else (below(200) - 100) / 100_000
    return instrument, opens, opens + MINUTE_NS // 2, first, high, low, last, volume, given, funding


def rising(row: Row) -> Row:
    """Return the first half of a bar, in which it rises."""
    instrument, opens, closes, first, high, _, last, volume, given, funding = row
    middle = (first + last) / 2
    lowest = min(first, middle)
    return instrument, opens, (opens + closes) // 2, first, high, lowest, middle, volume, given, funding


def falling(row: Row) -> Row:
    """Return the second half of a bar, in which it falls."""
    instrument, opens, closes, first, _, low, last, volume, given, funding = row
    middle = (first + last) / 2
    highest = max(middle, last)
    return instrument, (opens + closes) // 2, closes, middle, highest, low, last, volume, given, funding


def words(text: str, account: _kernel.Account, below: Below, instrument: int, cents: int) -> str:
    """Fill the holes of words, from left to right."""

    def one(numbers: list[int]) -> str:
        return str(numbers[below(len(numbers))] if numbers else below(50))

    holes: dict[str, Callable[[], str]] = {
        "side": lambda: "buy" if below(2) == 0 else "sell",
        "quantity": lambda: hundredths(below(1_500) + 1),
        "money": lambda: str(below(2_000) + 1),
        "price": lambda: hundredths(cents + below(400) - 200),
        "above": lambda: hundredths(cents + below(250)),
        "under": lambda: hundredths(cents - below(250)),
        "distance": lambda: hundredths(below(250) + 1),
        "rate": lambda: f"0.0{hundredths(below(250) + 1).replace('.', '')}",
        "share": lambda: hundredths(below(99) + 1),
        "few": lambda: str(below(6) + 1),
        "time": lambda: str((account.bar_index + 1) * 60 + below(400)),
        "ticket": lambda: one([ticket.number for ticket in account.tickets]),
        "order": lambda: one([waiting.number for waiting in account.waiting_orders]),
        "on": lambda: f"on {instrument}",
        "instrument": lambda: str(instrument),
    }
    return re.sub(r"\{(\w+)\}", lambda hole: holes[hole[1]](), text)


def hundredths(whole: int) -> str:
    return f"{whole // 100}.{whole % 100:02}"


# --- what is compared ---


def sight_of(account: _kernel.Account) -> dict[str, Any]:
    """Return what a host sees of an account, as kernel/wasm/parity.mjs tells it."""
    tickets = [
        [
            *(ticket.number, ticket.instrument, ticket.direction, ticket.quantity, ticket.entry_price),
            *(ticket.stop_loss, ticket.take_profit, ticket.liquidation_price, ticket.opened_bar),
        ]
        for ticket in account.tickets
    ]
    waiting = [
        [
            *(order.number, order.instrument, order.side, order.kind),
            *(order.price, order.limit, order.quantity, order.ticket),
        ]
        for order in account.waiting_orders
    ]
    return {"exact": exact_of(account), "tickets": tickets, "waiting": waiting}


def exact_of(account: _kernel.Account) -> dict[str, str]:
    return {name: account.exact(name) for name in AMOUNTS} | {"ambiguous_bars": str(account.ambiguous_bars)}


def told(
    account: _kernel.Account,
    accounts: list[_kernel.Account],
    equity: list[float],
    saved: int,
    seen: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return what is to be compared; the figures are those since the account was saved."""
    figures = account.trade_figures()
    curve = _kernel.curve_figures(figures["opening_cash"], np.array(equity[saved:]), 525_600)
    return {
        "journal": b"".join(each.journal() for each in accounts),
        "events": [event for each in accounts for event in each.events()],
        "equity": np.array(equity).tobytes(),
        "exact": exact_of(account),
        "seen": seen,
        "figures": figures | curve,
    }


MARKETS = NUMBERS | WORDS


def market_of(name: str) -> dict[str, Any]:
    """Return a market as Node is told of it."""
    market = MARKETS[name]
    common = {"seed": 11 + list(MARKETS).index(name), "cash": "12345.678", "rules": market.rules}
    if not market.asks:
        return {**common, "bars": BARS_IN_NUMBERS}
    return {**common, "bars": BARS_IN_WORDS, "asks": market.asks, "instruments": market.instruments}


@pytest.fixture(scope="module")
def in_node() -> dict[str, dict[str, Any]]:
    """Return what Node made of every market; skip without Node or the built file, but fail in CI."""
    node = find_node()
    if node is None or not WASM.exists():
        reason = "no Node here" if node is None else "there is no build/kernel.wasm: make wasm"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    script = ROOT / "kernel" / "wasm" / "parity.mjs"
    asked = json.dumps([market_of(name) for name in MARKETS])
    command = [str(node), str(script), str(WASM)]
    run = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return dict(zip(MARKETS, json.loads(run.stdout), strict=True))


@pytest.mark.wasm
@pytest.mark.parametrize("name", NUMBERS)
def test_node_and_python_write_the_same_journal(name: str, in_node: dict[str, dict[str, Any]]) -> None:
    here = play_in_numbers(market_of(name))
    compare(here, in_node[name], MARKETS[name])


@pytest.mark.wasm
@pytest.mark.parametrize("name", WORDS)
def test_they_read_the_same_words_and_go_on_after_saving(
    name: str, in_node: dict[str, dict[str, Any]]
) -> None:
    here = play_in_words(market_of(name))
    compare(here, in_node[name], MARKETS[name])


def compare(here: dict[str, Any], there: dict[str, Any], market: Market) -> None:
    events = here["events"]
    assert len(events) > BARS_IN_NUMBERS / 4, "a market in which little happens proves little"
    happened = {
        name
        for event in events
        for name in (event.kind, event.phase, event.cause, event.refusal, event.order_kind)
    }
    assert not set(market.must_happen.split()) - happened
    compare_journals(here, base64.b64decode(there["journal"]))
    for mine, other in zip(here["seen"], there["seen"], strict=True):
        assert mine == other
    assert base64.b64decode(there["equity"]) == here["equity"]
    assert there["exact"] == here["exact"]
    figures = {name: repr(float(text.replace("Infinity", "inf"))) for name, text in there["figures"].items()}
    assert figures == {name: repr(float(value)) for name, value in here["figures"].items()}


def compare_journals(here: dict[str, Any], there: bytes) -> None:
    """Fail with the first event that differs."""
    width = sum(width for _, _, width in _kernel.EVENT_FIELDS)
    for event in here["events"]:
        place = slice(event.seq * width, (event.seq + 1) * width)
        assert there[place] == here["journal"][place], f"Node does not write {event}"
    assert len(there) == len(here["journal"]), "Node writes more events"
