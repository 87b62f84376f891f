"""Downloads in processes that are killed: python -m tests.feeds.killed place host options rounds seed."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from random import Random

import ccxt  # noqa: F401 - imported once, here, and not in each of the processes

from eyas.feeds.asking import World
from eyas.feeds.download import Keeper, download


def main(place: str, options: str, now_ns: str, rounds: str, seed: str) -> None:
    """Begin a download again and again, and kill it some pages later; print how many ended by themselves."""
    random = Random(int(seed))
    ended = 0
    for _ in range(int(rounds)):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            run(place, json.loads(options), int(now_ns), writing)
            os._exit(0)
        os.close(writing)
        for _ in range(random.randrange(12)):
            os.read(reading, 1)
        time.sleep(random.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.close(reading)
        ended += os.waitpid(child, 0)[1] == 0
    sys.stdout.write(f"{ended}\n")


def run(place: str, options: dict[str, object], now_ns: int, writing: int) -> None:
    """Download, and write a byte for each page; what has come is stored at once, not after a while."""
    Keeper.longest_unstored_s = 0
    world = World(now_ns=lambda: now_ns)
    given = {"source": "ccxt:binance", "start": "2024-01-01", "catalog": Path(place), "world": world}
    download("BTC/USDT", "1m", options=options, progress=lambda *_: os.write(writing, b"."), **given)


if __name__ == "__main__":
    main(*sys.argv[1:])
