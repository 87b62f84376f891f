"""What every study prints, from rows to a verdict: good studies, bad ones, and ones too small to judge."""

from __future__ import annotations

import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

from eyas import research
from eyas.errors import UsageError
from eyas.research import study_statistics
from eyas.research.study import Table
from eyas.research.verdict import PROVEN
from tests.research.studies import crossings, noise, rows_of

RNG = np.random.default_rng(21)
NOISE = noise(np.random.default_rng(1), 1_000, 60, 0.3)


def edge(bars: int = 3_000) -> tuple[np.ndarray, dict[str, list[int]]]:
    """Return a grid of 10 × 10 with a hill of skill on it."""
    rng = np.random.default_rng(8)
    x, y = np.indices((10, 10)).reshape(2, -1)
    hill = np.exp(-((x - 4) ** 2 + (y - 6) ** 2) / 8)
    returns = noise(rng, bars, 100, 0.7) + 0.0022 * hill
    return returns, {"x": x.tolist(), "y": y.tolist()}


def test_the_figures_are_those_of_the_matrix() -> None:
    found = study_statistics(rows_of(NOISE))
    ratios = NOISE.mean(axis=0) / NOISE.std(axis=0, ddof=1)
    best = int(ratios.argmax())
    assert (found.trials, found.best, found.bars) == (60, best, 1_000)
    assert found.sharpe_ratio == pytest.approx(ratios[best], abs=1e-12)
    assert found.deflated_sharpe == pytest.approx(
        research.deflated_sharpe_ratio(NOISE[:, best], ratios), abs=1e-9
    )
    assert found.expected_maximum == pytest.approx(
        research.expected_maximum_sharpe(60, ratios.std(ddof=1)), abs=1e-12
    )
    assert found.correlation == pytest.approx(0.3, abs=0.15)
    assert found.overfitting is not None
    whole = research.probability_of_backtest_overfitting(NOISE, 16, remainder="spread")
    assert found.overfitting.probability == pytest.approx(whole.probability, abs=1e-12)


def test_walking_forward_over_blocks_is_what_it_says() -> None:
    """Against the definition, over the blocks of the matrix."""
    found = study_statistics(rows_of(NOISE))
    parts = np.split(NOISE, [1_000 * block // 16 for block in range(1, 16)])
    for decay, rolls in ((found.anchored, False), (found.rolling, True)):
        inside, after, chosen = [], [], []
        for end in range(4, 16):
            past = np.concatenate(parts[end - 4 if rolls else 0 : end])
            ratios = past.mean(axis=0) / past.std(axis=0, ddof=1)
            chosen.append(int(ratios.argmax()))
            inside.append(ratios.max())
            after.append(parts[end][:, chosen[-1]])
        pooled = np.concatenate(after)
        assert decay is not None
        assert decay.chosen == tuple(chosen)
        assert decay.in_sample == pytest.approx(np.mean(inside), abs=1e-12)
        assert decay.out_of_sample == pytest.approx(pooled.mean() / pooled.std(ddof=1), abs=1e-12)
        assert (decay.steps, decay.losing_steps) == (12, sum(one.sum() < 0 for one in after))
        assert decay.kept == decay.out_of_sample / decay.in_sample


def test_a_planted_edge_holds_up() -> None:
    returns, parameters = edge()
    found = study_statistics(rows_of(returns), parameters=parameters)
    assert found.verdict == "holds", str(found)
    assert found.sentence.startswith("Holds up: after 100 trials the deflated Sharpe ratio is")
    assert found.plateau is not None
    x, y = found.plateau.centre // 10, found.plateau.centre % 10
    assert found.centre == {"x": x, "y": y}
    assert f"the best plateau is around x={x}, y={y}" in dict(found.rows())["Plateau"]
    assert abs(x - 4) <= 2
    assert abs(y - 6) <= 2


def test_noise_is_luck_and_the_sentence_says_by_what() -> None:
    found = study_statistics(rows_of(NOISE))
    assert found.verdict != "holds"
    luck = study_statistics(rows_of(noise(np.random.default_rng(4), 1_000, 60)))
    assert luck.verdict == "luck"
    assert luck.sentence.startswith("Luck would do as well: ")


def test_a_family_that_earns_with_any_parameters_proves_no_choice_of_them() -> None:
    """All trials earn the same, as in a rising market: choosing among them is of no use, and that is said.

    That the chosen one seldom loses is no answer: it follows from the whole having earned.
    """
    found = study_statistics(rows_of(noise(np.random.default_rng(2), 2_000, 40, 0.9) + 0.002))
    assert found.deflated_sharpe > PROVEN
    assert found.overfitting is not None
    assert found.overfitting.probability > 0.2
    assert found.overfitting.loss_probability <= 0.05
    assert found.verdict == "unproven"


def test_who_only_holds_a_rising_market_has_proven_nothing() -> None:
    """More of the market is better in every half, so that no other figure says anything against it."""
    held = np.random.default_rng(6).normal(0.001, 0.01, 2_000)
    cost = np.linspace(0.0, 0.001, 30) * (np.arange(2_000) % 50 == 0)[:, None]
    rows = rows_of(held[:, None] - cost)
    alone = study_statistics(rows)
    assert alone.verdict == "holds"
    assert math.isnan(alone.market_sharpe)
    found = study_statistics(rows, market=held)
    assert found.verdict == "unproven"
    assert found.sentence.startswith("Not proven: holding the bars has a Sharpe ratio of ")
    assert "Sharpe ratio of holding, per bar" in dict(found.rows())
    better = study_statistics(rows, market=held - 0.0005)
    assert better.verdict == "holds"
    assert "holding the bars has" in better.reasons[-1]


def test_one_stroke_of_luck_is_no_skill() -> None:
    """A single bar that brought everything makes a skew that the deflated Sharpe ratio takes for safety."""
    passed = held = 0
    for seed in range(60):
        rng = np.random.default_rng((seed, 77))
        returns = 0.3 * noise(rng, 1_000, 20, 0.9)
        returns[rng.integers(1_000)] += 0.25
        found = study_statistics(rows_of(returns))
        passed += found.deflated_sharpe > PROVEN
        held += found.verdict == "holds"
        if found.sharpe_ratio > 0 and found.best_stretch >= 0.5:
            assert any("a single event may have made it" in reason for reason in found.reasons)
    assert passed > 15
    assert held == 0


def test_an_edge_that_is_over_does_not_hold_up() -> None:
    """What was earned in the first half of the time still makes every other figure look well."""
    passed = told = held = 0
    for seed in range(30):
        rng = np.random.default_rng((seed, 5))
        returns = noise(rng, 2_000, 20, 0.9)
        returns[:1_000, :3] += 0.0025
        found = study_statistics(rows_of(returns))
        passed += found.deflated_sharpe > PROVEN
        told += found.newest_half < 0.1
        assert any("may be over" in reason for reason in found.reasons) or not found.newest_half < 0.1
        held += found.verdict == "holds"
    assert passed > 15
    assert told > 10
    assert held <= passed * 0.6


def test_a_choice_that_loses_elsewhere_is_not_proven() -> None:
    """Each trial has its half of the time: the best of one half loses in the other."""
    rng = np.random.default_rng(2)
    first = np.arange(2_000)[:, None] < 1_000
    returns = noise(rng, 2_000, 40, 0.5) + np.where(first == (np.arange(40) % 2 == 0), 0.004, -0.002)
    found = study_statistics(rows_of(returns))
    assert found.overfitting is not None
    assert found.overfitting.loss_probability > 0.05
    assert found.verdict != "holds"


def test_a_peak_is_not_proven() -> None:
    parameters = edge()[1]
    rng = np.random.default_rng(5)
    lone = noise(rng, 3_000, 100, 0.7)
    lone[:, 46] += 0.0025
    found = study_statistics(rows_of(lone), parameters=parameters)
    assert found.best == 46
    assert any("stands on a peak" in reason for reason in found.reasons), str(found)
    assert found.verdict == "unproven"


def test_a_few_trades_prove_nothing() -> None:
    returns, parameters = edge()
    found = study_statistics(rows_of(returns, trades=12), parameters=parameters)
    assert found.sentence == "Not proven: the best made 12 trades, and fewer than 30 prove nothing."


def test_what_could_not_be_chosen_is_no_trial() -> None:
    rows = rows_of(NOISE)
    more = np.concatenate([rows, rows[:3], rows[:2]])
    more["blocks"][60:63, :, 1:] = 0.0
    more["status"][63] = 1
    more["blocks"][64] = np.nan
    one, other = study_statistics(rows), study_statistics(more)
    assert (other.trials, other.never_traded, other.failed) == (60, 3, 2)
    assert other.deflated_sharpe == one.deflated_sharpe
    assert "60; not counted: 3 never traded, 2 failed or refused" in str(other)


def test_what_broke_a_constraint_is_a_trial_but_not_the_best() -> None:
    rows = rows_of(NOISE)
    free = study_statistics(rows)
    assert free.best is not None
    wanted = NOISE.mean(axis=0)
    wanted[free.best] = np.nan
    found = study_statistics(rows, objective=wanted)
    assert found.best != free.best
    assert (found.trials, found.expected_maximum) == (60, free.expected_maximum)


def test_the_objective_chooses_and_so_may_the_caller() -> None:
    rows = rows_of(NOISE)
    assert study_statistics(rows, objective=-np.arange(60.0)).best == 0
    assert study_statistics(rows, best=33).best == 33


def test_one_trial_has_no_choice_to_judge() -> None:
    found = study_statistics(rows_of(edge()[0][:, 46:47]))
    assert found.overfitting is None
    assert found.deflated_sharpe == found.probabilistic_sharpe > PROVEN
    assert found.sentence.startswith("Not proven: a single trial was no choice")
    assert "n/a: a single trial" in dict(found.rows())["Probability of overfitting"]


def test_a_best_that_loses_is_compared_with_doing_nothing() -> None:
    lost = study_statistics(rows_of(NOISE - 0.005))
    assert lost.sentence.startswith(
        "Luck would do as well: even the best of 60 trials has a Sharpe ratio of -0."
    )
    alone = study_statistics(rows_of(NOISE[:, :1] - 0.005))
    assert alone.sentence.startswith("Luck would do as well: the only trial has a Sharpe ratio of -0.")


def test_too_few_bars_say_so() -> None:
    found = study_statistics(rows_of(NOISE[:40]))
    assert found.overfitting is None
    assert found.anchored is None
    assert "40 bars are too few" in str(found)


@pytest.mark.parametrize("blocks", [0.0, np.nan])
def test_nothing_ran(blocks: float) -> None:
    rows = rows_of(NOISE[:, :4])
    rows["blocks"][:, :, 1:] = blocks
    found = study_statistics(rows)
    assert found.best is None
    assert found.sentence == "Not proven: none of the 4 trials traded and may be best."
    assert json.loads(json.dumps(found.as_dict()))["deflated_sharpe"] is None
    assert str(found)


def test_the_best_by_its_objective_may_not_have_traded() -> None:
    """The least drawdown has who does nothing."""
    rows = rows_of(NOISE)
    rows["blocks"][7, :, 1:] = 0.0
    found = study_statistics(rows, objective=np.arange(60) == 7, best=7)
    assert found.best is None
    assert found.sentence == "Not proven: the best by this objective never traded."


def test_an_empty_table() -> None:
    assert study_statistics(rows_of(NOISE)[:0]).best is None


def test_a_large_study_is_sampled_blindly() -> None:
    """With the best of all put into the sample, noise would look like skill."""
    rng = np.random.default_rng(6)
    rows = np.concatenate([rows_of(noise(rng, 320, 3_000)) for _ in range(4)])
    found = study_statistics(rows, seed=1)
    assert found.trials == 12_000
    assert found.sampled == 2_000
    assert found.overfitting is not None
    assert found.overfitting.trials == 2_000
    assert "of 2,000 trials drawn at random" in str(found)
    assert 0.2 < found.overfitting.probability < 0.8
    assert study_statistics(rows, seed=1).overfitting.probability == found.overfitting.probability  # type: ignore[union-attr]


def test_a_large_study_needs_no_copy_of_its_table() -> None:
    rows = np.repeat(rows_of(noise(RNG, 320, 1_000)), 60)
    size = rows.nbytes
    tracemalloc.start()
    table = Table(rows)
    assert len(table.traded) == 60_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size / 4


def test_it_prints_everywhere() -> None:
    returns, parameters = crossings(np.random.default_rng(1), 1_500)
    found = study_statistics(rows_of(returns), parameters=parameters)
    text = str(found)
    for label in (
        "Deflated Sharpe ratio (2014)",
        "Deflated Sharpe ratio (2025)",
        "Probability of overfitting",
    ):
        assert label in text
    assert found.sentence.split(":")[0] in text
    assert max(map(len, text.splitlines())) <= 110
    assert "<table>" in found._repr_html_()
    plain: dict[str, Any] = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["overfitting"]["probability"] == found.overfitting.probability  # type: ignore[union-attr]
    assert plain["verdict"] == found.verdict
    assert not math.isnan(plain["plateau"]["rank"])


def test_wrong_calls_say_what_would_be_right() -> None:
    with pytest.raises(UsageError, match=r"sweep\.rows"):
        study_statistics(np.zeros(3))
    with pytest.raises(UsageError, match="2 objectives for 60 rows"):
        study_statistics(rows_of(NOISE), objective=[1.0, 2.0])
    with pytest.raises(UsageError, match="there are 60 rows"):
        study_statistics(rows_of(NOISE), best=60)
