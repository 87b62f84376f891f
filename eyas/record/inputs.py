"""The data of a run that is run again: its bars, finer bars and extras, as they were and as they are now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from eyas.data import bars as bars_of
from eyas.data.catalog.whence import whence_of
from eyas.data.outside import outside
from eyas.data.quality.beside import Beside
from eyas.errors import EyasError, UsageError
from eyas.model import Bars
from eyas.record.lazy import Named
from eyas.record.rerun import Change
from eyas.record.revision import revision
from eyas.record.sources import bars_now, named_bars, outside_now
from eyas.sight import Outside

if TYPE_CHECKING:
    from eyas.reports import Report
    from eyas.strategy import Strategy

REMARKS_MAX = 5
Data: TypeAlias = "Bars | Outside"


class Key(NamedTuple):
    """Name one of the data of a run: its kind (bars, finer, extra), and its symbol or name."""

    kind: str
    name: str

    def __str__(self) -> str:
        if self.kind == "extra":
            return f"the extra {self.name!r}"
        finer = "finer " if self.kind == "finer" else ""
        return f"the {finer}bars{f' of {self.name}' if self.name else ''}"


class Given(NamedTuple):
    """Hold what a caller gives beside the record."""

    bars: Any
    extra: dict[str, Any]
    strategy: type[Strategy] | None


class Inputs:
    """Know the data of a recorded run, and those that their sources, or a caller, have now."""

    def __init__(self, report: Report, manifest: Mapping[str, Any], given: Given) -> None:
        self.report = report
        self.given = given
        unknown = [name for name in given.extra if name not in report.extra]
        if unknown:
            has = ", ".join(map(repr, report.extra)) or "none"
            raise UsageError(f"extra has {unknown[0]!r}, but the extras of the record are: {has}")
        self.said: dict[Key, Mapping[str, Any]] = {
            **{Key("bars", one["symbol"]): one["bars"] for one in manifest["instruments"]},
            **{Key("finer", name): named(name, one) for name, one in manifest["finer"].items()},
            **{Key("extra", name): named(name, one) for name, one in manifest["extra"].items()},
        }
        self.revised: dict[Key, Data] = {}
        self.remarks: list[str] = []

    # What a run takes.

    def bars(self, taken: Collection[Key]) -> dict[str, Bars]:
        """Return the bars by symbol, in the order in which they ran; those of `taken` as they are now."""
        steps = self.report.steps
        symbols = list(self.report.symbols)
        if steps is not None:
            symbols.sort(key=lambda symbol: int(steps[symbol][0]))
        return {symbol: self.one(Key("bars", symbol), taken) for symbol in symbols}

    def finer(self, taken: Collection[Key]) -> dict[str, Bars]:
        """Return the finer bars by symbol."""
        return {symbol: self.one(Key("finer", symbol), taken) for symbol in self.report.finer}

    def extra(self, taken: Collection[Key]) -> dict[str, Any]:
        """Return the extras by name, each as a run takes it."""
        found = {name: self.one(Key("extra", name), taken) for name in self.report.extra}
        return {name: as_given(one) if isinstance(one, Outside) else one for name, one in found.items()}

    def one(self, key: Key, taken: Collection[Key]) -> Any:
        """Return one of the data as it was, or as it is now."""
        if key in taken:
            return self.revised[key]
        found = self.recorded(key)
        if found is None:
            raise UsageError(
                f"the record has of {key} only the hash: give it, extra={{{key.name!r}: …}}"
                if key.kind == "extra"
                else f"the record does not have {key} that were beside it, only their hash"
            )
        return found

    def recorded(self, key: Key) -> Data | None:
        """Return one of the data as it was; None where the record has its hash alone, and nobody has it."""
        if key.kind == "bars":
            # All that the run was given: it may have failed before it took the last.
            verdict = self.report.quality.get(key.name)
            return self.report.instruments[key.name] if verdict is None else verdict.bars
        one = self.beside(key)
        if not isinstance(one, Named):
            return one.given
        found = self.now.get(key)
        return found if isinstance(found, Bars | Outside) and hash_of(found) == one.hash else None

    def beside(self, key: Key) -> Beside:
        """Return what the report says of what was beside the bars."""
        return (self.report.finer if key.kind == "finer" else self.report.extra)[key.name]

    # What is not as it was.

    def changes(self) -> dict[Key, Change]:
        """Return which data have changed, and in which rows; keep those of now."""
        found, unread = {}, []
        for key, said in self.said.items():
            now, before = self.now[key], self.recorded(key)
            if not isinstance(now, Bars | Outside):
                unread.append(now)
                continue
            is_known = before is not None and isinstance(before, Bars) == isinstance(now, Bars)
            revised = (
                revision(before, now) if is_known and before is not None else "other ones than they were"
            )
            if revised:
                self.revised[key] = now
                whose = f" of {key.name}" if key == Key("bars", key.name) and key.name else ""
                whose = whose if key.kind == "bars" else f" ({key})"
                where = "what was given" if self.is_given(key) else said["source"]
                found[key] = Change("data", f"{where}{whose}, {revised}")
        self.remarks += unread[:REMARKS_MAX]
        if len(unread) > REMARKS_MAX:
            self.remarks.append(f"and so of {len(unread) - REMARKS_MAX:,} more")
        return found

    def is_given(self, key: Key) -> bool:
        """Tell whether the caller has given one of the data."""
        if key.kind == "extra":
            return key.name in self.given.extra
        given = self.given.bars
        return key.kind == "bars" and given is not None and (not by_symbol(given) or key.name in given)

    @cached_property
    def now(self) -> dict[Key, Data | str]:
        """The data as they are now; a sentence where nobody knows, or they cannot be read."""
        found: dict[Key, Data | str] = {}
        for key, said in self.said.items():
            try:
                one = self.read_now(key, said)
            except EyasError as error:
                found[key] = f"{key} cannot be read now ({error}): {recorded_ones(key)} run"
            else:
                found[key] = one if one is not None else unread_sentence(key, said)
        return found

    def read_now(self, key: Key, said: Mapping[str, Any]) -> Data | None:
        """Return one of the data as it is now, None where nobody knows."""
        if self.is_given(key):
            return self.as_now(key, said)
        first, last = self.reach(key)
        if first is None or last is None:
            return None
        is_bars = key.kind != "extra" or self.beside(key).kind == "bars"
        return bars_now(said, first, last) if is_bars else outside_now(said, first, last)

    def as_now(self, key: Key, said: Mapping[str, Any]) -> Data:
        """Return what the caller has given of one of the data."""
        if key.kind == "bars":
            given = self.given.bars
            return named_bars(bars_of(given[key.name] if by_symbol(given) else given), said)
        one = self.given.extra[key.name]
        return one if isinstance(one, Bars) else outside(key.name, one)

    def reach(self, key: Key) -> tuple[int | None, int | None]:
        """Return the times of the first and of the last recorded row; None without rows."""
        if key.kind != "bars":
            one = self.beside(key)
            return one.first, one.last
        found = self.recorded(key)
        assert isinstance(found, Bars)  # a record without its bars does not open
        return int(found.time[0]), int(found.time[-1])


def by_symbol(given: Any) -> bool:
    """Tell bars by symbol from a table of columns."""
    return isinstance(given, dict) and not {"open", "close"} <= given.keys()


def named(name: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a record says of where something came from that was beside the bars."""
    bars = said.get("bars")
    if bars is not None:
        return {**said, **bars}
    quality = said["quality"] or {}
    return {"file": None, "symbol": name, "timeframe": quality.get("timeframe", ""), **said}


def hash_of(found: Data) -> str:
    """Return the SHA-256 that names data."""
    return Beside("", found).hash


def as_given(one: Outside) -> Any:
    """Return what was beside the bars as a run takes it."""
    return one.books or {"time": one.time, "known": one.known, **one.columns}


def recorded_ones(key: Key) -> str:
    """Return what is run in the place of data that cannot be had now."""
    return "the recorded one was" if key.kind == "extra" else "the recorded ones were"


def unread_sentence(key: Key, said: Mapping[str, Any]) -> str:
    """Return what is said of data that have no source to be read from now."""
    if said["file"]:
        recorded = str(key).replace("the ", "the recorded ", 1)
        return (
            f"{said['file']} is gone: {recorded} {'was' if key.kind == 'extra' else 'were'} run in its place"
        )
    whence = whence_of(said["source"])
    if whence is not None:
        return f"{key} were made of {said['source']} in memory: {recorded_ones(key)} run"
    return (
        f"{key} came from no file that could be read again ({said['source'] or 'made in memory'}): "
        f"{recorded_ones(key)} run"
    )
