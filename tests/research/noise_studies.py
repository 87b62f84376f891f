"""Sweep crossings of two averages over random walks, and count how many studies pass for skill.

`python -m tests.research.noise_studies` runs the 500 studies of the law and prints what came out;
`--studies`, `--bars` and `--swing` run others. test_noise_sweeps.py runs a few of them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import eyas
from eyas.research import StudyStatistics
from eyas.research.verdict import PROVEN
from eyas.sweep import sweep

BARS = 2_000
HOUR_NS = 3_600_000_000_000
START_NS = 1_700_000_000_000_000_000


class Crossing(eyas.Strategy):
    fast: int = 5
    slow: int = 30

    def signals(self, bars: eyas.Bars) -> eyas.Signals:
        quick = eyas.indicators.sma(bars.close, self.fast)
        calm = eyas.indicators.sma(bars.close, self.slow)
        return eyas.Signals(entries=quick > calm, exits=quick < calm)


def walk(rng: np.random.Generator, bars: int = BARS, swing: float = 0.0) -> eyas.Bars:
    """Return hourly bars of a random walk; with a swing it rises and falls in turns, for 200 bars each."""
    turns = np.where(np.arange(bars) // 200 % 2 == 0, swing, -swing)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.004, bars) + turns))
    before: NDArray[np.float64] = np.concatenate([[100.0], close[:-1]])
    time = START_NS // HOUR_NS * HOUR_NS + np.arange(bars) * HOUR_NS
    frame: dict[str, Any] = {
        "time": time.astype("datetime64[ns]"),
        "open": before.round(4),
        "high": (np.maximum(before, close) * 1.001).round(4),
        "low": (np.minimum(before, close) * 0.999).round(4),
        "close": close.round(4),
        "volume": np.full(bars, 1_000.0),
    }
    import polars as pl

    return eyas.bars(pl.DataFrame(frame))


def studies(count: int, bars: int = BARS, swing: float = 0.0) -> Iterator[StudyStatistics]:
    """Yield what each study prints."""
    for seed in range(count):
        market = walk(np.random.default_rng((seed, 17)), bars, swing)
        periods = {"fast": range(3, 18, 3), "slow": range(20, 70, 10)}
        yield sweep(Crossing, market, **periods, workers=1, quality="off", fee_rate=0).statistics


def main() -> None:
    """Print how many studies pass."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--studies", type=int, default=500)
    asked.add_argument("--bars", type=int, default=BARS)
    asked.add_argument("--swing", type=float, default=0.0)
    given = asked.parse_args()
    found = list(studies(given.studies, given.bars, given.swing))
    overfitting = [one.overfitting.probability for one in found if one.overfitting]
    lines = [f"studies {len(found)}, trials {found[0].trials} each"]
    for form, name in (("2014", "deflated_sharpe"), ("2025", "deflated_sharpe_2025")):
        passed = np.mean([getattr(one, name) > PROVEN for one in found])
        lines.append(f"deflated Sharpe ratio ({form}) above 95 %: {passed:.1%}")
    lines.append(f"mean probability of overfitting: {np.mean(overfitting):.3f}")
    lines.append(f"verdicts: {dict(Counter(one.verdict for one in found))}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
