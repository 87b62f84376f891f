"""What a cluster may do to a sweep, played by a cluster that is only pretended."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.sweep import cluster
from eyas.sweep.cluster import RayExecutor, connect, refuse_silence
from eyas.sweep.cluster_worker import Release, refuse_another, release
from eyas.sweep.work import Work, run_trials
from tests.sweep.guided_help import Cross
from tests.sweep.test_trials import trials_of

DAYS = eyas.sample("AAPL", "1d")[:600]
GRID = [{"fast": fast, "slow": slow} for fast in (5, 6, 7) for slow in (30, 40)]


class Errors:
    class RayTaskError(Exception):
        def __init__(self, cause: Exception) -> None:
            super().__init__(str(cause))
            self.cause = cause

    class WorkerCrashedError(Exception): ...

    class OutOfMemoryError(Exception): ...

    class NodeDiedError(Exception): ...

    class AuthenticationError(Exception): ...


class PretendedRay:
    """Run tasks when they are waited for, the newest first; `kills` says which parameters end a worker."""

    exceptions = Errors
    util = SimpleNamespace(client=SimpleNamespace(ray=SimpleNamespace(is_connected=lambda: False)))

    def __init__(self, work: Work | None = None, kills: Any = lambda parameters: False) -> None:
        self.work = work
        self.kills = kills
        self.numbers = itertools.count()
        self.tasks: dict[int, Any] = {}
        self.most = 0
        self.cancelled: list[int] = []
        self.failures: list[Exception] = []
        self.inits = 0
        self.is_on = False

    def is_initialized(self) -> bool:
        return self.is_on

    def init(self, address: str, **words: Any) -> None:
        self.inits += 1
        if self.failures:
            raise self.failures.pop(0)
        self.is_on = True

    def shutdown(self) -> None:
        self.is_on = False

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def put(self, thing: Any) -> Any:
        return thing

    def remote(self, **words: Any) -> Any:
        return lambda function: SimpleNamespace(remote=self.submit)

    def submit(self, token: str, holder: Any, expected: Release, chunk: Any) -> int:
        number = next(self.numbers)
        self.tasks[number] = chunk
        self.most = max(self.most, len(self.tasks))
        return number

    def wait(self, references: list[int], **words: Any) -> tuple[list[int], list[int]]:
        return references[-1:], references[:-1]

    def get(self, reference: int) -> Any:
        chunk = self.tasks.pop(reference)
        if any(map(self.kills, chunk)):
            raise Errors.WorkerCrashedError("The worker died unexpectedly. More of it.")
        assert self.work is not None
        try:
            return run_trials(self.work, chunk)
        except Exception as error:
            raise Errors.RayTaskError(error) from error

    def cancel(self, reference: int, *, force: bool) -> None:
        self.cancelled.append(reference)


@pytest.fixture
def work() -> Work:
    return Work.of(trials_of(Cross, DAYS))


def executor_on(ray: PretendedRay, work: Work, monkeypatch: pytest.MonkeyPatch) -> RayExecutor:
    ray.work = work
    monkeypatch.setattr(cluster, "imported", lambda: ray)
    monkeypatch.setattr(cluster, "check_nodes", lambda ray, here: None)
    return RayExecutor(work, "auto")


def test_chunks_come_back_once_and_few_are_under_way(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay()
    executor = executor_on(ray, work, monkeypatch)
    for number, parameters in enumerate(GRID):
        executor.submit(number, [parameters])
    found = dict(executor.results())
    assert ray.most == 4
    rows = np.concatenate([found[number].rows for number in range(len(GRID))])
    assert rows.tobytes() == run_trials(work, GRID).rows.tobytes()
    executor.close()
    assert not ray.is_on


def test_a_set_that_kills_its_worker_is_lost_alone(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay(kills=lambda parameters: parameters == GRID[3])
    executor = executor_on(ray, work, monkeypatch)
    executor.submit(7, GRID)
    [(number, found)] = executor.results()
    assert number == 7
    assert found.rows["status"].tolist() == [0, 0, 0, 2, 0, 0]
    assert found.messages == {3: "its worker on the cluster died, 3 times (The worker died unexpectedly)"}
    alone = run_trials(work, GRID).rows
    assert np.delete(found.rows, 3).tobytes() == np.delete(alone, 3).tobytes()


def test_what_a_task_raises_is_raised_here(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(work: Work, chunk: Any) -> Any:
        raise eyas.DataError("row 3 is wrong")

    monkeypatch.setitem(PretendedRay.get.__globals__, "run_trials", wrong)
    ray = PretendedRay()
    executor = executor_on(ray, work, monkeypatch)
    executor.submit(0, GRID)
    with pytest.raises(eyas.DataError, match="row 3 is wrong"):
        list(executor.results())


def test_closing_cancels_what_runs(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay()
    executor = executor_on(ray, work, monkeypatch)
    for number, parameters in enumerate(GRID):
        executor.submit(number, [parameters])
    next(executor.results())
    executor.close()
    assert len(ray.cancelled) == 4
    assert list(executor.results()) == []


def test_a_busy_head_node_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay()
    monkeypatch.setattr(cluster, "imported", lambda: ray)
    stumble = ConnectionAbortedError("RuntimeError: Starting Ray client server failed. See a log.")
    ray.failures = [stumble, stumble]
    assert connect("auto").is_ours
    assert ray.inits == 3
    ray.is_on, ray.inits, ray.failures = False, 0, [stumble] * 3
    with pytest.raises(eyas.UsageError, match="no Ray cluster runs on this machine"):
        connect("auto")
    assert ray.inits == 3


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Errors.AuthenticationError("no"), "asks for a token: copy .ray/auth_token"),
        (RuntimeError("Version mismatch: Ray: 2.60.0\n Python: 3.12"), "has another Ray or Python"),
        (ConnectionError("gone. And more."), "no Ray cluster answers at h:1: gone; from a machine that"),
    ],
)
def test_why_there_is_no_connection(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay()
    ray.failures = [error]
    monkeypatch.setattr(cluster, "imported", lambda: ray)
    monkeypatch.setattr(cluster, "refuse_silence", lambda address: None)
    with pytest.raises(eyas.UsageError) as caught:
        connect("h:1")
    assert said in str(caught.value)


@pytest.mark.parametrize("address", ["", "host", "host:", ":6379", "tcp://host", "ray://", "host:port"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(eyas.UsageError, match="must be 'ray://host:10001'"):
        refuse_silence(address)


def test_a_node_with_another_eyas_is_refused() -> None:
    here = release()
    there = {"eyas": here.eyas, "kernel": "other", "sources": here.sources, "python": here.python}
    refuse_another(here, {**there, "kernel": here.kernel}, "n1")
    with pytest.raises(eyas.UsageError, match=r"node n1 has eyas .*kernel other.* but this machine has eyas"):
        refuse_another(here, there, "n1")
    with pytest.raises(eyas.UsageError, match=r"node n1 cannot import eyas \(No module\): install eyas"):
        refuse_another(here, "No module", "n1")
