"""The windows of a walk forward: where each part to learn from and each part to be judged on lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.timeframes import length_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

Length: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Window:
    """Hold the rows of one window: [train_start, train_end) and [test_start, test_end)."""

    train_start: int
    train_end: int
    test_start: int
    test_end: int


def windows_of(
    rows: Any,
    *,
    train: Length,
    test: Length,
    step: Length | None = None,
    gap: Length = 0,
    anchored: bool = False,
) -> list[Window]:
    """Return the windows of a number of rows, of Bars, or of times (int64, nanoseconds, rising).

    A length is a number of rows or a span of time ("180d"); all but a zero gap are of one kind. A window
    counts only when all of its test lies within the data. Raises UsageError for what makes no window.
    """
    step = test if step is None else step
    lengths = {"train": train, "test": test, "step": step, "gap": gap}
    kinds = {isinstance(one, str) for name, one in lengths.items() if not (name == "gap" and one == 0)}
    if len(kinds) > 1:
        raise UsageError(
            "train, test, step and gap are either all numbers of bars or all spans of time: "
            + ", ".join(f"{name}={one!r}" for name, one in lengths.items())
        )
    by_time = kinds == {True}
    spans = {name: span_of(name, one) for name, one in lengths.items()}
    time = time_of(rows)
    if by_time and time is None:
        raise UsageError(f"train={train!r} is a span of time: give Bars or times, not a number of rows")
    clock = time if by_time and time is not None else np.arange(count_of(rows), dtype=np.int64)
    found = list(cut(clock, spans, anchored=anchored, end=end_of(clock, by_time=by_time)))
    if not found:
        raise UsageError(
            f"the data is shorter than one window: {described(rows)}, and train={train!r}, "
            + (f"gap={gap!r}, " if gap else "")
            + f"test={test!r} need more; make the windows shorter"
        )
    return found


def cut(clock: NDArray[np.int64], spans: dict[str, int], *, anchored: bool, end: int) -> list[Window]:
    """Return the windows on a clock of rows or of times, which ends at `end`."""
    first = int(clock[0]) if len(clock) else 0
    found = []
    start = first
    while (test_end := start + spans["train"] + spans["gap"] + spans["test"]) <= end:
        train_end, test_start = start + spans["train"], start + spans["train"] + spans["gap"]
        marks = [first if anchored else start, train_end, test_start, test_end]
        window = Window(*np.searchsorted(clock, marks).tolist())
        # A span of time may hold no bar at all: a halt, a hole in the data.
        if window.train_end - window.train_start > 1 and window.test_end > window.test_start:
            found.append(window)
        start += spans["step"]
    return found


def end_of(clock: NDArray[np.int64], *, by_time: bool) -> int:
    """Return where the clock ends: after the last bar, which is as long as bars usually are."""
    if not by_time:
        return len(clock)
    if len(clock) < 2:
        return int(clock[-1]) if len(clock) else 0
    return int(clock[-1]) + int(np.median(np.diff(clock)))


def span_of(name: str, length: Length) -> int:
    """Return a length as rows or nanoseconds, or raise UsageError."""
    least = 0 if name == "gap" else 2 if name == "train" else 1
    if isinstance(length, str):
        span = length_ns(length)
        if not span:
            raise UsageError(
                f"{name} is {length!r}, but must be a number of bars, or a time in s, m, h, d or w, such as "
                "'365d'"
            )
        return span
    value: Any = length
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise UsageError(f"{name} is {length!r}, but must be at least {least} bars, or a time like '180d'")
    return int(value)


def time_of(rows: Any) -> NDArray[np.int64] | None:
    """Return the times of Bars, or times as they are; None for a number of rows."""
    if isinstance(rows, int | np.integer):
        return None
    found: NDArray[np.int64] = np.asarray(getattr(rows, "time", rows), dtype=np.int64)
    return found


def count_of(rows: Any) -> int:
    """Return a number of rows, or that of something that has rows."""
    return int(rows) if isinstance(rows, int | np.integer) else len(rows)


def described(rows: Any) -> str:
    """Return how much data there is, in words."""
    time = time_of(rows)
    count = f"{count_of(rows):,} bars"
    if time is None or len(time) < 2:
        return count
    return f"{count} over {(int(time[-1]) - int(time[0])) / 86_400e9:,.1f} days"
