"""Tell luck from skill: the statistics of a search over many trials.

A matrix of returns is time × trials: a row per bar, a column per trial. Sharpe ratios are per bar.
"""

from __future__ import annotations

from eyas.research import monte_carlo, permutation, sensitivity
from eyas.research.bootstrap import block_length, resample
from eyas.research.cross_validation import CrossValidation, cross_validate
from eyas.research.distribution import Distribution
from eyas.research.haircut import adjusted_p_values, haircut_sharpe_ratios
from eyas.research.moments import Moments, autocorrelation
from eyas.research.overfitting import (
    BacktestOverfitting,
    overfitting_of_blocks,
    probability_of_backtest_overfitting,
)
from eyas.research.plateau import Plateau, plateau
from eyas.research.reality import RealityCheck, reality_check, trial_returns
from eyas.research.sharpe import (
    deflated_sharpe_ratio,
    deflated_sharpe_ratio_2025,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from eyas.research.splits import CombinatorialPurged, PurgedKFold, Rolling
from eyas.research.stitched import WalkForward
from eyas.research.study import StudyStatistics, study_statistics
from eyas.research.trials import effective_trials
from eyas.research.walk_forward import walk_forward
from eyas.research.walker import Standing, Walk, walk

__all__ = [
    "BacktestOverfitting",
    "CombinatorialPurged",
    "CrossValidation",
    "Distribution",
    "Moments",
    "Plateau",
    "PurgedKFold",
    "RealityCheck",
    "Rolling",
    "Standing",
    "StudyStatistics",
    "Walk",
    "WalkForward",
    "adjusted_p_values",
    "autocorrelation",
    "block_length",
    "cross_validate",
    "deflated_sharpe_ratio",
    "deflated_sharpe_ratio_2025",
    "effective_trials",
    "expected_maximum_sharpe",
    "haircut_sharpe_ratios",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "monte_carlo",
    "overfitting_of_blocks",
    "permutation",
    "plateau",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "reality_check",
    "resample",
    "sensitivity",
    "study_statistics",
    "trial_returns",
    "walk",
    "walk_forward",
]
