"""Search guided by Optuna: ask for a batch, run it, tell what it is worth, and so on."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.sweep.figures import DONE
from eyas.sweep.guided_axes import Axes
from eyas.sweep.guided_sampler import Drawn, Judged, Sampler
from eyas.sweep.guided_shared import Found, Shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sweep.executors import Executor
    from eyas.sweep.objective import Aim
    from eyas.sweep.space import Space
    from eyas.sweep.work import Rows

BATCH = 8
"""Trials that are asked for together. It is the same on every machine, and so are the trials."""
WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Say how to search: `search` is tpe, cmaes or nsga3, `trials` how many different sets to run in all."""

    search: str
    trials: int
    seed: int = 0
    storage: str | None = None
    study: str = "eyas"
    facts: Mapping[str, str] = field(default_factory=dict)
    """What makes trials of several machines comparable, by name."""


@dataclass(frozen=True, slots=True)
class Told:
    """Hold one trial of the search: its number, its parameters and what it came to.

    `is_new` tells what the store does not have yet, `is_ours` what ran here.
    """

    number: int
    parameters: dict[str, Any]
    found: Found
    is_new: bool = True
    is_ours: bool = True


@dataclass(slots=True)
class Asked:
    """Hold one trial that is to be run."""

    number: int
    drawn: Drawn
    found: Found | None = None


class Guided:
    """Ask for parameter sets and learn what they are worth, alone or with other machines.

    Alone, the sets depend on the seed and the space, not on how fast who runs what: batches are asked for and
    told in a fixed order, with `batches` of them under way. With a `storage` the study is shared.
    """

    def __init__(self, space: Space, aim: Aim, settings: Settings, workers: int) -> None:
        require_optuna()
        if settings.trials < 1:
            raise UsageError(f"trials is {settings.trials}, but must be at least 1")
        self.aim = aim
        self.trials = settings.trials
        self.batches = max(2, math.ceil(workers / BATCH) + 1)
        axes = Axes(space)
        directions = [objective.direction for objective in aim.objectives]
        self.shared: Shared | None = None
        place = 0
        if settings.storage is not None:
            facts = {**settings.facts, "objective": ", ".join(one.title for one in aim.objectives)}
            self.shared = Shared(settings.storage, settings.study, directions, axes, facts)
            place = self.shared.place
        seed = int(np.random.SeedSequence([settings.seed, place]).generate_state(1)[0])
        self.sampler = Sampler(space, settings.search, seed, directions)
        self.asked = 0
        self.learned: set[int] = set()
        self.is_exhausted = False

    def ask(self) -> list[Asked]:
        """Return the next batch to run here; empty when there is nothing to run now."""
        if self.shared is not None:
            return self._claimed(self.shared)
        wanted = min(BATCH, self.trials - self.asked)
        batch = [Asked(self.asked + place, drawn) for place, drawn in enumerate(self._draw(wanted))]
        self.asked += len(batch)
        return batch

    def tell(self, batch: Sequence[Asked]) -> None:
        """Learn what the trials of a batch are worth."""
        found = [asked.found for asked in batch if asked.found is not None]
        for asked, judged in zip(batch, judged_of(self.aim, found), strict=True):
            self.sampler.tell(asked.drawn, judged)
            if self.shared is not None and asked.found is not None:
                self.shared.finish(asked.number, judged, asked.found)

    def news(self) -> list[Told]:
        """Return what other machines have finished since this was last asked, and learn from it."""
        if self.shared is None:
            return []
        told = []
        for one in self.shared.finished(but=self.learned):
            self.learned.add(one.number)
            if self.sampler.knows(one.parameters):
                continue  # we were taken for dead, and it was run again: one row of it is enough
            self.sampler.learn(one.parameters, one.judged)
            told.append(Told(one.number, one.parameters, one.found, is_ours=False))
        return told

    def is_over(self) -> bool:
        """Whether nothing is left to be run, here or elsewhere."""
        if self.shared is None:
            return True
        if self.shared.done_count() >= self.trials:
            return True
        return self.is_exhausted and self.shared.is_quiet() and not self.shared.orphans()

    def close(self) -> None:
        """Give up what was asked for and not told."""
        if self.shared is not None:
            self.shared.leave()

    def _draw(self, wanted: int) -> list[Drawn]:
        drawn: list[Drawn] = []
        while len(drawn) < wanted:
            one = self.sampler.ask()
            if one is None:
                self.is_exhausted = True
                break
            drawn.append(one)
        return drawn

    def _claimed(self, shared: Shared) -> list[Asked]:
        """Return a batch that is ours: first what somebody died over, then what the search asks for."""
        orphans = shared.orphans()  # first: what the dead had claimed is free again
        wanted = min(BATCH, self.trials - len(shared.owners()))
        if wanted < 1:
            return []
        left = [self.sampler.take_over(parameters) for parameters in orphans[:wanted]]
        drawn = [one for one in left if one is not None]
        drawn += self._draw(wanted - len(drawn))
        numbers = shared.claim([one.parameters for one in drawn], self.trials)
        batch = []
        for one, number in zip(drawn, numbers, strict=True):
            if number is None:
                self.sampler.forget(one)
            else:
                self.learned.add(number)
                batch.append(Asked(number, one))
        return batch


def guide(
    guided: Guided, executor: Executor, known: Callable[[dict[str, Any]], Found | None]
) -> Iterator[list[Told]]:
    """Run a search to its end, and yield trials as they are done.

    `known` returns what parameters came to that were run before (a store's), which are not run again: so a
    search that was stopped is found again from its seed, and goes on where it was.
    """
    way = UnderWay(guided, executor, known)
    while True:
        yield from way.start()
        if way.batches:
            yield from way.end_oldest()
        elif not guided.is_over():
            time.sleep(WAIT_S)  # others run what is left; if they die, it is ours
        else:
            last = guided.news()
            if last:
                yield last
            return


class UnderWay:
    """Hold the batches of a search that are asked for and not yet told, oldest first."""

    def __init__(
        self, guided: Guided, executor: Executor, known: Callable[[dict[str, Any]], Found | None]
    ) -> None:
        self.guided = guided
        self.executor = executor
        self.known = known
        self.batches: deque[list[Asked]] = deque()
        self.chunks: dict[int, list[Asked]] = {}
        self.results: Iterator[tuple[int, Rows]] = iter(())

    def start(self) -> Iterator[list[Told]]:
        """Ask for batches as long as there is room, and hand out what has to be run."""
        news = self.guided.news()
        if news:
            yield news
        while len(self.batches) < self.guided.batches and (batch := self.guided.ask()):
            self.batches.append(batch)
            old = answered(batch, self.known)
            if old:
                yield old
            for chunk in chunks_of([one for one in batch if one.found is None], self.executor.workers):
                number = chunk[0].number
                self.chunks[number] = chunk
                self.executor.submit(number, [one.drawn.parameters for one in chunk])

    def end_oldest(self) -> Iterator[list[Told]]:
        """Wait until the oldest batch is done, and tell what it is worth; others may be done before it."""
        while any(one.found is None for one in self.batches[0]):
            done = next(self.results, None)
            if done is None:
                self.results = self.executor.results()
            else:
                yield taken(self.chunks.pop(done[0]), done[1])
        self.guided.tell(self.batches.popleft())


def answered(batch: Sequence[Asked], known: Callable[[dict[str, Any]], Found | None]) -> list[Told]:
    """Answer what was run before, and return it."""
    told = []
    for asked in batch:
        asked.found = known(asked.drawn.parameters)
        if asked.found is not None:
            told.append(Told(asked.number, asked.drawn.parameters, asked.found, is_new=False, is_ours=False))
    return told


def chunks_of(asked: list[Asked], workers: int) -> Iterator[list[Asked]]:
    """Yield a batch in as many pieces as there are workers."""
    size = max(1, math.ceil(len(asked) / max(1, workers)))
    for start in range(0, len(asked), size):
        yield asked[start : start + size]


def taken(chunk: Sequence[Asked], rows: Rows) -> list[Told]:
    """Put the rows of a chunk to what they were asked for, and return them."""
    told = []
    for place, asked in enumerate(chunk):
        found = Found(rows.rows[place], tuple(rows.told[place].tolist()), rows.messages.get(place, ""))
        asked.found = found
        told.append(Told(asked.number, asked.drawn.parameters, found))
    return told


def judged_of(aim: Aim, found: Sequence[Found]) -> list[Judged]:
    """Return what trials are worth: nothing when they were refused, failed, or have no number to say."""
    if not found:
        return []
    rows: NDArray[np.void] = np.array([one.row for one in found])
    told = np.array([one.told for one in found], dtype=np.float64).reshape(len(found), -1)
    scores = [objective.scores(rows, told).tolist() for objective in aim.objectives]
    broken = aim.broken(rows).tolist()
    judged = []
    for place, values in enumerate(zip(*scores, strict=True)):
        is_worth = rows[place]["status"] == DONE and not any(map(math.isnan, values))
        judged.append(Judged(tuple(map(float, values)) if is_worth else None, float(broken[place])))
    return judged


def require_optuna() -> None:
    """Raise UsageError when Optuna is not installed."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise UsageError("a guided search needs the extra: pip install 'eyas[search]'") from None
