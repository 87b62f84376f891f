"""What a run says about itself: figures, tables, pages. All are folds of the journal and the curve."""

from eyas.reports.report import Report
from eyas.reports.summary import Summary

__all__ = ["Report", "Summary"]
