"""The figures of a trial are those of eyas.metrics, but for what the page says of them."""

from __future__ import annotations

import math
from typing import Any

import pytest

import eyas
from eyas.metrics.definition import DEFINITIONS
from eyas.sweep import sweep
from eyas.sweep.defined import CALLED, DIFFERS, OWN, definitions
from eyas.sweep.figures import FIGURES
from eyas.sweep.page_data import SHOWN
from tests.sweep.strategies import Arrays, Cross

SHARED = [name for name in FIGURES if name not in OWN]
AAPL, IBM = eyas.sample("AAPL", "1d"), eyas.sample("IBM", "1d")
BOTH = {"AAPL": AAPL, "IBM": IBM}
MARKETS: dict[str, tuple[type[eyas.Strategy], Any, dict[str, Any]]] = {
    "a year of days": (Cross, AAPL, {"fee_rate": 0.001}),
    "a week of minutes": (Cross, eyas.sample("BTCUSDT", "1m"), {}),
    "open at the end": (
        *(Cross, eyas.sample("EURUSD", "1h")),
        {"end_policy": "mark_only", "slippage": 0.001, "fee_rate": 0.0001},
    ),
    "a portfolio": (Arrays, BOTH, {"fee_rate": 0.001}),
    "one after the other": (Arrays, BOTH, {"clock": "sequential"}),
}


def test_every_figure_that_is_shown_is_defined() -> None:
    found = definitions()
    assert found.keys() == set(FIGURES) >= set(SHOWN)
    for name, (first, *others) in found.items():
        assert first[0] == ""
        assert first[1][0].isupper()
        assert first[1].endswith("."), name
        assert all(heading and text for heading, text in others)
    assert not OWN.keys() & DEFINITIONS.keys()
    assert set(CALLED) <= set(FIGURES)


def test_what_differs_is_said_with_the_definition() -> None:
    found = dict(definitions(["sharpe"])["sharpe"])
    assert found["Formula"] == DEFINITIONS["sharpe"].formula
    assert "of any length" in found["In a sweep"]
    assert "risk-free rate is 0" in found["In a sweep"]
    assert "In a sweep" not in dict(definitions(["calmar"])["calmar"])


@pytest.mark.parametrize("market", MARKETS)
def test_a_trial_has_the_numbers_of_its_report(market: str) -> None:
    strategy, bars, rules = MARKETS[market]
    found = sweep(strategy, bars, fast=[3, 40], slow=[20, 480], **rules)
    is_short = not found.trials.span.is_long_enough
    for number in found.numbers.tolist():
        trial, metrics = found.trial(number), found.rerun(number).metrics
        for name in SHARED:
            mine, theirs = trial.figures[name], metrics[CALLED.get(name, name)]
            is_silent = theirs is None and (is_short or (name == "average_trade" and trial["trades"] < 10))
            if is_silent and name in DIFFERS:
                continue
            theirs = math.nan if theirs is None else theirs
            assert mine == pytest.approx(theirs, rel=1e-9, nan_ok=True), (name, number)
