"""Find out whether a strategy looks ahead: run it again with less data, and with other futures."""

from __future__ import annotations

from eyas.lookahead.check import check
from eyas.lookahead.comparing import Change, ColumnChange
from eyas.lookahead.result import Finding, LookAhead
from eyas.lookahead.warmup import Sensitivity, WarmUp

__all__ = ["Change", "ColumnChange", "Finding", "LookAhead", "Sensitivity", "WarmUp", "check"]
