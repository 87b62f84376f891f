"""The law of honesty on real sweeps: a strategy over random walks does not pass, over swings it does."""

from __future__ import annotations

import numpy as np
import pytest

from eyas.research.verdict import PROVEN
from tests.research.noise_studies import studies

FEW = 40  # of the 500 that `python -m tests.research.noise_studies` runs


def test_random_walks_do_not_pass() -> None:
    found = list(studies(FEW))
    assert sum(one.deflated_sharpe > PROVEN for one in found) <= FEW * 0.05
    assert not any(one.verdict == "holds" for one in found)
    mean = np.mean([one.overfitting.probability for one in found if one.overfitting])
    assert mean == pytest.approx(0.5, abs=0.12), "of 500 studies it is 0.527"


def test_swings_pass() -> None:
    found = list(studies(6, bars=8_000, swing=0.001))
    assert all(one.deflated_sharpe > PROVEN for one in found)
    assert sum(one.verdict == "holds" for one in found) >= 3
