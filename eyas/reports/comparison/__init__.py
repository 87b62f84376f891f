"""Several runs side by side."""

from eyas.reports.comparison.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
