"""What an account that put all of itself into each signal would have come to: P6, P7, P11–P14."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.signals.definition import (
    CLAMP,
    DAYS_MIN,
    SIGNALS_MIN,
    TRADES_PER_YEAR_MAX,
    YEARLY_MAX,
    statistic,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GROUP = "A year and its drawdown"
LOG_LARGEST, LOG_SMALLEST = 700.0, -745.0
"""Beyond these logarithms a float is without bound, or nothing."""


@dataclass(frozen=True, slots=True)
class Compounded:
    """Hold what an equity of 1 came to, all of it in each signal in turn: the account of P11.

    `final` is what is left (0 when blown, without bound where no float is as large), `fall` the deepest fall
    below the highest so far (a fraction), `count` the signals it went through.
    """

    final: float
    fall: float
    count: int
    is_blown: bool


def compounded(rates: ArrayLike, falls: ArrayLike | None = None) -> Compounded:
    """Return what an equity of 1 comes to by rates (fractions), each after its worst running rate.

    Before each rate is booked, a fall below zero is marked to market: it deepens the drawdown and moves
    nothing else. An equity or a mark at zero or below is the end: everything is lost.

    >>> found = compounded([0.1, -0.2], [-0.05, -0.5])
    >>> round(found.final, 6), round(found.fall, 6)
    (0.88, 0.5)
    """
    rate = np.asarray(rates, dtype=np.float64)
    dips = np.zeros_like(rate) if falls is None else np.asarray(falls, dtype=np.float64)
    dips = np.where(dips < 0, dips, 0.0)
    blown = Compounded(0.0, 1.0, len(rate), is_blown=True)
    if bool((rate <= -1).any()) or bool((dips <= -1).any()):
        return blown
    logs = np.concatenate([[0.0], np.cumsum(np.log1p(rate))])
    if logs.min() < LOG_SMALLEST:
        return blown
    booked = np.concatenate([[1.0], np.cumprod(1 + rate)]) if logs.max() < LOG_LARGEST else np.empty(0)
    if not len(booked):
        # Too large for a float: each as a part of its highest.
        left = np.exp(logs - np.maximum.accumulate(logs))
        return Compounded(math.inf, deepest(left, np.ones_like(left), dips), len(rate), is_blown=False)
    if booked.min() <= 0:
        return blown
    fall = deepest(booked, np.maximum.accumulate(booked), dips)
    return Compounded(float(booked[-1]), fall, len(rate), is_blown=False)


def deepest(equity: NDArray[np.float64], peak: NDArray[np.float64], dips: NDArray[np.float64]) -> float:
    """Return the deepest fall below the peak: of equities, and of each but the last with the dip after it."""
    after = (peak - equity) / peak
    during = (peak[:-1] - equity[:-1] * (1 + dips)) / peak[:-1]
    return max(float(after.max()), float(during.max(initial=0.0)))


@statistic("Trades a year", "count", group=GROUP)
def trades_per_year(count: int, days: float) -> float:
    """Return how many signals there would be in a year.

    Formula: n / days · 365.
    Unit: count.
    Convention: days from the first opening to the last closing, with fractions; never clipped.
    Source: lifecycle specification P6.
    None when: there are fewer than 10 signals, they span less than 14 days, or it is above 365.

    >>> trades_per_year(10, 100.0)
    36.5
    """
    if count < SIGNALS_MIN or not days >= DAYS_MIN:
        return math.nan
    found = count / days * 365
    return found if found <= TRADES_PER_YEAR_MAX else math.nan


@statistic("Annualised Sharpe ratio", "ratio", group=GROUP, higher_is_better=True)
def annualized_sharpe_ratio(sharpe: float, a_year: float) -> float:
    """Return the Sharpe ratio of signals, scaled to a year.

    Formula: Sharpe ratio · √(trades a year).
    Unit: ratio.
    Convention: scaled as if signals were independent of each other.
    Source: lifecycle specification P7.
    None when: the Sharpe ratio or the trades a year are n/a.
    """
    return sharpe * math.sqrt(a_year) if a_year > 0 else math.nan


@statistic("Maximum drawdown", "percent", group=GROUP, higher_is_better=False)
def max_drawdown(account: Compounded) -> float:
    """Return the deepest fall of the compounded account below its highest, in percent.

    Formula: max (peak − equity) / peak · 100, over the equity after each signal and at its worst moment.
    Unit: percent.
    Convention: an equity of 1, all of it in each signal, in order of closing; 100 when nothing is left.
    Source: lifecycle specification P11.
    None when: there are no signals.
    """
    return 100 * account.fall if account.count else math.nan


def yearly_rate(account: Compounded, a_year: float) -> float:
    """Return the rate a year of a compounded account as a fraction; NaN where it is not believed."""
    if account.is_blown or not a_year > 0:
        return math.nan
    power = a_year / account.count
    # What is too large for a float is not believed either.
    if account.final == math.inf or math.log(account.final) * power > LOG_LARGEST:
        return math.nan
    found: float = account.final**power - 1
    return found if abs(found) * 100 <= YEARLY_MAX else math.nan


@statistic("Expected yearly returns", "percent", group=GROUP, higher_is_better=True)
def expected_yearly_returns(account: Compounded, a_year: float) -> float:
    """Return what the compounded account earns in a year at this pace, in percent.

    Formula: (final equity^(trades a year / n) − 1) · 100.
    Unit: percent.
    Convention: an equity of 1, all of it in each signal.
    Source: lifecycle specification P12.
    None when: the trades a year are n/a, nothing is left of the account, or it is above 100 or below −100.
    """
    return 100 * yearly_rate(account, a_year)


@statistic("Calmar ratio", "ratio", group=GROUP, higher_is_better=True)
def calmar_ratio(account: Compounded, a_year: float) -> float:
    """Return the expected yearly returns over the maximum drawdown.

    Formula: expected yearly returns / maximum drawdown.
    Unit: ratio.
    Convention: cut off at ±1000.
    Source: lifecycle specification P13.
    None when: the expected yearly returns are n/a, or there was no drawdown.
    """
    return clamped(yearly_rate(account, a_year), account.fall)


@statistic("Recovery factor", "ratio", group=GROUP, higher_is_better=True)
def recovery_factor(account: Compounded) -> float:
    """Return what the compounded account earned over its maximum drawdown.

    Formula: (final equity − 1) · 100 / maximum drawdown.
    Unit: ratio.
    Convention: compounded, not a sum; cut off at ±1000.
    Source: lifecycle specification P14.
    None when: there are fewer than 10 signals, nothing is left of the account, or there was no drawdown.
    """
    if account.is_blown or account.count < SIGNALS_MIN:
        return math.nan
    return clamped(account.final - 1, account.fall)


def clamped(gain: float, fall: float) -> float:
    """Return a gain over a fall, cut off at ±1000; NaN without a fall."""
    if math.isnan(gain) or not fall > 0:
        return math.nan
    # Multiplied, not divided: the ratio to the least of falls is no float.
    if abs(gain) >= CLAMP * fall:
        return math.copysign(CLAMP, gain)
    return gain / fall
