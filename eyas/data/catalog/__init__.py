"""Keep market data in one place that a strategy can trust: imported once, checked, never half-written."""

from __future__ import annotations

from eyas.data.catalog.catalog import Catalog, load
from eyas.data.catalog.records import Added, Damage, Entry, Exported, Revision, Source

__all__ = ["Added", "Catalog", "Damage", "Entry", "Exported", "Revision", "Source", "load"]
