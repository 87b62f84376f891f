"""A file that is no record, is damaged, newer or malicious is refused by name, and nothing else happens."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.reports.saving.container import write_zip
from tests.record.runs import RUNS, assert_same, saved


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return saved(RUNS["merged portfolio"](), tmp_path_factory.mktemp("record")).read_bytes()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def zip_of(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    write_zip(file, members)
    return file.getvalue()


def with_manifest(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a record whose manifest was changed by a person who knows how."""
    members = members_of(data)
    said = json.loads(members["run.json"])
    change(said)
    return zip_of({**members, "run.json": json.dumps(said).encode()})


def refused(folder: Path, data: bytes, sentence: str) -> None:
    path = folder / "run.eyas"
    path.write_bytes(data)
    with pytest.raises(eyas.DataError, match=sentence):
        eyas.open(path)
    assert [one.name for one in folder.iterdir()] == ["run.eyas"]


def test_a_flipped_byte_in_any_member_is_refused_naming_it(record: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(record)) as whole:
        infos = whole.infolist()
    assert len(infos) > 8
    for info in infos:
        begin = info.header_offset + 30 + len(info.filename)
        for place in (begin, begin + info.file_size // 2, begin + info.file_size - 1):
            data = bytearray(record)
            data[place] ^= 1
            refused(tmp_path, bytes(data), f"run.eyas is damaged in its member {info.filename}")


@given(drawn=st.data())
def test_any_flipped_byte_is_refused_or_harmless(
    record: bytes, tmp_path_factory: pytest.TempPathFactory, drawn: st.DataObject
) -> None:
    # Half of them among the directory at the end, where a zip keeps what a reader goes by.
    places = st.integers(0, len(record) - 1) | st.integers(record.index(b"PK\x01\x02"), len(record) - 1)
    place, bit = drawn.draw(places), drawn.draw(st.integers(0, 7))
    flipped = bytearray(record)
    flipped[place] ^= 1 << bit
    path = tmp_path_factory.mktemp("flipped") / "run.eyas"
    path.write_bytes(flipped)
    try:
        found = eyas.open(path)
    except eyas.DataError as error:
        assert "run.eyas" in str(error)  # noqa: PT017 - it may, but need not raise
    else:
        assert_same(found, RUNS["merged portfolio"]())  # a date, or who may read it when it is unpacked


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
def test_a_truncated_record_is_refused(share: float, record: bytes, tmp_path: Path) -> None:
    refused(tmp_path, record[: int(len(record) * share)], "run.eyas is damaged or cut short")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "run.eyas is empty: a record is what report.save"),
        (b"PK", "run.eyas is no record of a run"),
        (b"time,open,high,low,close\n", "run.eyas is no record of a run"),
        (zip_of({"prices.csv": b"1"}), "is a zip, but no record of a run: it has no run.json"),
        (zip_of({"run.json": b"{}"}), "its run.json is of another format"),
        (zip_of({"run.json": b"[]"}), "its run.json is of another format"),
        (zip_of({"run.json": b"["}), "its run.json is no JSON"),
        (zip_of({"run.json": b"[" * 100_000}), "its run.json is no JSON"),
        (zip_of({"run.json": b'{"format": "eyas run", "version": 1}'}), "lists no members"),
        (
            zip_of({"run.json": b'{"format": "eyas run", "version": 1, "members": {}}'}),
            r"in its run\.json, strategy is missing",
        ),
    ],
)
def test_what_is_no_record_is_refused(data: bytes, sentence: str, tmp_path: Path) -> None:
    refused(tmp_path, data, sentence)


def test_a_record_of_a_newer_version_is_refused(record: bytes, tmp_path: Path) -> None:
    newer = with_manifest(record, lambda said: said.update(version=2))
    refused(
        tmp_path, newer, r"is a record of version 2, of eyas 0\.1\.0, and this eyas reads version 1: update"
    )
    rule = with_manifest(record, lambda said: said["rules"].update(tide=1))
    refused(tmp_path, rule, "has a rule tide, which this eyas does not know: open it with eyas 0")
    older = with_manifest(record, lambda said: said["rules"].pop("fee_minimum"))
    (tmp_path / "run.eyas").write_bytes(older)
    assert_same(eyas.open(tmp_path / "run.eyas"), RUNS["merged portfolio"]())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda said: said["members"].pop("journal.parquet"), "has no member journal.parquet"),
        (lambda said: said["members"].update({"more": {"bytes": 1, "sha256": "00"}}), "more is missing"),
        (lambda said: said["members"].update({"more.parquet": 3}), "not as eyas writes it|damaged"),
        (lambda said: said["members"]["journal.parquet"].update(bytes=10**12), "are longer than it is"),
        (lambda said: said["journal"].update(digest="00"), "its journal has another digest"),
        (lambda said: said["journal"].update(events=3), "its journal has another digest"),
        (lambda said: said["journal"].update(events=10**15), "its journal has another digest"),
        (lambda said: said["journal"].update(member="bars_0.parquet"), "journal of another version of eyas"),
        (lambda said: said["rules"].update(fee_rate=[]), "its run.json cannot be read"),
        (lambda said: said.update(curve=None), "in its run.json, curve is None, but must be an object"),
        (lambda said: said.update(parameters={"pickle": "x"}), "of the kind pickle is not known"),
    ],
)  # fmt: skip
def test_a_manifest_that_does_not_fit_is_refused(
    change: Callable[[dict[str, Any]], object], sentence: str, record: bytes, tmp_path: Path
) -> None:
    refused(tmp_path, with_manifest(record, change), sentence)


def test_bars_that_do_not_fit_are_refused_when_they_are_read(record: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.eyas"
    path.write_bytes(with_manifest(record, lambda said: said["instruments"][0]["bars"].update(rows=3)))
    report = eyas.open(path)
    with pytest.raises(eyas.DataError, match=r"its bars_0\.parquet cannot be read"):
        _ = report.summary


def test_names_that_lead_elsewhere_are_never_written(record: bytes, tmp_path: Path) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    evil = {"../../evil.py": b"raise SystemExit", "/tmp/eyas_evil.py": b"", "code_0.py/../x": b""}
    path = inside / "run.eyas"
    path.write_bytes(zip_of({**members_of(record), **evil}))
    assert_same(eyas.open(path), RUNS["merged portfolio"]())
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a", "b", "run.eyas"]
    assert not Path("/tmp/eyas_evil.py").exists()


def test_nothing_compressed_is_read(record: bytes, tmp_path: Path) -> None:
    """A zip bomb is a compressed member; there are none in a record."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, data in members_of(record).items():
            whole.writestr(name, data)
    refused(tmp_path, file.getvalue(), "was not written by eyas: its member run.json is compressed")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as whole:
        for name, data in members_of(record).items():
            kind = zipfile.ZIP_DEFLATED if name == "bars_0.parquet" else zipfile.ZIP_STORED
            whole.writestr(zipfile.ZipInfo(name), data, kind)
    refused(tmp_path, file.getvalue(), "its member bars_0.parquet is compressed")


def test_a_member_that_is_there_twice_is_refused(record: bytes, tmp_path: Path) -> None:
    file = io.BytesIO(record)
    with zipfile.ZipFile(file, "a") as whole, pytest.warns(UserWarning, match="Duplicate name"):
        whole.writestr("curve.parquet", members_of(record)["curve.parquet"])
    refused(tmp_path, file.getvalue(), "its member curve.parquet is missing, or there twice")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "the path of a record is ''"),
        (7, "the path of a record is 7"),
        ("nowhere.eyas", "there is no file nowhere.eyas; it was looked for in"),
        (".", r"\. is a folder: name the file in it"),
        ("x" * 5000, "cannot be read .*too long"),
    ],
)
def test_a_path_that_is_no_file_is_refused(
    path: Any, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(eyas.UsageError, match=sentence):
        eyas.open(path)


def test_a_record_may_be_replaced_while_its_report_is_read(record: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.eyas"
    path.write_bytes(record)
    report = eyas.open(path)
    path.unlink()
    assert_same(report, RUNS["merged portfolio"]())


def test_damage_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "run.eyas"
    path.write_bytes(zip_of({"a": b"b"}))
    with pytest.raises(eyas.DataError) as caught:
        eyas.open(path)
    assert str(caught.value) == f"{path} is a zip, but no record of a run: it has no run.json"
