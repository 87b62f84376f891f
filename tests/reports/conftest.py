"""What the tests of pages share: one browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import Browser


@pytest.fixture(scope="session")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Run one Chromium for all pages; mark the test `browser`."""
    with Browser(chromium, tmp_path_factory.mktemp("profile")) as browser:
        yield browser
