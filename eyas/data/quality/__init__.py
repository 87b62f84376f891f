"""Judge market data before a strategy sees it: what is wrong, how grave that is, and which data it was."""

from __future__ import annotations

from eyas.data.quality.check import check
from eyas.data.quality.findings import KINDS, Finding
from eyas.data.quality.gaps import Gap, Gaps, gaps
from eyas.data.quality.gate import Quality, verdicts_of
from eyas.data.quality.verdict import Verdict

__all__ = ["KINDS", "Finding", "Gap", "Gaps", "Quality", "Verdict", "check", "gaps", "verdicts_of"]
