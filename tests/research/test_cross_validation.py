"""Cross-validation: pooled scores, paths made of what was judged, and nothing found in noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import UsageError
from eyas.research import CombinatorialPurged, CrossValidation, PurgedKFold, cross_validate
from eyas.research.measures import Objective
from eyas.research.pooled import pooled_scores
from eyas.sweep import sweep
from eyas.sweep.figures import Span
from tests.research.markets import Follow, walk

BARS = walk(360, 4)
WORDS: dict[str, Any] = {"days": [1, 2, 5], "engine": "python", "workers": 1}


def study(bars: Any = BARS, splits: Any = None, **words: Any) -> CrossValidation:
    return cross_validate(Follow, bars, splits, **{**WORDS, **words})


def test_every_path_is_made_of_the_groups_as_they_were_judged() -> None:
    cut = CombinatorialPurged(groups=4, tests=2, purge=3)
    found = study(splits=cut, warmup=5, fee_rate=0.001)
    assert found.curves.shape == (3, 360)
    assert len(found.splits) == 6
    bounds = cut.bounds(360)
    for path, curve in zip(cut.paths, found.curves, strict=True):
        for group, number in enumerate(path.tolist()):
            first, last = bounds[group], bounds[group + 1]
            grown = curve[last - 1] / (curve[first - 1] if first else 1.0)
            days = found.splits[number].parameters["days"]
            history = max(0, first - 5)
            alone = eyas.backtest(Follow(days=days), BARS[history:last], fee_rate=0.001)
            # The run that sees five bars more trades on the last of them at the earliest.
            assert grown == pytest.approx(alone.curve[-1] / 10_000, abs=0.06)


def test_scores_are_those_of_all_stretches_together() -> None:
    stretches = [BARS[:100], BARS[150:300]]
    rows = [sweep(Follow, one, days=[1, 2, 5], engine="python").rows for one in stretches]
    year = Span.of(BARS.time).bars_per_year
    found = pooled_scores(Objective("sharpe"), rows, year)
    for place, days in enumerate((1, 2, 5)):
        parts = []
        for one in stretches:
            curve = np.r_[10_000.0, eyas.backtest(Follow(days=days), one).curve]
            parts.append(np.diff(curve) / curve[:-1])
        returns = np.concatenate(parts)
        assert found[place] == pytest.approx(returns.mean() / returns.std(ddof=1) * year**0.5, rel=1e-9)
    gained = pooled_scores(Objective("total_return"), rows, year)
    assert gained == pytest.approx((rows[0]["total_return"] + rows[1]["total_return"]) / 250 * year)
    won = pooled_scores(Objective("win_rate"), rows, year)
    assert won == pytest.approx((100 * rows[0]["win_rate"] + 150 * rows[1]["win_rate"]) / 250)
    least = pooled_scores(Objective("max_drawdown"), rows, year)
    assert (least < 0).all()


def test_a_planted_edge_holds_on_every_path_and_noise_on_few() -> None:
    edge = study(walk(600, 3, memory=0.5), CombinatorialPurged(5, 2, purge=5))
    assert edge.losing_paths == 0
    assert edge.kept > 0.5
    assert edge.sharpe.percentile(5) > 1
    assert edge.sentence.startswith("It holds")
    noise = [study(walk(400, seed), PurgedKFold(4)).sharpe.values[0] for seed in range(5)]
    assert abs(np.mean(noise)) < 1


def test_one_path_for_folds() -> None:
    found = study(splits=PurgedKFold(folds=3, purge=2, embargo=1))
    assert found.curves.shape == (1, 360)
    assert [one.groups for one in found.splits] == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"search": "tpe", "trials": 5}, "search is 'tpe'"),
        ({"objective": lambda row: row.sharpe}, "name one as its objective"),
        ({"splits": CombinatorialPurged(groups=400, tests=1)}, "do not make 400 groups"),
        ({"fee_ratio": 1}, "fee_ratio"),
    ],
)
def test_what_cannot_be_is_refused(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        study(**words)


def test_bars_that_never_move_cannot_be_judged() -> None:
    flat = eyas.bars(
        {"time": BARS.time, **dict.fromkeys(("open", "high", "low", "close"), np.full(360, 7.0))}
    )
    with pytest.raises(UsageError, match="no trial can be judged by sharpe on what split 1 learns from"):
        study(flat, PurgedKFold(3))


def test_it_prints_itself_within_a_terminal() -> None:
    calls: list[tuple[int, int]] = []
    found = study(splits=PurgedKFold(3), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert max(map(len, str(found).splitlines())) <= 100
    assert "cross-validated by sharpe, paths: 1" in str(found)
    assert found.frame().columns == ["split", "groups", "trials", "score_in", "score_out", "days"]
