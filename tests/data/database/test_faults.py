"""A writer that is killed or cut off leaves nothing behind; two at once do not disturb each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from eyas.data.catalog.records import Added
from eyas.data.database import Database, eyas_layout, kline_layout
from eyas.errors import DataError
from tests.data.database.made import made, same
from tests.postgresql import Server

ROOT = Path(__file__).parents[3]
LAYOUTS = {"eyas": eyas_layout, "kline": kline_layout}

WRITER = """
import signal, sys
from eyas.data.database import Database, eyas_layout, kline_layout
from tests.data.database.made import made

def merge_and_wait(*arguments, really=eyas_layout.merge, **named):
    done = really(*arguments, **named)
    print(done.rows_new, flush=True)
    signal.pause()  # the rows are written and not yet committed
    return done

eyas_layout.merge = kline_layout.merge = merge_and_wait
Database(sys.argv[1], layout=sys.argv[2]).add(made(5000, first=5))
"""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_killed_writer_leaves_nothing(url: str, layout: str) -> None:
    database = Database(url, layout=layout)  # type: ignore[arg-type]
    database.add(made(10))
    before = database.series()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, layout], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "4995\n"
        assert same(database.load("BTCUSDT", "1m"), made(10)), "nobody sees what is not committed"
        os.kill(writer.pid, signal.SIGKILL)
    assert database.series() == before
    assert same(database.load("BTCUSDT", "1m"), made(10))
    assert database.add(made(5000, first=5)).rows_new == 4995, (
        "and the next writer does not wait for the dead"
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_writers_at_once_store_every_bar_once(url: str, layout: str) -> None:
    ready = Barrier(2)

    def write(first: int) -> Added:
        ready.wait(30)
        return Database(url, layout=layout).add(made(1000, first=first))  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(write, (0, 400))
    assert one.rows_new + other.rows_new == 1400
    assert one.rows_same + other.rows_same == 600
    assert same(Database(url, layout=layout).load("BTCUSDT", "1m"), made(1400))  # type: ignore[arg-type]


def cut(server: Server, name: str) -> None:
    """End every connection to a database, as an administrator or a crash does."""
    server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("step", ["stage", "merge"])
def test_a_connection_that_is_lost_while_writing(
    postgresql: str, postgresql_server: Server, monkeypatch: pytest.MonkeyPatch, layout: str, step: str
) -> None:
    database = Database(postgresql, layout=layout)  # type: ignore[arg-type]
    database.add(made(10))
    really = getattr(LAYOUTS[layout], step)

    def cut_first(*arguments: object, **named: object) -> object:
        cut(postgresql_server, postgresql.rpartition("/")[2])
        return really(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(LAYOUTS[layout], step, cut_first)
        with pytest.raises(DataError, match=r"writing BTCUSDT 1m: .*nothing was written. Try again"):
            database.add(made(2000))
    assert same(database.load("BTCUSDT", "1m"), made(10))
    assert database.add(made(2000)).rows_new == 1990


def test_a_connection_that_is_lost_after_the_first_page(
    postgresql: str, postgresql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgresql)
    database.add(made(200_000))
    really = eyas_layout.fetch

    def cut_first(*arguments: object) -> object:
        cut(postgresql_server, postgresql.rpartition("/")[2])
        return really(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(eyas_layout, "fetch", cut_first)
        with pytest.raises(DataError, match="reading BTCUSDT 1m: the "):
            database.load("BTCUSDT", "1m")
    assert len(database.load("BTCUSDT", "1m")) == 200_000
