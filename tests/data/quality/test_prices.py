"""Splits, spikes, jumps and prices near zero are told apart, and a market that only moves a lot has none."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.data.quality import check
from eyas.model import PRICE_COLUMNS, Bars
from tests.data.quality.faults import SAMPLES, clean, columns, rebuilt


def names(bars: Bars) -> dict[str, int]:
    return {one.name: one.count for one in check(bars).findings if one.name != "gaps"}


@pytest.mark.parametrize(
    ("symbol", "day", "ratio"), [("AAPL", "2014-06-09", "7:1"), ("AIG", "2009-07-01", "1:20")]
)
def test_the_splits_of_the_samples(symbol: str, day: str, ratio: str) -> None:
    found = check(eyas.sample(symbol, "1d")).finding("splits")
    assert found is not None
    assert (found.count, found.level) == (1, "warn")
    assert str(np.datetime64(found.time or 0, "ns"))[:10] == day
    assert f"a split of {ratio} in bar {found.row} ({day}T00:00:00Z)" in found.sentence
    assert check(eyas.sample(symbol, "1d", adjusted=True)).finding("splits") is None


def test_a_jump_stays_and_is_no_split() -> None:
    changed = columns(clean("BTCUSDT 1m"))
    for name in PRICE_COLUMNS:
        changed[name][5000:] *= 1.2
    verdict = check(rebuilt(clean("BTCUSDT 1m"), changed))
    assert [(one.name, one.count, one.row) for one in verdict.findings] == [("jumps", 1, 5000)]
    assert "in bar 5000 (2026-06-13T14:47:00Z): close" in verdict.findings[0].sentence


def test_a_spike_of_three_bars_comes_back() -> None:
    changed = columns(clean("EURUSD 1h"))
    for name in PRICE_COLUMNS:
        changed[name][3000:3003] *= 1.3
    verdict = check(rebuilt(clean("EURUSD 1h"), changed))
    assert [(one.name, one.count, one.row) for one in verdict.findings] == [("spikes", 1, 3000)]


def near_zero(row: int, count: int = 1, factor: float = 1e-4, name: str = "BTCUSDT 1m") -> Bars:
    changed = columns(clean(name))
    for column in PRICE_COLUMNS:
        changed[column][row : row + count] *= factor
    return rebuilt(clean(name), changed)


@pytest.mark.parametrize("row", [0, 1, 999, 1000, 5321, 10_079])
@pytest.mark.parametrize("count", [1, 3])
def test_prices_near_zero_fail_wherever_they_are(row: int, count: int) -> None:
    verdict = check(near_zero(row, count))
    found = verdict.finding("near_zero")
    assert found is not None
    assert (found.level, found.count, found.row) == ("fail", min(count, 10_080 - row), row)
    assert verdict.level == "fail"


def test_the_rule_is_a_thousandth_of_the_median_of_a_thousand_candles() -> None:
    prices = np.full(3000, 100.0) + np.arange(3000) % 7
    for low, expected in ((0.11, False), (0.102, True)):
        changed: dict[str, Any] = {name: prices.copy() for name in PRICE_COLUMNS}
        changed["low"][1500] = low
        bars = eyas.bars({"time": np.arange(3000) * 60 + 1_700_000_040, **changed})
        assert (check(bars).finding("near_zero") is not None) is expected
    # Of fewer than five candles it is a thousandth of the mean.
    few = {"time": np.arange(4) * 60 + 1_700_000_040, **{name: prices[:4].copy() for name in PRICE_COLUMNS}}
    few["low"][2] = 0.05
    assert check(eyas.bars(few)).level == "fail"


def test_a_coin_may_lose_everything_by_and_by() -> None:
    prices = 100 * 0.98 ** np.arange(900)
    bars = eyas.bars(
        {"time": np.arange(900) * 86_400 + 1_577_836_800, **dict.fromkeys(PRICE_COLUMNS, prices)},
        timeframe="1d",
    )
    assert check(bars).findings == ()


def test_the_same_bar_again_and_again() -> None:
    changed = columns(clean("EURUSD 1h"))
    for name in PRICE_COLUMNS:
        changed[name][1000:1020] = changed[name][999]
        changed[name][2000:2003] = changed[name][1999]  # four alike are not yet a stretch
    verdict = check(rebuilt(clean("EURUSD 1h"), changed))
    assert [(one.name, one.count, one.row) for one in verdict.findings] == [("stale", 21, 999)]


def test_where_bars_often_repeat_a_few_of_them_are_no_stretch() -> None:
    dice = np.random.default_rng(2)
    moves = np.where(dice.random(20_000) < 0.5, 0, dice.choice((-0.1, 0.1), 20_000))
    price = np.round(100 + np.cumsum(moves) * 0.1, 2)
    bars = eyas.bars({"time": np.arange(20_000) * 60 + 1_700_000_040, **dict.fromkeys(PRICE_COLUMNS, price)})
    assert "stale" not in names(bars)
    changed = columns(bars)
    for name in PRICE_COLUMNS:
        changed[name][-60:] = changed[name][-61]
    assert "stale_tail" in names(rebuilt(bars, changed))


def test_a_source_without_volumes_has_no_idle_bars() -> None:
    bars = clean("BTCUSDT 1m")
    assert names(replace(bars, volume=np.zeros(len(bars)), has_volume=False)) == {}
    assert names(replace(bars, volume=np.zeros(len(bars)))) == {"zero_volume": len(bars)}


@pytest.mark.parametrize("seed", range(5))
def test_heavy_tails_and_changing_nervousness_are_a_market(seed: int) -> None:
    dice = np.random.default_rng(seed)
    nervous = np.exp(np.cumsum(dice.normal(0, 0.02, 20_000)).clip(-2, 2))
    close = 100 * np.exp(np.cumsum(dice.standard_t(5, 20_000) * 2e-4 * nervous))
    opened = np.concatenate(([100.0], close[:-1]))
    wick = np.abs(dice.normal(0, 1e-4, 20_000)) * nervous * close
    bars = eyas.bars(
        {
            "time": np.arange(20_000) * 60 + 1_700_000_040,
            "open": opened,
            "high": np.maximum(opened, close) + wick,
            "low": np.minimum(opened, close) - wick,
            "close": close,
        }
    )
    assert names(bars) == {}


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_found_does_not_depend_on_the_unit_of_prices(sample: str) -> None:
    bars = clean(sample)
    dice = random.Random(sample)
    scaled = {**columns(bars), **{name: getattr(bars, name) * 2.0 ** dice.randrange(3, 9) for name in ()}}
    factor = 2.0 ** dice.randrange(1, 9)
    for name in PRICE_COLUMNS:
        scaled[name] = getattr(bars, name) * factor
    assert names(rebuilt(bars, scaled)) == names(bars)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 19, 20, 21])
def test_few_bars(count: int) -> None:
    bars = clean("AAPL 1d")[:count]
    verdict = check(bars)
    assert (verdict.level, verdict.rows, verdict.findings) == ("pass", count, ())
    assert verdict.as_json()["first"] == ("2014-01-02T00:00:00Z" if count else None)
