"""What every test shares: how hypothesis searches, and the browser."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tools.machine import IN_CI, find_chromium

# `make test` runs the same examples every time; `make fuzz` looks for new ones. A failure prints the
# `@reproduce_failure` line that brings it back, in either.
settings.register_profile("test", derandomize=True, deadline=None, print_blob=True, max_examples=100)
settings.register_profile(
    "fuzz", deadline=None, print_blob=True, max_examples=10_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("test")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one skip the test, or in CI fail it. Mark the test `browser`."""
    path = find_chromium()
    if path is None and IN_CI:
        pytest.fail("in CI nothing is skipped: apt-get install chromium")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    return path
