"""Longer bars of shorter ones: laws, a slow twin, other libraries, and nothing from the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.timeframes import Session, check_multiple, closes, ends, floor, following, resample
from tests.reference.search import searching
from tests.timeframes import slow
from tests.timeframes.test_timeframe import SESSIONS, STOCKS, at, utc

SECOND = 10**9
CHAINS = [
    ("1m", "5m", "15m"), ("1m", "3m", "1h"), ("1m", "1h", "4h"), ("1m", "30m", "1d"), ("1h", "4h", "1d"),
    ("1h", "1d", "1w"), ("4h", "1d", "1M"), ("1d", "1M", "3M"), ("1d", "1w", "2w"), ("1s", "1m", "1h"),
]  # fmt: skip


def made(
    timeframe: str, start: int, places: list[int], seed: int = 0, session: Session | None = None
) -> Bars:
    """Return bars at some places of a timeframe's grid, with random prices and whole volumes."""
    first = floor(start * SECOND, timeframe, session=session)
    time = np.array([int(following(first, timeframe, place, session=session)) for place in places], np.int64)
    draw = np.random.default_rng(seed)
    open_, close = draw.integers(50, 150, (2, len(time))).astype(float)
    high = np.maximum(open_, close) + draw.integers(0, 9, len(time))
    low = np.minimum(open_, close) - draw.integers(0, 9, len(time))
    volume = draw.integers(0, 5, len(time)).astype(float)
    given = np.where(draw.random(len(time)) < 0.2, np.nan, (high + low) / 2)
    funding = np.where(draw.random(len(time)) < 0.7, np.nan, draw.integers(-3, 3, len(time)))
    return Bars(time, open_, high, low, close, volume, "X", timeframe, given=given, funding=funding)


def same(one: Bars, other: Bars) -> bool:
    return one.columns == other.columns and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in one.columns
    )


def prices(bars: Bars) -> Bars:
    """Return bars without their means, which rounding may change in the last digit."""
    return replace(bars, given=None)


STARTS = st.integers(1_600_000_000, 1_800_000_000)
PLACES = st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True).map(sorted)


@pytest.mark.parametrize("chain", CHAINS, ids=" ".join)
@searching(20)
@given(start=STARTS, places=PLACES, seed=st.integers(0, 9))
def test_the_slow_twin_agrees(chain: tuple[str, ...], start: int, places: list[int], seed: int) -> None:
    short, middle, long = chain
    bars = made(short, start, places, seed)
    rows = [
        {
            "time": int(bars.time[row]) // SECOND,
            **{name: float(getattr(bars, name)[row]) for name in ("open", "high", "low", "close", "volume")},
        }
        for row in range(len(bars))
    ]
    for timeframe in (middle, long):
        ours, theirs = resample(bars, timeframe, partial=True), slow.bars(rows, timeframe)
        assert (ours.time // SECOND).tolist() == [row["time"] for row in theirs]
        for name in ("open", "high", "low", "close", "volume"):
            assert getattr(ours, name).tolist() == [row[name] for row in theirs]
        assert (ours.symbol, ours.timeframe) == ("X", timeframe)


@pytest.mark.parametrize("chain", CHAINS, ids=" ".join)
@searching(20)
@given(start=STARTS, places=PLACES, seed=st.integers(0, 9))
def test_the_way_does_not_matter(chain: tuple[str, ...], start: int, places: list[int], seed: int) -> None:
    short, middle, long = chain
    bars = made(short, start, places, seed)
    direct = resample(bars, long, partial=True)
    over = resample(resample(bars, middle, partial=True), long, partial=True)
    assert same(prices(direct), prices(over))
    assert direct.volume.sum() == bars.volume.sum()
    # Only closed bars on either way; one that a later bar of the middle closes may be seen a step later.
    slowly, quickly = resample(resample(bars, middle), long), resample(bars, long)
    assert same(prices(slowly), prices(quickly[: len(slowly)]))


@pytest.mark.parametrize("chain", CHAINS, ids=" ".join)
@searching(20)
@given(start=STARTS, places=PLACES, cut=st.integers(0, 60), length=st.sampled_from(["", None]))
def test_more_bars_change_no_closed_bar(
    chain: tuple[str, ...], start: int, places: list[int], cut: int, length: str | None
) -> None:
    bars = made(chain[0], start, places)
    bars = bars if length is None else replace(bars, timeframe=length)
    whole, part = resample(bars, chain[2], partial=True), resample(bars[:cut], chain[2])
    assert same(part, whole[: len(part)])
    forming = resample(bars[:cut], chain[2], partial=True)
    assert same(part, forming[: len(part)])
    assert len(forming) - len(part) <= 1
    if length is None and cut:
        known = closes(bars[:cut])[-1]
        assert (ends(part) <= known).all()
        assert (ends(forming[len(part) :]) > known).all()


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize(
    "chain", [("5m", "30m", "1h"), ("1m", "7m", "1d"), ("1h", "1d", "1w"), ("30m", "4h", "1M")]
)
@searching(6)
@given(start=STARTS, places=PLACES, cut=st.integers(0, 60))
def test_laws_in_a_session(
    name: str, chain: tuple[str, str, str], start: int, places: list[int], cut: int
) -> None:
    session, (short, middle, long) = SESSIONS[name], chain
    bars = made(short, start, places, session=session)
    direct = resample(bars, long, partial=True, session=session)
    over = resample(bars, middle, partial=True, session=session)
    assert same(prices(direct), prices(resample(over, long, partial=True, session=session)))
    assert direct.volume.sum() == bars.volume.sum()
    part = resample(bars[:cut], long, session=session)
    assert same(part, direct[: len(part)])
    if cut:
        known = closes(bars[:cut], session=session)[-1]
        assert (ends(part, session=session) <= known).all()
        assert len(part) == int((ends(direct, session=session) <= known).sum())


@pytest.mark.parametrize("timeframe", ["5m", "1h", "4h", "1d", "1w", "1M"])
@given(start=STARTS, places=PLACES, seed=st.integers(0, 9))
@searching(10)
def test_polars_and_pandas_agree(timeframe: str, start: int, places: list[int], seed: int) -> None:
    bars = made("5m", start, [place * 50 for place in places], seed)
    ours = prices(resample(bars, timeframe, partial=True))
    names = ("open", "high", "low", "close", "volume")
    columns = {name: getattr(bars, name) for name in names}
    first, last = pl.col("open").first(), pl.col("close").last()
    frame = pl.DataFrame({"time": bars.time.astype("M8[ns]"), **columns})
    polars = frame.group_by_dynamic("time", every=timeframe.replace("M", "mo")).agg(
        first, pl.col("high").max(), pl.col("low").min(), last, pl.col("volume").sum()
    )
    assert polars["time"].to_physical().to_list() == ours.time.tolist()
    rule = {"m": "min", "M": "MS", "w": "W-MON"}.get(timeframe[-1], timeframe[-1])
    rule = rule if rule in ("MS", "W-MON") else timeframe[:-1] + rule.replace("d", "D")
    series = pd.DataFrame(columns, index=pd.to_datetime(bars.time))
    # A week of pandas that ends with Monday and is closed on the left begins with it.
    pandas = series.resample(rule, label="left", closed="left").agg(
        {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    ).dropna()  # fmt: skip
    assert pandas.index.as_unit("ns").asi8.tolist() == ours.time.tolist()
    for name in names:
        assert polars[name].to_list() == getattr(ours, name).tolist()
        assert pandas[name].tolist() == getattr(ours, name).tolist()


def test_rare_columns() -> None:
    bars = made("1m", at("2024-05-05T00:00") // SECOND, [0, 1, 2, 3])
    bars = replace(
        bars,
        volume=np.array([1.0, 3, 0, 0]),
        given=np.array([10.0, 20, 30, np.nan]),
        funding=np.array([np.nan, 0.1, np.nan, np.nan]),
    )
    two = resample(bars, "2m")
    assert two.given is not None
    assert two.funding is not None
    assert two.given.tolist()[0] == 17.5
    assert two.funding.tolist()[0] == 0.1
    assert np.isnan([two.given[1], two.funding[1]]).all()
    assert not resample(replace(bars, has_volume=False), "2m").has_volume


def test_a_session_leaves_out_what_trades_before_and_after_it() -> None:
    day = made("30m", at("2024-03-08T12:00") // SECOND, list(range(24)))
    bars = resample(day, "1h", session=STOCKS)
    assert [utc(time)[11:] for time in bars.time] == [
        "14:30",
        "15:30",
        "16:30",
        "17:30",
        "18:30",
        "19:30",
        "20:30",
    ]
    inside = day.volume[STOCKS.holds(day.time)]
    assert bars.volume.sum() == inside.sum()
    assert bars.volume[-1] == inside[-1]
    whole = resample(day, "1d", session=STOCKS)
    assert [utc(time) for time in whole.time] == ["2024-03-08T14:30"]
    # The day is closed with its last half hour, not at midnight.
    before_the_close = day[: int(np.searchsorted(day.time, at("2024-03-08T20:30")))]
    assert len(resample(before_the_close, "1d", session=STOCKS)) == 0
    assert len(resample(before_the_close, "1d", session=STOCKS, partial=True)) == 1
    assert len(resample(day[:18], "1d", session=STOCKS)) == 1
    assert len(resample(day[:2], "1d", session=STOCKS, partial=True)) == 0


def test_no_bars_make_none() -> None:
    none = made("1m", 0, [])
    for session in (None, STOCKS):
        assert len(resample(none, "1h", session=session)) == 0
        assert resample(none, "1h", session=session).timeframe == "1h"


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("1h", "1m"), ("7m", "1h"), ("1h", "90m"), ("1w", "1M"), ("1M", "1w"), ("2M", "3M"), ("1M", "1d"),
        ("7d", "1w"), ("1w", "7d"), ("3d", "1w"), ("2d", "1M"), ("7h", "1d"), ("2w", "3w"),
    ],
)  # fmt: skip
def test_no_multiple(shorter: str, longer: str) -> None:
    with pytest.raises(
        UsageError, match=f"^bars of {longer} cannot be made of bars of {shorter}: take a multiple"
    ):
        resample(made(shorter, 0, []), longer)


def test_multiples() -> None:
    for pair in [
        ("1m", "1m"),
        ("1d", "1w"),
        ("1w", "2w"),
        ("1M", "12M"),
        ("24h", "1d"),
        ("8h", "1M"),
        ("", "1h"),
    ]:
        check_multiple(*pair)
    check_multiple("7h", "1d", in_session=True)
    with pytest.raises(UsageError):
        check_multiple("7h", "8h", in_session=True)


def test_a_bar_in_two_intervals_is_refused() -> None:
    shifted = made("1h", 0, list(range(30)))
    shifted = replace(shifted, time=shifted.time + 900 * SECOND, source="x.csv")
    with pytest.raises(
        DataError, match=r"^x.csv row 4 \(1970-01-01T03:15:00Z\) lasts until 1970-01-01T04:15:00Z, but"
    ):
        resample(shifted, "4h")
    with pytest.raises(
        DataError, match=r"row 9 .* opens before the session does and lasts until .*: start from"
    ):
        resample(made("1h", at("2024-03-08T06:00") // SECOND, list(range(20))), "1d", session=STOCKS)
    # Days that begin at midnight in New York are days of that session, but not of UTC.
    local = Session("America/New_York")
    days = made("1d", at("2024-03-01T05:00") // SECOND, list(range(40)), session=local)
    assert [utc(time) for time in resample(days, "1M", session=local).time] == ["2024-03-01T05:00"]
    with pytest.raises(DataError, match=r"say to which session the bars are aligned"):
        resample(days, "1M")
