"""Write columns compactly as JSON: scaled integers, each as its step from the one before.

A price series takes about a third of its plain text so, and a page reads it back with one running sum.
`assets/data.js` is the reader.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FIGURES = 8
DECIMALS_MAX = 12
EXACT_INTEGER_MAX = 2**53
NANOSECONDS = 1_000_000_000
NUMBER = re.compile(r"(\d+(?:\.\d+)?)")
GAP = "\0"


class Numbers(TypedDict):
    """A number is the sum of the steps up to it, over 10 to the power of `decimals`; None is no number."""

    decimals: int
    steps: list[int | None]


class Times(TypedDict):
    """A time is `start` (seconds since 1970 UTC) plus the sum of the steps, each 1 / `per_second` seconds."""

    start: int
    per_second: int
    steps: list[int]


class Words(TypedDict):
    """A word is `words[code]`."""

    words: list[str]
    codes: list[int]


class Texts(TypedDict):
    """A text is its shape with the next of the `numbers` (parted by spaces) in the place of each gap."""

    shapes: Words
    numbers: str


def numbers(values: NDArray[np.float64], figures: int = FIGURES) -> Numbers:
    """Encode numbers: exactly when 12 decimals or fewer hold them all, else to `figures` of the largest."""
    finite = np.isfinite(values)
    known = values[finite]
    decimals = _decimals(known, figures)
    scaled = np.rint(_scaled(known, decimals)).astype(np.int64)
    steps: list[int | None] = np.diff(scaled, prepend=0).tolist()
    if len(known) < len(values):
        following = iter(steps)
        steps = [next(following) if is_known else None for is_known in finite.tolist()]
    return {"decimals": decimals, "steps": steps}


def integers(values: NDArray[np.int64]) -> Numbers:
    """Encode whole numbers exactly."""
    return {"decimals": 0, "steps": np.diff(values, prepend=0).tolist()}


def times(time_ns: NDArray[np.int64]) -> Times:
    """Encode times exactly, in the coarsest of s, ms, us and ns that holds them all."""
    start = int(time_ns[0]) // NANOSECONDS if len(time_ns) else 0
    offsets = time_ns - start * NANOSECONDS
    units = (1, 10**3, 10**6, 10**9)
    per_second = next(unit for unit in units if not np.any(offsets % (NANOSECONDS // unit)))
    offsets = offsets // (NANOSECONDS // per_second)
    return {"start": start, "per_second": per_second, "steps": np.diff(offsets, prepend=0).tolist()}


def words(values: Sequence[str]) -> Words:
    """Encode words as a list of the different ones, in order of appearance, and an index for each."""
    different = list(dict.fromkeys(values))
    place = {word: index for index, word in enumerate(different)}
    return {"words": different, "codes": [place[word] for word in values]}


def texts(values: Sequence[str]) -> Texts:
    r"""Encode texts that say the same words with other numbers, such as a strategy's notes.

    A NUL in a text, which a page cannot show, comes back as the replacement character.

    >>> texts(["rsi 31.25", "rsi 70"])
    {'shapes': {'words': ['rsi \x00'], 'codes': [0, 0]}, 'numbers': '31.25 70'}
    """
    pieces = [NUMBER.split(value.replace(GAP, "\ufffd")) for value in values]
    return {
        "shapes": words([GAP.join(parts[::2]) for parts in pieces]),
        "numbers": " ".join(number for parts in pieces for number in parts[1::2]),
    }


def _decimals(known: NDArray[np.float64], figures: int) -> int:
    largest = float(np.max(np.abs(known), initial=0.0))
    for decimals in range(DECIMALS_MAX + 1):
        if largest * 10.0**decimals >= EXACT_INTEGER_MAX:
            break
        if np.array_equal(np.rint(known * 10.0**decimals) / 10.0**decimals, known):
            return decimals
    return min(figures - 1 - math.floor(math.log10(largest)), 300)


def _scaled(known: NDArray[np.float64], decimals: int) -> NDArray[np.float64]:
    return known * 10.0**decimals if decimals >= 0 else known / 10.0**-decimals
