"""A verdict prints, speaks JSON, names its data by a hash, and is as grave as a user wants it."""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eyas
from eyas.data.quality import KINDS, check
from eyas.model import iso
from tests.data.quality.faults import clean, columns

checks = sys.modules["eyas.data.quality.check"]


def test_it_prints_as_a_table() -> None:
    verdict = check(eyas.sample("AAPL", "1d"))
    head, span, first, *_ = str(verdict).splitlines()
    assert head == "AAPL 1d: warn"
    assert span == (
        "252 bars, 2014-01-02T00:00:00Z to 2014-12-31T00:00:00Z, calendar Monday to Friday (guessed)"
    )
    assert first.split()[:3] == ["warn", "splits", "1"]
    assert max(map(len, str(verdict).splitlines())) <= 100
    assert repr(verdict) == "<Verdict warn on AAPL 1d, 252 rows: splits 1>"
    assert str(check(clean("EURUSD 1h"))).endswith("nothing was found")


def test_it_is_plain_values_for_machines() -> None:
    verdict = check(eyas.sample("AAPL", "1d"))
    said = json.loads(json.dumps(verdict.as_json(), allow_nan=False))
    assert said["level"] == verdict.level == "warn"
    assert (said["rows"], said["calendar"], said["hash"]) == (252, verdict.calendar, verdict.hash)
    (found,) = said["findings"]
    assert found["time"] == iso(verdict.findings[0].time or 0) == "2014-06-09T00:00:00Z"
    assert (found["name"], found["level"], found["count"], found["row"]) == ("splits", "warn", 1, 108)


# --- levels ---


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, "warn"),
        ({"splits": "pass"}, "pass"),
        ({"splits": "fail"}, "fail"),
        ({"splits": ("fail", 1)}, "fail"),
        ({"splits": ("fail", 2)}, "warn"),
        ({"splits": ("warn", 2)}, "pass"),
        ({"splits": ("fail", 0.003)}, "fail"),  # one of 252 is 0.004
        ({"splits": ("fail", 0.005)}, "warn"),
        ({"gaps": "fail"}, "warn"),
    ],
)
def test_a_user_says_how_grave_a_finding_is(levels: Any, expected: str) -> None:
    verdict = check(eyas.sample("AAPL", "1d"), levels=levels)
    assert verdict.level == expected
    assert verdict.findings[0].name == "splits"  # what passes is still told
    assert verdict.counted == ("" if expected == "pass" else "splits 1")


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ({"gap": "fail"}, "no finding called 'gap'; did you mean gaps?"),
        ({"zero": "fail"}, "there is no finding called 'zero'"),
        ({"gaps": "stop"}, "the level of gaps is 'stop', but must be pass, warn or fail"),
        ({"gaps": ("fail", -1)}, "gaps counts from -1 on"),
        ({"gaps": ("fail", True)}, "gaps counts from True on"),
        (["gaps"], "levels are"),
    ],
)
def test_a_level_that_cannot_be(levels: Any, words: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        check(eyas.sample("AAPL", "1d"), levels=levels)
    assert words in str(caught.value)


def test_a_few_conflicts_warn_and_many_fail() -> None:
    bars = clean("AAPL 1d")
    for count, level in ((5, "warn"), (60, "fail")):
        frame = pl.DataFrame(columns(bars))
        again = frame.head(count).with_columns(pl.col("volume") + 1)
        verdict = check(pl.concat([frame, again]).sort("time", maintain_order=True))
        found = verdict.finding("conflicting")
        assert found is not None
        assert (found.count, found.level) == (count, level)


def test_every_kind_has_a_description() -> None:
    assert all(kind.about for kind in KINDS.values())


# --- sources ---


def test_rows_of_a_file_are_findings(tmp_path: Path) -> None:
    lines = [f"2024-01-{day:02},10,11,9,10.5,100" for day in range(1, 29)]
    lines[3] = "2024-01-04,10,8,9,10.5,100"
    lines[5] = "2024-01-06,10,11,n/a,10.5,100"
    lines[7], lines[8] = lines[8], lines[7]
    path = tmp_path / "X_1d.csv"
    path.write_text("Date,Open,High,Low,Close,Volume\n" + "\n".join(lines) + "\n")
    verdict = check(path)
    found = {one.name: one for one in verdict.findings}
    assert {"ohlc", "out_of_order"} <= found.keys()
    assert "row 4 (line 5)" in found["ohlc"].sentence
    # The bars remember what their source was like.
    assert {one.name for one in check(verdict.bars).findings} == found.keys()
    assert {one.name for one in check(eyas.bars(verdict.bars, symbol="Y")).findings} == found.keys()


# --- the hash ---


def test_the_hash_is_of_the_columns_whatever_their_source(tmp_path: Path) -> None:
    bars = clean("BTCUSDT 1m")[:500]
    frame = pl.DataFrame({**columns(bars), "time": pl.Series(bars.time).cast(pl.Datetime("ns", "UTC"))})
    frame.write_parquet(tmp_path / "x.parquet")
    frame.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(tmp_path / "x.csv")
    sources: list[Any] = [
        frame, pd.DataFrame(columns(bars)), columns(bars), tmp_path / "x.parquet", tmp_path / "x.csv", bars,
        eyas.bars(bars, symbol="Other"),
    ]  # fmt: skip
    assert {check(eyas.bars(source)).hash for source in sources} == {check(bars).hash}
    assert len(check(bars).hash) == 64


@settings(max_examples=40)
@given(data=st.data())
def test_one_changed_bit_changes_the_hash(data: st.DataObject) -> None:
    bars = clean("AAPL 1d")
    name = data.draw(st.sampled_from(bars.columns))
    row, bit = data.draw(st.integers(0, len(bars) - 1)), data.draw(st.integers(0, 62))
    changed = np.array(getattr(bars, name))
    changed.view(np.int64)[row] ^= np.int64(1 << bit)
    assert check(bars).hash != eyas.data.quality.verdict.hash_of(replace(bars, **{name: changed}))


def test_the_hash_knows_which_columns_there_are() -> None:
    bars = clean("AAPL 1d")
    zeros, nothing = np.zeros(len(bars)), np.full(len(bars), np.nan)
    others = [
        bars,
        bars[:-1],
        replace(bars, open=bars.close, close=bars.open),
        replace(bars, volume=zeros),
        replace(bars, volume=zeros, has_volume=False),
        replace(bars, given=nothing),
        replace(bars, funding=nothing),
    ]
    assert len({check(one).hash for one in others}) == len(others)
    assert check(replace(bars, volume=-zeros)).hash == check(replace(bars, volume=zeros)).hash
    strange = nothing.copy()
    strange.view(np.int64)[3] += 1  # also no number
    assert check(replace(bars, given=strange)).hash == check(replace(bars, given=nothing)).hash


# --- what is known is kept as long as the columns are ---


def test_the_same_columns_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = eyas.bars(columns(clean("AAPL 1d")))
    first = check(bars)
    monkeypatch.setattr(checks, "scan", None)  # a second look would fail
    again = check(eyas.bars(bars, symbol="Z"))
    assert (again.symbol, again.findings, again.facts) == ("Z", first.findings, first.facts)
    assert check(bars, levels={"splits": "fail"}).findings == first.findings
    with pytest.raises(TypeError):
        check(bars[1:])
    with pytest.raises(TypeError):
        check(bars, calendar="24/7")


def test_what_is_known_goes_with_the_columns() -> None:
    gc.collect()
    before = len(checks.known)
    bars = eyas.bars(columns(clean("AAPL 1d")))
    verdict = check(bars)
    assert len(checks.known) == before + 1
    del bars, verdict
    gc.collect()
    assert len(checks.known) == before
