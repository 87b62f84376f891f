"""The law of honesty: of studies of pure noise at most 5 % pass, and choosing there is worth nothing."""

from __future__ import annotations

import numpy as np
import pytest

from eyas.research import deflated_sharpe_ratio, deflated_sharpe_ratio_2025, study_statistics
from eyas.research.verdict import PROVEN
from tests.research.studies import crossings, noise, rows_of

STUDIES = 500
OF_THEM_WHOLE = 100  # with everything that a report prints
BARS = 640


def independent(rng: np.random.Generator) -> np.ndarray:
    return noise(rng, BARS, 20)


def correlated(rng: np.random.Generator) -> np.ndarray:
    return noise(rng, BARS, 20, 0.6)


def heavy(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_t(3, (BARS, 20)) * 0.01


def mostly_flat(rng: np.random.Generator) -> np.ndarray:
    """Return trials that are in the market on one bar of twelve, about 50 in all, mostly the same ones."""
    return noise(rng, BARS, 20, 0.5) * (rng.random((BARS, 1)) < 0.09) * (rng.random((BARS, 20)) < 0.9)


def crossing(rng: np.random.Generator) -> np.ndarray:
    return crossings(rng, BARS, fast=(5, 12))[0]


def deflated(returns: np.ndarray) -> float:
    """Return the deflated Sharpe ratio of the best."""
    ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    return deflated_sharpe_ratio(returns[:, ratios.argmax()], ratios)


@pytest.mark.parametrize("make", [independent, correlated, heavy, mostly_flat, crossing])
def test_noise_does_not_pass(make) -> None:
    studies = [make(np.random.default_rng((seed, 9))) for seed in range(STUDIES)]
    assert np.mean([deflated(returns) > PROVEN for returns in studies]) <= 0.05
    found = [study_statistics(rows_of(returns)) for returns in studies[:OF_THEM_WHOLE]]
    assert sum(one.verdict == "holds" for one in found) <= 2
    mean = np.mean([one.overfitting.probability for one in found if one.overfitting])
    assert mean == pytest.approx(0.5, abs=0.05)


def test_the_form_of_2025_passes_correlated_noise_unless_it_is_told() -> None:
    """Why the verdict goes by the form of 2014, and why a study tells that of 2025 the correlation."""
    plain, told = [], []
    for seed in range(200):
        returns = correlated(np.random.default_rng((seed, 10)))
        ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
        best = returns[:, ratios.argmax()]
        plain.append(deflated_sharpe_ratio_2025(best, ratios) > PROVEN)
        told.append(deflated_sharpe_ratio_2025(best, ratios, correlation=0.6) > PROVEN)
    assert np.mean(plain) > 0.12
    assert np.mean(told) < 0.1


def test_five_trades_fool_the_form_of_2014_and_the_verdict_does_not_go_by_them() -> None:
    """A handful of trades that went well is so skewed that the error of its Sharpe ratio looks small."""
    found = []
    for seed in range(100):
        rng = np.random.default_rng((seed, 11))
        active = np.isin(np.arange(BARS), rng.choice(BARS, 5, replace=False))
        found.append(study_statistics(rows_of(noise(rng, BARS, 20, 0.98) * active[:, None], trades=5)))
    assert np.mean([one.deflated_sharpe > PROVEN for one in found]) > 0.1
    assert not any(one.verdict == "holds" for one in found)


def test_an_edge_passes() -> None:
    """The other way round: a Sharpe ratio of 0.15 per bar among 20 trials is found nearly always."""
    found = 0
    for seed in range(40):
        returns = noise(np.random.default_rng((seed, 12)), 2 * BARS, 20, 0.5)
        returns[:, 4:7] += 0.0018
        study = study_statistics(rows_of(returns))
        found += study.deflated_sharpe > PROVEN and study.best in (4, 5, 6)
    assert found >= 32
