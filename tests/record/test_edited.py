"""Records that a person, or somebody else's program, has changed are refused by member and field."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.journal import EVENT_DTYPE
from eyas.record.schema import AMOUNTS, COUNTS
from eyas.reports import Report
from tests.record.runs import RUNS, assert_same, saved
from tests.record.test_container import members_of, refused, with_manifest, zip_of

VALUES: tuple[Any, ...] = (
    None, -1, 10**30, 1e308, "x", "", [], {}, [1], {"a": 1}, True, {"float": "nan"}, {"float": []},
    {"decimal": "1e999999999"}, {"decimal": "zz"}, {"tuple": 3}, {"tuple": [None]}, "\ud800", "NaN", 2**63,
)  # fmt: skip


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return saved(RUNS["one instrument"](), tmp_path_factory.mktemp("edited")).read_bytes()


def used(path: Path) -> None:
    """Look at all that a report has."""
    report = eyas.open(path)
    _ = report.summary, report.trades, report.notes, report.as_json(), report.settings(), str(report)
    for mapping in (report.instruments, report.quality, report.finer, report.extra, report.indicators):
        for name in mapping:
            mapping[name]
    for symbol in report.steps or ():
        (report.steps or {})[symbol]
    assert report.origin is None or report.origin.digest is not None


def places_of(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every field of a manifest, of lists the first two."""
    if place:
        yield place
    inner: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        inner = list(range(min(len(value), 2)))
    for one in inner:
        if place or one != "members":
            yield from places_of(value[one], (*place, one))


@pytest.mark.parametrize("name", ["one instrument", "beside", "signals by symbol"])
def test_any_field_of_the_manifest_may_hold_anything(name: str, tmp_path: Path) -> None:
    path = saved(RUNS[name](), tmp_path)
    members = members_of(path.read_bytes())
    dice = random.Random(7)
    every = list(places_of(json.loads(members["run.json"])))
    assert len(every) > 140
    refusals = 0
    for place in dice.sample(every, 90):
        said: Any = json.loads(members["run.json"])
        inner = said
        for one in place[:-1]:
            inner = inner[one]
        value = dice.choice((*VALUES, del_of))
        if value is del_of:
            inner.pop(place[-1])
        else:
            inner[place[-1]] = value
        path.write_bytes(zip_of({**members, "run.json": json.dumps(said).encode()}))
        try:
            used(path)
        except eyas.DataError as error:
            assert "run.eyas" in str(error), (place, value)  # noqa: PT017 - it may, but need not raise
            refusals += 1
    assert refusals > 45


def del_of() -> None:
    """Stand for a field that is not there."""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda said: said.update(seed=-1),
            r"in its run\.json, seed is -1, but must be a whole number from 0",
        ),
        (lambda said: said["instruments"][0].update(rows=10**30), r"instruments\[0\]\.rows is 1000"),
        (lambda said: said["instruments"].clear(), "instruments is .*a list that is not empty"),
        (lambda said: said["instruments"].append(said["instruments"][0]), "two of its instruments"),
        (
            lambda said: said["instruments"][0]["quality"].pop("hash"),
            r"instruments\[0\]\.quality\.hash is missing",
        ),
        (
            lambda said: said["trade_figures"]["table"].update(trades={"float": "inf"}),
            r"trade_figures\.trades is inf",
        ),
        (
            lambda said: said["journal"].update(price_decimals=[8, 8, 8]),
            "has other symbols, or price_decimals",
        ),
        (lambda said: said["journal"].update(price_decimals=[400]), r"price_decimals\[0\] is 400"),
        (
            lambda said: said["rules"].update(cash={"decimal": "1e999999999"}),
            r"rules\.cash: '1e999999999' is too large",
        ),
        (
            lambda said: said["rules"].update(fee_rate={"decimal": "zz"}),
            r"rules\.fee_rate: 'zz' is no decimal",
        ),
        (
            lambda said: said["origin"].update(kind="pickle"),
            r"origin\.kind is 'pickle', but must be one of file",
        ),
        (
            lambda said: said["curve"].update(rows=3),
            r"its curve\.parquet has 120 rows of equity .* must have 3",
        ),
        (lambda said: said.update(clock=None), "clock is None, but must be text"),
        (lambda said: said.update(version="x"), "has no version"),
        (lambda said: said.update(version=-2), "has no version"),
        (lambda said: said.update(version=3, origin=[1]), "is a record of version 3, and this eyas reads"),
        (
            lambda said: said.update(members={"run.json": {"bytes": -(10**9), "sha256": ""}}),
            "does not say what run",
        ),
    ],
)
def test_a_field_that_cannot_be_is_named(
    change: Callable[[dict[str, Any]], object], sentence: str, record: bytes, tmp_path: Path
) -> None:
    refused(tmp_path, with_manifest(record, change), sentence)


def test_the_figures_of_a_run_are_those_that_a_record_must_have() -> None:
    assert set(RUNS["two bars"]().trade_figures) == {*AMOUNTS, *COUNTS}


def with_member(data: bytes, name: str, frame: pl.DataFrame) -> bytes:
    """Return a record with another member, by a person who knows how to hash."""
    members = members_of(data)
    file = io.BytesIO()
    frame.write_parquet(file)
    said = json.loads(members["run.json"])
    said["members"][name] = {
        "bytes": len(file.getvalue()),
        "sha256": hashlib.sha256(file.getvalue()).hexdigest(),
    }
    if name == "journal.parquet" and set(frame.columns) == set(EVENT_DTYPE.names or ()):
        records = np.empty(len(frame), EVENT_DTYPE)
        for column in frame.columns:
            if frame[column].dtype.is_integer():
                records[column] = frame[column].to_numpy()
        said["journal"].update(digest=hashlib.sha256(records.tobytes()).hexdigest(), events=len(records))
    return zip_of({**members, name: file.getvalue(), "run.json": json.dumps(said).encode()})


def of(column: str, value: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.lit(value, dtype=frame[column].dtype).alias(column))


def typed(column: str, kind: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.col(column).cast(kind))


@pytest.mark.parametrize(
    ("member", "change", "sentence"),
    [
        (
            "journal",
            of("kind", 99),
            r"an event that this eyas does not know: kind 99 in row 1 of its journal",
        ),
        ("journal", of("instrument", 7), "does not know: instrument 7 in row 1"),
        ("journal", lambda frame: frame.reverse(), r"journal\.parquet cannot be read .*row 1 has seq"),
        ("journal", of("ticket", 2**64 - 1), r"has ticket 18446744073709551615, which no run can have"),
        ("journal", of("time_ns", -(2**63)), "has time_ns -9223372036854775808"),
        (
            "journal",
            lambda frame: frame.with_columns(price=2**63 - 1, quantity=2**63 - 1),
            "its column price has larger",
        ),
        ("journal", of("profit_high", 2**63 - 1), "its column profit has larger amounts"),
        ("journal", typed("price", pl.Float64), "its column price is of float64, but must be of int64"),
        ("journal", lambda frame: frame.with_columns(mood=1), "has a journal of another version"),
        ("journal", lambda frame: frame.drop("fee_low"), "has a journal of another version"),
        ("curve", of("equity", float("nan")), r"curve\.parquet cannot be read.*row 1 has equity nan"),
        ("curve", of("equity", 1e308), "row 1 has equity 1e"),
        ("curve", typed("equity", pl.String), "its column equity is of object"),
        ("curve", lambda frame: frame.head(5), "has 5 rows of equity and 120 of time"),
        ("bars_0", lambda frame: frame.reverse(), r"the times in bars_0\.parquet do not rise"),
        ("bars_0", typed("close", pl.Float32), "its column close is of float32"),
        ("bars_0", of("high", float("inf")), "the column high has a value that is no price"),
        ("bars_0", lambda frame: frame.drop("low"), "bars_0"),
        ("notes", of("step", 10**6), "its column step must be from 0 to 119"),
        ("notes", lambda frame: frame.drop("values"), "its column values must be text"),
        ("notes", of("values", "[" * 10_000), r"notes\.parquet cannot be read"),
        ("indicators", lambda frame: frame.head(0).select([]), r"indicators\.parquet"),
    ],
)
def test_a_member_that_cannot_be_is_named(
    member: str, change: Callable[[pl.DataFrame], pl.DataFrame], sentence: str, record: bytes, tmp_path: Path
) -> None:
    name = f"{member}.parquet"
    frame = pl.read_parquet(io.BytesIO(members_of(record)[name]))
    path = tmp_path / "run.eyas"
    path.write_bytes(with_member(record, name, change(frame)))
    with pytest.raises(eyas.DataError, match=f"(?s){sentence}") as caught:
        used(path)
    assert "run.eyas" in str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run.eyas")
    with pytest.raises(eyas.UsageError, match="is a device, a pipe or a socket and no file"):
        eyas.open(tmp_path / "run.eyas")


def test_a_link_is_followed(record: bytes, tmp_path: Path) -> None:
    (tmp_path / "there.eyas").write_bytes(record)
    (tmp_path / "run.eyas").symlink_to("there.eyas")
    assert eyas.open(tmp_path / "run.eyas").summary.bars == 120
    (tmp_path / "round.eyas").symlink_to("round.eyas")
    with pytest.raises(eyas.UsageError, match="cannot be read"):
        eyas.open(tmp_path / "round.eyas")


def test_saving_over_a_record_that_is_open_leaves_what_was_opened(tmp_path: Path) -> None:
    before = RUNS["merged portfolio"]()
    path = saved(before, tmp_path)
    opened = eyas.open(path)  # nothing of its bars has been read yet
    saved(RUNS["one instrument"](), tmp_path)
    assert_same(opened, before)
    opened.save(path)  # and back, over what is now there
    assert_same(eyas.open(path), before)


def test_of_concurrent_saves_one_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.eyas"
    reports = [RUNS["one instrument"](), RUNS["merged portfolio"]()]
    reports[0].save(path)

    def save_often(report: Report) -> None:
        for _ in range(8):
            report.save(path)

    with ThreadPoolExecutor(2) as pool:
        saving = [pool.submit(save_often, report) for report in reports]
        while not all(one.done() for one in saving):
            assert eyas.open(path).journal.digest in {report.journal.digest for report in reports}
        for one in saving:
            one.result()
    assert [one.name for one in tmp_path.iterdir()] == ["run.eyas"]
