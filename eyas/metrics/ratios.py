"""What was gained for the risk that was taken."""

from __future__ import annotations

from eyas.metrics.definition import metric
from eyas.metrics.drawdowns import max_drawdown, ulcer_index
from eyas.metrics.falls import Equity, falls_of
from eyas.metrics.growth import annual_return, total_return
from eyas.metrics.risk import root
from eyas.metrics.sample import Returns, over, period_rate, sample_of

GROUP = "Risk-adjusted"


@metric("Sharpe ratio", "ratio", group=GROUP, higher_is_better=True)
def sharpe(returns: Returns, periods_per_year: float = 252, risk_free: float = 0.0) -> float:
    """Return mean over standard deviation of the returns above the risk-free rate, scaled to a year.

    `risk_free` is a rate a year; each period it is what compounds to that.

    Formula: mean(r − f) / √(Σ(r − mean r)² / (n − 1)) · √p, f = (1 + risk-free)^(1 / p) − 1, p a year.
    Unit: ratio.
    Convention: simple returns a period, deviation of a sample; scaled as if returns were independent.
    Source: Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21 (1994).
    None when: there are fewer than two returns, or they do not differ; in a report also below 30 days or 10
        returns.

    >>> round(sharpe([0.01, -0.005, 0.02, 0.0], 252), 6)
    8.949008
    """
    sample = sample_of(returns)
    excess = sample.mean - period_rate(risk_free, periods_per_year)
    return over(excess, sample.deviation) * root(periods_per_year)


@metric("Sortino ratio", "ratio", group=GROUP, higher_is_better=True)
def sortino(returns: Returns, periods_per_year: float = 252, risk_free: float = 0.0) -> float:
    """Return mean over downside deviation of the returns above the risk-free rate, scaled to a year.

    `risk_free` is a rate a year; each period it is what compounds to that.

    Formula: mean(r − f) / √(Σ min(r − f, 0)² / n) · √p, f = (1 + risk-free)^(1 / p) − 1, p periods a year.
    Unit: ratio.
    Convention: n counts all periods, also those without a loss; what falls short of f is a loss.
    Source: Sortino and van der Meer, Downside Risk, Journal of Portfolio Management 17 (1991).
    None when: nothing was lost, or there are no returns; in a report also below 30 days or 10 returns.

    >>> round(sortino([0.01, -0.005, 0.02, 0.0], 252), 6)
    39.68627
    """
    sample = sample_of(returns)
    rate = period_rate(risk_free, periods_per_year)
    return over(sample.mean - rate, sample.downside(rate)) * root(periods_per_year)


@metric("Calmar ratio", "ratio", group=GROUP, higher_is_better=True)
def calmar(equity: Equity, years: float) -> float:
    """Return the yearly return over the deepest drawdown.

    Formula: return a year (calendar) / deepest drawdown.
    Unit: ratio.
    Convention: of the whole curve, where Young takes the last 36 months; the return compounds.
    Source: Young, Calmar Ratio: A Smoother Tool, Futures 20 (1991).
    None when: equity never fell, or all is lost; in a report also below 30 days.

    >>> round(calmar([100, 120, 90, 121], 2.0), 12)
    0.4
    """
    falls = falls_of(equity)
    return over(annual_return(falls.values, years), max_drawdown(falls))


@metric("Omega ratio", "ratio", group=GROUP, higher_is_better=True)
def omega(returns: Returns, periods_per_year: float = 252, required: float = 0.0) -> float:
    """Return the sum of what is above a required return over the sum of what is below it.

    `required` is a rate a year; each period it is what compounds to that.

    Formula: Σ max(r − q, 0) / Σ max(q − r, 0), q = (1 + required)^(1 / p) − 1, p periods a year.
    Unit: ratio.
    Convention: of returns a period; the required return is 0 in a report.
    Source: Keating and Shadwick, A Universal Performance Measure, J. of Performance Measurement 6 (2002).
    None when: no return is below the required one; in a report also below 10 returns.

    >>> round(omega([0.01, -0.005, 0.02, 0.0]), 6)
    6.0
    """
    above, below = sample_of(returns).sums(period_rate(required, periods_per_year))
    return over(above, below)


@metric("Gain to pain, months", "ratio", group=GROUP, higher_is_better=True)
def gain_to_pain(monthly_returns: Returns) -> float:
    """Return the sum of all monthly returns over the sum of the monthly losses.

    Formula: Σ r / −Σ min(r, 0).
    Unit: ratio.
    Convention: of calendar months (UTC), the first and the last as far as they go; other periods give
        another number.
    Source: Schwager, Hedge Fund Market Wizards (2012).
    None when: no month lost, or there is less than one equity a month; in a report also below three months.

    >>> round(gain_to_pain([0.02, -0.01, 0.03]), 6)
    4.0
    """
    above, below = sample_of(monthly_returns).sums()
    return over(above - below, below)


@metric("Recovery factor", "ratio", group=GROUP, higher_is_better=True)
def recovery_factor(equity: Equity) -> float:
    """Return what was gained in all over the deepest drawdown.

    Formula: (last / first − 1) / deepest drawdown.
    Unit: ratio.
    Convention: both as fractions; quantstats takes the sum of the returns for what was gained.
    Source: the usual one of trading platforms, with the relative drawdown.
    None when: equity never fell.

    >>> round(recovery_factor([100, 120, 90, 130]), 6)
    1.2
    """
    falls = falls_of(equity)
    return over(total_return(falls.values), max_drawdown(falls))


@metric("Ulcer performance index", "ratio", group=GROUP, higher_is_better=True)
def ulcer_performance(equity: Equity, years: float, risk_free: float = 0.0) -> float:
    """Return the yearly return above the risk-free rate over the ulcer index (Martin ratio).

    Formula: (return a year − risk-free rate a year) / ulcer index.
    Unit: ratio.
    Convention: the return compounds over calendar years; ffn has the same.
    Source: Martin and McCann, The Investor's Guide to Fidelity Funds (1989).
    None when: equity never fell, or all is lost; in a report also below 30 days.

    >>> round(ulcer_performance([100, 120, 90, 121], 2.0), 12)
    0.8
    """
    falls = falls_of(equity)
    return over(annual_return(falls.values, years) - risk_free, ulcer_index(falls))
