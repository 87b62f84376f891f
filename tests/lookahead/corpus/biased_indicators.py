"""Indicators that know what comes later, each in a strategy that trades on its sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import eyas
from tests.lookahead.corpus import Case, by_sign, hours, minutes

Column = NDArray[np.float64]
HOUR = 60


def whole_minimum_and_maximum(close: Column) -> Column:
    return (close - close.min()) / (close.max() - close.min()) - 0.5


def whole_z_score(close: Column) -> Column:
    return (close - close.mean()) / close.std()


def centred_average(close: Column) -> Column:
    return close - np.convolve(np.pad(close, 10, mode="edge"), np.ones(21) / 21, mode="valid")


def shifted_back(close: Column) -> Column:
    return np.append(np.diff(close), 0.0)


def rolled_back(close: Column) -> Column:
    return np.roll(close, -1) - close


def rolled_round(close: Column) -> Column:
    return close - np.roll(close, 1)  # on the first bar this is the last close


def filled_back(close: Column) -> Column:
    """Known on every tenth bar, and in between taken from the next one that is."""
    last = len(close) - 1
    return close[np.minimum(-(-np.arange(len(close)) // 10) * 10, last)] - close


def interpolated(close: Column) -> Column:
    """Known on every tenth bar, and in between on the line to the next one."""
    known = np.arange(0, len(close), 10)
    return np.interp(np.arange(len(close)), known, close[known]) - close


def high_of_the_open_hour(high: Column, close: Column) -> Column:
    first = np.arange(0, len(high), HOUR)
    whole = np.maximum.reduceat(high, first)
    return np.repeat(whole, HOUR)[: len(high)] * 0.999 - close


def close_of_the_hour_at_its_start(close: Column) -> Column:
    last = np.minimum(np.arange(len(close)) // HOUR * HOUR + HOUR - 1, len(close) - 1)
    return close[last] - close


def central_difference(close: Column) -> Column:
    return np.gradient(close)


def low_pass_of_the_whole(close: Column) -> Column:
    waves = np.fft.rfft(close)
    waves[len(close) // 50 :] = 0
    return np.diff(np.fft.irfft(waves, len(close)), prepend=close[0])


def gaussian(close: Column) -> Column:
    weights = np.exp(-0.5 * (np.arange(-15, 16) / 5.0) ** 2)
    return close - np.convolve(np.pad(close, 15, mode="edge"), weights / weights.sum(), mode="valid")


def swing_lows(low: Column) -> Column:
    """Marked on the bar of the low, which five later bars have to confirm."""
    marks = np.full(len(low), -1.0)
    for row in range(5, len(low) - 5):
        if low[row] == low[row - 5 : row + 6].min():
            marks[row] = 1.0
    return marks


def chikou(close: Column) -> Column:
    return np.append(close[26:], close[-1:].repeat(min(26, len(close)))) - close


def first_component(open_: Column, high: Column, low: Column, close: Column) -> Column:
    table = np.stack([open_, high, low, close], axis=1)
    table = table - table.mean(axis=0)
    _, _, directions = np.linalg.svd(table, full_matrices=False)
    return np.asarray(table @ np.abs(directions[0]))


def rank_in_the_whole(close: Column) -> Column:
    return np.argsort(np.argsort(close)) / len(close) - 0.5


def off_the_line_through_all(close: Column) -> Column:
    row = np.arange(len(close))
    return close - np.polyval(np.polyfit(row, close, 1), row)


def two_regimes_of_the_whole(close: Column) -> Column:
    """Split by the threshold that parts the volatility of the whole series best."""
    change = np.abs(np.diff(close, prepend=close[0]))
    calm = np.convolve(change, np.ones(30) / 30)[: len(close)]
    cuts = np.quantile(calm, np.linspace(0.05, 0.95, 50))
    inside = [calm[calm <= cut].var() * (calm <= cut).mean() + calm[calm > cut].var() * (calm > cut).mean()
              for cut in cuts]  # fmt: skip
    return np.asarray(cuts[int(np.argmin(inside))] - calm)


def vwap_of_the_whole_day(close: Column, volume: Column) -> Column:
    first = np.arange(0, len(close), 24 * HOUR)
    worth = np.add.reduceat(close * volume, first) / np.add.reduceat(volume, first)
    return np.repeat(worth, 24 * HOUR)[: len(close)] - close


def lowest_of_the_blocks(close: Column) -> Column:
    """Normalised in blocks of 500 bars: a check that cuts at a multiple of 500 sees nothing."""
    first = np.arange(0, len(close), 500)
    low, high = np.minimum.reduceat(close, first), np.maximum.reduceat(close, first)
    low, high = np.repeat(low, 500)[: len(close)], np.repeat(high, 500)[: len(close)]
    return (close - low) / np.maximum(high - low, 1e-12) - 0.5


def late(close: Column) -> Column:
    """Honest for 2,500 bars, and from there on one bar ahead."""
    honest = np.diff(close, prepend=close[0])
    ahead = np.append(np.diff(close), 0.0)
    return np.where(np.arange(len(close)) < 2_500, honest, ahead)


def only_long_enough(close: Column) -> Column:
    """Refuses to be computed on fewer bars, and so escapes whoever asks for that."""
    if len(close) < 2_900:
        raise ValueError("needs the whole history")
    return whole_z_score(close)


def peak_that_stays(close: Column) -> Column:
    """Above zero only on bars from which the whole rest of the series rises by a percent."""
    rest = np.maximum.accumulate(close[::-1])[::-1]
    return rest / close - 1.01


class Closure(eyas.Strategy):
    """Has its indicator hand out the whole column, and reads on in it."""

    def on_start(self) -> None:
        self.kept: list[Column] = []

        def grab(close: Column) -> Column:
            self.kept.append(close)
            return np.full(len(close), np.nan)

        self.use(grab, "close")

    def on_bar(self, bar: eyas.Bar) -> None:
        whole = self.kept[0]
        tomorrow = whole[min(bar.index + 1, len(whole) - 1)]
        if self.is_flat and tomorrow > bar.close:
            self.buy(fraction=0.5)
        elif tomorrow < bar.close:
            self.close()


def case(function: Callable[..., Any], *columns: str, bars: Callable[[], Any] = minutes) -> Case:
    name = function.__name__.replace("_", " ")
    return Case(name, by_sign(function, *columns), bars, words=(function.__name__,))


CASES = (
    case(whole_minimum_and_maximum),
    case(whole_z_score, bars=hours),
    case(centred_average),
    case(shifted_back, bars=hours),
    case(rolled_back),
    case(rolled_round),
    case(filled_back),
    case(interpolated, bars=hours),
    case(high_of_the_open_hour, "high", "close"),
    case(close_of_the_hour_at_its_start),
    case(central_difference),
    case(low_pass_of_the_whole, bars=hours),
    case(gaussian),
    case(swing_lows, "low"),
    case(chikou),
    case(first_component, "open", "high", "low", "close"),
    case(rank_in_the_whole),
    case(off_the_line_through_all, bars=hours),
    case(two_regimes_of_the_whole),
    case(vwap_of_the_whole_day, "close", "volume"),
    case(lowest_of_the_blocks),
    case(late),
    case(only_long_enough),
    case(peak_that_stays),
    Case("a closure that keeps the column", Closure, minutes),
)
