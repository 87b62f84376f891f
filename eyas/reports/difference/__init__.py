"""Why two runs differ, trade by trade and to the last digit."""

from eyas.reports.difference.difference import Difference, Pair, difference

__all__ = ["Difference", "Pair", "difference"]
