"""A catalog in an object store: the same as in a folder, and two writers never lose each other's rows."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta

import obstore
import pytest
from obstore.store import MemoryStore, S3Store

from eyas.data.catalog import Catalog
from eyas.data.catalog.cloud import CloudStore
from eyas.errors import DataError, UsageError
from tests.data.catalog.made import DAY, HOUR, MONDAY, alike, bars, bars_at, books, trades
from tests.data.catalog.s3 import Server


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def s3(server, prefix="prefix", retries=0):
    return S3Store(
        "bucket",
        prefix=prefix,
        endpoint=server.url,
        region="us-east-1",
        access_key_id="a",
        secret_access_key="b",
        client_options={"allow_http": True},
        retry_config={"max_retries": retries, "backoff": {"init_backoff": timedelta(milliseconds=1)}},
    )


@pytest.fixture(params=["memory", "s3"])
def objects(request, server):
    """Return an empty object store."""
    server.objects.clear()
    server.faults.clear()
    server.late_faults.clear()
    return MemoryStore() if request.param == "memory" else s3(server)


def keys(objects):
    return sorted(one["path"] for page in obstore.list(objects) for one in page)


def test_it_does_what_a_folder_does(objects):
    catalog = Catalog(objects)
    given = bars(100_000)
    assert catalog.series() == ()
    assert catalog.add(given[:60_000], venue="v").rows_new == 60_000
    assert catalog.add(given[40_000:], venue="v").rows_new == 40_000
    before = keys(objects)
    assert catalog.add(given, venue="v").rows_same == 100_000
    assert keys(objects) == before
    assert alike(catalog.load("BTCUSDT", "1m"), given)
    assert alike(catalog.load("BTCUSDT", "1m", start="2024-02", end="2024-02-02"), given[44_640:46_080])
    assert len(catalog.load("BTCUSDT", "1d")) == 69
    catalog.add(trades(50), venue="v")
    catalog.add(books(50), venue="v")
    catalog.add(bars(9, symbol="BTC/USDT:.."), venue="v", format="mapped")
    assert alike(catalog.load("BTC/USDT:..", "1m"), bars(9))
    assert alike(catalog.trades("BTCUSDT"), trades(50))
    assert alike(catalog.books("BTCUSDT"), books(50))
    assert catalog.add(bars(3, shift=1), venue="v").rows_revised == 3
    assert len(catalog.revisions("BTCUSDT", "1m")) == 15
    assert catalog.verify() == ()
    assert catalog.sql("SELECT count(*) AS rows FROM bars", symbols=["BTCUSDT"])["rows"].to_list() == [
        100_000
    ]
    for entry in catalog.series():
        catalog.remove(entry.symbol, entry.timeframe)
    assert keys(objects) == []


def test_no_file_is_left_that_no_manifest_names(objects):
    catalog = Catalog(objects)
    for start in range(0, 20, 3):
        catalog.add(bars(40, "1m", DAY)[start : start + 5], venue="v")
    names = [key for key in keys(objects) if not key.endswith("manifest.json")]
    assert len(names) == catalog.entry("BTCUSDT", "1m").files


def test_what_a_crashed_writer_left_is_swept_after_a_day(server):
    server.objects.clear()
    old, young = s3(server), MemoryStore()  # the server's files are months old
    for objects in (old, young):
        catalog = Catalog(objects)
        catalog.add(bars(10), venue="v")
        obstore.put(objects, "v/BTCUSDT/1m/2023-01.left.over.parquet", b"half")
        catalog.add(bars(20), venue="v")
        assert ("v/BTCUSDT/1m/2023-01.left.over.parquet" in keys(objects)) == (objects is young)
        assert len(catalog.load("BTCUSDT", "1m")) == 20
        assert catalog.verify() == ()


class Overtaken(CloudStore):
    """A store in which somebody else is faster, as often as there are things to do in `others`."""

    others: list

    def replace(self, key, data, tag):
        if self.others:
            self.others.pop(0)()
        super().replace(key, data, tag)


@pytest.mark.parametrize("first", [True, False])
def test_a_writer_that_was_overtaken_merges_again(objects, first):
    whole = bars(60, "1m", DAY)
    other = Catalog(objects)
    if not first:
        other.add(whole[:5], venue="v")
    slow = Overtaken(objects, "slow")
    slow.others = [
        lambda: other.add(whole[10:40], venue="v"),
        lambda: other.add(whole[35:50], venue="v"),
    ]
    added = Catalog(slow).add(whole[:20], venue="v")
    assert added.rows_new == (10 if first else 5)
    assert alike(other.load("BTCUSDT", "1m"), whole[:50])
    assert other.verify() == ()
    names = [key for key in keys(objects) if not key.endswith("manifest.json")]
    assert len(names) == other.entry("BTCUSDT", "1m").files, "what the slow one wrote in vain is gone"


def test_two_writers_who_write_the_same_keep_it(objects):
    whole = bars(60, "1m", DAY)
    slow = Overtaken(objects, "slow")
    slow.others = [lambda: Catalog(objects).add(whole, venue="v")]
    added = Catalog(slow).add(whole, venue="v")
    assert (added.rows_new, added.rows_same) == (0, 60)
    assert alike(Catalog(objects).load("BTCUSDT", "1m"), whole)
    assert Catalog(objects).verify() == ()


def test_writers_in_threads_lose_nothing(objects):
    def write(first):
        catalog = Catalog(objects)
        for number in range(first, 12, 3):
            catalog.add(
                bars_at(MONDAY + HOUR * (number + 12 * (bars(4).time - MONDAY) // 60_000_000_000)), venue="v"
            )

    writers = [threading.Thread(target=write, args=(first,)) for first in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = Catalog(objects)
    assert alike(found.load("BTCUSDT", "1m"), bars(48, "1m", HOUR))
    assert found.verify() == ()


def test_a_writer_that_is_always_overtaken_gives_up(objects, monkeypatch):
    monkeypatch.setattr("eyas.data.catalog.writing.TRIES", 3)
    whole = bars(60, "1m", DAY)
    slow = Overtaken(objects, "slow")
    slow.others = [lambda at=at: Catalog(objects).add(whole[at : at + 1], venue="v") for at in range(10, 15)]
    with pytest.raises(
        DataError, match=r"others wrote BTCUSDT 1m \(v\) 3 times in between\. Try again later"
    ):
        Catalog(slow).add(whole[:2], venue="v")
    assert Catalog(objects).verify() == ()


def test_a_server_that_fails_leaves_the_old(server):
    server.objects.clear()
    catalog = Catalog(s3(server))
    whole = bars(90, "1m", DAY)
    catalog.add(whole[:40], venue="v")
    for good in range(3):
        before = len(server.objects)
        server.faults[:] = [] if good else [500]
        store = Overtaken(s3(server), "failing")
        store.others = [lambda: server.faults.append(403)] if good else []
        with pytest.raises(DataError, match="What was stored is still there"):
            Catalog(store).add(whole[20:], venue="v")
        server.faults.clear()
        assert alike(catalog.load("BTCUSDT", "1m"), whole[:40])
        assert len(server.objects) == before, "nothing is left over"
    catalog.add(whole[20:], venue="v")
    assert alike(catalog.load("BTCUSDT", "1m"), whole)


def test_an_answer_that_was_lost_is_no_conflict(server):
    server.objects.clear()
    whole = bars(90, "1m", DAY)
    catalog = Catalog(s3(server, retries=3))
    catalog.add(whole[:40], venue="v")
    server.late_faults[:] = [500]  # the manifest is replaced, the client hears of a fault, and asks again
    assert catalog.add(whole[20:], venue="v").rows_new == 50
    assert server.late_faults == []
    assert alike(catalog.load("BTCUSDT", "1m"), whole)
    assert catalog.verify() == ()


def test_a_range_fetches_only_its_files(server):
    server.objects.clear()
    catalog = Catalog(s3(server))
    catalog.add(bars(90, "1m", DAY), venue="v")
    server.requests.clear()
    catalog.load("BTCUSDT", "1m", venue="v", start="2024-02-03", end="2024-02-04")
    fetched = [one for one in server.requests if one.startswith("GET prefix") and "manifest" not in one]
    assert len(fetched) == 1
    assert fetched[0].startswith("GET prefix/v/BTCUSDT/1m/2024-02.")


def test_a_reader_of_an_older_manifest_starts_again(objects):
    whole = bars(60, "1m", DAY)
    writer = Catalog(objects)
    writer.add(whole[:40], venue="v")

    class Stale(CloudStore):
        def read(self, key):
            found = super().read(key)
            if key.endswith("manifest.json") and len(writer.load("BTCUSDT", "1m")) == 40:
                writer.add(whole[20:], venue="v")  # deletes the files that this manifest names
            return found

    assert alike(Catalog(Stale(objects, "stale")).load("BTCUSDT", "1m"), whole)


def test_places_by_url(tmp_path, monkeypatch):
    catalog = Catalog("memory://")
    catalog.add(bars(10), venue="v")
    assert len(catalog.load("BTCUSDT", "1m")) == 10
    folder = Catalog((tmp_path / "a place").as_uri())
    folder.add(bars(10), venue="v")
    assert len(Catalog(tmp_path / "a place").load("BTCUSDT", "1m")) == 10
    with pytest.raises(UsageError, match=r"^nothing://x is no place for a catalog"):
        Catalog("nothing://x")
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError, match=r"needs the extra: pip install 'eyas\[cloud\]'"):
        Catalog("s3://bucket/prefix")


def test_a_url_of_s3_takes_its_settings_from_the_environment(server, monkeypatch):
    server.objects.clear()
    for name, value in {
        "AWS_ENDPOINT": server.url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    catalog = Catalog("s3://bucket/some/prefix")
    catalog.add(bars(10), venue="v")
    assert catalog.store.name == "s3://bucket/some/prefix"
    assert {key.rpartition("/")[0] for key in server.objects} == {"some/prefix/v/BTCUSDT/1m"}
    assert alike(catalog.load("BTCUSDT", "1m"), bars(10))
