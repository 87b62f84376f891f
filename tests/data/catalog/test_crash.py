"""A crash, a full disk, another writer: the catalog holds the old or the new, never a part."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eyas.data.catalog import Catalog
from eyas.data.catalog.stores import LocalStore
from eyas.errors import DataError
from tests.data.catalog.killed import PIECES, all_until
from tests.data.catalog.made import DAY, alike, bars

ROOT = Path(__file__).parents[3]


class Killed(BaseException):
    """The process is dead: nothing that it would do after this happens."""


class Dying(LocalStore):
    """A folder that stops at one of its steps, before it or halfway, and does nothing more."""

    def __init__(self, root, at=-1, error=None):
        super().__init__(root)
        self.at, self.error, self.steps = at, error, []

    def _step(self, name, path):
        if name == "make" and path.exists():
            return
        self.steps.append(name)
        if self.error is not None and name == "write" and 0 <= self.at < len(self.steps):
            path.write_bytes(b"")
            raise self.error
        if self.error is None and 0 <= self.at < len(self.steps):
            raise Killed

    def _make_folder(self, folder):
        self._step("make", folder)
        super()._make_folder(folder)

    def _write_file(self, path, data):
        if self.error is None and len(self.steps) == self.at:
            path.write_bytes(data[: len(data) // 2])  # as far as it came
        self._step("write", path)
        super()._write_file(path, data)

    def _rename(self, source, target):
        self._step("rename", target)
        super()._rename(source, target)

    def _sync_folder(self, folder):
        self._step("sync", folder)
        super()._sync_folder(folder)

    def _unlink(self, path):
        self._step("unlink", path)
        super()._unlink(path)

    def _prune(self, folder):
        self._step("prune", folder)
        super()._prune(folder)


def everything():
    return bars(90, "1m", step=DAY)


def change(catalog):
    """Rewrite two months, leave one, and begin one; there is a revision too."""
    catalog.add(everything()[20:], venue="v")
    return catalog.add(bars(2, "1m", step=DAY, shift=1), venue="v", revise=True)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Return the folder of a catalog before the change, and how many steps the change takes."""
    root = tmp_path_factory.mktemp("base")
    Catalog(root / "old").add(everything()[:40], venue="v")
    shutil.copytree(root / "old", root / "new")
    store = Dying(root / "new")
    change(Catalog(store))
    assert {"write", "rename", "sync", "unlink", "prune"} <= set(store.steps)
    return root, store.steps


def leftovers(root):
    entry = Catalog(root).entry("BTCUSDT", "1m")
    return sum(path.is_file() for path in (root / "v").rglob("*")) - entry.files - 1


def test_a_crash_at_every_step_leaves_the_old_or_the_new(base, tmp_path):
    root, steps = base
    old, new = Catalog(root / "old"), Catalog(root / "new")
    between = everything()
    outcomes = set()
    for at in range(len(steps)):
        here = tmp_path / str(at)
        shutil.copytree(root / "old", here)
        with pytest.raises(Killed):
            change(Catalog(Dying(here, at)))
        found = Catalog(here)
        assert found.verify() == ()
        rows = found.load("BTCUSDT", "1m")
        state = [alike(rows, one) for one in (old.load("BTCUSDT", "1m"), between, new.load("BTCUSDT", "1m"))]
        assert sum(state) == 1, f"half of it after step {at}, {steps[at]}"
        outcomes.add(state.index(True))
        change(found)
        assert found.entry("BTCUSDT", "1m").hash == new.entry("BTCUSDT", "1m").hash
        assert leftovers(here) == 0
        assert found.verify() == ()
    assert outcomes == {0, 1, 2}


def test_a_crash_at_every_step_of_the_first_import(tmp_path):
    count = Dying(tmp_path / "whole" / "deep")
    Catalog(count).add(everything(), venue="v")
    for at in range(len(count.steps)):
        here = tmp_path / str(at) / "deep"
        with pytest.raises(Killed):
            Catalog(Dying(here, at)).add(everything(), venue="v")
        found = Catalog(here)
        assert found.verify() == ()
        assert [entry.rows for entry in found.series()] in ([], [90])
        found.add(everything(), venue="v")
        assert alike(found.load("BTCUSDT", "1m"), everything())
        assert leftovers(here) == 0


def test_a_crash_at_every_step_of_a_removal(base, tmp_path):
    root, _ = base
    shutil.copytree(root / "new", tmp_path / "whole")
    count = Dying(tmp_path / "whole")
    Catalog(count).remove("BTCUSDT", "1m")
    assert len(count.steps) > 5
    for at in range(len(count.steps)):
        here = tmp_path / str(at)
        shutil.copytree(root / "new", here)
        with pytest.raises(Killed):
            Catalog(Dying(here, at)).remove("BTCUSDT", "1m")
        found = Catalog(here)
        assert found.verify() == ()
        assert [entry.rows for entry in found.series()] in ([], [90])
        found.add(everything()[:7], venue="v")
        assert len(found.load("BTCUSDT", "1m")) in (7, 90)
        assert leftovers(here) == 0


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataError, match=r"BTCUSDT 1m \(v\) could not be written: .*Not a directory"):
        Catalog(tmp_path / "file/catalog").add(everything(), venue="v")
    with pytest.raises(DataError, match="could not be written"):
        Catalog(tmp_path / "file").add(everything(), venue="v")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_leaves_the_old(base, tmp_path, number):
    root, steps = base
    old = Catalog(root / "old").load("BTCUSDT", "1m")
    for at in range(steps.index("rename") + 1):
        here = tmp_path / str(at)
        shutil.copytree(root / "old", here)
        failing = Catalog(Dying(here, at, OSError(number, os.strerror(number))))
        with pytest.raises(DataError, match=f"could not be written: {os.strerror(number)}") as caught:
            change(failing)
        assert "What was stored is still there" in str(caught.value)
        assert alike(Catalog(here).load("BTCUSDT", "1m"), old)
        assert leftovers(here) == 0, "what was half written is gone at once"
        assert failing.verify() == ()


def test_everything_is_on_the_disk_before_the_manifest_names_it(base, tmp_path, monkeypatch):
    root, _ = base
    shutil.copytree(root / "old", tmp_path / "here")
    folder = tmp_path / "here/v/BTCUSDT/1m"
    log = []
    fsync, rename = os.fsync, Path.replace

    def logged_fsync(handle):
        log.append(("synced", os.fstat(handle).st_ino))
        fsync(handle)

    def logged_rename(source, target):
        log.append((target.name, source.stat().st_ino))
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(Path, "replace", logged_rename)
    Catalog(tmp_path / "here").add(everything(), venue="v")
    names = [name for name, _ in log if name != "synced"]
    assert len(names) == 3
    assert names[-1] == "manifest.json"
    for name, inode in log:
        if name != "synced":
            assert ("synced", inode) in log[: log.index((name, inode))], (
                f"{name} is written before it is named"
            )
    ours = ("synced", folder.stat().st_ino)
    manifest = next(place for place, one in enumerate(log) if one[0] == "manifest.json")
    parts = max(place for place, one in enumerate(log) if one[0].endswith("parquet"))
    assert ours in log[parts:manifest], "the names of the parts come first"
    assert ours in log[manifest:], "and then the manifest's own"


@pytest.mark.parametrize("file_format", ["parquet", "mapped"])
def test_a_reader_of_an_older_manifest_starts_again(tmp_path, file_format):
    writer = Catalog(tmp_path)
    writer.add(everything()[:40], venue="v", format=file_format)
    times: list[int] = []

    class Stale(LocalStore):
        def read(self, key):
            found = super().read(key)
            if not times:
                times.append(1)
                writer.add(everything()[20:], venue="v")  # deletes the files that this manifest names
            return found

    assert alike(Catalog(Stale(tmp_path)).load("BTCUSDT", "1m"), everything())
    writer.remove("BTCUSDT", "1m")
    writer.add(everything()[:40], venue="v", format=file_format)
    times.clear()
    assert Catalog(Stale(tmp_path)).verify() == ()
    assert times, "it was rewritten meanwhile"


def run(module, *arguments):
    command = (sys.executable, "-m", f"tests.data.catalog.{module}", *map(str, arguments))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": "1"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


@pytest.mark.parametrize(("file_format", "kills"), [("mapped", 30), ("parquet", 8)])
def test_kill_9_at_random_moments(tmp_path, file_format, kills):
    seed = time.time_ns()
    sys.stdout.write(f"seed {seed}\n")
    with run("killed", tmp_path, file_format, kills, seed) as process:
        told, _ = process.communicate(timeout=120)
    sys.stdout.write(told)
    assert process.returncode == 0, told
    assert told.count("killed after") == kills
    last = max(tmp_path.iterdir(), key=lambda path: int(path.name))
    found = Catalog(last)
    assert found.verify() == ()


def test_two_writers_and_a_reader_at_once(tmp_path):
    with run("writer", tmp_path, 0) as one, run("writer", tmp_path, 1) as other:
        catalog = Catalog(tmp_path)
        seen = [0]
        while one.poll() is None or other.poll() is None:
            if catalog.series():
                found = catalog.load("BTCUSDT", "1s")
                assert alike(found, _some(found))
                assert len(found) >= seen[-1], "rows never vanish"
                seen.append(len(found))
        assert (one.returncode, other.returncode) == (0, 0), one.stdout.read() + other.stdout.read()
    assert len(set(seen)) > 3, "it read while they wrote"
    assert alike(catalog.load("BTCUSDT", "1s"), all_until(PIECES))
    assert catalog.verify() == ()


def _some(found):
    """Return the bars that belong at the times of those found."""
    from tests.data.catalog.made import bars_at

    return bars_at(found.time, "1s")
