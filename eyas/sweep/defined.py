"""Say what the figures of a trial mean: in the words of eyas.metrics, whose numbers they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import eyas.metrics.paid  # noqa: F401 - a figure is defined once its module is imported
from eyas.metrics.definition import DEFINITIONS, Definition
from eyas.sweep.figures import FIGURES

Lines: TypeAlias = list[tuple[str, str]]
"""What is said of a figure: pairs of a heading (the first has none) and a text."""

CALLED = {"trades": "trade_count", "average_trade": "expectancy", "fees": "fees_paid"}
"""How a report calls the same figure, where its name is another."""

ANY_LENGTH = (
    "as in a report, which is silent on short runs; trials are ranked by it, so it is said of any length"
)
DIFFERS = {
    "volatility": ANY_LENGTH,
    **dict.fromkeys(("sharpe", "sortino"), f"the risk-free rate is 0; {ANY_LENGTH}"),
    "average_trade": "as in a report, which is silent on few trades; here it is said of any number",
}
"""What a trial's figure has other than a report's: only from when on it is said."""

OWN = {
    "equity_final": "What the account is worth at the last bar: its cash, and what is held at its price.",
    "net_profit": "The sum of the profit of all closed trades, after their fees.",
    "charges": "Funding and borrowing paid in all; below zero where they were received.",
    "refused": "How many orders the account refused, for whatever reason.",
    "ambiguous_bars": "On how many bars the outcome depended on the path that was assumed inside of them.",
}
"""Figures of a trial that eyas.metrics does not have."""


def definitions(names: Iterable[str] = FIGURES) -> dict[str, Lines]:
    """Return what is said of figures of a trial, by name.

    >>> definitions(["trades"])["trades"][0]
    ('', 'How many round trips ended.')
    """
    found: dict[str, Lines] = {}
    for name in names:
        if name in OWN:
            found[name] = [("", OWN[name])]
            continue
        lines = lines_of(DEFINITIONS[CALLED.get(name, name)])
        found[name] = [*lines, *([("In a sweep", sentence(DIFFERS[name]))] if name in DIFFERS else [])]
    return found


def lines_of(definition: Definition) -> Lines:
    """Return a definition as pairs of a heading and a text."""
    better = {True: " Higher is better.", False: " Lower is better.", None: ""}[definition.higher_is_better]
    parts = [
        ("", sentence(definition.what) + better),
        ("Formula", definition.formula),
        ("Convention", definition.convention),
        ("Source", definition.source),
        ("n/a when", definition.none_when.removeprefix("never.")),
    ]
    return [(heading, text) for heading, text in parts if text]


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    said = text[:1].upper() + text[1:]
    return f"{said}." if said and not said.endswith(".") else said
