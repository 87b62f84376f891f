"""Find the place of a catalog: what the caller says, the environment, or the user's own folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from eyas.data.catalog.stores import LocalStore, Store
from eyas.errors import UsageError


def store_at(place: Any) -> Store:
    """Return the store of a path, a URL, an obstore store, or (None) of the user's catalog."""
    if place is None:
        data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
        place = os.environ.get("EYAS_CATALOG") or Path(data) / "eyas" / "catalog"
    if isinstance(place, str) and "://" in place:
        from eyas.data.catalog.cloud import store_of

        return store_of(place)
    if isinstance(place, str | os.PathLike):
        return LocalStore(Path(place).expanduser().absolute())
    if hasattr(place, "leftovers"):
        return cast(Store, place)
    if (
        type(place).__module__.startswith(("obstore", "_obstore", "builtins"))
        and "Store" in type(place).__name__
    ):
        from eyas.data.catalog.cloud import CloudStore

        return CloudStore(place, type(place).__name__)
    raise UsageError(f"a catalog is a folder, a URL or an obstore store, not {type(place).__name__}")
