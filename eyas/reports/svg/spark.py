"""Small pictures without axes, for a line of a table or a notebook; they need no style sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.reports.downsample import lttb
from eyas.reports.svg.axis import HUGE, Axis
from eyas.reports.svg.lines import path_of
from eyas.reports.svg.picture import HIGH_UNITS, WIDE_UNITS
from eyas.reports.svg.text import attribute, percent_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.folds.distribution import Distribution

POINTS_MAX = 160


def spark(values: NDArray[np.float64], label: str, *, width: int = 160, height: int = 36) -> str:
    """Return a line through values (NaN: interrupted) as SVG in the colour of the text around it.

    >>> "aria-label" in spark(np.array([1.0, 3.0, 2.0]), "Equity")
    True
    """
    found = np.clip(np.asarray(values, np.float64), -HUGE, HUGE)
    found[np.abs(found) == HUGE] = np.nan
    finite = found[np.isfinite(found)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if not high - low > 0:
        low, high = low - 1.0, low + 1.0
        found = np.where(np.isfinite(found), low + 1.0, found)
    across = np.arange(len(found), dtype=np.float64)
    rows = lttb(across, found, POINTS_MAX)
    room = 0.06 * (high - low)
    x, y = Axis(0.0, float(max(1, len(found) - 1))), Axis(low - room, high + room)
    path = path_of(x, y, across[rows], found[rows])
    return (
        f'<svg class="spark" role="img" aria-label="{attribute(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {WIDE_UNITS} {HIGH_UNITS}" preserveAspectRatio="none">'
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )


def box(found: Distribution, x: Axis, label: str) -> str:
    """Return a distribution on an axis as SVG: a box of its middle half, whiskers of nine tenths."""
    if not found.count:
        return ""
    share = {name: 100 * float(x.share(value)) for name, value in found.quantiles.items()}
    low, lower, upper, high = (min(100.0, max(0.0, share[name])) for name in (0.05, 0.25, 0.75, 0.95))
    median = min(100.0, max(0.0, 100 * float(x.share(found.median))))
    texts = [f"{percent_text(value)} at {name:.0%}" for name, value in found.quantiles.items()]
    title = attribute(f"{label}: median {percent_text(found.median)}, {', '.join(texts)}")
    return (
        f'<svg class="box" role="img" aria-label="{title}" width="100%" height="18"><title>{title}</title>'
        f'<line class="whisker" x1="{low:.4g}%" x2="{high:.4g}%" y1="9" y2="9"/>'
        f'<rect x="{lower:.4g}%" width="{max(0.3, upper - lower):.4g}%" y="3" height="12"/>'
        f'<line class="median" x1="{median:.4g}%" x2="{median:.4g}%" y1="1" y2="17"/></svg>'
    )
