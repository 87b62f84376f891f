"""How likely a Sharpe ratio is skill: probabilistic and deflated Sharpe ratios, and how much they need.

All Sharpe ratios here are per bar, mean / standard deviation (n - 1), not annualised. To annualise one,
multiply it by the root of the bars in a year.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.research import normal
from eyas.research.checking import number, numbers
from eyas.research.moments import Convention, Moments, moments_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def probabilistic_sharpe_ratio(
    returns: ArrayLike | Moments, benchmark: float = 0.0, *, moments: Convention = "population"
) -> float:
    """Return the probability that the true Sharpe ratio lies above a benchmark.

    Φ((SR - SR*) √(T - 1) / √(1 - γ₃ SR + (γ₄ - 1)/4 SR²)): Bailey and López de Prado, "The Sharpe Ratio
    Efficient Frontier" (2012). `benchmark` is per bar. With moments="population" it equals
    skfolio 1.12.2, with "sample" the form of ffn 1.4.1. NaN when the returns do not vary, when there are
    fewer than three, or when their skewness makes the variance negative.

    >>> import numpy as np
    >>> returns = np.random.default_rng(1).normal(0.001, 0.01, 1000)
    >>> round(probabilistic_sharpe_ratio(returns), 3)
    0.928
    """
    known, benchmark = moments_of(returns), number("benchmark", benchmark)
    sharpe = known.sharpe_ratio
    skewness, kurtosis = known.shape(moments)
    variance = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if known.count < 3 or not variance > 0:
        return math.nan
    return normal.below((sharpe - benchmark) * math.sqrt(known.count - 1) / math.sqrt(variance))


def expected_maximum_sharpe(trials: float, deviation: float) -> float:
    """Return the Sharpe ratio that the best of so many trials without skill is expected to show.

    `deviation` is the standard deviation (n - 1) of the trials' Sharpe ratios; the result has its units.
    Bailey and López de Prado, "The Deflated Sharpe Ratio" (2014); equals ffn 1.4.1 and skfolio
    1.12.2. A single trial, or trials that do not differ, leave nothing to choose from: 0.

    >>> round(expected_maximum_sharpe(1_000, 1.0), 4)
    3.2551
    """
    if not number("trials", trials) >= 1:
        raise UsageError(f"trials={trials}: take 1 or more")
    if number("deviation", deviation) < 0:
        raise UsageError(f"deviation={deviation}: a standard deviation is not negative")
    return deviation * normal.expected_maximum(trials) if deviation > 0 else 0.0


def deflated_sharpe_ratio(
    returns: ArrayLike | Moments,
    sharpe_ratios: ArrayLike,
    *,
    trials: float | None = None,
    moments: Convention = "population",
) -> float:
    """Return the probability that the best of many trials has any skill: the form of 2014.

    The probabilistic Sharpe ratio of the best trial's `returns` against what luck alone would have made of
    that many trials. `sharpe_ratios`, per bar, are those of all trials, also of those that were thrown
    away; a NaN among them (a trial that never traded) could not have been chosen and is no trial.
    `trials` counts them otherwise, for an effective number. Bailey and López de Prado, "The Deflated
    Sharpe Ratio" (2014), Journal of Portfolio Management 40(5). moments="population" equals skfolio 1.12.2
    and vectorbt 1.2.0, "sample" equals ffn 1.4.1.

    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (1000, 50))
    >>> ratios = noise.mean(axis=0) / noise.std(axis=0, ddof=1)
    >>> best = noise[:, ratios.argmax()]
    >>> round(probabilistic_sharpe_ratio(best), 3), round(deflated_sharpe_ratio(best, ratios), 3)
    (0.979, 0.279)
    """
    ratios = checked_ratios(sharpe_ratios)
    count = len(ratios) if trials is None else trials
    return probabilistic_sharpe_ratio(
        returns, expected_maximum_sharpe(count, deviation_of(ratios)), moments=moments
    )


def deflated_sharpe_ratio_2025(
    returns: ArrayLike | Moments,
    sharpe_ratios: ArrayLike,
    *,
    trials: float | None = None,
    autocorrelation: float = 0.0,
    correlation: float = 0.0,
    deviation_of_maximum: float | None = None,
) -> float:
    """Return the probability that the best of many trials has any skill: the form of 2025.

    The same hurdle SR₀ as in 2014, but the error of the best Sharpe ratio is that of a *maximum*, and what
    it would be if the hurdle were the truth: Φ((SR - SR₀) / σ), σ² = V/T (a - b γ₃ SR₀ + c (γ₄ - 1)/4 SR₀²),
    where a, b and c correct for `autocorrelation` of the returns and V is the variance of the largest of N
    normal draws. López de Prado, Lipton and Zoonekynd, "How to Use the Sharpe Ratio" (2025), and
    their published code. A maximum varies less than a draw, so this form is the bolder of the two.

    That V holds for independent trials. Trials with a `correlation` have V = ρ + (1 - ρ) V_N, and on noise
    with correlated trials the form without it calls far more than 5 % skilful (docs/research.md).
    `deviation_of_maximum` replaces √V_N, which is integrated: ml4t-diagnostic 0.2.0 interpolates in a table
    that says 0.52131 for 20 trials, where the integral is 0.52507. With its figure the results are equal.
    """
    ratios = checked_ratios(sharpe_ratios)
    count = len(ratios) if trials is None else trials
    if not -1 < number("autocorrelation", autocorrelation) < 1:
        raise UsageError(f"autocorrelation={autocorrelation}: take a number between -1 and 1")
    if not 0 <= number("correlation", correlation) <= 1:
        raise UsageError(f"correlation={correlation}: take the trials' average correlation, from 0 to 1")
    if deviation_of_maximum is not None and not number("deviation_of_maximum", deviation_of_maximum) > 0:
        raise UsageError(f"deviation_of_maximum={deviation_of_maximum}: a standard deviation is above 0")
    known, rho = moments_of(returns), autocorrelation
    hurdle = expected_maximum_sharpe(count, deviation_of(ratios))
    of_maximum = normal.deviation_of_maximum(count) if deviation_of_maximum is None else deviation_of_maximum
    spread = correlation + (1 - correlation) * of_maximum**2
    one_bar = (
        (1 + rho) / (1 - rho)
        - (1 + rho / (1 - rho) + rho**2 / (1 - rho**2)) * known.skewness * hurdle
        + (1 + rho**2) / (1 - rho**2) * (known.kurtosis - 1) / 4 * hurdle**2
    )
    variance = spread * one_bar / known.count
    if not variance > 0:
        return math.nan
    return normal.below((known.sharpe_ratio - hurdle) / math.sqrt(variance))


def minimum_track_record_length(
    returns: ArrayLike | Moments,
    benchmark: float = 0.0,
    *,
    confidence: float = 0.95,
    moments: Convention = "population",
) -> float:
    """Return how many bars it takes until such returns are above a benchmark with confidence.

    1 + (1 - γ₃ SR + (γ₄ - 1)/4 SR²) (z / (SR - SR*))²: Bailey and López de Prado (2012).
    Infinite when the Sharpe ratio is not above the benchmark; NaN when it is not known.
    """
    if not 0 < confidence < 1:
        raise UsageError(f"confidence={confidence}: take a probability, such as 0.95")
    known, benchmark = moments_of(returns), number("benchmark", benchmark)
    sharpe = known.sharpe_ratio
    if sharpe <= benchmark:
        return math.inf
    skewness, kurtosis = known.shape(moments)
    variance = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    return 1 + variance * (normal.quantile_above(1 - confidence) / (sharpe - benchmark)) ** 2


def minimum_backtest_length(trials: float, sharpe_ratio: float = 1.0) -> float:
    """Return how many years it takes until luck no longer gives the best of so many trials such a ratio.

    `sharpe_ratio` is a year's. (E[max of N] / SR)²: Bailey, Borwein, López de Prado and Zhu,
    "Pseudo-Mathematics and Financial Charlatanism" (2014), Notices of the AMS 61(5).

    >>> round(minimum_backtest_length(45), 1)
    5.0
    """
    if not number("trials", trials) >= 1:
        raise UsageError(f"trials={trials}: take 1 or more")
    if not number("sharpe_ratio", sharpe_ratio) > 0:
        raise UsageError(f"sharpe_ratio={sharpe_ratio}: take a positive one, of a year")
    return (normal.expected_maximum(trials) / sharpe_ratio) ** 2


def checked_ratios(sharpe_ratios: ArrayLike) -> NDArray[np.float64]:
    """Return the Sharpe ratios of the trials that have one, or say what is wrong."""
    ratios = numbers("sharpe_ratios", sharpe_ratios)
    if ratios.ndim != 1:
        raise UsageError(f"sharpe_ratios have the shape {ratios.shape}: give one number per trial")
    if np.isinf(ratios).any():
        raise UsageError("a Sharpe ratio is infinite: give NaN for a trial whose returns do not vary")
    ratios = ratios[~np.isnan(ratios)]
    if not len(ratios):
        raise UsageError("no trial has a Sharpe ratio: none of them traded")
    return ratios


def deviation_of(ratios: NDArray[np.float64]) -> float:
    """Return the standard deviation (n - 1) of the trials' Sharpe ratios; 0 for one trial."""
    return float(ratios.std(ddof=1)) if len(ratios) > 1 else 0.0
