"""JSON Lines: exact, one object a line for every reader, appended whole or not at all."""

from __future__ import annotations

import fcntl
import io
import json
import math
import os
import threading
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import DataError, UsageError
from eyas.reports.text import append_json_lines, json_line, json_lines, write_json_lines

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(exclude_categories=["Cs"])),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


class Side(Enum):
    LONG = "long"


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES))
def test_what_is_written_is_read_back(row: dict[str, Any]) -> None:
    written = json_line(row)
    assert json.loads(written) == json.loads(json.dumps(row))
    assert len(written.splitlines()) == 1  # also for a reader that knows more ends of a line than JSON


@given(st.decimals(allow_nan=False, allow_infinity=False, places=16))
def test_decimals_keep_every_digit(value: Decimal) -> None:
    assert json.loads(json_line({"x": value}), parse_float=Decimal, parse_int=Decimal)["x"] == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, "null"),
        (math.inf, "null"),
        (np.float64("-inf"), "null"),
        (Decimal("NaN"), "null"),
        (np.datetime64("NaT"), "null"),
        (0.1, "0.1"),
        (np.float64(0.1), "0.1"),
        (np.int64(7), "7"),
        (np.bool_(1), "true"),
        (2**70, str(2**70)),
        (np.datetime64(1, "ns"), '"1970-01-01T00:00:00.000000001Z"'),
        (np.timedelta64(2, "us"), "2000"),
        (timedelta(milliseconds=3), "3000000"),
        (np.array([1.0, math.nan]), "[1.0,null]"),
        ((1, "a"), '[1,"a"]'),
        ({"b", "a"}, '["a","b"]'),
        (Side.LONG, '"long"'),
        (Path("a/b"), '"a/b"'),
        ("\ud800", '"?"'),
        ({"deep": {"er": math.nan}}, '{"deep":{"er":null}}'),
    ],
)
def test_values(value: Any, written: str) -> None:
    assert json_line({"x": value}) == f'{{"x":{written}}}'


def test_what_json_cannot_hold_is_named() -> None:
    with pytest.raises(UsageError, match=r"deep.x is of type object, which JSON cannot hold"):
        json_line({"deep": {"x": object()}})


def test_the_envelope_of_an_event_can_be_written() -> None:
    event = {"reportName": "backtest", "data": {"pnl": 1.5, "note": None}, "timestamp": 1_600_000_000_000}
    assert json.loads(json_line(event)) == event


def test_a_file_is_read_by_polars(tmp_path: Path) -> None:
    rows = [{"name": f"{place}\u2028|", "value": None if place % 3 else place / 7} for place in range(1000)]
    path = write_json_lines(rows, tmp_path / "x.jsonl")
    assert pl.read_ndjson(path).to_dicts() == rows
    append_json_lines(rows, path)
    assert pl.read_ndjson(path).to_dicts() == rows * 2


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("kept\n")
    with pytest.raises(UsageError):
        write_json_lines(iter([{"a": 1}, {"a": object()}]), path)
    with pytest.raises(UsageError):
        append_json_lines(iter([{"a": 1}, {"a": object()}]), path)
    assert path.read_text() == "kept\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = append_json_lines([{"a": 1}], tmp_path / "x.jsonl")
    real = os.write
    calls: list[int] = []

    def some(descriptor: int, data: memoryview) -> int:
        calls.append(len(data))
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(json_lines.os, "write", some)
    with pytest.raises(UsageError, match="No space left on device"):
        append_json_lines([{"a": place} for place in range(100)], path)
    assert len(calls) == 2
    assert path.read_text() == '{"a":1}\n'


def test_a_write_in_pieces_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(json_lines.os, "write", lambda descriptor, data: real(descriptor, data[:7]))
    rows = [{"a": place} for place in range(50)]
    path = append_json_lines(rows, tmp_path / "x.jsonl")
    monkeypatch.undo()
    assert pl.read_ndjson(io.BytesIO(path.read_bytes())).to_dicts() == rows


def test_a_torn_line_is_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"a":1}\n{"a":')
    with pytest.raises(DataError, match=r"x.jsonl ends in the middle of a line"):
        append_json_lines([{"a": 2}], path)
    assert path.read_text() == '{"a":1}\n{"a":'


def test_writers_side_by_side_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"

    def write(name: str) -> None:
        for _ in range(20):
            append_json_lines([{"writer": name, "place": place} for place in range(25)], path)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = pl.read_ndjson(path)
    assert len(found) == 3 * 20 * 25
    assert found["place"].to_list() == list(range(25)) * 60  # each append is in one piece


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    for write in (write_json_lines, append_json_lines):
        with pytest.raises(UsageError, match="there is no folder"):
            write([], tmp_path / "none" / "x.jsonl")
        with pytest.raises(UsageError, match=r"is a folder|cannot be written"):
            write([], tmp_path)


def test_nobody_else_may_write_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jsonl"
    real = os.write
    asked: list[bool] = []

    def write(descriptor: int, data: memoryview) -> int:
        with path.open("ab") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        asked.append(True)
        return real(descriptor, data)

    monkeypatch.setattr(json_lines.os, "write", write)
    append_json_lines([{"a": 1}], path)
    assert asked == [True]
    with path.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)  # and afterwards anybody may
