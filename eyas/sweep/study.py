"""Carry one sweep from its first trial to its result: what is stored, where trials run, and Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.reports.remarks import remarks_on_data
from eyas.sweep.driving import Feed, Pace, drive
from eyas.sweep.executors import Inline, cores_available
from eyas.sweep.figures import DONE
from eyas.sweep.identity import identity_of
from eyas.sweep.result import Course, Sweep
from eyas.sweep.store import Store
from eyas.sweep.table import IN_MEMORY_MAX, Table
from eyas.sweep.work import Work, run_trials

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from eyas.sweep.driving import Chunk
    from eyas.sweep.executors import Executor
    from eyas.sweep.guided import Told
    from eyas.sweep.guided_shared import Found
    from eyas.sweep.objective import Aim
    from eyas.sweep.space import Block, Space
    from eyas.sweep.trials import Trials
    from eyas.sweep.work import Rows

GUIDED = ("tpe", "cmaes", "nsga3")
SEARCHES = ("grid", "random", *GUIDED)
COUNTED_MAX = (
    200_000  # combinations that are asked `where` before the first trial, to know how many there are
)
WORTH_WORKERS_S = 1.0  # of work left: less is done before workers have started
PROBES = 2
FIRST_STEPS = 1_000_000  # of all trials of the first chunk


class Best(NamedTuple):
    """Hold the best trial so far: its number, the objective's value and its parameters."""

    number: int
    score: float
    parameters: dict[str, Any]


Progress = Callable[[int, "int | None", "Best | None"], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold how to search and where to run, as the caller said it."""

    search: str = "grid"
    trials: int | None = None
    seed: int = 0
    store: str | Path | None = None
    storage: str | None = None
    study: str = "eyas"
    workers: int | None = None
    cluster: str | None = None
    top: int = 10
    progress: Progress | None = None

    def check(self) -> None:
        """Raise UsageError for what cannot be."""
        if self.search not in SEARCHES:
            raise UsageError(f"search is {self.search!r}, but must be one of {', '.join(SEARCHES)}")
        if self.search == "grid" and self.trials is not None:
            raise UsageError("a grid runs every combination: leave trials out, or say search='random'")
        if self.search != "grid" and self.trials is None:
            raise UsageError(f"search={self.search!r} needs to know how many trials: say trials=200")
        for name in ("trials", "workers", "top"):
            value = getattr(self, name)
            if value is not None and (
                isinstance(value, bool) or not hasattr(value, "__index__") or value < 1
            ):
                raise UsageError(f"{name} is {value!r}, but must be a whole number of at least 1")
        if isinstance(self.seed, bool) or not hasattr(self.seed, "__index__") or self.seed < 0:
            raise UsageError(f"seed is {self.seed!r}, but must be a whole number of at least 0")
        if self.storage is not None and self.search not in GUIDED:
            raise UsageError(
                f"storage is what machines share in a guided search ({', '.join(GUIDED)}); to keep the "
                f"trials of search={self.search!r}, say store='study.sweep'"
            )
        if self.progress is not None and not callable(self.progress):
            raise UsageError(
                f"progress is {self.progress!r}, but must be a function of trials done, all, and the best"
            )


class Study:
    """Hold the trials of a sweep while it runs."""

    def __init__(self, trials: Trials, space: Space, aim: Aim, plan: Plan) -> None:
        self.trials, self.space, self.aim, self.plan = trials, space, aim, plan
        self.work = Work.of(trials, aim.told)
        self.table = Table(len(space.axes), len(aim.told), len(aim.objectives))
        self.store: Store | None = None
        self.total: int | None = None
        self.resumed = 0
        self.ran = 0
        self.best: Best | None = None
        self.where = ""

    def run(self) -> Sweep:
        """Run what is not yet in the store, and return the whole; Ctrl-C keeps what is done."""
        started = perf_counter()
        interrupted = False
        try:
            if self.plan.store is not None:
                identity = identity_of(self.work, self.space, self.plan.search, self.plan.seed)
                self.store = Store(self.plan.store, identity, self.table.record)
            try:
                if self.plan.search in GUIDED:
                    self._guided()
                else:
                    self._in_order()
            except KeyboardInterrupt:
                interrupted = True
        finally:
            if self.store:
                self.store.close()
        return self._result(perf_counter() - started, interrupted=interrupted)

    # A search whose trials are known in advance.

    def _in_order(self) -> None:
        for records, messages in self.store.chunks() if self.store else ():
            self._take(records, messages)
        self.resumed = self.table.count
        if self.plan.trials is not None and self.resumed > self.plan.trials:
            raise UsageError(
                f"store: {self.plan.store} has {self.resumed:,} trials already: say trials={self.resumed} or "
                "more"
            )
        first, blocks = self._blocks()
        feed = Feed(blocks, self.table.has, first=first, last=self.plan.trials)
        executor: Executor | None = None
        try:
            executor = self._executor(feed)
            pace = Pace(self._first_chunk, executor.workers, self.total, keeps=self.keeps)
            drive(feed, executor, pace, self._keep)
        finally:
            if executor is not None:
                executor.close()
        if feed.is_over and not feed.numbered:
            raise self._nothing_kept()
        self.total = feed.numbered if feed.is_over else self.total

    @property
    def _first_chunk(self) -> int:
        """How many trials run at first, when nobody knows how long one takes."""
        steps = len(self.trials.market)
        return 1 if self.work.engine == "python" else max(2, min(16, FIRST_STEPS // steps))

    @property
    def keeps(self) -> bool:
        """Whether trials are stored."""
        return self.store is not None

    def _blocks(self) -> tuple[int, Iterator[Block]]:
        """Return the combinations, from the first one that may not have run; and the number of that one."""
        space, size, trials = self.space, self.space.size, self.plan.trials
        first = 0
        blocks: Iterator[Block]
        if self.plan.search == "random":
            blocks = space.random(self.plan.seed)
        elif (size or 0) <= COUNTED_MAX or not (first := self.table.complete_from_zero):
            blocks = space.grid()
        else:
            blocks = space.grid(space.place_of(self.table.codes(first - 1).tolist()) + 1)
        if size is not None and space.where is None:
            self.total = size if trials is None else min(size, trials)
        elif size is not None and size <= COUNTED_MAX:
            known = list(blocks)
            kept = sum(len(block.parameters) for block in known)
            self.total = kept if trials is None else min(kept, trials)
            blocks = iter(known)
        else:
            self.total = trials
        return first, blocks

    def _executor(self, feed: Feed) -> Executor:
        """Return where the trials run: in threads what needs no Python, in processes if that is worth it."""
        plan, work = self.plan, self.work
        workers = plan.workers or cores_available()
        if plan.cluster is not None:
            return self._cluster()
        if self._in_threads or workers == 1:
            return self._inline(workers)
        if plan.workers is None:
            fastest = np.inf
            for _ in range(PROBES):
                chunk = feed.take(1)
                if chunk is None:
                    return self._inline(1)
                rows = run_trials(work, chunk.parameters)
                self._keep(chunk, rows)
                fastest = min(fastest, rows.seconds)
                if self.total is not None and fastest * (self.total - self.table.count) < WORTH_WORKERS_S:
                    return self._inline(1)
        return self._processes(workers)

    @property
    def _in_threads(self) -> bool:
        """Whether trials need no Python while they run, so that threads of one process do."""
        trials = self.trials
        return trials.runs_in_threads and not self.work.told

    def _inline(self, workers: int) -> Executor:
        threads = workers if self._in_threads else 1
        self.where = f"in {threads} threads" if threads > 1 else "in this process"
        return Inline(self.work, threads)

    def _processes(self, workers: int) -> Executor:
        from eyas.sweep.processes import Processes

        self.where = f"in {workers} processes"
        return Processes(self.work, workers)

    def _cluster(self) -> Executor:
        from eyas.sweep.cluster import RayExecutor

        assert self.plan.cluster is not None
        executor: Executor = RayExecutor(self.work, self.plan.cluster, self.plan.workers)
        self.where = f"on Ray, {executor.workers} workers"
        return executor

    # A search that asks for the next trials when it knows what the last ones came to.

    def _guided(self) -> None:
        from eyas.sweep.guided import Guided, Settings, guide

        plan = self.plan
        assert plan.trials is not None
        known = self._known()
        workers = plan.workers or cores_available()
        if plan.cluster is not None:
            executor = self._cluster()
        elif self._in_threads or workers == 1:
            executor = self._inline(workers)
        else:
            executor = self._processes(workers)
        try:
            facts = identity_of(self.work, self.space, plan.search, 0) if plan.storage is not None else {}
            settings = Settings(plan.search, plan.trials, plan.seed, plan.storage, plan.study, facts)
            guided = Guided(self.space, self.aim, settings, executor.workers)
            self.total = plan.trials
            try:
                for told in guide(guided, executor, lambda given: known.get(self._key(given))):
                    self._learn(told)
            finally:
                guided.close()
        finally:
            executor.close()
        if not self.table.count:
            raise self._nothing_kept()
        self.total = self.table.count

    def _nothing_kept(self) -> UsageError:
        return UsageError(f"where keeps none of the combinations ({self.space}): nothing is left to run")

    def _known(self) -> dict[tuple[float, ...], Found]:
        """Return what is in the store by the parameters' codes."""
        from eyas.sweep.guided_shared import Found

        found = {}
        for records, messages in self.store.chunks() if self.store else ():
            for place, record in enumerate(records):
                told = tuple(record["told"].tolist())
                found[tuple(record["codes"].tolist())] = Found(record["trial"], told, messages.get(place, ""))
        return found

    def _key(self, parameters: Mapping[str, Any]) -> tuple[float, ...]:
        return tuple(self.space.codes_of(parameters))

    def _learn(self, told: list[Told]) -> None:
        """Take trials of a guided search, and store those that are news."""
        for is_new in (True, False):
            some = [one for one in told if one.is_new == is_new]
            if not some:
                continue
            records = np.zeros(len(some), dtype=self.table.record)
            for place, one in enumerate(some):
                told_values = one.found.told if len(self.aim.told) else ()
                records[place] = (one.number, self.space.codes_of(one.parameters), one.found.row, told_values)
            messages = {place: one.found.message for place, one in enumerate(some) if one.found.message}
            if is_new and self.store:
                self.store.add(records, messages)
            self._take(records, messages)
            self.ran += sum(one.is_ours for one in some)
            self.resumed += sum(not one.is_new for one in some)
        self._tell()

    # What comes back.

    def _keep(self, chunk: Chunk, rows: Rows) -> None:
        """Store a chunk and take it."""
        records = np.zeros(len(chunk.numbers), dtype=self.table.record)
        records["number"], records["codes"] = chunk.numbers, chunk.codes
        records["trial"], records["told"] = rows.rows, rows.told
        if self.store:
            self.store.add(records, rows.messages)
        self._take(records, rows.messages)
        self.ran += len(records)
        self._tell()

    def _take(self, records: NDArray[np.void], messages: Mapping[int, str]) -> None:
        """Put trials into the table, and see whether one of them is the best so far."""
        rows = records["trial"]
        scores = self.aim.scores(np.ascontiguousarray(rows), records["told"])
        broken = self.aim.broken(np.ascontiguousarray(rows))
        self.table.put(records, messages, scores, broken)
        sign = self.aim.signs[0]
        first = np.where((rows["status"] == DONE) & ~broken, scores[:, 0] * sign, np.nan)
        if np.isnan(first).all():
            return
        place = int(np.nanargmax(first))
        number = int(records["number"][place])
        # Of equals the one with the lowest number, whichever came back first.
        if self.best is None or (first[place], -number) > (self.best.score * sign, -self.best.number):
            parameters = self.space.parameters_of(records["codes"][place])
            self.best = Best(number, float(scores[place, 0]), parameters)

    def _tell(self) -> None:
        if self.plan.progress:
            self.plan.progress(self.table.count, self.total, self.best)

    def _result(self, seconds: float, *, interrupted: bool) -> Sweep:
        plan, done = self.plan, self.table.count
        said = remarks_on_data(self.trials.checked.quality)
        notes = [one.replace("report.quality", "eyas.data.check") for one in said]
        if plan.trials is not None and done < plan.trials and not interrupted:
            notes.append(f"Fewer than {plan.trials:,} trials: there are no other sets of parameters.")
        if self.table.is_on_disk:
            notes.append(f"More than {IN_MEMORY_MAX:,} trials: their rows are in a temporary file.")
        course = Course(
            search=plan.search,
            seed=plan.seed,
            workers=plan.workers or cores_available(),
            where=self.where or "none had to be run",
            total=self.total,
            ran=self.ran,
            resumed=self.resumed,
            seconds=seconds,
            interrupted=interrupted,
            store=str(plan.store or ""),
            top=plan.top,
            notes=tuple(notes),
        )
        return Sweep(self.trials, self.space, self.aim, self.table, course)
