"""Every scenario in every engine that can be asked, over every sample: equal, or a rule says why not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.second_opinion import table
from tests.second_opinion.cases import ABSENT, BY_NAME, ENGINES, asked_about, comparison, totals_of
from tests.second_opinion.compare import Comparison
from tests.second_opinion.drawn import MARKETS, drawn, settled
from tests.second_opinion.scenarios import planned

if ABSENT:
    reason = f"{', '.join(ABSENT)}: not installed here; `make second-opinion` installs and asks them"
    pytest.skip(reason, allow_module_level=True)

ASKED = [
    (engine, name)
    for engine in ENGINES
    for name, scenario in BY_NAME.items()
    if asked_about(engine, scenario)
]
# What must not go unnoticed. Each of these makes a trade or more another than theirs.
WRONG: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("long only", "EURUSD 1h", {"fee_fixed": 0.0001}),
    ("percentage fee", "IBM 1d", {"fee_rate": 0.00100001}),
    ("fee per unit", "IBM 1d", {"fee_per_unit": 0.0050001}),
    ("long and short", "IBM 1d", {"market_fill": "close"}),
    ("stop loss", "IBM 1d", {"gap": "level"}),
    ("target", "IBM 1d", {"gap": "level"}),
    ("bracket", "IBM 1d", {"tie": "target"}),
    ("bracket", "IBM 1d", {"tie": "nearest_to_open"}),
    ("bracket", "IBM 1d", {"bracket_from": "fill_bar"}),
    ("bracket", "IBM 1d", {"stop_trigger": "close"}),
    ("trailing, long", "IBM 1d", {"trail_update": "before"}),
    ("stress", "BTCUSDT 1m", {"latency_bars": 1}),
)


@pytest.mark.parametrize(("engine", "name"), ASKED)
def test_trades_and_equity_are_equal(engine: str, name: str) -> None:
    found = totals_of(engine, name)
    assert not isinstance(found, str)
    assert found.unexplained == []
    assert found.equal >= 50, "too few trades to prove anything"


@pytest.mark.parametrize(("name", "market", "rules"), WRONG)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_rule_is_noticed(engine: str, name: str, market: str, rules: dict[str, Any]) -> None:
    assert comparison(engine, planned(BY_NAME[name], market), **rules).unexplained


@pytest.mark.parametrize("seed", range(40))
def test_scenarios_drawn_by_lot_are_equal(seed: int) -> None:
    scenario = drawn(seed)
    for engine in ENGINES:
        if asked_about(engine, scenario) and settled(scenario, engine):
            total = Comparison()
            for market in MARKETS:
                total.add(comparison(engine, planned(scenario, market)))
            assert total.unexplained == [], f"{engine}: {scenario}"
            assert total.trades > 0


def test_the_table_of_the_docs_is_what_was_found() -> None:
    assert table.written() == table.table()
