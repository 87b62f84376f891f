"""Watch what a strategy loads while it runs (samples, catalogs, files), and put another future into it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from eyas.lookahead.comparing import Change, decision_change
from eyas.lookahead.holders import NOT_THEIRS, Holder, Search
from eyas.lookahead.outside import Outside, relation
from eyas.lookahead.stamps import stamped_early
from eyas.lookahead.tables import table_of
from eyas.model import Bars

if TYPE_CHECKING:
    from eyas.lookahead.feed import Feed
    from eyas.lookahead.subject import Subject, Trace

DOORS = {
    "eyas": ("bars", "load", "sample"),
    "eyas.data": ("bars", "read", "sample"),
    "json": ("load",),
    "numpy": ("genfromtxt", "load", "loadtxt"),
    "pandas": (
        "read_csv", "read_excel", "read_feather", "read_json", "read_parquet", "read_pickle", "read_sql",
    ),
    "pickle": ("load",),
    "polars": ("read_csv", "read_database", "read_ipc", "read_json", "read_ndjson", "read_parquet"),
}  # fmt: skip
LATER = {("eyas", "load"): "eyas.data.catalog", ("eyas.data", "read"): "eyas.data.reading"}
"""Names that are imported from elsewhere when they are first asked for."""
CLASSES = {"eyas.data.catalog.catalog": "Catalog", "eyas.data.database.database": "Database"}
"""Classes, where they have been imported, whose method `load` is a door."""


class Door(NamedTuple):
    """Say where a function stands that loads, under which name, and how to find it."""

    holder: Any
    name: str
    find: Callable[[], Any]


class Doors:
    """Stand in the doors through which data come, and remember what comes while a strategy runs.

    `loaded` is, by the words of a call, what it returned; None for what has nothing to do with the run.
    """

    def __init__(self, subject: Any, feed: Feed) -> None:
        self.feed = feed
        self.loaded: dict[str, Outside | None] = {}
        self.other: tuple[int, str] | None = None
        self.depth = 0
        search = Search()
        list(search.of(subject))
        self.caches = search.caches

    @contextmanager
    def watched(self, other: tuple[int, str] | None = None) -> Iterator[None]:
        """Watch for as long as it lasts; what comes has another future after the step that `other` names."""
        back = []
        self.other = other
        for door in every_door():
            there = vars(door.holder)
            back.append((door, there.get(door.name), door.name in there))
            setattr(door.holder, door.name, self.standing_in(door))
        self.forget()
        try:
            yield
        finally:
            for door, before, was_there in reversed(back):
                if was_there:
                    setattr(door.holder, door.name, before)
                else:
                    delattr(door.holder, door.name)
            self.forget()

    def forget(self) -> None:
        """Empty the caches of the person's functions, so that they load anew."""
        for cache in self.caches:
            cache.cache_clear()

    def standing_in(self, door: Door) -> Callable[..., Any]:
        """Return what takes the place of a door."""

        def load(*arguments: Any, **options: Any) -> Any:
            self.depth += 1
            try:
                found = door.find()(*arguments, **options)
            finally:
                self.depth -= 1
            # A door behind a door is not the person's: a sample is read from a file.
            return found if self.depth else self.came(f"{door.name}({worded(arguments)})", found)

        return load

    def came(self, call: str, found: Any) -> Any:
        """Remember what a call returned, and return it as the strategy is to see it."""
        inner = getattr(found, "bars", None)
        value = inner if isinstance(inner, Bars) else found
        table = table_of(value)
        if table is None:
            return found
        if call not in self.loaded:
            related = relation(table, self.feed)
            holder = Holder(call, table, lambda _: None)
            stamped = tuple(stamped_early(table, self.feed))
            self.loaded[call] = Outside(holder, related, stamped) if related else None
        one = self.loaded[call]
        if one is None or self.other is None:
            return found
        step, variant = self.other
        changed = table.with_other_rows(one.rows_after(table, self.feed, step), variant)
        return replace(found, bars=changed) if value is not found else changed


def every_door() -> list[Door]:
    """Return each door, also under the names by which modules of the person's own have imported it."""
    found = []
    for module_name, names in DOORS.items():
        module = sys.modules.get(module_name)
        for name in names if module else ():
            home = LATER.get((module_name, name))
            if name in vars(module):
                found.append(Door(module, name, always(vars(module)[name])))
            elif home is not None:
                found.append(Door(module, name, from_home(home, name)))
    known = {id(vars(door.holder)[door.name]) for door in found if door.name in vars(door.holder)}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is not None and not file.startswith(NOT_THEIRS):
            theirs = [(name, value) for name, value in vars(module).items() if id(value) in known]
            found += [Door(module, name, always(value)) for name, value in theirs]
    for module_name, name in CLASSES.items():
        if module_name in sys.modules:
            cls = getattr(sys.modules[module_name], name)
            found.append(Door(cls, "load", always(cls.load)))
    return found


def always(value: Any) -> Callable[[], Any]:
    """Return a function that returns a value."""
    return lambda: value


def from_home(module_name: str, name: str) -> Callable[[], Any]:
    """Return a function that imports a name when it is called."""
    return lambda: getattr(import_module(module_name), name)


def worded(arguments: Sequence[Any]) -> str:
    """Return the texts that a call was given, such as the name of a file: the rest has no short words."""
    named = (one if hasattr(one, "__fspath__") else getattr(one, "name", one) for one in arguments)
    return ", ".join(repr(one) for one in named if isinstance(one, str) or hasattr(one, "__fspath__"))


def try_doors(subject: Subject, feed: Feed, full: Trace, doors: Doors, steps: Sequence[int]) -> Change | None:
    """Return the first decision that changes when what is loaded has another future."""
    for step in steps if any(doors.loaded.values()) else ():
        for variant in ("low", "high"):
            with doors.watched((step, variant)):
                trace = subject.run(feed)
            change = decision_change(full, trace, feed, step, "with other values")
            if change:
                return change
    return None
