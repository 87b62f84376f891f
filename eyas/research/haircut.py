"""What is left of Sharpe ratios when it is known how many were tried: tests of many hypotheses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from eyas.errors import UsageError
from eyas.research import normal
from eyas.research.checking import number, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Correction = Literal["bonferroni", "holm", "bhy"]


def adjusted_p_values(p_values: ArrayLike, correction: Correction = "holm") -> NDArray[np.float64]:
    """Return p values corrected for their number.

    "bonferroni" and "holm" keep the chance of one false discovery below the level, "bhy" (Benjamini,
    Hochberg and Yekutieli, for tests that depend on each other) the share of false ones. Equal to
    statsmodels' bonferroni, holm and fdr_by.

    >>> adjusted_p_values([0.01, 0.02, 0.5], "bonferroni").round(2).tolist()
    [0.03, 0.06, 1.0]
    """
    values = numbers("p values", p_values)
    if values.ndim != 1 or not ((values >= 0) & (values <= 1)).all():
        raise UsageError("p values are a row of numbers from 0 to 1")
    count = len(values)
    order = np.argsort(values, kind="stable")
    rising, place = values[order], np.arange(1, count + 1)
    if correction == "bonferroni":
        corrected = rising * count
    elif correction == "holm":
        corrected = np.maximum.accumulate(rising * (count + 1 - place))
    elif correction == "bhy":
        scale = count * float((1 / place).sum())
        corrected = np.minimum.accumulate((rising * scale / place)[::-1])[::-1]
    else:
        raise UsageError(f"correction={correction!r}: take 'bonferroni', 'holm' or 'bhy'")
    found = np.empty(count)
    found[order] = np.minimum(corrected, 1.0)
    return found


def haircut_sharpe_ratios(
    sharpe_ratios: ArrayLike, bars: int, correction: Correction = "holm"
) -> NDArray[np.float64]:
    """Return Sharpe ratios per bar as they would be if each had been tried alone with its corrected p value.

    `bars` is how many returns each has. The p values are two-sided, of SR √bars: Harvey and Liu,
    "Backtesting" (2015), Journal of Portfolio Management 42(1). NaN stays NaN and is no test.
    """
    ratios = numbers("sharpe_ratios", sharpe_ratios)
    if ratios.ndim != 1 or number("bars", bars) < 2:
        raise UsageError("give a row of Sharpe ratios, and two bars or more")
    known = ~np.isnan(ratios)
    sizes = np.abs(ratios[known]) * math.sqrt(bars)
    p_values = np.array([2 * normal.below(-float(size)) for size in sizes])
    corrected = adjusted_p_values(p_values, correction)
    left = [normal.quantile_above(p / 2) if 0 < p < 1 else 0.0 for p in corrected.tolist()]
    # A p value too small for a float says nothing about the size: then nothing is cut.
    left = [size if p == 0 else kept for size, p, kept in zip(sizes, corrected, left, strict=True)]
    found = np.full(len(ratios), np.nan)
    found[known] = np.sign(ratios[known]) * np.array(left) / math.sqrt(bars)
    return found
