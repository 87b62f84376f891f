"""Figures of curves against what quantstats, empyrical, ffn, vectorbt and scipy said of the same returns."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from eyas import metrics
from tests.metrics.oracles.ask import PACKAGES
from tests.metrics.oracles.cases import cases, ours, recorded

RECORDED = recorded()
CASES = {case.name: case for case in cases(RECORDED)}
ASKED = [
    (name, package, figure, value)
    for name, said in RECORDED["figures"].items()
    for package, figures in said.items()
    for figure, value in figures.items()
]
PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.mark.parametrize("name", CASES)
def test_figures_are_those_that_others_said(name: str) -> None:
    own = ours(CASES[name])
    for case, package, figure, value in ASKED:
        if case == name:
            assert math.isfinite(value)
            assert own[figure]() == pytest.approx(value, rel=1e-9, abs=1e-12), f"{figure} of {package}"


def test_many_were_asked() -> None:
    assert len(ASKED) > 500
    assert {package for _, package, _, _ in ASKED} == set(PACKAGES)


def test_a_figure_that_is_wrong_by_little_is_noticed() -> None:
    """Each of these is how somebody else defines the same word."""
    case = CASES["business days"]
    said = RECORDED["figures"][case.name]
    returns, benchmark = case.returns, case.benchmark
    assert metrics.sharpe(returns, 253) != pytest.approx(said["ffn"]["sharpe"], rel=1e-9)
    assert metrics.kurtosis_population(returns) != pytest.approx(said["ffn"]["kurtosis"], rel=1e-9)
    assert metrics.annual_return_252(case.equity) != pytest.approx(said["ffn"]["annual_return"], rel=1e-9)
    historic = metrics.value_at_risk_historic(returns)
    assert historic != pytest.approx(said["quantstats"]["value_at_risk_normal"], rel=1e-9)
    scaled = metrics.information_ratio(returns, benchmark, 252)
    assert scaled != pytest.approx(said["ffn"]["information_ratio period"], rel=1e-9)


def test_the_page_names_who_agrees() -> None:
    """Docs/metrics.md names for each figure the packages that were asked and agreed, and no others."""
    agreed: dict[str, set[str]] = {}
    for _, package, figure, _ in ASKED:
        agreed.setdefault(figure.partition(" ")[0], set()).add(package)
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", PAGE.read_text("utf-8"), re.MULTILINE)
    on_page = {name: {word.strip() for word in told.split(",")} - {"–"} for name, told in rows}
    for name, packages in agreed.items():
        assert on_page[name] == packages, name
    for name in metrics.curve_figures(CASES["weeks"].curve, benchmark=CASES["weeks"].curve):
        assert on_page[name] == agreed.get(name, set()), name


def test_the_page_has_the_formulas() -> None:
    for name, formula in re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE.read_text("utf-8"), re.MULTILINE):
        if name in metrics.__all__:
            assert formula == metrics.DEFINITIONS[name].formula, name
