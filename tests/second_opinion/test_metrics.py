"""Every figure of a curve as other packages work it out today: equal to 1e-9, and to what was recorded."""

from __future__ import annotations

import math

import pytest

from tests.metrics.oracles.ask import ABSENT, PACKAGES, figures
from tests.metrics.oracles.cases import cases, ours, recorded

if ABSENT:
    reason = f"{', '.join(ABSENT)}: not installed here; `make second-opinion` installs and asks them"
    pytest.skip(reason, allow_module_level=True)

RECORDED = recorded()
CASES = {case.name: case for case in cases(RECORDED)}


@pytest.mark.filterwarnings("ignore")  # theirs
@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("name", CASES)
def test_figures_are_those_of_another_package(name: str, package: str) -> None:
    case = CASES[name]
    said, own = figures(package, case), ours(case)
    assert said.keys() == RECORDED["figures"][name][package].keys()
    for figure, value in said.items():
        assert math.isfinite(value), figure
        assert own[figure]() == pytest.approx(value, rel=1e-9, abs=1e-12), figure
        assert RECORDED["figures"][name][package][figure] == pytest.approx(value, rel=1e-9, abs=1e-12), figure
