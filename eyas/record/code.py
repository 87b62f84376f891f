"""Run the code of a record, or the code that is in its files now, as modules of their own."""

from __future__ import annotations

import difflib
import importlib
import linecache
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from eyas.errors import StrategyError, UsageError
from eyas.reports.origin import Origin, Source
from eyas.strategy import Strategy

MAIN = "eyas_recorded_main"
LINES_MAX = 12


class Finder(MetaPathFinder, Loader):
    """Import modules from their recorded text, by the names they had; folders above them are made up."""

    def __init__(self, sources: Sequence[Source], label: str) -> None:
        self.label = label
        self.sources = {name_of(one): one for one in sources}
        above = (name.split(".")[:count] for name in self.sources for count in range(1, name.count(".") + 1))
        self.folders = {".".join(parts) for parts in above} - self.sources.keys()
        self.before: dict[str, ModuleType] = {}

    @property
    def names(self) -> list[str]:
        """Names of all the modules that come from here."""
        return [*self.sources, *self.folders]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how to import a module, None for one that is not ours."""
        del path, target
        source = self.sources.get(name)
        if source is None and name not in self.folders:
            return None
        is_package = source is None or source.is_package
        found = spec_from_loader(name, self, origin=source.file if source else None, is_package=is_package)
        if found is not None and is_package:
            # Where it was, for what was not kept: files of data, modules that were not imported then.
            found.submodule_search_locations = list(getattr(self.before.get(name), "__path__", []))
        return found

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the text of a module."""
        source = self.sources.get(module.__name__)
        if source is None:
            return
        if source.file:
            module.__file__ = source.file
        file = f"{self.label}/{Path(source.file).name or source.module}"
        lines = source.text.splitlines(keepends=True)
        # A traceback and the compiler ask for the lines of a file: these are in none.
        linecache.cache[file] = (len(source.text), None, lines, file)
        exec(compile(source.text, file, "exec", dont_inherit=True), vars(module))


def name_of(source: Source) -> str:
    """Return the name to import a source by: the main program must not run as one."""
    return MAIN if source.module == "__main__" else source.module


@contextmanager
def loaded(sources: Sequence[Source], strategy: str, label: str) -> Iterator[type[Strategy]]:
    """Import a strategy from the text of its modules for as long as it runs, and then forget them.

    Raises StrategyError where the code cannot be loaded: a module that it needs is gone, it is no Python, it
    fails, or it has no such strategy.
    """
    finder = Finder(sources, label)
    finder.before = {name: sys.modules.pop(name) for name in finder.names if name in sys.modules}
    folder = str(Path(sources[0].file).parent) if sources[0].file else ""
    sys.meta_path.insert(0, finder)
    if folder:
        sys.path.append(folder)
    try:
        yield strategy_in(importing(name_of(sources[0]), label), strategy, label)
    finally:
        sys.meta_path.remove(finder)
        if folder:
            with suppress(ValueError):  # its code may have changed the path too
                sys.path.remove(folder)
        for name in finder.names:
            sys.modules.pop(name, None)
        sys.modules.update(finder.before)


def importing(name: str, label: str) -> ModuleType:
    """Import a module, and say what is wrong where that fails."""
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except ModuleNotFoundError as error:
        raise failed(f"the code of {label} needs the module {error.name}, which is not here now") from error
    except BaseException as error:
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise failed(f"the code of {label} failed while it was loaded: {what}") from error


def strategy_in(module: ModuleType, name: str, label: str) -> type[Strategy]:
    """Return the strategy of a name from its module."""
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type) or not issubclass(found, Strategy):
        raise failed(f"the code of {label} has no strategy {name} any more")
    return found


def failed(said: str) -> StrategyError:
    """Return the error of code that cannot be run."""
    return StrategyError(said, bar_index=None, report=None)


def sources_now(origin: Origin) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Return the sources of an origin as their files are now, and sentences on those that are gone.

    Where a file is gone, the recorded text stands in for it. Code in no file of its own stays as it is.
    """
    if origin.kind != "file":
        return origin.sources, ()
    found, gone = [], []
    for one in origin.sources:
        try:
            text = Path(one.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = "is gone" if isinstance(error, FileNotFoundError) else "cannot be read"
            gone.append(f"{one.file} {reason}: the recorded source was run in its place")
            found.append(one)
        else:
            found.append(Source(one.module, one.file, text, one.is_package))
    return tuple(found), tuple(gone)


def changed_lines(before: Sequence[Source], now: Sequence[Source]) -> list[tuple[str, list[str]]]:
    """Return for each file that has changed its changed lines: `- 12: before`, `+ 12: now`."""
    found = []
    for one, other in zip(before, now, strict=True):
        if one.text == other.text:
            continue
        left, right = one.text.splitlines(), other.text.splitlines()
        lines = []
        for tag, first, last, start, end in difflib.SequenceMatcher(
            None, left, right, autojunk=False
        ).get_opcodes():
            if tag != "equal":
                lines += [f"- {row + 1}: {left[row]}" for row in range(first, last)]
                lines += [f"+ {row + 1}: {right[row]}" for row in range(start, end)]
        found.append((one.file, lines or ["(line ends alone)"]))
    return found


def cannot_run(origin: Origin | None, path: Path, name: str) -> UsageError:
    """Return why a record cannot be run again."""
    why = " ".join(origin.remarks) if origin else "it was saved without its origin"
    return UsageError(
        f"{path} does not have the source of {name} ({why}): give the strategy, "
        f"eyas.record.rerun(path, strategy={name})"
    )
