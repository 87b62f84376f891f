"""Refuse bars that no market can have made, and say which."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.place import Place, Wrong, plain
from eyas.model import PRICE_COLUMNS, is_rising, iso, take_bars

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
    if is_rising(np.ascontiguousarray(time)):
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


def taken(
    columns: Mapping[str, NDArray[np.float64]], shared: Container[str]
) -> tuple[dict[str, NDArray[np.float64]], bool]:
    """Copy prices and volumes but for the `shared` ones, and return whether no row of them can be wrong.

    Where it is not sure, `check_numbers` looks again.
    """
    names = [name for name in (*PRICE_COLUMNS, "volume") if name in columns]
    found = {name: np.ascontiguousarray(columns[name]) for name in names}
    sources = list(found.values())
    # To lay a column out anew is to copy it already.
    copied = [
        name for name in names if name not in shared and np.may_share_memory(found[name], columns[name])
    ]
    # One piece of memory for all of them: the system hands it out in larger pages.
    found.update(zip(copied, np.empty((len(copied), len(sources[0]))), strict=True))
    targets = [found[name] if name in copied else None for name in names]
    return found, take_bars(sources, targets, (SMALLEST_PRICE, LARGEST_PRICE, LARGEST_VOLUME))


def check_numbers(
    columns: Mapping[str, NDArray[np.float64]],
    names: Mapping[str, str],
    time: NDArray[np.int64],
    place: Place,
) -> None:
    """Refuse prices and volumes that no bar can have; `names` are the columns' own."""
    place.refuse(wrong_numbers(columns, names), time)


def wrong_numbers(columns: Mapping[str, NDArray[np.float64]], names: Mapping[str, str]) -> Iterator[Wrong]:
    """Yield the rows whose prices and volumes no bar can have, fault by fault.

    Comparisons hold after rounding to 8 decimals, as the kernel sees the prices, so the noise of
    binary fractions is no fault.
    """
    for field in PRICE_COLUMNS:
        yield from wrong_prices(columns[field], names[field])
    for left, relation, right in PAIRS:
        one, two = columns[left], columns[right]
        wrong = one < two if relation == "below" else one > two
        if wrong.any():
            bad = np.flatnonzero(wrong)
            bad = bad[_rounded(one[bad]) != _rounded(two[bad])]
            if len(bad):
                say = partial(_pair_fault, names[left], one, relation, names[right], two)
                yield Wrong("ohlc", bad, say)
    if "volume" in columns:
        yield from wrong_volumes(columns["volume"], names["volume"])
    yield from _wrong_rare(columns, names)


def wrong_prices(values: NDArray[np.float64], name: str) -> Iterator[Wrong]:
    """Yield the rows that hold no price."""
    # A NaN fails every comparison, so this is also the test for NaN.
    if len(values) and not (values.min() > SMALLEST_PRICE and values.max() <= LARGEST_PRICE):
        bad = np.flatnonzero(~((values > SMALLEST_PRICE) & (values <= LARGEST_PRICE)))
        for fault, rows in _by_fault(values, bad):
            yield Wrong(fault, rows, lambda row: _price_fault(name, float(values[row])))


def wrong_volumes(values: NDArray[np.float64], name: str) -> Iterator[Wrong]:
    """Yield the rows that hold no quantity."""
    if len(values) and not (values.min() >= 0 and values.max() <= LARGEST_VOLUME):
        bad = np.flatnonzero(~((values >= 0) & (values <= LARGEST_VOLUME)))
        yield Wrong("volume", bad, lambda row: _volume_fault(name, float(values[row])))


def _by_fault(values: NDArray[np.float64], bad: NDArray[np.intp]) -> list[tuple[str, NDArray[np.intp]]]:
    """Return rows that hold no price by what they are called: the first row's name comes first."""
    missing, high = np.isnan(values[bad]), values[bad] > LARGEST_PRICE
    parts = [("missing", bad[missing]), ("too_large", bad[high]), ("not_above_zero", bad[~missing & ~high])]
    return sorted((part for part in parts if len(part[1])), key=lambda part: int(part[1][0]))


def _wrong_rare(columns: Mapping[str, NDArray[np.float64]], names: Mapping[str, str]) -> Iterator[Wrong]:
    """Yield the rows with given prices and funding rates that cannot be; NaN is none."""
    if "given" in columns:
        given, name = columns["given"], names["given"]
        bad = np.flatnonzero(~(np.isnan(given) | ((given > SMALLEST_PRICE) & (given <= LARGEST_PRICE))))
        if len(bad):
            yield Wrong("given", bad, lambda row: _price_fault(name, float(given[row])))
    if "funding" in columns:
        rate = columns["funding"]
        bad = np.flatnonzero(~(np.isnan(rate) | (np.abs(rate) < 1)))
        if len(bad):
            yield Wrong("funding", bad, lambda row: _rate_fault(names["funding"], float(rate[row])))


def _pair_fault(
    left: str,
    one: NDArray[np.float64],
    relation: str,
    right: str,
    two: NDArray[np.float64],
    row: int,
) -> str:
    fault = f"{left} {plain(one[row])} is {relation} {right} {plain(two[row])}; {ORDER}"
    return f"{fault}. Correct the row or drop it."


def _rate_fault(name: str, rate: float) -> str:
    fault = f"{name} {plain(rate)} is not a rate above -1 and below 1"
    return f"{fault}. Write 0.0001 for 0.01 %."


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
