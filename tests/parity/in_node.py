"""The same runs in Node: what kernel/wasm/ways.mjs is told of them, and what they came to there."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.compiled import compiled
from eyas.compiled.frames import MISSING
from eyas.compiled.program import kind_of, resolver
from eyas.model import History, Series, Times
from eyas.session import Session
from tests.parity.markets import Case
from tests.parity.ways import CASH, Outcome
from tools.machine import IN_CI, find_node

ROOT = Path(__file__).parents[2]
WASM = ROOT / "build" / "kernel.wasm"
Told = dict[str, Any]


def play(runs: list[Told]) -> list[Outcome]:
    """Run in one Node; skip without Node or the built file, but fail in CI."""
    node = find_node()
    if node is None or not WASM.exists():
        reason = "no Node here" if node is None else "there is no build/kernel.wasm: make wasm"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    command = [str(node), str(ROOT / "kernel" / "wasm" / "ways.mjs"), str(WASM)]
    done = subprocess.run(
        command, input=json.dumps(runs), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return [
        Outcome(base64.b64decode(one["journal"]), base64.b64decode(one["equity"]), one["failure"])
        for one in json.loads(done.stdout)
    ]


def told(case: Case) -> Told:
    """Return what every run on a market is told."""
    bars = case.bars
    session = Session(eyas.Strategy(), bars, case.rules, CASH)
    closes = [session.history.close_time(row) for row in range(len(bars))]
    columns = {name: coded(getattr(bars, name)) for name in bars.columns}
    return {
        "cash": CASH,
        "rules": case.rule_texts,
        "time": str(session.market.first_time),
        "columns": {**columns, "closeTime": coded(np.array(closes, dtype=np.int64))},
        "cuts": [],
    }


def program_run(made: type[eyas.Strategy], case: Case) -> Told:
    """Return the run of a strategy's program, in pieces, with what Python binds to it."""
    strategy = made()
    session = Session(strategy, case.bars, case.rules, CASH)
    session.start()
    program = compiled(strategy)
    program.bind(strategy, session)
    roots = sorted(program.roots)
    written = program.written[tuple(kind_of(getattr(strategy, name, MISSING)) for name in roots)]
    values = list(map(resolver(strategy, session.market.symbols[0]), written.inputs))
    count = len(case.bars)
    cuts = sorted({*Random(case.seed).choices(range(count + 1), k=3), count})
    return {
        **told(case),
        "program": base64.b64encode(written.data).decode(),
        "values": bound(values, session.history),
        "cuts": cuts,
    }


def bound(values: list[Any], history: History) -> list[Any]:
    """Return values as Node is told of them; time is moved to see which rows series know on which bar."""
    columns = {place: one for place, one in enumerate(values) if isinstance(one, Series | Times)}
    known: dict[int, list[int]] = {place: [] for place in columns}
    for bar in range(len(history)):
        history.move_to(bar)
        for place, one in columns.items():
            known[place].append(len(one) - 1)
    return [column(one, known[place]) if place in columns else plain(one) for place, one in enumerate(values)]


def column(one: Series | Times, known: list[int]) -> Told:
    """Return a column, and the newest row known on each bar where that is not the bar's own."""
    is_series = isinstance(one, Series)
    rows = [one[row] for row in range(len(one))]
    follow = None if known == list(range(len(known))) else coded(np.array(known, dtype=np.int64))
    return {
        "floats" if is_series else "ints": coded(np.array(rows, dtype=np.float64 if is_series else np.int64)),
        "follow": follow,
        "title": one.name,
    }


def plain(value: Any) -> Any:
    """Return a number, a text, a level or nothing as JSON holds it."""
    if value is MISSING:
        return {"unset": True}
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": coded(np.array([value]))}
    return {"level": list(value)}


def signals_run(made: type[eyas.Strategy], case: Case) -> Told:
    """Return the run in which JavaScript asks row by row for what the arrays say."""
    asked = made().signals(case.bars).columns(["X"], [len(case.bars)])[0]
    assert asked is not None
    names = {
        "entries": "entries",
        "exits": "exits",
        "sizes": "sizes",
        "stop": "stop_loss",
        "target": "take_profit",
    }
    floats = {ours: coded(np.asarray(asked[theirs], dtype=np.float64)) for ours, theirs in names.items()}
    return {**told(case), "signals": {**floats, "size": asked["size_name"]}}


def coded(values: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
