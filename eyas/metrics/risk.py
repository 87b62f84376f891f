"""How far returns scatter, how bad the bad ones are, and what shape they have."""

from __future__ import annotations

import math
from statistics import NormalDist

from eyas.metrics.definition import metric
from eyas.metrics.sample import Returns, over, sample_of

GROUP = "Risk"
NORMAL = NormalDist()


@metric("Volatility a year", "rate", group=GROUP, higher_is_better=False)
def volatility(returns: Returns, periods_per_year: float = 252) -> float:
    """Return the standard deviation of the returns, scaled to a year.

    Formula: √(Σ(r − mean r)² / (n − 1)) · √(periods a year).
    Unit: rate.
    Convention: simple returns a period, deviation of a sample; scaled as if returns were independent.
    Source: CFA Institute, Global Investment Performance Standards (2020), annualised standard deviation.
    None when: there are fewer than two returns; in a report also below 30 days or 10 returns.

    >>> round(volatility([0.01, -0.01, 0.01, -0.01], 252), 6)
    0.183303
    """
    return sample_of(returns).deviation * root(periods_per_year)


@metric("Downside deviation a year", "rate", group=GROUP, higher_is_better=False)
def downside_deviation(returns: Returns, periods_per_year: float = 252, required: float = 0.0) -> float:
    """Return the root of the mean square of the losses, scaled to a year.

    `required` is the return a period below which it is a loss.

    Formula: √(Σ min(r − required, 0)² / n) · √(periods a year).
    Unit: rate.
    Convention: n counts all periods, also those without a loss; the required return is 0 in a report.
    Source: Sortino and van der Meer, Downside Risk, Journal of Portfolio Management 17 (1991).
    None when: there are no returns; in a report also below 30 days or 10 returns.

    >>> round(downside_deviation([0.01, -0.01], 252), 6)
    0.11225
    """
    return sample_of(returns).downside(required) * root(periods_per_year)


@metric("VaR 95 %, historic", "rate", group=GROUP, higher_is_better=True)
def value_at_risk_historic(returns: Returns, confidence: float = 0.95) -> float:
    """Return the return a period below which the worst twentieth of all lie (with 95 % confidence).

    Formula: the (1 − confidence) quantile of r, interpolated linearly.
    Unit: rate.
    Convention: of one period (a bar, or a day), not scaled; a loss is negative; nothing is assumed normal.
    Source: Jorion, Value at Risk (2006), historical simulation; empyrical and vectorbt have the same.
    None when: there are so few returns (below 20) that not one of them is the worst twentieth.

    >>> value_at_risk_historic([0.01 * step for step in range(-10, 11)])
    -0.09
    """
    share = tail_of(confidence)
    sample = sample_of(returns)
    return sample.quantile(share) if sample.has_tail(share) else math.nan


@metric("VaR 95 %, normal", "rate", group=GROUP, higher_is_better=True)
def value_at_risk_normal(returns: Returns, confidence: float = 0.95) -> float:
    """Return the return a period below which a twentieth would lie if returns were normal.

    Formula: mean r + z · s, z the (1 − confidence) quantile of the standard normal distribution.
    Unit: rate.
    Convention: of one period, not scaled; a loss is negative; s is the standard deviation of a sample.
    Source: Jorion, Value at Risk (2006), variance-covariance method; quantstats has the same.
    None when: there are fewer than two returns; in a report also below 20.

    >>> round(value_at_risk_normal([0.01, -0.01] * 10), 6)
    -0.016876
    """
    sample = sample_of(returns)
    return sample.mean + NORMAL.inv_cdf(tail_of(confidence)) * sample.deviation


@metric("CVaR 95 %, historic", "rate", group=GROUP, higher_is_better=True)
def conditional_value_at_risk_historic(returns: Returns, confidence: float = 0.95) -> float:
    """Return the mean of the worst twentieth of the returns (expected shortfall).

    Formula: the mean of the ⌊(n − 1)(1 − confidence)⌋ + 1 smallest r.
    Unit: rate.
    Convention: of one period, not scaled; a loss is negative; nothing is assumed normal.
    Source: Rockafellar and Uryasev, Journal of Risk 2 (2000); empyrical and vectorbt count the same ones.
    None when: there are so few returns (below 20) that not one of them is the worst twentieth.

    >>> round(conditional_value_at_risk_historic([0.01 * step for step in range(-10, 11)]), 6)
    -0.095
    """
    share = tail_of(confidence)
    sample = sample_of(returns)
    return float(sample.worst(share).mean()) if sample.has_tail(share) else math.nan


@metric("CVaR 95 %, normal", "rate", group=GROUP, higher_is_better=True)
def conditional_value_at_risk_normal(returns: Returns, confidence: float = 0.95) -> float:
    """Return what the mean of the worst twentieth would be if returns were normal.

    Formula: mean r − s · φ(z) / (1 − confidence), φ the standard normal density, z its quantile.
    Unit: rate.
    Convention: of one period, not scaled; a loss is negative; s is the standard deviation of a sample.
    Source: McNeil, Frey and Embrechts, Quantitative Risk Management (2005), example 2.18.
    None when: there are fewer than two returns; in a report also below 20.

    >>> round(conditional_value_at_risk_normal([0.01, -0.01] * 10), 6)
    -0.021163
    """
    share = tail_of(confidence)
    sample = sample_of(returns)
    return sample.mean - sample.deviation * NORMAL.pdf(NORMAL.inv_cdf(share)) / share


@metric("Skew", "ratio", group=GROUP, higher_is_better=True)
def skew(returns: Returns) -> float:
    """Return how lopsided the returns are: below zero where the far ones are losses.

    Formula: G₁ = √(n(n − 1)) / (n − 2) · m₃ / m₂^1.5, m_k the mean of (r − mean r)^k.
    Unit: ratio.
    Convention: of a sample (corrected for bias), as pandas, Excel and SAS; `skew_population` is not.
    Source: Joanes and Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998).
    None when: there are fewer than three returns, or all are equal; in a report also below 20.

    >>> round(skew([0.01, 0.01, 0.01, -0.03]), 6)
    -2.0
    """
    sample = sample_of(returns)
    count = len(sample)
    if count < 3:
        return math.nan
    return math.sqrt(count * (count - 1)) / (count - 2) * skew_population(sample)


@metric("Excess kurtosis", "ratio", group=GROUP, higher_is_better=False)
def kurtosis(returns: Returns) -> float:
    """Return how much fatter than normal the tails of the returns are: 0 is normal.

    Formula: G₂ = (n − 1) / ((n − 2)(n − 3)) · ((n + 1) · g₂ + 6), g₂ = m₄ / m₂² − 3.
    Unit: ratio.
    Convention: of a sample (corrected for bias), as pandas, Excel and SAS; `kurtosis_population` is not.
    Source: Joanes and Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998).
    None when: there are fewer than four returns, or all are equal; in a report also below 20.

    >>> round(kurtosis([0.01, 0.02, 0.03, 0.04]), 6)
    -1.2
    """
    sample = sample_of(returns)
    count = len(sample)
    if count < 4:
        return math.nan
    return (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * kurtosis_population(sample) + 6)


@metric("Skew of a population", "ratio", group=GROUP, higher_is_better=True)
def skew_population(returns: Returns) -> float:
    """Return how lopsided the returns are, taken as all there are.

    Formula: g₁ = m₃ / m₂^1.5, m_k the mean of (r − mean r)^k.
    Unit: ratio.
    Convention: of a population (not corrected for bias), as scipy.stats.skew; the deflated Sharpe ratio
        takes this one.
    Source: Joanes and Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998).
    None when: there are no returns, or all are equal.

    >>> round(skew_population([0.01, 0.01, 0.01, -0.03]), 6)
    -1.154701
    """
    sample = sample_of(returns)
    return over(sample.moment(3), sample.variance**1.5) if len(sample) else math.nan


@metric("Excess kurtosis of a population", "ratio", group=GROUP, higher_is_better=False)
def kurtosis_population(returns: Returns) -> float:
    """Return how much fatter than normal the tails are, the returns taken as all there are.

    Formula: g₂ = m₄ / m₂² − 3, m_k the mean of (r − mean r)^k.
    Unit: ratio.
    Convention: of a population (not corrected for bias), as scipy.stats.kurtosis.
    Source: Joanes and Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998).
    None when: there are no returns, or all are equal.

    >>> round(kurtosis_population([0.01, 0.02, 0.03, 0.04]), 6)
    -1.36
    """
    sample = sample_of(returns)
    return over(sample.moment(4), sample.variance**2) - 3 if len(sample) else math.nan


@metric("Tail ratio", "ratio", group=GROUP, higher_is_better=True)
def tail_ratio(returns: Returns) -> float:
    """Return how far the good tail reaches, over how far the bad one does.

    Formula: abs(95 % quantile of r) / abs(5 % quantile of r), both interpolated linearly.
    Unit: ratio.
    Convention: of returns a period; above 1 the best twentieth begins further from zero than the worst.
    Source: empyrical, which named it; quantstats and vectorbt have the same.
    None when: there are fewer than 20 returns, or the 5 % quantile is 0.

    >>> round(tail_ratio([0.02, -0.01] * 20), 6)
    2.0
    """
    sample = sample_of(returns)
    if not sample.has_tail(0.05):
        return math.nan
    return over(abs(sample.quantile(0.95)), abs(sample.quantile(0.05)))


def tail_of(confidence: float) -> float:
    """Return which share of the returns lies beyond a confidence; 95 % is exactly the tail of a Sample."""
    return round(1 - confidence, 12)


def root(periods_per_year: float) -> float:
    """Return the root by which what scatters grows to a year; NaN where periods are not known."""
    return math.sqrt(periods_per_year) if periods_per_year > 0 else math.nan
