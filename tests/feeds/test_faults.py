"""Which failures pass, and how long to wait for them."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
from email.message import Message
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import DataError, UsageError
from eyas.feeds.faults import PASSING, Patience, TryAgain, passing, retry_after_s, server_time_s


def answered(status: int, **headers: str) -> Exception:
    """Return an exception like those of requests and httpx."""
    error = RuntimeError("the client's own")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    error.response = SimpleNamespace(status_code=status, headers=named)  # type: ignore[attr-defined]
    return error


def wrapped(error: Exception) -> Exception:
    """Return an exception that was raised because of another."""
    outer = RuntimeError("outer")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize("status", sorted({*range(400, 430), 451, 500, 502, 503, 504, 520, 530}))
def test_a_status_says_whether_it_passes(status: int) -> None:
    for error in (answered(status), wrapped(answered(status))):
        fault = passing(error)
        assert (fault is not None) == (status in PASSING)
        assert fault is None or str(fault) == f"it answered HTTP {status}"


def test_urllib_is_understood_too() -> None:
    headers = Message()
    headers["Retry-After"] = "3"
    fault = passing(urllib.error.HTTPError("http://x", 503, "busy", headers, None))
    assert fault is not None
    assert fault.after_s == 3
    assert passing(urllib.error.HTTPError("http://x", 404, "none", headers, None)) is None


@pytest.mark.parametrize(
    "error",
    [
        TryAgain("busy"),
        TimeoutError(),
        ConnectionResetError(),
        BrokenPipeError(),
        socket.gaierror(-3, "no name"),
        ssl.SSLEOFError(),
        urllib.error.URLError("no route"),
        http.client.IncompleteRead(b""),
        json.JSONDecodeError("no", "x", 0),
        type("ReadTimeout", (Exception,), {})(),
    ],
)
def test_what_the_network_does_passes(error: Exception) -> None:
    assert passing(error) is not None
    assert passing(wrapped(error)) is not None


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        KeyError("x"),
        UsageError("x"),
        DataError("x"),
        FileNotFoundError(2, "none", "keys.txt"),
        ZeroDivisionError(),
    ],
)
def test_what_is_wrong_stays_wrong(error: Exception) -> None:
    assert passing(error) is None


def test_a_cause_that_leads_in_a_circle_ends() -> None:
    one, two = ValueError(), ValueError()
    one.__cause__, two.__cause__ = two, one
    assert passing(one) is None


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"Retry-After": "12"}, 12),
        (503, {"Retry-After": "0.5"}, 0.5),
        (429, {"Retry-After": "soon"}, None),
        (429, {"Retry-After": "Fri, 05 Jan 2024 00:00:10 GMT", "Date": "Fri, 05 Jan 2024 00:00:40 GMT"}, 0),
        (429, {"X-RateLimit-Reset": "1704412810", "Date": "Fri, 05 Jan 2024 00:00:00 GMT"}, 10),
        (500, {"X-RateLimit-Reset": "1704412810"}, None),
        (429, {"X-RateLimit-Reset": "60"}, None),
        (429, {}, None),
    ],
)
def test_what_a_server_asks_for(status: int, headers: dict[str, str], expected: Any) -> None:
    assert retry_after_s(status, headers) == expected


def test_the_servers_clock() -> None:
    assert server_time_s({"Date": "Fri, 05 Jan 2024 00:00:00 GMT"}) == 1704412800
    assert server_time_s({"Date": "now"}) is None
    assert server_time_s({}) is None
    assert server_time_s(None) is None


@given(st.integers(1, 10**6), st.integers(0, 2**32), st.none() | st.floats(0, 10**6))
def test_waits_double_up_to_a_cap_and_are_never_shorter_than_asked(
    failures: int, seed: int, after_s: float | None
) -> None:
    patience = Patience()
    wait_s = patience.wait_s(failures, TryAgain("x", after_s=after_s), Random(seed))
    assert wait_s >= max(after_s or 0, min(60, 0.5 * 2 ** min(failures - 1, 20)) / 2)
    assert wait_s <= max(after_s or 0, 60, 0)
    assert wait_s == patience.wait_s(failures, TryAgain("x", after_s=after_s), Random(seed))
