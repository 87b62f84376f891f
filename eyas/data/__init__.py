"""Bring market data in, checked: files, frames and columns, and the bundled samples."""

from __future__ import annotations

from eyas.data.catalog import sample, samples
from eyas.data.load import bars

__all__ = ["bars", "sample", "samples"]
