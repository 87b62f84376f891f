"""The statistics equal those of other packages, as oracles/record.py recorded them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eyas import research

HERE = Path(__file__).parent / "oracles"
RECORDED = json.loads((HERE / "recorded.json").read_text(encoding="utf-8"))
MATRICES = dict(np.load(HERE / "returns.npz"))
NAMES = sorted(MATRICES)
MOVING = sorted(set(NAMES) - {"flat"})  # ffn says nothing of a trial that stands still in a half
EXACT = {"rel": 0.0, "abs": 1e-12}


class Fixture:
    """A matrix of returns, the best of its trials, and what others say about it."""

    def __init__(self, name: str) -> None:
        self.returns: NDArray[np.float64] = MATRICES[name]
        self.said: dict[str, Any] = RECORDED["fixtures"][name]
        self.ratios = self.returns.mean(axis=0) / self.returns.std(axis=0, ddof=1)
        self.best = self.returns[:, self.said["best"]]


@pytest.fixture(params=NAMES)
def fixture(request: pytest.FixtureRequest) -> Fixture:
    return Fixture(request.param)


def test_the_anchor_is_the_sample_of_the_specification() -> None:
    """What anchors.md §4.2 says was measured on its sample."""
    anchor = Fixture("anchor")
    assert anchor.returns.shape == (1024, 20)
    assert anchor.said["best"] == anchor.ratios.argmax() == 17
    assert anchor.said["ffn"]["deflated"] == pytest.approx(0.8878634457534615, **EXACT)
    assert anchor.said["skfolio"]["deflated"] == pytest.approx(0.8878650826630552, **EXACT)
    assert anchor.said["ffn"]["expected_maximum"] == pytest.approx(0.08740992397926584, **EXACT)
    assert anchor.said["ml4t"]["deflated_without_autocorrelation"] == pytest.approx(0.990047642, abs=1e-9)
    assert anchor.said["ffn"]["overfitting"]["16"] == pytest.approx(0.123465423465423, **EXACT)


def test_expected_maximum(fixture: Fixture) -> None:
    ours = research.expected_maximum_sharpe(len(fixture.ratios), fixture.ratios.std(ddof=1))
    assert ours == pytest.approx(fixture.said["ffn"]["expected_maximum"], **EXACT)
    assert ours == pytest.approx(fixture.said["skfolio"]["expected_maximum"], **EXACT)


def test_probabilistic_sharpe_ratio(fixture: Fixture) -> None:
    said = fixture.said["skfolio"]
    assert research.probabilistic_sharpe_ratio(fixture.best) == pytest.approx(said["probabilistic"], **EXACT)
    above = research.probabilistic_sharpe_ratio(fixture.best, RECORDED["benchmark"])
    assert above == pytest.approx(said["probabilistic_above"], **EXACT)


def test_deflated_sharpe_ratio_of_2014(fixture: Fixture) -> None:
    """One convention for each package, and they are not the same."""
    population = research.deflated_sharpe_ratio(fixture.best, fixture.ratios)
    sample = research.deflated_sharpe_ratio(fixture.best, fixture.ratios, moments="sample")
    assert population == pytest.approx(fixture.said["skfolio"]["deflated"], **EXACT)
    assert sample == pytest.approx(fixture.said["ffn"]["deflated"], **EXACT)
    assert population != sample


def test_deflated_sharpe_ratio_of_2025(fixture: Fixture) -> None:
    """Equal with the other package's figure for the deviation of a maximum, which is read from a table."""
    said = fixture.said["ml4t"]
    table = said["deviation_of_maximum"]
    ours = research.deflated_sharpe_ratio_2025(fixture.best, fixture.ratios, deviation_of_maximum=table)
    assert ours == pytest.approx(said["deflated_without_autocorrelation"], **EXACT)
    serial = research.autocorrelation(fixture.best)
    assert serial == pytest.approx(said["autocorrelation"], **EXACT)
    ours = research.deflated_sharpe_ratio_2025(
        fixture.best, fixture.ratios, autocorrelation=serial, deviation_of_maximum=table
    )
    assert ours == pytest.approx(said["deflated"], **EXACT)


@pytest.mark.parametrize("name", MOVING)
@pytest.mark.parametrize("blocks", [8, 10, 16])
def test_probability_of_overfitting(name: str, blocks: int) -> None:
    fixture = Fixture(name)
    found = research.probability_of_backtest_overfitting(fixture.returns, blocks)
    assert found.probability == pytest.approx(fixture.said["ffn"]["overfitting"][str(blocks)], **EXACT)


@pytest.mark.parametrize("name", MOVING)
def test_every_half_of_the_time(name: str) -> None:
    fixture = Fixture(name)
    found = research.probability_of_backtest_overfitting(fixture.returns, 8)
    assert found.logits == pytest.approx(np.array(fixture.said["ffn"]["logits_8"]), **EXACT)
    assert found.mean_rank == pytest.approx(fixture.said["ffn"]["mean_rank_8"], **EXACT)


@pytest.mark.parametrize("name", ["anchor", "equal", "flat"])
def test_performance_in_and_out_of_sample(name: str) -> None:
    """Purgedcv cuts blocks otherwise: only where bars are a multiple of 8. It counts logits below 0."""
    fixture, said = Fixture(name), RECORDED["fixtures"][name]["purgedcv"]
    found = research.probability_of_backtest_overfitting(fixture.returns, 8)
    pairs = np.column_stack([found.in_sample, found.out_of_sample])
    # The halves come in another order there.
    ours, theirs = (np.array(sorted(one.tolist())) for one in (pairs, np.array(said["performance_8"])))
    assert ours == pytest.approx(theirs, **EXACT)
    assert found.slope == pytest.approx(said["slope_8"], **EXACT)
    assert (found.logits < 0).mean() == pytest.approx(said["overfitting_8"], **EXACT)


def test_effective_trials_by_entropy(fixture: Fixture) -> None:
    ours = research.effective_trials(fixture.returns, "entropy")
    assert ours == pytest.approx(fixture.said["ml4t"]["effective_rank"], rel=1e-12)


def test_lengths(fixture: Fixture) -> None:
    said = fixture.said["purgedcv"]
    assert research.minimum_backtest_length(len(fixture.ratios)) == pytest.approx(
        said["backtest_length"], **EXACT
    )
    bars = research.minimum_track_record_length(fixture.best)
    assert np.ceil(bars) == said["track_record"]


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "bhy"])
def test_corrected_p_values(fixture: Fixture, correction: Any) -> None:
    from eyas.research.normal import below

    p_values = [2 * below(-abs(ratio) * len(fixture.best) ** 0.5) for ratio in fixture.ratios]
    ours = research.adjusted_p_values(p_values, correction)
    assert ours == pytest.approx(np.array(fixture.said["statsmodels"][correction]), **EXACT)
