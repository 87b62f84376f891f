"""A bad row stops nothing: it is counted, kept aside and explained, and every good row arrives."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eyas.data import bars
from eyas.data.reading import Reading, read
from eyas.errors import DataError
from eyas.model import Bars, iso

HEADER = "time,open,high,low,close,volume\n"
FIELDS = ("time", "open", "high", "low", "close", "volume")
START = 1_704_067_200  # 2024-01-01
BAD = {
    "{},x,12,9,11,5": "not_a_number",
    "{},10,12,9,1_1,5": "not_a_number",
    "{},10,12,9,,5": "missing",
    "{},10,12,9": "missing",
    "{},10,nan,9,11,5": "missing",
    "{},10,null,9,11,5": "missing",
    "{},10,12,-9,11,5": "not_above_zero",
    "{},10,12,0,11,5": "not_above_zero",
    "{},10,12e10,9,11,5": "too_large",
    "{},10,8,9,9,5": "ohlc",
    "{},13,12,9,11,5": "ohlc",
    "{},10,12,9,11,-5": "volume",
    "{},10,12,9,11,": "missing",
    "{},1,010,12,9,11,5": "columns",
    "yesterday,10,12,9,11,5": "bad_time",
    ",10,12,9,11,5": "missing",
    "9999999,10,12,9,11,5": "bad_time",
    '{},10,12,9,11,"5,1': "not_a_number",  # a quote that never ends spoils its own line alone
}


def same(one: Bars, two: Bars) -> bool:
    return all(np.array_equal(getattr(one, field), getattr(two, field)) for field in FIELDS)


def wrote(folder: str | Path, text: str, name: str = "ACME_1m.csv") -> Path:
    path = Path(folder) / name
    path.write_bytes(text.encode())
    return path


@given(st.lists(st.sampled_from(["good", "blank", *BAD]), min_size=1, max_size=40))
def test_good_rows_arrive_and_bad_ones_are_named_with_their_lines(kinds: list[str]) -> None:
    kinds = ["good", *kinds, "good"] + ["good"] * kinds.count("9999999,10,12,9,11,5")
    lines, closes, expected = [], [], []
    for at, kind in enumerate(kinds):
        if kind == "good":
            lines.append(f"{START + at * 60},10,12,9,{10 + at / 64},{at}")
            closes.append(10 + at / 64)
        else:
            lines.append("" if kind == "blank" else kind.format(START + at * 60))
            if kind != "blank":
                expected.append((at + 2, BAD[kind], lines[-1]))
    with TemporaryDirectory() as folder:
        found = read(wrote(folder, HEADER + "\n".join(lines) + "\n"))
    assert found.bars.close.tolist() == closes
    assert [(one.line, one.fault, one.raw) for one in found.rejects] == expected
    assert found.rows == len(closes) + len(expected)
    assert found.counts == Counter(fault for _, fault, _ in expected)


@st.composite
def clean(draw: st.DrawFn) -> pl.DataFrame:
    count = draw(st.integers(1, 30))
    four = draw(
        st.lists(st.lists(st.floats(1e-6, 1e6), min_size=4, max_size=4), min_size=count, max_size=count)
    )
    sorted_four = np.sort(np.array(four), axis=1)
    steps = draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count))
    prices = {"open": sorted_four[:, 1], "high": sorted_four[:, 3], "low": sorted_four[:, 0]}
    volume = draw(st.lists(st.floats(0, 1e9), min_size=count, max_size=count))
    time = (np.cumsum(steps) + START) * 1000
    return pl.DataFrame({"time": time, **prices, "close": sorted_four[:, 2], "volume": volume})


@settings(max_examples=settings().max_examples // 2)  # each goes through six files and frames
@given(clean())
def test_the_strict_door_and_the_lenient_one_agree_on_clean_data(frame: pl.DataFrame) -> None:
    with TemporaryDirectory() as folder:
        frame.write_csv(Path(folder) / "a.csv")
        frame.write_parquet(Path(folder) / "a.parquet")
        frame.with_columns(pl.col("time").cast(pl.Datetime("ms"))).write_csv(Path(folder) / "b.csv")
        sources = [Path(folder) / name for name in ("a.csv", "a.parquet", "b.csv")]
        for source in (
            *sources,
            frame,
            frame.to_dict(as_series=False),
            pd.DataFrame(frame.to_dict(as_series=False)),
        ):
            strict, found = bars(source), read(source)
            assert same(strict, found.bars)
            assert (strict.symbol, strict.timeframe) == (found.bars.symbol, found.bars.timeframe)
            assert (found.rejects, dict(found.counts), found.kept) == ((), {}, len(frame))
            assert same(strict, read(source, strict=True).bars)


@given(st.data())
def test_what_the_strict_door_takes_the_lenient_one_takes_too(data: st.DataObject) -> None:
    good = f"{HEADER}2024-01-01,1,2,1,2,5\n2024-01-02 00:00:00Z,1,2,1,2,5\n"
    spoilt = list(good)
    junk = st.sampled_from([*"\n\r,;\t'#-+.:eEZ0123456789 \0é", "", "nan", "\ufeff", "9" * 30])
    for _ in range(data.draw(st.integers(0, 6))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(junk)
    with TemporaryDirectory() as folder:
        path = wrote(folder, "".join(spoilt), "a.csv")
        try:
            strict = bars(path)
        except DataError:
            strict = None
        try:
            found = read(path).bars
        except DataError:
            found = None
    if strict is not None:
        assert found is not None
        assert same(strict, found)


def test_rows_out_of_order_are_sorted_in_and_times_twice_are_told_apart(tmp_path: Path) -> None:
    rows = [
        "2024-01-01,10,12,9,11,5",
        "2024-01-03,10,12,9,11,5",
        "2024-01-02,10,12,9,10,5",  # late
        "2024-01-03,10,12,9,11,5",  # the same again
        "2024-01-04,10,12,9,11,5",  # replaced by the next
        "2024-01-04,10,12,9,10.5,5",
    ]
    found = read(wrote(tmp_path, HEADER + "\n".join(rows)))
    assert found.bars.close.tolist() == [11.0, 10.0, 11.0, 10.5]
    assert dict(found.counts) == {"conflicting": 1, "duplicate": 1, "out_of_order": 1}
    (reject,) = found.rejects
    assert (reject.row, reject.line, reject.time, reject.raw) == (5, 6, "2024-01-04", rows[4])
    assert str(reject) == (
        f"{reject.file} row 5 (line 6): time is the same as in row 6, where close is 10.5 and not 11. "
        "The last one is kept: drop it from the source if it is the wrong one."
    )


def test_rows_newest_first_are_turned_round_and_not_counted_late(tmp_path: Path) -> None:
    rows = [f"2024-01-{day:02},10,12,9,11,{day}" for day in range(9, 0, -1)]
    found = read(wrote(tmp_path, HEADER + "\n".join(rows), "ACME_1d.csv"))
    assert found.bars.volume.tolist() == list(range(1, 10))
    assert (dict(found.counts), found.notes) == ({}, ("the rows run newest first: they were turned round",))


def test_overlapping_files_are_one_series(tmp_path: Path) -> None:
    wrote(tmp_path, f"{HEADER}2024-01-03,10,12,9,11,5\n2024-01-04,10,12,9,11,5\n", "ACME_1d_b.csv")
    wrote(tmp_path, f"{HEADER}2024-01-04,10,12,9,10,5\n2024-01-05,10,12,9,11,5\n", "ACME_1d_a.csv")
    wrote(tmp_path, "", "ACME_1d_c.csv")
    found = read(tmp_path)
    assert (len(found.bars), found.rows, dict(found.counts)) == (3, 4, {"conflicting": 1, "file": 1})
    assert found.bars.close.tolist() == [11.0, 10.0, 11.0]
    assert (
        found.rejects[0].sentence
        == f"{tmp_path}/ACME_1d_c.csv is empty. It needs a header and a row for each bar."
    )
    assert f"is the same as in {tmp_path}/ACME_1d_a.csv row 1 (line 2)" in found.rejects[1].sentence


def test_a_file_of_which_nothing_can_be_made_stops_no_other(tmp_path: Path) -> None:
    wrote(tmp_path, f"{HEADER}2024-01-03,10,12,9,11,5\n", "ACME_1d.csv")
    columns = {name: [1.0] for name in ("open", "high", "low", "close")}
    pl.DataFrame({"time": [True], **columns}).write_parquet(tmp_path / "ACME_1d.parquet")
    found = read(tmp_path)
    assert (len(found.bars), dict(found.counts)) == (1, {"file": 1})
    assert "the column time holds Boolean, not times" in found.rejects[0].sentence
    (tmp_path / "ACME_1d.csv").unlink()
    with pytest.raises(DataError, match="the column time holds Boolean, not times"):
        read(tmp_path)


def test_volume_that_not_every_file_has_is_nobodys(tmp_path: Path) -> None:
    wrote(tmp_path, f"{HEADER}2024-01-03,10,12,9,11,5\n", "ACME_1d_a.csv")
    wrote(tmp_path, "time,open,high,low,close\n2024-01-04,10,12,9,11\n", "ACME_1d_b.csv")
    found = read(tmp_path)
    assert (found.bars.has_volume, found.bars.volume.tolist()) == (False, [5.0, 0.0])
    assert found.notes == ("not every file has a volume: the bars count as having none",)


def test_strict_is_the_error_of_the_strict_door(tmp_path: Path) -> None:
    rows = "2024-01-01,10,12,9,11,5\n2024-01-02,10,x,9,11,5\n2024-01-03,10,12,9,11,5\n"
    path = wrote(tmp_path, HEADER + rows)
    with pytest.raises(DataError) as strict:
        bars(path)
    with pytest.raises(DataError) as lenient:
        read(path, strict=True)
    assert str(lenient.value) == str(strict.value)
    late = wrote(tmp_path, f"{HEADER}2024-01-02,10,12,9,11,5\n2024-01-01,10,12,9,11,5\n", "late.csv")
    with pytest.raises(DataError, match=r"row 2 .*time is earlier than 2024-01-02T00:00:00Z in row 1"):
        read(late, strict=True)
    one = wrote(tmp_path, f"{HEADER}2024-01-01,10,12,9,11,5\n2024-01-03,10,12,9,11,5\n", "one.csv")
    two = wrote(tmp_path, f"{HEADER}2024-01-02,10,12,9,11,5\n", "late.csv")
    with pytest.raises(DataError, match=r"late\.csv begins at 2024-01-02T00:00:00Z, before .* ends at"):
        read([one, two], strict=True)


def test_a_file_without_one_good_row_gives_no_bars(tmp_path: Path) -> None:
    found = read(wrote(tmp_path, f"{HEADER}x,1,1,1,1,1\ny,1,1,1,1,1\n"))
    assert (len(found.bars), found.rows, dict(found.counts)) == (0, 2, {"bad_time": 2})
    assert len(read(wrote(tmp_path, HEADER)).bars) == 0
    with pytest.raises(DataError, match="has no column for close"):
        read(wrote(tmp_path, "time,open,high,low,price\n2024-01-01,1,1,1,1\n"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_quotes_and_separators_in_them(tmp_path: Path, separator: str) -> None:
    rows = [
        "time,open,high,low,close,volume",
        '"2024-01-01","10","12","9","11","5"',
        "2024-01-02,10,12,9,11,5",
    ]
    text = (
        "\n".join(rows).replace(",", separator) + f'\n2024-01-03{separator}"1{separator}0"{separator}12\nx\n'
    )
    found = read(wrote(tmp_path, text))
    assert found.bars.open.tolist() == [10.0, 10.0]
    assert [(one.line, one.time) for one in found.rejects] == [(4, "2024-01-03"), (5, "x")]


def test_a_line_break_in_quotes_shifts_no_line_number(tmp_path: Path) -> None:
    text = (
        HEADER.replace("\n", ",note\n") + '2024-01-01,10,12,9,11,5,"two\nlines"\n2024-01-02,13,12,9,11,5,x\n'
    )
    found = read(wrote(tmp_path, text))
    assert len(found.bars) == 1
    assert [(one.line, one.fault) for one in found.rejects] == [(3, "bad_time"), (4, "ohlc")]


def test_frames_know_their_rows() -> None:
    days = ["2024-01-01", "2024-01-02", None]
    frame = pl.DataFrame({"time": days, "o": [1, 2, 3], "h": [2, 1, 3], "l": [1, 1, 1], "c": [1, 1, 2]})
    plain = frame.to_dict(as_series=False)
    for source in (frame, pd.DataFrame(plain), plain):
        found = read(source)
        assert [(one.row, one.line, one.fault) for one in found.rejects] == [
            (2, 0, "ohlc"),
            (3, 0, "missing"),
        ]
        assert found.rejects[0].raw == "2024-01-02,2,1,1,1"
    indexed = pd.DataFrame(frame.head(2).to_dict(as_series=False)).set_index("time")
    indexed.index = pd.DatetimeIndex(indexed.index)
    assert len(read(indexed).bars) == 1


def test_a_reading_prints_for_people_and_writes_its_rejects(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-{day:02},10,{'x' if day > 3 else 12},9,11,5\n" for day in range(1, 11))
    found = read(wrote(tmp_path, HEADER + rows))
    shown = repr(found)
    assert shown.splitlines()[0] == repr(found.bars)
    assert "10 rows read, 3 kept, 7 put aside; dialect usual, times UTC" in shown
    assert re.search(r"^  not_a_number +7  text where a number should be$", shown, re.MULTILINE)
    assert "… and 2 more: reading.rejects, or reading.write_rejects(path)" in shown
    path = found.write_rejects(tmp_path / "rejects.csv")
    with path.open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [int(one["line"]) for one in written] == [5, 6, 7, 8, 9, 10, 11]
    assert written[0]["raw"] == "2024-01-04,10,x,9,11,5"
    assert written[0]["fault"] == "not_a_number"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ACME_1m.csv", "rejects.csv"]


def test_half_a_file_of_rejects_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Reading = read(wrote(tmp_path, f"{HEADER}x,1,1,1,1,1\n"))
    target = tmp_path / "rejects.csv"
    target.write_text("old")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="full"):
        found.write_rejects(target)
    assert target.read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ACME_1m.csv", "rejects.csv"]


def test_a_time_twice_of_which_one_has_a_given_price_is_a_conflict() -> None:
    prices = {name: [10.0] * 4 for name in ("open", "high", "low", "close")}
    days = ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-02"]
    found = read({"time": days, **prices, "vwap": [None, 10.0, None, None]})
    assert dict(found.counts) == {"conflicting": 1, "duplicate": 1}
    assert found.rejects[0].sentence.startswith(
        "time is the same as in row 2, where given is 10 and not empty."
    )


@pytest.mark.parametrize(
    ("fault", "name", "lines"),
    [
        ("duplicate", "duplicate", []),
        ("NaN", "missing", [4]),
        ("reorder", "out_of_order", []),
        ("wrong zone", "local_time", [4]),
        ("open-time stamp", "", []),
    ],
)
def test_the_seeded_faults_that_reading_can_see(
    tmp_path: Path, fault: str, name: str, lines: list[int]
) -> None:
    rows = [f"2024-03-10 {hour:02}:30,10,12,9,11,5" for hour in range(6)]
    if fault == "duplicate":
        rows.insert(2, rows[2])
    elif fault == "NaN":
        rows[2] = "2024-03-10 02:30,10,nan,9,11,5"
    elif fault == "reorder":
        rows[2], rows[3] = rows[3], rows[2]
    zone = "America/New_York" if fault == "wrong zone" else None
    stamp = "close" if fault == "open-time stamp" else None
    found = read(wrote(tmp_path, HEADER + "\n".join(rows)), time_zone=zone, stamp=stamp, timeframe="1h")
    assert dict(found.counts) == ({name: 1} if name else {})
    assert [one.line for one in found.rejects] == lines
    if stamp == "close":
        assert iso(found.bars.time[0]) == "2024-03-09T23:30:00Z"
        assert "stamped at the close" in repr(found)
