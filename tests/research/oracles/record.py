r"""Record what other packages say about the fixtures, for tests that need none of them.

Run with the Python of an environment that has them (Python 3.12 or newer):

    pip install ffn==1.4.1 skfolio==1.12.2 ml4t-diagnostic==0.2.0 purgedcv==0.1.11 \
        quantstats==0.0.86 statsmodels==0.15.0
    python tests/research/oracles/record.py

It writes returns.npz (the fixtures, since a generator's numbers may change with numpy) and recorded.json.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ffn.core as ffn
import numpy as np
import pandas as pd
import purgedcv
import quantstats.stats as quantstats
import skfolio.measures as skfolio
from ml4t.diagnostic.evaluation.stats.deflated_sharpe_ratio import deflated_sharpe_ratio
from ml4t.diagnostic.evaluation.stats.effective_trials import effective_number_of_trials
from ml4t.diagnostic.evaluation.stats.sharpe_inference import get_variance_rescaling_factor
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

HERE = Path(__file__).parent
PACKAGES = ("ffn", "skfolio", "ml4t-diagnostic", "purgedcv", "quantstats", "statsmodels", "scipy", "numpy")
BLOCKS = (8, 10, 16)
BENCHMARK = 0.02
Matrix = NDArray[np.float64]


def fixtures() -> dict[str, Matrix]:
    """Return matrices of returns, time × trials, by name; "anchor" is that of specs/anchors.md §4.2."""
    drift = np.linspace(-0.0002, 0.0006, 20)
    anchor = np.random.default_rng(20260101).standard_t(5, (1024, 20)) * 0.008 + drift
    rng = np.random.default_rng(5)
    equal = rng.normal(0.0003, 0.01, (256, 6))
    equal[:, 4], equal[:, 5] = equal[:, 1], equal[:, 0]
    flat = rng.normal(0.0002, 0.01, (320, 5))
    flat[:200, 2] = 0
    moves = rng.normal(0.0004, 0.01, (200, 6))
    for bar in range(1, 200):
        moves[bar] += 0.3 * moves[bar - 1]
    return {
        "anchor": anchor,
        "skewed": 0.012 - rng.exponential(0.011, (301, 7)),
        "fat": rng.standard_t(2.2, (300, 8)) * 0.01 + 0.0005,
        "few": rng.normal(0.001, 0.01, (203, 3)),
        "two": rng.normal(0.0, 0.02, (97, 2)),
        "equal": equal,
        "flat": flat,
        "serial": moves,
        "shared": rng.normal(0, 0.01, (200, 8)) + rng.normal(0.0005, 0.01, (200, 1)),
    }


def recorded(returns: Matrix) -> dict[str, Any]:
    """Return what the packages say about one matrix."""
    trials = returns.shape[1]
    ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    best = returns[:, int(ratios.argmax())]
    spread = float(ratios.std(ddof=1))
    whole = deflated_sharpe_ratio(returns)
    without = deflated_sharpe_ratio(returns, autocorrelation=0.0)
    halves = purgedcv.probability_of_backtest_overfitting(returns.T, 8)
    frame, series = (
        pd.DataFrame(returns),
        pd.Series(best, index=pd.bdate_range("2020-01-01", periods=len(best))),
    )
    logits = ffn.calc_prob_backtest_overfitting(frame, 8, full_output=True)
    p_values = 2 * stats.norm.sf(np.abs(ratios) * np.sqrt(len(best)))
    return {
        "best": int(ratios.argmax()),
        "ffn": {
            "expected_maximum": ffn.calc_expected_max_sharpe(trials, spread),
            "deflated": ffn.calc_deflated_sharpe_ratio(series, ratios, nperiods=252, annualized_trials=False),
            "overfitting": {
                str(blocks): ffn.calc_prob_backtest_overfitting(frame, blocks) for blocks in BLOCKS
            },
            "logits_8": logits["logits"].tolist(),
            "mean_rank_8": logits["mean_oos_rank"],
        },
        "skfolio": {
            "expected_maximum": skfolio.expected_max_sharpe_ratio(trials, spread),
            "probabilistic": skfolio.probabilistic_sharpe_ratio(best),
            "probabilistic_above": skfolio.probabilistic_sharpe_ratio(best, benchmark_sharpe_ratio=BENCHMARK),
            "deflated": skfolio.deflated_sharpe_ratio(best, ratios),
        },
        "ml4t": {
            "deflated": whole.probability,
            "deflated_without_autocorrelation": without.probability,
            "autocorrelation": whole.autocorrelation,
            "deviation_of_maximum": get_variance_rescaling_factor(trials),
            "effective_rank": effective_number_of_trials(returns, "effective_rank").k_eff,
        },
        "purgedcv": {
            "overfitting_8": halves.pbo,
            "slope_8": halves.slope,
            "performance_8": halves.is_oos_performance.tolist(),
            "logits_8": halves.logits.tolist(),
            "backtest_length": purgedcv.minimum_backtest_length(trials),
            "track_record": purgedcv.min_track_record_length(
                float(ratios.max()), 0.0, 0.05, stats.skew(best), stats.kurtosis(best, fisher=False)
            ),
        },
        "quantstats": {"probabilistic": float(quantstats.probabilistic_sharpe_ratio(series))},
        "statsmodels": {
            ours: multipletests(p_values, method=theirs)[1].tolist()
            for ours, theirs in (("bonferroni", "bonferroni"), ("holm", "holm"), ("bhy", "fdr_by"))
        },
    }


def main() -> None:
    """Write the fixtures and what the packages say about them."""
    warnings.simplefilter("ignore")
    matrices = fixtures()
    np.savez_compressed(HERE / "returns.npz", **matrices)
    found = {
        "versions": {name: version(name) for name in PACKAGES},
        "benchmark": BENCHMARK,
        "fixtures": {name: recorded(returns) for name, returns in matrices.items()},
    }
    text = json.dumps(found, indent=1, default=float)
    (HERE / "recorded.json").write_text(text.replace("NaN", "null") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
