"""Tell the failures of a source that pass from those that stay, and say how long to wait."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any, NamedTuple

from eyas.errors import EyasError

PASSING = frozenset({408, 418, 425, 429, *range(500, 600)})
"""Statuses after which the same question can have another answer; 418 is a ban of Binance's, which ends."""
LIMITED = frozenset({418, 429})


class TryAgain(Exception):  # noqa: N818 - not an error: the same question will be asked again
    """Say that a source failed in a way that passes; raise it in a source of your own.

    `after_s` is how many seconds the source asks to be left alone, where it said.
    """

    def __init__(self, reason: str, *, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Patience(NamedTuple):
    """Say how often and how long to wait for a source that fails.

    The waits double from `first_s` to `longest_s`, and each is shortened at random by up to a half, so that
    many clients do not come back together. A source that says how long it wants to be left alone is obeyed,
    up to `ban_s`; beyond that the download stops and says when to come back.
    """

    tries: int = 8
    first_s: float = 0.5
    longest_s: float = 60.0
    ban_s: float = 900.0

    def wait_s(self, failures: int, fault: TryAgain, random: Random) -> float:
        """Return how many seconds to wait after this many failures in a row.

        >>> Patience().wait_s(3, TryAgain("HTTP 503"), Random(1)) <= 2.0
        True
        >>> Patience().wait_s(1, TryAgain("HTTP 429", after_s=7), Random(1)) >= 7
        True
        """
        usual = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 60))
        shortened = usual * (1 - random.random() / 2)
        return shortened if fault.after_s is None else max(fault.after_s, shortened)


def passing(error: BaseException) -> TryAgain | None:
    """Return a failure as one that passes, or None when asking again would not help.

    What the usual clients raise is understood by its shape: an HTTP response somewhere in the chain of
    causes, the time-outs and broken connections of Python, text that is no JSON.
    """
    if isinstance(error, EyasError):
        return None
    for one in causes(error):
        if isinstance(one, TryAgain):
            return one
        found = answered(one)
        if found is not None:
            status, headers = found
            said = f"it answered HTTP {status}"
            return TryAgain(said, after_s=retry_after_s(status, headers)) if status in PASSING else None
    for one in causes(error):
        if isinstance(one, TimeoutError) or "timeout" in type(one).__name__.lower():
            return TryAgain("it did not answer in time")
        if isinstance(one, json.JSONDecodeError):
            return TryAgain("its answer is no JSON")
        if isinstance(one, http.client.HTTPException):
            return TryAgain("its answer broke off")
        # An OSError without a file name is the network's: ConnectionError, ssl, getaddrinfo, requests'.
        if isinstance(one, OSError) and one.filename is None:
            return TryAgain(f"the connection failed ({type(one).__name__})")
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what led to it, each once."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def answered(error: BaseException) -> tuple[int, Mapping[str, str]] | None:
    """Return the HTTP status and headers that an exception of requests, httpx, alpaca or urllib carries."""
    response: Any = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if isinstance(status, int):
        return status, response.headers
    status, headers = getattr(error, "code", None), getattr(error, "headers", None)
    if isinstance(status, int) and 100 <= status < 600 and headers is not None:
        return status, headers
    return None


def retry_after_s(status: int, headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a server asks to be left alone, or None.

    >>> retry_after_s(503, {"Retry-After": "3"})
    3.0
    >>> dates = {"Retry-After": "Fri, 05 Jan 2024 00:00:30 GMT", "Date": "Fri, 05 Jan 2024 00:00:00 GMT"}
    >>> retry_after_s(429, dates)
    30.0
    """
    now_s = server_time_s(headers) or time.time()
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    if text and (moment_s := _date_s(text)) is not None:
        return max(0.0, moment_s - now_s)
    reset = (headers.get("X-RateLimit-Reset") or "").strip()
    if status in LIMITED and reset.isascii() and reset.isdigit() and int(reset) > 10**9:
        return max(0.0, int(reset) - now_s)
    return None


def server_time_s(headers: Mapping[str, str] | None) -> float | None:
    """Return the time on the server's clock when it answered, in seconds since 1970, or None."""
    text = (headers or {}).get("Date")
    return _date_s(text) if text else None


def _date_s(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return None
