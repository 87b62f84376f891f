"""The databases that the tests run on: each test on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/bars.db"
    made: str = request.getfixturevalue("postgresql")
    return made
