"""A program that sweeps on a cluster, run by test_cluster.py: `cluster_driver.py scenario port client_port`.

It prints what it found as JSON in its last line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import eyas
from eyas.indicators import sma
from eyas.sweep import cluster as cluster_module
from eyas.sweep import sweep
from eyas.sweep.cluster_worker import Release

BARS = eyas.sample("BTCUSDT", "1m")[:6_000]
AXES: dict[str, Any] = {"fast": range(5, 15), "slow": range(30, 50)}


class Here(eyas.Strategy):
    """A strategy of the program itself: no node can import it."""

    fast: int = 10
    slow: int = 60

    def on_start(self) -> None:
        closes = self.use(lambda close: close, "close")
        self.quick = self.use(sma, closes, self.fast)
        self.calm = self.use(sma, closes, self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast == 9 and self.slow == 40:
            raise eyas.UsageError("nine and forty are refused")
        if self.quick[-1] > self.calm[-1] and self.is_flat:
            self.buy(fraction=0.5)
        elif self.quick[-1] < self.calm[-1] and not self.is_flat:
            self.close()


def swept(cluster: str | None, **words: Any) -> Any:
    return sweep(Here, BARS, engine="python", cluster=cluster, **(AXES | words))


def same(port: str, client: str) -> dict[str, Any]:
    """Sweep here and there; and twice through a connection of the program's own."""
    import ray

    address = f"127.0.0.1:{port}"
    alone = swept(None, workers=1)
    found = [swept("auto")]
    ray.init(address, log_to_driver=False, logging_level="ERROR")
    found += [swept("ray"), swept(address)]
    still = ray.is_initialized()
    elsewhere = refusal("127.0.0.1:1")
    ray.shutdown()
    return {
        "digests": len({bytes(row["digest"]) for row in alone.rows}),
        "equal": [one.rows.tobytes() == alone.rows.tobytes() for one in found],
        "reasons": [one.reasons == alone.reasons for one in found],
        "refused": sorted(alone.reasons.values()),
        "left_as_found": still,
        "elsewhere": elsewhere,
    }


def client(port: str, client: str) -> dict[str, Any]:
    """Search through the client's port, as from a machine that is no node."""
    words = {"search": "tpe", "trials": 24, "seed": 4}
    there, alone = swept(f"ray://127.0.0.1:{client}", **words), swept(None, workers=1, **words)
    return {"count": len(there.rows), "equal": there.rows.tobytes() == alone.rows.tobytes()}


def killing(victims: Any) -> Any:
    """Return a progress that kills processes once some trials are done."""
    killed: list[int] = []

    def progress(done: int, total: int | None, best: Any) -> None:
        if done > 20 and not killed:
            for process in victims():
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    return progress, killed


def processes_with(word: str) -> list[int]:
    """Return the processes of this cluster whose command has a word."""
    mark = f"HOME={os.environ['HOME']}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if word in command and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return sorted(found)


def worker_killed(port: str, client: str) -> dict[str, Any]:
    """Kill a worker in the middle of what it does."""
    alone = swept(None, workers=1)
    progress, killed = killing(lambda: processes_with("ray::run_chunk")[:1])
    there = swept(f"127.0.0.1:{port}", progress=progress)
    return {"killed": len(killed), "equal": there.rows.tobytes() == alone.rows.tobytes()}


def node_killed(port: str, client: str) -> dict[str, Any]:
    """Kill the second node, with all that is on it, in the middle."""
    alone = swept(None, workers=1)
    second = [int(one) for one in os.environ["SECOND_NODE"].split()]
    progress, killed = killing(lambda: second)
    there = swept(f"127.0.0.1:{port}", progress=progress)
    return {"killed": len(killed), "equal": there.rows.tobytes() == alone.rows.tobytes()}


def stopped(port: str, client: str) -> dict[str, Any]:
    """Press Ctrl-C in the middle, and go on from the file."""
    alone = swept(None, workers=1)
    store = "stopped.sweep"

    def progress(done: int, total: int | None, best: Any) -> None:
        if done > 30:
            raise KeyboardInterrupt

    half = swept(f"127.0.0.1:{port}", store=store, progress=progress)
    whole = swept(f"127.0.0.1:{port}", store=store)
    return {
        "half": [half.interrupted, len(half.rows)],
        "equal": whole.rows.tobytes() == alone.rows.tobytes(),
        "resumed": whole.course.resumed >= len(half.rows),
    }


def refused(port: str, client: str) -> dict[str, Any]:
    """Try what cannot be."""
    said = {}
    real = cluster_module.release
    cluster_module.release = lambda: Release("0.0.9", "abc", "def", "3.10")  # type: ignore[assignment]
    said["release"] = refusal(f"127.0.0.1:{port}")
    cluster_module.release = real
    for address in ("ray", "tcp://here", "127.0.0.1:1", "ray://127.0.0.1:1"):
        said[address] = refusal(address)
    return {"said": said, "here": str(real())}


def no_token(port: str, client: str) -> dict[str, Any]:
    """Try without the cluster's token."""
    return {"said": refusal(f"127.0.0.1:{port}")}


def refusal(address: str) -> str:
    try:
        swept(address)
    except eyas.UsageError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])) + "\n")
