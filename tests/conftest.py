"""What every test shares: how hypothesis searches, the browser and the database server."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql import Server
from tools.machine import IN_CI, find_chromium, find_postgresql

# `make test` runs the same examples every time; `make fuzz` looks for new ones. A failure prints the
# `@reproduce_failure` line that brings it back, in either.
settings.register_profile("test", derandomize=True, deadline=None, print_blob=True, max_examples=100)
settings.register_profile(
    "fuzz", deadline=None, print_blob=True, max_examples=10_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("test")


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Let Ctrl-C mean what it does to a person: a shell's background begins programs deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one skip the test, or in CI fail it. Mark the test `browser`."""
    path = find_chromium()
    if path is None and IN_CI:
        pytest.fail("in CI nothing is skipped: apt-get install chromium")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Run a PostgreSQL server of this test session's own; without one skip the test, or in CI fail it."""
    programs = find_postgresql()
    if programs is None and IN_CI:
        pytest.fail("in CI nothing is skipped: apt-get install postgresql")
    if programs is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with Server(programs) as server:
        yield server


@pytest.fixture
def postgresql(postgresql_server: Server) -> Iterator[str]:
    """Return the URL of an empty database, which goes with the test."""
    url = postgresql_server.database()
    yield url
    postgresql_server.drop(url)
