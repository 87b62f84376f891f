"""Refuse bars that no market can have made, and say which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.place import Place, plain
from eyas.model import PRICE_COLUMNS, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_PRICE = 9e9
"""The kernel counts prices in 64-bit units of 1e-8 and keeps a margin for sums."""
LARGEST_VOLUME = 1e18
"""More than any market trades in a bar, so a fault; the kernel itself bounds volume where it counts."""
SMALLEST_PRICE = 0.5e-8
"""What rounds to zero at 8 decimals (half to even)."""

ORDER = "every bar needs low <= open, close <= high"
PAIRS = (
    ("high", "below", "low"),
    ("open", "above", "high"),
    ("open", "below", "low"),
    ("close", "above", "high"),
    ("close", "below", "low"),
)


def check_times(time: NDArray[np.int64], name: str, place: Place) -> None:
    """Refuse times that do not rise from row to row; `name` is the column's own."""
    if bool((time[1:] > time[:-1]).all()):
        return
    falls = np.flatnonzero(time[1:] < time[:-1]) + 1
    if not len(falls):
        repeats = np.flatnonzero(time[1:] == time[:-1]) + 1
        fault = f"{name} is the same as in row {repeats[0]}, and a time has one bar"
        raise place.refusal(repeats, f"{fault}. To keep the last, {place.keeping_last(name)}.", time)
    before = int(falls[0])
    fault = f"{name} is earlier than {iso(time[before - 1])} in row {before}"
    advice = f"To sort them, {place.sorting(name)}."
    if len(falls) == len(time) - 1 > 1:
        raise place.refusal(falls[:1], f"{fault}: the rows run newest first. {advice}", time)
    raise place.refusal(falls, f"{fault}, and bars come oldest first. {advice}", time)


def check_numbers(
    columns: Mapping[str, NDArray[np.float64]],
    names: Mapping[str, str],
    time: NDArray[np.int64],
    place: Place,
) -> None:
    """Refuse prices and volumes that no bar can have; `names` are the columns' own.

    Comparisons hold after rounding to 8 decimals, as the kernel sees the prices, so the noise of
    binary fractions is not refused.
    """
    for field in PRICE_COLUMNS:
        values = columns[field]
        # A NaN fails every comparison, so this is also the test for NaN.
        if not (values.min() > SMALLEST_PRICE and values.max() <= LARGEST_PRICE):
            bad = np.flatnonzero(~((values > SMALLEST_PRICE) & (values <= LARGEST_PRICE)))
            raise place.refusal(bad, _price_fault(names[field], float(values[bad[0]])), time)
    for left, relation, right in PAIRS:
        one, two = columns[left], columns[right]
        wrong = one < two if relation == "below" else one > two
        if wrong.any():
            bad = np.flatnonzero(wrong)
            bad = bad[_rounded(one[bad]) != _rounded(two[bad])]
            if len(bad):
                first, second = plain(one[bad[0]]), plain(two[bad[0]])
                fault = f"{names[left]} {first} is {relation} {names[right]} {second}; {ORDER}"
                raise place.refusal(bad, f"{fault}. Correct the row or drop it.", time)
    if "volume" in columns:
        volume = columns["volume"]
        if not (volume.min() >= 0 and volume.max() <= LARGEST_VOLUME):
            bad = np.flatnonzero(~((volume >= 0) & (volume <= LARGEST_VOLUME)))
            raise place.refusal(bad, _volume_fault(names["volume"], float(volume[bad[0]])), time)
    _check_rare(columns, names, time, place)


def _check_rare(
    columns: Mapping[str, NDArray[np.float64]],
    names: Mapping[str, str],
    time: NDArray[np.int64],
    place: Place,
) -> None:
    """Refuse given prices and funding rates that cannot be; NaN is none."""
    if "given" in columns:
        given = columns["given"]
        bad = np.flatnonzero(~(np.isnan(given) | ((given > SMALLEST_PRICE) & (given <= LARGEST_PRICE))))
        if len(bad):
            raise place.refusal(bad, _price_fault(names["given"], float(given[bad[0]])), time)
    if "funding" in columns:
        rate = columns["funding"]
        bad = np.flatnonzero(~(np.isnan(rate) | (np.abs(rate) < 1)))
        if len(bad):
            fault = f"{names['funding']} {plain(rate[bad[0]])} is not a rate above -1 and below 1"
            raise place.refusal(bad, f"{fault}. Write 0.0001 for 0.01 %.", time)


def _rounded(prices: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.rint(prices * 1e8)


def _price_fault(name: str, value: float) -> str:
    if np.isnan(value):
        return f"{name} is missing (NaN). Fill it in or drop the row."
    if np.isinf(value):
        return f"{name} is infinite. Correct the row or drop it."
    if value > LARGEST_PRICE:
        return f"{name} {plain(value)} is more than a price can be ({LARGEST_PRICE:,.0f}). Use a larger unit."
    if value > 0:
        return f"{name} {plain(value)} is zero at 8 decimals. Use a smaller unit, such as a million pieces."
    return f"{name} {plain(value)} is not above zero, as a price must be. Correct the row or drop it."


def _volume_fault(name: str, value: float) -> str:
    if np.isnan(value):
        return f"{name} is missing (NaN). Write 0 where nothing was traded, or leave the whole column out."
    if np.isinf(value):
        return f"{name} is infinite. Correct the row or drop it."
    if value < 0:
        return f"{name} {plain(value)} is below zero. Correct the row or drop it."
    return f"{name} {plain(value)} is more than any market trades. Correct the row or use a larger unit."
