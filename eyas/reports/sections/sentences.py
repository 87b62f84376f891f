"""Sentences below the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eyas.reports.svg.text import decimals_for, percent_text

if TYPE_CHECKING:
    from eyas.reports.folds.distribution import Distribution

FEWEST_FOR_QUANTILES = 20


def digits_of(found: Distribution) -> int:
    """Return how many decimals a percentage needs, so that small values still differ."""
    largest = max((abs(value) for value in found.quantiles.values()), default=0.0)
    return min(6, max(2, decimals_for(10 * largest)))


def quantile_text(found: Distribution) -> str:
    """Return in sentences how many values of a distribution there are, and where its quantiles lie."""
    parts = [f"{found.count:,} {found.of}"]
    if found.zero:
        parts.append(f"{found.zero:,} of them are exactly 0 and not drawn")
    decimals = digits_of(found)
    values = {share: percent_text(value, decimals) for share, value in found.quantiles.items()}
    # Where nearly all are 0, so are their quantiles; and of a few the tails are single ones.
    if len(set(values.values())) > 1 and found.count >= FEWEST_FOR_QUANTILES:
        parts.append(", ".join(f"{100 * share:.0f} % are below {text}" for share, text in values.items()))
    return f"{'; '.join(parts)}."
