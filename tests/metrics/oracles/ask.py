"""Ask other packages for the figures of a case, each the way in which it defines them as eyas does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from tests.metrics.oracles.cases import RISK_FREE, Case

PACKAGES = ("quantstats", "empyrical", "ffn", "vectorbt", "scipy")
ABSENT = [name for name in PACKAGES if find_spec(name) is None]

Asked = dict[str, Callable[[], Any]]


def figures(package: str, case: Case) -> dict[str, float]:
    """Return what a package says of a case, as positive drawdowns; not those that it cannot say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        asked = ASK[package](case)
        found = {name: float(figure()) for name, figure in asked.items()}
    falls = ("max_drawdown", "average_drawdown")
    return {name: -value if name in falls else value for name, value in found.items()}


def series(case: Case) -> tuple[Any, Any, Any]:
    """Return returns, those of the benchmark, and prices from the opening on, as pandas Series by date."""
    import pandas as pd

    days = pd.DatetimeIndex(case.days.astype("datetime64[D]").astype("datetime64[ns]"))
    return (
        pd.Series(case.returns, days[1:]),
        pd.Series(case.benchmark, days[1:]),
        pd.Series(100 * case.equity, days),
    )


def rate(case: Case) -> float:
    """Return the risk-free rate a period, for those who want it so."""
    return float((1 + RISK_FREE) ** (1 / case.periods) - 1)


def ask_quantstats(case: Case) -> Asked:
    import quantstats.stats as qs

    r, b, _ = series(case)
    p = case.periods
    asked: Asked = {
        "volatility": lambda: qs.volatility(r, periods=p),
        "sharpe": lambda: qs.sharpe(r, periods=p),
        "sharpe rf": lambda: qs.sharpe(r, rf=RISK_FREE, periods=p),
        "sortino": lambda: qs.sortino(r, periods=p),
        "sortino rf": lambda: qs.sortino(r, rf=RISK_FREE, periods=p),
        "value_at_risk_normal": lambda: qs.value_at_risk(r),
        "conditional_value_at_risk_normal": lambda: qs.conditional_value_at_risk(r),
        "conditional_value_at_risk_historic": lambda: qs.conditional_value_at_risk(r, method="historical"),
        "skew": lambda: qs.skew(r),
        "kurtosis": lambda: qs.kurtosis(r),
        "tail_ratio": lambda: qs.tail_ratio(r),
        "omega": lambda: qs.omega(r, periods=p),
        "omega required": lambda: qs.omega(r, required_return=RISK_FREE, periods=p),
        "best_day": lambda: qs.best(r),
        "worst_day": lambda: qs.worst(r),
        "positive_days": lambda: qs.win_rate(r),
        "beta": lambda: qs.greeks(r, b, periods=p)["beta"],
        "r_squared": lambda: qs.r_squared(r, b),
    }
    if not case.has_gaps:
        asked |= {
            "total_return": lambda: qs.comp(r),
            "max_drawdown": lambda: qs.max_drawdown(r),
            "gain_to_pain": lambda: qs.gain_to_pain_ratio(r),
            "information_ratio period": lambda: qs.information_ratio(r, b),
            "best_month": lambda: qs.best(r, aggregate="ME"),
            "worst_month": lambda: qs.worst(r, aggregate="ME"),
            "positive_months": lambda: qs.win_rate(r, aggregate="ME"),
            "best_year": lambda: qs.best(r, aggregate="YE"),
            "worst_year": lambda: qs.worst(r, aggregate="YE"),
            "positive_years": lambda: qs.win_rate(r, aggregate="YE"),
        }
    if case.is_daily and not case.has_gaps:
        asked |= {
            "calmar 252": lambda: qs.calmar(r),
            "annual_return_252": lambda: qs.cagr(r, periods=252),
            "annual_return_365": lambda: qs.cagr(r, periods=365),
        }
    return asked


def ask_empyrical(case: Case) -> Asked:
    import empyrical as ep

    r, b, _ = series(case)
    p, free = case.periods, rate(case)
    asked: Asked = {
        "volatility": lambda: ep.annual_volatility(r, annualization=p),
        "downside_deviation": lambda: ep.downside_risk(r, annualization=p),
        "sharpe": lambda: ep.sharpe_ratio(r, annualization=p),
        "sharpe rf": lambda: ep.sharpe_ratio(r, free, annualization=p),
        "sortino": lambda: ep.sortino_ratio(r, annualization=p),
        "sortino rf": lambda: ep.sortino_ratio(r, free, annualization=p),
        "conditional_value_at_risk_historic": lambda: ep.conditional_value_at_risk(r),
        "tail_ratio": lambda: ep.tail_ratio(r),
        "beta": lambda: ep.beta(r, b),
        "alpha": lambda: ep.alpha(r, b, annualization=p),
        "alpha rf": lambda: ep.alpha(r, b, free, annualization=p),
        "information_ratio period": lambda: ep.excess_sharpe(r, b),
        "tracking_error": lambda: ep.annual_volatility(r - b, annualization=p),
    }
    if case.has_gaps:
        return asked
    asked |= {
        "total_return": lambda: ep.cum_returns_final(r),
        "max_drawdown": lambda: ep.max_drawdown(r),
        "value_at_risk_historic": lambda: ep.value_at_risk(r),
        "omega": lambda: ep.omega_ratio(r, annualization=p),
        "omega required": lambda: ep.omega_ratio(r, required_return=RISK_FREE, annualization=p),
        "best_month": lambda: ep.aggregate_returns(r, "monthly").max(),
        "worst_month": lambda: ep.aggregate_returns(r, "monthly").min(),
        "best_year": lambda: ep.aggregate_returns(r, "yearly").max(),
        "worst_year": lambda: ep.aggregate_returns(r, "yearly").min(),
    }
    period = {252: "daily", 52: "weekly", 12: "monthly"}.get(p)
    if period:
        asked |= {
            "up_capture": lambda: ep.up_capture(r, b, period=period),
            "down_capture": lambda: ep.down_capture(r, b, period=period),
        }
    if case.is_daily:
        asked |= {
            "calmar 252": lambda: ep.calmar_ratio(r, annualization=252),
            "annual_return_252": lambda: ep.annual_return(r, annualization=252),
            "annual_return_365": lambda: ep.annual_return(r, annualization=365),
        }
    return asked


def ask_ffn(case: Case) -> Asked:
    import ffn.core as ffn

    r, b, prices = series(case)
    p = case.periods
    asked: Asked = {
        "sharpe": lambda: ffn.calc_sharpe(r, nperiods=p),
        "sharpe rf": lambda: ffn.calc_sharpe(r, rf=RISK_FREE, nperiods=p),
        "sortino": lambda: ffn.calc_sortino_ratio(r, nperiods=p),
        "sortino rf": lambda: ffn.calc_sortino_ratio(r, rf=RISK_FREE, nperiods=p),
    }
    if case.has_gaps:
        return asked
    asked |= {
        "total_return": lambda: ffn.calc_total_return(prices),
        "annual_return": lambda: ffn.calc_cagr(prices),
        "calmar": lambda: ffn.calc_calmar_ratio(prices),
        "max_drawdown": lambda: ffn.calc_max_drawdown(prices),
        "average_drawdown": ffn.drawdown_details(ffn.to_drawdown_series(prices))["drawdown"].mean,
        "ulcer_index": lambda: ffn.to_ulcer_index(prices) / 100,
        "ulcer_performance rf": lambda: ffn.to_ulcer_performance_index(prices, rf=RISK_FREE),
        "information_ratio period": lambda: ffn.calc_information_ratio(r, b),
    }
    if case.is_daily:
        told = ffn.PerformanceStats(prices, annualization_factor=p)
        asked |= {
            "volatility": lambda: told.daily_vol,
            "skew": lambda: told.daily_skew,
            "kurtosis": lambda: told.daily_kurt,
            "best_day": lambda: told.best_day,
            "worst_day": lambda: told.worst_day,
            "best_month": lambda: told.best_month,
            "worst_month": lambda: told.worst_month,
            "positive_months": lambda: told.pos_month_perc,
            "best_year": lambda: told.best_year,
            "worst_year": lambda: told.worst_year,
            "positive_years": lambda: told.win_year_perc,
        }
    return asked


def ask_vectorbt(case: Case) -> Asked:
    from vectorbt.returns import nb

    if case.has_gaps:
        return {}
    r, b = case.returns, case.benchmark
    p, free = float(case.periods), rate(case)
    asked: Asked = {
        "total_return": lambda: nb.cum_returns_final_1d_nb(r, 0.0),
        "volatility": lambda: nb.annualized_volatility_1d_nb(r, p),
        "downside_deviation": lambda: nb.downside_risk_1d_nb(r, p, 0.0),
        "sharpe": lambda: nb.sharpe_ratio_1d_nb(r, p, 0.0),
        "sharpe rf": lambda: nb.sharpe_ratio_1d_nb(r, p, free),
        "sortino": lambda: nb.sortino_ratio_1d_nb(r, p, 0.0),
        "sortino rf": lambda: nb.sortino_ratio_1d_nb(r, p, free),
        "value_at_risk_historic": lambda: nb.value_at_risk_1d_nb(r, 0.05),
        "conditional_value_at_risk_historic": lambda: nb.cond_value_at_risk_1d_nb(r, 0.05),
        "tail_ratio": lambda: nb.tail_ratio_1d_nb(r),
        "max_drawdown": lambda: nb.max_drawdown_1d_nb(r),
        "omega": lambda: nb.omega_ratio_1d_nb(r, p, 0.0, 0.0),
        "omega required": lambda: nb.omega_ratio_1d_nb(r, p, 0.0, RISK_FREE),
        "beta": lambda: nb.beta_1d_nb(r, b),
        "alpha": lambda: nb.alpha_1d_nb(r, b, p, 0.0),
        "alpha rf": lambda: nb.alpha_1d_nb(r, b, p, free),
        "information_ratio period": lambda: nb.information_ratio_1d_nb(r, b),
        "up_capture": lambda: nb.up_capture_1d_nb(r, b, p),
        "down_capture": lambda: nb.down_capture_1d_nb(r, b, p),
    }
    if case.is_daily:
        asked |= {
            "calmar 252": lambda: nb.calmar_ratio_1d_nb(r, 252.0),
            "annual_return_252": lambda: nb.annualized_return_1d_nb(r, 252.0),
            "annual_return_365": lambda: nb.annualized_return_1d_nb(r, 365.0),
        }
    return asked


def ask_scipy(case: Case) -> Asked:
    """Ask for the plain statistics, which the others take from there too."""
    from scipy import stats

    if case.has_gaps:
        return {}
    r, b = case.returns, case.benchmark
    return {
        "skew": lambda: stats.skew(r, bias=False),
        "kurtosis": lambda: stats.kurtosis(r, bias=False),
        "skew_population": lambda: stats.skew(r),
        "kurtosis_population": lambda: stats.kurtosis(r),
        "value_at_risk_normal": lambda: stats.norm(r.mean(), r.std(ddof=1)).ppf(0.05),
        "value_at_risk_historic": lambda: stats.scoreatpercentile(r, 5),
        "correlation": lambda: stats.pearsonr(r, b)[0],
        "r_squared": lambda: stats.linregress(b, r).rvalue ** 2,
        "beta": lambda: stats.linregress(b, r).slope,
    }


ASK: dict[str, Callable[[Case], Asked]] = {
    "quantstats": ask_quantstats,
    "empyrical": ask_empyrical,
    "ffn": ask_ffn,
    "vectorbt": ask_vectorbt,
    "scipy": ask_scipy,
}
