"""A file that is not what was written is found and named, with what to do."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import polars as pl
import pytest

from eyas.data.catalog import Catalog
from eyas.errors import DataError, UsageError
from tests.data.catalog.made import DAY, alike, bars, books, trades


@pytest.fixture
def full(tmp_path):
    """Return a catalog with every kind of file in it."""
    catalog = Catalog(tmp_path)
    catalog.add(bars(3, "1m", step=31 * DAY, symbol="A"), venue="v", rejects=[{"row": 1}])
    catalog.add(bars(3, "1m", step=31 * DAY, symbol="A", shift=1), venue="v")
    catalog.add(bars(3, symbol="M"), venue="v", format="mapped")
    catalog.add(trades(3), venue="v")
    catalog.add(books(3), venue="v")
    assert catalog.verify() == ()
    return catalog


def files(root):
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name != ".lock")


def test_every_flipped_byte_is_found(full, tmp_path):
    kinds = set()
    for path in files(tmp_path):
        kinds.add(path.name.split(".")[-1])
        data = path.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 23)):
            path.write_bytes(data[:place] + bytes([data[place] ^ 0x81]) + data[place + 1 :])
            found = full.verify()
            assert [one.file for one in found] == [str(path)], place
            assert found[0].fault
            assert found[0].remedy.endswith(".")
        path.write_bytes(data)
    assert kinds == {"parquet", "npy", "json", "jsonl"}
    assert full.verify() == ()


def test_every_truncated_missing_and_foreign_file_is_found(full, tmp_path):
    for path in files(tmp_path):
        data = path.read_bytes()
        for wrong in (b"", data[:-1], data[: len(data) // 2], data + b"\0", b"foreign" * 50):
            path.write_bytes(wrong)
            assert [one.file for one in full.verify()] == [str(path)]
        path.unlink()
        if path.name != "manifest.json":
            found = full.verify()
            assert [(one.file, one.fault) for one in found] == [(str(path), "is missing")]
        path.write_bytes(data)
    assert full.verify() == ()


@pytest.mark.parametrize("symbol", ["A", "M"])
def test_loading_refuses_a_file_that_cannot_be_read(full, tmp_path, symbol):
    path = next(one for one in files(tmp_path / "v" / symbol) if one.suffix in (".parquet", ".npy"))
    if path.name.startswith("revisions"):
        path = files(path.parent)[0]
    data = path.read_bytes()
    for wrong in (b"", data[: len(data) // 2], b"foreign" * 50):
        path.write_bytes(wrong)
        with pytest.raises(DataError, match=r"cannot be read: .* Import the data") as caught:
            full.load(symbol, "1m")
        assert str(path) in str(caught.value)
        with pytest.raises(DataError):
            full.add(bars(1, symbol=symbol, shift=3), venue="v")
    path.write_bytes(data)
    assert len(full.load(symbol, "1m")) == 3


def test_loading_refuses_the_file_of_another_series(full, tmp_path):
    full.add(bars(2, "1m", step=31 * DAY, symbol="B"), venue="v")
    full.add(bars(3, "1m", step=31 * DAY, symbol="C", start=bars(1).time[0] + DAY), venue="v")
    target = next((tmp_path / "v/A").rglob("2024-01.*"))
    whole = target.read_bytes()
    for symbol, fault in (("C", "begins or ends at another time"), ("BTCUSDT", "cannot be read")):
        other = next(path for path in (tmp_path / "v" / symbol).rglob("2024-01*.parquet"))
        shutil.copy(other, target)
        with pytest.raises(DataError, match=fault) as caught:
            full.load("A", "1m")
        assert str(target) in str(caught.value)
    target.write_bytes(whole)
    shutil.copy(next((tmp_path / "v/M").rglob("*.npy")), target)
    with pytest.raises(DataError, match="cannot be read"):
        full.load("A", "1m")


def test_loading_refuses_columns_of_another_type(full, tmp_path):
    target = next((tmp_path / "v/A").rglob("2024-01.*"))
    frame = pl.read_parquet(target)
    for wrong, fault in (
        (frame.with_columns(pl.col("close").cast(pl.Float32)), "holds float32 as close"),
        (frame.with_columns(close=pl.lit(None, pl.Float64)), "has no value in some rows of close"),
        (pl.concat((frame, frame)), "has 2 rows where the manifest says 1"),
        (frame.clear(), "has 0 rows where the manifest says 1"),
        (frame.drop("volume"), "cannot be read"),
    ):
        wrong.write_parquet(target)
        with pytest.raises(DataError, match=fault) as caught:
            full.load("A", "1m")
        assert str(target) in str(caught.value)


def test_a_manifest_of_a_newer_eyas_is_refused(full, tmp_path):
    path = tmp_path / "v/A/1m/manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    with pytest.raises(DataError, match=r"has the format 2, made by a newer eyas\. Update eyas"):
        full.load("A", "1m")


@pytest.mark.parametrize(
    ("old", "new"), [('"unknown"', '"raw"'), ('"rows": 1,', '"rows": 2,'), ('"v"', '"w"')]
)
def test_a_manifest_that_somebody_edited_is_refused(full, tmp_path, old, new):
    path = tmp_path / "v/A/1m/manifest.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=r"manifest\.json is damaged: it does not match its own checksum"):
        full.load("A", "1m", venue="v")
    assert [one.file for one in full.verify()] == [str(path)]


def test_a_manifest_in_the_wrong_folder_is_refused(full, tmp_path):
    shutil.copytree(tmp_path / "v/A", tmp_path / "v/Z")
    with pytest.raises(DataError, match="belongs into the folder v/A/1m"):
        full.load("Z", "1m")
    assert [one.file for one in full.verify()] == [str(tmp_path / "v/Z/1m/manifest.json")]


def test_what_is_removed_and_imported_again_is_whole(full, tmp_path):
    path = next((tmp_path / "v/A").rglob("2024-01.*"))
    path.write_bytes(b"")
    full.remove("A", "1m")
    with pytest.raises(UsageError):
        full.load("A", "1m")
    given = bars(3, "1m", step=31 * DAY, symbol="A")
    full.add(given, venue="v")
    assert alike(full.load("A", "1m"), given)
    assert full.verify() == ()


def test_what_was_kept_aside_and_is_gone_is_said(tmp_path):
    catalog = Catalog(tmp_path)
    catalog.add(bars(10), venue="v", rejects=[{"row": 1}])
    catalog.add(replace(bars(10), volume=bars(10).volume + 1), venue="v")
    for path in (*tmp_path.rglob("revisions.*"), *tmp_path.rglob("rejects.*")):
        path.write_bytes(b"\xff")
    for read in (catalog.revisions, catalog.rejects):
        with pytest.raises(
            DataError, match=r"of BTCUSDT 1m \(v\) cannot be read .* can be loaded all the same"
        ):
            read("BTCUSDT", "1m")
    assert len(catalog.load("BTCUSDT", "1m")) == 10
