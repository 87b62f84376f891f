"""What a worker needs to run trials: the strategy, the market's columns, the rules; and how it travels."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.market import Market
from eyas.run import Checked
from eyas.sweep.figures import REFUSED, blank_rows
from eyas.sweep.objective import OfReport
from eyas.sweep.trials import Trials
from eyas.sweep.unpicklable import why_not

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from eyas.model import Bars
    from eyas.rules import Rules
    from eyas.sight import Outside
    from eyas.strategy import Strategy

MEMO_BYTES_MAX = 2**23  # of indicators, in each of many processes: the columns are shared, these are not
NOTHING_CHECKED = Checked({}, {}, {})  # the session that started the study has checked its data


class Rows(NamedTuple):
    """Hold what some trials came to: a row each, sentences by place, values of functions of a Report.

    `told` is (trials × such functions); `seconds` is how long they took together.
    """

    rows: NDArray[np.void]
    messages: dict[int, str]
    told: NDArray[np.float64]
    seconds: float


@dataclass(frozen=True, eq=False)
class Work:
    """Hold everything that decides what a trial comes to, but its parameters."""

    strategy: Strategy
    bars: Mapping[str, Bars]
    finer: Mapping[str, Bars]
    in_turn: tuple[str, ...] | None
    extra: Mapping[str, Outside]
    rules: Rules
    cash: str
    engine: str
    told: tuple[OfReport, ...] = ()
    _made: list[Trials] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, trials: Trials, told: Sequence[OfReport] = ()) -> Work:
        """Return the work that trials in this process do."""
        market = trials.market
        in_turn = tuple(market.symbols[part.instrument] for part in market.parts) if market.in_turn else None
        return cls(
            strategy=trials.strategy,
            bars=dict(zip(market.symbols, market.bars, strict=True)),
            finer=market.finer_bars,
            in_turn=in_turn,
            extra=market.extra,
            rules=trials.rules,
            cash=trials.cash,
            engine=trials.engine,
            told=tuple(told),
            _made=[trials],
        )

    @property
    def trials(self) -> Trials:
        """The trials of this process, made when they are first asked for."""
        if not self._made:
            market = Market(self.bars, finer=self.finer, in_turn=self.in_turn, extra=self.extra)
            made = Trials(self.strategy, market, self.rules, self.cash, NOTHING_CHECKED, self.engine)
            made.memo.bytes_max = MEMO_BYTES_MAX
            self._made.append(made)
        return self._made[0]

    def __reduce__(self) -> tuple[Any, ...]:
        own = (
            self.strategy,
            self.bars,
            self.finer,
            self.in_turn,
            self.extra,
            self.rules,
            self.cash,
            self.engine,
        )
        return (Work, (*own, self.told))

    def packed(self, *, far: bool = False) -> tuple[bytes, list[memoryview]]:
        """Return it as bytes and the columns that belong to them, which are not copied.

        `far` is for another machine: it is not expected to have the file of the strategy. Raises UsageError
        for a strategy that cannot be sent.
        """
        pickler = cloudpickle_for(self)
        columns: list[pickle.PickleBuffer] = []
        try:
            with by_value(pickler, self, far=far):
                data = pickler.dumps(self, protocol=5, buffer_callback=columns.append)
        except Exception as error:
            raise UsageError(why_not(self.strategy, self.told, error, pickler.dumps)) from error
        return data, [one.raw() for one in columns]

    def detached(self) -> tuple[Light, dict[str, NDArray[np.uint8]]]:
        """Return it in two parts, to be sent to many: a small one, and its columns as arrays by name."""
        data, columns = self.packed(far=True)
        arrays = {str(place): np.frombuffer(one, dtype=np.uint8) for place, one in enumerate(columns)}
        return Light(data, tuple(arrays)), arrays


@dataclass(frozen=True, slots=True)
class Light:
    """Hold work without its columns."""

    data: bytes
    names: tuple[str, ...]

    def attached(self, columns: Mapping[str, Any]) -> Work:
        """Return the whole work; its columns are views of those that are given."""
        return unpacked(self.data, [columns[name] for name in self.names])


def unpacked(data: bytes, columns: Sequence[Any]) -> Work:
    """Return work of its bytes and its columns; nobody can write to them."""
    found: Work = pickle.loads(data, buffers=[memoryview(one).toreadonly() for one in columns])
    return found


def run_trials(work: Work, parameters: Sequence[Mapping[str, Any]], threads: int = 1) -> Rows:
    """Run some trials; raises DataError where the bars are wrong."""
    started = perf_counter()
    trials = work.trials
    if work.told:
        rows, told = with_reports(work, parameters)
    else:
        rows, told = trials.run(parameters, threads=threads), np.empty((len(parameters), 0))
    return Rows(rows, dict(trials.messages), told, perf_counter() - started)


def with_reports(
    work: Work, parameters: Sequence[Mapping[str, Any]]
) -> tuple[NDArray[np.void], NDArray[np.float64]]:
    """Run trials whose objectives are functions of their reports."""
    trials = work.trials
    trials.messages = {}
    rows = blank_rows(len(parameters), REFUSED)
    told = np.full((len(parameters), len(work.told)), np.nan)
    for place, given in enumerate(parameters):
        run = trials.run_one(rows, place, given)
        if run is None:
            continue
        report = run.report(len(trials.market))
        for at, function in enumerate(work.told):
            try:
                told[place, at] = function(report)
            except Exception as error:  # noqa: BLE001 - it may raise anything, on one report and not on another
                trials.messages[place] = f"the objective failed: {type(error).__name__}: {error}"
    return rows, told


def cloudpickle_for(work: Work) -> Any:
    """Return what turns work into bytes: plain pickle can only name what others can import."""
    try:
        import cloudpickle  # type: ignore[import-untyped]  # it has none
    except ImportError:
        name = type(work.strategy).__name__
        raise UsageError(
            f"to send {name} to other processes needs cloudpickle: pip install cloudpickle; or run in this "
            "one alone: workers=1"
        ) from None
    return cloudpickle


@contextmanager
def by_value(pickler: Any, work: Work, *, far: bool) -> Iterator[None]:
    """Send whole classes of modules that the other side cannot import by their names."""
    classes = [cls for cls in type(work.strategy).__mro__ if not cls.__module__.startswith("eyas.")]
    objects = [*classes, *(one.function for one in work.told)]
    names = {getattr(one, "__module__", "") for one in objects} - {"builtins", "__main__", ""}
    modules = [sys.modules[name] for name in sorted(names) if name in sys.modules]
    unknown = [module for module in modules if not can_be_imported(module, far=far)]
    registered = [
        module for module in unknown if module.__name__ not in pickler.list_registry_pickle_by_value()
    ]
    for module in registered:
        pickler.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in registered:
            pickler.unregister_pickle_by_value(module)


def can_be_imported(module: ModuleType, *, far: bool) -> bool:
    """Whether another process finds a module by its name; one that is `far` has only installed modules."""
    from importlib.machinery import PathFinder
    from sysconfig import get_paths

    path: Any = None
    found = None
    parts = module.__name__.split(".")
    for depth in range(len(parts)):
        found = PathFinder.find_spec(".".join(parts[: depth + 1]), path)
        if found is None:
            return False
        path = found.submodule_search_locations
    file = getattr(module, "__file__", None)
    if found is None or file is None or found.origin != file:
        return False
    return not far or any(file.startswith(get_paths()[name]) for name in ("stdlib", "purelib", "platlib"))
