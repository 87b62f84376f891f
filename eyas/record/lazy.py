"""Mappings and verdicts of a record whose parts are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import numpy as np

from eyas.data.quality.beside import Beside
from eyas.data.quality.verdict import Verdict, nanoseconds_of
from eyas.model import Bars

Value = TypeVar("Value")
NOTHING = np.empty(0)
NO_BARS = Bars(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)  # type: ignore[arg-type]  # a Bars makes it int


class Lazily(Mapping[str, Value], Generic[Value]):
    """Make each value when it is first asked for; the names are known from the start."""

    def __init__(self, makers: Mapping[str, Callable[[], Value]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


class Judged(Verdict):
    """Hold a verdict over bars of which a record has the hash alone."""

    __slots__ = ("said",)
    said: Mapping[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Judged:
        """Return the verdict that `as_json` said."""
        found = cls.from_json(said, NO_BARS)
        object.__setattr__(found, "said", said)
        return found

    @property
    def symbol(self) -> str:
        """Symbol of the bars."""
        return str(self.said["symbol"])

    @property
    def timeframe(self) -> str:
        """Timeframe of the bars."""
        return str(self.said["timeframe"])

    @property
    def rows(self) -> int:
        """How many bars there were."""
        return int(self.said["rows"])

    @property
    def first(self) -> int | None:
        """Time of the first bar; None without bars."""
        return moment(self.said["first"])

    @property
    def last(self) -> int | None:
        """Time of the last bar."""
        return moment(self.said["last"])


class Named(Beside):
    """Name what a record has the hash of alone: what it was, its rows, range and hash; not the thing."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        quality = None if said["quality"] is None else Judged.of(said["quality"])
        super().__init__(said["kind"], None, quality)  # type: ignore[arg-type]  # that it is not there is the point
        object.__setattr__(self, "said", said)

    said: Mapping[str, Any]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return int(self.said["rows"])

    @property
    def first(self) -> int | None:
        """Earliest time that one of its rows is of, in nanoseconds UTC; None without rows."""
        return moment(self.said["first"])

    @property
    def last(self) -> int | None:
        """Latest time that one of its rows is of."""
        return moment(self.said["last"])

    @property
    def source(self) -> str:
        """Where it came from: a file, or nothing where it was made in memory."""
        return str(self.said["source"])

    @property
    def hash(self) -> str:
        """SHA-256 of its columns as hexadecimal text."""
        return str(self.said["hash"])

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for machines, as the run had it."""
        names = ("kind", "source", "rows", "first", "last", "hash", "quality")
        return {name: self.said[name] for name in names}


def moment(said: str | None) -> int | None:
    """Return a time as a manifest says it, in nanoseconds UTC; None where there is none."""
    return None if said is None else nanoseconds_of(said)
