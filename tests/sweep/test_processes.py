"""Workers are plain processes: they share the columns, die without harm, and leave nothing behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import EyasError, UsageError
from eyas.indicators import sma
from eyas.sweep import processes as processes_file
from eyas.sweep import sweep
from eyas.sweep.columns import SharedColumns, read_shared
from eyas.sweep.figures import DONE, FAILED
from eyas.sweep.processes import Processes
from eyas.sweep.trials import Trials
from eyas.sweep.work import Work, run_trials, unpacked
from tests.sweep.strategies import BARS, Cross, Deadly
from tests.sweep.test_trials import trials_of

ROOT = Path(__file__).parents[2]


def script(code: str, *, how: str = "-c", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run code in a new Python, as an argument or through its standard input."""
    text = textwrap.dedent(code)
    command = [sys.executable, *(["-c", text] if how == "-c" else ["-"])]
    given = None if how == "-c" else text
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, input=given, capture_output=True, text=True, env=environment, check=False, **options
    )


OWN = """
    import eyas
    from eyas.indicators import sma
    from eyas.sweep import sweep
    PERIODS = {"slow": 30}
    def crossed(one, other):
        return one[-1] > other[-1]
    class Own(eyas.Strategy):
        fast: int = 5
        def on_start(self):
            self.quick = self.use(sma, "close", self.fast)
            self.calm = self.use(sma, "close", PERIODS["slow"])
        def on_bar(self, bar):
            if crossed(self.quick, self.calm) and self.is_flat:
                self.buy()
            elif self.is_long and not crossed(self.quick, self.calm):
                self.close()
    found = sweep(Own, eyas.sample("AAPL", "1d")[:400], fast=range(3, 9), engine="python", workers=2)
    print(found.course.where, found.counts()["done"], found.rerun(5).journal.digest == found.trial(5).digest)
"""


@pytest.mark.parametrize("how", ["-c", "stdin"])
def test_a_strategy_of_a_script_needs_no_guard(how: str) -> None:
    done = script(OWN, how=how)
    assert done.stdout.strip() == "in 2 processes 6 True", done.stderr
    assert done.stderr == ""


def test_a_strategy_of_a_module_that_no_worker_finds_goes_along() -> None:
    module: Any = type(sys)("only_here")
    source = textwrap.dedent(OWN).partition("found =")[0]
    exec(compile(source, "only_here.py", "exec"), module.__dict__)
    for thing in (module.Own, module.crossed):
        thing.__module__ = "only_here"
    sys.modules["only_here"] = module
    try:
        own = sweep(module.Own, BARS, fast=range(3, 9), engine="python", workers=2)
    finally:
        del sys.modules["only_here"]
    assert own.counts()["done"] == 6


class Locked(Cross):
    lock = threading.Lock()


GUARD = threading.Lock()


class Guarded(Cross):
    def on_bar(self, bar: eyas.Bar) -> None:
        with GUARD:
            super().on_bar(bar)


def guarded() -> type[eyas.Strategy]:
    """Return a class that travels whole, with what its functions use."""
    lock = threading.Lock()

    class Closed(Cross):
        def on_bar(self, bar: eyas.Bar) -> None:
            with lock:
                super().on_bar(bar)

    return Closed


def test_a_strategy_that_cannot_be_sent_says_why_and_how_to_mend_it() -> None:
    own = Cross()
    own.file = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(UsageError) as raised:
        Work.of(trials_without_copy(own)).packed()
    assert str(raised.value) == (
        "Cross cannot be sent to worker processes: its attribute file is a lock, which cannot be pickled "
        "(cannot pickle '_thread.lock' object). Make it in on_start, or run in this process alone: workers=1"
    )
    with pytest.raises(
        UsageError, match=r"lock, which Closed\.on_bar uses, is a lock, which cannot be pickled"
    ):
        sweep(guarded(), BARS, fast=[5, 6], engine="python", workers=2)
    alone = sweep(guarded(), BARS, fast=[5, 6], engine="python", workers=1)
    assert alone.counts()["done"] == 2


def trials_without_copy(strategy: eyas.Strategy) -> Trials:
    trials = trials_of(Cross, BARS, "python")
    trials.strategy = strategy
    return trials


def test_classes_that_can_be_imported_travel_by_name() -> None:
    for strategy in (Locked, Guarded):  # the locks stay where they are
        own = sweep(strategy, BARS, fast=[5, 6], engine="python", workers=2)
        assert own.counts()["done"] == 2


def test_without_cloudpickle_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(UsageError, match="pip install cloudpickle"):
        sweep(Cross, BARS, fast=[5, 6], engine="python", workers=2)


def test_a_worker_that_dies_is_replaced_and_only_what_kills_it_is_lost(tmp_path: Path) -> None:
    grid = {"fast": range(5, 11), "slow": [20, 30]}
    own = sweep(Deadly, BARS, folder=str(tmp_path), engine="python", workers=2, **grid)
    expected = [DONE] * 4 + [FAILED] * 2 + [DONE] * 6
    assert own.rows["status"].tolist() == expected
    assert own.failed == dict.fromkeys([4, 5], "the worker process died (signal SIGKILL), 3 times")
    plain = sweep(Cross, BARS, engine="python", workers=1, **grid)
    kept = np.array(expected) == DONE
    assert own.rows[kept].tobytes() == plain.rows[kept].tobytes()


def test_the_other_trials_of_a_chunk_survive_one_that_kills(tmp_path: Path) -> None:
    work = Work.of(trials_of(Deadly(folder=str(tmp_path)), BARS, "python"))
    executor = Processes(work, 1)
    try:
        executor.submit(0, [{"fast": fast} for fast in (5, 6, 7, 8, 9)])
        ((number, rows),) = executor.results()
    finally:
        executor.close()
    assert number == 0
    assert rows.rows["status"].tolist() == [DONE, DONE, FAILED, DONE, DONE]
    assert list(rows.messages) == [2]


def test_a_worker_that_cannot_begin_is_not_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes_file.sys, "executable", "/bin/false")
    with pytest.raises(
        EyasError, match=r"worker processes end before they begin \(exit status 1\): run in this"
    ):
        sweep(Cross, BARS, fast=[5, 6], engine="python", workers=2)


def test_a_worker_that_cannot_load_the_work_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work.of(trials_of(Cross, BARS, "python"))
    monkeypatch.setattr(Work, "packed", lambda self: (b"no pickle", []))
    executor = Processes(work, 1)
    try:
        executor.submit(0, [{"fast": 5}])
        with pytest.raises(UsageError, match=r"a worker process could not load Cross: UnpicklingError"):
            list(executor.results())
    finally:
        executor.close()


def children_of(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_when_the_parent_is_killed_its_workers_go_and_nothing_is_left(tmp_path: Path) -> None:
    code = f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        import eyas
        from eyas.sweep import sweep
        from tests.sweep.strategies import Cross
        bars = eyas.sample("BTCUSDT", "1m")
        sweep(Cross, bars, fast=range(5, 500), slow=range(20, 400), engine="python", workers=2,
              progress=lambda *said: print("on", flush=True))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        children = children_of(process.pid)
        assert len(children) == 2
        maps = "".join(Path(f"/proc/{child}/maps").read_text() for child in children)
        assert "/dev/shm" not in maps  # nothing with a name that would stay
        assert "memfd:eyas-columns" in maps
        workers = [os.pidfd_open(one) for one in children]
        process.send_signal(signal.SIGKILL)
        for worker in workers:
            assert select.select([worker], [], [], 10)[0], "a worker outlived its parent"
            os.close(worker)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_in_a_terminal_reaches_the_parent_alone(tmp_path: Path) -> None:
    code = f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        import eyas
        from eyas.sweep import sweep
        from tests.sweep.strategies import Cross
        own = sweep(Cross, eyas.sample("BTCUSDT", "1m"), fast=range(5, 500), slow=range(20, 400),
                    engine="python", workers=2, objective="total_return",
                    progress=lambda *said: print("on", flush=True))
        print(own.interrupted, len(own) > 0, own.best is not None, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        os.killpg(process.pid, signal.SIGINT)
        said, errors = process.communicate(timeout=30)
    assert said.splitlines()[-1] == "True True True"
    assert errors == ""


def megabytes(process: int, *names: str) -> float:
    """Return the sum of some kinds of a process's memory."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return sum(found[name] for name in names) / 1024


def test_a_worker_needs_little_beside_the_shared_columns() -> None:
    class Own(eyas.Strategy):
        period: int = 10

        def on_start(self) -> None:
            self.mean = self.use(sma, "close", self.period)

        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.close > self.mean[-1] and self.is_flat:
                self.buy()
            elif bar.close < self.mean[-1] and self.is_long:
                self.close()

    count = 200_000
    close = 100 + np.cumsum(np.random.default_rng(0).choice([-0.01, 0.01], count))
    time = 1_600_000_000_000_000_000 + 60_000_000_000 * np.arange(count)
    bars = eyas.bars(
        {"time": time, "open": close, "high": close, "low": close, "close": close, "volume": close}
    )
    executor = Processes(Work.of(trials_of(Own, bars, "python")), 2)
    try:
        for number in range(4):
            executor.submit(number, [{"period": 20 + number}])
        for _, rows in executor.results():
            assert rows.rows["trades"][0] > 1_000
        workers = [worker.process.pid for worker in executor._running]
        assert len(workers) == 2
        for worker in workers:
            assert megabytes(worker, "Private_Clean", "Private_Dirty") < 60
        shared = sum(megabytes(worker, "Pss_Shmem") for worker in workers)
        assert shared < 1.1 * 6 * 8 * count / 2**20  # once, not once for each
    finally:
        executor.close()


def test_columns_are_shared_and_read_only() -> None:
    work = Work.of(trials_of(Cross, BARS, "python"))
    data, columns = work.packed()
    assert sum(column.nbytes for column in columns) >= 6 * 8 * len(BARS)
    assert len(data) < 20_000
    shared = SharedColumns(columns)
    try:
        again = unpacked(data, read_shared(shared.descriptor, shared.places))
    finally:
        shared.close()
    (bars,) = again.bars.values()
    assert np.array_equal(bars.close, BARS.close)
    assert not bars.close.flags.writeable
    assert not bars.close.flags.owndata
    assert run_trials(again, [{"fast": 5}]).rows.tobytes() == run_trials(work, [{"fast": 5}]).rows.tobytes()


def test_work_travels_in_two_parts() -> None:
    work = Work.of(trials_of(Cross, BARS, "python"))
    light, columns = work.detached()
    again = light.attached({name: column.copy() for name, column in columns.items()})
    assert run_trials(again, [{"fast": 5}]).rows.tobytes() == run_trials(work, [{"fast": 5}]).rows.tobytes()


def test_nothing_shared_is_fine_too() -> None:
    shared = SharedColumns([])
    assert read_shared(shared.descriptor, shared.places) == []
    shared.close()
    shared.close()
