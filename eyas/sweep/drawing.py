"""Random numbers that depend on a seed and a place alone: any of them can be had without those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 6
# SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
STEP = 0x9E3779B97F4A7C15
MASK = 2**64 - 1


def mixed(values: NDArray[np.uint64], key: int) -> NDArray[np.uint64]:
    """Return whole numbers of 64 bits that look random, one for each value."""
    found = values + np.uint64(((key + 1) * STEP) & MASK)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


def uniform(seed: int, stream: int, start: int, count: int) -> NDArray[np.float64]:
    """Return numbers from 0 to below 1: those with the numbers `start` on, of one stream of a seed."""
    numbers = np.arange(start, start + count, dtype=np.uint64)
    keyed = mixed(mixed(numbers, seed), stream)
    return (keyed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def places_at_random(seed: int, first: int, last: int, size: int) -> NDArray[np.int64]:
    """Return where the numbers `first` to `last` of 0 … `size`-1 come in a random order: each place once.

    It is a Feistel network over the next power of four, followed until it is inside (Black and Rogaway,
    "Ciphers with arbitrary finite domains", 2002); so no list of places is ever held.
    """
    half = np.uint64(max(1, ((size - 1).bit_length() + 1) // 2))
    places = scrambled(np.arange(first, last, dtype=np.uint64), seed, half)
    outside = np.flatnonzero(places >= size)
    while len(outside):
        places[outside] = scrambled(places[outside], seed, half)
        outside = outside[places[outside] >= size]
    return places.astype(np.int64)


def scrambled(values: NDArray[np.uint64], seed: int, half: np.uint64) -> NDArray[np.uint64]:
    """Return a permutation of the whole numbers of twice `half` bits."""
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = values >> half, values & mask
    for turn in range(ROUNDS):
        left, right = right, left ^ (mixed(mixed(right, seed), turn) & mask)
    return (left << half) | right
