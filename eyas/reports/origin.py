"""Where a run came from: the code that ran, as text, and the versions that it ran on."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple
from weakref import WeakKeyDictionary

from eyas.reports.gathering import functions_of, gathered
from eyas.reports.local_code import file_of, imported_by, is_standard
from eyas.signals import Signals
from eyas.strategy import Strategy

SOURCES_MAX = 200
FILE_BYTES_MAX = 4_000_000
LIBRARIES = ("eyas", "numpy", "polars")


@dataclass(frozen=True, slots=True)
class Source:
    """Hold the text of one module: the name it is imported by, the file it came from ("" if none)."""

    module: str
    file: str
    text: str
    is_package: bool = False

    @property
    def hash(self) -> str:
        """SHA-256 of its text as hexadecimal text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """Say what code ran, how, and on what: `sources` are the strategy's own module and the ones it imports.

    `kind` is file, gathered (of a notebook or from inside of a function: put together from its parts),
    signals (arrays, kept in `signals`) or unknown (typed at a prompt that keeps no text). `strategy` is the
    name of the class in its module. `remarks` are sentences on what is not quite known.
    """

    kind: str
    strategy: str
    engine: str
    sources: tuple[Source, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    signals: Signals | None = field(default=None, compare=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and texts of the sources, "" where they are not known."""
        if not self.sources:
            return ""
        found = hashlib.sha256()
        for one in sorted(self.sources, key=lambda one: one.module):
            found.update(f"{one.module} {one.hash}\n".encode(errors="surrogatepass"))
        return found.hexdigest()

    @property
    def file(self) -> str:
        """The file of the strategy, "" where it has none."""
        return self.sources[0].file if self.sources else ""


class Kept(NamedTuple):
    """Hold an origin, the state of its files when it was made, and modules that were not there then."""

    origin: Origin
    stamps: tuple[tuple[str, int, int], ...]
    missing: tuple[str, ...]


KEPT: WeakKeyDictionary[type, Kept] = WeakKeyDictionary()


def origin_of(strategy: Strategy | type[Strategy] | Signals, engine: str) -> Origin:
    """Return where a run comes from: of a strategy its code, of Signals the arrays themselves.

    Each file is read once, and again only when it has changed. Never raises: what cannot be read is said in
    `remarks`.
    """
    if isinstance(strategy, Signals):
        return Origin("signals", strategy.name, engine, versions=versions_now(), signals=strategy)
    cls = strategy if isinstance(strategy, type) else type(strategy)
    kept = KEPT.get(cls)
    if kept is None or not is_fresh(kept):
        try:
            kept = found_of(cls)
        except Exception as error:  # noqa: BLE001 - modules of others may do anything when they are asked
            remark = f"the source of {cls.__name__} could not be found ({type(error).__name__}: {error})"
            kept = Kept(Origin("unknown", cls.__qualname__, "", (), versions_now(), (remark,)), (), ())
        if kept.origin.kind != "gathered":  # what it uses may be another the next time: a cell was run again
            KEPT[cls] = kept
    return kept.origin if kept.origin.engine == engine else replace(kept.origin, engine=engine)


def is_fresh(kept: Kept) -> bool:
    """Tell whether no file of an origin has changed since, and nothing more was imported."""
    return all(stamp(file) == (size, time) for file, size, time in kept.stamps) and not any(
        name in sys.modules for name in kept.missing
    )


def stamp(file: str) -> tuple[int, int]:
    """Return the size of a file and when it was changed, (-1, -1) where it is gone."""
    try:
        found = os.stat(file)  # noqa: PTH116 - three times as fast as a Path's, and once a run
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=1)
def versions_now() -> Mapping[str, str]:
    """Return the versions of what a run depends on, and the kind of machine."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a folder that nobody installed
            found[name] = "unknown"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {
        "eyas": found["eyas"],
        "python": python.removeprefix("CPython "),
        **{name: found[name] for name in LIBRARIES[1:]},
        "platform": f"{platform.system()} {platform.machine()}",
    }


def found_of(cls: type) -> Kept:
    """Find the code of a class."""
    module = sys.modules.get(cls.__module__)
    name = cls.__qualname__
    if not file_of(module) or module is None or "<locals>" in name:
        return gathered_kept(cls, module)
    found = Finding()
    found.add(module)
    for base in cls.__mro__:
        found.add(sys.modules.get(base.__module__))
    if not found.sources:
        return gathered_kept(cls, module)
    if not runs_as_written(cls, module, found.sources[0]):
        found.say(changed_after(found.sources[0].file, cls.__name__))
    return found.kept("file", name)


def changed_after(file: str, name: str) -> str:
    """Return what is said of a file that is no longer what was loaded."""
    return f"{file} was changed after {name} was loaded from it: what ran is not quite what is kept"


def gathered_kept(cls: type, module: ModuleType | None) -> Kept:
    """Find the code of a class that is in no file, or inside of a function."""
    name, found = cls.__name__, Finding()
    try:
        text, lacking = gathered(cls)
    except (RecursionError, SyntaxError, ValueError, TypeError):
        text, lacking = "", []
    if not text:
        found.remarks.append(f"the source of {name} is not known: it was typed where no text is kept")
        return found.kept("unknown", name)
    if lacking:
        found.say(f"{name} uses {', '.join(dict.fromkeys(lacking))}, of which there is no text")
    file = file_of(module)
    found.sources.append(Source(name, file, text))
    whole = text_of(file, *stamp(file)) if file else None
    if whole is not None and module is not None and not runs_as_written(cls, module, Source("", file, whole)):
        found.say(changed_after(file, name))
    for other in imported_by(text, ""):
        found.add_named(other)
    return found.kept("gathered", name)


class Finding:
    """Hold the sources that were found so far."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.stamps: dict[str, tuple[int, int]] = {}
        self.missing: list[str] = []
        self.remarks: list[str] = []

    def add(self, module: ModuleType | None) -> None:
        """Add a module that a person wrote, and those that it imports; any other is left out."""
        file = file_of(module)
        if module is None or not file or file in self.stamps:
            return
        if len(self.sources) >= SOURCES_MAX:
            self.say(f"only the first {SOURCES_MAX} modules are kept")
            return
        self.stamps[file] = stamp(file)
        text = text_of(file, *self.stamps[file])
        if text is None:
            self.say(f"{file} is no Python text that can be kept")
            return
        name = getattr(module, "__name__", "")
        self.sources.append(Source(name, file, text, is_package=Path(file).name == "__init__.py"))
        parent = name.rpartition(".")[0]
        for other in [
            *([parent] if parent else []),
            *imported_by(text, getattr(module, "__package__", None) or ""),
        ]:
            self.add_named(other)

    def add_named(self, name: str) -> None:
        """Add the module of a name, where there is one."""
        module = sys.modules.get(name)
        if isinstance(module, ModuleType):
            self.add(module)
            return
        top = sys.modules.get(name.partition(".")[0])
        is_library = getattr(top, "__file__", None) and not file_of(top)
        if not is_standard(name) and not is_library:
            self.missing.append(name)

    def say(self, remark: str) -> None:
        """Add a remark, once."""
        if remark not in self.remarks:
            self.remarks.append(remark)

    def kept(self, kind: str, strategy: str) -> Kept:
        """Return all of it."""
        origin = Origin(kind, strategy, "", tuple(self.sources), versions_now(), tuple(self.remarks))
        stamps = tuple((file, *found) for file, found in self.stamps.items())
        return Kept(origin, stamps, tuple(dict.fromkeys(self.missing)))


@lru_cache(maxsize=4 * SOURCES_MAX)
def text_of(file: str, size: int, changed_ns: int) -> str | None:
    """Return the text of a Python file as it was at a time; None for anything else."""
    del changed_ns  # it only says which state of the file is meant
    if Path(file).suffix not in (".py", ".pyw", "") or not 0 <= size <= FILE_BYTES_MAX:
        return None
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def runs_as_written(cls: type, module: ModuleType, source: Source) -> bool:
    """Tell whether the methods of a class are those that its file has now; also where that cannot be told."""
    loader = getattr(module, "__loader__", None)
    if loader is not None and "importlib" not in type(loader).__module__:
        return True  # somebody else's, who may have made other code of the same text (pytest does)
    written = codes_of(source)
    return all(
        function.__code__ in written
        for function in functions_of(cls)
        if function.__module__ == cls.__module__ and function.__code__.co_filename == source.file
    )


@lru_cache(maxsize=64)
def codes_of(source: Source) -> frozenset[CodeType]:
    """Return the code of all functions of a source, none where it is no Python."""
    try:
        code = compile(source.text, source.file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(codes_inside(code))


def codes_inside(code: CodeType) -> list[CodeType]:
    """Return code and all code inside of it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [code, *(one for part in inner for one in codes_inside(part))]
