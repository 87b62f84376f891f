"""The kernel in the browser and the kernel in Python write the same journal, byte for byte.

kernel/wasm/parity.mjs lets a strategy that draws its decisions trade in Node; this file lets the same one
trade in Python. What it asks for depends on what it sees of the account, so the two must see the same too.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eyas import _kernel
from tools.machine import IN_CI, find_node

ROOT = Path(__file__).parents[1]
WASM = ROOT / "build" / "kernel.wasm"
MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000
AMOUNTS = ("cash", "equity", "free_cash", "used_margin", "position")
COSTS = {"fee_rate": "0.001", "slippage": "0.0005", "spread": "0.03"}
MARKETS: dict[str, dict[str, str]] = {
    "default": {},
    "costs": {
        **COSTS,
        "fee_fixed": "0.0123456789",
        "maker_fee_rate": "-0.0002",
        "slippage_on": "market+stop+limit",
    },
    "cash": {**COSTS, "account": "cash", "quantity_step": "0.01", "rounding": "nearest"},
    "leverage": {**COSTS, "leverage": "20", "margin_call": "30", "tickets_max": "5"},
    "close": {"market_fill": "close", "exit_fill": "close", "tie": "target", "reentry_same_bar": "no"},
    "level": {"gap": "level", "bracket_from": "fill_bar", "tie": "nearest_to_open", "margin_cap": "0.9"},
    "later": {"bracket_from": "after_fill", "end_policy": "mark_only", "short": "no", "price_tick": "0.01"},
    "coarse": {**COSTS, "price_decimals": "3", "leverage": "3.7"},
    "venue": {"matching": "elsewhere"},
}
BARS = 3_000


def random(seed: int) -> Callable[[int], int]:
    """Return numbers below a bound, one after another, as kernel/wasm/market.mjs draws them."""
    state = seed

    def below(bound: int) -> int:
        nonlocal state
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        return int(state / 2**32 * bound)

    return below


def columns_of(below: Callable[[int], int], bars: int) -> dict[str, np.ndarray[Any, Any]]:
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


def decide(account: _kernel.Account, below: Callable[[int], int], close: float) -> None:
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


def fill(account: _kernel.Account, below: Callable[[int], int]) -> None:
    """Fill one waiting order, as a venue would."""
    waiting = account.waiting_orders
    if waiting:
        number = waiting[below(len(waiting))].number
        price, quantity, fee = (f"{least + below(4)}.{10 + below(90)}" for least in (90, 0, -1))
        time = (account.bar_index + 1) * MINUTE_NS + SECOND_NS
        account.apply(number, price, quantity, fee, time=time)


def play(market: dict[str, Any]) -> dict[str, Any]:
    """Run a market in Python and return what Node returns of it."""
    below = random(market["seed"])
    columns = columns_of(below, market["bars"])
    history = _kernel.History(*columns.values())
    account = _kernel.Account(market["cash"], list(market["rules"].items()), time=0)
    equity = np.empty(market["bars"])
    for index in range(market["bars"]):
        history.move_to(index)
        account.advance(history)
        if market["rules"].get("matching") == "elsewhere":
            fill(account, below)
        decide(account, below, float(columns["close"][index]))
        equity[index] = account.equity
    account.finish()
    equity[-1] = account.equity
    curve = _kernel.curve_figures(float(market["cash"]), equity, 525_600)
    return {
        "journal": account.journal(),
        "equity": equity.tobytes(),
        "exact": {name: account.exact(name) for name in AMOUNTS},
        "figures": account.trade_figures() | curve,
        "events": account.events(),
    }


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


def market_of(name: str) -> dict[str, Any]:
    return {"seed": 11 + list(MARKETS).index(name), "bars": BARS, "cash": "12345.678", "rules": MARKETS[name]}


@pytest.mark.wasm
@pytest.mark.parametrize("name", MARKETS)
def test_node_and_python_write_the_same_journal(name: str, in_node: dict[str, dict[str, Any]]) -> None:
    here, there = play(market_of(name)), in_node[name]
    assert len(here["events"]) > BARS / 4, "a market in which little happens proves little"
    compare_journals(here, base64.b64decode(there["journal"]))
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
