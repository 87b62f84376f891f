"""Open what a run saved, and run it again: the same digest, or what has changed since."""

from __future__ import annotations

from eyas.record.opening import open_record as open  # noqa: A004 - it opens what a run saved
from eyas.record.rerun import Rerun, rerun

__all__ = ["Rerun", "open", "rerun"]
