"""Say how one trial of a sweep is run again: a line of Python, and a command."""

from __future__ import annotations

import shlex
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eyas.sweep.result import Sweep

TRUTHS = {"yes": "True", "no": "False"}
RERUN = "sweep.rerun({number})"


def python_of(sweep: Sweep) -> str:
    """Return the line of Python that runs a trial, with `{parameters}` in the place of its own.

    Where the market has what a line cannot say (finer bars, extras, rules of one symbol alone), it is that of
    the sweep itself: `sweep.rerun({number})`, as it always can be.
    """
    market, rules = sweep.trials.market, sweep.trials.rules
    changes = dict(rules.differences())
    texts = {name: python_text(text) for name, text in changes.items()}
    own = any(rules.tables(market.symbols))
    if own or market.finer_bars or market.extra or market.in_turn or None in texts.values():
        return RERUN
    words = "".join(f", {name}={text}" for name, text in texts.items())
    cash = "" if sweep.trials.cash == "10000" else f", cash={sweep.trials.cash}"
    parameters = ", ".join(
        ["{parameters}", *(f"{name}={value!r}" for name, value in set_aside(sweep).items())]
    )
    return f"eyas.backtest({sweep.strategy}({parameters}), bars{cash}{words})"


def command_of(sweep: Sweep, command: str) -> str:
    """Return the command that runs a trial, with `{settings}` in the place of its parameters."""
    fixed = " ".join(f"--set {shlex.quote(f'{name}={value}')}" for name, value in set_aside(sweep).items())
    return f"{command} {{settings}}{' ' + fixed if fixed else ''}"


def set_aside(sweep: Sweep) -> dict[str, Any]:
    """Return the parameters that every trial has and that are not the strategy's defaults."""
    declared = type(sweep.trials.strategy).parameters_declared
    return {name: value for name, value in sweep.fixed.items() if value != declared[name].default}


def python_text(text: str) -> str | None:
    """Return a rule as Python writes it, None where that is not plain.

    >>> python_text("0.001"), python_text("target"), python_text("yes"), python_text("a+b")
    ('0.001', "'target'", 'True', None)
    """
    if text in TRUTHS:
        return TRUTHS[text]
    try:
        return text if Decimal(text).is_finite() else None
    except InvalidOperation:
        return repr(text) if text.isidentifier() and text != "none" else None
