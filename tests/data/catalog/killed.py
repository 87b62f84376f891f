"""Kill writers at random moments, and let each next one check what it finds: run by test_crash.py.

    python -m tests.data.catalog.killed FOLDER FORMAT KILLS SEED

Prints a line for each writer: the number of pieces that it found, and at which it was killed.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
from pathlib import Path

from eyas.data.catalog import Catalog
from tests.data.catalog.made import DAY, MONDAY, alike, bars

PIECES = 60
ROWS = 24
STEP = DAY // 8


def piece(number):
    """Return a piece: three days, of which the first is the last of the piece before."""
    return bars(ROWS, "1s", STEP, MONDAY + number * 2 * DAY)


def all_until(number):
    return bars((number - 1) * 16 + ROWS, "1s", STEP)


def write(folder, file_format, said):
    """Check what is there, then add piece after piece, and say each one that is done."""
    catalog = Catalog(folder)
    damages = catalog.verify()
    assert damages == (), damages
    done = 0
    if catalog.series():
        found = catalog.load("BTCUSDT", "1s")
        done = (len(found) - ROWS) // 16 + 1
        assert alike(found, all_until(done)), "half a piece"
        again = catalog.add(piece(done - 1), venue="v")
        assert (again.rows_new, again.rows_same) == (0, ROWS), "what was there is not added again"
        known = {path.name for path in Path(folder).rglob("*") if path.is_file()}
        assert len(known) == catalog.entry("BTCUSDT", "1s").files + 2, f"leftovers: {known}"
    os.write(said, bytes([done]))
    for number in range(done, PIECES):
        catalog.add(piece(number), venue="v", format=file_format)
        os.write(said, bytes([number + 1]))


def main(folder, file_format, kills, seed):
    chance = random.Random(seed)
    place, last = 0, 0
    for kill in range(kills):
        hears, says = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                write(f"{folder}/{place}", file_format, says)
                status = 0
            finally:
                os._exit(status)
        os.close(says)
        told = os.read(hears, 1)  # it has checked what it found
        if not told:
            sys.exit(f"the writer after kill {kill} found the catalog broken")
        found = told[0]
        assert last <= found <= last + 1, f"{last} pieces were done, {found} are there"
        # A moment from none to a few pieces later.
        enough = chance.choice((0, 0, 1, 2))
        while enough and (told := os.read(hears, 1)):
            enough -= 1
        select.select([], [], [], chance.random() * 0.006)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        last = (found, *(told or b""), *os.read(hears, 1_000))[-1]
        os.close(hears)
        sys.stdout.write(f"{file_format}: found {found}, killed after {last}\n")
        sys.stdout.flush()  # or the next writer would write it too
        if last > PIECES - 20:
            place, last = place + 1, 0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
