"""Run the trials of a sweep on a Ray cluster; Ray is the engine, this is only the way there."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from eyas.errors import EyasError, UsageError
from eyas.sweep.cluster_worker import Release, refuse_another, release, run_chunk
from eyas.sweep.figures import FAILED, blank_rows
from eyas.sweep.processes import DEATHS_MAX, Chunk, Task
from eyas.sweep.work import Rows

if TYPE_CHECKING:
    from eyas.sweep.work import Work

EXISTING = ("ray", "auto")
IN_FLIGHT_PER_WORKER = 2
"""One chunk that runs and one that waits: nobody idles, and little is lost."""
LISTEN_S = 1.0
PROBE_S = 120
CONNECT_S = 10
ATTEMPTS = 3
STUMBLED = "Starting Ray client server failed"
"""What a head node says whose server for a new client did not start: on a busy machine the next one does."""
CLIENT_PORT = 10001


@dataclass(frozen=True, slots=True)
class Connection:
    """Hold what was connected to; `is_ours` when we opened it, and so close it again."""

    ray: Any
    address: str
    is_ours: bool

    def close(self) -> None:
        """Leave the cluster as it was found."""
        if self.is_ours:
            self.ray.shutdown()


def connect(address: str) -> Connection:
    """Connect to a Ray cluster, or take the connection that the program has already made.

    `address` is "ray" (a program that has called ray.init), "auto" (the cluster that runs on this machine),
    "host:port" (from a machine that is one of its nodes) or "ray://host:port" (from anywhere). Raises
    UsageError when there is none, or it does not let us in.
    """
    ray = imported()
    if ray.is_initialized():
        if address not in EXISTING and not is_connected_to(ray, address):
            raise UsageError(
                "this program is already connected to a Ray cluster: write cluster='ray' to sweep there, or "
                f"call ray.shutdown() before cluster={address!r}"
            )
        return Connection(ray, address, is_ours=False)
    if address == "ray":
        raise UsageError("cluster='ray' means the cluster of ray.init(…), which this program has not called")
    if address.startswith("ray://"):
        require("grpc")
    if address not in EXISTING:
        refuse_silence(address)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
            break
        except Exception as error:
            with contextlib.suppress(Exception):
                ray.shutdown()
            if attempt == ATTEMPTS or STUMBLED not in str(error):
                raise UsageError(why_not_connected(ray, address, error)) from error
    return Connection(ray, address, is_ours=True)


def imported() -> Any:
    """Return Ray, or raise UsageError when it is not installed."""
    require("ray")
    import ray

    return ray


def require(library: str) -> None:
    """Raise UsageError when a library of the extra is not installed."""
    try:
        __import__(library)
    except ImportError:
        raise UsageError("a sweep on a cluster needs the extra: pip install 'eyas[cluster]'") from None


def refuse_silence(address: str) -> None:
    """Raise UsageError when nobody listens at an address; Ray itself would try for two minutes, aloud."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(
            f"cluster is {address!r}, but must be 'ray://host:{CLIENT_PORT}', 'host:port' of a head node, "
            "'auto' for the cluster that runs on this machine, or 'ray' for that of ray.init(…)"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"no Ray cluster answers at {address}: {error}") from None


def is_connected_to(ray: Any, address: str) -> bool:
    """Whether the program's own connection is to the cluster whose head node has an address."""
    if address.startswith("ray://") or ray.util.client.ray.is_connected():
        return False
    host, _, port = address.rpartition(":")
    there, _, port_there = str(ray.get_runtime_context().gcs_address).rpartition(":")
    try:
        number = socket.gethostbyname(host)
    except OSError:
        return False
    return port == port_there and (number == there or number.startswith("127."))


def why_not_connected(ray: Any, address: str, error: Exception) -> str:
    """Say in a sentence why a cluster cannot be reached, and what to do."""
    text = " ".join(str(error).split())
    if isinstance(error, ray.exceptions.AuthenticationError) or "token" in text.lower():
        return (
            f"the Ray cluster at {address} asks for a token: copy .ray/auth_token of the home folder on "
            "its head node to the same place here (or name it in RAY_AUTH_TOKEN_PATH), and set "
            f"RAY_AUTH_MODE=token on every node and here ({first_sentence(text)})"
        )
    if "version mismatch" in text.lower():
        return f"the Ray cluster at {address} has another Ray or Python than this machine: {text}"
    if address == "auto":
        return (
            "no Ray cluster runs on this machine: start one (ray start --head), or say where one is: "
            f"cluster='ray://host:{CLIENT_PORT}'"
        )
    hint = (
        f"; from a machine that is not one of its nodes write cluster='ray://host:{CLIENT_PORT}'"
        if not address.startswith("ray://")
        else ""
    )
    return f"no Ray cluster answers at {address}: {first_sentence(text)}{hint}"


def first_sentence(text: str) -> str:
    """Return the beginning of what a library said."""
    return text.partition(". ")[0].rstrip(".")[:200]


class RayExecutor:
    """Run chunks of trials as tasks of a Ray cluster; the executor of `cluster=`.

    The work is put into the object store once, and every node fetches it once. A chunk whose worker or node
    dies runs again, so that each comes back exactly once, in whatever order.
    """

    def __init__(self, work: Work, address: str, workers: int | None = None) -> None:
        self.told = len(work.told)
        self.connection = connect(address)
        self.ray = self.connection.ray
        try:
            self.release = release()
            check_nodes(self.ray, self.release)
            self.workers = workers_of(self.ray, address, workers)
            # In a list, a reference is handed on as it is: a worker fetches what it stands for once.
            self.holder = [self.ray.put(work.detached())]
        except BaseException:
            self.connection.close()
            raise
        self.token = uuid4().hex
        self.task = self.ray.remote(num_cpus=1, max_retries=DEATHS_MAX - 1)(run_chunk)
        self.waiting: deque[Task] = deque()
        self.flying: dict[Any, Task] = {}
        self.chunks: dict[int, Chunk] = {}

    def submit(self, number: int, parameters: list[dict[str, Any]]) -> None:
        """Take a chunk to run; it starts when a worker is free."""
        count = len(parameters)
        empty = Rows(blank_rows(count, FAILED), {}, np.full((count, self.told), np.nan), 0.0)
        self.chunks[number] = Chunk(empty, count)
        self.waiting.append(Task(number, 0, parameters))
        self._start()

    def results(self) -> Iterator[tuple[int, Rows]]:
        """Yield each chunk's number and rows as it is done, until none is left."""
        while self.chunks:
            self._start()
            done, _ = self.ray.wait(list(self.flying), num_returns=1, timeout=LISTEN_S)
            for reference in done:
                task = self.flying.pop(reference)
                rows = self._rows(reference, task)
                self._start()
                if rows is not None and self.chunks[task.number].put(task, rows):
                    chunk = self.chunks.pop(task.number)
                    yield task.number, chunk.rows._replace(seconds=chunk.seconds)

    def close(self) -> None:
        """Stop what still runs, and leave the cluster."""
        self.waiting.clear()
        self.chunks.clear()
        for reference in self.flying:
            with contextlib.suppress(Exception):
                self.ray.cancel(reference, force=True)
        self.flying.clear()
        self.holder.clear()
        self.connection.close()

    def _start(self) -> None:
        while self.waiting and len(self.flying) < self.workers * IN_FLIGHT_PER_WORKER:
            task = self.waiting.popleft()
            self.flying[self.task.remote(self.token, self.holder, self.release, task.parameters)] = task

    def _rows(self, reference: Any, task: Task) -> Rows | None:
        """Return what a task came to, None when it is run again in pieces; raise what it raised."""
        errors = self.ray.exceptions
        try:
            rows: Rows = self.ray.get(reference)
        except errors.RayTaskError as error:
            if isinstance(error.cause, EyasError):
                raise error.cause from None
            raise
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError) as error:
            if len(task.parameters) > 1:
                self.waiting.extendleft(reversed(task.split()))
                return None
            sentence = f"its worker on the cluster died, {DEATHS_MAX} times ({first_sentence(str(error))})"
            return Rows(blank_rows(1, FAILED), {0: sentence}, np.full((1, self.told), np.nan), 0.0)
        return rows


def workers_of(ray: Any, address: str, asked: int | None) -> int:
    """Return how many trials a cluster runs at once."""
    count = int(ray.cluster_resources().get("CPU", 0))
    if count < 1:
        raise UsageError(f"the Ray cluster at {address} has no CPU to run trials on")
    return min(count, asked or count)


def check_nodes(ray: Any, here: Release) -> None:
    """Ask every node which eyas it has, and raise UsageError when it is another than here."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    def probe() -> dict[str, str] | str:
        """Say which eyas runs here; sent by value, for it may not be installed."""
        try:
            from dataclasses import asdict

            from eyas.sweep.cluster_worker import release
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            return f"{type(error).__name__}: {error}"
        return asdict(release())

    asked = {}
    for node in ray.nodes():
        if node["Alive"]:
            place = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            task = ray.remote(num_cpus=0, max_retries=0)(probe).options(scheduling_strategy=place)
            asked[task.remote()] = node["NodeManagerAddress"]
    answered, silent = ray.wait(list(asked), num_returns=len(asked), timeout=PROBE_S)
    if silent:
        raise UsageError(f"node {asked[silent[0]]} of the Ray cluster has not answered for {PROBE_S} s")
    for reference in answered:
        refuse_another(here, ray.get(reference), asked[reference])
