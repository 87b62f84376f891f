"""What the tests of the catalog share."""

from __future__ import annotations

from pathlib import Path

import pytest

from eyas.data.catalog import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog")
