"""Keep bars in a PostgreSQL or SQLite database, and load them from there."""

from __future__ import annotations

from eyas.data.database.database import Database

__all__ = ["Database"]
