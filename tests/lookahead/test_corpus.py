"""The score of `eyas check` on the corpus: every biased strategy is caught, no clean one is accused."""

from __future__ import annotations

import pytest

import eyas
from tests.lookahead.corpus import (
    Case,
    biased_indicators,
    biased_makers,
    biased_more,
    biased_outside,
    clean_data,
    clean_more,
    clean_orders,
)

BIASED = (*biased_indicators.CASES, *biased_makers.CASES, *biased_outside.CASES, *biased_more.CASES)
CLEAN = (*clean_orders.CASES, *clean_data.CASES, *clean_more.CASES)


def named(cases: tuple[Case, ...]) -> list[object]:
    return [pytest.param(case, id=case.name.replace(" ", "-")) for case in cases]


def test_the_corpus_is_large_enough() -> None:
    assert len({case.name for case in BIASED}) == len(BIASED) >= 60
    assert len({case.name for case in CLEAN}) == len(CLEAN) >= 60


@pytest.mark.parametrize("case", named(BIASED))
def test_what_looks_ahead_is_caught(case: Case) -> None:
    found = eyas.check(case.strategy, case.bars(), **case.options)
    by_rule = case.words == ("market_fill",)  # no run can show it: the rule is named
    assert found.verdict in (("fail", "warn") if by_rule else ("fail",)), str(found)
    for word in case.words:
        assert word in str(found)


@pytest.mark.parametrize("case", named(biased_more.SUSPECTED))
def test_what_no_run_can_prove_is_said(case: Case) -> None:
    found = eyas.check(case.strategy, case.bars(), **case.options)
    assert found.verdict == "warn", str(found)
    for word in case.words:
        assert word in str(found)


def test_chance_without_a_seed_is_not_judged() -> None:
    case = clean_more.UNJUDGED
    assert eyas.check(case.strategy, case.bars()).verdict == "unjudged"


@pytest.mark.parametrize("case", named(CLEAN))
def test_what_is_honest_is_left_in_peace(case: Case) -> None:
    found = eyas.check(case.strategy, case.bars(), **case.options)
    assert found.verdict == "pass", str(found)
    assert found.decisions > 0, "a strategy that asks for nothing proves nothing"
    assert found.cuts


@pytest.mark.parametrize(("case", "column"), clean_data.SENSITIVE)
def test_what_depends_on_the_history_loaded_is_named(case: Case, column: str) -> None:
    found = eyas.check(case.strategy, case.bars())
    assert not found.looks_ahead
    assert found.warm_up is not None
    line = next(line for line in str(found.warm_up).splitlines() if line.startswith(column))
    assert "does not settle" in line or "running total" in line


def test_what_settles_is_left_in_peace() -> None:
    found = eyas.check(clean_data.SETTLING.strategy, clean_data.SETTLING.bars())
    assert (found.verdict, found.settles) == ("pass", True)


def test_a_biased_strategy_is_named_by_bar_and_column() -> None:
    merged = next(case for case in BIASED if case.name == "hourly candle joined at its opening")
    found = eyas.check(merged.strategy, merged.bars())
    assert found.change is not None
    assert "hour_close" in str(found)
