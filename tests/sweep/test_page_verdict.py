"""The page says of each figure what it means, by the thresholds of the verdict."""

from __future__ import annotations

import numpy as np
import pytest

from eyas.research import study_statistics
from eyas.sweep.page_verdict import verdict_of
from tests.sweep.pages import BARS_PER_YEAR, grid, made_rows


def made(skill: float, count: int = 60) -> tuple[dict[str, list[int]], np.ndarray]:  # type: ignore[type-arg]
    axes = grid(a=range(count))
    return axes, made_rows(axes, skill=skill)


@pytest.mark.parametrize("skill", [0.0, 0.05, 2.0])
def test_every_figure_is_that_of_the_statistics(skill: float) -> None:
    axes, rows = made(skill)
    study = study_statistics(rows, parameters=axes)
    assert study.best is not None
    assert study.overfitting is not None
    found = verdict_of(study, float(rows["sharpe"][study.best]), 3)
    assert (found.word, found.sentence, found.plateau) == (study.verdict, study.sentence, 3)
    assert len(found.reasons) == len(study.reasons) - 1
    texts = {check.label: check.text for check in found.checks}
    assert texts["Deflated Sharpe ratio (2014)"] == f"{study.deflated_sharpe:.1%}".replace("%", " %")
    assert texts["Deflated Sharpe ratio (2025 variance)"] == f"{study.deflated_sharpe_2025:.1%}".replace(
        "%", " %"
    )
    assert texts["Probability of overfitting (PBO)"] == f"{study.overfitting.probability:.0%}".replace(
        "%", " %"
    )
    luck = study.expected_maximum * np.sqrt(BARS_PER_YEAR)
    assert found.luck_sharpe == pytest.approx(luck)
    assert texts["Best Sharpe ratio of luck alone"] == f"{luck:.2f}"
    tones = {check.label: check.tone for check in found.checks}
    expected = "good" if study.deflated_sharpe >= 0.95 else "bad" if study.deflated_sharpe < 0.5 else ""
    assert tones["Deflated Sharpe ratio (2014)"] == expected
    assert all(check.formula and check.meaning for check in found.checks)
    assert not [check.label for check in found.checks if "{" in check.formula]


def test_a_single_trial_is_compared_with_no_luck() -> None:
    _, rows = made(0.5, 1)
    found = verdict_of(study_statistics(rows), float(rows["sharpe"][0]))
    labels = [check.label for check in found.checks]
    assert "Best Sharpe ratio of luck alone" not in labels
    assert "Probability of overfitting (PBO)" not in labels


def test_a_run_too_short_for_a_year_is_told_per_bar() -> None:
    axes, rows = made(0.5)
    study = study_statistics(rows, parameters=axes)
    found = verdict_of(study, float("nan"))
    luck = next(check for check in found.checks if check.label == "Best Sharpe ratio of luck alone")
    assert found.luck_sharpe is None
    assert "per bar" in luck.meaning
    assert float(luck.text) == pytest.approx(study.expected_maximum, abs=1e-2)


def test_a_study_without_a_best_has_no_figures() -> None:
    _, rows = made(0.5, 3)
    rows["status"] = 2
    found = verdict_of(study_statistics(rows), float("nan"))
    assert found.checks == []
    assert found.word == "unproven"
