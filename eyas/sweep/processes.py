"""Trials in worker processes: plain children that share the columns, replaced when they die.

A worker is a new interpreter that imports eyas and nothing of the caller's script, so no script needs a
guard. It is told everything over one socket; the columns are in memory without a name, and a pipe tells it
when the parent is gone. So nothing is left behind, whoever is killed.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import EyasError, UsageError
from eyas.sweep.columns import SharedColumns
from eyas.sweep.figures import FAILED, blank_rows
from eyas.sweep.work import Rows, Work

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

DEATHS_MAX = 3  # of the worker that runs a trial: then the trial is what kills it
FALSE_STARTS_MAX = 3
# What is fast with threads of its own would only be in the way of the other workers; and large arrays go back
# to the system when they are free, or each worker would keep room for the most that it ever needed.
ENVIRONMENT = {
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
    ),
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**20),
}


@dataclass(slots=True)
class Task:
    """Hold some trials of a chunk: which chunk, from which place in it, and how often their worker died."""

    number: int
    first: int
    parameters: list[dict[str, Any]]
    deaths: int = 0

    def split(self) -> list[Task]:
        """Return it as one task a trial, so that only the trial that kills its worker is lost."""
        deaths = self.deaths + 1
        return [Task(self.number, self.first + at, [one], deaths) for at, one in enumerate(self.parameters)]


@dataclass(slots=True)
class Chunk:
    """Hold what is there of a chunk: its rows, and how many are still to come."""

    rows: Rows
    missing: int
    seconds: float = 0.0

    def put(self, task: Task, got: Rows) -> bool:
        """Put some rows in place, and return whether the chunk is whole."""
        last = task.first + len(task.parameters)
        self.rows.rows[task.first : last] = got.rows
        self.rows.told[task.first : last] = got.told
        self.rows.messages.update({task.first + place: text for place, text in got.messages.items()})
        self.seconds += got.seconds
        self.missing -= len(task.parameters)
        return not self.missing


@dataclass(eq=False, slots=True)
class Worker:
    """Hold one worker process: its end of the socket, and what it is doing."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]
    is_ready: bool = False
    task: Task | None = None


@dataclass(slots=True)
class Parcel:
    """Hold what every new worker is sent, and the pipe by which it knows that its parent lives."""

    places: bytes
    work: bytes
    columns: SharedColumns
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def close(self) -> None:
        """Let go of the memory and the pipe."""
        self.columns.close()
        for end in self.lifeline:
            os.close(end)


class Processes:
    """Run trials in worker processes; raises UsageError when the work cannot be sent."""

    def __init__(self, work: Work, workers: int) -> None:
        self.workers = workers
        self.name = type(work.strategy).__name__
        self.told = len(work.told)
        data, columns = work.packed()
        shared = SharedColumns(columns)
        self._parcel: Parcel | None = Parcel(pickle.dumps(shared.places), data, shared)
        self._waiting: deque[Task] = deque()
        self._chunks: dict[int, Chunk] = {}
        self._running: list[Worker] = []
        self._false_starts = 0

    def submit(self, number: int, parameters: list[dict[str, Any]]) -> None:
        """Take a chunk, and give it to a worker that is idle."""
        count = len(parameters)
        empty = Rows(blank_rows(count, FAILED), {}, np.full((count, self.told), np.nan), 0.0)
        self._chunks[number] = Chunk(empty, count)
        self._waiting.append(Task(number, 0, parameters))
        self._hand_out()

    def results(self) -> Iterator[tuple[int, Rows]]:
        """Yield chunks as they are done."""
        from multiprocessing.connection import wait

        while self._chunks:
            self._hand_out()
            by_connection = {one.connection: one for one in self._running}
            for connection in wait(list(by_connection)):
                worker = by_connection[connection]  # type: ignore[index]  # it waits for what it was given
                try:
                    message = worker.connection.recv()
                except (EOFError, ConnectionResetError):
                    yield from self._lost(worker)
                    continue
                yield from self._heard(worker, message)

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        for worker in self._running:
            worker.process.kill()
        for worker in self._running:
            worker.process.wait()
            worker.connection.close()
        self._running.clear()
        self._waiting.clear()
        self._chunks.clear()
        if self._parcel:
            self._parcel.close()
            self._parcel = None

    def _hand_out(self) -> None:
        """Give waiting tasks to idle workers, and start workers as long as there is more to do."""
        for worker in self._running:
            if self._waiting and worker.is_ready and worker.task is None:
                worker.task = self._waiting.popleft()
                try:
                    worker.connection.send((worker.task.number, worker.task.parameters))
                except (BrokenPipeError, ConnectionResetError):
                    continue  # it has died: `results` hears of it, and runs its task again
        starting = sum(not worker.is_ready for worker in self._running)
        while len(self._running) < self.workers and starting < len(self._waiting):
            self._running.append(self._started())
            starting += 1

    def _started(self) -> Worker:
        """Start a worker and send it the work."""
        from multiprocessing.connection import Connection

        parcel = self._parcel
        assert parcel is not None
        mine, its = socket.socketpair()
        with its:
            handed = (its.fileno(), parcel.lifeline[0], parcel.columns.descriptor)
            code = (
                f"import sys; sys.path[:] = {sys.path!r}; from eyas.sweep.worker import main; "
                f"main({handed[0]}, {handed[1]}, {handed[2]})"
            )
            process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                pass_fds=handed,
                env=ENVIRONMENT | os.environ,
                start_new_session=True,
            )
        worker = Worker(process, Connection(mine.detach()))
        try:
            worker.connection.send_bytes(parcel.places)
            worker.connection.send_bytes(parcel.work)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has died already: `results` hears of it
        return worker

    def _heard(self, worker: Worker, message: Any) -> Iterator[tuple[int, Rows]]:
        """Act on what a worker says."""
        what, answer = message
        if what == "ready":
            worker.is_ready, self._false_starts = True, 0
            return
        if what == "unloadable":
            raise UsageError(
                f"a worker process could not load {self.name}: {answer}. Put what it needs where other "
                "processes find it, or run in this process alone: workers=1"
            )
        if isinstance(answer, Exception):
            raise answer
        task, worker.task = worker.task, None
        assert task is not None
        yield from self._put(task, answer)

    def _lost(self, worker: Worker) -> Iterator[tuple[int, Rows]]:
        """Replace a worker that has died, and run its trials again, each by itself; twice at most."""
        self._running.remove(worker)
        code = worker.process.wait()
        worker.connection.close()
        if not worker.is_ready:
            self._false_starts += 1
            if self._false_starts >= FALSE_STARTS_MAX:
                raise EyasError(
                    f"worker processes end before they begin ({ended(code)}): run in this process alone: "
                    "workers=1"
                )
        task = worker.task
        if task is None:
            return
        if task.deaths + 1 < DEATHS_MAX:
            self._waiting.extendleft(reversed(task.split()))
            return
        nothing = blank_rows(len(task.parameters), FAILED)
        sentence = f"the worker process died ({ended(code)}), {DEATHS_MAX} times"
        messages = dict.fromkeys(range(len(task.parameters)), sentence)
        yield from self._put(task, Rows(nothing, messages, np.full((len(nothing), self.told), np.nan), 0.0))

    def _put(self, task: Task, rows: Rows) -> Iterator[tuple[int, Rows]]:
        chunk = self._chunks[task.number]
        if chunk.put(task, rows):
            del self._chunks[task.number]
            yield task.number, chunk.rows._replace(seconds=chunk.seconds)


def ended(code: int) -> str:
    """Return how a process ended, in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
